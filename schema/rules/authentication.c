/* One-time passwords on Meta, which writes the text around them itself. */
#include <string.h>

#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define LOGIN "name: login\ncategory: AUTHENTICATION\ntranslations:\n  en_US:\n"
#define GENERATED "    authentication: {security_recommendation: true}\n"
#define OTP(more) "    buttons:\n      - otp: {type: " more "}\n"
#define COPY OTP("COPY_CODE, title: Copy code")
#define TAP "ONE_TAP, title: Copy code, autofill_title: Autofill"
#define APPS ", apps: [{package_name: com.example.app, signature_hash: K8a/AINcGX7}]"

static void check_category(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_node *node = &translation->translation->authentication.node;
	if (node->present && !hsm_check_is_login(translation->template))
		hsm_check_report(checker, node->mark, "'authentication' is for one-time passwords: say category: AUTHENTICATION");
}

static void check_button_category(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_node *node = &hsm_check_button(part, i)->otp.node;
		if (node->present && !hsm_check_is_login(part->template))
			hsm_check_report(checker, node->mark, "an otp button passes one-time passwords on: say category: "
							      "AUTHENTICATION");
	}
}

static void check_buttons(struct hsm_checker *checker, const struct hsm_checked_part *part, struct hsm_mark mark)
{
	size_t count = 0;
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_button *button = hsm_check_button(part, i);
		count += button->otp.node.present;
		if (!button->otp.node.present || count > 1)
			hsm_check_report(checker, button->node.mark, "one otp button stands beside 'authentication', and no other");
	}
	if (!count)
		hsm_check_report(checker, mark, "'authentication' without its otp button: write it under 'buttons'");
}

/* The compiler refuses a body and a footer. */
static void check_parts(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_translation *file = translation->translation;
	const struct {
		bool present;
		struct hsm_mark mark;
		const char *what;
	} others[] = { { file->header.node.present, file->header.node.mark, "header" },
		       { file->limited_time_offer.node.present, file->limited_time_offer.node.mark, "offer" },
		       { file->carousel.count, file->carousel.mark, "carousel" } };
	if (!file->authentication.node.present)
		return;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].present)
			hsm_check_report(checker, others[i].mark, "a message with 'authentication' has no %s", others[i].what);
	check_buttons(checker, translation->parts, file->authentication.node.mark);
}

static void check_generated(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_translation *file = translation->translation;
	if (hsm_check_is_login(translation->template) && !file->authentication.node.present)
		hsm_check_report(checker, file->body.text ? file->body.mark : file->node.key.mark,
				 "Meta writes the text around a one-time password itself: 'authentication' in place of body and "
				 "footer");
}

static void check_apps(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_button_otp *otp = &hsm_check_button(part, i)->otp;
		if (otp->node.present && !otp->apps.count && otp->type.value != hsm_word_find(hsm_otp_type_words, "COPY_CODE"))
			hsm_check_report(checker, otp->node.mark, "a button of type %s names the apps that may take the code: "
								  "write 'apps'", hsm_otp_type_words[otp->type.value - 1]);
	}
}

const struct hsm_rule hsm_authentication_rules[] = {
	{ "HSM190", "authentication-category", E, "one-time passwords are sent by AUTHENTICATION templates",
	  .protects = "Meta refuses the template", .source = "Meta, authentication templates",
	  .fix = "say category: AUTHENTICATION", .backend = HSM_BACKEND_META, .good = LOGIN GENERATED COPY,
	  .bad = "name: login\ncategory: UTILITY\ntranslations:\n  en_US:\n" GENERATED COPY,
	  .check_translation = check_category, .check_part = check_button_category },
	{ "HSM191", "authentication-parts", E, "beside 'authentication' stands exactly one otp button, and nothing else",
	  .protects = "Meta refuses the template", .source = "Meta, authentication templates (2388148)",
	  .fix = "write one otp button, and leave the rest out", .backend = HSM_BACKEND_META, .good = LOGIN GENERATED COPY,
	  .bad = LOGIN GENERATED COPY "      - url: {title: Help, url: \"https://example.com/\"}\n",
	  .check_translation = check_parts },
	{ "HSM192", "authentication-generated", E, "the text of an AUTHENTICATION template is Meta's",
	  .protects = "Meta refuses one of its own, which it took in earlier years",
	  .source = "Meta, authentication templates", .fix = "write 'authentication' in place of body and footer",
	  .backend = HSM_BACKEND_META, .good = LOGIN GENERATED COPY, .bad = LOGIN "    body: The code is in the app.\n" COPY,
	  .check_translation = check_generated },
	{ "HSM193", "otp-apps", E, "a button that fills the code in names the apps that may take it",
	  .protects = "Meta refuses it", .source = "Meta, authentication templates", .fix = "write 'apps'",
	  .backend = HSM_BACKEND_META, .good = LOGIN GENERATED OTP(TAP APPS), .bad = LOGIN GENERATED OTP(TAP),
	  .check_part = check_apps },
};
const size_t hsm_authentication_rules_count = sizeof(hsm_authentication_rules) / sizeof(hsm_authentication_rules[0]);
