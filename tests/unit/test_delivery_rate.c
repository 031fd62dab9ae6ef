#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "reconciler/delivery/sender.h"
#include "reconciler/lifecycle/delivery_rate.h"

/* "+": it arrived, "-": it failed; "!" after the one with which it must be told. */
static void check(const char *messages)
{
	struct hsm_delivery_rate rate = { 0 };
	for (const char *c = messages; *c; c++) {
		if (*c == '!')
			continue;
		bool told = hsm_delivery_rate_note(&rate, *c == '+');
		if (told != (c[1] == '!'))
			fail_msg("after %td of '%s': %s", c - messages, messages, told ? "told" : "not told");
	}
}

#define TEN "++++++++++"
#define TWENTY TEN TEN
#define SEVENTY TWENTY TWENTY TWENTY TEN

static void a_sharp_drop_is_told_once(void **state)
{
	(void)state;
	check(SEVENTY "-----" "-!" "----------");
	check(SEVENTY TWENTY "-----" "+" "-!" "---");
}

static void few_messages_tell_nothing(void **state)
{
	(void)state;
	check("--------------------");
	check(TWENTY TWENTY TEN "------" "----");
	/* As bad as ever is no drop. */
	check("-----------------------------------------------------------------------------------------");
	check("+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-");
	check(SEVENTY "-+++-+++-+++-+++-+++-+++-+++");
}

static void another_drop_after_a_recovery_is_told(void **state)
{
	(void)state;
	/* Those of the first drop count as before, too: eight of twenty are thirty points less. */
	check(SEVENTY "-----" "-!" "--" TWENTY TEN "-------" "-!" "--");
}

static void errors_are_judged(void **state)
{
	(void)state;
	bool doubtful;
	assert_string_equal(hsm_delivery_judge_error(132015, &doubtful), "PAUSED");
	assert_true(doubtful);
	assert_string_equal(hsm_delivery_judge_error(132016, &doubtful), "DISABLED");
	assert_true(doubtful);
	assert_null(hsm_delivery_judge_error(132001, &doubtful));
	assert_true(doubtful);
	assert_null(hsm_delivery_judge_error(131026, &doubtful));
	assert_false(doubtful);
	assert_null(hsm_delivery_judge_error(0, &doubtful));
	assert_false(doubtful);
}

static void the_window_is_judged_by_the_servers_clock(void **state)
{
	(void)state;
	static const struct {
		const char *status, *last;
		double skew;
		bool open;
	} rows[] = {
		{ NULL, NULL, 0, false },
		{ "OPEN", NULL, 0, true },
		{ "CLOSED", NULL, 0, false },
		{ "CLOSED", "2026-11-28T11:59:00Z", 0, false }, /* it knows best */
		{ "OPEN", "2026-11-28T11:59:00Z", 0, true },
		{ NULL, "2026-11-28T11:59:00Z", 0, true },
		{ NULL, "2026-11-27T12:01:30Z", 0, true },
		{ NULL, "2026-11-27T12:00:30Z", 0, false },     /* half a minute is left */
		{ "OPEN", "2026-11-27T11:00:00Z", 0, false },
		{ NULL, "2026-11-27T12:30:00Z", 3600, false },  /* our clock is behind */
		{ NULL, "2026-11-27T11:30:00Z", -3600, true },
		{ "OPEN", "yesterday", 0, true },
	};
	const int64_t now = INT64_C(1795867200000); /* 2026-11-28T12:00:00Z */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hsm_conversation conversation = { .session_status = rows[i].status, .last_user_message = rows[i].last };
		if (hsm_window_is_open(&conversation, 1, now, rows[i].skew) != rows[i].open)
			fail_msg("row %zu", i);
	}
	assert_false(hsm_window_is_open(NULL, 0, now, 0));
	/* The newest message of all conversations counts. */
	struct hsm_conversation two[] = { { .last_user_message = "2026-11-20T00:00:00Z" },
					  { .last_user_message = "2026-11-28T00:00:00Z" } };
	assert_true(hsm_window_is_open(two, 2, now, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sharp_drop_is_told_once),
		cmocka_unit_test(few_messages_tell_nothing),
		cmocka_unit_test(another_drop_after_a_recovery_is_told),
		cmocka_unit_test(errors_are_judged),
		cmocka_unit_test(the_window_is_judged_by_the_servers_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
