#include "reconciler/serve/place.h"
#include "reconciler/clock.h"

#include <string.h>

void hsm_place_release(struct hsm_place *place)
{
	hsm_connection_free(place->connection);
	hsm_findings_release(&place->findings);
	hsm_desired_release(&place->desired);
	hsm_repository_free(place->repository);
	hsm_arena_release(&place->arena);
	*place = (struct hsm_place){ 0 };
}

int hsm_place_open_repository(struct hsm_place *place, const char *path, const char *folder, struct hsm_error *error)
{
	int rc = hsm_repository_open(&place->repository, path, error);
	if (!rc && folder)
		hsm_repository_enter(place->repository, folder);
	return rc;
}

int hsm_place_read_config(struct hsm_place *place, const char *commit, const char *environment,
			  struct hsm_error *error)
{
	int rc = hsm_desired_read_config(place->repository, commit, &place->desired, &place->findings, error);
	return rc ? rc : hsm_desired_choose_environment(&place->desired, environment, error);
}

int hsm_place_connect(struct hsm_place *place, unsigned parallelism, double limit,
		      const volatile sig_atomic_t *interrupted, struct hsm_error *error)
{
	int rc = hsm_settings_resolve(&place->arena, place->desired.environment, &place->settings, error);
	place->settings.parallelism = parallelism;
	place->settings.deadline = hsm_clock_monotonic() + limit;
	place->settings.interrupted = interrupted;
	return rc ? rc : hsm_connection_open(&place->connection, &place->settings, error);
}

int hsm_place_follow(struct hsm_place *place, char *of, const char *commit, const struct hsm_place_options *options,
		     struct hsm_error *error)
{
	if (place->connection && strcmp(commit, of) == 0) {
		place->settings.deadline = hsm_clock_monotonic() + options->limit;
		return 0;
	}
	hsm_place_release(place);
	int rc = hsm_place_open_repository(place, options->path, options->folder, error);
	if (!rc)
		rc = hsm_place_read_config(place, commit, options->environment, error);
	if (!rc)
		rc = hsm_place_connect(place, options->parallelism, options->limit, options->interrupted, error);
	memcpy(of, commit, HSM_COMMIT_SIZE);
	return rc;
}
