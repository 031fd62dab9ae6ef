#include "reconciler/serve/place.h"
#include "reconciler/clock.h"
#include "schema/json.h"

#include <string.h>

void hsm_place_release(struct hsm_place *place)
{
	hsm_connection_free(place->connection);
	hsm_connection_free(place->responses);
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

int hsm_place_connect_responses(struct hsm_place *place, struct hsm_error *error)
{
	const struct hsm_environment *environment = place->desired.environment;
	if (!environment->genesys.node.present)
		return 0;
	int rc = hsm_settings_resolve_genesys(&place->arena, environment, &place->genesys, error);
	place->genesys.parallelism = place->settings.parallelism;
	place->genesys.deadline = place->settings.deadline;
	place->genesys.interrupted = place->settings.interrupted;
	return rc ? rc : hsm_connection_open(&place->responses, &place->genesys, error);
}

const char *hsm_place_write(struct hsm_arena *arena, const struct hsm_environment *environment)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &text };
	hsm_json_write(&writer, NULL, &hsm_environment_object, environment);
	const char *json = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return json;
}

int hsm_place_read(struct hsm_place *place, const char *json, const char *name, struct hsm_error *error)
{
	struct hsm_environment *environment = hsm_arena_allocate(&place->arena, sizeof(*environment));
	cJSON *parsed = NULL;
	int rc = hsm_json_parse(&parsed, json, strlen(json), error);
	if (!rc)
		rc = hsm_json_read(&place->arena, parsed, &hsm_environment_object, environment, error);
	cJSON_Delete(parsed);
	environment->node.key.text = hsm_arena_copy_string(&place->arena, name);
	place->desired.environment = environment;
	return rc;
}
