/* What a tap sends: ids and tokens, both ways. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/payload.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* "step=2 tier=gold" */
static struct hsm_list make_data(struct hsm_arena *arena, const char *text)
{
	struct hsm_keyed_string *items = hsm_arena_allocate_array(arena, 64, sizeof(*items));
	struct hsm_list list = { .items = items };
	char *rest = hsm_arena_copy_string(arena, text);
	for (char *pair; (pair = strsep(&rest, " ")) && *pair; list.count++) {
		items[list.count].value.text = strchr(pair, '=') + 1;
		items[list.count].key.text = hsm_arena_copy(arena, pair, strcspn(pair, "="));
	}
	return list;
}

/* The tokens: printf %s TEXT | base64 -w0 | tr +/ -_ | tr -d = */
static void an_id_with_data_is_one_token_whatever_the_order(void **state)
{
	static const struct {
		const char *id, *data, *text, *sent;
	} cases[] = {
		{ "YES", "", "YES", "YES" },
		{ "CHECK_ORDER", "tier=gold step=2", "CHECK_ORDER?step=2&tier=gold", "T1_Q0hFQ0tfT1JERVI_c3RlcD0yJnRpZXI9Z29sZA" },
		{ "A", "b=c", "A?b=c", "T1_QT9iPWM" },
		{ "A", "b=cd", "A?b=cd", "T1_QT9iPWNk" },
		{ "A", "b=cde", "A?b=cde", "T1_QT9iPWNkZQ" },
		{ "a-b_C9", "k_1=x.y-Z_", "a-b_C9?k_1=x.y-Z_", "T1_YS1iX0M5P2tfMT14LnktWl8" },
	};
	struct hsm_arena arena = { 0 };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hsm_list data = make_data(&arena, cases[i].data);
		assert_string_equal(hsm_payload_encode(&arena, cases[i].id, &data), cases[i].sent);
		struct hsm_payload payload = hsm_payload_decode(&arena, cases[i].sent);
		assert_string_equal(payload.id, cases[i].id);
		assert_string_equal(payload.text, cases[i].text);
		assert_int_equal(payload.data.count, data.count);
		assert_string_equal(hsm_payload_encode(&arena, payload.id, &payload.data), cases[i].sent);
	}
	struct hsm_payload payload = hsm_payload_decode(&arena, cases[1].sent);
	assert_string_equal(HSM_LIST_ITEM(payload.data, struct hsm_keyed_string, 0)->key.text, "step");
	assert_string_equal(HSM_LIST_ITEM(payload.data, struct hsm_keyed_string, 1)->value.text, "gold");
	hsm_arena_release(&arena);
}

static void what_has_not_the_one_form_of_a_token_is_an_id(void **state)
{
	static const char *const cases[] = {
		"", "T1", "T1_", "T1_A", "T1_YES", "t1_QT9iPWM", "T2_QT9iPWM", "QT9iPWM", " T1_QT9iPWM", "T1_QT9iPWM ",
		"T1_QT9iPWM=",                      /* padding */
		"T1_QT9iPWN",                       /* bits that say nothing */
		"T1_QT9iPWMQ", "T1_QT9i PWM", "T1_QT9iPWM\n",
		"T1_YT9iPT4-fg+", "T1_YT9iPT4/",    /* base64's own alphabet */
		"T1_QQ",                            /* A */
		"T1_QT8",                           /* A? */
		"T1_QT9i",                          /* A?b */
		"T1_QT9iPQ",                        /* A?b= */
		"T1_P2I9Yw",                        /* ?b=c */
		"T1_QT9iPWMm",                      /* A?b=c& */
		"T1_QT9jPTEmYj0y",                  /* A?c=1&b=2 */
		"T1_QT9iPTEmYj0y",                  /* A?b=1&b=2 */
		"T1_QT9iPTEmYj0x",                  /* A?b=1&b=1 */
		"T1_QT9CPWM",                       /* A?B=c */
		"T1_QT8xPWM",                       /* A?1=c */
		"T1_QSBCP2I9Yw",                    /* A B?b=c */
		"T1_QT9iPWMgZA",                    /* A?b=c d */
		"T1_QT9iPWMAZA",                    /* A?b=c, a NUL, d */
		"T1_QT9iPcOp",                      /* A?b=é */
		"T1_QT9iPWFAYi5j",                  /* A?b=a@b.c */
		"T1_QT9iPTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMw",         /* a value of 33 */
		"T1_QT9hPTEmYj0xJmM9MSZkPTEmZT0xJmY9MSZnPTEmaD0xJmk9MQ",         /* nine keys */
		"\xff\xfe", "../../etc", "T1_\xc3\xa9",
	};
	struct hsm_arena arena = { 0 };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hsm_payload payload = hsm_payload_decode(&arena, cases[i]);
		if (payload.id != cases[i] || payload.text != cases[i] || payload.data.count)
			fail_msg("case %zu: %s", i, payload.text);
	}
	hsm_arena_release(&arena);
}

static void a_token_has_256_bytes_at_most(void **state)
{
	struct hsm_arena arena = { 0 };
	(void)state;
	/* 189 bytes are 252 digits: "T1_" before makes 255; one more 257. */
	for (size_t length = 180; length <= 200; length++) {
		struct hsm_list data = make_data(&arena, "k=v");
		char id[256] = "";
		memset(id, 'A', length - strlen("?k=v"));
		const char *sent = hsm_payload_encode(&arena, id, &data);
		assert_int_equal(sent != NULL, length <= 189);
		if (sent) {
			assert_in_range(strlen(sent), 1, HSM_PAYLOAD_SIZE_MAX);
			assert_string_equal(hsm_payload_decode(&arena, sent).id, id);
		}
	}
	char digits[4000] = "T1_";
	memset(digits + 3, 'Q', sizeof(digits) - 4);
	assert_ptr_equal(hsm_payload_decode(&arena, digits).id, digits);
	hsm_arena_release(&arena);
}

/* Any bytes: whatever is decoded is encoded to the same again. */
static void tokens_that_are_spoilt_are_ids_or_other_tokens(void **state)
{
	static const char token[] = "T1_Q0hFQ0tfT1JERVI_c3RlcD0yJnRpZXI9Z29sZA";
	size_t tokens = 0;
	(void)state;
	srand(6);
	for (int i = 0; i < 200000; i++) {
		struct hsm_arena arena = { 0 };
		char spoilt[sizeof(token)];
		memcpy(spoilt, token, sizeof(token));
		for (int spoils = rand() % 3; spoils >= 0; spoils--)
			spoilt[3 + (size_t)rand() % (sizeof(token) - 4)] = (char)(rand() % 4 ? "QTAyz09-_"[rand() % 9] : rand() % 256);
		spoilt[sizeof(token) - 1 - (size_t)rand() % 4] = '\0';
		struct hsm_payload payload = hsm_payload_decode(&arena, spoilt);
		tokens += payload.data.count > 0;
		assert_string_equal(hsm_payload_encode(&arena, payload.id, &payload.data), spoilt);
		hsm_arena_release(&arena);
	}
	assert_in_range(tokens, 100, 199900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_with_data_is_one_token_whatever_the_order),
		cmocka_unit_test(what_has_not_the_one_form_of_a_token_is_an_id),
		cmocka_unit_test(a_token_has_256_bytes_at_most),
		cmocka_unit_test(tokens_that_are_spoilt_are_ids_or_other_tokens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
