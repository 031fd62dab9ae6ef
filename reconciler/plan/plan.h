#ifndef HSM_PLAN_H
#define HSM_PLAN_H

#include "reconciler/desired/desired.h"
#include "reconciler/desired/history.h"
#include "reconciler/live/live.h"
#include "schema/base/buffer.h"
#include "schema/base/fingerprint.h"
#include "schema/field.h"

/*
 * A plan is a value: what an apply would do, why, and whose each difference is.
 * It is a pure function of (desired, live, history, registry, options), and one
 * table describes it: the JSON that is printed, saved, shown and applied walks
 * it.
 */

enum hsm_action { /* the order in which rows are shown within a template */
	HSM_ACTION_CREATE = 1,
	HSM_ACTION_REPLACE,
	HSM_ACTION_UPDATE, /* a webhook, a response */
	HSM_ACTION_REUSE,
	HSM_ACTION_ACTIVATE,
	HSM_ACTION_SETTINGS,
	HSM_ACTION_RETIRE,
	HSM_ACTION_DELETE,
	HSM_ACTION_WAIT,
	HSM_ACTION_BLOCKED,
	HSM_ACTION_CONFLICT,
	HSM_ACTION_RECATEGORISED,
};
extern const char *const hsm_action_words[];

enum hsm_kind { HSM_KIND_TEMPLATE = 1, HSM_KIND_WEBHOOK, HSM_KIND_LIBRARY, HSM_KIND_RESPONSE };
extern const char *const hsm_kind_words[];
enum hsm_compatibility { HSM_COMPATIBLE = 1, HSM_BREAKING };

struct hsm_plan_origin {
	struct hsm_node node;
	struct hsm_string kind; /* git-ahead, out-of-band, unknown */
	struct hsm_string commit, author, date, subject;
	struct hsm_string variables; /* of hsmctl.yaml, whose change alone made the difference; absent: files changed */
};

struct hsm_plan_difference {
	struct hsm_node node;
	struct hsm_string language, component, path, old_value, new_value;
	struct hsm_boolean sample; /* present and true: only reviewers see it */
};

/* What was seen live; key: language. For a retire or delete what goes; for a
 * replace the version before. */
struct hsm_plan_live {
	struct hsm_node node;
	struct hsm_string id, name, fingerprint, status, category;
	struct hsm_string since; /* RFC 3339: when it last changed */
	struct hsm_string content;     /* the components as canonical JSON, for reviewers */
	struct hsm_list parameters;    /* struct hsm_string: their names, where a commit tells them */
};

/* The sample of a header, which goes with a create where the API takes files. */
struct hsm_plan_media {
	struct hsm_node node;
	struct hsm_string format; /* "IMAGE" */
	struct hsm_string path;   /* beside hsmctl.yaml, in the plan's commit; of a dirty plan in the work tree */
	struct hsm_string sha256; /* of its bytes */
};

/* What a create or replace submits; key: language. */
struct hsm_plan_submission {
	struct hsm_node node;
	struct hsm_string category;
	struct hsm_string fingerprint;
	struct hsm_string content;     /* the components as canonical JSON */
	struct hsm_list parameters;    /* struct hsm_string: names in the order of the sender's array */
	struct hsm_list media;         /* struct hsm_plan_media, in the order of the headers */
	struct hsm_list seen;          /* struct hsm_string: physical names live in this language, when planned */
};

struct hsm_plan_webhook {
	struct hsm_node node;
	struct hsm_string id; /* of the live one */
	struct hsm_string url;
	struct hsm_list events; /* struct hsm_string */
	struct hsm_boolean enabled;
	struct hsm_string secret; /* name of an environment variable */
};

/* A canned response of a template: what is written, or what is live. */
struct hsm_plan_response {
	struct hsm_node node;
	struct hsm_string language;
	struct hsm_string id;        /* of the live one */
	struct hsm_integer version;  /* likewise: the API's count of its changes */
	struct hsm_string name;
	struct hsm_string fingerprint;
	struct hsm_string content;   /* to write: JSON */
	struct hsm_list libraries;   /* struct hsm_string: ids; of one to create none, it is the plan's */
	struct hsm_list seen;        /* struct hsm_string: ids of those of this template and language, before a create */
};

struct hsm_plan_change {
	struct hsm_node node;
	struct hsm_word action;
	struct hsm_word kind;
	struct hsm_string template;  /* base name */
	struct hsm_string name;      /* physical, or the webhook's */
	struct hsm_integer version;
	struct hsm_string from_name; /* of a replace, reuse, activate */
	struct hsm_list languages;   /* struct hsm_string */
	struct hsm_word compatibility;
	struct hsm_list breaking;    /* struct hsm_string: reasons */
	struct hsm_boolean held;     /* present and true: will not become active by itself */
	struct hsm_string accept;    /* where held: the line that accepts it */
	struct hsm_boolean waiting;  /* present and true: a delete or retire that runs once all is APPROVED */
	struct hsm_plan_origin origin;
	struct hsm_string reason;
	struct hsm_string cost;          /* of a recategorised one: "higher", "lower", "other" */
	struct hsm_string ignored_until; /* YYYY-MM-DD: a known difference, no difference till then */
	struct hsm_string file;
	struct hsm_integer line, column;
	struct hsm_list diffs;       /* struct hsm_plan_difference */
	struct hsm_list live;        /* struct hsm_plan_live */
	struct hsm_list submit;      /* struct hsm_plan_submission */
	struct hsm_list wanted;      /* struct hsm_plan_submission: git's, of a row that submits nothing, for reviewers */
	struct hsm_plan_webhook webhook, live_webhook;
	/* Of a row of responses, in the order of its languages: what is written, and what is live. */
	struct hsm_list responses, live_responses; /* struct hsm_plan_response */
};

struct hsm_plan_summary { /* translations per action; webhooks and responses included */
	struct hsm_node node;
	struct hsm_integer create, replace, update, reuse, activate, settings, retire, delete, wait, blocked,
		conflict, recategorised, in_sync, unmanaged, requests;
	struct hsm_integer prunable; /* translations that --prune would delete; absent with it */
	struct hsm_integer ignored;  /* rows; absent where none is */
};

/* What an account has room for, as far as its listing tells. */
struct hsm_plan_quota {
	struct hsm_node node;
	struct hsm_integer templates;         /* live: every language of every version counts */
	struct hsm_integer creates_last_hour; /* of those that are still there */
};

/* A threshold of hsmctl.yaml that the plan exceeds. */
struct hsm_plan_violation {
	struct hsm_node node;
	struct hsm_string policy; /* max_change_percent */
	struct hsm_integer limit, actual;
	struct hsm_string message;
};

/* Where a saved plan goes: no secret, only the names of the variables. */
struct hsm_plan_target {
	struct hsm_node node;
	struct hsm_word backend; /* absent: genesys */
	struct hsm_string base_url, login_url, organization, client_id, client_secret;
	struct hsm_string app, api_version, access_token; /* Meta's */
};

struct hsm_plan {
	struct hsm_node node;
	struct hsm_string format_version; /* "1" */
	struct hsm_string tool_version;
	struct hsm_string command; /* that made it: "plan", "drift" */
	struct hsm_string environment;
	struct hsm_string provider_id, provider_name;
	struct hsm_string commit; /* absent before the first one */
	struct hsm_boolean dirty;
	struct hsm_string folder;   /* of hsmctl.yaml in the repository, "messages/"; absent: the top */
	struct hsm_string snapshot; /* RFC 3339: made against what was live then */
	struct hsm_plan_target target;
	struct hsm_plan_target genesys; /* where the responses are; absent: nowhere */
	struct hsm_string library, library_id; /* that holds them; id absent: it is made */
	struct hsm_string responses; /* why some active templates have none; absent where all have */
	struct hsm_window window; /* of the environment: when an apply may begin */
	struct hsm_string hash; /* hsm_plan_hash */
	struct hsm_list changes; /* struct hsm_plan_change, by template, then action */
	struct hsm_plan_summary summary;
	struct hsm_plan_quota quota;
	struct hsm_list violations; /* struct hsm_plan_violation */
	struct hsm_string history;  /* why whose-it-is cannot be told; absent where it can */
};

extern const struct hsm_object hsm_plan_object;

/* What the registry says is in use, one per translation. */
struct hsm_registry_entry {
	const char *base, *language;
	const char *active;   /* physical name, NULL: none */
	const char *fallback; /* canonical JSON of the file's fallback, "" */
	const char *routes;   /* canonical JSON of the file's routes, "" */
};
struct hsm_registry_state {
	const struct hsm_registry_entry *entries; /* by base, then language */
	size_t count;
};

void hsm_registry_sort(struct hsm_registry_entry *entries, size_t count);

/* A file's fallback and routes as canonical JSON, "" where it has none; in the arena. */
const char *hsm_registry_write_fallback(struct hsm_arena *arena, const struct hsm_template *file);
const char *hsm_registry_write_routes(struct hsm_arena *arena, const struct hsm_template *file);
/* With what hsmctl.yaml says of those that say nothing themselves. */
const char *hsm_registry_write_inputs(struct hsm_arena *arena, const struct hsm_template *file,
				      const struct hsm_delivery_defaults *defaults);

/* A difference that is known, and none until a day is over. */
struct hsm_plan_ignore {
	const char *glob;  /* of base names, and of webhooks' names */
	const char *until; /* YYYY-MM-DD */
};

struct hsm_plan_options {
	const char *command; /* "plan", "drift" */
	bool prune;
	const char *const *resubmit; /* names of templates: submit burnt or recategorised content anew */
	size_t resubmit_count;
	const char *const *overwrite; /* base names whose foreign content may be replaced */
	size_t overwrite_count;
	const char *const *targets; /* globs of base names; none: all */
	size_t target_count;
	const struct hsm_plan_ignore *ignores; /* not expired */
	size_t ignore_count;
	int64_t now; /* seconds since 1970, for what the last hour used */
};

/* Whether the options' globs select the base name. */
bool hsm_plan_is_targeted(const struct hsm_plan_options *options, const char *base);

/*
 * Makes the plan; everything in it lives in the arena, or is borrowed from what
 * it was made of. registry may be NULL. history must hold what
 * hsm_plan_list_questions asked for.
 */
void hsm_plan_make(struct hsm_arena *arena, const struct hsm_desired *desired, const struct hsm_live *live,
		   const struct hsm_history *history, const struct hsm_registry_state *registry,
		   const struct hsm_plan_options *options, struct hsm_plan *plan);

/*
 * The base names that the planner must know the history of: those whose live
 * content is not git's. With all_versions also those that have several: which of
 * them is active, and so which may go, depends on the commits that had them. In
 * the arena.
 */
const char **hsm_plan_list_questions(struct hsm_arena *arena, const struct hsm_desired *desired,
				     const struct hsm_live *live, const struct hsm_plan_options *options,
				     bool all_versions, size_t *count);

/*
 * What a plan without --prune asks of the history of these base names: where the
 * content of git came from, and whether a commit had what is live. In the arena.
 */
struct hsm_history_want *hsm_plan_list_wants(struct hsm_arena *arena, const struct hsm_desired *desired,
					     const struct hsm_live *live, const char *const *bases, size_t base_count,
					     size_t *count);

/* The ids of the responses that it deletes: who uses them decides whether they may go. In the arena. */
const char **hsm_plan_list_removed_responses(struct hsm_arena *arena, const struct hsm_plan *plan, size_t *count);

/* How many templates it submits. */
size_t hsm_plan_count_submissions(const struct hsm_plan *plan);

/* Rows that `--detailed-exitcode` and drift count: all but wait, reuse, and what is ignored. */
bool hsm_plan_has_differences(const struct hsm_plan *plan);

/* blocked, conflict, recategorised. */
bool hsm_plan_has_problems(const struct hsm_plan *plan);

/*
 * SHA-256 of what an apply of the plan does and of what it saw of that: the same
 * where git and the organisation moved in nothing that it touches, whatever
 * commit, machine or moment planned it. 64 hexadecimal digits and a NUL.
 */
void hsm_plan_hash(const struct hsm_plan *plan, char hash[HSM_FINGERPRINT_SIZE]);

/* The canonical bytes of a plan that can be saved, ending in a newline; and
 * back. Refuses another format version, and bytes that were changed. */
void hsm_plan_save(const struct hsm_plan *plan, struct hsm_buffer *buffer);
int hsm_plan_load(struct hsm_arena *arena, const char *data, size_t length, struct hsm_plan *plan,
		  struct hsm_error *error);

/* The plan as `--format json` prints it. */
void hsm_plan_append_json(const struct hsm_plan *plan, struct hsm_buffer *buffer);

#endif
