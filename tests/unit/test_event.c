/* What webhooks tell: both shapes, known and not, and what no sender would send. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/event.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define STATUS_EVENT(rest) \
	"{\"id\":\"e1\",\"event\":\"whatsapp_status_update\",\"timestamp\":\"2026-11-02T10:20:30.123Z\"," \
	"\"providerId\":\"p1\",\"template\":{" rest "}}"
#define TEMPLATE_OF(status) \
	"\"id\":\"t1\",\"name\":\"order_v2\",\"language\":\"en_US\",\"status\":\"" status "\""
#define CHANGE(field, value) "{\"field\":\"" field "\",\"value\":{" value "}}"
#define ENVELOPE(changes) \
	"{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"waba1\",\"time\":1793614830," \
	"\"changes\":[" changes "]}]}"
#define OF(rest) \
	"\"message_template_id\":1689556908129832,\"message_template_name\":\"order_v2\"," \
	"\"message_template_language\":\"en_US\"" rest
#define STATUS_CHANGE(event, rest) \
	ENVELOPE(CHANGE("message_template_status_update", "\"event\":\"" event "\"," OF(rest)))

/* "kind name language value category reason account time", a line each. */
static void describe(const struct hsm_events *events, struct hsm_buffer *text)
{
	for (size_t i = 0; i < events->count; i++) {
		const struct hsm_event *event = &events->items[i];
		const char *const words[] = { hsm_event_kind_words[event->kind], event->name, event->language,
					      event->value, event->category, event->reason, event->account };
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			hsm_buffer_append_format(text, "%s ", words[j] ? words[j] : "-");
		hsm_buffer_append_format(text, "%lld\n", (long long)event->time);
		assert_non_null(event->id);
		assert_true(*event->id != '\0');
		assert_non_null(event->body);
	}
}

/* In memory of exactly its size, so that reading past it is seen. */
static int read_events(struct hsm_arena *arena, const char *body, size_t length, struct hsm_events *events)
{
	struct hsm_error error;
	char *copy = malloc(length ? length : 1);
	memcpy(copy, body, length);
	int rc = hsm_events_read(arena, copy, length, events, &error);
	free(copy);
	if (rc) {
		assert_int_equal(rc, HSM_ERROR_INVALID);
		assert_int_equal(error.class, rc);
		assert_int_equal(hsm_text_find_invalid(error.message, strlen(error.message)), strlen(error.message));
	}
	return rc;
}

static void check(const char *name, const char *body, const char *expected)
{
	struct hsm_arena arena = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	struct hsm_events events;
	if (read_events(&arena, body, strlen(body), &events))
		hsm_buffer_append_string(&text, "invalid");
	else
		describe(&events, &text);
	if (strcmp(hsm_buffer_text(&text), expected) != 0)
		fail_msg("%s: got\n%sexpected\n%s", name, hsm_buffer_text(&text), expected);
	hsm_buffer_release(&text);
	hsm_arena_release(&arena);
}

static const struct {
	const char *name, *body, *expected;
} shapes[] = {
	/* The messaging API's. */
	{ "an approval", STATUS_EVENT(TEMPLATE_OF("APPROVED")),
	  "status order_v2 en_US APPROVED - - p1 1793614830123\n" },
	{ "a rejection and its reason", STATUS_EVENT(TEMPLATE_OF("REJECTED") ",\"rejection_reason\":\"PROMOTIONAL\""),
	  "status order_v2 en_US REJECTED - PROMOTIONAL p1 1793614830123\n" },
	{ "a reason that is null is none", STATUS_EVENT(TEMPLATE_OF("APPROVED") ",\"rejection_reason\":null"),
	  "status order_v2 en_US APPROVED - - p1 1793614830123\n" },
	{ "a status in small letters", STATUS_EVENT(TEMPLATE_OF("approved")),
	  "status order_v2 en_US APPROVED - - p1 1793614830123\n" },
	{ "fields that nobody knows are passed over", STATUS_EVENT("\"new\":{\"deep\":[1]}," TEMPLATE_OF("PAUSED")),
	  "status order_v2 en_US PAUSED - - p1 1793614830123\n" },
	{ "a status that nobody knows is one", STATUS_EVENT(TEMPLATE_OF("LIMBO")),
	  "status order_v2 en_US LIMBO - - p1 1793614830123\n" },
	{ "another event of the API",
	  "{\"id\":\"e1\",\"event\":\"other\",\"template\":{" TEMPLATE_OF("APPROVED") "}}",
	  "unknown order_v2 en_US APPROVED - - - 0\n" },
	{ "no event's name", "{\"id\":\"e1\",\"template\":{" TEMPLATE_OF("APPROVED") "}}",
	  "unknown order_v2 en_US APPROVED - - - 0\n" },
	{ "a template without a name", STATUS_EVENT("\"language\":\"en\",\"status\":\"APPROVED\""),
	  "unknown - en APPROVED - - p1 1793614830123\n" },
	{ "a template without a language", STATUS_EVENT("\"name\":\"a\",\"status\":\"APPROVED\""),
	  "unknown a - APPROVED - - p1 1793614830123\n" },
	{ "a template without a status", STATUS_EVENT("\"name\":\"a\",\"language\":\"en\""),
	  "unknown a en - - - p1 1793614830123\n" },
	{ "a number as a name", STATUS_EVENT("\"name\":7,\"language\":\"en\",\"status\":\"APPROVED\""),
	  "unknown - en APPROVED - - p1 1793614830123\n" },
	{ "an object as a name", STATUS_EVENT("\"name\":{},\"language\":[],\"status\":true"),
	  "unknown - - - - - p1 1793614830123\n" },
	{ "an empty name", STATUS_EVENT("\"name\":\"\",\"language\":\"en\",\"status\":\"APPROVED\""),
	  "unknown - en APPROVED - - p1 1793614830123\n" },
	{ "a template that is no object", "{\"id\":\"e1\",\"template\":\"order_v2\"}", "unknown - - - - - - 0\n" },
	{ "numbers for id, event, timestamp and provider",
	  "{\"id\":1,\"event\":2,\"timestamp\":3,\"providerId\":4,\"template\":{" TEMPLATE_OF("APPROVED") "}}",
	  "unknown order_v2 en_US APPROVED - - - 0\n" },
	/* Meta's. */
	{ "Meta's approval", STATUS_CHANGE("APPROVED", ",\"reason\":null"),
	  "status order_v2 en_US APPROVED - - waba1 1793614830000\n" },
	{ "NONE is no reason", STATUS_CHANGE("APPROVED", ",\"reason\":\"NONE\""),
	  "status order_v2 en_US APPROVED - - waba1 1793614830000\n" },
	{ "Meta's rejection", STATUS_CHANGE("REJECTED", ",\"reason\":\"INVALID_FORMAT\","
	  "\"rejection_info\":{\"reason\":\"long\",\"recommendation\":\"longer\"}"),
	  "status order_v2 en_US REJECTED - INVALID_FORMAT waba1 1793614830000\n" },
	{ "a pause's title is its reason", STATUS_CHANGE("PAUSED", ",\"reason\":\"NONE\","
	  "\"other_info\":{\"title\":\"FIRST_PAUSE\",\"description\":\"d\"}"),
	  "status order_v2 en_US PAUSED - FIRST_PAUSE waba1 1793614830000\n" },
	{ "other_info that is no object", STATUS_CHANGE("PAUSED", ",\"other_info\":\"FIRST_PAUSE\""),
	  "status order_v2 en_US PAUSED - - waba1 1793614830000\n" },
	{ "the category beside", STATUS_CHANGE("APPROVED", ",\"message_template_category\":\"Marketing\""),
	  "status order_v2 en_US APPROVED MARKETING - waba1 1793614830000\n" },
	{ "a language with a hyphen",
	  ENVELOPE(CHANGE("message_template_status_update", "\"event\":\"PENDING\",\"message_template_name\":\"a\","
	  "\"message_template_language\":\"en-US\"")), "status a en_US PENDING - - waba1 1793614830000\n" },
	{ "a quality", ENVELOPE(CHANGE("message_template_quality_update", "\"previous_quality_score\":\"GREEN\","
	  "\"new_quality_score\":\"red\"," OF(""))), "quality order_v2 en_US RED - - waba1 1793614830000\n" },
	{ "an edit", ENVELOPE(CHANGE("message_template_components_update", "\"message_template_element\":\"x\"," OF(""))),
	  "components order_v2 en_US - - - waba1 1793614830000\n" },
	{ "a category that will be another", ENVELOPE(CHANGE("template_category_update",
	  "\"correct_category\":\"MARKETING\",\"new_category\":\"UTILITY\",\"category_update_timestamp\":1,"
	  OF(""))), "category_notice order_v2 en_US MARKETING - - waba1 1793614830000\n" },
	{ "a category that is another", ENVELOPE(CHANGE("template_category_update",
	  "\"previous_category\":\"UTILITY\",\"new_category\":\"MARKETING\"," OF(""))),
	  "category order_v2 en_US MARKETING - - waba1 1793614830000\n" },
	{ "a category update without one", ENVELOPE(CHANGE("template_category_update", OF(""))),
	  "unknown order_v2 en_US - - - waba1 1793614830000\n" },
	{ "a field that nobody knows", ENVELOPE(CHANGE("account_alerts", "\"text\":\"hello\"")),
	  "unknown - - - - - waba1 1793614830000\n" },
	{ "a field that is a number", ENVELOPE("{\"field\":1,\"value\":{}}"), "unknown - - - - - waba1 1793614830000\n" },
	{ "a value that is a text", ENVELOPE("{\"field\":\"message_template_status_update\",\"value\":\"x\"}"),
	  "unknown - - - - - waba1 1793614830000\n" },
	{ "a change that is null", ENVELOPE("null"), "unknown - - - - - waba1 1793614830000\n" },
	{ "a status without an event", ENVELOPE(CHANGE("message_template_status_update", OF(""))),
	  "unknown order_v2 en_US - - - waba1 1793614830000\n" },
	{ "a number as Meta's name", ENVELOPE(CHANGE("message_template_status_update",
	  "\"event\":\"APPROVED\",\"message_template_name\":12,\"message_template_language\":\"en\"")),
	  "unknown - en APPROVED - - waba1 1793614830000\n" },
	{ "several changes in several entries",
	  "{\"entry\":[{\"id\":\"w1\",\"time\":1,\"changes\":[" CHANGE("a", "") "," CHANGE("b", "") "]},"
	  "{\"id\":\"w2\",\"time\":2,\"changes\":[" CHANGE("c", "") "]}]}",
	  "unknown - - - - - w1 1000\nunknown - - - - - w1 1000\nunknown - - - - - w2 2000\n" },
	{ "an entry without id, time and changes between others",
	  "{\"entry\":[{},7,null,{\"id\":3,\"changes\":[" CHANGE("c", "") "]},{\"changes\":4}]}",
	  "unknown - - - - - - 0\n" },
	/* Neither. */
	{ "no entries at all", "{\"object\":\"whatsapp_business_account\",\"entry\":[]}", "unknown - - - - - - 0\n" },
	{ "an empty object", "{}", "unknown - - - - - - 0\n" },
	{ "an array", "[1,2]", "unknown - - - - - - 0\n" },
	{ "null", "null", "unknown - - - - - - 0\n" },
	{ "a number", " 1e999 ", "unknown - - - - - - 0\n" },
	{ "nothing", "", "invalid" },
	{ "no JSON", "status=APPROVED&name=order_v2", "invalid" },
	{ "two values", "{}{}", "invalid" },
	{ "a NUL character", STATUS_EVENT("\"name\":\"a\\u0000b\",\"language\":\"en\",\"status\":\"APPROVED\""), "invalid" },
	{ "half of a surrogate pair", STATUS_EVENT("\"name\":\"\\ud800\",\"language\":\"en\",\"status\":\"APPROVED\""),
	  "invalid" },
	{ "not UTF-8", STATUS_EVENT("\"name\":\"\xff\",\"language\":\"en\",\"status\":\"APPROVED\""), "invalid" },
	{ "an overlong form", STATUS_EVENT("\"name\":\"\xc0\xaf\",\"language\":\"en\",\"status\":\"APPROVED\""), "invalid" },
};

static void each_shape_is_read_as_it_is_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		check(shapes[i].name, shapes[i].body, shapes[i].expected);
}

static void every_status_of_meta_is_its_event(void **state)
{
	(void)state;
	static const char *const events[] = { "APPROVED", "ARCHIVED", "UNARCHIVED", "DELETED", "DISABLED", "FLAGGED",
					      "IN_APPEAL", "LIMIT_EXCEEDED", "LOCKED", "PAUSED", "PENDING",
					      "REINSTATED", "PENDING_DELETION", "REJECTED" };
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct hsm_arena arena = { 0 };
		const char *body = hsm_arena_format(&arena, ENVELOPE(CHANGE("message_template_status_update",
						    "\"event\":\"%s\"," OF(""))), events[i]);
		check(events[i], body,
		      hsm_arena_format(&arena, "status order_v2 en_US %s - - waba1 1793614830000\n", events[i]));
		hsm_arena_release(&arena);
	}
}

static void times_are_read_with_fractions_and_offsets(void **state)
{
	(void)state;
	static const struct {
		const char *time;
		int64_t expected;
	} cases[] = {
		{ "2026-11-02T10:20:30Z", 1793614830000 },
		{ "2026-11-02T10:20:30z", 1793614830000 },
		{ "2026-11-02T10:20:30.1Z", 1793614830100 },
		{ "2026-11-02T10:20:30.12Z", 1793614830120 },
		{ "2026-11-02T10:20:30.123456789123456789123Z", 1793614830123 },
		{ "2026-11-02T15:50:30+05:30", 1793614830000 },
		{ "2026-11-02T15:50:30.5+05:30", 1793614830500 },
		{ "2026-11-02T02:20:30-08:00", 1793614830000 },
		{ "2026-11-02T15:50:30+0530", 1793614830000 },
		{ "2026-11-02T10:20:30-00:00", 1793614830000 },
		{ "2026-11-02T10:20:30", 1793614830000 },
		{ "2028-02-29T00:00:00Z", 1835395200000 },
		{ "9999-12-31T23:59:59Z", 253402300799000 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:59:59Z", 0 },
		{ "2026-11-02T10:20:30+", 0 },
		{ "2026-11-02T10:20:30+5", 0 },
		{ "2026-11-02T10:20:30+05:3", 0 },
		{ "2026-11-02T10:20:30+05:301", 0 },
		{ "2026-11-02T10:20:30 and more", 0 },
		{ "2026-11-02T10:20:30Zzz", 0 },
		{ "2026-11-02", 0 },
		{ "2026-13-02T10:20:30Z", 0 },
		{ "2026-11-02T25:20:30Z", 0 },
		{ " 2026-11-02T10:20:30Z", 0 },
		{ "yesterday", 0 },
		{ "1793614830", 0 },
		{ "", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_events events;
		const char *body = hsm_arena_format(&arena, "{\"id\":\"e\",\"timestamp\":\"%s\",\"template\":{}}",
						    cases[i].time);
		assert_int_equal(read_events(&arena, body, strlen(body), &events), 0);
		if (events.items[0].time != cases[i].expected)
			fail_msg("%s: %lld", cases[i].time, (long long)events.items[0].time);
		hsm_arena_release(&arena);
	}
}

static void unix_times_are_taken_where_they_are_plausible(void **state)
{
	(void)state;
	static const struct {
		const char *time;
		int64_t expected;
	} cases[] = {
		{ "1793614830", 1793614830000 }, { "1793614830.5", 1793614830500 }, { "0", 0 },	 { "-5", 0 },
		{ "1e300", 0 },			 { "1e999", 0 },		    { "true", 0 }, { "\"1793614830\"", 0 },
		{ "1793614830000", 0 },		 { "null", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_events events;
		const char *body = hsm_arena_format(&arena, "{\"entry\":[{\"time\":%s,\"changes\":[1]}]}", cases[i].time);
		assert_int_equal(read_events(&arena, body, strlen(body), &events), 0);
		assert_int_equal(events.count, 1);
		if (events.items[0].time != cases[i].expected)
			fail_msg("%s: %lld", cases[i].time, (long long)events.items[0].time);
		hsm_arena_release(&arena);
	}
}

static const char *read_id(struct hsm_arena *arena, const char *body)
{
	struct hsm_events events;
	assert_int_equal(read_events(arena, body, strlen(body), &events), 0);
	assert_int_equal(events.count, 1);
	return events.items[0].id;
}

static void a_redelivery_has_the_same_id_and_nothing_else_has(void **state)
{
	(void)state;
	static const struct {
		const char *name, *first, *second;
		bool same;
	} cases[] = {
		{ "the API's, with other spaces", STATUS_EVENT(TEMPLATE_OF("APPROVED")),
		  "  " STATUS_EVENT(TEMPLATE_OF("APPROVED") " ") "\n", true },
		{ "the API's, whose id alone counts", STATUS_EVENT(TEMPLATE_OF("APPROVED")),
		  STATUS_EVENT(TEMPLATE_OF("PAUSED")), true },
		{ "the API's without an id", "{\"template\":{\"name\":\"a\"}}", "{\"template\":{\"name\":\"a\"} }", true },
		{ "the API's without an id, of another name", "{\"template\":{\"name\":\"a\"}}",
		  "{\"template\":{\"name\":\"b\"}}", false },
		{ "Meta's, with other spaces", STATUS_CHANGE("PAUSED", ""), STATUS_CHANGE("PAUSED", " "), true },
		{ "another event", STATUS_CHANGE("PAUSED", ""), STATUS_CHANGE("REJECTED", ""), false },
		{ "another reason", STATUS_CHANGE("PAUSED", ",\"reason\":\"A\""),
		  STATUS_CHANGE("PAUSED", ",\"reason\":\"B\""), false },
		{ "another time", "{\"entry\":[{\"time\":1,\"changes\":[1]}]}", "{\"entry\":[{\"time\":2,\"changes\":[1]}]}",
		  false },
		{ "another account", "{\"entry\":[{\"id\":\"a\",\"changes\":[1]}]}",
		  "{\"entry\":[{\"id\":\"b\",\"changes\":[1]}]}", false },
		{ "another field", ENVELOPE(CHANGE("a", "")), ENVELOPE(CHANGE("b", "")), false },
		{ "neither shape, the same", "[1]", "[ 1 ]", true },
		{ "neither shape, another", "[1]", "[2]", false },
		{ "half of the time in the account's id", "{\"entry\":[{\"id\":\"a\\n1\",\"time\":1,\"changes\":[1]}]}",
		  "{\"entry\":[{\"id\":\"a\",\"time\":11,\"changes\":[1]}]}", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		bool same = strcmp(read_id(&arena, cases[i].first), read_id(&arena, cases[i].second)) == 0;
		if (same != cases[i].same)
			fail_msg("%s", cases[i].name);
		hsm_arena_release(&arena);
	}
}

static void changes_of_one_batch_have_ids_that_another_batch_gives_them_too(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_events events;
	const char *both = ENVELOPE(CHANGE("a", "\"x\":1") "," CHANGE("a", "\"x\":2"));
	assert_int_equal(read_events(&arena, both, strlen(both), &events), 0);
	assert_int_equal(events.count, 2);
	assert_string_not_equal(events.items[0].id, events.items[1].id);
	assert_string_equal(events.items[1].id, read_id(&arena, ENVELOPE(CHANGE("a", "\"x\":2"))));
	assert_string_equal(events.items[1].body, CHANGE("a", "\"x\":2"));
	hsm_arena_release(&arena);
}

static void what_is_cut_anywhere_is_refused(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		STATUS_EVENT(TEMPLATE_OF("REJECTED") ",\"rejection_reason\":\"\\u00e9\\n\xf0\x9f\x98\x80\""),
		STATUS_CHANGE("PAUSED", ",\"other_info\":{\"title\":\"FIRST_PAUSE\"}"),
	};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (size_t length = 0; length < strlen(bodies[i]); length++) {
			struct hsm_arena arena = { 0 };
			struct hsm_events events;
			assert_int_equal(read_events(&arena, bodies[i], length, &events), HSM_ERROR_INVALID);
			hsm_arena_release(&arena);
		}
}

static void what_is_nested_a_hundred_deep_is_refused(void **state)
{
	(void)state;
	for (size_t depth = 60; depth <= 100000; depth = depth == 60 ? 100 : depth * 10) {
		struct hsm_arena arena = { 0 };
		struct hsm_events events;
		char *body = hsm_memory_allocate(2 * depth + 1);
		memset(body, '[', depth);
		memset(body + depth, ']', depth);
		assert_int_equal(read_events(&arena, body, 2 * depth, &events), depth == 60 ? 0 : HSM_ERROR_INVALID);
		free(body);
		hsm_arena_release(&arena);
	}
}

static void a_request_holds_ten_thousand_changes_and_no_more(void **state)
{
	(void)state;
	static const size_t counts[] = { HSM_EVENTS_MAX, HSM_EVENTS_MAX + 1, 3 * HSM_EVENTS_MAX };
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		struct hsm_events events;
		hsm_buffer_append_string(&body, "{\"entry\":[{\"changes\":[0");
		for (size_t j = 1; j < counts[i]; j++)
			/* In entries of a hundred. */
			hsm_buffer_append_format(&body, "%s%zu", j % 100 ? "," : "]},{\"changes\":[", j);
		hsm_buffer_append_string(&body, "]}]}");
		int rc = read_events(&arena, body.data, body.length, &events);
		assert_int_equal(rc, counts[i] > HSM_EVENTS_MAX ? HSM_ERROR_INVALID : 0);
		if (!rc)
			assert_int_equal(events.count, counts[i]);
		hsm_buffer_release(&body);
		hsm_arena_release(&arena);
	}
}

/* A million letters, or of what `unit` is. */
static char *repeat(const char *unit, size_t count)
{
	size_t length = strlen(unit);
	char *text = hsm_memory_allocate(length * count + 1);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * length, unit, length);
	return text;
}

static void huge_words_are_nobodys_and_huge_reasons_are_cut(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_events events;
	char *letters = repeat("a", 1000000), *accents = repeat("\xc3\xa9", 500000);
	const char *body = hsm_arena_format(&arena, "{\"id\":\"%s\",\"event\":\"whatsapp_status_update\",\"template\":{"
					    "\"name\":\"%s\",\"language\":\"en\",\"status\":\"APPROVED\"}}", letters, letters);
	assert_int_equal(read_events(&arena, body, strlen(body), &events), 0);
	assert_int_equal(events.items[0].kind, HSM_EVENT_UNKNOWN);
	assert_null(events.items[0].name);
	/* A database's index takes no id of that size. */
	assert_true(strlen(events.items[0].id) <= 512);
	body = hsm_arena_format(&arena, STATUS_EVENT(TEMPLATE_OF("REJECTED") ",\"rejection_reason\":\"a%s\""), accents);
	assert_int_equal(read_events(&arena, body, strlen(body), &events), 0);
	assert_int_equal(events.items[0].kind, HSM_EVENT_STATUS);
	size_t length = strlen(events.items[0].reason);
	assert_true(length > 500 && length < 2000);
	assert_int_equal(hsm_text_find_invalid(events.items[0].reason, length), length);
	free(letters);
	free(accents);
	hsm_arena_release(&arena);
}

static void a_name_of_512_letters_is_one(void **state)
{
	(void)state;
	for (size_t length = 511; length <= 513; length++) {
		struct hsm_arena arena = { 0 };
		struct hsm_events events;
		char *name = repeat("a", length);
		const char *body = hsm_arena_format(&arena, STATUS_EVENT("\"name\":\"%s\",\"language\":\"en\","
						    "\"status\":\"APPROVED\""), name);
		assert_int_equal(read_events(&arena, body, strlen(body), &events), 0);
		assert_int_equal(events.items[0].kind, length > 512 ? HSM_EVENT_UNKNOWN : HSM_EVENT_STATUS);
		free(name);
		hsm_arena_release(&arena);
	}
}

#define MAC "0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914"

static void signatures_match_the_body_and_the_secret_alone(void **state)
{
	(void)state;
	static const struct {
		const char *name, *header, *body, *secret;
		bool matches;
	} cases[] = {
		{ "the right one", "sha256=" MAC, "test", "secret", true },
		{ "in capitals", "sha256=0329A06B62CD16B33EB6792BE8C60B158D89A2EE3A876FCE9A881EBB488C0914", "test", "secret",
		  true },
		{ "another body", "sha256=" MAC, "Test", "secret", false },
		{ "a longer body", "sha256=" MAC, "test ", "secret", false },
		{ "an empty body", "sha256=" MAC, "", "secret", false },
		{ "another secret", "sha256=" MAC, "test", "Secret", false },
		{ "the last digit is another", "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0915",
		  "test", "secret", false },
		{ "the first digit is another", "sha256=1329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914",
		  "test", "secret", false },
		{ "a digit less", "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c091", "test", "secret",
		  false },
		{ "a digit more", "sha256=" MAC "0", "test", "secret", false },
		{ "a space behind", "sha256=" MAC " ", "test", "secret", false },
		{ "no prefix", MAC, "test", "secret", false },
		{ "another prefix", "sha1=" MAC, "test", "secret", false },
		{ "the prefix alone", "sha256=", "test", "secret", false },
		{ "an empty header", "", "test", "secret", false },
		{ "no header", NULL, "test", "secret", false },
		{ "an empty secret", "sha256=" MAC, "test", "", false },
		{ "no secret", "sha256=" MAC, "test", NULL, false },
		{ "zeros", "sha256=0000000000000000000000000000000000000000000000000000000000000000", "test", "secret",
		  false },
		/* HMAC-SHA256 of nothing under the empty key. */
		{ "an empty secret's own signature",
		  "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", "", "", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (hsm_event_signature_matches(cases[i].header, cases[i].body, strlen(cases[i].body), cases[i].secret) !=
		    cases[i].matches)
			fail_msg("%s", cases[i].name);
}

#define TOKEN "0123456789abcdef0123456789abcdef"
#define STATUS_OF(status, data, rest) \
	"{\"id\":\"wamid.HBgLMzQ2MDAxMjM0NTYVAgA\",\"status\":\"" status "\",\"recipient_id\":\"34600123456\"," \
	"\"biz_opaque_callback_data\":\"" data "\"" rest "}"
#define MESSAGES(statuses) \
	ENVELOPE(CHANGE("messages", "\"messages\":[{\"from\":\"34600123456\",\"text\":{\"body\":\"hi\"}}],\"statuses\":[" statuses "]"))

static void of_messages_only_the_fate_of_our_own_is_kept(void **state)
{
	static const struct {
		const char *body;
		size_t count;
		enum hsm_receipt_fate fate;
		int64_t code;
	} cases[] = {
		{ MESSAGES(STATUS_OF("sent", "hsmctl " TOKEN " order_v2 en_US", "")), 1, HSM_RECEIPT_SENT, 0 },
		{ MESSAGES(STATUS_OF("delivered", "hsmctl " TOKEN " order_v2 en_US", "")), 1, HSM_RECEIPT_ARRIVED, 0 },
		{ MESSAGES(STATUS_OF("read", "hsmctl " TOKEN " order_v2 en_US", "")), 1, HSM_RECEIPT_ARRIVED, 0 },
		{ MESSAGES(STATUS_OF("failed", "hsmctl " TOKEN " order_v2 en_US", ",\"errors\":[{\"code\":132015}]")), 1,
		  HSM_RECEIPT_FAILED, 132015 },
		{ MESSAGES(STATUS_OF("failed", "hsmctl " TOKEN " order_v2 en_US", ",\"errors\":[{\"code\":1e300}]")), 1,
		  HSM_RECEIPT_FAILED, 0 },
		{ MESSAGES(STATUS_OF("melted", "hsmctl " TOKEN " order_v2 en_US", "")), 0, 0, 0 },
		{ MESSAGES(STATUS_OF("sent", "0fS5cePMok", "")), 0, 0, 0 },
		{ MESSAGES(STATUS_OF("sent", "hsmctl " TOKEN, "")), 0, 0, 0 },
		{ MESSAGES(STATUS_OF("sent", "hsmctl " TOKEN " order_v2 en_US more", "")), 0, 0, 0 },
		{ MESSAGES(STATUS_OF("sent", "hsmctl 0123456789ABCDEF0123456789abcdef order_v2 en_US", "")), 0, 0, 0 },
		{ MESSAGES("7"), 0, 0, 0 },
		{ ENVELOPE(CHANGE("messages", "\"statuses\":{\"a\":[]}")), 0, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_events events;
		assert_int_equal(read_events(&arena, cases[i].body, strlen(cases[i].body), &events), 0);
		assert_int_equal(events.count, 0);
		assert_int_equal(events.receipt_count, cases[i].count);
		for (size_t j = 0; j < cases[i].count; j++) {
			const struct hsm_receipt *receipt = &events.receipts[j];
			assert_string_equal(receipt->token, TOKEN);
			assert_string_equal(receipt->name, "order_v2");
			assert_string_equal(receipt->language, "en_US");
			assert_int_equal(receipt->fate, cases[i].fate);
			assert_int_equal(receipt->code, cases[i].code);
		}
		hsm_arena_release(&arena);
	}
}

/* What others' webhooks look like; none of it is ours, and it names people. */
static void statuses_of_the_corpus_leave_nothing(void **state)
{
	static const char *const names[] = { "bindambc/webhooks/textMessageStatusDelivered.json",
					     "bindambc/webhooks/reEngagementMessageError.json",
					     "bindambc/webhooks/mediaUploadError.json" };
	const char *folder = getenv("HSM_CORPUS");
	(void)state;
	if (!folder)
		skip();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_events events;
		char path[512], body[65536];
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		FILE *stream = fopen(path, "r");
		assert_non_null(stream);
		size_t length = fread(body, 1, sizeof(body), stream);
		fclose(stream);
		assert_int_equal(read_events(&arena, body, length, &events), 0);
		assert_int_equal(events.count + events.receipt_count, 0);
		hsm_arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shape_is_read_as_it_is_meant),
		cmocka_unit_test(of_messages_only_the_fate_of_our_own_is_kept),
		cmocka_unit_test(statuses_of_the_corpus_leave_nothing),
		cmocka_unit_test(every_status_of_meta_is_its_event),
		cmocka_unit_test(times_are_read_with_fractions_and_offsets),
		cmocka_unit_test(unix_times_are_taken_where_they_are_plausible),
		cmocka_unit_test(a_redelivery_has_the_same_id_and_nothing_else_has),
		cmocka_unit_test(changes_of_one_batch_have_ids_that_another_batch_gives_them_too),
		cmocka_unit_test(what_is_cut_anywhere_is_refused),
		cmocka_unit_test(what_is_nested_a_hundred_deep_is_refused),
		cmocka_unit_test(a_request_holds_ten_thousand_changes_and_no_more),
		cmocka_unit_test(huge_words_are_nobodys_and_huge_reasons_are_cut),
		cmocka_unit_test(a_name_of_512_letters_is_one),
		cmocka_unit_test(signatures_match_the_body_and_the_secret_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
