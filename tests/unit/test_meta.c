/* Templates of Meta: what a file says comes back from what is created of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/decompile.h"
#include "schema/meta.h"
#include "schema/yaml_write.h"
#include "tests/unit/loading.h"

#define HEAD "name: order\ncategory: MARKETING\n"
#define EN "translations:\n  en_US:\n"
#define BODY "    body: Your order is packed.\n"
#define PARAMETERS "parameters:\n  order: {default: A-1}\n  eta: {type: DATE, default: 2026-11-30}\n"

static const struct {
	const char *what, *file, *body; /* body: what the create has to hold */
} cases[] = {
	{ "plain", HEAD EN BODY, "{\"type\":\"BODY\",\"text\":\"Your order is packed.\"}" },
	{ "positional", HEAD PARAMETERS EN "    header: \"Order {{order}}\"\n    body: \"It comes {{eta}}: {{order}}, {{eta}}.\"\n",
	  "\"text\":\"It comes {{1}}: {{2}}, {{1}}.\",\"example\":{\"body_text\":[[\"2026-11-30\",\"A-1\"]]}" },
	{ "named", HEAD "parameter_format: NAMED\n" PARAMETERS EN "    header: \"Order {{order}}\"\n"
	  "    body: \"It comes {{eta}} at last.\"\n    buttons:\n      - url: {title: See, url: \"https://e.com/{{order}}\"}\n",
	  "\"text\":\"It comes {{eta}} at last.\",\"example\":{\"body_text_named_params\":[{\"param_name\":\"eta\",\"example\":\"2026-11-30\"}]}" },
	{ "address", HEAD PARAMETERS EN BODY "    buttons:\n      - url: {title: See, url: \"https://e.com/o/{{order}}\"}\n",
	  "\"url\":\"https://e.com/o/{{1}}\",\"example\":[\"https://e.com/o/A-1\"]" },
	{ "whole address", HEAD "parameters: {order: {default: \"https://e.com/o/A-1\"}}\n" EN BODY
	  "    buttons:\n      - url: {title: See, url: \"https://e.com/o/{{order}}\"}\n",
	  "\"url\":\"https://e.com/o/{{1}}\",\"example\":[\"https://e.com/o/A-1\"]" },
	{ "another address", HEAD "parameters: {order: {default: \"https://f.com/A-1\"}}\n" EN BODY
	  "    buttons:\n      - url: {title: See, url: \"https://e.com/o/{{order}}\"}\n",
	  "\"url\":\"https://e.com/o/{{1}}\",\"example\":[\"https://f.com/A-1\"]" },
	{ "buttons", HEAD EN BODY "    buttons:\n      - reply: {title: \"Yes\", id: YES}\n      - phone_number: {title: Call, phone_number: \"+442071838750\"}\n"
	  "      - copy_code: {example: 25OFF}\n",
	  "[{\"type\":\"QUICK_REPLY\",\"text\":\"Yes\"},{\"type\":\"PHONE_NUMBER\",\"text\":\"Call\",\"phone_number\":\"442071838750\"},"
	  "{\"type\":\"COPY_CODE\",\"example\":\"25OFF\"}]" },
	{ "image", HEAD EN "    header: {image: files/logo.png}\n" BODY,
	  "\"format\":\"IMAGE\",\"example\":{\"header_handle\":[\"4::one\"]}" },
	{ "product", HEAD EN "    header: {product: true}\n" BODY "    buttons:\n      - single_product: {title: View}\n",
	  "{\"type\":\"SPM\",\"text\":\"View\"}" },
	{ "catalogue", HEAD EN BODY "    buttons:\n      - catalog: {title: View}\n      - multi_product: {title: Items}\n      - voice_call: {title: Call}\n",
	  "{\"type\":\"CATALOG\",\"text\":\"View\"},{\"type\":\"MPM\",\"text\":\"Items\"},{\"type\":\"VOICE_CALL\",\"text\":\"Call\"}" },
	{ "flow", HEAD EN BODY "    buttons:\n      - flow: {title: Book, id: \"12345678901234567890\", action: navigate, screen: FIRST}\n",
	  "\"flow_id\":\"12345678901234567890\",\"flow_action\":\"navigate\",\"navigate_screen\":\"FIRST\"" },
	{ "literal", HEAD EN "    header: {image: \"files/logo$${x}.png\"}\n    limited_time_offer: {text: \"Ends $${x}\"}\n" BODY
	  "    buttons:\n      - flow: {title: \"$${a}\", name: \"$${b}\"}\n", "\"text\":\"Ends ${x}\"" },
	{ "offer", HEAD EN "    limited_time_offer: {text: Ends soon, has_expiration: true}\n" BODY,
	  "\"limited_time_offer\":{\"text\":\"Ends soon\",\"has_expiration\":true}" },
	{ "one-time password", "name: order\ncategory: AUTHENTICATION\ntime_to_live: 60\n" EN
	  "    authentication: {security_recommendation: true, code_expiration_minutes: 5}\n    buttons:\n"
	  "      - otp: {type: ONE_TAP, title: Copy, autofill_title: Fill, apps: [{package_name: com.example.app, signature_hash: K8a/AINcGX7}]}\n",
	  "\"supported_apps\":[{\"package_name\":\"com.example.app\",\"signature_hash\":\"K8a/AINcGX7\"}]" },
	{ "zero tap", "name: order\ncategory: AUTHENTICATION\n" EN "    authentication: {}\n    buttons:\n"
	  "      - otp: {type: ZERO_TAP, title: Copy, autofill_title: Fill, zero_tap_terms_accepted: true, apps: [{package_name: com.example.app, signature_hash: K8a/AINcGX7}]}\n",
	  "\"zero_tap_terms_accepted\":true" },
	{ "carousel", HEAD PARAMETERS EN "    body: \"For {{order}} there are two.\"\n    carousel:\n"
	  "      - {header: {image: a.jpg}, body: \"One {{eta}} more.\", buttons: [{url: {title: See, url: \"https://e.com/{{order}}\"}}]}\n"
	  "      - {header: {image: b.jpg}, body: \"Two {{eta}} more.\", buttons: [{reply: {title: No, id: \"NO\"}}]}\n",
	  "\"header_handle\":[\"4::two\"]" },
	{ "order status", "name: order\ncategory: UTILITY\nsub_category: ORDER_STATUS\n" EN BODY, "\"sub_category\":\"ORDER_STATUS\"" },
};

static cJSON *write_create(const struct hsm_list *components, struct hsm_buffer *text)
{
	static const char *const handles[] = { "4::one", "4::two" };
	struct hsm_json_writer writer = { .buffer = text };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "category", "MARKETING");
	hsm_meta_write(&writer, components, handles);
	hsm_json_end_object(&writer);
	return cJSON_Parse(hsm_buffer_text(text));
}

static void compile(struct loading *loading, const char *file, struct hsm_compiled *compiled)
{
	static const struct hsm_config none;
	struct hsm_template *template = loading_template(loading, file);
	if (hsm_compile(&loading->arena, HSM_BACKEND_META, &none, NULL, template, template->translations.items, compiled,
			&loading->findings))
		fail_msg("%s: %s", file, loading->findings.items[0].message);
}

static void what_is_created_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_compiled compiled = { 0 };
		struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		struct hsm_list components;
		struct hsm_meta_template read;
		struct hsm_error error;
		const char *problem;
		compile(&loading, cases[i].file, &compiled);
		assert_int_equal(hsm_content_read(&loading.arena, compiled.content.json, &components, &error), 0);
		cJSON *json = write_create(&components, &text);
		if (!strstr(hsm_buffer_text(&text), cases[i].body))
			fail_msg("%s: %s", cases[i].what, hsm_buffer_text(&text));
		assert_int_equal(hsm_meta_read(&loading.arena, json, &read, &problem), 0);
		struct hsm_content content = hsm_content_make(&loading.arena, &read.components);
		if (!hsm_content_equals(&content, &compiled.content))
			fail_msg("%s: %s is not %s", cases[i].what, content.json, compiled.content.json);
		cJSON_Delete(json);
		hsm_buffer_release(&text);
		loading_release(&loading);
	}
}

/* A file written of a content; freed with the loading. */
static const char *decompile(struct loading *loading, const char *name, int category, struct hsm_list *components)
{
	static const char *const media[] = { "a.jpg", "b.jpg" };
	struct hsm_decompile_source source = { .language = "en_US", .components = components, .media = media };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_template template;
	const char *problem;
	source.names = hsm_content_find_names(&loading->arena, components, &source.name_count);
	if (hsm_decompile(&loading->arena, name, (enum hsm_category)category, &source, 1, &template, &problem))
		fail_msg("%s", problem);
	hsm_yaml_write(&text, &hsm_template_object, &template);
	const char *written = hsm_arena_copy(&loading->arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return written;
}

static void what_is_imported_compiles_to_what_was_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_compiled first = { 0 }, again = { 0 };
		struct hsm_list components;
		struct hsm_error error;
		compile(&loading, cases[i].file, &first);
		assert_int_equal(hsm_content_read(&loading.arena, first.content.json, &components, &error), 0);
		const struct hsm_template *template = loading_template(&loading, cases[i].file);
		const char *file = decompile(&loading, "order", template->category.value, &components);
		compile(&loading, file, &again);
		if (!hsm_content_equals(&first.content, &again.content))
			fail_msg("%s: %s\n%s is not %s", cases[i].what, file, again.content.json, first.content.json);
		loading_release(&loading);
	}
}

/* Each card may say the same on its button: a flow has to tell them apart. */
static void replies_of_cards_get_ids_of_their_own(void **state)
{
	struct loading loading = { 0 };
	struct hsm_compiled compiled = { 0 };
	struct hsm_list components;
	struct hsm_error error;
	(void)state;
	compile(&loading, HEAD EN BODY "    carousel:\n"
		"      - {header: {image: a.jpg}, buttons: [{reply: {title: More, id: A}}, {reply: {title: \"No\", id: B}}]}\n"
		"      - {header: {image: b.jpg}, buttons: [{reply: {title: More, id: C}}, {reply: {title: \"No\", id: D}}]}\n", &compiled);
	assert_int_equal(hsm_content_read(&loading.arena, compiled.content.json, &components, &error), 0);
	const char *file = decompile(&loading, "order", HSM_CATEGORY_MARKETING, &components);
	assert_non_null(strstr(file, "id: PAYLOAD_MORE_2"));
	assert_non_null(strstr(file, "id: PAYLOAD_NO_2"));
	loading_release(&loading);
}

/* What lists answer in other words than they were told is no difference. */
static void lists_in_other_words_are_equal(void **state)
{
	static const struct {
		const char *file, *listed;
	} pairs[] = {
		{ HEAD EN "    header: {image: files/logo.png}\n" BODY,
		  "{\"components\":[{\"text\":\"Your order is packed.\",\"type\":\"BODY\"},{\"format\":\"IMAGE\",\"type\":\"HEADER\","
		  "\"example\":{\"header_handle\":[\"https://scontent.whatsapp.net/v/t61?x=1\"]}}],\"sub_category\":\"CUSTOM\"}" },
		{ HEAD EN BODY "    buttons:\n      - phone_number: {title: Call, phone_number: \"+442071838750\"}\n",
		  "{\"components\":[{\"type\":\"body\",\"text\":\"Your order is packed.\"},{\"type\":\"buttons\",\"buttons\":"
		  "[{\"type\":\"phone_number\",\"text\":\"Call\",\"phone_number\":\"+442071838750\"}]}]}" },
		{ "name: order\ncategory: AUTHENTICATION\n" EN "    authentication: {security_recommendation: true, code_expiration_minutes: 5}\n"
		  "    buttons:\n      - otp: {type: COPY_CODE, title: Copy code}\n",
		  "{\"components\":[{\"type\":\"BODY\",\"text\":\"*{{1}}* is your verification code.\",\"add_security_recommendation\":true,"
		  "\"example\":{\"body_text\":[[\"123456\"]]}},{\"type\":\"FOOTER\",\"text\":\"This code expires in 5 minutes.\","
		  "\"code_expiration_minutes\":5},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"URL\",\"text\":\"Copy code\",\"url\":"
		  "\"https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code_expiration_minutes=5&code=otp{{1}}\",\"example\":[\"https://x\"]}]}]}" },
		{ "name: order\ncategory: AUTHENTICATION\n" EN "    authentication: {}\n    buttons:\n      - otp: {type: COPY_CODE, title: Copy code}\n",
		  "{\"components\":[{\"type\":\"BODY\",\"text\":\"*{{1}}* is your verification code.\"},{\"type\":\"BUTTONS\",\"buttons\":"
		  "[{\"type\":\"URL\",\"text\":\"Copy code\",\"url\":\"https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}\"}]}]}" },
		{ HEAD EN BODY "    buttons:\n      - flow: {title: Book, id: \"1091204838735863\", action: navigate}\n",
		  "{\"components\":[{\"type\":\"BODY\",\"text\":\"Your order is packed.\"},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"FLOW\","
		  "\"text\":\"Book\",\"flow_id\":1091204838735863,\"flow_action\":\"NAVIGATE\"}]}]}" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct loading loading = { 0 };
		struct hsm_compiled compiled = { 0 };
		struct hsm_meta_template read;
		const char *problem;
		cJSON *json = cJSON_Parse(pairs[i].listed);
		compile(&loading, pairs[i].file, &compiled);
		assert_int_equal(hsm_meta_read(&loading.arena, json, &read, &problem), 0);
		struct hsm_content content = hsm_content_make(&loading.arena, &read.components);
		if (!hsm_content_equals(&content, &compiled.content))
			fail_msg("%zu: %s is not %s", i, content.json, compiled.content.json);
		cJSON_Delete(json);
		loading_release(&loading);
	}
}

static void what_is_not_known_is_kept_and_differs(void **state)
{
	struct hsm_arena arena = { 0 };
	struct hsm_meta_template read;
	const char *problem;
	cJSON *json = cJSON_Parse("{\"components\":[{\"type\":\"BODY\",\"text\":\"Hi.\"},{\"type\":\"hologram\"},{\"type\":\"BUTTONS\","
				  "\"buttons\":[{\"type\":\"TELEPORT\",\"text\":\"Go\"},{\"type\":7}]}]}");
	(void)state;
	assert_int_equal(hsm_meta_read(&arena, json, &read, &problem), 0);
	struct hsm_content content = hsm_content_make(&arena, &read.components);
	assert_non_null(strstr(content.json, "\"HOLOGRAM\""));
	assert_non_null(strstr(content.json, "{\"type\":\"TELEPORT\",\"plain\":{\"title\":\"Go\"}}"));
	cJSON_Delete(json);
	hsm_arena_release(&arena);
}

/* An answer's kilobytes must not become gigabytes. */
static void what_is_larger_than_any_template_is_none(void **state)
{
	static const struct {
		const char *begin, *item, *end;
		size_t count;
		const char *problem;
	} lists[] = {
		{ "{\"components\":[", "{}", "]}", 1001, "more components" },
		{ "{\"components\":[{\"type\":\"BUTTONS\",\"buttons\":[", "{}", "]}]}", 1000, "more components" },
		{ "{\"components\":[{\"type\":\"CAROUSEL\",\"cards\":[", "{\"components\":[{}]}", "]}]}", 500, "more components" },
		{ "{\"components\":[", "{\"type\":\"BODY\",\"text\":\"{{256}}\"}", "]}", 2, "more than 256 parameters" },
		{ "{\"parameter_format\":\"NAMED\",\"components\":[", "{\"type\":\"BODY\",\"text\":\"{{a}} {{b}}\"}", "]}", 129,
		  "more than 256 parameters" },
		{ "{\"components\":[", "{\"type\":\"BODY\",\"text\":\"{{256}}\"}", "]}", 1, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		struct hsm_meta_template read;
		const char *problem;
		hsm_buffer_append_string(&text, lists[i].begin);
		for (size_t j = 0; j < lists[i].count; j++)
			hsm_buffer_append_format(&text, "%s%s", j ? "," : "", lists[i].item);
		hsm_buffer_append_string(&text, lists[i].end);
		cJSON *json = cJSON_Parse(hsm_buffer_text(&text));
		hsm_meta_read(&arena, json, &read, &problem);
		if (!lists[i].problem)
			assert_null(problem);
		else if (!problem || !strstr(problem, lists[i].problem))
			fail_msg("%zu: %s", i, problem ? problem : "none");
		cJSON_Delete(json);
		hsm_buffer_release(&text);
		hsm_arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_created_comes_back),
		cmocka_unit_test(what_is_imported_compiles_to_what_was_there),
		cmocka_unit_test(replies_of_cards_get_ids_of_their_own),
		cmocka_unit_test(lists_in_other_words_are_equal),
		cmocka_unit_test(what_is_not_known_is_kept_and_differs),
		cmocka_unit_test(what_is_larger_than_any_template_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
