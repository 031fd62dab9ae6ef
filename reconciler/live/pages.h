#ifndef HSM_PAGES_H
#define HSM_PAGES_H

#include <cjson/cJSON.h>

#include "reconciler/live/backend.h"

/* Listings: {entities, pageSize, pageNumber, total, pageCount}; what a query (POST) answers
 * has that under 'results'. */

#define HSM_PAGE_SIZE 100
#define HSM_PAGE_QUERY_SIZE 500 /* the most that a query answers */

/* An id or a name as a part of a path or query. */
const char *hsm_path_escape(struct hsm_arena *arena, const char *text);

struct hsm_page {
	cJSON *json; /* to be deleted */
	const cJSON *entities;
	int64_t total, page_count;
};

/* A page out of an answer; refused ones too are an error. */
int hsm_page_read(const struct hsm_connection *connection, const struct hsm_http_answer *answer,
		  struct hsm_page *page, struct hsm_error *error);

/* The body of a query for a page, from 1. */
const char *hsm_page_query(struct hsm_arena *arena, const char *filters, size_t page);

struct hsm_pages {
	const struct hsm_connection *connection;
	const char *path; /* without query */
	const char *query;    /* of every page: "&showbrief=false"; NULL: none */
	const char *filters;  /* JSON: it is a query by them; NULL: a listing */
	const char *identity; /* the member that no two entities share; NULL: "id" */
	/* The first page is there, of so many: begin (may be NULL) forgets what an
	 * earlier reading took. */
	void (*begin)(void *user, size_t page_count);
	/* The entities of a page (0: the first), in no order of pages. */
	int (*take)(void *user, size_t page, const cJSON *entities, struct hsm_error *error);
	void *user;
	void (*progress)(void *user, size_t done, size_t total); /* may be NULL */
	void *progress_user;
};

/*
 * Reads them all, the first alone, the others in parallel. Read again where it
 * shifted meanwhile (an id twice, another total): a page boundary that moves
 * loses an entity or doubles one.
 */
int hsm_pages_read(const struct hsm_pages *pages, struct hsm_error *error);

#endif
