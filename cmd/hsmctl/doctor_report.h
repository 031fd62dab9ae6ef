#ifndef HSM_DOCTOR_REPORT_H
#define HSM_DOCTOR_REPORT_H

#include "cmd/hsmctl/session.h"

/* What doctor found, a row per check. */

enum hsm_check_state { HSM_CHECK_OK, HSM_CHECK_WARNING, HSM_CHECK_PROBLEM };

struct hsm_check {
	enum hsm_check_state state;
	const char *name;    /* "provider" */
	const char *message; /* what is so */
	const char *advice;  /* what to do; NULL: nothing */
};

struct hsm_doctor_report {
	struct hsm_arena arena;
	struct hsm_check *checks;
	size_t count, capacity;
	size_t warnings, problems;
	int result; /* the worst problem's class; 0: none */
};

void hsm_doctor_report_release(struct hsm_doctor_report *report);

/* advice may be NULL, and is copied. */
void hsm_doctor_note(struct hsm_doctor_report *report, enum hsm_check_state state, const char *name,
		     const char *advice, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A problem with the error's message and class. */
void hsm_doctor_fail(struct hsm_doctor_report *report, const char *name, const char *advice,
		     const struct hsm_error *error);

/* Writes it in the format that the user wants. */
void hsm_doctor_report_write(const struct hsm_doctor_report *report, struct hsm_session *session);

#endif
