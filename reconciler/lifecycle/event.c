#include "reconciler/lifecycle/event.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/base/fingerprint.h"
#include "schema/base/text.h"
#include "schema/json.h"

const char *const hsm_event_kind_words[HSM_EVENT_KIND_MAX_] = {
	[HSM_EVENT_UNKNOWN] = "unknown",	   [HSM_EVENT_STATUS] = "status",
	[HSM_EVENT_CATEGORY] = "category",	   [HSM_EVENT_CATEGORY_NOTICE] = "category_notice",
	[HSM_EVENT_QUALITY] = "quality",	   [HSM_EVENT_COMPONENTS] = "components",
};

#define WORD_MAX 512    /* Meta's longest name; a database indexes it, and ids */
#define REASON_MAX 1000 /* of an answer and of an alert it becomes a part */

#define BODY_USUAL 1024 /* bytes: an event is printed without its text's growing */

struct reader {
	struct hsm_arena *arena;
	struct hsm_events *events;
	size_t capacity;
};

/* A copy of a word; NULL where there is none, or one that is longer than any. */
static char *read_word(const struct reader *reader, const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
	return text && *text && strlen(text) <= WORD_MAX ? hsm_arena_copy_string(reader->arena, text) : NULL;
}

static const char *read_upper(const struct reader *reader, const cJSON *object, const char *key)
{
	char *upper = read_word(reader, object, key);
	for (char *c = upper; c && *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return upper;
}

/* Some of Meta's examples write en-US. */
static const char *read_language(const struct reader *reader, const cJSON *object, const char *key)
{
	char *language = read_word(reader, object, key);
	for (char *c = language; c && *c; c++)
		*c = *c == '-' ? '_' : *c;
	return language;
}

/* Cut between characters where it is long. */
static const char *read_reason(const struct reader *reader, const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
	size_t length = text ? strnlen(text, REASON_MAX + 1) : 0;
	if (length > REASON_MAX)
		for (length = REASON_MAX; (text[length] & 0xc0) == 0x80;)
			length--;
	return length && strcmp(text, "NONE") != 0 ? hsm_arena_copy(reader->arena, text, length) : NULL;
}

/* "", "Z", "+05:30", "+0530"; false for what is none. */
static bool read_offset(const char *zone, int64_t *seconds)
{
	static const char digits[] = "0123456789";
	*seconds = 0;
	if (!*zone || strcmp(zone, "Z") == 0 || strcmp(zone, "z") == 0)
		return true;
	if ((*zone != '+' && *zone != '-') || strspn(zone + 1, digits) < 2)
		return false;
	const char *minutes = zone[3] == ':' ? zone + 4 : zone + 3;
	if (strspn(minutes, digits) != 2 || minutes[2])
		return false;
	*seconds = (*zone == '+' ? 1 : -1) * (strtol((const char[]){ zone[1], zone[2], '\0' }, NULL, 10) * 60 +
					      strtol(minutes, NULL, 10)) * 60;
	return true;
}

/* RFC 3339 as milliseconds; 0 where it is none. */
static int64_t read_time(const char *text)
{
	struct tm tm = { 0 };
	const char *end = text && isdigit((unsigned char)*text) ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int64_t milliseconds = 0, weight = 100, offset;
	if (!end)
		return 0;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++, weight /= 10)
			milliseconds += (*end - '0') * weight;
	if (!read_offset(end, &offset))
		return 0;
	int64_t time = ((int64_t)timegm(&tm) - offset) * 1000 + milliseconds;
	return time > 0 ? time : 0;
}

static const char *print(const struct reader *reader, const cJSON *json)
{
	char *text = cJSON_PrintBuffered(json, BODY_USUAL, false);
	const char *copy = hsm_arena_copy_string(reader->arena, text ? text : "null");
	cJSON_free(text);
	return copy;
}

static struct hsm_event *add(struct reader *reader)
{
	struct hsm_events *events = reader->events;
	if (events->count == reader->capacity) {
		size_t capacity = reader->capacity ? reader->capacity * 2 : 4;
		struct hsm_event *items = hsm_arena_allocate_array(reader->arena, capacity, sizeof(*items));
		if (events->count)
			memcpy(items, events->items, events->count * sizeof(*items));
		events->items = items;
		reader->capacity = capacity;
	}
	return &events->items[events->count++];
}

/*
 * Meta's changes have no id: the same change at the same time is the same event. The
 * time comes first: what arrives together is then together in a database's index,
 * and not each on a page of its own.
 */
static const char *make_id(const struct reader *reader, const struct hsm_event *event, const char *field)
{
	char hash[HSM_FINGERPRINT_SIZE];
	const char *text = hsm_arena_format(reader->arena, "%s\n%s\n%s", event->account ? event->account : "", field,
					    event->body);
	hsm_fingerprint_compute(text, strlen(text), hash);
	return hsm_arena_format(reader->arena, "%lld-%.32s", (long long)event->time, hash);
}

static void read_status(struct reader *reader, const cJSON *value, struct hsm_event *event)
{
	event->kind = HSM_EVENT_STATUS;
	event->value = read_upper(reader, value, "event");
	event->category = read_upper(reader, value, "message_template_category");
	event->reason = read_reason(reader, value, "reason");
	if (!event->reason)
		event->reason = read_reason(reader, cJSON_GetObjectItemCaseSensitive(value, "other_info"), "title");
}

static void read_category(struct reader *reader, const cJSON *value, struct hsm_event *event)
{
	const char *correct = read_upper(reader, value, "correct_category");
	/* In a notice new_category is still the current one. */
	event->kind = correct ? HSM_EVENT_CATEGORY_NOTICE : HSM_EVENT_CATEGORY;
	event->value = correct ? correct : read_upper(reader, value, "new_category");
}

static void read_quality(struct reader *reader, const cJSON *value, struct hsm_event *event)
{
	event->kind = HSM_EVENT_QUALITY;
	event->value = read_upper(reader, value, "new_quality_score");
}

static void read_components(struct reader *reader, const cJSON *value, struct hsm_event *event)
{
	(void)reader;
	(void)value;
	event->kind = HSM_EVENT_COMPONENTS;
}

/* https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference */
static const struct {
	const char *field;
	void (*read)(struct reader *reader, const cJSON *value, struct hsm_event *event);
	bool has_value;
} fields[] = {
	{ "message_template_status_update", read_status, true },
	{ "message_template_quality_update", read_quality, true },
	{ "message_template_components_update", read_components, false },
	{ "template_category_update", read_category, true },
};

static void read_change(struct reader *reader, const char *account, int64_t time, const cJSON *change)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(change, "value");
	const char *field = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(change, "field"));
	struct hsm_event *event = add(reader);
	*event = (struct hsm_event){ .time = time, .account = account, .body = print(reader, change) };
	event->id = make_id(reader, event, field ? field : "");
	for (size_t i = 0; field && i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(field, fields[i].field) != 0)
			continue;
		event->name = read_word(reader, value, "message_template_name");
		event->language = read_language(reader, value, "message_template_language");
		fields[i].read(reader, value, event);
		if (!event->name || !event->language || (fields[i].has_value && !event->value))
			event->kind = HSM_EVENT_UNKNOWN;
	}
}

static void read_envelope(struct reader *reader, const cJSON *json)
{
	const cJSON *entry, *change;
	cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(json, "entry")) {
		const char *account = read_word(reader, entry, "id");
		const cJSON *time = cJSON_GetObjectItemCaseSensitive(entry, "time");
		bool plausible = cJSON_IsNumber(time) && time->valuedouble > 0 && time->valuedouble < 1e11;
		int64_t milliseconds = plausible ? (int64_t)(time->valuedouble * 1000) : 0;
		cJSON_ArrayForEach(change, cJSON_GetObjectItemCaseSensitive(entry, "changes")) {
			if (reader->events->count > HSM_EVENTS_MAX)
				return;
			read_change(reader, account, milliseconds, change);
		}
	}
}

static void read_status_event(struct reader *reader, const cJSON *json, const cJSON *template)
{
	struct hsm_event *event = add(reader);
	const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "event"));
	const char *time = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "timestamp"));
	*event = (struct hsm_event){
		.id = read_word(reader, json, "id"),
		.time = read_time(time),
		.account = read_word(reader, json, "providerId"),
		.name = read_word(reader, template, "name"),
		.language = read_language(reader, template, "language"),
		.value = read_upper(reader, template, "status"),
		.reason = read_reason(reader, template, "rejection_reason"),
		.body = print(reader, json),
	};
	bool known = kind && strcmp(kind, "whatsapp_status_update") == 0 && event->name && event->language && event->value;
	event->kind = known ? HSM_EVENT_STATUS : HSM_EVENT_UNKNOWN;
	if (!event->id)
		event->id = make_id(reader, event, kind ? kind : "");
}

static void read_unknown(struct reader *reader, const cJSON *json)
{
	struct hsm_event *event = add(reader);
	*event = (struct hsm_event){ .body = print(reader, json) };
	event->id = make_id(reader, event, "");
}

int hsm_events_read(struct hsm_arena *arena, const char *body, size_t length, struct hsm_events *events,
		    struct hsm_error *error)
{
	struct reader reader = { .arena = arena, .events = events };
	cJSON *json;
	*events = (struct hsm_events){ 0 };
	if (hsm_json_parse(&json, body, length, error))
		return error->class = HSM_ERROR_INVALID;
	const cJSON *template = cJSON_GetObjectItemCaseSensitive(json, "template");
	if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(json, "entry")))
		read_envelope(&reader, json);
	else if (cJSON_IsObject(template))
		read_status_event(&reader, json, template);
	if (!events->count)
		read_unknown(&reader, json);
	cJSON_Delete(json);
	return events->count > HSM_EVENTS_MAX ?
		       hsm_error_set(error, HSM_ERROR_INVALID, "more than %d events in one request", HSM_EVENTS_MAX) :
		       0;
}

/* Two hexadecimal digits a byte. */
static bool read_digits(const char *text, unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < 2 * count; i++) {
		const char *digit = text[i] ? strchr(digits, tolower((unsigned char)text[i])) : NULL;
		if (!digit)
			return false;
		bytes[i / 2] = (unsigned char)(bytes[i / 2] << 4 | (digit - digits));
	}
	return true;
}

bool hsm_event_signature_matches(const char *header, const void *body, size_t length, const char *secret)
{
	static const char prefix[] = "sha256=";
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	unsigned char given[32] = { 0 };
	if (!header || !secret || !*secret || !hsm_text_starts_with(header, prefix) ||
	    strlen(header) != sizeof(prefix) - 1 + 64)
		return false;
	if (!read_digits(header + sizeof(prefix) - 1, given, sizeof(given)) ||
	    !HMAC(EVP_sha256(), secret, (int)strlen(secret), body, length, mac, &size) || size != sizeof(given))
		return false;
	return CRYPTO_memcmp(mac, given, sizeof(given)) == 0;
}
