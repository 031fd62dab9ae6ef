#ifndef HSM_EMULATOR_REQUEST_H
#define HSM_EMULATOR_REQUEST_H

#include <cJSON.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "cmd/emulator/clock.h"
#include "cmd/emulator/emulator.h"
#include "schema/base/buffer.h"

#define EMU_BODY_MAXIMUM 512000                    /* request.bytes.max of Genesys Cloud */
#define EMU_ADMIN_BODY_MAXIMUM ((size_t)256 << 20) /* a seeded organisation */
#define EMU_UPLOAD_MAXIMUM ((size_t)100 << 20)     /* Meta's for a document */
#define EMU_CAPTURES 2

/* How an answer leaves. */
enum hsm_emu_manner {
	EMU_MANNER_WHOLE,
	EMU_MANNER_RESET,    /* the connection ends without a byte */
	EMU_MANNER_TRUNCATE, /* half of the body, then the end */
	EMU_MANNER_SLOW,     /* a few bytes at a time */
	EMU_MANNER_HUGE,     /* body_size bytes of nothing; 0: without end */
};

/* One HTTP request and the answer to it. Lives until the answer has left. */
struct hsm_emu_request {
	struct hsm_emu *emu;
	struct MHD_Connection *connection;
	char *target; /* as sent, with the query */
	char *path;   /* decoded, without it */
	char method[16];
	struct hsm_buffer body;
	size_t discarded;
	bool oversize, routed;
	char *captures[EMU_CAPTURES]; /* {segments} of the route's path, decoded; may hold slashes */
	const struct hsm_emu_route *route;
	int graph;                    /* the version of Meta's API that the path names: 23 for /v23.0/; 0: another API */
	struct hsm_emu_waba *waba;    /* that the request is about, while it is routed */
	struct hsm_emu_usage {
		char waba[EMU_ID_SIZE]; /* empty: it was about none */
		long percent, minutes;  /* of the hour that is fuller; until the next one, where it is full */
	} usage;
	struct hsm_emu_token *token; /* until the handler is done */
	char correlation[EMU_ID_SIZE];
	const struct hsm_emu_fault *fault; /* the one that hit, while the request is routed */

	unsigned status;
	struct hsm_buffer answer;
	cJSON *error; /* becomes the body where there is one */
	const char *content_type;
	const char *allow;
	long retry_after; /* seconds; 0: no header */
	bool rated;
	long rate_count, rate_allowed, rate_reset;

	enum hsm_emu_manner manner;
	int64_t manner_argument;
	int64_t delay; /* milliseconds before the answer leaves */
	struct hsm_emu_timer timer;
	bool paused; /* EMU_MANNER_SLOW waits for its timer */
	struct hsm_emu_request *previous, *next; /* of those that are suspended */
};

/* Answers with an error of the contract; what it returns may be added to. */
cJSON *hsm_emu_fail(struct hsm_emu_request *request, unsigned status, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds to an error's details. */
void hsm_emu_fail_detail(cJSON *error, const char *code, const char *field);

/* The body as an object, or NULL and the request is answered. The caller frees it. */
cJSON *hsm_emu_request_json(struct hsm_emu_request *request);

/* As hsm_emu_request_json, of any type. */
cJSON *hsm_emu_request_json_any(struct hsm_emu_request *request);

/* A query parameter, decoded, or NULL. Borrowed. */
const char *hsm_emu_request_query(const struct hsm_emu_request *request, const char *name);

/* A query parameter that is one of two words, the first where it is missing; false: answered with 400. */
bool hsm_emu_request_choice(struct hsm_emu_request *request, const char *name, const char *first, const char *second,
			    bool *is_second);

/* A request header, or NULL. Borrowed. */
const char *hsm_emu_request_header(const struct hsm_emu_request *request, const char *name);

struct hsm_emu_page {
	size_t size, number, total, first, end; /* entities [first, end) */
};

/* Reads pageSize and pageNumber; false: answered with 400. */
bool hsm_emu_page_begin(struct hsm_emu_request *request, size_t total, struct hsm_emu_page *page);
/* As above, from a body where both are whole numbers. */
bool hsm_emu_page_begin_body(struct hsm_emu_request *request, const cJSON *body, size_t maximum, size_t total,
			     struct hsm_emu_page *page);
/* Opens {"entities":[ ... */
void hsm_emu_page_open(struct hsm_emu_request *request);
/* ... and closes it with the members of Page. */
void hsm_emu_page_close(struct hsm_emu_request *request, const struct hsm_emu_page *page);

/* The version of Meta's API that a path begins with, or 0. */
int hsm_emu_route_version(const char *path);

/* Finds the request's route and runs it: the answer is ready after. */
void hsm_emu_route(struct hsm_emu_request *request);

#endif
