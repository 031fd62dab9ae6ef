/* Canned responses: what a template comes to, and what counts as the same. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schema/canned.h"
#include "tests/unit/loading.h"

static struct hsm_message read_message(struct hsm_arena *arena, const char *components)
{
	struct hsm_message message = { 0 };
	struct hsm_list list = { 0 };
	struct hsm_error error;
	if (hsm_content_read(arena, components, &list, &error))
		fail_msg("%s", error.message);
	struct hsm_content content = hsm_content_make(arena, &list);
	if (hsm_content_read(arena, content.json, &message.components, &error))
		fail_msg("%s", error.message);
	return message;
}

#define PARAMETER(sample) "{\"type\":\"TEXT\",\"text\":{\"default\":\"" sample "\"}}"
#define NAMED(name, sample) "{\"name\":\"" name "\",\"type\":\"TEXT\",\"text\":{\"default\":\"" sample "\"}}"
#define BODY "{\"type\":\"BODY\",\"text\":\"Hi {{1}}, {{2}}.\",\"parameters\":[" PARAMETER("Ana") "," PARAMETER("A-1") "]}"

static const char *make(struct hsm_arena *arena, const char *components, const char *const *names, size_t count)
{
	struct hsm_message message = read_message(arena, components);
	struct hsm_canned canned;
	message.names = names;
	message.name_count = count;
	const char *problem = hsm_canned_make(arena, "order_v1", "en_US", &message, &canned);
	if (problem)
		return hsm_arena_format(arena, "problem: %s", problem);
	hsm_canned_read_content(arena, &canned);
	return hsm_canned_write(arena, &canned);
}

static void a_parameter_is_the_place_in_the_senders_array(void **state)
{
	static const char *const names[] = { "order", "customer", "order", "order" };
	struct hsm_arena arena = { 0 };
	(void)state;
	assert_string_equal(
		make(&arena,
		     "[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"Order {{1}}\",\"parameters\":[" PARAMETER("A-1") "]}," BODY
		     ",{\"type\":\"FOOTER\",\"text\":\"Bye\"},{\"type\":\"BUTTONS\",\"buttons\":["
		     "{\"type\":\"URL\",\"url\":{\"title\":\"See\",\"url\":\"https://x.test/{{1}}\",\"parameters\":[" PARAMETER("A-1") "]}},"
		     "{\"type\":\"REPLY\",\"reply\":{\"id\":\"STOP\",\"title\":\"Stop\"}},"
		     "{\"type\":\"PHONE_NUMBER\",\"phone_number\":{\"title\":\"Call\",\"phone_number\":\"+15550100\"}}]}]",
		     names, 4),
		"{\"name\":\"order_v1 en_US\","
		"\"texts\":[{\"content\":\"Hi {{2}}, {{3}}.\",\"contentType\":\"text/plain\",\"type\":\"body\"}],"
		"\"substitutions\":[{\"id\":\"1\",\"description\":\"order\",\"defaultValue\":\"A-1\"},"
		"{\"id\":\"2\",\"description\":\"customer\",\"defaultValue\":\"Ana\"},"
		"{\"id\":\"3\",\"description\":\"order\",\"defaultValue\":\"A-1\"},"
		"{\"id\":\"4\",\"description\":\"order\",\"defaultValue\":\"A-1\"}],"
		"\"responseType\":\"MessagingTemplate\",\"messagingTemplate\":{\"whatsApp\":{\"name\":\"order_v1\",\"language\":\"en_US\","
		"\"header\":{\"type\":\"Text\",\"content\":\"Order {{1}}\"},\"messageFooter\":{\"type\":\"Text\",\"content\":\"Bye\"},"
		"\"buttons\":[{\"type\":\"Url\",\"content\":\"https://x.test/{{4}}\",\"contentText\":\"See\"},"
		"{\"type\":\"QuickReply\",\"contentText\":\"Stop\"},"
		"{\"type\":\"PhoneNumber\",\"content\":\"+15550100\",\"contentText\":\"Call\"}]}}}");
	hsm_arena_release(&arena);
}

static void a_named_one_is_its_name_wherever_it_stands(void **state)
{
	struct hsm_arena arena = { 0 };
	(void)state;
	assert_string_equal(
		make(&arena,
		     "[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"Order {{1}}\",\"parameters\":[" NAMED("order", "A-1") "]},"
		     "{\"type\":\"BODY\",\"text\":\"Hi {{1}}, {{2}}.\",\"parameters\":[" NAMED("order", "A-1") "," NAMED("eta", "Monday") "]}]",
		     NULL, 0),
		"{\"name\":\"order_v1 en_US\","
		"\"texts\":[{\"content\":\"Hi {{order}}, {{eta}}.\",\"contentType\":\"text/plain\",\"type\":\"body\"}],"
		"\"substitutions\":[{\"id\":\"eta\",\"defaultValue\":\"Monday\"},{\"id\":\"order\",\"defaultValue\":\"A-1\"}],"
		"\"responseType\":\"MessagingTemplate\",\"messagingTemplate\":{\"whatsApp\":{\"name\":\"order_v1\",\"language\":\"en_US\","
		"\"header\":{\"type\":\"Text\",\"content\":\"Order {{order}}\"}}}}");
	hsm_arena_release(&arena);
}

static void what_a_response_cannot_hold_is_said(void **state)
{
	static const struct {
		const char *components, *expected;
	} cases[] = {
		{ "[{\"type\":\"HEADER\",\"format\":\"IMAGE\"}," BODY "]", "{\"name\"" },
		{ "[{\"type\":\"HEADER\",\"format\":\"LOCATION\"}," BODY "]", "problem: a header of LOCATION" },
		{ "[" BODY ",{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"COPY_CODE\",\"copy_code\":{\"example\":\"X\"}}]}]",
		  "problem: a button of COPY_CODE" },
		{ "[" BODY ",{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"CATALOG\",\"plain\":{\"title\":\"X\"}}]}]",
		  "problem: a button of CATALOG" },
		{ "[{\"type\":\"BODY\",\"security_recommendation\":true}]", "problem: a text that Meta writes" },
		{ "[" BODY ",{\"type\":\"CAROUSEL\",\"cards\":[{\"components\":[" BODY "]}]}]", "problem: a component CAROUSEL" },
		{ "[{\"type\":\"UNREADABLE\",\"text\":\"what\"}]", "problem: a component UNREADABLE" },
		{ "[{\"type\":\"FOOTER\",\"text\":\"Bye\"}]", "problem: no text" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hsm_arena arena = { 0 };
		const char *made = make(&arena, cases[i].components, NULL, 0);
		if (strncmp(made, cases[i].expected, strlen(cases[i].expected)) != 0)
			fail_msg("%s: %s, not %s", cases[i].components, made, cases[i].expected);
		hsm_arena_release(&arena);
	}
}

static struct hsm_canned_content read_content(struct hsm_arena *arena, const char *json)
{
	struct hsm_canned canned;
	struct hsm_error error;
	if (hsm_canned_read(arena, json, &canned, &error))
		fail_msg("%s: %s", json, error.message);
	return hsm_canned_read_content(arena, &canned);
}

#define WHATSAPP(more) "\"messagingTemplate\":{\"whatsApp\":{\"name\":\"o_v1\",\"language\":\"en\"" more "}}"
#define RESPONSE(texts, substitutions, more) \
	"{\"name\":\"r\",\"texts\":[" texts "],\"substitutions\":[" substitutions "]," WHATSAPP(more) "}"
#define TEXT "{\"content\":\"Hi {{1}}\"}"
#define ONE "{\"id\":\"1\",\"defaultValue\":\"x\"}"
#define TWO "{\"id\":\"2\",\"defaultValue\":\"y\"}"
#define BUTTON "{\"type\":\"Url\",\"content\":\"https://x.test\",\"contentText\":\"See\"}"

enum how { SAME, CHANGEABLE, ANOTHER };

/* Each beside RESPONSE(TEXT, ONE "," TWO, buttons and footer). */
static void only_what_readers_and_senders_see_is_a_difference(void **state)
{
	static const char base[] = RESPONSE(TEXT, ONE "," TWO, ",\"buttons\":[" BUTTON "],\"messageFooter\":{\"content\":\"Bye\"}");
	static const struct {
		const char *json;
		enum how how;
	} cases[] = {
		{ base, SAME },
		{ RESPONSE("{\"content\":\"Hi {{1}}\\r\\n\",\"contentType\":\"text/plain\",\"type\":\"body\"}", TWO "," ONE,
			   ",\"namespace\":\"x\",\"templateStatus\":\"APPROVED\",\"buttons\":[" BUTTON "],"
			   "\"header\":null,\"messageFooter\":{\"type\":\"text\",\"content\":\"Bye\\n\"}"), SAME },
		{ RESPONSE(TEXT, "{\"id\":\"1\",\"description\":\"customer\",\"defaultValue\":\"x\"}," TWO,
			   ",\"header\":{\"type\":\"Text\",\"content\":\"\"},\"buttons\":[{\"type\":\"URL\",\"content\":\"https://x.test\","
			   "\"contentText\":\"See\",\"payload\":\"p\"}],\"messageFooter\":{\"content\":\"Bye\"}"), SAME },
		{ RESPONSE("{\"content\":\"Hello {{1}}\"}", ONE "," TWO, ",\"buttons\":[" BUTTON "],\"messageFooter\":{\"content\":\"Bye\"}"),
		  CHANGEABLE },
		{ RESPONSE("{\"content\":\"Hi {{1}}\",\"contentType\":\"text/html\"}", ONE "," TWO,
			   ",\"buttons\":[" BUTTON "],\"messageFooter\":{\"content\":\"Bye\"}"), CHANGEABLE },
		{ RESPONSE(TEXT, ONE, ",\"buttons\":[" BUTTON "],\"messageFooter\":{\"content\":\"Bye\"}"), ANOTHER },
		{ RESPONSE(TEXT, "{\"id\":\"1\",\"defaultValue\":\"z\"}," TWO,
			   ",\"buttons\":[" BUTTON "],\"messageFooter\":{\"content\":\"Bye\"}"), ANOTHER },
		{ RESPONSE(TEXT, ONE "," TWO, ",\"buttons\":[" BUTTON "," BUTTON "],\"messageFooter\":{\"content\":\"Bye\"}"), ANOTHER },
		{ RESPONSE(TEXT, ONE "," TWO, ",\"messageFooter\":{\"content\":\"Bye\"}"), ANOTHER },
		{ RESPONSE(TEXT, ONE "," TWO, ",\"buttons\":[" BUTTON "]"), ANOTHER },
		{ RESPONSE(TEXT, ONE "," TWO, ",\"header\":{\"type\":\"Image\"},\"buttons\":[" BUTTON "],\"messageFooter\":{\"content\":\"Bye\"}"),
		  ANOTHER },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_canned_content a = read_content(&arena, base), b = read_content(&arena, cases[i].json);
		enum how how = hsm_canned_is_another(&a, &b) ? ANOTHER : hsm_canned_equals(&a, &b) ? SAME : CHANGEABLE;
		if (how != cases[i].how)
			fail_msg("case %zu: %d, not %d", i, (int)how, (int)cases[i].how);
		assert_int_equal(strcmp(hsm_canned_fingerprint(&arena, &a), hsm_canned_fingerprint(&arena, &b)) == 0, how == SAME);
		hsm_arena_release(&arena);
	}
}

static void a_headers_file_is_each_senders(void **state)
{
	struct hsm_arena arena = { 0 };
	struct hsm_canned_content a = read_content(&arena, RESPONSE(TEXT, ONE, ",\"header\":{\"type\":\"Image\"}"));
	struct hsm_canned_content b =
		read_content(&arena, RESPONSE(TEXT, ONE, ",\"header\":{\"type\":\"image\",\"content\":\"https://x.test/a.png\"}"));
	(void)state;
	assert_true(hsm_canned_equals(&a, &b));
	hsm_arena_release(&arena);
}

static void what_is_written_is_read_back(void **state)
{
	struct hsm_arena arena = { 0 };
	struct hsm_message message = read_message(&arena, "[" BODY ",{\"type\":\"FOOTER\",\"text\":\"a\\r\\nb\"}]");
	struct hsm_canned made;
	(void)state;
	assert_null(hsm_canned_make(&arena, "order_v1", "en_US", &message, &made));
	struct hsm_canned_content a = hsm_canned_read_content(&arena, &made);
	struct hsm_canned_content b = read_content(&arena, hsm_canned_write(&arena, &made));
	assert_true(hsm_canned_equals(&a, &b));
	hsm_arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parameter_is_the_place_in_the_senders_array),
		cmocka_unit_test(a_named_one_is_its_name_wherever_it_stands),
		cmocka_unit_test(what_a_response_cannot_hold_is_said),
		cmocka_unit_test(only_what_readers_and_senders_see_is_a_difference),
		cmocka_unit_test(a_headers_file_is_each_senders),
		cmocka_unit_test(what_is_written_is_read_back),
	};
	return cmocka_run_group_tests_name("canned responses", tests, NULL, NULL);
}
