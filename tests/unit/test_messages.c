/* The bodies of the ways that messages go, and what Meta's answers come to. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/delivery/sender.h"
#include "schema/json.h"
#include "tests/unit/graph_fixture.h"
#include "tests/unit/loading.h"

#define TOKEN "0123456789abcdef0123456789abcdef"
#define PHONE "+34600123456"
#define HEAD "name: order\ncategory: MARKETING\n"
#define PARAMETERS "parameters:\n  order: {default: A-1}\n  eta: {type: DATE, default: 2026-11-30}\n"
#define EN "translations:\n  en_US:\n"
#define BODY "    body: Your order is packed.\n"

struct fixture {
	struct loading loading;
	struct hsm_message content;
	struct hsm_form form;
	struct hsm_choice choice;
	struct hsm_delivery delivery;
	struct hsm_messenger messenger;
	struct hsm_error error;
};

static int make_form(struct fixture *f, const char *text, const struct hsm_way *way)
{
	struct loading *loading = &f->loading;
	struct hsm_arena *arena = &loading->arena;
	const struct hsm_template *template = loading_template(loading, text);
	const struct hsm_config *config = loading_config(loading, "backend: meta\nenvironments: {dev: {account: \"1\"}}\n");
	struct hsm_compiled compiled = loading_compile(loading, config, template, "en_US");
	assert_int_equal(hsm_content_read(arena, compiled.content.json, &f->content.components, &f->error), 0);
	f->content.names = compiled.names;
	f->content.name_count = compiled.name_count;
	f->content.payloads = compiled.payloads;
	f->content.payload_count = compiled.payload_count;
	f->messenger.way = way;
	int rc = hsm_form_make(arena, "order_v1", "en_US", &f->content, template, way, &f->choice.form, &f->error);
	f->choice.kind = HSM_CHOICE_TEMPLATE;
	f->delivery = (struct hsm_delivery){ .phone = PHONE, .token = TOKEN, .choice = &f->choice };
	return rc;
}

/* Of "name=value" up to NULL. */
static int build(struct fixture *f, const char *const *given)
{
	struct hsm_named_value values[16];
	size_t count = 0;
	for (; given[count]; count++) {
		const char *value = strchr(given[count], '=') + 1;
		values[count] = (struct hsm_named_value){
			hsm_arena_copy(&f->loading.arena, given[count], (size_t)(value - 1 - given[count])), value, strlen(value),
		};
	}
	return hsm_message_build(&f->loading.arena, &f->choice.form, values, count, &f->delivery.message, &f->error);
}

/* What stands at "components" of the body. */
static void assert_components(struct fixture *f, const char *wanted)
{
	const char *body;
	assert_int_equal(hsm_delivery_write(&f->loading.arena, &f->messenger, &f->delivery, &body, &f->error), 0);
	cJSON *json = cJSON_Parse(body), *expected = cJSON_Parse(wanted);
	const cJSON *template = cJSON_GetObjectItem(json, "template");
	assert_non_null(expected);
	if (!cJSON_Compare(cJSON_GetObjectItem(template, "components"), expected, true))
		fail_msg("%s\nis not\n%s", body, wanted);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "biz_opaque_callback_data")),
			    "hsmctl " TOKEN " order_v1 en_US");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "to")), PHONE);
	cJSON_Delete(json);
	cJSON_Delete(expected);
}

#define TEXT(value) "{\"type\":\"text\",\"text\":\"" value "\"}"
#define BUTTON(index, sub_type, parameter) \
	"{\"type\":\"button\",\"sub_type\":\"" sub_type "\",\"index\":\"" index "\",\"parameters\":[" parameter "]}"
#define PART(type, parameters) "{\"type\":\"" type "\",\"parameters\":[" parameters "]}"
#define MEDIA(kind, link) "{\"type\":\"" kind "\",\"" kind "\":{\"link\":\"" link "\"}}"
#define GIVEN(...) (const char *const[]){ __VA_ARGS__, NULL }

static void what_a_template_has_is_given_to_graph_at_its_place(void **state)
{
	static const struct {
		const char *text;
		const char *given[8];
		const char *components;
	} cases[] = {
		{ HEAD PARAMETERS EN "    header: \"Order {{order}}\"\n    body: \"It comes {{eta}}: {{order}}, we think.\"\n",
		  { "order=A-1", "eta=2026-12-01" },
		  "[" PART("header", TEXT("A-1")) "," PART("body", TEXT("December 1, 2026") "," TEXT("A-1")) "]" },
		{ HEAD "parameter_format: NAMED\n" PARAMETERS EN "    body: \"It comes {{eta}} at last.\"\n    buttons:\n"
		  "      - url: {title: See, url: \"https://e.com/{{order}}\"}\n",
		  { "order=a/b ü", "eta=2026-12-01" },
		  "[" PART("body", "{\"type\":\"text\",\"parameter_name\":\"eta\",\"text\":\"December 1, 2026\"}") ","
		  BUTTON("0", "url", TEXT("a%2Fb%20%C3%BC")) "]" },
		{ HEAD EN "    header: {image: a.png}\n" BODY, { "header.image=https://e.com/a.png" },
		  "[" PART("header", MEDIA("image", "https://e.com/a.png")) "]" },
		{ HEAD EN "    header: {video: a.mp4}\n" BODY, { "header.video=https://e.com/a.mp4" },
		  "[" PART("header", MEDIA("video", "https://e.com/a.mp4")) "]" },
		{ HEAD EN "    header: {document: a.pdf}\n" BODY, { "header.document=https://e.com/a.pdf" },
		  "[" PART("header", MEDIA("document", "https://e.com/a.pdf")) "]" },
		{ HEAD EN "    header: {location: true}\n" BODY,
		  { "header.location.latitude=40.4168", "header.location.longitude=-3.7038", "header.location.name=Sol",
		    "header.location.address=Madrid" },
		  "[" PART("header", "{\"type\":\"location\",\"location\":{\"latitude\":\"40.4168\",\"longitude\":\"-3.7038\","
				     "\"name\":\"Sol\",\"address\":\"Madrid\"}}") "]" },
		{ HEAD EN BODY "    buttons:\n      - reply: {title: \"Yes\", id: YES}\n"
		  "      - reply: {title: \"No\", id: \"NO\", data: {step: \"2\"}}\n      - copy_code: {example: 25OFF}\n"
		  "      - phone_number: {title: Call, phone_number: \"+442071838750\"}\n",
		  { "button.copy_code=SAVE10" },
		  "[" BUTTON("0", "quick_reply", "{\"type\":\"payload\",\"payload\":\"YES\"}") ","
		  BUTTON("1", "quick_reply", "{\"type\":\"payload\",\"payload\":\"T1_Tk8_c3RlcD0y\"}") ","
		  BUTTON("2", "copy_code", "{\"type\":\"coupon_code\",\"coupon_code\":\"SAVE10\"}") "]" },
		{ HEAD EN BODY "    buttons:\n      - flow: {title: Book, id: \"12345\"}\n      - catalog: {title: View}\n", { NULL },
		  "[" BUTTON("0", "flow", "{\"type\":\"action\",\"action\":{\"flow_token\":\"" TOKEN "\"}}") "]" },
		{ "name: order\ncategory: AUTHENTICATION\n" EN "    authentication: {}\n    buttons:\n"
		  "      - otp: {type: COPY_CODE, title: Copy}\n", { "button.otp=123456" },
		  "[" PART("body", TEXT("123456")) "," BUTTON("0", "url", TEXT("123456")) "]" },
		{ HEAD PARAMETERS EN "    body: \"For {{order}} there are two.\"\n    carousel:\n"
		  "      - {header: {image: a.jpg}, body: \"One {{eta}} more.\", buttons: [{url: {title: See, url: \"https://e.com/{{order}}\"}}]}\n"
		  "      - {header: {image: b.jpg}, body: \"Two {{eta}} more.\", buttons: [{reply: {title: No, id: \"NO\"}}]}\n",
		  { "order=A", "eta=2026-12-01", "card1.header.image=https://e.com/1.jpg", "card2.header.image=https://e.com/2.jpg" },
		  "[" PART("body", TEXT("A")) ",{\"type\":\"carousel\",\"cards\":[{\"card_index\":0,\"components\":["
		  PART("header", MEDIA("image", "https://e.com/1.jpg")) "," PART("body", TEXT("December 1, 2026")) ","
		  BUTTON("0", "url", TEXT("A")) "]},{\"card_index\":1,\"components\":["
		  PART("header", MEDIA("image", "https://e.com/2.jpg")) "," PART("body", TEXT("December 1, 2026")) ","
		  BUTTON("0", "quick_reply", "{\"type\":\"payload\",\"payload\":\"NO\"}") "]}]}]" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };
		if (make_form(&f, cases[i].text, &hsm_graph_way) || build(&f, cases[i].given))
			fail_msg("%s: %s", cases[i].components, f.error.message);
		assert_components(&f, cases[i].components);
		loading_release(&f.loading);
	}
}

/* The rest of the body, to the byte. */
static void a_body_without_parameters_has_no_components(void **state)
{
	struct fixture f = { 0 };
	const char *body;
	(void)state;
	assert_int_equal(make_form(&f, HEAD EN BODY, &hsm_graph_way), 0);
	assert_int_equal(build(&f, (const char *const[]){ NULL }), 0);
	assert_int_equal(hsm_delivery_write(&f.loading.arena, &f.messenger, &f.delivery, &body, &f.error), 0);
	assert_string_equal(body, "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"" PHONE
			    "\",\"type\":\"template\",\"template\":{\"name\":\"order_v1\",\"language\":{\"code\":\"en_US\"}},"
			    "\"biz_opaque_callback_data\":\"hsmctl " TOKEN " order_v1 en_US\"}");
	loading_release(&f.loading);
}

static void what_a_way_cannot_carry_is_refused_and_not_sent_otherwise(void **state)
{
	static const struct {
		const char *text;
		const struct hsm_way *way;
		const char *message;
	} cases[] = {
		{ HEAD EN BODY "    buttons:\n      - multi_product: {title: Items}\n", &hsm_graph_way, "button 1" },
		{ HEAD EN "    header: {product: true}\n" BODY "    buttons:\n      - single_product: {title: View}\n", &hsm_graph_way,
		  "header" },
		{ HEAD EN "    limited_time_offer: {text: Ends soon, has_expiration: true}\n" BODY, &hsm_graph_way,
		  "limited_time_offer" },
		{ HEAD EN "    header: {location: true}\n" BODY, &hsm_agentless_way, "header" },
		{ HEAD EN BODY "    buttons:\n      - copy_code: {example: 25OFF}\n", &hsm_agentless_way, "button 1" },
		{ HEAD EN BODY "    buttons:\n      - flow: {title: Book, id: \"12345\"}\n", &hsm_agentless_way, "button 1" },
		{ "name: order\ncategory: AUTHENTICATION\n" EN "    authentication: {}\n    buttons:\n"
		  "      - otp: {type: COPY_CODE, title: Copy}\n", &hsm_agentless_way, "body" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };
		char wanted[160];
		assert_int_equal(make_form(&f, cases[i].text, cases[i].way), HSM_ERROR_BLOCKED);
		snprintf(wanted, sizeof(wanted), "hsmctl can't send what the %s of it needs (by way of: %s)", cases[i].message,
			 cases[i].way->word);
		assert_string_equal(f.error.message, wanted);
		loading_release(&f.loading);
	}
}

static void a_quick_reply_without_a_commit_blocks(void **state)
{
	struct fixture f = { 0 };
	(void)state;
	assert_int_equal(make_form(&f, HEAD EN BODY "    buttons:\n      - reply: {title: \"Yes\", id: YES}\n", &hsm_graph_way), 0);
	f.content.payload_count = 0;
	assert_int_equal(hsm_form_make(&f.loading.arena, "order_v1", "en_US", &f.content, NULL, &hsm_graph_way, &f.form, &f.error),
			 HSM_ERROR_BLOCKED);
	assert_string_equal(f.error.message, "no commit tells what button 1 answers with: its content was never in git");
	loading_release(&f.loading);
}

static void what_no_parameter_names_is_checked_all_the_same(void **state)
{
	static const struct {
		const char *text;
		const char *given[5];
		const char *problem;
	} cases[] = {
		{ HEAD EN "    header: {image: a.png}\n" BODY, { NULL }, "header.image: no value is given" },
		{ HEAD EN "    header: {image: a.png}\n" BODY, { "header.image=files/a.png" },
		  "header.image: the value is no address of a file: https://..." },
		{ HEAD EN "    header: {image: a.png}\n" BODY, { "header.image=https://e.com/a b.png" },
		  "header.image: the value is no address of a file: https://..." },
		{ HEAD EN "    header: {location: true}\n" BODY,
		  { "header.location.latitude=91", "header.location.longitude=1", "header.location.name=a", "header.location.address=b" },
		  "header.location.latitude: the value is no number of degrees, such as 40.4168" },
		{ "name: order\ncategory: AUTHENTICATION\n" EN "    authentication: {}\n    buttons:\n"
		  "      - otp: {type: COPY_CODE, title: Copy}\n", { "button.otp=1234567890123456" },
		  "button.otp: the value has 16 characters: 15 at most" },
		{ HEAD EN BODY "    buttons:\n      - reply: {title: \"Yes\", id: YES}\n", { "button.payload=x" },
		  "button.payload: the template has no such parameter" },
		{ HEAD PARAMETERS EN "    body: \"It comes {{eta}} at last.\"\n", { "eta=soon" }, "eta: " },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };
		assert_int_equal(make_form(&f, cases[i].text, &hsm_graph_way), 0);
		assert_int_equal(build(&f, cases[i].given), HSM_ERROR_INVALID);
		if (strncmp(f.error.message, cases[i].problem, strlen(cases[i].problem)) != 0)
			fail_msg("%s, not: %s", f.error.message, cases[i].problem);
		loading_release(&f.loading);
	}
}

/* A response as the reader leaves it. */
static void set_response(struct fixture *f, const char *substitutions)
{
	struct hsm_live_response *response = hsm_arena_allocate(&f->loading.arena, sizeof(*response));
	*response = (struct hsm_live_response){ .id = "r-1", .template = "order_v1", .language = "en_US",
						.content = { .name = "order", .substitutions = substitutions } };
	f->messenger.responses = (struct hsm_live_responses){ .items = response, .count = 1 };
	f->messenger.from = "i-1";
}

static void parameters_go_to_genesys_by_the_ids_of_the_response(void **state)
{
	static const char text[] = HEAD PARAMETERS EN "    header: \"Order {{order}}\"\n    body: \"It comes {{eta}}: {{order}}, we think.\"\n"
						      "    buttons:\n      - url: {title: See, url: \"https://e.com/{{order}}\"}\n";
	static const struct {
		const char *substitutions;
		const char *ids[4];
	} cases[] = {
		{ "[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"},{\"id\":\"4\"}]", { "1", "2", "3", "4" } },
		{ "[{\"id\":\"eta\"},{\"id\":\"order\"}]", { "order", "eta", "order", "order" } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };
		const char *body, *const *ids = cases[i].ids;
		char wanted[1024];
		assert_int_equal(make_form(&f, text, &hsm_agentless_way), 0);
		assert_int_equal(build(&f, GIVEN("order=A 1", "eta=2026-12-01")), 0);
		set_response(&f, cases[i].substitutions);
		assert_int_equal(hsm_delivery_write(&f.loading.arena, &f.messenger, &f.delivery, &body, &f.error), 0);
		snprintf(wanted, sizeof(wanted),
			 "{\"fromAddress\":\"i-1\",\"toAddress\":\"34600123456\",\"toAddressMessengerType\":\"whatsapp\","
			 "\"messagingTemplate\":{\"responseId\":\"r-1\",\"headerParameters\":[{\"id\":\"%s\",\"value\":\"A 1\"}],"
			 "\"bodyParameters\":[{\"id\":\"%s\",\"value\":\"December 1, 2026\"},{\"id\":\"%s\",\"value\":\"A 1\"}],"
			 "\"buttonUrlParameters\":[{\"id\":\"%s\",\"value\":\"A%%201\"}]}}", ids[0], ids[1], ids[2], ids[3]);
		assert_string_equal(body, wanted);
		loading_release(&f.loading);
	}
}

static void a_response_that_does_not_fit_blocks(void **state)
{
	struct fixture f = { 0 };
	const char *body;
	(void)state;
	assert_int_equal(make_form(&f, HEAD PARAMETERS EN "    body: \"It comes {{eta}} at last.\"\n", &hsm_agentless_way), 0);
	assert_int_equal(build(&f, GIVEN("eta=2026-12-01")), 0);
	set_response(&f, "[{\"id\":\"2\",\"defaultValue\":\"\\\"id\\\":\\\"1\\\"\"}]");
	assert_int_equal(hsm_delivery_write(&f.loading.arena, &f.messenger, &f.delivery, &body, &f.error), HSM_ERROR_BLOCKED);
	assert_string_equal(f.error.message, "response 'order' of Genesys has no substitution for 'eta' of order_v1");
	loading_release(&f.loading);
}

static void an_sms_is_its_text(void **state)
{
	struct fixture f = { .messenger = { .way = &hsm_graph_way, .sms = "+15550100009" } };
	const char *body;
	(void)state;
	f.delivery = (struct hsm_delivery){ .phone = PHONE, .as_sms = true, .sms = "Hi \"you\"" };
	assert_int_equal(hsm_delivery_write(&f.loading.arena, &f.messenger, &f.delivery, &body, &f.error), 0);
	assert_string_equal(body, "{\"fromAddress\":\"+15550100009\",\"toAddress\":\"" PHONE
				  "\",\"toAddressMessengerType\":\"sms\",\"textBody\":\"Hi \\\"you\\\"\"}");
	loading_release(&f.loading);
}

/* Answers */

#define NUMBER "106540352242922"
#define SEND "POST " GRAPH NUMBER "/messages"
/* The recipient's number stands in it, in base64. */
#define WAMID "wamid.HBgLMzQ2MDAxMjM0NTYVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"

struct seen {
	unsigned calls;
	struct hsm_send_result result;
	char message[HSM_ERROR_MESSAGE_SIZE], id[64], status[32];
};

static void note(void *user, const struct hsm_send_result *result)
{
	struct seen *seen = user;
	seen->calls++;
	seen->result = *result;
	snprintf(seen->message, sizeof(seen->message), "%s", result->outcome == HSM_OUTCOME_DONE ? "" : result->error.message);
	if (!result->conversation_count)
		return;
	assert_null(result->conversations[0].id);
	assert_string_equal(result->conversations[0].label, TOKEN);
	snprintf(seen->id, sizeof(seen->id), "%s", result->conversations[0].messages[0].id);
	snprintf(seen->status, sizeof(seen->status), "%s", result->conversations[0].messages[0].status);
}

static void send_one(const struct http_reply *reply, struct seen *seen, size_t *requests)
{
	static const char *const parameters[] = { "Mar\xc3\xad" "a Ruiz" };
	static const struct hsm_part part = { .kind = HSM_PART_TEXT, .type = "BODY", .name = "customer", .place = 1 };
	struct live_fixture f;
	graph_fixture_open(&f, reply, 1);
	live_fixture_connect(&f);
	struct hsm_messenger messenger = { .way = &hsm_graph_way, .connection = f.connection, .from = NUMBER };
	*seen = (struct seen){ 0 };
	hsm_graph_way.send(&messenger, &(struct hsm_send){ .phone = PHONE, .label = TOKEN, .template = "order_v1",
							   .language = "en_US", .parameters = parameters, .parts = &part,
							   .parameter_count = 1 }, note, seen);
	hsm_messenger_run(&messenger);
	*requests = http_server_count(f.server, SEND);
	assert_int_equal(seen->calls, 1);
	live_fixture_close(&f);
}

static void what_was_sent_is_known_by_no_id_that_holds_the_number(void **state)
{
	static const struct http_reply reply = {
		.request = SEND, .status = 200,
		.body = "{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"input\":\"" PHONE "\",\"wa_id\":\"34600123456\"}],"
			"\"messages\":[{\"id\":\"" WAMID "\",\"message_status\":\"accepted\"}]}",
	};
	struct seen seen, again;
	size_t requests;
	(void)state;
	send_one(&reply, &seen, &requests);
	assert_int_equal(seen.result.outcome, HSM_OUTCOME_DONE);
	assert_int_equal(strlen(seen.id), strlen("meta-") + 32);
	assert_string_equal(seen.status, "ACCEPTED");
	assert_null(strstr(seen.id, "HBgL"));
	send_one(&reply, &again, &requests);
	assert_string_equal(seen.id, again.id);
}

static void an_error_of_meta_s_means_what_its_code_does(void **state)
{
	static const struct {
		const char *code, *rest;
		enum hsm_outcome outcome;
		enum hsm_error_class class;
		bool not_approved, session_closed;
		const char *words;
	} cases[] = {
		{ "132000", "", HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, false, false, "the template has another number of parameters" },
		{ "132001", "", HSM_OUTCOME_REFUSED, HSM_ERROR_BLOCKED, true, false, "the template does not exist" },
		{ "132015", "", HSM_OUTCOME_REFUSED, HSM_ERROR_BLOCKED, true, false, "the template is paused" },
		{ "132016", ",\"error_subcode\":2494010", HSM_OUTCOME_REFUSED, HSM_ERROR_BLOCKED, true, false, "the template is disabled" },
		{ "132018", "", HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, false, false, "a newline, a tab" },
		{ "131026", "", HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, false, false, "it cannot be delivered" },
		{ "131047", "", HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, false, true, "24 hours" },
		{ "131049", "", HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, false, false, "no more marketing messages" },
		{ "131050", "", HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, false, false, "wants no marketing" },
		{ "131056", "", HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, false, false, "too many messages to this recipient" },
		{ "131042", "", HSM_OUTCOME_REFUSED, HSM_ERROR_FAILED, false, false, "payment" },
		{ "190", "", HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, false, false, "the access token" },
		{ "100", ",\"error_subcode\":33", HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH, false, false, "there is no such object" },
		{ "1", "", HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, false, false, "a fault that passes" },
		{ "131000", ",\"is_transient\":true", HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, false, false, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char body[512];
		struct seen seen;
		size_t requests;
		snprintf(body, sizeof(body),
			 "{\"error\":{\"message\":\"(#%s) 34600123456 Mar\xc3\xad" "a Ruiz\",\"code\":%s%s,"
			 "\"error_data\":{\"details\":\"Mar\xc3\xad" "a\"},\"fbtrace_id\":\"A\"}}", cases[i].code, cases[i].code, cases[i].rest);
		send_one(&(struct http_reply){ .request = SEND, .status = 400, .body = body }, &seen, &requests);
		if (seen.result.outcome != cases[i].outcome || seen.result.error.class != cases[i].class ||
		    seen.result.not_approved != cases[i].not_approved || seen.result.session_closed != cases[i].session_closed ||
		    !strstr(seen.message, cases[i].words))
			fail_msg("%s: outcome %d, class %d, %s", cases[i].code, seen.result.outcome, seen.result.error.class, seen.message);
		if (seen.result.outcome == HSM_OUTCOME_REFUSED)
			assert_int_equal(seen.result.error_code, atoll(cases[i].code));
		assert_int_equal(requests, 1);
		assert_null(strstr(seen.message, "Mar"));
		assert_null(strstr(seen.message, "600123456"));
	}
}

static void what_has_no_answer_is_lost_and_sent_once(void **state)
{
	static const struct http_reply replies[] = {
		{ .request = SEND, .drop = true },
		{ .request = SEND, .status = 500, .body = "<html>" },
		{ .request = SEND, .status = 200, .body = "{\"messages\":[]}" },
		{ .request = SEND, .status = 200, .body = "{\"messages\":[{\"id\":\"" WAMID },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(replies); i++) {
		struct seen seen;
		size_t requests;
		send_one(&replies[i], &seen, &requests);
		assert_int_equal(seen.result.outcome, HSM_OUTCOME_LOST);
		assert_int_equal(requests, 1);
		assert_null(strstr(seen.message, "HBgL"));
	}
}

/* The corpus */

/* 0 and "0" are one index in Meta's examples, and the order of a message's members is none. */
static cJSON *normalize(cJSON *json)
{
	const char *const outer[] = { "to", "biz_opaque_callback_data" };
	cJSON *component, *index;
	for (size_t i = 0; i < COUNT(outer); i++)
		cJSON_DeleteItemFromObject(json, outer[i]);
	cJSON_ArrayForEach(component, cJSON_GetObjectItem(cJSON_GetObjectItem(json, "template"), "components")) {
		index = cJSON_GetObjectItem(component, "index");
		if (cJSON_IsNumber(index)) {
			char text[8];
			snprintf(text, sizeof(text), "%d", index->valueint);
			cJSON_ReplaceItemInObject(component, "index", cJSON_CreateString(text));
		}
	}
	return json;
}

static void compare(const char *folder, const char *name, const char *text, const char *const *given,
		    const char *physical, const char *language)
{
	struct fixture f = { 0 };
	const char *body;
	char path[512], file[65536];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *stream = fopen(path, "r");
	if (!stream)
		fail_msg("no %s", path);
	file[fread(file, 1, sizeof(file) - 1, stream)] = '\0';
	fclose(stream);
	assert_int_equal(make_form(&f, text, &hsm_graph_way), 0);
	f.choice.form.name = physical;
	f.choice.form.language = language;
	if (build(&f, given))
		fail_msg("%s: %s", name, f.error.message);
	assert_int_equal(hsm_delivery_write(&f.loading.arena, &f.messenger, &f.delivery, &body, &f.error), 0);
	cJSON *ours = normalize(cJSON_Parse(body)), *theirs = normalize(cJSON_Parse(file));
	if (!cJSON_Compare(ours, theirs, true))
		fail_msg("%s: %s", name, body);
	cJSON_Delete(ours);
	cJSON_Delete(theirs);
	loading_release(&f.loading);
}

static void bodies_are_those_that_others_send(void **state)
{
	const char *folder = getenv("HSM_CORPUS");
	(void)state;
	if (!folder)
		skip();
	compare(folder, "meta-docs/send_named_order_confirmation.json",
		HEAD "parameter_format: NAMED\nparameters: {first_name: {default: A}, order_number: {default: B}}\n" EN
		"    body: \"Thank you {{first_name}}, your number is {{order_number}}, keep it.\"\n",
		GIVEN("first_name=Jessica", "order_number=SKBUP2-4CPIG9"), "order_confirmation", "en_US");
	compare(folder, "bindambc/send/expectedMessage2.json",
		HEAD "parameters: {number: {default: A}}\n" EN "    body: \"Is your number {{number}} still the right one?\"\n",
		GIVEN("number=18754269072"), "number_confirmation", "pt_BR");
	compare(folder, "bindambc/send/expectedMessage3.json",
		HEAD "parameters: {who: {default: A}, day: {default: B}, hour: {default: C}}\n" EN
		"    body: \"Hello {{who}}, your turn comes on {{day}} at {{hour}}, is that right for you?\"\n    buttons:\n"
		"      - reply: {title: \"Yes\", id: OP_YES_48547}\n      - reply: {title: \"No\", id: OP_NO_48548}\n"
		"      - reply: {title: Change, id: OP_CH_48549}\n",
		GIVEN("who=Mauricio", "day=04/11/2022", "hour=14:30"), "schedule_confirmation3", "pt_BR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_template_has_is_given_to_graph_at_its_place),
		cmocka_unit_test(a_body_without_parameters_has_no_components),
		cmocka_unit_test(what_a_way_cannot_carry_is_refused_and_not_sent_otherwise),
		cmocka_unit_test(a_quick_reply_without_a_commit_blocks),
		cmocka_unit_test(what_no_parameter_names_is_checked_all_the_same),
		cmocka_unit_test(parameters_go_to_genesys_by_the_ids_of_the_response),
		cmocka_unit_test(a_response_that_does_not_fit_blocks),
		cmocka_unit_test(an_sms_is_its_text),
		cmocka_unit_test(what_was_sent_is_known_by_no_id_that_holds_the_number),
		cmocka_unit_test(an_error_of_meta_s_means_what_its_code_does),
		cmocka_unit_test(what_has_no_answer_is_lost_and_sent_once),
		cmocka_unit_test(bodies_are_those_that_others_send),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
