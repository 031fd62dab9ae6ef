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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_a_reviewer_reads),
		cmocka_unit_test(json_is_what_a_program_reads),
		cmocka_unit_test(nothing_to_do_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
