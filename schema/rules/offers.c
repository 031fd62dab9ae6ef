/* Offers that end. */
#include <string.h>

#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define SALE "name: sale\ncategory: MARKETING\ntranslations:\n  en_US:\n"
#define BODY "    body: Our shoes cost less this week.\n"
#define OFFER "    limited_time_offer: {text: Ends on Sunday, has_expiration: true}\n"
#define CODE "    buttons:\n      - copy_code: {example: SHOES25}\n"
#define TEN "abcdefghi "
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

enum { TEXT_MAX = 16, BODY_MAX = 600 };

static const struct hsm_limited_time_offer *offer_of(const struct hsm_checked_translation *translation)
{
	const struct hsm_limited_time_offer *offer = &translation->translation->limited_time_offer;
	return offer->node.present ? offer : NULL;
}

static void check_category(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_limited_time_offer *offer = offer_of(translation);
	if (offer && translation->template->category.value != HSM_CATEGORY_MARKETING)
		hsm_check_report(checker, offer->node.mark, "an offer is for MARKETING templates: say category: MARKETING");
}

static void check_text(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_checked_text *text = &translation->offer;
	const char *braces = text->text ? strstr(text->text, "{{") : NULL;
	if (text->text && text->characters > TEXT_MAX)
		hsm_check_report(checker, text->string->mark, "the offer has %zu characters with its variables: %d at most",
				 text->characters, TEXT_MAX);
	if (braces)
		hsm_check_report(checker, hsm_check_mark(text, (size_t)(braces - text->text), 2),
				 "an offer takes no parameter: customers would read the braces");
}

static void check_footer(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_string *footer = &translation->translation->footer;
	if (offer_of(translation) && footer->text)
		hsm_check_report(checker, footer->mark, "a footer beside an offer: leave it out");
}

static bool has_code(const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++)
		if (hsm_check_button(part, i)->copy_code.node.present)
			return true;
	return false;
}

static void check_parts(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_limited_time_offer *offer = offer_of(translation);
	const struct hsm_header *header = &translation->translation->header;
	if (!offer)
		return;
	if (header->node.present && !header->image.text && !header->video.text)
		hsm_check_report(checker, header->node.mark, "the header beside an offer is an image or a video");
	if (offer->has_expiration.value && !has_code(translation->parts))
		hsm_check_report(checker, offer->has_expiration.mark, "an offer that expires has a copy_code button");
}

static void check_body(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_checked_text *body = &translation->parts->body;
	if (offer_of(translation) && body->text && body->characters > BODY_MAX)
		hsm_check_report(checker, body->string->mark, "the body beside an offer has %zu characters with its defaults "
							      "filled in: %d at most", body->characters, BODY_MAX);
}

const struct hsm_rule hsm_offers_rules[] = {
	{ "HSM210", "offer-category", E, "an offer is a MARKETING template", .protects = "Meta refuses others",
	  .source = "Meta, limited-time offer templates", .fix = "say category: MARKETING", .backend = HSM_BACKEND_META,
	  .good = SALE OFFER BODY CODE, .bad = "name: sale\ncategory: UTILITY\ntranslations:\n  en_US:\n" OFFER BODY CODE,
	  .check_translation = check_category },
	{ "HSM211", "offer-text", E, "an offer has at most 16 characters, and no parameter",
	  .protects = "Meta refuses a longer one", .source = "Meta, limited-time offer templates", .fix = "shorten it",
	  .backend = HSM_BACKEND_META, .good = SALE OFFER BODY CODE,
	  .bad = SALE "    limited_time_offer: {text: \"Ends {{day}}\"}\n" BODY, .check_translation = check_text },
	{ "HSM212", "offer-footer", E, "an offer has no footer", .protects = "Meta refuses it",
	  .source = "Meta, limited-time offer templates", .fix = "leave it out", .backend = HSM_BACKEND_META,
	  .good = SALE OFFER BODY CODE, .bad = SALE OFFER BODY "    footer: Acme\n" CODE, .check_translation = check_footer },
	{ "HSM213", "offer-parts", W, "beside an offer a header is an image or a video, and one that expires has a code",
	  .protects = "Meta may refuse others", .source = "providers' copies of Meta's page",
	  .fix = "write a copy_code button; leave another header out", .backend = HSM_BACKEND_META,
	  .good = SALE "    header: {image: files/shoes.jpg}\n" OFFER BODY CODE, .bad = SALE "    header: Shoes\n" OFFER BODY,
	  .check_translation = check_parts },
	{ "HSM214", "offer-body-length", W, "the body beside an offer has at most 600 characters",
	  .protects = "Meta may refuse a longer one", .source = "providers' copies of Meta's page", .fix = "shorten it",
	  .backend = HSM_BACKEND_META, .good = SALE OFFER BODY CODE,
	  .bad = SALE OFFER "    body: " HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "and more.\n" CODE,
	  .check_translation = check_body },
};
const size_t hsm_offers_rules_count = sizeof(hsm_offers_rules) / sizeof(hsm_offers_rules[0]);
