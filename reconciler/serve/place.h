#ifndef HSM_PLACE_H
#define HSM_PLACE_H

#include "reconciler/desired/desired.h"
#include "reconciler/live/live.h"

/*
 * Where a commit of a repository says that the organisation is, and a connection
 * to it. Zero-initialise; release when done.
 */
struct hsm_place {
	struct hsm_arena arena;
	struct hsm_repository *repository;
	struct hsm_desired desired;
	struct hsm_findings findings;
	struct hsm_settings settings;
	struct hsm_connection *connection;
	struct hsm_settings genesys;
	struct hsm_connection *responses; /* to the organisation beside an account of Meta's; NULL: not connected */
};

void hsm_place_release(struct hsm_place *place);

/* Opens the repository; folder NULL: the top. */
int hsm_place_open_repository(struct hsm_place *place, const char *path, const char *folder, struct hsm_error *error);

/* Reads hsmctl.yaml of the commit, after the above. */
int hsm_place_read_config(struct hsm_place *place, const char *commit, const char *environment,
			  struct hsm_error *error);

/* Nothing is sent yet. What takes longer than `limit` seconds from now is given up. */
int hsm_place_connect(struct hsm_place *place, unsigned parallelism, double limit,
		      const volatile sig_atomic_t *interrupted, struct hsm_error *error);

/* As above, to the organisation beside; nothing where there is none. */
int hsm_place_connect_responses(struct hsm_place *place, struct hsm_error *error);

/*
 * A place for who only sends: no repository, the environment as the leader wrote it into
 * the registry under this key.
 */
#define HSM_PLACE_KEY "environment"
const char *hsm_place_write(struct hsm_arena *arena, const struct hsm_environment *environment);
int hsm_place_read(struct hsm_place *place, const char *json, const char *name, struct hsm_error *error);

#endif
