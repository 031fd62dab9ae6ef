/* Messages out of names: the array in its order, everything that is wrong at once, and what people read. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/delivery/message.h"
#include "reconciler/plan/plan.h"
#include "schema/json.h"
#include "tests/unit/loading.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char order[] =
	"name: order\ncategory: UTILITY\n"
	"parameters:\n"
	"  order_id: {default: ORD-1, max_length: 20}\n"
	"  customer: {default: Ana}\n"
	"  eta: {type: DATE, default: 2026-01-31}\n"
	"  price: {type: CURRENCY, default: 1 EUR, code: EUR, amount_1000: 1000}\n"
	"translations:\n"
	"  en_US:\n"
	"    header: \"Order {{order_id}}\"\n"
	"    body: \"Hi {{customer}}, {{order_id}} is {{price}} and comes {{eta}}, {{customer}}.\"\n"
	"    footer: \"Acme\"\n"
	"    buttons:\n"
	"      - reply: {id: YES, title: Yes}\n"
	"      - url: {title: See, url: \"https://example.com/{{order_id}}\"}\n"
	"      - url: {title: Pay, url: \"https://example.com/pay?who={{customer}}\"}\n";

struct fixture {
	struct loading loading;
	struct hsm_message content;
	struct hsm_form form;
	struct hsm_built_message message;
	struct hsm_error error;
};

/* The parameters as a registry has them. */
static const struct hsm_template *keep_inputs(struct fixture *fixture, const struct hsm_template *template,
					      const struct hsm_delivery_defaults *defaults)
{
	struct hsm_arena *arena = &fixture->loading.arena;
	struct hsm_template *kept = hsm_arena_allocate(arena, sizeof(*kept));
	const char *text = hsm_registry_write_inputs(arena, template, defaults);
	cJSON *json = NULL;
	if (!*text)
		return NULL;
	assert_int_equal(hsm_json_parse(&json, text, strlen(text), &fixture->error), 0);
	assert_int_equal(hsm_json_read(arena, json, &hsm_template_inputs_object, kept, &fixture->error), 0);
	cJSON_Delete(json);
	return kept;
}

/* The form of the only translation. delivery: NULL, or hsmctl.yaml's lines below "delivery:". */
static int make_form(struct fixture *fixture, const char *text, const char *delivery)
{
	struct loading *loading = &fixture->loading;
	const struct hsm_template *template = loading_template(loading, text);
	const struct hsm_config *config =
		delivery ? loading_config(loading, hsm_arena_format(&loading->arena,
								    "environments: {dev: {region: x}}\ndelivery: %s\n", delivery)) :
			   NULL;
	const char *language = HSM_LIST_ITEM(template->translations, struct hsm_translation, 0)->node.key.text;
	struct hsm_compiled compiled = loading_compile(loading, NULL, template, language);
	assert_int_equal(
		hsm_content_read(&loading->arena, compiled.content.json, &fixture->content.components, &fixture->error), 0);
	fixture->content.names = compiled.names;
	fixture->content.name_count = compiled.name_count;
	return hsm_form_make(&loading->arena, "order_v2", language, &fixture->content,
			     keep_inputs(fixture, template, config ? &config->delivery : &(struct hsm_delivery_defaults){ 0 }),
			     &hsm_conversation_way, &fixture->form, &fixture->error);
}

/* Builds from "name=value" up to NULL. */
static int build(struct fixture *fixture, const char *const *given)
{
	struct hsm_named_value values[16];
	size_t count = 0;
	for (; given[count]; count++) {
		const char *value = strchr(given[count], '=') + 1;
		values[count] = (struct hsm_named_value){
			hsm_arena_copy(&fixture->loading.arena, given[count], (size_t)(value - 1 - given[count])), value,
			strlen(value),
		};
	}
	return hsm_message_build(&fixture->loading.arena, &fixture->form, values, count, &fixture->message, &fixture->error);
}

#define BUILD(fixture, ...) build(fixture, (const char *const[]){ __VA_ARGS__, NULL })

/* "[ORD-1] [Ana] ..." */
static void assert_array(struct fixture *fixture, const char *wanted)
{
	struct hsm_buffer array = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < fixture->message.value_count; i++)
		hsm_buffer_append_format(&array, "%s[%s]", i ? " " : "", fixture->message.values[i].wire);
	const char *text = hsm_arena_copy_string(&fixture->loading.arena, hsm_buffer_text(&array));
	hsm_buffer_release(&array);
	assert_string_equal(text, wanted);
}

static void assert_problems(struct fixture *fixture, const char *wanted)
{
	struct hsm_buffer lines = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < fixture->message.problem_count; i++)
		hsm_buffer_append_format(&lines, "%s: %s\n", fixture->message.problems[i].name,
					 fixture->message.problems[i].message);
	const char *text = hsm_arena_copy_string(&fixture->loading.arena, hsm_buffer_text(&lines));
	hsm_buffer_release(&lines);
	assert_string_equal(text, wanted);
}

static void names_become_the_array_in_its_order(void **state)
{
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, order, NULL), 0);
	static const char *const slots[][2] = {
		{ "header", "order_id" }, { "body", "customer" }, { "body", "order_id" }, { "body", "price" },
		{ "body", "eta" },	  { "button 2", "order_id" }, { "button 3", "customer" },
	};
	assert_int_equal(fixture.form.slot_count, COUNT(slots));
	for (size_t i = 0; i < COUNT(slots); i++) {
		assert_string_equal(fixture.form.slots[i].component, slots[i][0]);
		assert_string_equal(fixture.form.slots[i].name, slots[i][1]);
	}
	assert_int_equal(BUILD(&fixture, "price=1234.5", "eta=2023-11-01", "order_id=A/1", "customer=Ana & Co"), 0);
	assert_array(&fixture, "[A/1] [Ana & Co] [A/1] [€1,234.50] [2023-11-01] [A%2F1] [Ana%20%26%20Co]");
	assert_string_equal(fixture.message.name, "order_v2");
	assert_string_equal(fixture.message.language, "en_US");
	assert_string_equal(fixture.message.values[3].code, "EUR");
	assert_int_equal(fixture.message.values[3].amount_1000, 1234500);
	assert_int_equal(fixture.message.change_count, 0);
	assert_string_equal(hsm_message_fill(&fixture.loading.arena, &fixture.message, fixture.form.header, 0), "Order A/1");
	assert_string_equal(hsm_message_fill(&fixture.loading.arena, &fixture.message, fixture.form.body, 1),
			    "Hi Ana & Co, A/1 is €1,234.50 and comes November 1, 2023, Ana & Co.");
	loading_release(&fixture.loading);
}

static void everything_that_is_wrong_is_told_at_once_by_its_name(void **state)
{
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, order, NULL), 0);
	assert_int_equal(BUILD(&fixture, "eta=secret-eta", "price=secret-price", "order_id=a secret that is too long",
			       "nick=secret-nick", "order_id=secret-id", "vip=secret-vip"),
			 HSM_ERROR_INVALID);
	assert_problems(&fixture,
			"order_id: the value has 25 characters: 20 at most\n"
			"customer: no value is given\n"
			"price: a CURRENCY is an amount and its ISO 4217 code, such as \"12.99 EUR\"\n"
			"eta: a DATE is a day as YYYY-MM-DD, such as 2026-03-31\n"
			"nick: the template has no such parameter\n"
			"order_id: a value is given more than once\n"
			"vip: the template has no such parameter\n");
	assert_string_equal(fixture.error.message,
			    "order_id: the value has 25 characters: 20 at most (the first of 7 problems)");
	assert_int_equal(BUILD(&fixture, "price=1", "eta=2023-11-01", "order_id=A", "customer=\n"), HSM_ERROR_INVALID);
	assert_string_equal(fixture.error.message, "customer: nothing of the value is left once it is sanitised");
	loading_release(&fixture.loading);
}

static void a_value_is_never_filled_in_again(void **state)
{
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, order, NULL), 0);
	assert_int_equal(BUILD(&fixture, "price=1", "eta=2023-11-01", "order_id={{2}}", "customer={{1}}{{order_id}}${x}"), 0);
	assert_array(&fixture, "[{{2}}] [{{1}}{{order_id}}${x}] [{{2}}] [€1.00] [2023-11-01] [%7B%7B2%7D%7D] "
			       "[%7B%7B1%7D%7D%7B%7Border_id%7D%7D%24%7Bx%7D]");
	assert_string_equal(
		hsm_message_fill(&fixture.loading.arena, &fixture.message, fixture.form.body, 1),
		"Hi {{1}}{{order_id}}${x}, {{2}} is €1.00 and comes November 1, 2023, {{1}}{{order_id}}${x}.");
	/* What is no placeholder of the message stays. */
	assert_string_equal(hsm_message_fill(&fixture.loading.arena, &fixture.message, "{{0}} {{8}} {{1} {{x}} {{7}}", 0),
			    "{{0}} {{8}} {{1} {{x}} {{1}}{{order_id}}${x}");
	loading_release(&fixture.loading);
}

static void values_of_a_url_are_percent_encoded_once(void **state)
{
	static const struct {
		const char *value, *wire;
	} cases[] = {
		{ "ORD-1_a.b~c", "ORD-1_a.b~c" },
		{ "a b", "a%20b" },
		{ "a%20b", "a%20b" },	/* is encoded already */
		{ "100%", "100%25" },
		{ "5%zz%4", "5%25zz%254" },
		{ "José", "Jos%C3%A9" },
		{ "日本", "%E6%97%A5%E6%9C%AC" },
		{ "../../admin?x=1&y#z", "..%2F..%2Fadmin%3Fx%3D1%26y%23z" },
		{ "@evil.example", "%40evil.example" },
		{ "🎉", "%F0%9F%8E%89" },
	};
	static const char text[] = "name: t\ncategory: UTILITY\nparameters: {a: {default: x}}\ntranslations:\n  en:\n"
				   "    body: Hello\n    buttons: [{url: {title: See, url: \"https://example.com/{{a}}\"}}]\n";
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture fixture = { 0 };
		assert_int_equal(make_form(&fixture, text, NULL), 0);
		struct hsm_named_value value = { "a", cases[i].value, strlen(cases[i].value) };
		assert_int_equal(hsm_message_build(&fixture.loading.arena, &fixture.form, &value, 1, &fixture.message,
						   &fixture.error), 0);
		assert_string_equal(fixture.message.values[0].wire, cases[i].wire);
		assert_string_equal(fixture.message.values[0].shown, cases[i].value);
		loading_release(&fixture.loading);
	}
	struct fixture fixture = { 0 };
	char large[4 * 100 + 1] = "";
	for (size_t i = 0; i < 100; i++)
		memcpy(large + 4 * i, "🎉", 4);
	struct hsm_named_value value = { "a", large, strlen(large) };
	assert_int_equal(make_form(&fixture, text, NULL), 0);
	assert_int_equal(hsm_message_build(&fixture.loading.arena, &fixture.form, &value, 1, &fixture.message,
					   &fixture.error), HSM_ERROR_INVALID);
	assert_problems(&fixture, "a: the value has 1200 characters once a URL can hold it: 1024 at most\n");
	loading_release(&fixture.loading);
}

/* A text of count characters, each of two bytes. */
static char *repeat(struct fixture *fixture, const char *name, size_t count)
{
	char *text = hsm_arena_allocate(&fixture->loading.arena, strlen(name) + 2 + 2 * count);
	strcpy(text, name);
	strcat(text, "=");
	for (size_t i = 0, at = strlen(text); i < count; i++, at += 2)
		memcpy(text + at, "é", 2);
	return text;
}

static void a_header_and_a_body_are_not_too_long_with_their_values(void **state)
{
	static const char text[] =
		"name: t\ncategory: UTILITY\nparameters: {a: {default: x}, b: {default: x}, c: {type: DATE, default: 2026-01-31}}\n"
		"translations:\n  en:\n    header: \"Order {{a}}\"\n    body: \"É {{b}} {{b}} on {{c}}.\"\n";
	/* "Order " has 6 characters; "É ", " ", " on " and "." have 8, "November 1, 2023" has 16 */
	static const struct {
		size_t a, b;
		const char *problems;
	} cases[] = {
		{ 54, 500, "" },
		{ 55, 500, "header: the header has 61 characters with its values: 60 at most\n" },
		{ 54, 501, "body: the body has 1026 characters with its values: 1024 at most\n" },
		{ 55, 501,
		  "header: the header has 61 characters with its values: 60 at most\n"
		  "body: the body has 1026 characters with its values: 1024 at most\n" },
		{ 0, 501, "a: the value is empty\nbody: the body has 1026 characters with its values: 1024 at most\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture fixture = { 0 };
		assert_int_equal(make_form(&fixture, text, NULL), 0);
		int status = BUILD(&fixture, repeat(&fixture, "a", cases[i].a), repeat(&fixture, "b", cases[i].b), "c=2023-11-01");
		assert_int_equal(status, *cases[i].problems ? HSM_ERROR_INVALID : 0);
		assert_problems(&fixture, cases[i].problems);
		loading_release(&fixture.loading);
	}
}

static const char ruled[] =
	"name: t\ncategory: UTILITY\nparameters:\n"
	"  a: {default: x, emoji: name}\n"
	"  b: {default: x}\n"
	"  c: {default: x, allowed: \"[a-z]\", max_length: 3, truncate: true}\n"
	"  d: {type: DATE, default: 2026-01-31}\n"
	"translations:\n  en:\n    body: \"So {{a}} and {{b}} and {{c}} and {{d}}.\"\n";

static void values_are_sanitised_by_their_parameter_s_rules_or_the_repository_s(void **state)
{
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, ruled, "{emoji: strip, allowed: '[\\p{L} ]'}"), 0);
	assert_int_equal(BUILD(&fixture, "a=🎉", "b=é🎉\tx", "c=abcdef", "d=2023-11-01"), 0);
	assert_array(&fixture, "[party popper] [é x] [abc] [2023-11-01]");
	static const struct hsm_value_change changes[] = {
		{ "a", { HSM_SANITIZE_REPLACED, 1, 0x1f389 } },
		{ "b", { HSM_SANITIZE_REPLACED, 3, '\t' } },
		{ "b", { HSM_SANITIZE_REMOVED, 2, 0x1f389 } },
		{ "c", { HSM_SANITIZE_TRUNCATED, 4, 0 } },
	};
	assert_int_equal(fixture.message.change_count, COUNT(changes));
	for (size_t i = 0; i < COUNT(changes); i++) {
		assert_string_equal(fixture.message.changes[i].name, changes[i].name);
		assert_int_equal(fixture.message.changes[i].note.action, changes[i].note.action);
		assert_int_equal(fixture.message.changes[i].note.position, changes[i].note.position);
		assert_int_equal(fixture.message.changes[i].note.code_point, changes[i].note.code_point);
	}
	assert_int_equal(BUILD(&fixture, "a=1", "b=b", "c=X", "d=2023-11-01"), HSM_ERROR_INVALID);
	assert_problems(&fixture, "a: the value has 1 character that is not allowed, the first U+0031 at 1\n"
				  "c: the value has 1 character that is not allowed, the first U+0058 at 1\n");
	loading_release(&fixture.loading);
	fixture = (struct fixture){ 0 };
	assert_int_equal(make_form(&fixture, ruled, NULL), 0);
	assert_int_equal(BUILD(&fixture, "a=1", "b=🎉", "c=x", "d=2023-11-01"), 0);
	assert_array(&fixture, "[1] [🎉] [x] [2023-11-01]");
	loading_release(&fixture.loading);
}

static void an_expression_is_compiled_once_and_a_wrong_one_refused(void **state)
{
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, ruled, "{allowed: '[\\p{L} ]'}"), 0);
	assert_ptr_equal(fixture.form.slots[0].rules.allowed, fixture.form.slots[1].rules.allowed);
	assert_ptr_not_equal(fixture.form.slots[1].rules.allowed, fixture.form.slots[2].rules.allowed);
	assert_null(fixture.form.slots[3].rules.allowed);
	loading_release(&fixture.loading);
	fixture = (struct fixture){ 0 };
	assert_int_equal(make_form(&fixture, ruled, "{allowed: '[a'}"), HSM_ERROR_INVALID);
	assert_string_equal(fixture.error.message, "what parameter 'a' allows is: not a regular expression: missing "
						   "terminating ] for character class after 2 bytes");
	loading_release(&fixture.loading);
}

static void what_is_not_known_of_a_version_blocks_it(void **state)
{
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, order, NULL), 0);
	struct hsm_message content = fixture.content;
	content.name_count = 6;
	assert_int_equal(hsm_form_make(&fixture.loading.arena, "order_v1", "en_US", &content, NULL,
				       &hsm_conversation_way, &fixture.form, &fixture.error), HSM_ERROR_BLOCKED);
	assert_string_equal(fixture.error.message,
			    "no commit tells the name of parameter 1 of the button 3: its content was never in git");
	content.names = NULL;
	assert_int_equal(hsm_form_make(&fixture.loading.arena, "order_v1", "en_US", &content, NULL,
				       &hsm_conversation_way, &fixture.form, &fixture.error), HSM_ERROR_BLOCKED);
	const struct hsm_wire_component *body = hsm_content_find(&fixture.content.components, "BODY");
	HSM_LIST_ITEM(body->parameters, struct hsm_wire_parameter, 0)->type.text = "PLACE";
	assert_int_equal(hsm_form_make(&fixture.loading.arena, "order_v1", "en_US", &fixture.content, NULL,
				       &hsm_conversation_way, &fixture.form, &fixture.error), HSM_ERROR_BLOCKED);
	assert_string_equal(fixture.error.message, "parameter 1 of the body is a 'PLACE', which is not known here");
	loading_release(&fixture.loading);
}

static void a_version_without_a_file_is_built_without_its_rules(void **state)
{
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, order, NULL), 0);
	assert_int_equal(hsm_form_make(&fixture.loading.arena, "order_v1", "en_US", &fixture.content, NULL,
				       &hsm_conversation_way, &fixture.form, &fixture.error), 0);
	assert_int_equal(fixture.form.slots[0].rules.max_length, 0);
	assert_int_equal(BUILD(&fixture, "price=1", "eta=2023-11-01", "order_id=longer than twenty characters",
			       "customer=Ana"), 0);
	loading_release(&fixture.loading);
}

static void a_message_without_parameters_takes_no_values(void **state)
{
	static const char text[] = "name: t\ncategory: UTILITY\ntranslations: {en: {body: Hello}}\n";
	struct fixture fixture = { 0 };
	(void)state;
	assert_int_equal(make_form(&fixture, text, NULL), 0);
	assert_int_equal(hsm_message_build(&fixture.loading.arena, &fixture.form, NULL, 0, &fixture.message, &fixture.error),
			 0);
	assert_int_equal(fixture.message.value_count, 0);
	assert_int_equal(BUILD(&fixture, "a=1"), HSM_ERROR_INVALID);
	assert_problems(&fixture, "a: the template has no such parameter\n");
	loading_release(&fixture.loading);
}

static void phone_numbers_are_e_164(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "+34600111222", true },      { "+1234567", true },	   { "+123456789012345", true },
		{ "+123456", false },	       { "+1234567890123456", false }, { "34600111222", false },
		{ "+04600111222", false },     { "0034600111222", false }, { "+34 600 111 222", false },
		{ "+34-600-111-222", false },  { "+(34)600111222", false }, { "+34600111222 ", false },
		{ " +34600111222", false },    { "++34600111222", false }, { "+34600111222x", false },
		{ "+34600111222\n", false },   { "", false },		   { "+", false },
		{ "+３４６００１１１２２２", false }, { "\xe2\x80\xaa+34600111222", false }, { "+3460011122٢", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (hsm_phone_number_is_valid(cases[i].text) != cases[i].valid)
			fail_msg("%s", cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_the_array_in_its_order),
		cmocka_unit_test(everything_that_is_wrong_is_told_at_once_by_its_name),
		cmocka_unit_test(a_value_is_never_filled_in_again),
		cmocka_unit_test(values_of_a_url_are_percent_encoded_once),
		cmocka_unit_test(a_header_and_a_body_are_not_too_long_with_their_values),
		cmocka_unit_test(values_are_sanitised_by_their_parameter_s_rules_or_the_repository_s),
		cmocka_unit_test(an_expression_is_compiled_once_and_a_wrong_one_refused),
		cmocka_unit_test(what_is_not_known_of_a_version_blocks_it),
		cmocka_unit_test(a_version_without_a_file_is_built_without_its_rules),
		cmocka_unit_test(a_message_without_parameters_takes_no_values),
		cmocka_unit_test(phone_numbers_are_e_164),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
