/* What people are told: one message however much happened, in which no text becomes markup. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/lifecycle/alert.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

static void count(struct hsm_alerts *alerts)
{
	for (size_t i = 0; i < alerts->count; i++)
		alerts->counts[alerts->items[i].kind]++;
}

static void the_title_counts_the_most_urgent_first(void **state)
{
	(void)state;
	static const struct {
		size_t counts[HSM_ALERT_KIND_MAX_];
		const char *expected;
	} cases[] = {
		{ { [HSM_ALERT_PAUSED] = 1 }, "hsmctl prod: 1 paused" },
		{ { [HSM_ALERT_PAUSED] = 2, [HSM_ALERT_FALLBACK] = 1 }, "hsmctl prod: 1 on a fallback, 2 paused" },
		{ { [HSM_ALERT_RECOVERED] = 6000, [HSM_ALERT_UNAVAILABLE] = 1 },
		  "hsmctl prod: 1 without any fallback, 6000 recovered" },
		/* What is about the controller happens or not. */
		{ { [HSM_ALERT_WEBHOOK_SILENT] = 7, [HSM_ALERT_APPLY_FAILED] = 1 },
		  "hsmctl prod: apply failed, webhook silent" },
		{ { [HSM_ALERT_QUALITY] = 3, [HSM_ALERT_DRIFT] = 3 }, "hsmctl prod: drift, 3 of low quality" },
		{ { 0 }, "hsmctl prod: " },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_alerts alerts = { .environment = "prod" };
		struct hsm_buffer title = HSM_BUFFER_INIT(4096);
		memcpy(alerts.counts, cases[i].counts, sizeof(alerts.counts));
		hsm_alerts_append_title(&alerts, &title);
		assert_string_equal(hsm_buffer_text(&title), cases[i].expected);
		hsm_buffer_release(&title);
	}
}

static void every_kind_has_a_word_and_a_title(void **state)
{
	(void)state;
	for (int kind = 1; kind < HSM_ALERT_KIND_MAX_; kind++) {
		struct hsm_alerts alerts = { .environment = "e" };
		struct hsm_buffer title = HSM_BUFFER_INIT(4096);
		alerts.counts[kind] = 1;
		assert_non_null(hsm_alert_kind_words[kind]);
		hsm_alerts_append_title(&alerts, &title);
		assert_true(title.length > strlen("hsmctl e: 1 "));
		hsm_buffer_release(&title);
	}
}

/* The message, which is JSON of one line, or the text of it. */
static cJSON *write(const struct hsm_alerts *alerts, enum hsm_alert_format format, size_t *length)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_error error;
	cJSON *json;
	hsm_alerts_append(alerts, format, &body);
	assert_int_equal(hsm_json_parse(&json, body.data, body.length, &error), 0);
	assert_null(memchr(body.data, '\n', body.length));
	if (length)
		*length = body.length;
	hsm_buffer_release(&body);
	return json;
}

static const char *get(const cJSON *json, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
}

/* Of a Teams message: the title and the lines. */
static const cJSON *get_block(const cJSON *json, int which)
{
	const cJSON *card = cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "attachments"), 0), "content");
	const cJSON *block = cJSON_GetArrayItem(cJSON_GetObjectItem(card, "body"), which);
	assert_string_equal(get(card, "type"), "AdaptiveCard");
	assert_string_equal(get(block, "type"), "TextBlock");
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(block, "wrap")));
	return block;
}

static void the_three_shapes_say_the_same(void **state)
{
	(void)state;
	static const struct hsm_alert items[] = {
		{ HSM_ALERT_FALLBACK, "order en", "order_v2 is PAUSED: order_v1 is used instead" },
		{ HSM_ALERT_PAUSED, "order_v2 en", "PAUSED: FIRST_PAUSE" },
		{ HSM_ALERT_PAUSED, "order_v2 es", "PAUSED" },
	};
	struct hsm_alerts alerts = { .items = items, .count = 3, .environment = "prod" };
	count(&alerts);
	cJSON *json = write(&alerts, HSM_ALERT_JSON, NULL);
	assert_string_equal(get(json, "format_version"), "1");
	assert_string_equal(get(json, "environment"), "prod");
	assert_string_equal(get(json, "title"), "hsmctl prod: 1 on a fallback, 2 paused");
	assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "counts"), "paused")->valueint, 2);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "counts")), 2);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "alerts")), 3);
	const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "alerts"), 0);
	assert_string_equal(get(first, "kind"), "fallback");
	assert_string_equal(get(first, "subject"), "order en");
	assert_string_equal(get(first, "text"), items[0].text);
	cJSON_Delete(json);
	json = write(&alerts, HSM_ALERT_SLACK, NULL);
	assert_string_equal(get(json, "text"), "hsmctl prod: 1 on a fallback, 2 paused\n"
			    "- order en: order_v2 is PAUSED: order_v1 is used instead\n"
			    "- order_v2 en: PAUSED: FIRST_PAUSE\n- order_v2 es: PAUSED");
	cJSON_Delete(json);
	json = write(&alerts, HSM_ALERT_TEAMS, NULL);
	assert_string_equal(get(json, "type"), "message");
	assert_string_equal(get(get_block(json, 0), "text"), "hsmctl prod: 1 on a fallback, 2 paused");
	assert_string_equal(get(get_block(json, 1), "text"), "\n"
			    "- order en: order\\_v2 is PAUSED: order\\_v1 is used instead\n"
			    "- order\\_v2 en: PAUSED: FIRST\\_PAUSE\n- order\\_v2 es: PAUSED");
	cJSON_Delete(json);
}

static const enum hsm_alert_format formats[] = { HSM_ALERT_JSON, HSM_ALERT_SLACK, HSM_ALERT_TEAMS };
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static void six_thousand_items_become_one_short_message(void **state)
{
	(void)state;
	static struct hsm_alert items[6000];
	for (size_t i = 0; i < 6000; i++)
		items[i] = (struct hsm_alert){ i < 3000 ? HSM_ALERT_DISABLED : HSM_ALERT_RECOVERED, "order_confirmation_v2 en_US",
					       "order_confirmation_v2 is DISABLED: order_confirmation_v1 is used instead" };
	struct hsm_alerts alerts = { .items = items, .count = 6000, .environment = "prod" };
	count(&alerts);
	for (size_t i = 0; i < FORMATS; i++) {
		size_t length;
		cJSON *json = write(&alerts, formats[i], &length);
		char *text = cJSON_PrintUnformatted(json);
		assert_true(length < 6000);
		assert_non_null(strstr(text, "3000 disabled, 3000 recovered"));
		if (formats[i] != HSM_ALERT_JSON) {
			assert_non_null(strstr(text, "- and 2990 more disabled"));
			assert_non_null(strstr(text, "- and 2990 more recovered"));
		} else {
			assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "alerts")), 2 * HSM_ALERT_NAMED);
		}
		cJSON_free(text);
		cJSON_Delete(json);
	}
}

static void what_is_counted_and_not_named_is_told_too(void **state)
{
	(void)state;
	static const struct hsm_alert items[] = { { HSM_ALERT_PAUSED, "a en", "PAUSED" } };
	struct hsm_alerts alerts = { .items = items, .count = 1, .environment = "prod", .counts = { [HSM_ALERT_PAUSED] = 12 } };
	cJSON *json = write(&alerts, HSM_ALERT_SLACK, NULL);
	assert_string_equal(get(json, "text"), "hsmctl prod: 12 paused\n- a en: PAUSED\n- and 11 more paused");
	cJSON_Delete(json);
}

static void texts_of_any_length_become_a_short_message(void **state)
{
	(void)state;
	static struct hsm_alert items[HSM_ALERT_KIND_MAX_ * HSM_ALERT_NAMED];
	char *huge = hsm_memory_allocate(1000001);
	for (size_t i = 0; i < 500000; i++)
		memcpy(huge + 2 * i, "\xc3\xa9", 2);
	size_t used = 0;
	for (int kind = 1; kind < HSM_ALERT_KIND_MAX_; kind++)
		for (size_t i = 0; i < HSM_ALERT_NAMED; i++)
			items[used++] = (struct hsm_alert){ (enum hsm_alert_kind)kind, i % 2 ? huge : huge + 1000000 - 2, huge };
	struct hsm_alerts alerts = { .items = items, .count = used, .environment = "prod" };
	count(&alerts);
	for (size_t i = 0; i < FORMATS; i++) {
		size_t length;
		cJSON *json = write(&alerts, formats[i], &length);
		assert_true(length < (formats[i] == HSM_ALERT_JSON ? 200000 : 28000));
		cJSON_Delete(json);
	}
	free(huge);
}

static const struct {
	const char *name, *text, *slack, *teams;
} hostile[] = {
	{ "a mention of everybody", "<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;", "\\<!channel\\> \\<@U1\\>" },
	{ "entities", "&lt;!here&gt;", "&amp;lt;!here&amp;gt;", "&lt;!here&gt;" },
	{ "emphasis", "*bold* _low_ ~gone~ `code`", "*bold* _low_ ~gone~ `code`",
	  "\\*bold\\* \\_low\\_ \\~gone\\~ \\`code\\`" },
	{ "a link", "[here](https://e.example)", "[here](https://e.example)", "\\[here\\]\\(https://e.example\\)" },
	{ "Slack's link", "<https://e.example|here>", "&lt;https://e.example|here&gt;", "\\<https://e.example|here\\>" },
	{ "a line of its own", "x\n- y_v1 en: DISABLED", "x - y_v1 en: DISABLED", "x - y\\_v1 en: DISABLED" },
	{ "another line", "x\r\n# y", "x  # y", "x  \\# y" },
	{ "control characters", "a\tb\x1b[31mc\x7f\x01", "a b [31mc  ", "a b \\[31mc  " },
	{ "quotes and backslashes", "\"a\" \\n", "\"a\" \\n", "\"a\" \\\\n" },
	{ "another script", "\xd7\x90 \xe6\x82\xa8 \xf0\x9f\x98\x80", "\xd7\x90 \xe6\x82\xa8 \xf0\x9f\x98\x80",
	  "\xd7\x90 \xe6\x82\xa8 \xf0\x9f\x98\x80" },
	{ "a percent sign", "100%s %n", "100%s %n", "100%s %n" },
	{ "nothing", "", "", "" },
};

static void texts_from_outside_stay_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_alert item = { HSM_ALERT_REJECTED, hostile[i].text, hostile[i].text };
		struct hsm_alerts alerts = { .items = &item, .count = 1, .environment = hostile[i].text };
		count(&alerts);
		cJSON *json = write(&alerts, HSM_ALERT_JSON, NULL);
		const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "alerts"), 0);
		assert_string_equal(get(first, "subject"), hostile[i].text);
		assert_string_equal(get(first, "text"), hostile[i].text);
		cJSON_Delete(json);
		json = write(&alerts, HSM_ALERT_SLACK, NULL);
		assert_string_equal(get(json, "text"), hsm_arena_format(&arena, "hsmctl %s: 1 rejected\n- %s: %s",
				    hostile[i].slack, hostile[i].slack, hostile[i].slack));
		/* Slack has no escape for emphasis: it is told that there is none. */
		assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "mrkdwn")));
		cJSON_Delete(json);
		json = write(&alerts, HSM_ALERT_TEAMS, NULL);
		assert_string_equal(get(get_block(json, 0), "text"),
				    hsm_arena_format(&arena, "hsmctl %s: 1 rejected", hostile[i].teams));
		assert_string_equal(get(get_block(json, 1), "text"),
				    hsm_arena_format(&arena, "\n- %s: %s", hostile[i].teams, hostile[i].teams));
		cJSON_Delete(json);
		hsm_arena_release(&arena);
	}
}

static void nothing_that_happened_is_a_message_too(void **state)
{
	(void)state;
	struct hsm_alerts alerts = { .environment = "prod" };
	for (size_t i = 0; i < FORMATS; i++)
		cJSON_Delete(write(&alerts, formats[i], NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_title_counts_the_most_urgent_first),
		cmocka_unit_test(every_kind_has_a_word_and_a_title),
		cmocka_unit_test(the_three_shapes_say_the_same),
		cmocka_unit_test(six_thousand_items_become_one_short_message),
		cmocka_unit_test(what_is_counted_and_not_named_is_told_too),
		cmocka_unit_test(texts_of_any_length_become_a_short_message),
		cmocka_unit_test(texts_from_outside_stay_texts),
		cmocka_unit_test(nothing_that_happened_is_a_message_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
