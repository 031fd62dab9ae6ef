#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "reconciler/delivery/window.h"

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
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_window_is_judged_by_the_servers_clock) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
