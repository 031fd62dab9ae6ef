/* Where a registry may be, and that no password of it is told. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "reconciler/lifecycle/database.h"

static void a_url_that_is_none_is_refused_without_its_password(void **state)
{
	(void)state;
	static const char *const urls[] = {
		"", "sqlite:", "mysql://bob:planted@localhost/x", "postgres:bob:planted@localhost/x",
		/* characters that end a password, or are no part of one */
		"postgres://bob:planted/secret@localhost/x", "postgres://bob:planted@secret@localhost/x",
		"postgres://bob:12/planted@localhost/x", "postgres://bob:ab%planted@localhost/x",
		"postgres://bob:planted%00@localhost/x", "postgres://bob:ab?planted/x", "postgresql://bob:planted",
		"postgres://bob@localhost/x?password=ab&planted", "postgres://bob@localhost:12planted/x",
		"postgres://bob@localhost/x?planted=1",
	};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct hsm_database *database = NULL;
		struct hsm_error error = { 0 };
		if (hsm_database_open(&database, urls[i], &error) != HSM_ERROR_CONFIG || database)
			fail_msg("'%s': class %d, %s", urls[i], error.class, error.message);
		assert_null(strstr(error.message, "planted"));
		assert_true(*error.message);
	}
}

/* Nobody is there: it is libpq's message then. */
static void a_url_that_libpq_takes_is_tried(void **state)
{
	(void)state;
	static const char *const urls[] = {
		"postgres://bob:planted%2Fs%40%25%3A@localhost:1/x", "postgresql://localhost:1",
		"postgres://bob@localhost:1,localhost:1/x?password=planted%26", "postgres://b%40c:planted:s@/x?host=/nowhere",
	};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct hsm_database *database = NULL;
		struct hsm_error error = { 0 };
		assert_int_equal(hsm_database_open(&database, urls[i], &error), HSM_ERROR_UNAVAILABLE);
		assert_non_null(strstr(error.message, "cannot connect"));
		assert_null(strstr(error.message, "planted"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_that_is_none_is_refused_without_its_password),
		cmocka_unit_test(a_url_that_libpq_takes_is_tried),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
