#ifndef HSM_EMULATOR_OPTIONS_H
#define HSM_EMULATOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"

/* What an option that may be repeated was given. */
struct hsm_emu_values {
	const char **items;
	size_t count, capacity;
};

struct hsm_emu_options {
	const char *listen;
	int port;
	const char *data;         /* NULL: nothing outlives the process */
	const char *review;       /* approve, manual, or a script's file name */
	int64_t review_delay;     /* milliseconds */
	int64_t latency;          /* milliseconds */
	int64_t rate;             /* requests per token and window; 0: no limit */
	int64_t rate_window;      /* milliseconds */
	int64_t limit_templates;  /* 0: none */
	int64_t limit_hourly;     /* 0: none */
	int64_t limit_datatable_rows;
	int64_t token_lifetime;   /* seconds */
	int64_t delivery_delay;   /* milliseconds */
	int64_t webhook_retries;
	int64_t webhook_backoff;  /* milliseconds before the first retry */
	uint64_t seed;
	const char *organization;
	struct hsm_emu_values clients; /* id:secret; none: any */
	struct hsm_emu_values faults;
	struct hsm_emu_values graph_tokens;  /* of Meta's API; none: any */
	int64_t graph_token_lifetime; /* seconds from the first use; 0: endless */
	const char *graph_app_secret; /* signs what goes to webhooks */
	const char *graph_callback;   /* where webhooks go that are not overridden; NULL: nowhere */
	const char *graph_locale;     /* of texts for users */
	int64_t limit_graph_page;     /* templates of a page */
	int64_t limit_graph_calls;    /* an hour for an account; 0: none */
	bool graph_strict_handles;    /* only those of uploads that were made here */
	unsigned scopes;          /* bits of enum hsm_emu_scope that tokens get */
	bool verbose;
	bool help, version;
};

/* The strings are borrowed from argv. */
int hsm_emu_options_parse(struct hsm_emu_options *options, int argc, char **argv, struct hsm_error *error);
void hsm_emu_options_release(struct hsm_emu_options *options);
void hsm_emu_options_print_help(void);

#endif
