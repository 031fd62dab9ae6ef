#include "reconciler/lifecycle/event.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
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

struct reader {
	struct hsm_arena *arena;
	struct hsm_events *events;
	size_t capacity;
};

static const char *read_string(const struct reader *reader, const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
	return text && *text ? hsm_arena_copy_string(reader->arena, text) : NULL;
}

static const char *read_upper(const struct reader *reader, const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
	char *upper = text && *text ? hsm_arena_copy_string(reader->arena, text) : NULL;
	for (char *c = upper; c && *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return upper;
}

/* Some of Meta's examples write en-US. */
static const char *read_language(const struct reader *reader, const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
	char *language = text && *text ? hsm_arena_copy_string(reader->arena, text) : NULL;
	for (char *c = language; c && *c; c++)
		*c = *c == '-' ? '_' : *c;
	return language;
}

/* RFC 3339 as milliseconds; 0 where it is none. */
static int64_t read_time(const char *text)
{
	struct tm tm = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int64_t milliseconds = 0, weight = 100;
	int hours = 0, minutes = 0;
	char sign = 'Z';
	if (!end)
		return 0;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++, weight /= 10)
			milliseconds += (*end - '0') * weight;
	int64_t offset = 0;
	if (sscanf(end, "%c%2d:%2d", &sign, &hours, &minutes) == 3 && (sign == '+' || sign == '-'))
		offset = (sign == '+' ? 1 : -1) * (hours * 60 + minutes) * 60;
	return ((int64_t)timegm(&tm) - offset) * 1000 + milliseconds;
}

static const char *print(const struct reader *reader, const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);
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

/* Meta's changes have no id: the same change at the same time is the same event. */
static const char *make_id(const struct reader *reader, const struct hsm_event *event, const char *field)
{
	char *id = hsm_arena_allocate(reader->arena, HSM_FINGERPRINT_SIZE);
	const char *text = hsm_arena_format(reader->arena, "%s\n%lld\n%s\n%s", event->account ? event->account : "",
					    (long long)event->time, field, event->body);
	hsm_fingerprint_compute(text, strlen(text), id);
	return id;
}

static void read_status(struct reader *reader, const cJSON *value, struct hsm_event *event)
{
	event->kind = HSM_EVENT_STATUS;
	event->value = read_upper(reader, value, "event");
	event->category = read_upper(reader, value, "message_template_category");
	event->reason = read_string(reader, value, "reason");
	if (event->reason && strcmp(event->reason, "NONE") == 0)
		event->reason = NULL;
	const char *title = read_string(reader, cJSON_GetObjectItemCaseSensitive(value, "other_info"), "title");
	event->reason = event->reason ? event->reason : title;
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
		event->name = read_string(reader, value, "message_template_name");
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
		const char *account = read_string(reader, entry, "id");
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
		.id = read_string(reader, json, "id"),
		.time = read_time(time),
		.account = read_string(reader, json, "providerId"),
		.name = read_string(reader, template, "name"),
		.language = read_language(reader, template, "language"),
		.value = read_upper(reader, template, "status"),
		.reason = read_string(reader, template, "rejection_reason"),
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

bool hsm_event_signature_matches(const char *header, const void *body, size_t length, const char *secret)
{
	static const char prefix[] = "sha256=";
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	char wanted[2 * 32 + 1], given[2 * 32 + 1] = "";
	if (!header || !secret || !*secret || !hsm_text_starts_with(header, prefix) ||
	    strlen(header) != sizeof(prefix) - 1 + 64)
		return false;
	if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), body, length, mac, &size) || size != 32)
		return false;
	for (size_t i = 0; i < size; i++)
		snprintf(wanted + 2 * i, 3, "%02x", mac[i]);
	for (size_t i = 0; i < 64; i++)
		given[i] = (char)tolower((unsigned char)header[sizeof(prefix) - 1 + i]);
	return CRYPTO_memcmp(wanted, given, 64) == 0;
}
