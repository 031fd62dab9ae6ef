#ifndef HSM_OAUTH_H
#define HSM_OAUTH_H

#include "reconciler/live/http.h"

/*
 * A token for the API: the one of the settings, or by client credentials (RFC
 * 6749, section 4.4), got anew before it expires or when the API refuses it.
 */
struct hsm_oauth {
	struct hsm_http *http;
	const struct hsm_settings *settings;
	char *token;        /* NULL: none yet */
	double expires;     /* CLOCK_MONOTONIC seconds; 0: not known to */
	bool asked;         /* for one, and no answer yet */
	struct hsm_error error; /* class 0: none */
};

/* What http asks; user is the hsm_oauth, whose http is set once that is open. */
struct hsm_http_tokens hsm_oauth_tokens(struct hsm_oauth *oauth);

void hsm_oauth_release(struct hsm_oauth *oauth);

#endif
