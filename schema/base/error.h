#ifndef HSM_ERROR_H
#define HSM_ERROR_H

/*
 * One error value. A function that can fail returns 0, or one of these negative
 * classes and fills the error that it was given; on success it leaves it alone.
 * Whoever passes it on adds context in front. Only cmd/ prints it, and the exit
 * code follows from the class in one table there.
 *
 * A message says what happened, where (file:line:column, or method, path and
 * correlation id) and what to do: lower case, no full stop. It may hold text
 * from outside: it is escaped where it is printed.
 */

enum hsm_error_class {
	HSM_OK = 0,
	HSM_ERROR_FAILED = -1,      /* nothing of the below */
	HSM_ERROR_PARTIAL = -2,     /* applied in part */
	HSM_ERROR_STALE = -3,       /* the saved plan is stale */
	HSM_ERROR_POLICY = -4,      /* refused by a policy or a threshold */
	HSM_ERROR_BLOCKED = -5,     /* a template is rejected, blocked or in conflict */
	HSM_ERROR_USAGE = -6,       /* wrong command line */
	HSM_ERROR_INVALID = -7,     /* invalid templates */
	HSM_ERROR_NO_INPUT = -8,    /* no such repository, revision or file */
	HSM_ERROR_UNAVAILABLE = -9, /* the API does not answer, or not sensibly */
	HSM_ERROR_TRY_LATER = -10,  /* still pending, quota spent, locked */
	HSM_ERROR_AUTH = -11,       /* credentials missing, wrong, or lacking a permission */
	HSM_ERROR_CONFIG = -12,     /* bad hsmctl.yaml */
};

#define HSM_ERROR_MESSAGE_SIZE 2048

struct hsm_error {
	enum hsm_error_class class;
	char message[HSM_ERROR_MESSAGE_SIZE]; /* cut where it is longer */
};

/* Fills error (unless NULL) and returns the class. */
int hsm_error_set(struct hsm_error *error, enum hsm_error_class class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "<text>: " in front of the message and returns error's class. */
int hsm_error_prefix(struct hsm_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
