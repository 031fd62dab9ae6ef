#ifndef HSM_VERSIONS_H
#define HSM_VERSIONS_H

#include "reconciler/desired/desired.h"
#include "reconciler/desired/history.h"
#include "reconciler/live/live.h"
#include "schema/signature.h"

/*
 * The live templates as versions of translations, and what of them is target,
 * held and active: what plan, status and wait all ask.
 */

struct hsm_version {
	const struct hsm_live_template *live;
	int64_t number;
	const char *base; /* in the arena */
};

/* The live versions of one base in one language, lowest number first. */
struct hsm_version_list {
	const char *base, *language;
	const struct hsm_version *items;
	size_t count;
};

struct hsm_versions {
	struct hsm_version_list *lists; /* by base, then language */
	size_t count;
	size_t unmanaged_names; /* live names that are version 1 twice over: never touched */
};

/* Groups what is live. Everything lives in the arena. */
void hsm_versions_make(struct hsm_arena *arena, const struct hsm_live *live, struct hsm_versions *versions);

/* The versions of a translation; NULL where none is live. */
const struct hsm_version_list *hsm_versions_find(const struct hsm_versions *versions, const char *base,
						 const char *language);
/* The first list of a base and how many there are; they stand together. */
const struct hsm_version_list *hsm_versions_find_base(const struct hsm_versions *versions, const char *base,
						      size_t *count);
/* The highest number live for a base in any language; 0: none. */
int64_t hsm_versions_highest(const struct hsm_versions *versions, const char *base);

/* What one translation of git and its live versions come to. */
struct hsm_translation_state {
	const struct hsm_desired_template *template;
	const struct hsm_desired_translation *translation;
	const struct hsm_version_list *versions; /* NULL: none live */
	const struct hsm_version *target;   /* equals git: the highest that is not burnt, else the highest; NULL */
	const struct hsm_version *active;   /* what flows should use now; NULL: nothing */
	const struct hsm_version *previous; /* the usable version before the active one; NULL */
	const struct hsm_version *basis;    /* the newest version below it that was APPROVED and not held; NULL */
	struct hsm_reasons breaking;        /* how git's content breaks the basis's signature */
	bool held;                          /* the target may not become active by itself */
	const char *held_reason;
};

/* A live version's content as flows see it: with the names of the commit that had it, where one did. */
struct hsm_message hsm_versions_read_message(struct hsm_arena *arena, const struct hsm_history *history,
					     const struct hsm_desired_template *template,
					     const struct hsm_version *version);

/* Likewise git's. */
struct hsm_message hsm_versions_read_desired(struct hsm_arena *arena,
					     const struct hsm_desired_translation *translation);

/* What reply buttons send: ids, or tokens of payload.h. */
struct hsm_replies {
	const char *const *sent; /* NULL for one that nobody tells */
	size_t count;
};

/*
 * Those of a live version with these components, of its cards, too. Contents of Meta tell none: then
 * those of git's file, where git has the same content. False where one is told by neither.
 */
bool hsm_versions_list_replies(struct hsm_arena *arena, const struct hsm_version *version,
			       const struct hsm_list *components, const struct hsm_desired_translation *translation,
			       struct hsm_replies *replies);

/* The names of a live version's parameters: git's, or those of the commit that had it. NULL where no
 * commit tells; template may be NULL. */
const struct hsm_compiled *hsm_versions_find_names(const struct hsm_history *history,
						   const struct hsm_desired_template *template,
						   const struct hsm_version *version);

/* The newest commit that had this content; NULL. */
const struct hsm_history_entry *hsm_versions_find_entry(const struct hsm_history *history, const char *base,
							const char *language, const struct hsm_content *content);

/* Whether git says that flows are ready for breaking versions up to this number. */
bool hsm_versions_accepts(const struct hsm_desired_template *template, const char *environment, int64_t number);

/*
 * The states of all translations of a template, in its order, in the arena.
 * Without a registry the active version follows from what is live: the target if
 * usable, else the highest APPROVED version that is not held; a breaking change
 * moves all languages together.
 */
struct hsm_translation_state *hsm_versions_judge(struct hsm_arena *arena, const struct hsm_versions *versions,
						 const struct hsm_history *history,
						 const struct hsm_desired_template *template,
						 const char *environment);

#endif
