/* The rules of Unicode, languages and translations. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/loading.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct rule_case {
	const char *language, *text, *found;
};

static bool is_found(struct loading *loading, const char *text, const char *ignored, const char *wanted)
{
	char found[1024] = "";
	char *all = hsm_arena_copy_string(&loading->arena, loading_check(loading, HSM_BACKEND_GENESYS, text));
	for (char *one = strtok(all, " "); one; one = strtok(NULL, " "))
		if (!strstr(ignored, strndupa(one, 6)))
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s", *found ? " " : "", one);
	if (strcmp(found, wanted) == 0)
		return true;
	print_error("%s\nfound %s, not %s\n", text, found, wanted);
	return false;
}

/* The body as YAML in double quotes, so that \u escapes name what nobody sees. */
static void check(const struct rule_case *cases, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		struct loading loading = { 0 };
		char text[4096];
		snprintf(text, sizeof(text),
			 "name: t\ncategory: MARKETING\nparameters: {a: {default: x}}\ntranslations:\n  %s:\n    body: \"%s\"\n"
			 "    footer: \"{{a}}\"\n",
			 cases[i].language, cases[i].text);
		wrong += !is_found(&loading, text, "HSM110 HSM111 HSM112 HSM115 HSM117 HSM118", cases[i].found);
		loading_release(&loading);
	}
	assert_int_equal(wrong, 0);
}

static void letters_are_composed(void **state)
{
	static const struct rule_case cases[] = {
		{ "fr", "Crème brûlée", "" },
		{ "fr", "Cre\xcc\x80me", "HSM140@6:14" },
		{ "fr", "Cre\\u0300me", "HSM140@6:14" },
		{ "vi", "Đơn hàng của bạn đã được đóng gói", "" },
		{ "ko", "주문", "" },
		{ "ko", "\xe1\x84\x8c\xe1\x85\xae", "HSM140@6:12" }, /* the same, as jamo */
		{ "hi", "ज़रूर", "" }, /* NUKTA stays apart in NFC */
		{ "en", "A\\n", "" },
		{ "de", "ÄÖÜ\\n\\n", "" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void characters_can_be_shown(void **state)
{
	static const struct rule_case cases[] = {
		{ "en", "Tab\\tand\\nline", "" },
		{ "en", "Bell \\u0007.", "HSM141@6:11" },
		{ "en", "Next \\u0085.", "HSM141@6:11" },
		{ "en", "Apple \xef\xa3\xbf.", "HSM141@6:18" },
		{ "en", "Lost \xef\xbf\xbd.", "HSM141@6:17" },
		{ "en", "None \\uFDD0.", "HSM141@6:11" },
		{ "en", "None \\U0001FFFE.", "HSM141@6:11" },
		{ "en", "Not yet \\u0378.", "HSM141@6:11" },
		{ "en", "Perhaps an emoji \\U0001FAEA.", "" },
		{ "en", "Lines\\u2028.", "HSM141@6:11" },
		{ "en", "© ® ™ € ₿ № ½ → ✓ ★ ♥ … – “quotes”", "" },
		{ "en", "Keycap 1️⃣, flag 🇩🇪, England 🏴󠁧󠁢󠁥󠁮󠁧󠁿, family 👨‍👩‍👧‍👦, hand 👍🏽, heart ❤️‍🔥", "" },
		{ "en", "Non\\u00A0breaking \\u202F and \\u2009 thin", "" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void direction_is_closed(void **state)
{
	static const struct rule_case cases[] = {
		{ "ar", "طلبك \xe2\x81\xa6ORD-1\xe2\x81\xa9 جاهز", "" },
		{ "he", "הזמנה \xe2\x81\xa8{{a}}\xe2\x81\xa9 מוכנה", "" },
		{ "he", "הזמנה \xe2\x80\xaaORD-1\xe2\x80\xac מוכנה", "" },
		{ "he", "הזמנה \xe2\x81\xa6ORD-1 מוכנה", "HSM143@6:18" },
		{ "he", "הזמנה \xe2\x81\xa6ORD-1\\nמוכנה\xe2\x81\xa9", "HSM143@6:18" },
		{ "he", "הזמנה ORD-1\xe2\x81\xa9 מוכנה", "HSM143@6:23" },
		{ "he", "הזמנה \xe2\x81\xa6ORD-1\xe2\x80\xac מוכנה", "HSM143@6:24" },
		{ "he", "\xe2\x81\xa6\xe2\x80\xaaORD\xe2\x80\xac\xe2\x81\xa9 מוכנה", "" },
		{ "en", "Packed \xe2\x80\xae" "dekcap\xe2\x80\xac.", "HSM142@6:19" },
		{ "en", "Packed \xe2\x80\xae{{a}}.", "HSM142@6:19 HSM143@6:19" },
		{ "he", "שלום\xe2\x80\x8f!", "" }, /* a mark after a word of its direction */
		{ "en", "Hello\xe2\x80\x8f!", "HSM144@6:17" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void what_nobody_sees_has_a_use(void **state)
{
	static const struct rule_case cases[] = {
		{ "fa", "می\xe2\x80\x8cخواهم", "" },	  /* ZWNJ */
		{ "hi", "क्\xe2\x80\x8dष", "" },		  /* ZWJ: half form */
		{ "hi", "क्\xe2\x80\x8cष", "" },		  /* ZWNJ: explicit virama */
		{ "ml", "ന്\xe2\x80\x8d", "" },			  /* chillu, as older texts have it */
		{ "si_LK", "ශ්\xe2\x80\x8dරී", "" },
		{ "th", "สวัสดี\xe2\x80\x8bครับ", "" },		  /* where a line may break */
		{ "en", "👩‍💻 and 🏳️‍🌈 and ❤️‍🔥", "" },
		{ "en", "Pack\xe2\x80\x8b" "ed", "HSM144@6:16" },
		{ "en", "Pack\xe2\x80\x8c" "ed", "HSM144@6:16" },
		{ "en", "Pack\xe2\x80\x8d" "ed", "HSM144@6:16" },
		{ "en", "Pack\xe2\x81\xa0" "ed", "HSM144@6:16" },
		{ "de", "Bestell\xc2\xadung", "HSM144@6:19" },
		{ "en", "Packed \\uFEFF.", "HSM144@6:11" },
		{ "ru", "Заказ\xe2\x80\x8b готов", "HSM144@6:17" },
		{ "ja", "注文\xe2\x80\x8bです", "HSM144@6:14" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void languages_are_written_in_their_letters(void **state)
{
	static const struct rule_case cases[] = {
		{ "en_US", "Your order is packed and on its way.", "" },
		{ "en", "Ваш заказ собран и уже в пути к вам.", "HSM151@6:11" },
		{ "ru", "Ваш заказ Samsung Galaxy S24 Ultra собран.", "" },
		{ "ru", "Your order is packed and on its way.", "HSM151@6:11" },
		{ "ru", "OK {{a}}", "" }, /* too short to tell */
		{ "ru", "Код: https://shop.example.com/a/very/long/path/of/latin/letters", "" },
		{ "sr", "Vaša porudžbina je spakovana i na putu.", "" },
		{ "sr", "Ваша поруџбина је спакована и на путу.", "" },
		{ "hi", "Aapka order pack ho gaya hai, dhanyavaad.", "HSM151@6:11" },
		{ "ja", "ご注文の商品を発送いたしました。ありがとうございます。", "" },
		{ "zh_CN", "您的订单已经打包并且正在路上,请您耐心等待收货。", "" },
		{ "zh_CN", "Your order is packed and on its way.", "HSM151@6:11" },
		{ "ko", "주문하신 상품이 발송되었습니다. 감사합니다, 고객님.", "" },
		{ "el", "Η παραγγελία σας είναι έτοιμη και έρχεται.", "" },
		{ "vi", "Đơn hàng của bạn đã được đóng gói.", "" },
		{ "xx", "Your order is packed.", "HSM150@5:3" },
		{ "pt", "Pronto.", "HSM150@5:3" },
		{ "en_ZZ", "Packed.", "HSM150@5:3" },
		{ "fil", "Handa na.", "" },
	};
	(void)state;
	check(cases, COUNT(cases));
}

static void translations_are_one_template(void **state)
{
#define HEAD "name: t\ncategory: MARKETING\nroutes: {A: none, B: none}\n" \
	     "parameters: {a: {default: x}, b: {default: y}}\ntranslations:\n"
#define EN "  en: {body: \"One {{a}} and {{b}} for all of you.\"}\n"
	static const struct {
		const char *text, *found;
	} cases[] = {
		{ HEAD EN "  de: {body: \"Nun {{b}} und auch {{a}} für alle.\"}\n", "" }, /* words have their own order */
		{ HEAD EN "  de: {body: \"Nun auch {{a}} für alle.\"}\n", "HSM160@7:14" },
		{ HEAD "  en: {body: \"One {{a}} for you.\"}\n  de: {body: \"Nun {{a}} und {{b}} für alle hier.\"}\n",
		  "HSM160@7:29" },
		{ HEAD "  en: {header: \"Of {{a}}\", body: \"One {{b}} for you.\"}\n"
		       "  de: {header: Hallo, body: \"Nun {{a}} und {{b}} für alle hier.\"}\n", "HSM160@7:16 HSM160@7:34" },
		{ HEAD EN "  de: {header: Hallo, body: \"Nun {{b}} und auch {{a}} für alle.\"}\n", "HSM161@7:16" },
		{ HEAD "  en: {header: {location: true}, body: One}\n  de: {header: {image: \"https://a.b/c\"}, body: Eins}\n",
		  "HSM161@7:16" },
		{ HEAD "  en: {body: One, buttons: [reply: {id: A, title: a}, reply: {id: B, title: b}]}\n"
		       "  de: {body: Eins, buttons: [reply: {id: B, title: a}, reply: {id: A, title: b}]}\n",
		  "HSM162@7:42 HSM162@7:68" },
		{ HEAD "  en: {body: One, buttons: [reply: {id: A, data: {k: v, l: w}, title: a}, reply: {id: A, title: b}]}\n"
		       "  de: {body: Eins, buttons: [reply: {id: A, data: {l: w, k: v}, title: a}, reply: {id: A, data: {k: v}, title: b}]}\n",
		  "HSM162@7:88" },
		{ HEAD "  en: {body: One, buttons: [reply: {id: A, title: a}, reply: {id: B, title: b}]}\n"
		       "  de: {body: Eins, buttons: [reply: {id: A, title: a}]}\n", "HSM162@7:3" },
		{ HEAD "  en: {body: One, buttons: [reply: {id: A, title: a}, reply: {id: B, title: b}]}\n"
		       "  de: {body: Eins, buttons: [reply: {id: A, title: a}, url: {title: b, url: \"https://a.b\"}]}\n",
		  "HSM162@7:56" },
		{ HEAD "  en: {body: \"One {{a}} and {{b}} for all of you.\"}\n"
		       "  de: {body: \"One {{a}} and {{b}} for all of you.\"}\n", "HSM163@7:14" },
		{ HEAD "  en_US: {body: \"One {{a}} and {{b}} for all of you.\"}\n"
		       "  en_GB: {body: \"One {{a}} and {{b}} for all of you.\"}\n", "" },
		{ HEAD "  en: {body: \"OK, thanks.\"}\n  de: {body: \"OK, thanks.\"}\n", "" },
	};
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loading loading = { 0 };
		wrong += !is_found(&loading, cases[i].text, "HSM118 HSM137", cases[i].found);
		loading_release(&loading);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_are_composed),
		cmocka_unit_test(characters_can_be_shown),
		cmocka_unit_test(direction_is_closed),
		cmocka_unit_test(what_nobody_sees_has_a_use),
		cmocka_unit_test(languages_are_written_in_their_letters),
		cmocka_unit_test(translations_are_one_template),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
