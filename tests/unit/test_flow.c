/*
 * Architect flows from templates, against tests/golden/flow. HSM_GOLDEN=write writes the
 * file anew: look at the difference before it is committed. What a flow does when it is
 * run stands in tests/e2e/test_flow.sh.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/flow/collect.h"
#include "reconciler/flow/construct.h"
#include "reconciler/flow/expression.h"
#include "reconciler/flow/flow.h"
#include "tests/unit/planning.h"

static const char confirmation[] =
	"name: order_confirmation\ncategory: UTILITY\n"
	"parameters:\n  order_id: {default: ORD-1}\n  customer: {default: Ana}\n"
	"translations:\n"
	"  en_US:\n    header: \"Order #{{order_id}}\"\n    body: \"Hi {{customer}}, \\\"{{order_id}}\\\" is confirmed.\"\n"
	"    footer: Reply STOP to opt-out.\n"
	"  es: {body: \"Hola {{customer}}, su pedido {{order_id}} está confirmado.\"}\n"
	"fallback: [{channel: sms, text: Your order is confirmed.}]\n";
static const char menu[] = "name: support_menu\ncategory: UTILITY\n"
			   "translations:\n"
			   "  en_US:\n    body: How can we help?\n    buttons:\n"
			   "      - reply: {id: ORDER, title: My order}\n"
			   "      - reply: {id: AGENT, title: An agent}\n"
			   "      - reply: {id: NOTHING, title: No thanks}\n"
			   "routes: {ORDER: \"flow:order_lookup\", AGENT: \"Agents, general\", NOTHING: none}\n";
static const char second_menu[] = "name: second_menu\ncategory: UTILITY\n"
				  "translations:\n"
				  "  en_US:\n    body: What else?\n    buttons: [{reply: {id: AGENT, title: An agent}}]\n"
				  "routes: {AGENT: other_queue}\n";
static const char media[] = "name: photo\ncategory: UTILITY\n"
			    "translations:\n"
			    "  en_US: {header: {image: \"https://example.com/a.png\"}, body: Look at this.}\n"
			    "  es_ES: {body: Mire esto.}\n";

#define TEMPLATES_MAX 2000

struct flow {
	struct planning planning;
	const struct hsm_desired_template *templates[TEMPLATES_MAX];
	size_t count;
	struct hsm_flow_options options;
	struct hsm_buffer text;
	struct hsm_error error;
};

static void start(struct flow *flow, const char *const *texts)
{
	*flow = (struct flow){
		.text = HSM_BUFFER_INIT(HSM_BUFFER_CAP),
		.options = { .name = HSM_FLOW_NAME_DEFAULT, .queue = HSM_FLOW_QUEUE_DEFAULT,
			     .templates = { HSM_FLOW_TABLE_DEFAULT, 1 }, .routes = { HSM_FLOW_ROUTES_TABLE_DEFAULT, 1 } },
	};
	const char *none[] = { NULL };
	planning_start(&flow->planning, NULL, texts, none, "");
	for (size_t i = 0; i < flow->planning.desired.count; i++)
		flow->templates[flow->count++] = &flow->planning.desired.templates[i];
}

static int make_text(struct flow *flow)
{
	hsm_buffer_clear(&flow->text);
	return hsm_flow_append(flow->templates, flow->count, &flow->options, &flow->text, &flow->error);
}

static void stop(struct flow *flow)
{
	hsm_buffer_release(&flow->text);
	planning_release(&flow->planning);
}

static void compare_golden(const char *path, const struct hsm_buffer *buffer)
{
	const char *mode = getenv("HSM_GOLDEN");
	if (mode && strcmp(mode, "write") == 0) {
		FILE *file = fopen(path, "w");
		assert_true(file && fwrite(buffer->data, 1, buffer->length, file) == buffer->length && fclose(file) == 0);
	}
	FILE *file = fopen(path, "r");
	if (!file)
		fail_msg("no %s", path);
	char *text = malloc(buffer->length + 2);
	size_t length = fread(text, 1, buffer->length + 1, file);
	fclose(file);
	if (length != buffer->length || memcmp(text, buffer->data, length) != 0)
		fail_msg("%s is not what is written:\n%s", path, buffer->data);
	free(text);
}

static void a_flow_is_what_people_review(void **state)
{
	(void)state;
	const char *texts[] = { confirmation, menu, NULL };
	struct flow flow;
	start(&flow, texts);
	assert_int_equal(make_text(&flow), 0);
	compare_golden("tests/golden/flow/flow.yaml", &flow.text);
	char *first = strdup(flow.text.data);
	assert_int_equal(make_text(&flow), 0);
	assert_string_equal(flow.text.data, first);
	free(first);
	stop(&flow);
}

static void literals_hold_whatever_stands_in_them(void **state)
{
	(void)state;
	static const struct {
		const char *text, *literal;
	} rows[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "\"", "\"\\\"\"" },
		{ "\\", "\"\\\\\"" },
		{ "\\\"", "\"\\\\\\\"\"" },
		{ "a\"+State.Payload+\"b", "\"a\\\"+State.Payload+\\\"b\"" },
		{ "a\nb\r\tc", "\"a\\nb\\r\\tc\"" },
		{ "\xf0\x9f\x98\x80 ñ", "\"\xf0\x9f\x98\x80 ñ\"" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_expression_append_literal(&buffer, rows[i].text);
		assert_string_equal(hsm_buffer_text(&buffer), rows[i].literal);
		hsm_buffer_release(&buffer);
	}
}

static void messages_have_variables_for_parameters(void **state)
{
	(void)state;
	static const struct {
		const char *header, *body, *footer, *expression;
	} rows[] = {
		{ NULL, "No parameter.", NULL, "\"No parameter.\"" },
		{ NULL, "{{1}}", NULL, "S.b" },
		{ NULL, "{{1}}{{1}} {{2}}", NULL, "Append(S.b, S.b, \" \", S.c)" },
		{ "A {{1}}", "B {{1}}", "C", "Append(\"A \", S.a, \"\\nB \", S.b, \"\\nC\")" },
		{ NULL, "{{{1}}} {{9}} {{", NULL, "Append(\"{\", S.b, \"} {{9}} {{\")" },
		{ NULL, "a\"{{1}}\"b", "{{1}}", "Append(\"a\\\"\", S.b, \"\\\"b\\n{{1}}\")" },
	};
	static const char *const names[] = { "a", "b", "c" };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hsm_wire_parameter parameters[2] = { { .type.text = "TEXT" }, { .type.text = "TEXT" } };
		struct hsm_wire_component components[3], *next = components;
		size_t header = rows[i].header ? 0 : 1;
		struct hsm_list one = { .items = parameters, .count = 1, .present = true }, two = one;
		two.count = 2;
		if (rows[i].header)
			*next++ = (struct hsm_wire_component){ .type.text = "HEADER", .text.text = rows[i].header, .parameters = one };
		*next++ = (struct hsm_wire_component){ .type.text = "BODY", .text.text = rows[i].body, .parameters = two };
		if (rows[i].footer)
			*next++ = (struct hsm_wire_component){ .type.text = "FOOTER", .text.text = rows[i].footer };
		struct hsm_message message = { .names = names + header, .name_count = 3 - header,
					       .components = { .items = components, .count = (size_t)(next - components), .present = true } };
		struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_expression_append_message(&buffer, &message, "S.");
		assert_string_equal(hsm_buffer_text(&buffer), rows[i].expression);
		hsm_buffer_release(&buffer);
	}
}

static void languages_fall_back_as_the_controller_does(void **state)
{
	(void)state;
	static const struct {
		const char *languages[4];
		const char *other, *expression;
	} rows[] = {
		{ { "en_US" }, "en_US", "If(Contains(\"|en_US|\", Append(\"|\", L, \"|\")), L, \"en_US\")" },
		{ { "en_US", "es", "fil", "pt_BR" }, "pt_BR",
		  "If(Contains(\"|en_US|es|fil|pt_BR|\", Append(\"|\", L, \"|\")), L, If(Contains(L, \"es_\"), \"es\", "
		  "If(Contains(L, \"fil_\"), \"fil\", \"pt_BR\")))" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		size_t count = 0;
		while (count < 4 && rows[i].languages[count])
			count++;
		hsm_expression_append_language(&buffer, "L", rows[i].languages, count, rows[i].other);
		assert_string_equal(hsm_buffer_text(&buffer), rows[i].expression);
		hsm_buffer_release(&buffer);
	}
}

static void the_default_language_is_the_controllers_where_a_template_has_it(void **state)
{
	(void)state;
	const char *texts[] = { confirmation, menu, NULL };
	struct hsm_flow_material material;
	struct flow flow;
	start(&flow, texts);
	flow.options.language = "es";
	assert_int_equal(hsm_flow_collect(&flow.planning.loading.arena, flow.templates, flow.count, &flow.options, &material,
					  &flow.error), 0);
	assert_string_equal(material.templates[0].other, "es");
	assert_string_equal(material.templates[1].other, "en_US");
	stop(&flow);
}

static void only_a_text_is_sent_as_a_message(void **state)
{
	(void)state;
	const char *texts[] = { confirmation, media, menu, NULL };
	static const bool is_text[][2] = { { true, true }, { false, true }, { false } };
	struct hsm_flow_material material;
	struct flow flow;
	start(&flow, texts);
	assert_int_equal(hsm_flow_collect(&flow.planning.loading.arena, flow.templates, flow.count, &flow.options, &material,
					  &flow.error), 0);
	assert_int_equal(material.template_count, 3);
	for (size_t i = 0; i < material.template_count; i++)
		for (size_t j = 0; j < material.templates[i].count; j++)
			assert_int_equal(material.templates[i].translations[j].is_text, is_text[i][j]);
	stop(&flow);
}

static void targets_are_queues_flows_or_none(void **state)
{
	(void)state;
	const char *texts[] = { menu, NULL };
	static const struct {
		const char *payload, *name;
		enum hsm_flow_target kind;
	} rows[] = { { "AGENT", "Agents, general", HSM_FLOW_TO_QUEUE },
		     { "NOTHING", "none", HSM_FLOW_TO_NOTHING },
		     { "ORDER", "order_lookup", HSM_FLOW_TO_FLOW } };
	struct hsm_flow_material material;
	struct flow flow;
	start(&flow, texts);
	assert_int_equal(hsm_flow_collect(&flow.planning.loading.arena, flow.templates, flow.count, &flow.options, &material,
					  &flow.error), 0);
	assert_int_equal(material.route_count, 3);
	for (size_t i = 0; i < material.route_count; i++) {
		assert_string_equal(material.routes[i].payload, rows[i].payload);
		assert_string_equal(material.routes[i].name, rows[i].name);
		assert_int_equal(material.routes[i].kind, rows[i].kind);
	}
	stop(&flow);
}

static void a_button_that_leads_to_two_targets_is_an_error(void **state)
{
	(void)state;
	const char *texts[] = { menu, second_menu, NULL };
	struct flow flow;
	start(&flow, texts);
	assert_int_equal(make_text(&flow), HSM_ERROR_INVALID);
	assert_string_equal(flow.error.message,
			    "button 'AGENT' leads to 'other_queue' in second_menu and to 'Agents, general' in support_menu, and "
			    "a flow sees the button alone: give one of them another id");
	assert_int_equal(flow.text.length, 0);
	stop(&flow);
}

/* A flow compares what is sent; a route that is left for a button of old lasts. */
static void buttons_with_data_are_told_by_what_they_send(void **state)
{
	(void)state;
	const char *texts[] = { "name: steps\ncategory: UTILITY\ntranslations:\n"
				"  en_US:\n    body: Which step?\n    buttons:\n"
				"      - reply: {id: STEP, data: {step: \"1\"}, title: First}\n"
				"      - reply: {id: STEP, data: {step: \"2\"}, title: Second}\n"
				"routes: {STEP: steps_queue, GONE: \"flow:old\"}\n", NULL };
	struct hsm_flow_material material;
	struct flow flow;
	start(&flow, texts);
	assert_int_equal(hsm_flow_collect(&flow.planning.loading.arena, flow.templates, flow.count, &flow.options, &material,
					  &flow.error), 0);
	assert_int_equal(material.route_count, 4);
	assert_string_equal(material.routes[0].payload, "GONE");
	assert_string_equal(material.routes[0].name, "old");
	assert_string_equal(material.routes[1].payload, "STEP");
	for (size_t i = 2; i < material.route_count; i++) {
		assert_memory_equal(material.routes[i].payload, "T1_", 3);
		assert_string_equal(material.routes[i].name, "steps_queue");
	}
	stop(&flow);
}

static size_t count(const char *text, const char *what)
{
	size_t found = 0;
	for (; (text = strstr(text, what)); text++)
		found++;
	return found;
}

static void many_cases_are_switches_in_switches(void **state)
{
	(void)state;
	const char *texts[] = { media, NULL };
	struct flow flow;
	start(&flow, texts);
	while (flow.count < HSM_FLOW_SWITCH_MAX)
		flow.templates[flow.count++] = flow.templates[0];
	assert_int_equal(make_text(&flow), 0);
	assert_int_equal(count(flow.text.data, "Which template?"), 1);
	flow.templates[flow.count++] = flow.templates[0];
	assert_int_equal(make_text(&flow), 0);
	assert_int_equal(count(flow.text.data, "Which template?"), 2);
	assert_int_equal(count(flow.text.data, "State.Template == "), HSM_FLOW_SWITCH_MAX + 1);
	while (flow.count <= HSM_FLOW_CASES_MAX)
		flow.templates[flow.count++] = flow.templates[0];
	assert_int_equal(make_text(&flow), HSM_ERROR_FAILED);
	assert_non_null(strstr(flow.error.message, "a flow of 1009 templates: it takes at most 1008"));
	stop(&flow);
}

static void nothing_is_left_for_a_deployment_to_replace(void **state)
{
	(void)state;
	const char *texts[] = { menu, NULL };
	struct flow flow;
	start(&flow, texts);
	flow.options.queue = "{{{a}}}\n- \"b\"";
	flow.options.name = "\\{{name}}";
	assert_int_equal(make_text(&flow), 0);
	assert_null(strstr(flow.text.data, "{{"));
	assert_non_null(strstr(flow.text.data, "  name: \"\\\\\\u007b{name}}\"\n"));
	assert_non_null(strstr(flow.text.data, "name: \"\\u007b\\u007b{a}}}\\n- \\\"b\\\"\"\n"));
	stop(&flow);
}

static void the_emitter_writes_lists_of_all_kinds(void **state)
{
	(void)state;
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_yaml_writer writer = { .buffer = &buffer };
	hsm_yaml_begin(&writer, "list");
	hsm_yaml_write_text(&writer, NULL, "plain");
	hsm_yaml_write_text(&writer, NULL, "no");
	hsm_yaml_write_integer(&writer, NULL, -1);
	hsm_yaml_begin_item(&writer);
	hsm_yaml_begin(&writer, "a b");
	hsm_yaml_write_boolean(&writer, "c", true);
	hsm_yaml_end(&writer);
	hsm_yaml_write_text(&writer, "d", "x: y\xe2\x80\xa8z");
	hsm_yaml_end_item(&writer);
	hsm_yaml_end(&writer);
	hsm_yaml_write_boolean(&writer, "end", false);
	assert_string_equal(hsm_buffer_text(&buffer), "list:\n  - plain\n  - \"no\"\n  - -1\n  - \"a b\":\n      c: true\n"
						      "    d: \"x: y\\u2028z\"\nend: false\n");
	hsm_buffer_release(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_what_people_review),
		cmocka_unit_test(literals_hold_whatever_stands_in_them),
		cmocka_unit_test(messages_have_variables_for_parameters),
		cmocka_unit_test(languages_fall_back_as_the_controller_does),
		cmocka_unit_test(the_default_language_is_the_controllers_where_a_template_has_it),
		cmocka_unit_test(only_a_text_is_sent_as_a_message),
		cmocka_unit_test(targets_are_queues_flows_or_none),
		cmocka_unit_test(a_button_that_leads_to_two_targets_is_an_error),
		cmocka_unit_test(buttons_with_data_are_told_by_what_they_send),
		cmocka_unit_test(many_cases_are_switches_in_switches),
		cmocka_unit_test(nothing_is_left_for_a_deployment_to_replace),
		cmocka_unit_test(the_emitter_writes_lists_of_all_kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
