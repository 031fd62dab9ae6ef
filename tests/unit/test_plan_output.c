/*
 * The plan as text and JSON, against tests/golden/plan. HSM_GOLDEN=write writes
 * the files anew: look at the difference before it is committed.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/review/review.h"
#include "schema/finding_formats.h"
#include "tests/unit/planning.h"

static const char shipped[] = "name: order_shipped\ncategory: UTILITY\n"
			      "translations:\n  en_US: {body: Shipped.}\n  es_ES: {body: Enviado.}\n";
#define PARAMETERS                                                                               \
	"parameters:\n  order_id: {type: TEXT, default: ORD-1}\n  customer: {type: TEXT, default: Ana}\n" \
	"  eta: {type: DATE, default: 2023-10-25}\n"
static const char confirmation[] =
	"name: order_confirmation\ncategory: UTILITY\n" PARAMETERS "translations:\n"
	"  en_US: {body: \"Hi {{customer}}, your order {{order_id}} is confirmed. It arrives on {{eta}}.\"}\n";
static const char old_confirmation[] =
	"name: order_confirmation\ncategory: UTILITY\n" PARAMETERS "translations:\n"
	"  en_US: {body: \"Hi {{customer}}, your order {{order_id}} is confirmed. Estimated delivery: {{eta}}.\"}\n";
static const char breaking[] = "name: delay\ncategory: UTILITY\n" PARAMETERS "translations:\n"
			       "  en_US:\n    header: \"Order {{order_id}}\"\n"
			       "    body: \"Your parcel is late.\\nIt arrives on {{eta}}.\"\n"
			       "    buttons:\n      - reply: {id: TRACK, title: Track it}\n"
			       "  es_ES: {body: \"Su paquete llega el {{eta}}.\"}\n";
static const char old_breaking[] = "name: delay\ncategory: UTILITY\n" PARAMETERS "translations:\n"
				   "  en_US:\n    body: \"Your parcel is late.\\nPlease wait, {{customer}}.\"\n"
				   "    buttons:\n      - reply: {id: FIND, title: Find it}\n"
				   "  es_ES: {body: \"Su paquete llega tarde, {{eta}}.\"}\n";
static const char promo[] = "name: promo_spring\ncategory: MARKETING\ntranslations:\n  en_US: {body: Spring sale.}\n";
static const char menu[] = "name: support_menu\ncategory: UTILITY\ntranslations:\n  en_US: {body: How can we help?}\n";
static const char hostile[] = "name: zz_hostile\ncategory: UTILITY\ntranslations:\n  en_US: {body: Plain.}\n";

static const char live[] = "order_confirmation_v2 en_US APPROVED UTILITY old\n"
			   "delay_v1 en_US APPROVED UTILITY old\n"
			   "delay_v1 es_ES APPROVED UTILITY old\n"
			   "promo_spring_v4 en_US REJECTED MARKETING git\n"
			   "support_menu_v1 en_US PENDING UTILITY git\n"
			   "zz_hostile_v1 en_US APPROVED UTILITY \\u001b[2Jgone \\u202eevil\n"
			   "foreign_v1 en_US APPROVED UTILITY Hello.\n";

static const char config[] = "environments:\n"
			     "  prod:\n"
			     "    region: eu-west-1\n"
			     "    webhooks: [{name: hook, url: \"https://h.example.com\", events: [a]}]\n"
			     "policy: {max_change_percent: 10}\n";

static void compare_golden(const char *name, const struct hsm_buffer *buffer)
{
	char path[128];
	snprintf(path, sizeof(path), "tests/golden/plan/%s", name);
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
	text[length] = '\0';
	fclose(file);
	if (length != buffer->length || memcmp(text, buffer->data, length) != 0)
		fail_msg("%s is not what is printed:\n%s", path, buffer->data);
	free(text);
}

static void start(struct planning *planning)
{
	const char *git[] = { shipped, confirmation, breaking, promo, menu, hostile, NULL };
	const char *old[] = { old_confirmation, old_breaking, NULL };
	planning_start(planning, config, git, old, live);
	planning->live.has_webhooks = true;
	planning_make(planning);
}

static void text_is_what_a_reviewer_reads(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	/* Three hours after what is live was created. */
	struct hsm_review_style style = { .now = 1795165200 + 3 * 3600 };
	start(&planning);
	hsm_review_append_text(&planning.plan, &style, &buffer);
	compare_golden("all.txt", &buffer);
	hsm_buffer_clear(&buffer);
	style.color = true;
	hsm_review_append_text(&planning.plan, &style, &buffer);
	compare_golden("all.color.txt", &buffer);
	hsm_buffer_release(&buffer);
	planning_release(&planning);
}

static void json_is_what_a_program_reads(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	start(&planning);
	hsm_plan_append_json(&planning.plan, &buffer);
	compare_golden("all.json", &buffer);
	hsm_buffer_release(&buffer);
	planning_release(&planning);
}

static void nothing_to_do_says_so(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_review_style style = { 0 };
	const char *git[] = { menu, NULL };
	planning_start(&planning, NULL, git, NULL, "support_menu_v1 en_US APPROVED UTILITY git");
	planning.desired.dirty = "hsmctl.yaml";
	planning.options.command = "drift";
	planning_make(&planning);
	hsm_review_append_text(&planning.plan, &style, &buffer);
	compare_golden("nothing.txt", &buffer);
	hsm_buffer_release(&buffer);
	planning_release(&planning);
}

/* Every kind of row, and texts that want to break out of each format. */
#define EN(name, text) "name: " name "\ncategory: UTILITY\ntranslations:\n  en_US: {body: \"" text "\"}\n"
static const char *const kinds_git[] = {
	EN("a_create", "Created <b>bold</b> @acme/team #12 https://evil.example [x](y) `z` |"),
	EN("b_replace", "Hello *{{bold}}* there, **friend**.") "parameters: {bold: {type: TEXT, default: Ana}}\n",
	EN("c_reuse", "The first text."),
	EN("d_recategorised", "Your order is packed."),
	EN("e_blocked", "Buy now."),
	EN("f_conflict", "What git says."),
	EN("g_wait", "Please wait here."),
	EN("h_held", "Short."),
	EN("i_retired", "The newest text."),
	EN("s_settings", "Settings.") "fallback:\n  - channel: sms\n    text: {en_US: Call us.}\n",
	EN("v_one", "One, Acme GmbH."), EN("v_three", "Three, Acme GmbH."), EN("v_two", "Two, Acme GmbH."),
	NULL,
};
static const char *const kinds_old[] = {
	EN("b_replace", "Hello _you_ there,\\n\\nfriend."), EN("c_reuse", "The second text."),
	EN("h_held", "Short, \\u05d0\\u05d1."), EN("i_retired", "The oldest text."), EN("y_delete", "Gone from git."),
	EN("v_one", "One, Acme Ltd."), EN("v_three", "Three, Acme Ltd."), EN("v_two", "Two, Acme Ltd."), NULL,
};
static const char kinds_live[] =
	"b_replace_v1 en_US APPROVED UTILITY old\n"
	"c_reuse_v1 en_US APPROVED UTILITY git\nc_reuse_v2 en_US APPROVED UTILITY old\n"
	"d_recategorised_v1 en_US APPROVED MARKETING git\n"
	"e_blocked_v1 en_US REJECTED UTILITY git\n"
	"f_conflict_v1 en_US APPROVED UTILITY </td></table><script>alert(1)</script> @all \\u202e\n"
	"g_wait_v1 en_US PENDING UTILITY git\n"
	"h_held_v1 en_US APPROVED UTILITY old\n"
	"i_retired_v1 en_US APPROVED UTILITY old\ni_retired_v2 en_US APPROVED UTILITY git\n"
	"i_retired_v3 en_US APPROVED UTILITY git\n"
	"s_settings_v1 en_US APPROVED UTILITY git\n"
	"v_one_v1 en_US APPROVED UTILITY old\nv_three_v1 en_US APPROVED UTILITY old\nv_two_v1 en_US APPROVED UTILITY old\n"
	"y_delete_v1 en_US APPROVED UTILITY old\n";
static const char kinds_config[] = "environments:\n"
				   "  prod:\n"
				   "    region: eu-west-1\n"
				   "    webhooks: [{name: new_hook, url: \"https://h.example.com\", events: [a]},\n"
				   "               {name: old_hook, url: \"https://h.example.com/2\", events: [a]}]\n"
				   "policy: {max_change_percent: 10, protect: [b_*, y_*]}\n";

/* Three templates that one variable changed, as history tells it. */
static void attribute_to_variable(struct planning *planning)
{
	for (size_t i = 0; i + 1 < planning->history.count; i++) {
		struct hsm_history_entry *entry = &planning->history.entries[i];
		if (strncmp(entry->base, "v_", 2) != 0 || strcmp(entry[0].base, entry[1].base) != 0)
			continue;
		entry->variables = "legal";
		entry->before = &entry[1].compiled.content;
	}
}

static void start_kinds(struct planning *planning)
{
	static struct hsm_registry_entry entries[] = { { "b_replace", "en_US", "b_replace_v1", "", "" },
						       { "c_reuse", "en_US", "c_reuse_v2", "", "" },
						       { "s_settings", "en_US", "s_settings_v1", "", "" } };
	static struct hsm_registry_state registry = { entries, 3 };
	static const struct hsm_plan_ignore ignore = { "f_*", "2026-12-31" };
	static const char *events[] = { "a" };
	static struct hsm_live_webhook webhooks[] = { { "w-1", "old_hook", "https://h.example.com/1", events, 1, true } };
	planning_start(planning, kinds_config, (const char *const *)kinds_git, (const char *const *)kinds_old, kinds_live);
	attribute_to_variable(planning);
	planning->live.has_webhooks = true;
	planning->live.webhooks = webhooks;
	planning->live.webhook_count = 1;
	planning->registry = &registry;
	planning->options.prune = true;
	planning->options.ignores = &ignore;
	planning->options.ignore_count = 1;
	planning->options.now = 1795165200 + 1800;
	planning_make(planning);
}

static const struct hsm_review_style kinds_style = { .now = 1795165200 + 1800,
						     .files_url = "https://github.com/acme/messages/blob" };

static void every_kind_is_shown_in_every_format(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_findings findings = { 0 };
	start_kinds(&planning);
	unsigned seen = 0;
	for (size_t i = 0; i < planning.plan.changes.count; i++)
		seen |= 1u << HSM_LIST_ITEM(planning.plan.changes, struct hsm_plan_change, i)->action.value;
	for (int action = HSM_ACTION_CREATE; action <= HSM_ACTION_RECATEGORISED; action++)
		if (!(seen & 1u << action))
			fail_msg("no row of kind %s", hsm_action_words[action - 1]);
	hsm_review_append_text(&planning.plan, &kinds_style, &buffer);
	compare_golden("kinds.txt", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_plan_append_json(&planning.plan, &buffer);
	compare_golden("kinds.json", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_review_append_markdown(&planning.plan, &kinds_style, &buffer);
	compare_golden("kinds.md", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_review_append_html(&planning.plan, &kinds_style, &buffer);
	compare_golden("kinds.html", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_review_find(&planning.plan, &findings);
	hsm_findings_append_github(&findings, "messages/", &buffer);
	compare_golden("kinds.github", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_findings_append_gitlab(&findings, "messages/", &buffer);
	compare_golden("kinds.gitlab.json", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_findings_append_sarif(&findings, "messages/", &buffer);
	compare_golden("kinds.sarif", &buffer);
	hsm_findings_release(&findings);
	hsm_buffer_release(&buffer);
	planning_release(&planning);
}

/* What only Meta's templates have: a login that is changed, a carousel that is new. */
#define LOGIN(minutes)                                                                                        \
	"name: login\ncategory: AUTHENTICATION\ntranslations:\n"                                                  \
	"  de:\n    authentication: {security_recommendation: true, code_expiration_minutes: " minutes "}\n"         \
	"    buttons: [{otp: {type: COPY_CODE, title: Kopieren}}]\n"                                              \
	"  en_US:\n    authentication: {security_recommendation: true, code_expiration_minutes: " minutes "}\n"     \
	"    buttons: [{otp: {type: ONE_TAP, title: Copy, autofill_title: Fill, apps: [{package_name: com.example.app, " \
	"signature_hash: K8a/AINcGX7}]}}]\n"
static const char *const meta_git[] = {
	LOGIN("10"),
	"name: shoes\ncategory: MARKETING\nparameters: {price: {default: 9 EUR}}\ntranslations:\n  en_US:\n"
	"    body: The new shoes.\n    carousel:\n"
	"      - {header: {image: files/red.jpg}, body: \"Red at {{price}} now.\", buttons: [{reply: {id: R, title: More}}]}\n"
	"      - {header: {image: files/blue.jpg}, body: \"Blue at {{price}} now.\", buttons: [{reply: {id: B, title: More}}]}\n",
	NULL,
};
static const char *const meta_old[] = { LOGIN("5"), NULL };

static void what_only_meta_has_is_shown(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	planning_start(&planning, "backend: meta\nenvironments:\n  dev: {account: \"1\"}\n", meta_git, meta_old,
		       "login_v1 de APPROVED AUTHENTICATION old\nlogin_v1 en_US APPROVED AUTHENTICATION old\n");
	planning.options.now = 1795165200;
	planning_make(&planning);
	hsm_review_append_text(&planning.plan, &kinds_style, &buffer);
	compare_golden("meta.txt", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_review_append_markdown(&planning.plan, &kinds_style, &buffer);
	compare_golden("meta.md", &buffer);
	hsm_buffer_clear(&buffer);
	hsm_review_append_html(&planning.plan, &kinds_style, &buffer);
	compare_golden("meta.html", &buffer);
	hsm_buffer_release(&buffer);
	planning_release(&planning);
}

static void a_saved_plan_is_shown_with_the_same_bytes(void **state)
{
	(void)state;
	struct planning planning = { 0 };
	struct hsm_buffer saved = HSM_BUFFER_INIT(HSM_BUFFER_CAP), first = saved, second = saved;
	struct hsm_arena arena = { 0 };
	struct hsm_plan plan;
	struct hsm_error error;
	start_kinds(&planning);
	hsm_plan_save(&planning.plan, &saved);
	if (hsm_plan_load(&arena, saved.data, saved.length, &plan, &error))
		fail_msg("%s", error.message);
	hsm_review_append_markdown(&planning.plan, &kinds_style, &first);
	hsm_review_append_html(&planning.plan, &kinds_style, &first);
	hsm_review_append_markdown(&plan, &kinds_style, &second);
	hsm_review_append_html(&plan, &kinds_style, &second);
	assert_string_equal(first.data, second.data);
	hsm_buffer_release(&saved);
	hsm_buffer_release(&first);
	hsm_buffer_release(&second);
	hsm_arena_release(&arena);
	planning_release(&planning);
}

/* The hash is of what is done: not of who, when, or what moved elsewhere. */
static void the_hash_changes_with_what_is_done_alone(void **state)
{
	(void)state;
	static const char *const git[] = { EN("order", "New words for you."), NULL };
	static const char *const old[] = { EN("order", "Old words for you."), NULL };
	static const struct {
		const char *live;
		bool same;
	} cases[] = {
		{ "order_v1 en_US APPROVED UTILITY old", true },
		{ "order_v1 en_US APPROVED UTILITY old\nother_v7 en_US APPROVED UTILITY Not git's.", true },
		{ "order_v1 en_US PAUSED UTILITY old", true },
		{ "order_v1 en_US APPROVED UTILITY old\norder_v2 en_US REJECTED UTILITY Words.", false },
		{ "order_v3 en_US APPROVED UTILITY old", false },
	};
	char first[HSM_FINGERPRINT_SIZE] = "";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct planning planning = { 0 };
		planning_start(&planning, NULL, (const char *const *)git, (const char *const *)old, cases[i].live);
		planning.options.now = 1000 * (int64_t)i;
		planning.desired.dirty = i == 1 ? "hsmctl.yaml" : NULL;
		planning_make(&planning);
		if (!i)
			memcpy(first, planning.plan.hash.text, sizeof(first));
		if ((strcmp(first, planning.plan.hash.text) == 0) != cases[i].same)
			fail_msg("case %zu: the hash is %s", i, cases[i].same ? "another" : "the same");
		planning_release(&planning);
	}
}

/* However much there is, a comment takes it. */
static void markdown_fits_into_a_comment(void **state)
{
	(void)state;
	static struct hsm_plan_change changes[3000];
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct planning planning = { 0 };
	start_kinds(&planning);
	struct hsm_plan plan = planning.plan;
	const struct hsm_plan_change *first = plan.changes.items;
	for (size_t i = 0; i < 3000; i++) {
		changes[i] = *first;
		changes[i].reason.text = "<&@#|`*> a reason that is long and wants to be longer, again and again and again";
	}
	changes[2999] = *HSM_LIST_ITEM(plan.changes, struct hsm_plan_change, 3);
	changes[2999].action.value = HSM_ACTION_RECATEGORISED;
	plan.changes.items = changes;
	plan.changes.count = 3000;
	hsm_review_append_markdown(&plan, &kinds_style, &buffer);
	assert_true(buffer.length <= HSM_REVIEW_MARKDOWN_MAX);
	assert_true(buffer.length > HSM_REVIEW_MARKDOWN_MAX / 2);
	assert_non_null(strstr(buffer.data, " more changes are too long for this comment"));
	/* What matters most is there although it came last. */
	assert_non_null(strstr(buffer.data, "| 💰 recategorised"));
	hsm_buffer_release(&buffer);
	planning_release(&planning);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_a_reviewer_reads),
		cmocka_unit_test(json_is_what_a_program_reads),
		cmocka_unit_test(nothing_to_do_says_so),
		cmocka_unit_test(every_kind_is_shown_in_every_format),
		cmocka_unit_test(what_only_meta_has_is_shown),
		cmocka_unit_test(a_saved_plan_is_shown_with_the_same_bytes),
		cmocka_unit_test(the_hash_changes_with_what_is_done_alone),
		cmocka_unit_test(markdown_fits_into_a_comment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
