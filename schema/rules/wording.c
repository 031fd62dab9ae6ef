/* What texts and intents say, against the category. */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "schema/base/text.h"
#include "schema/rules/check.h"
#include "schema/rules/wording.h"

#define W HSM_SEVERITY_WARNING
#define E HSM_SEVERITY_ERROR
#define EN "translations:\n  en_US:\n"
#define UTILITY "name: order_update\ncategory: UTILITY\n"

/* Each list in the order of its bytes: a word is looked up by its first two. In
 * lower case, beginning with an ASCII letter or '%'. */
static const char *const promotional[] = {
	"% de desconto", "% de descuento", "% de remise", "% de réduction", "% di sconto", "% discount", "% dto",
	"% korting", "% off", "% rabatt", "aanbieding", "aanbiedingen", "achetez maintenant", "acquista ora",
	"angebot", "angebote", "aprovecha", "aproveite", "best deal", "best price", "black friday", "buy now",
	"buy one", "cashback", "clearance", "code promo", "codice sconto", "compra ahora", "compra ya",
	"compre agora", "coupon", "coupons", "cupom", "cupón", "cyber monday", "desconto", "descontos", "descuento",
	"descuentos", "discount", "discounts", "exclusive deal", "exclusive offer", "flash sale", "free gift",
	"gutschein", "jetzt kaufen", "koop nu", "korting", "kortingscode", "limited offer", "limited time",
	"limited-time", "liquidação", "oferta", "ofertas", "offer ends", "offerta", "offerte", "offre exclusive",
	"offre spéciale", "profitez", "promo", "promo code", "promociones", "promoción", "promotion", "promotions",
	"promozione", "promozioni", "promoção", "promoções", "rabatt", "rabattcode", "rebajas", "remise", "saldi",
	"sale ends", "sconti", "sconto", "shop now", "soldes", "sonderangebot", "special deal", "special offer",
	"special offers", "uitverkoop", "voucher code",
};

static const char *const one_time[] = {
	"authentication code", "code de vérification", "code à usage unique", "codice di verifica", "codice monouso",
	"contraseña de un solo uso", "código de autenticación", "código de autenticação", "código de un solo uso",
	"código de uso único", "código de verificación", "código de verificação", "eenmalige code", "einmalcode",
	"einmalpasswort", "log-in code", "login code", "mot de passe à usage unique", "one time code",
	"one time password", "one-time code", "one-time passcode", "one-time password", "otp", "passcode",
	"senha de uso único", "sign-in code", "verificatiecode", "verification code", "verifizierungscode",
};

static const char *const shorteners[] = {
	"adf.ly", "bit.ly", "bl.ink", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy",
	"rebrand.ly", "short.io", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd",
};

#define LIST(phrases) { phrases, sizeof(phrases) / sizeof(*(phrases)) }
const struct hsm_wording hsm_wordings[HSM_WORDING_MAX_] = {
	[HSM_WORDING_PROMOTIONAL] = LIST(promotional),
	[HSM_WORDING_ONE_TIME] = LIST(one_time),
	[HSM_WORDING_SHORTENERS] = LIST(shorteners),
};

static bool is_letter(char c)
{
	return (c & 0x80) || isalnum((unsigned char)c);
}

static unsigned first_two(const char *text)
{
	return text[0] ? (unsigned)tolower((unsigned char)text[0]) << 8 | (unsigned)tolower((unsigned char)text[1]) : 0;
}

/* How many bytes of text the phrase takes in any case; 0: it is not there. */
static size_t match(const char *text, const char *phrase)
{
	size_t at = 0;
	while (*phrase) {
		if (!((*phrase | text[at]) & 0x80)) {
			if (tolower((unsigned char)text[at++]) != *phrase++)
				return 0;
			continue;
		}
		int32_t wanted = 0, found = 0;
		utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)phrase, -1, &wanted);
		utf8proc_ssize_t length = text[at] ? utf8proc_iterate((const utf8proc_uint8_t *)text + at, -1, &found) : 0;
		if (size <= 0 || length <= 0 || utf8proc_tolower(found) != wanted)
			return 0;
		phrase += size;
		at += (size_t)length;
	}
	return is_letter(text[at]) ? 0 : at;
}

/* The longest phrase that begins at text. */
static size_t match_any(const struct hsm_wording *wording, const char *text)
{
	unsigned key = first_two(text);
	size_t low = 0, high = wording->count, longest = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (first_two(wording->phrases[middle]) < key)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < wording->count && first_two(wording->phrases[low]) == key; low++) {
		size_t length = match(text, wording->phrases[low]);
		longest = length > longest ? length : longest;
	}
	return longest;
}

static uint32_t bit_of(char c)
{
	return 1u << (tolower((unsigned char)c) & 31);
}

/* What a byte may do: begin a phrase, be inside a word or a host's name. */
enum { BEGINS = 1, JOINS = 2 };

void hsm_wording_make_filter(struct hsm_wording_filter *filter)
{
	memset(filter, 0, sizeof(*filter));
	for (int c = 1; c < 256; c++)
		if (is_letter((char)c) || c == '.' || c == '-')
			filter->classes[c] = JOINS;
	for (size_t i = 0; i < HSM_WORDING_MAX_; i++)
		for (size_t j = 0; j < hsm_wordings[i].count; j++) {
			const char *phrase = hsm_wordings[i].phrases[j];
			filter->seconds[i][(unsigned char)phrase[0]] |= bit_of(phrase[1]);
			filter->any[(unsigned char)phrase[0]] |= bit_of(phrase[1]);
			filter->classes[(unsigned char)phrase[0]] |= BEGINS;
			filter->classes[toupper((unsigned char)phrase[0])] |= BEGINS;
		}
}

static void match_all(const struct hsm_wording_filter *filter, const char *text, const char *at,
		      struct hsm_wording_place places[HSM_WORDING_MAX_])
{
	int letter = tolower((unsigned char)*at);
	const char *first = at; /* the number before '%' is of it */
	while (*at == '%' && first > text && isdigit((unsigned char)first[-1]))
		first--;
	for (size_t i = 0; i < HSM_WORDING_MAX_; i++) {
		bool may = !places[i].length && filter->seconds[i][letter] & bit_of(at[1]);
		size_t length = may ? match_any(&hsm_wordings[i], at) : 0;
		if (length)
			places[i] = (struct hsm_wording_place){ (size_t)(first - text), length + (size_t)(at - first) };
	}
}

void hsm_wording_find(const struct hsm_wording_filter *filter, const char *text,
		      struct hsm_wording_place places[HSM_WORDING_MAX_])
{
	bool inside = false; /* of a word, or of a host's name */
	for (const char *c = text; *c; c++) {
		unsigned char class = filter->classes[(unsigned char)*c];
		if (class & BEGINS && (!inside || *c == '%') &&
		    filter->any[tolower((unsigned char)*c)] & bit_of(c[1]))
			match_all(filter, text, c, places);
		inside = class & JOINS;
	}
}

static void report_phrase(struct hsm_checker *checker, const struct hsm_checked_text *text, enum hsm_wording_id id,
			  const char *advice)
{
	const struct hsm_wording_place *place = text->phrases ? &text->phrases[id] : NULL;
	if (place && place->length)
		hsm_check_report(checker, hsm_check_mark(text, place->offset, place->length), "'%.*s' %s",
				 (int)place->length, text->text + place->offset, advice);
}

static void check_promotional(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			      const struct hsm_checked_text *text)
{
	if (translation->template->category.value == HSM_CATEGORY_UTILITY)
		report_phrase(checker, text, HSM_WORDING_PROMOTIONAL,
			      "promotes: Meta moves such a UTILITY template to MARKETING; leave it out, or say category: MARKETING");
}

static void check_one_time(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			   const struct hsm_checked_text *text)
{
	if (translation->template->category.value != HSM_CATEGORY_AUTHENTICATION)
		report_phrase(checker, text, HSM_WORDING_ONE_TIME,
			      "is for AUTHENTICATION templates: Meta rejects it in others; say category: AUTHENTICATION");
}

static void check_shorteners(struct hsm_checker *checker, const struct hsm_checked_translation *translation,
			     const struct hsm_checked_text *text)
{
	(void)translation;
	report_phrase(checker, text, HSM_WORDING_SHORTENERS, "hides where a link leads: write the whole URL");
}

/* Words of an intent that say what it is; of several categories: nothing. */
static int category_of_intent(const char *intent)
{
	static const char *const words[][24] = {
		[HSM_CATEGORY_UTILITY] = { "order", "payment", "invoice", "billing", "delivery", "shipping", "shipment",
					   "appointment", "booking", "reservation", "refund", "receipt", "account",
					   "ticket", "support", "return", "subscription", "claim" },
		[HSM_CATEGORY_MARKETING] = { "promo", "promotion", "promotional", "marketing", "offer", "sale", "discount",
					     "newsletter", "campaign", "upsell", "crosssell", "winback", "coupon",
					     "advertisement", "reengagement", "announcement" },
		[HSM_CATEGORY_AUTHENTICATION] = { "otp", "login", "signin", "verification", "authentication", "password",
						  "passcode", "2fa", "mfa" },
	};
	int category = 0;
	for (const char *at = intent; *at; at += strcspn(at, "_- /.") + (at[strcspn(at, "_- /.")] != '\0'))
		for (int i = HSM_CATEGORY_UTILITY; i <= HSM_CATEGORY_AUTHENTICATION; i++)
			for (size_t j = 0; words[i][j]; j++) {
				size_t length = strcspn(at, "_- /.");
				if (strncasecmp(words[i][j], at, length) != 0 || words[i][j][length])
					continue;
				if (category && category != i)
					return 0;
				category = i;
			}
	return category;
}

static void check_intent(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	const struct hsm_string *intent = &template->template->intent;
	int category = intent->text ? category_of_intent(intent->text) : 0;
	if (category && category != template->template->category.value)
		hsm_check_report(checker, template->template->category.mark,
				 "an intent of '%s' is %s, whatever the tone: say category: %s", intent->text,
				 hsm_category_words[category - 1], hsm_category_words[category - 1]);
}

enum { NUMBER_MIN = 6 }; /* digits */

/* ISO/IEC 7812: the check digit of a card's number. */
static bool is_card(const char *digits, size_t count)
{
	unsigned sum = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned digit = (unsigned)(digits[count - 1 - i] - '0') << (i % 2);
		sum += digit > 9 ? digit - 9 : digit;
	}
	return count >= 13 && count <= 19 && sum % 10 == 0;
}

/* What personal data an id or a value seems to hold; NULL: none. Numbers with '-', '_' or '.' between are one. */
static const char *find_personal(const char *id)
{
	char digits[64];
	size_t count = 0;
	for (const char *c = id;; c++) {
		if (isdigit((unsigned char)*c) && count < sizeof(digits)) {
			digits[count++] = *c;
			continue;
		}
		if (count && *c && strchr("-_.", *c) && isdigit((unsigned char)c[1]))
			continue;
		if (is_card(digits, count))
			return "a card's number";
		if (count >= 9 && count <= 15)
			return "a phone number";
		count = 0;
		if (!*c)
			return NULL;
	}
}

static void check_personal(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_button_reply *reply = &hsm_check_button(part, i)->reply;
		const char *what = reply->id.text ? find_personal(reply->id.text) : NULL;
		if (what)
			hsm_check_report(checker, reply->id.mark, "an id that looks like %s: ids are logged on their way; "
								  "name what the button does", what);
		for (size_t j = 0; j < reply->data.count; j++) {
			const struct hsm_string *value = &HSM_LIST_ITEM(reply->data, struct hsm_keyed_string, j)->value;
			what = find_personal(value->text);
			if (what)
				hsm_check_report(checker, value->mark, "data that looks like %s: it is logged on its way, and "
								       "the same for all customers", what);
		}
	}
}

/* Shorter than a phone number: a customer's, an order's. A date with '-' is none. */
static void check_numbers(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	for (size_t i = 0; i < part->buttons->count; i++) {
		const struct hsm_list *data = &hsm_check_button(part, i)->reply.data;
		for (size_t j = 0; j < data->count; j++) {
			const struct hsm_string *value = &HSM_LIST_ITEM(*data, struct hsm_keyed_string, j)->value;
			size_t run = 0;
			for (const char *c = value->text; *c && run < NUMBER_MIN; c++)
				run = isdigit((unsigned char)*c) ? run + 1 : 0;
			if (run == NUMBER_MIN && !find_personal(value->text))
				hsm_check_report(checker, value->mark, "a number of %d digits or more may name a customer or an "
								       "order: a flow looks them up by the conversation",
						 NUMBER_MIN);
		}
	}
}

const struct hsm_rule hsm_wording_rules[] = {
	{ "HSM170", "intent-category", W, "the category is that of the intent",
	  .protects = "the wrong category costs more, or is blocked", .source = "Meta, categories: by what the user did",
	  .fix = "correct the category, or the intent",
	  .good = UTILITY "intent: order_update\n" EN "    body: Your order is packed.\n",
	  .bad = "name: order_update\ncategory: MARKETING\nintent: order_update\n" EN "    body: Your order is packed.\n",
	  .check_template = check_intent },
	{ "HSM171", "promotional-words", W, "a UTILITY template promotes nothing",
	  .protects = "Meta moves the template to MARKETING, with its price and limits", .source = "Meta, categories: utility",
	  .fix = "leave the phrase out, or say category: MARKETING",
	  .good = UTILITY EN "    body: Our office received your order.\n",
	  .bad = UTILITY EN "    body: Your order is packed. Get 20% off the next one.\n",
	  .check_text = check_promotional },
	{ "HSM172", "one-time-code", W, "one-time codes are sent by AUTHENTICATION templates",
	  .protects = "Meta rejects the template", .source = "Meta, categories: authentication",
	  .fix = "say category: AUTHENTICATION", .good = UTILITY EN "    body: Your code for the door is in the app.\n",
	  .bad = UTILITY EN "    body: Your verification code is in the app.\n", .check_text = check_one_time },
	{ "HSM173", "url-shortener", W, "a URL shows where it leads", .protects = "reviewers refuse hidden links",
	  .source = "providers' guides", .fix = "write the whole URL",
	  .good = UTILITY EN "    body: \"See https://example.com/habit.ly for more.\"\n",
	  .bad = UTILITY EN "    body: \"See https://bit.ly/3x for more.\"\n", .check_text = check_shorteners },
	{ "HSM174", "button-id-personal", E, "a button's id and data hold no personal data",
	  .protects = "no log of a webhook holds it", .source = "Genesys, quick replies: payloads are logged",
	  .fix = "name what the button does",
	  .good = UTILITY "routes: {ORDER_2026-11-23: a}\n" EN "    body: Your order is packed.\n    buttons:\n"
			  "      - reply: {id: ORDER_2026-11-23, title: \"Yes\"}\n",
	  .bad = UTILITY EN "    body: Your order is packed.\n    buttons:\n"
			 "      - reply: {id: CALL_1-555-123-4567, title: \"Yes\"}\n",
	  .check_part = check_personal },
	{ "HSM175", "button-data-number", W, "a button's data holds no long number",
	  .protects = "no log of a webhook tells whose message it was", .source = "Genesys, quick replies: payloads are logged",
	  .fix = "leave it out: a flow looks the customer up by the participant's id",
	  .good = UTILITY "routes: {RATE: rating}\n" EN "    body: How was it?\n    buttons:\n"
			  "      - reply: {id: RATE, data: {stars: \"5\", season: \"2026-11-23\"}, title: Good}\n",
	  .bad = UTILITY EN "    body: How was it?\n    buttons:\n"
			 "      - reply: {id: RATE, data: {order: A-1234567}, title: Good}\n",
	  .check_part = check_numbers },
};
const size_t hsm_wording_rules_count = sizeof(hsm_wording_rules) / sizeof(hsm_wording_rules[0]);
