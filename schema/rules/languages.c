/* Which languages there are, and which script each is written in. */
#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/base/text.h"
#include "schema/rules/check.h"

#define W HSM_SEVERITY_WARNING
#define TEMPLATE "name: order_update\ncategory: UTILITY\ntranslations:\n"

/* Meta's list, as its providers copy it; Meta adds to it without notice. */
const char *const hsm_languages_listed[] = {
	"af", "ar", "ar_AE", "ar_EG", "ar_LB", "ar_MA", "ar_QA", "az", "be_BY", "bg", "bn", "bn_IN", "ca", "cs", "da",
	"de", "de_AT", "de_CH", "el", "en", "en_AE", "en_AU", "en_CA", "en_GB", "en_GH", "en_IE", "en_IN", "en_JM",
	"en_MY", "en_NZ", "en_QA", "en_SG", "en_UG", "en_US", "en_ZA", "es", "es_AR", "es_CL", "es_CO", "es_CR",
	"es_DO", "es_EC", "es_ES", "es_HN", "es_MX", "es_PA", "es_PE", "es_UY", "et", "fa", "fi", "fil", "fr",
	"fr_BE", "fr_CA", "fr_CH", "fr_CI", "fr_MA", "ga", "gu", "ha", "he", "hi", "hr", "hu", "id", "it", "ja", "ka",
	"kk", "kn", "ko", "ky_KG", "lo", "lt", "lv", "mk", "ml", "mr", "ms", "nb", "nl", "nl_BE", "pa", "pl",
	"prs_AF", "ps_AF", "pt_BR", "pt_PT", "ro", "ru", "rw_RW", "si_LK", "sk", "sl", "sq", "sr", "sv", "sw", "ta",
	"te", "th", "tr", "uk", "ur", "uz", "vi", "zh_CN", "zh_HK", "zh_TW", "zu",
};
const size_t hsm_languages_listed_count = sizeof(hsm_languages_listed) / sizeof(hsm_languages_listed[0]);

enum script {
	NONE,
	LATIN,
	GREEK,
	CYRILLIC,
	HEBREW,
	ARABIC,
	DEVANAGARI,
	BENGALI,
	GURMUKHI,
	GUJARATI,
	TAMIL,
	TELUGU,
	KANNADA,
	MALAYALAM,
	SINHALA,
	THAI,
	LAO,
	GEORGIAN,
	HANGUL,
	JAPANESE, /* kana, and Han */
	HAN,
	SCRIPTS
};

static const char *const script_names[SCRIPTS] = {
	"", "Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Tamil",
	"Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Georgian", "Hangul", "Japanese", "Chinese",
};

/* Where languages are not written in Latin letters, or in others too. */
static const struct {
	const char *language;
	enum script script, other;
} languages[] = {
	{ "ar", ARABIC, NONE },	   { "be", CYRILLIC, LATIN }, { "bg", CYRILLIC, NONE },	 { "bn", BENGALI, NONE },
	{ "el", GREEK, NONE },	   { "fa", ARABIC, NONE },    { "gu", GUJARATI, NONE },	 { "he", HEBREW, NONE },
	{ "hi", DEVANAGARI, NONE }, { "ja", JAPANESE, HAN },   { "ka", GEORGIAN, NONE },	 { "kk", CYRILLIC, LATIN },
	{ "kn", KANNADA, NONE },   { "ko", HANGUL, NONE },    { "ky", CYRILLIC, NONE },	 { "lo", LAO, NONE },
	{ "mk", CYRILLIC, NONE },  { "ml", MALAYALAM, NONE }, { "mr", DEVANAGARI, NONE }, { "pa", GURMUKHI, ARABIC },
	{ "prs", ARABIC, NONE },   { "ps", ARABIC, NONE },    { "ru", CYRILLIC, NONE },	 { "si", SINHALA, NONE },
	{ "sr", CYRILLIC, LATIN }, { "ta", TAMIL, NONE },     { "te", TELUGU, NONE },	 { "th", THAI, NONE },
	{ "uk", CYRILLIC, NONE },  { "ur", ARABIC, NONE },    { "uz", LATIN, CYRILLIC },	 { "zh", HAN, NONE },
};

/* The blocks of letters, by their first code points. */
static const struct {
	int32_t first, last;
	enum script script;
} blocks[] = {
	{ 0x41, 0x5a, LATIN },	      { 0x61, 0x7a, LATIN },	   { 0xc0, 0x24f, LATIN },
	{ 0x370, 0x3ff, GREEK },      { 0x400, 0x52f, CYRILLIC },  { 0x5d0, 0x5ea, HEBREW },
	{ 0x620, 0x64a, ARABIC },     { 0x66e, 0x6d3, ARABIC },	   { 0x750, 0x77f, ARABIC },
	{ 0x8a0, 0x8c7, ARABIC },     { 0x900, 0x97f, DEVANAGARI }, { 0x980, 0x9ff, BENGALI },
	{ 0xa00, 0xa7f, GURMUKHI },   { 0xa80, 0xaff, GUJARATI },  { 0xb80, 0xbff, TAMIL },
	{ 0xc00, 0xc7f, TELUGU },     { 0xc80, 0xcff, KANNADA },   { 0xd00, 0xd7f, MALAYALAM },
	{ 0xd80, 0xdff, SINHALA },    { 0xe00, 0xe7f, THAI },	   { 0xe80, 0xeff, LAO },
	{ 0x10a0, 0x10ff, GEORGIAN }, { 0x1100, 0x11ff, HANGUL },  { 0x1c90, 0x1cbf, GEORGIAN },
	{ 0x1e00, 0x1eff, LATIN },    { 0x1f00, 0x1fff, GREEK },   { 0x3041, 0x30ff, JAPANESE },
	{ 0x3130, 0x318f, HANGUL },   { 0x3400, 0x4dbf, HAN },	   { 0x4e00, 0x9fff, HAN },
	{ 0xac00, 0xd7a3, HANGUL },   { 0xfb50, 0xfdff, ARABIC },  { 0xfe70, 0xfefc, ARABIC },
	{ 0x20000, 0x323af, HAN },
};

/* Fewer letters than these are a name, or a brand. */
enum { LETTERS_MIN = 20, SHARE_PERCENT = 20 };

static enum script find_script(int32_t code_point)
{
	size_t low = 0, high = sizeof(blocks) / sizeof(blocks[0]);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (blocks[middle].last < code_point)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sizeof(blocks) / sizeof(blocks[0]) && blocks[low].first <= code_point ? blocks[low].script : NONE;
}

/* Past a URL, or a placeholder, that begins at an offset; or the offset. */
static size_t skip(const struct hsm_checked_text *text, size_t at, size_t *placeholder)
{
	while (*placeholder < text->placeholder_count && text->placeholders[*placeholder].offset < at)
		++*placeholder;
	if (*placeholder < text->placeholder_count && text->placeholders[*placeholder].offset == at)
		return at + text->placeholders[*placeholder].length;
	if (strncmp(text->text + at, "http", 4) == 0 || strncmp(text->text + at, "www.", 4) == 0)
		return at + strcspn(text->text + at, " \n\t");
	return at;
}

static void count_scripts(const struct hsm_checked_text *text, size_t counts[SCRIPTS])
{
	size_t placeholder = 0;
	for (size_t at = 0; at < text->length;) {
		int32_t code_point = 0;
		size_t past = skip(text, at, &placeholder);
		if (past > at) {
			at = past;
			continue;
		}
		utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text->text + at,
							 (utf8proc_ssize_t)(text->length - at), &code_point);
		counts[find_script(code_point)]++;
		at += size > 0 ? (size_t)size : 1;
	}
}

/* The scripts of a language code; Latin unless the table says otherwise. */
static void find_scripts(const char *code, enum script *script, enum script *other)
{
	size_t length = strcspn(code, "_");
	*script = LATIN;
	*other = NONE;
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (strncmp(languages[i].language, code, length) == 0 && !languages[i].language[length]) {
			*script = languages[i].script;
			*other = languages[i].other;
		}
}

static void check_script(struct hsm_checker *checker, const struct hsm_checked_part *part)
{
	const struct hsm_checked_text *body = &part->body;
	size_t counts[SCRIPTS] = { 0 }, all = 0;
	enum script script, other, most = NONE;
	find_scripts(part->language, &script, &other);
	if (!body->text || (body->ascii && (script == LATIN || other == LATIN)))
		return;
	count_scripts(body, counts);
	for (int i = LATIN; i < SCRIPTS; i++) {
		all += counts[i];
		most = counts[i] > counts[most] || most == NONE ? (enum script)i : most;
	}
	size_t right = counts[script] + (other ? counts[other] : 0);
	if (all >= LETTERS_MIN && right * 100 < all * SHARE_PERCENT)
		hsm_check_report(checker, body->string->mark, "'%s' is written in %s letters, and this text in %s ones",
				 part->language, script_names[script], script_names[most]);
}

static bool is_listed(const char *code)
{
	size_t low = 0, high = hsm_languages_listed_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(hsm_languages_listed[middle], code);
		if (!order)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* "fr" for "fr_FR", else what is spelt alike; NULL: nothing. */
static const char *find_similar(struct hsm_arena *arena, const char *code)
{
	const char *language = hsm_arena_copy(arena, code, strcspn(code, "_"));
	return is_listed(language) ? language :
				     hsm_text_find_similar(code, hsm_languages_listed, hsm_languages_listed_count);
}

static void check_listed(struct hsm_checker *checker, const struct hsm_checked_template *template)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_checked_translation *translation = &template->translations[i];
		if (is_listed(translation->language))
			continue;
		const char *similar = find_similar(&checker->arena, translation->language);
		hsm_check_report(checker, translation->translation->node.key.mark,
				 "Meta's list of languages has no '%s'%s%s%s", translation->language,
				 similar ? ": did you mean '" : "", similar ? similar : "", similar ? "'?" : "");
	}
}

const struct hsm_rule hsm_languages_rules[] = {
	{ "HSM150", "language-unlisted", W, "a language is one that Meta lists", .protects = "Meta refuses the others",
	  .source = "Meta, supported languages, as providers copy it", .fix = "correct the code",
	  .good = TEMPLATE "  pt_BR: {body: Pronto.}\n", .bad = TEMPLATE "  pt_AO: {body: Pronto.}\n",
	  .check_template = check_listed },
	{ "HSM151", "language-script", W, "a text is written in its language's script",
	  .protects = "nobody gets another language's text", .source = "Unicode's scripts; Meta refuses mixed languages",
	  .fix = "move the text to its language, or translate it",
	  .good = TEMPLATE "  ru: {body: Ваш заказ в магазине WhatsApp собран.}\n",
	  .bad = TEMPLATE "  ru: {body: Your order at the shop is packed now.}\n", .check_part = check_script },
};
const size_t hsm_languages_rules_count = sizeof(hsm_languages_rules) / sizeof(hsm_languages_rules[0]);
