#ifndef HSM_LIVE_H
#define HSM_LIVE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/config.h"
#include "schema/content.h"

/*
 * The live side: what an API reports, and the few things that can be asked of
 * it. One backend per API implements it; nothing outside this folder knows which
 * one is behind a connection.
 */

enum hsm_status {
	HSM_STATUS_UNKNOWN = 0, /* a word that is not known here */
	HSM_STATUS_APPROVED,
	HSM_STATUS_PENDING,
	HSM_STATUS_IN_REVIEW,
	HSM_STATUS_IN_APPEAL,
	HSM_STATUS_PAUSED,
	HSM_STATUS_REJECTED,
	HSM_STATUS_DISABLED,
	HSM_STATUS_PENDING_DELETION,
	HSM_STATUS_DELETED,
	HSM_STATUS_ARCHIVED,
};

enum hsm_status hsm_status_find(const char *word);
/* PENDING_DELETION, DELETED. */
bool hsm_status_is_gone(enum hsm_status status);
/* REJECTED, DISABLED, PENDING_DELETION, DELETED: can't be used again. */
bool hsm_status_is_burnt(enum hsm_status status);
/* PENDING, IN_REVIEW, IN_APPEAL, PAUSED: somebody else decides. */
bool hsm_status_is_waiting(enum hsm_status status);

/* One language of one version. */
struct hsm_live_template {
	const char *id;
	const char *name; /* physical */
	const char *language;
	const char *category; /* as the API says it, upper case */
	const char *status_word;
	enum hsm_status status;
	const char *rejection_reason; /* NULL: none */
	/* Where the API tells them, else NULL: the category that the review thinks right, the one
	 * before it was moved, and the quality, "GREEN". */
	const char *correct_category, *previous_category, *quality;
	const char *created, *modified; /* RFC 3339 or NULL */
	struct hsm_content content; /* json NULL: not told, as in an answer that has the id alone */
};

struct hsm_live_webhook {
	const char *id;
	const char *name;
	const char *url;
	const char **events;
	size_t event_count;
	bool enabled;
};

/* Everything a listing says, in one arena. Zero-initialise; release when done. */
struct hsm_live {
	struct hsm_arena arena;
	const char *organization_id, *organization_name; /* NULL where nobody asked */
	const char *provider_id, *provider_name; /* Meta's: the account */
	struct hsm_live_template *templates; /* in the API's order */
	size_t template_count;
	struct hsm_live_webhook *webhooks;
	size_t webhook_count;
	bool has_webhooks; /* the webhooks were asked for */
	size_t page_count; /* of the templates' listing: so many requests it took */
	const struct hsm_live_responses *responses; /* responses.h; borrowed; NULL: nobody asked */
};

void hsm_live_release(struct hsm_live *live);

/*
 * Where and as whom. All strings are borrowed and must outlive the connection.
 * Secrets are read from the process's environment only, and shown nowhere.
 */
struct hsm_settings {
	const char *environment; /* its name in hsmctl.yaml, for messages */
	enum hsm_backend_word backend;
	const char *base_url;    /* "https://api.mypurecloud.ie", no slash at the end */
	const char *access_token;
	/* Genesys' */
	const char *login_url;
	const char *client_id, *client_secret; /* NULL where access_token is set */
	const char *organization; /* must be the token's, NULL: not checked */
	const char *provider;     /* name or id; NULL: the one active one */
	/* Meta's */
	const char *account;        /* the WhatsApp Business Account's id */
	const char *app;            /* that files are uploaded to; NULL: none can be */
	const char *api_version;    /* "v23.0" */
	const char *token_variable; /* the environment variable that the access token comes from */

	unsigned parallelism;     /* requests under way at once */
	double deadline;          /* CLOCK_MONOTONIC seconds; 0: none */
	const volatile sig_atomic_t *interrupted; /* set: stop waiting; may be NULL */
};

/*
 * The settings of an environment: hosts from region or base_url, credentials
 * from the variables that it names or the well-known ones. Strings that must be
 * made go into the arena; parallelism, deadline and interrupted are left alone.
 * Refuses, with HSM_ERROR_CONFIG or HSM_ERROR_AUTH:
 * a region that is not known, GENESYSCLOUD_REGION that differs from the
 * environment's, plain http beyond loopback, a host outside Genesys' domains and
 * loopback that HSMCTL_ALLOW_HOSTS does not name (a pull request must not be
 * able to send a secret somewhere), missing credentials. Likewise for Meta's Graph
 * API, whose host is its own and whose token comes from META_ACCESS_TOKEN.
 */
int hsm_settings_resolve(struct hsm_arena *arena, const struct hsm_environment *environment,
			 struct hsm_settings *settings, struct hsm_error *error);

/* Likewise those of the organisation that stands beside an account of Meta's: the environment's `genesys`. */
int hsm_settings_resolve_genesys(struct hsm_arena *arena, const struct hsm_environment *environment,
				 struct hsm_settings *settings, struct hsm_error *error);

struct hsm_connection;

/* No request yet. The settings are borrowed. */
int hsm_connection_open(struct hsm_connection **connection, const struct hsm_settings *settings,
			struct hsm_error *error);
void hsm_connection_free(struct hsm_connection *connection);

/* Requests sent so far, the token's included. */
size_t hsm_connection_count_requests(const struct hsm_connection *connection);

/*
 * Reads everything, in the fewest requests: token, organisation (where one is
 * set: before anything else), providers, pages of templates in parallel once the
 * first says how many there are, webhooks where wanted. A listing that shifted
 * while it was read is read again. progress (may be NULL) is told how many of
 * how many pages are there; of 0 where pages tell only which is the next.
 */
int hsm_live_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		  void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error);

/* What became of a write. */
enum hsm_outcome {
	HSM_OUTCOME_DONE,
	HSM_OUTCOME_EXISTS,      /* 409: this name and language are there already */
	HSM_OUTCOME_LOCKED,      /* 409: the name is locked after a deletion */
	HSM_OUTCOME_REFUSED,     /* 4xx: it never was accepted and never will be */
	HSM_OUTCOME_LOST,        /* no answer, or a 5xx: it may have been done */
	HSM_OUTCOME_QUOTA,       /* creates an hour, or the account's templates, are spent */
	HSM_OUTCOME_FORBIDDEN,   /* credentials, or a permission */
	HSM_OUTCOME_UNAVAILABLE, /* not sent, or certainly not done */
	HSM_OUTCOME_INTERRUPTED, /* not sent: the user or the deadline stopped it */
};

struct hsm_write_result {
	enum hsm_outcome outcome;
	const struct hsm_live_template *template; /* of a create that is done, as the API has it; else NULL */
	const char *id;                           /* of what a create made that is no template */
	struct hsm_error error;                   /* unless done */
};

/* Called once per write, from hsm_connection_run. The result is borrowed. It may
 * start further writes. */
typedef void hsm_write_done(void *user, const struct hsm_write_result *result);

/* A file that customers see. */
struct hsm_media {
	const char *name;  /* "logo.png" */
	const char *type;  /* MIME: "image/png" */
	const char *bytes; /* borrowed until the write is done */
	size_t length;
};

struct hsm_template_create {
	const char *name, *language, *category;
	const char *components; /* a content's JSON */
	const struct hsm_media *media; /* what its media headers show, in their order: the header's, then the cards' */
	size_t media_count;
};

/*
 * Writes are queued and done by hsm_connection_run, as many at once as the
 * settings and the API's rate limit allow, in order of queueing. Texts are
 * copied. A create is sent once: a lost answer is the caller's to look up.
 */
void hsm_connection_create_template(struct hsm_connection *connection, const char *provider_id,
				    const struct hsm_template_create *create, hsm_write_done *done, void *user);
/* The template of exactly this name and language, read afresh. DONE with
 * template NULL where there is none. */
void hsm_connection_find_template(struct hsm_connection *connection, const char *provider_id, const char *name,
				  const char *language, hsm_write_done *done, void *user);
/* The template of this id, read afresh. DONE with template NULL where there is none. */
void hsm_connection_get_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				 hsm_write_done *done, void *user);
/* The one language that has this id; name is its physical name. What is gone already counts as done. */
void hsm_connection_delete_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				    const char *name, hsm_write_done *done, void *user);

struct hsm_webhook_write {
	const char *name, *url;
	const char *const *events;
	size_t event_count;
	bool enabled;
	const char *secret; /* the secret itself, or NULL */
};

/* id NULL creates; a lost create is looked up by name before it is repeated. */
void hsm_connection_write_webhook(struct hsm_connection *connection, const char *id,
				  const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user);
void hsm_connection_delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done,
				   void *user);

/*
 * Asks whether the credentials may create templates without creating one: an
 * empty create is refused for its permission before its content. DONE, or
 * FORBIDDEN with the reason.
 */
void hsm_connection_probe_write(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
				void *user);

/* Runs until nothing is queued or under way. */
void hsm_connection_run(struct hsm_connection *connection);

/* From a write's end, or from work, while it runs: reads, and what is not under way yet ends as interrupted. */
void hsm_connection_abandon(struct hsm_connection *connection);

/*
 * What else there is to do, in small pieces while answers are awaited: called until it
 * returns false, as long as something is under way. NULL: nothing. It may abandon.
 */
void hsm_connection_set_work(struct hsm_connection *connection, bool (*work)(void *user), void *user);

/* Seconds that the server's clock is ahead of ours by its Date header; 0 before
 * the first answer. */
double hsm_connection_clock_skew(const struct hsm_connection *connection);

/* Seconds that the slowest request took so far, whether it was answered or not. */
double hsm_connection_slowest(const struct hsm_connection *connection);

/* The API's rate limit as its headers tell: requests allowed and counted in this
 * window, both 0 where it says nothing. */
void hsm_connection_rate(const struct hsm_connection *connection, int64_t *count, int64_t *allowed);

/* How much of what the API allows in an hour is used, in percent; -1 where it says nothing. */
int hsm_connection_usage(const struct hsm_connection *connection);

#endif
