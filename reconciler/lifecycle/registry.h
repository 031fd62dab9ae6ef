#ifndef HSM_REGISTRY_H
#define HSM_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reconciler/plan/plan.h"

/*
 * What is in use: the templates that git has, in each language, and the versions
 * that are live of them. A database holds it (store.h), every process has a copy
 * in memory, one environment each. One table per kind describes its fields: the
 * database's columns, loading, saving and freeing walk it.
 *
 * Texts are malloc'ed; NULL is absent. Times are milliseconds since 1970, of this
 * machine's clock unless said otherwise; 0: never.
 */

struct hsm_registry_version { /* key: name, language */
	char *base, *language, *name;
	int64_t number;
	char *id;        /* the API's */
	char *status;    /* its word, upper case; "GONE" where it is not live any more */
	char *category;  /* live */
	char *accepted;  /* the category that git accepts for it; NULL: any */
	char *reason;    /* of a rejection or pause */
	char *quality;   /* GREEN, YELLOW, RED; NULL: not told */
	char *signature; /* JSON: what a sender fills in, and the buttons; NULL: the names are not known */
	char *parameters; /* JSON: the same for a flow's eyes */
	char *content;    /* JSON: its components */
	int64_t changed;  /* when its status last changed, by the sender's clock */
	int64_t categorised, assessed; /* its category, its quality, likewise */
	int64_t seen;     /* when we were last told of it */
	int64_t created;
	int64_t used;     /* when it was last looked up */
	int64_t revision;
	bool unsaved;     /* the transaction under way changed it */
};

struct hsm_registry_translation { /* key: base, language */
	char *base, *language;
	char *category; /* the file's */
	char *target;   /* physical name of the version that equals git; NULL: none is live */
	char *held;     /* why the target may not become active; NULL: it may */
	char *suggested; /* what should be in use where nothing is recorded */
	char *fallback;  /* the file's, JSON; NULL: none */
	char *routes;    /* the file's, JSON; NULL: none */
	char *inputs;    /* the file's parameters, JSON: what senders may give; NULL: none */
	int64_t managed; /* 1: git has it */
	/* decided */
	char *preferred; /* what should be in use while nothing is wrong with it */
	char *active;    /* its own version that is in use; NULL: none may be */
	char *previous;  /* the active one before */
	char *substitute; /* "version", "template", "channel": a fallback is in force; NULL: none */
	char *substitute_name; /* physical name, or the channel */
	char *substitute_text; /* of a channel */
	char *cause;     /* why the preferred one is not in use */
	int64_t since;   /* when the above last changed */
	int64_t revision;
};

/* The versions and translations of one base name. */
struct hsm_registry_template {
	char *base;
	struct hsm_registry_version **versions;
	size_t version_count, version_capacity;
	struct hsm_registry_translation **translations;
	size_t translation_count, translation_capacity;
	bool touched;   /* its answers are to be made anew */
	bool leans;     /* some fallback of it is another template, or was */
	bool waits;     /* some version of it is under review, or paused */
	uint64_t routing; /* hash of what its routes were made of; 0: of nothing yet */
	bool undecided; /* the transaction under way changed what it is decided by */
};

struct hsm_registry {
	struct hsm_registry_template **templates; /* in the order of their arrival */
	size_t count, capacity;
	struct hsm_registry_template **slots; /* by base; a power of two */
	size_t slot_count;
	/* Of thousands of templates events concern a few: nothing looks at all of them for these. */
	struct hsm_registry_template **touched, **leaning;
	size_t touched_count, touched_capacity, leaning_count, leaning_capacity;
	size_t waiting; /* templates */
};

enum hsm_registry_type { HSM_REGISTRY_TEXT, HSM_REGISTRY_NUMBER };

struct hsm_registry_column {
	const char *name;
	enum hsm_registry_type type;
	size_t offset;
	bool key;
};

struct hsm_registry_table {
	const char *name;
	const struct hsm_registry_column *columns;
	size_t count, size;
};

extern const struct hsm_registry_table hsm_registry_versions;
extern const struct hsm_registry_table hsm_registry_translations;

void hsm_registry_clear(struct hsm_registry *registry);

/* NULL where there is none. */
struct hsm_registry_template *hsm_registry_find_template(const struct hsm_registry *registry, const char *base);
struct hsm_registry_version *hsm_registry_find_version(const struct hsm_registry_template *template,
						       const char *name, const char *language);
struct hsm_registry_translation *hsm_registry_find_translation(const struct hsm_registry_template *template,
							       const char *language);

/* A version by its physical name alone. */
struct hsm_registry_version *hsm_registry_find_name(const struct hsm_registry *registry, const char *name,
						    const char *language);

/* Finds it, or adds one that is empty but for its keys. */
struct hsm_registry_template *hsm_registry_add_template(struct hsm_registry *registry, const char *base);
struct hsm_registry_version *hsm_registry_add_version(struct hsm_registry *registry, const char *base,
						      const char *name, const char *language);
struct hsm_registry_translation *hsm_registry_add_translation(struct hsm_registry *registry, const char *base,
							      const char *language);

/* To be called after something of it is another: its answers are to be made anew. */
void hsm_registry_touch(struct hsm_registry *registry, struct hsm_registry_template *template);
/* Its answers are. */
void hsm_registry_clear_touched(struct hsm_registry *registry);

/* Sets a text; true where it was another. NULL takes it away. */
bool hsm_registry_set(char **text, const char *value);
bool hsm_registry_equals(const char *a, const char *b);

/* What the planner compares git with. Borrows from the registry. */
const struct hsm_registry_state *hsm_registry_make_state(struct hsm_arena *arena, const struct hsm_registry *registry);

/* RFC 3339 in UTC with milliseconds. */
void hsm_registry_format_time(int64_t milliseconds, char text[32]);

/* Whether the version may be sent: APPROVED, in a category that git accepts. */
bool hsm_registry_version_is_usable(const struct hsm_registry_version *version);

#endif
