#ifndef HSM_WORLD_H
#define HSM_WORLD_H

#include "reconciler/desired/history.h"
#include "reconciler/lifecycle/registry.h"
#include "reconciler/live/live.h"
#include "reconciler/plan/plan.h"

/*
 * What a reader of git and of the API tells the registry: which versions are
 * live, and what git says of them.
 */

struct hsm_world_version {
	const char *base, *language, *name;
	int64_t number;
	const char *id, *status, *category, *reason;
	const char *accepted;                /* NULL: git does not tell */
	const char *signature, *parameters;  /* NULL: git does not tell */
	const char *content;
	int64_t modified, created;           /* milliseconds; 0: not told */
};

struct hsm_world_translation {
	const char *base, *language, *category;
	const char *target, *held, *suggested, *fallback, *routes, *inputs; /* as in registry.h */
};

/* Lives in the arena that it was made in, and borrows from what it was made of. */
struct hsm_world {
	struct hsm_world_version *versions;
	size_t version_count;
	struct hsm_world_translation *translations;
	size_t translation_count;
	bool has_git;  /* translations are what git has; else nobody asked */
	int64_t began; /* when the listing began: milliseconds since 1970 */
};

/* What a listing says; history (with all versions' questions) and desired may be NULL. */
void hsm_world_make(struct hsm_arena *arena, const struct hsm_live *live, const struct hsm_desired *desired,
		    const struct hsm_history *history, int64_t began, struct hsm_world *world);

/* Makes the registry what a controller would have after this listing: versions and translations as told, and what is
 * in use decided. What it remembers of earlier ones counts. */
void hsm_world_settle(const struct hsm_world *world, struct hsm_registry *registry);

/* Decides anew what is in use. */
void hsm_world_decide(struct hsm_registry *registry);

/* What a sender fills in and where buttons lead, as JSON. *signature is NULL where a name is not known. */
void hsm_world_describe(struct hsm_arena *arena, const struct hsm_message *message, const char **signature,
			const char **parameters);

#endif
