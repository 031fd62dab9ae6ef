#include "cmd/hsmctl/session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "reconciler/clock.h"
#include "schema/base/text.h"
#include "schema/yaml.h"

volatile sig_atomic_t hsm_interrupted;

int64_t hsm_session_now(void)
{
	return time(NULL);
}

void hsm_session_begin(struct hsm_session *session)
{
	if (session->options.timeout > 0)
		session->deadline = hsm_clock_monotonic() + session->options.timeout;
}

void hsm_session_end(struct hsm_session *session)
{
	hsm_connection_free(session->connection);
	hsm_connection_free(session->responses);
	hsm_desired_release(&session->desired);
	hsm_findings_release(&session->findings);
	hsm_repository_free(session->repository);
	hsm_arena_release(&session->arena);
	hsm_options_release(&session->options);
}

int hsm_session_open_repository(struct hsm_session *session, struct hsm_error *error)
{
	return session->repository ? 0 : hsm_repository_open(&session->repository, ".", error);
}

int hsm_session_read_config(struct hsm_session *session, struct hsm_error *error)
{
	if (session->desired.config)
		return 0;
	int rc = hsm_session_open_repository(session, error);
	if (!rc)
		rc = hsm_desired_read_config(session->repository, session->options.revision,
					     &session->desired, &session->findings, error);
	if (!rc && !session->options.revision)
		rc = hsm_desired_find_dirty(session->repository, &session->desired, error);
	if (rc == HSM_ERROR_CONFIG)
		hsm_output_findings(&session->output, &session->findings);
	return rc;
}

int hsm_session_choose_environment(struct hsm_session *session, struct hsm_error *error)
{
	if (session->desired.environment)
		return 0;
	int rc = hsm_session_read_config(session, error);
	return rc ? rc
		  : hsm_desired_choose_environment(&session->desired, session->options.environment, error);
}

static void begin_templates(struct hsm_session *session)
{
	if (!session->desired.templates && !session->loader)
		session->loader = hsm_desired_begin_templates(session->repository, session->options.revision,
							      &session->desired, &session->findings);
}

int hsm_session_read_templates(struct hsm_session *session, struct hsm_error *error)
{
	int rc = hsm_session_choose_environment(session, error);
	if (rc)
		return rc;
	begin_templates(session);
	if (!session->loader)
		return 0;
	rc = hsm_desired_end_load(session->loader, error);
	session->loader = NULL;
	if (session->connection)
		hsm_connection_set_work(session->connection, NULL, NULL);
	hsm_output_findings(&session->output, &session->findings);
	return rc;
}

static bool load_more(void *user)
{
	struct hsm_session *session = user;
	int more = hsm_desired_load_more(session->loader);
	if (more < 0)
		hsm_connection_abandon(session->connection);
	return more > 0;
}

void hsm_session_read_meanwhile(struct hsm_session *session)
{
	begin_templates(session);
	if (session->loader)
		hsm_connection_set_work(session->connection, load_more, session);
}

bool hsm_session_names_template(struct hsm_session *session, const char *base)
{
	const struct hsm_option_list *names = &session->options.arguments;
	bool named = !names->count;
	if (!session->named)
		session->named = hsm_arena_allocate_array(&session->arena, names->count, sizeof(*session->named));
	for (size_t i = 0; i < names->count; i++)
		if (hsm_text_matches_glob(base, names->items[i]))
			session->named[i] = named = true;
	return named;
}

int hsm_session_check_names(const struct hsm_session *session, struct hsm_error *error)
{
	const struct hsm_option_list *names = &session->options.arguments;
	for (size_t i = 0; i < names->count; i++)
		if (!session->named || !session->named[i])
			return hsm_error_set(error, HSM_ERROR_USAGE, "no template's base name matches '%s'", names->items[i]);
	return 0;
}

static int open_connection(struct hsm_session *session, struct hsm_settings *settings,
			   struct hsm_connection **connection, struct hsm_error *error)
{
	settings->parallelism = (unsigned)session->options.parallelism;
	settings->deadline = session->deadline;
	settings->interrupted = &hsm_interrupted;
	hsm_output_log(&session->output, HSM_LEVEL_DEBUG, "environment '%s' at %s", settings->environment,
		       settings->base_url);
	return hsm_connection_open(connection, settings, error);
}

int hsm_session_connect_to(struct hsm_session *session, const struct hsm_environment *environment,
			   struct hsm_error *error)
{
	if (session->connection)
		return 0;
	int rc = hsm_settings_resolve(&session->arena, environment, &session->settings, error);
	return rc ? rc : open_connection(session, &session->settings, &session->connection, error);
}

int hsm_session_connect_responses(struct hsm_session *session, const struct hsm_environment *environment,
				  struct hsm_error *error)
{
	if (session->responses || !environment->genesys.node.present)
		return 0;
	int rc = hsm_settings_resolve_genesys(&session->arena, environment, &session->genesys, error);
	return rc ? rc : open_connection(session, &session->genesys, &session->responses, error);
}

int hsm_session_connect(struct hsm_session *session, struct hsm_error *error)
{
	int rc = hsm_session_choose_environment(session, error);
	return rc ? rc : hsm_session_connect_to(session, session->desired.environment, error);
}

static int read_all(int file, size_t cap, struct hsm_buffer *buffer)
{
	char block[65536];
	ssize_t count;
	while ((count = read(file, block, sizeof(block))) != 0) {
		if (count < 0 && (errno != EINTR || hsm_interrupted))
			return -1;
		if (count > 0)
			hsm_buffer_append(buffer, block, (size_t)count);
		if (buffer->length > cap)
			break;
	}
	return 0;
}

int hsm_session_read_file(struct hsm_session *session, const char *path, size_t cap, const char **data,
			  size_t *length, struct hsm_error *error)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(cap + 65536);
	bool standard = strcmp(path, "-") == 0;
	int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	if (file < 0 || read_all(file, cap, &buffer))
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "cannot read '%s': %s", path, strerror(errno));
	else if (buffer.length > cap)
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "'%s' is larger than %zu MiB", path, cap >> 20);
	if (!rc) {
		*length = buffer.length;
		*data = hsm_arena_copy(&session->arena, hsm_buffer_text(&buffer), buffer.length);
	}
	if (!standard && file >= 0)
		close(file);
	hsm_buffer_release(&buffer);
	return rc;
}

int hsm_session_read_yaml(struct hsm_session *session, const char *path, const struct hsm_object *object, void *base,
			  enum hsm_error_class class, struct hsm_error *error)
{
	struct hsm_findings findings = { 0 };
	const char *data;
	size_t length;
	int rc = hsm_session_read_file(session, path, HSM_YAML_SIZE_MAX, &data, &length, error);
	if (rc)
		return rc;
	const struct hsm_source *source = hsm_yaml_source(&session->arena, path, data, length, &findings);
	if (!source || hsm_yaml_load(&session->arena, source, object, base, &findings)) {
		hsm_output_findings(&session->output, &findings);
		rc = hsm_error_set(error, class, "%s is not right: hsmctl schema %s describes it", path, object->name);
	}
	hsm_findings_release(&findings);
	return rc;
}
