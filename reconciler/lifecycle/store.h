#ifndef HSM_STORE_H
#define HSM_STORE_H

#include "reconciler/lifecycle/alert.h"
#include "reconciler/lifecycle/database.h"
#include "reconciler/lifecycle/decide.h"
#include "reconciler/lifecycle/registry.h"

/*
 * The registry in its database: one environment of it. Every transaction that
 * changes something has a number, its revision, so that a process which has read
 * up to one revision reads what is newer, and no more.
 *
 * One thread uses a store. What a transaction wrote is also in the registry in
 * memory; where it fails, that is not true any more: clear it and read anew.
 */
struct hsm_store;

/* Opens, and brings the tables up to this program's version. A newer one's are refused. */
int hsm_store_open(struct hsm_store **store, const char *url, const char *environment, struct hsm_error *error);
/* For reading what some controller keeps: nothing is made. HSM_ERROR_NO_INPUT where there is no registry yet. */
int hsm_store_open_existing(struct hsm_store **store, const char *url, const char *environment,
			    struct hsm_error *error);
void hsm_store_close(struct hsm_store *store);

bool hsm_store_is_shared(const struct hsm_store *store);
int hsm_store_lead(struct hsm_store *store, bool *leads, struct hsm_error *error);

/* The last transaction's. */
int64_t hsm_store_revision(const struct hsm_store *store);

/* Begins to write, and reads into the registry what others wrote since. */
int hsm_store_begin(struct hsm_store *store, struct hsm_registry *registry, struct hsm_error *error);
int hsm_store_commit(struct hsm_store *store, struct hsm_error *error);
void hsm_store_rollback(struct hsm_store *store);

/* Reads what others wrote; outside of a transaction. */
int hsm_store_refresh(struct hsm_store *store, struct hsm_registry *registry, struct hsm_error *error);

/* Everything is read anew by the next refresh or begin. The caller clears the registry. */
void hsm_store_forget(struct hsm_store *store);

/* The following within a transaction. */

/* *fresh: it was not there. */
int hsm_store_add_event(struct hsm_store *store, const struct hsm_event *event, const char *source, int64_t received,
			bool *fresh, struct hsm_error *error);
int hsm_store_save_version(struct hsm_store *store, struct hsm_registry_version *version, struct hsm_error *error);
int hsm_store_save_translation(struct hsm_store *store, struct hsm_registry_translation *translation,
			       struct hsm_error *error);
/* That what is in use is another now; its history. */
int hsm_store_add_change(struct hsm_store *store, const struct hsm_registry_translation *translation,
			 const char *before, const char *why, int64_t time, struct hsm_error *error);
int hsm_store_add_alert(struct hsm_store *store, const struct hsm_alert *alert, int64_t time,
			struct hsm_error *error);

/* Alerts that no letter tells yet: how many of each kind, when the first and the last came; and the first of each
 * kind, at most `named` each, by kind. In the arena. */
int hsm_store_read_alerts(struct hsm_store *store, struct hsm_arena *arena, size_t named, struct hsm_alerts *alerts,
			  int64_t *first, int64_t *last, struct hsm_error *error);
/* All of those are in letters now. */
int hsm_store_clear_alerts(struct hsm_store *store, struct hsm_error *error);

struct hsm_letter {
	const char *id, *receiver, *body;
	int64_t created, attempts, due;
};
int hsm_store_save_letter(struct hsm_store *store, const struct hsm_letter *letter, struct hsm_error *error);
int hsm_store_delete_letter(struct hsm_store *store, const char *id, struct hsm_error *error);
/* The letter that is due first, at `now` or before; id NULL where none is. */
int hsm_store_read_letter(struct hsm_store *store, struct hsm_arena *arena, int64_t now, struct hsm_letter *letter,
			  struct hsm_error *error);

/* A message that somebody asked for, by the key that he gave it. */
struct hsm_send_record {
	const char *id;      /* the key */
	const char *request; /* SHA-256 of what was asked */
	const char *token;   /* that the message carries */
	const char *owner;   /* the process that began it */
	int64_t status;      /* HTTP's, of its answer; 0: it is begun, and may have been sent */
	const char *answer;  /* of one that is begun the way that it goes, of the sender's words; NULL: the messaging API's */
	int64_t time;
};
/* id NULL where there is none; in the arena. */
int hsm_store_read_send(struct hsm_store *store, struct hsm_arena *arena, const char *id, struct hsm_send_record *record,
			struct hsm_error *error);
/*
 * Takes the key, before its message is sent: one that nobody has, or one that is begun and
 * that former_owner still has. *claimed is false where it is another's.
 */
int hsm_store_claim_send(struct hsm_store *store, const struct hsm_send_record *record, const char *former_owner,
			 bool *claimed, struct hsm_error *error);
/* What became of it; nothing where the key is another message's. */
int hsm_store_save_send(struct hsm_store *store, const struct hsm_send_record *record, struct hsm_error *error);
/* Somebody else told what became of one that is begun: its answer from now on. Nothing where none is of this token. */
int hsm_store_settle_send(struct hsm_store *store, const char *token, int64_t status, const char *answer,
			  struct hsm_error *error);
/* It certainly was not sent. */
int hsm_store_delete_send(struct hsm_store *store, const struct hsm_send_record *record, struct hsm_error *error);
/* Those from before that time. */
int hsm_store_forget_sends(struct hsm_store *store, int64_t before, struct hsm_error *error);

/* Named values: the last good commit, the last plan. NULL where there is none; in the arena. */
int hsm_store_set(struct hsm_store *store, const char *key, const char *value, struct hsm_error *error);
int hsm_store_get(struct hsm_store *store, struct hsm_arena *arena, const char *key, const char **value,
		  struct hsm_error *error);

/* The changes and events of a base name, newest first, as JSON arrays in the arena. */
int hsm_store_read_history(struct hsm_store *store, struct hsm_arena *arena, const char *base, size_t limit,
			   const char **json, struct hsm_error *error);
/* The last events of all. */
int hsm_store_read_events(struct hsm_store *store, struct hsm_arena *arena, size_t limit, const char **json,
			  struct hsm_error *error);

#endif
