/* Cards that are swiped through. */
#include <string.h>

#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define SHOES "name: shoes\ncategory: MARKETING\ntranslations:\n  en_US:\n    body: Our new shoes are here.\n"
#define LINK(title) "buttons: [{url: {title: " title ", url: \"https://example.com/\"}}]"
#define IMAGE "      - {header: {image: files/shoes.jpg}, "
#define CARD IMAGE "body: Light as air., " LINK("Show me") "}\n"
#define CARDS "    carousel:\n" CARD CARD
#define FIFTY "abcdefghij abcdefghij abcdefghij abcdefghij abcde."

enum { CARDS_MIN = 2, BODY_MAX = 160 };

static void check_category(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_list *carousel = &translation->translation->carousel;
	if (carousel->count && translation->template->category.value != HSM_CATEGORY_MARKETING)
		hsm_check_report(checker, carousel->mark, "a carousel is for MARKETING templates: say category: MARKETING");
}

static void check_alone(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_translation *file = translation->translation;
	const struct {
		bool present;
		struct hsm_mark mark;
		const char *what;
	} others[] = { { file->header.node.present, file->header.node.mark, "header" },
		       { file->footer.text, file->footer.mark, "footer" },
		       { file->buttons.count, file->buttons.mark, "buttons" },
		       { file->limited_time_offer.node.present, file->limited_time_offer.node.mark, "offer" } };
	for (size_t i = 0; file->carousel.count && i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].present)
			hsm_check_report(checker, others[i].mark, "%s beside a carousel: move it into the cards, or leave it out",
					 others[i].what);
}

static void check_count(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	const struct hsm_list *carousel = &translation->translation->carousel;
	if (carousel->count && carousel->count < CARDS_MIN)
		hsm_check_report(checker, carousel->mark, "a carousel of one card: write a second, or make it a header");
}

static const char *kind_of(const struct hsm_checked_part *part, size_t button)
{
	const char *kind = button < part->buttons->count ? hsm_button_kind(hsm_check_button(part, button)) : NULL;
	return kind ? kind : "none";
}

static void compare_cards(struct hsm_checker *checker, const struct hsm_checked_part *first,
			  const struct hsm_checked_part *one)
{
	const char *wanted = hsm_header_kind(first->heading), *kind = hsm_header_kind(one->heading);
	size_t buttons = first->buttons->count > one->buttons->count ? first->buttons->count : one->buttons->count;
	if (wanted && kind && strcmp(wanted, kind) != 0)
		hsm_check_report(checker, one->heading->node.mark, "the header of card %zu is %s, and that of the first is %s",
				 one->card, kind, wanted);
	if (!first->body.string->text != !one->body.string->text)
		hsm_check_report(checker, one->mark, "card %zu has %s body, and the first has %s", one->card,
				 one->body.string->text ? "a" : "no", one->body.string->text ? "none" : "one");
	for (size_t i = 0; i < buttons; i++)
		if (strcmp(kind_of(first, i), kind_of(one, i)) != 0)
			hsm_check_report(checker, i < one->buttons->count ? hsm_check_button(one, i)->node.mark : one->mark,
					 "button %zu of card %zu is %s, and that of the first is %s", i + 1, one->card,
					 kind_of(one, i), kind_of(first, i));
}

static void check_alike(struct hsm_checker *checker, const struct hsm_checked_translation *translation)
{
	for (size_t i = 2; i < translation->part_count; i++)
		compare_cards(checker, &translation->parts[1], &translation->parts[i]);
}

static void check_header(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_header *header = part->heading;
	if (part->card && !header->image.text && !header->video.text && !header->product.present)
		hsm_check_report(checker, header->node.present ? header->node.mark : part->mark,
				 "a card has a header that is an image, a video or a product");
}

static void check_body(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	if (part->card && part->body.text && part->body.characters > BODY_MAX)
		hsm_check_report(checker, part->body.string->mark, "the %s has %zu characters with its defaults filled in: %d at "
								   "most", part->body.component, part->body.characters, BODY_MAX);
}

static void check_languages(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (size_t i = 1; i < template->count; i++) {
		const struct hsm_checked_translation *first = &template->translations[0], *one = &template->translations[i];
		if (one->part_count != first->part_count)
			hsm_check_report(checker, one->translation->node.key.mark, "%s has %zu cards, and %s has %zu", one->language,
					 one->part_count - 1, first->language, first->part_count - 1);
	}
}

const struct hsm_rule hsm_carousel_rules[] = {
	{ "HSM200", "carousel-category", E, "a carousel is a MARKETING template", .protects = "Meta refuses others",
	  .source = "Meta, media card carousel templates", .fix = "say category: MARKETING", .backend = HSM_BACKEND_META,
	  .good = SHOES CARDS,
	  .bad = "name: shoes\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: Our new shoes are here.\n" CARDS,
	  .check_translation = check_category },
	{ "HSM201", "carousel-alone", W, "a message with a carousel has a body, and nothing else of its own",
	  .protects = "Meta may refuse more", .source = "Meta, media card carousel templates: a body and cards",
	  .fix = "move it into the cards", .backend = HSM_BACKEND_META, .good = SHOES CARDS,
	  .bad = SHOES "    footer: Acme\n" CARDS, .check_translation = check_alone },
	{ "HSM202", "carousel-cards", E, "a carousel has two cards or more", .protects = "Meta refuses one",
	  .source = "Meta, media card carousel templates", .fix = "write a second card", .backend = HSM_BACKEND_META,
	  .good = SHOES CARDS, .bad = SHOES "    carousel:\n" CARD, .check_translation = check_count },
	{ "HSM203", "cards-alike", E, "all cards have the header format, the body and the buttons of the first",
	  .protects = "Meta refuses cards that are not made alike", .source = "Meta, media card carousel templates",
	  .fix = "give all cards the same parts", .backend = HSM_BACKEND_META, .good = SHOES CARDS,
	  .bad = SHOES CARDS IMAGE LINK("Show me") "}\n",
	  .check_translation = check_alike },
	{ "HSM204", "card-header", E, "each card has an image, a video or a product", .protects = "Meta refuses others",
	  .source = "Meta, media card carousel templates", .fix = "write a header", .backend = HSM_BACKEND_META,
	  .good = SHOES CARDS, .bad = SHOES "    carousel:\n      - {body: Light as air.}\n      - {body: Light as air.}\n",
	  .check_part = check_header },
	{ "HSM205", "card-body-length", W, "the body of a card has at most 160 characters",
	  .protects = "Meta may refuse a longer one", .source = "providers' guides", .fix = "shorten it",
	  .backend = HSM_BACKEND_META, .good = SHOES CARDS,
	  .bad = SHOES CARDS IMAGE "body: " FIFTY " " FIFTY " " FIFTY " " FIFTY ", " LINK("Show me") "}\n",
	  .check_part = check_body },
	{ "HSM206", "same-cards", E, "every language has as many cards as the first",
	  .protects = "one sender's values fit every language", .source = "hsmctl's design",
	  .fix = "give all languages the same cards", .backend = HSM_BACKEND_META, .good = SHOES CARDS,
	  .bad = SHOES CARDS "  de:\n    body: Die neuen Schuhe sind da.\n", .check_template = check_languages },
};
const size_t hsm_carousel_rules_count = sizeof(hsm_carousel_rules) / sizeof(hsm_carousel_rules[0]);
