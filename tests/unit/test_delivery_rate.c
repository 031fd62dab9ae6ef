#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sharp_drop_is_told_once),
		cmocka_unit_test(few_messages_tell_nothing),
		cmocka_unit_test(another_drop_after_a_recovery_is_told),
		cmocka_unit_test(errors_are_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
