#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/hsmctl/planning.h"
#include "reconciler/serve/controller.h"
#include "schema/base/text.h"
#include "schema/serve.h"

#define SECRET_FILE_MAX ((size_t)65536)
#define PEM_FILE_MAX ((size_t)1 << 20)
#define QUIET_SECONDS 10

struct serving {
	struct hsm_session *session;
	struct hsm_serve file;
	struct hsm_controller *controller;
	struct hsm_controller_options options;
	pthread_mutex_t log_mutex;
};

static void log_message(void *user, enum hsm_log_level level, const char *message)
{
	static const enum hsm_level levels[] = {
		[HSM_LOG_ERROR] = HSM_LEVEL_ERROR,
		[HSM_LOG_WARNING] = HSM_LEVEL_WARNING,
		[HSM_LOG_INFO] = HSM_LEVEL_INFO,
		[HSM_LOG_DEBUG] = HSM_LEVEL_DEBUG,
	};
	struct serving *serving = user;
	pthread_mutex_lock(&serving->log_mutex);
	hsm_output_log(&serving->session->output, levels[level], "%s", message);
	pthread_mutex_unlock(&serving->log_mutex);
}

static int read_file(struct hsm_session *session, struct hsm_serve *file, struct hsm_error *error)
{
	*file = (struct hsm_serve){ 0 };
	if (!session->options.arguments.count)
		return 0;
	return hsm_session_read_yaml(session, session->options.arguments.items[0], &hsm_serve_object, file,
				     HSM_ERROR_CONFIG, error);
}

/* NULL where none is asked for; what is asked for and not there is an error. */
static int read_secret(struct hsm_session *session, const struct hsm_secret *secret, const char *what,
		       const char **value, struct hsm_error *error)
{
	*value = NULL;
	if (secret->variable.text) {
		*value = getenv(secret->variable.text);
		return *value && **value ? 0 :
					   hsm_error_set(error, HSM_ERROR_CONFIG, "%s: the environment variable %s is not set",
							 what, secret->variable.text);
	}
	if (!secret->file.text)
		return 0;
	const char *data;
	size_t length;
	int rc = hsm_session_read_file(session, secret->file.text, SECRET_FILE_MAX, &data, &length, error);
	if (rc)
		return hsm_error_prefix(error, "%s", what);
	*value = hsm_arena_copy(&session->arena, data, strcspn(data, "\r\n"));
	return **value ? 0 : hsm_error_set(error, HSM_ERROR_CONFIG, "%s: '%s' is empty", what, secret->file.text);
}

static int read_tokens(struct hsm_session *session, const struct hsm_list *list, const char *what,
		       const char *const **items, size_t *count, struct hsm_error *error)
{
	const char **tokens = hsm_arena_allocate_array(&session->arena, list->count, sizeof(*tokens));
	int rc = 0;
	for (size_t i = 0; !rc && i < list->count; i++) {
		rc = read_secret(session, HSM_LIST_ITEM(*list, struct hsm_secret, i), what, &tokens[i], error);
		if (!rc && strlen(tokens[i]) > HSM_TOKEN_MAX)
			rc = hsm_error_set(error, HSM_ERROR_CONFIG, "%s: one is longer than %d bytes", what, HSM_TOKEN_MAX);
	}
	*items = tokens;
	*count = list->count;
	return rc;
}

static int read_pem(struct hsm_session *session, const struct hsm_string *path, const char **text,
		    struct hsm_error *error)
{
	size_t length;
	*text = NULL;
	if (!path->text)
		return 0;
	int rc = hsm_session_read_file(session, path->text, PEM_FILE_MAX, text, &length, error);
	return rc ? hsm_error_prefix(error, "tls") : 0;
}

static int read_secrets(struct serving *serving, struct hsm_controller_secrets *secrets, struct hsm_error *error)
{
	struct hsm_session *session = serving->session;
	const struct hsm_serve *file = &serving->file;
	int rc = read_tokens(session, &file->tokens, "tokens", &secrets->tokens, &secrets->token_count, error);
	if (!rc)
		rc = read_tokens(session, &file->send_tokens, "send_tokens", &secrets->send_tokens,
				 &secrets->send_token_count, error);
	if (!rc)
		rc = read_secret(session, &file->webhook.secret, "webhook.secret", &secrets->webhook, error);
	if (!rc)
		rc = read_secret(session, &file->webhook.verify_token, "webhook.verify_token", &secrets->verify_token,
				 error);
	if (!rc)
		rc = read_secret(session, &file->push.secret, "push.secret", &secrets->push, error);
	if (!rc)
		rc = read_pem(session, &file->tls.certificate, &secrets->certificate, error);
	return rc ? rc : read_pem(session, &file->tls.key, &secrets->key, error);
}

/* Words that are in the alert, and may stand in a URL that a secret is. */
static int check_url(const char *url, const char *name, struct hsm_error *error)
{
	static const char *const loopback[] = { "http://127.", "http://localhost", "http://[::1]" };
	bool good = hsm_text_starts_with(url, "https://");
	for (size_t i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++)
		good |= hsm_text_starts_with(url, loopback[i]);
	return good ? 0 :
		      hsm_error_set(error, HSM_ERROR_CONFIG,
				    "%s: its url is neither https nor, on loopback, http", name);
}

static int check_kinds(const struct hsm_list *kinds, const char *name, struct hsm_error *error)
{
	for (size_t i = 0; i < kinds->count; i++) {
		const char *kind = HSM_LIST_ITEM(*kinds, struct hsm_string, i)->text;
		size_t at = HSM_ALERT_KIND_MAX_ - 1;
		while (at && strcmp(kind, hsm_alert_kind_words[at]) != 0)
			at--;
		const char *similar = hsm_text_find_similar(kind, hsm_alert_kind_words + 1, HSM_ALERT_KIND_MAX_ - 1);
		if (!at)
			return hsm_error_set(error, HSM_ERROR_CONFIG, "%s: there are no alerts of the kind '%s'%s%s%s", name,
					     kind, similar ? ": did you mean '" : "", similar ? similar : "", similar ? "'?" : "");
	}
	return 0;
}

static const char *const *read_texts(struct hsm_arena *arena, const struct hsm_list *list)
{
	const char **texts = hsm_arena_allocate_array(arena, list->count + 1, sizeof(*texts));
	for (size_t i = 0; i < list->count; i++)
		texts[i] = HSM_LIST_ITEM(*list, struct hsm_string, i)->text;
	return list->count ? texts : NULL;
}

static int read_receiver(struct serving *serving, size_t index, struct hsm_receiver *receiver,
			 struct hsm_error *error)
{
	struct hsm_arena *arena = &serving->session->arena;
	const struct hsm_serve_alert *alert = HSM_LIST_ITEM(serving->file.alerts, struct hsm_serve_alert, index);
	receiver->name = hsm_arena_format(arena, "alerts[%zu]", index + 1);
	receiver->format = alert->format.value ? (enum hsm_alert_format)alert->format.value : HSM_ALERT_JSON;
	receiver->command = read_texts(arena, &alert->command);
	receiver->kinds = read_texts(arena, &alert->kinds);
	receiver->kind_count = alert->kinds.count;
	int rc = read_secret(serving->session, &alert->url, receiver->name, &receiver->url, error);
	if (!rc && !receiver->url == !receiver->command)
		rc = hsm_error_set(error, HSM_ERROR_CONFIG, "%s: give it a url or a command, and one of them only",
				   receiver->name);
	if (!rc && receiver->url)
		rc = check_url(receiver->url, receiver->name, error);
	return rc ? rc : check_kinds(&alert->kinds, receiver->name, error);
}

static int read_receivers(struct serving *serving, struct hsm_error *error)
{
	size_t count = serving->file.alerts.count;
	struct hsm_receiver *receivers =
		hsm_arena_allocate_array(&serving->session->arena, count, sizeof(*receivers));
	int rc = 0;
	for (size_t i = 0; !rc && i < count; i++)
		rc = read_receiver(serving, i, &receivers[i], error);
	serving->options.receivers = receivers;
	serving->options.receiver_count = count;
	return rc;
}

/* A mirror may not be there yet: then the name must be given. */
static int choose_environment(struct serving *serving, struct hsm_error *error)
{
	struct hsm_session *session = serving->session;
	const struct hsm_serve *file = &serving->file;
	if (!session->options.environment)
		session->options.environment = file->environment.text;
	if (file->repository.node.present && !session->options.environment)
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "say which environment: --env NAME, or environment: in the file of serve");
	serving->options.environment = session->options.environment;
	if (file->repository.node.present)
		return 0;
	int rc = hsm_session_choose_environment(session, error);
	if (!rc)
		serving->options.environment = session->desired.environment->node.key.text;
	return rc;
}

/* The variable before the file, and the file before hsmctl.yaml. */
static const char *find_registry(const struct serving *serving)
{
	static const struct hsm_config none;
	const struct hsm_config *config = serving->session->desired.config;
	const char *variable = hsm_planning_find_registry(&none);
	if (variable || serving->file.registry.text)
		return variable ? variable : serving->file.registry.text;
	return config && config->registry.text ? config->registry.text : HSM_SERVE_REGISTRY_DEFAULT;
}

static int64_t number(const struct hsm_integer *given, int64_t otherwise)
{
	return given->present ? given->value : otherwise;
}

static void fill_follower(struct serving *serving)
{
	const struct hsm_serve *file = &serving->file;
	const struct hsm_serve_repository *repository = &file->repository;
	serving->options.follower = (struct hsm_follower_options){
		.url = repository->url.text,
		.branch = repository->branch.text ? repository->branch.text : "main",
		.path = repository->mirror.text ? repository->mirror.text : ".",
		.folder = repository->folder.text,
		.fetch_timeout = (double)number(&repository->timeout, HSM_SERVE_FETCH_TIMEOUT_DEFAULT),
		.apply = file->mode.value == HSM_SERVE_APPLY,
		.interval = (double)number(&file->interval, HSM_SERVE_INTERVAL_DEFAULT),
		.parallelism = (unsigned)serving->session->options.parallelism,
	};
}

static void fill_tables(struct serving *serving)
{
	const struct hsm_serve_table *tables[HSM_PUBLICATION_MAX_] = {
		[HSM_PUBLICATION_ANSWERS] = &serving->file.data_table,
		[HSM_PUBLICATION_ROUTES] = &serving->file.routes_table,
	};
	for (size_t i = 0; i < HSM_PUBLICATION_MAX_; i++)
		serving->options.tables[i] = (struct hsm_controller_table){
			.name = tables[i]->name.text,
			.tables = (size_t)number(&tables[i]->tables, 1),
			.rows = (size_t)number(&tables[i]->rows, HSM_SERVE_ROWS_DEFAULT),
		};
}

/* One table cannot be equal to both. */
static int check_tables(struct serving *serving, struct hsm_error *error)
{
	struct hsm_arena *arena = &serving->session->arena;
	const struct hsm_controller_table *answers = &serving->options.tables[HSM_PUBLICATION_ANSWERS];
	const struct hsm_controller_table *routes = &serving->options.tables[HSM_PUBLICATION_ROUTES];
	for (size_t i = 1; answers->name && routes->name && i <= answers->tables; i++)
		for (size_t j = 1; j <= routes->tables; j++) {
			const char *name = hsm_publication_name_table(arena, answers->name, answers->tables, i);
			if (strcasecmp(name, hsm_publication_name_table(arena, routes->name, routes->tables, j)) == 0)
				return hsm_error_set(error, HSM_ERROR_CONFIG,
						     "data_table and routes_table would both be '%s': give one another name",
						     name);
		}
	return 0;
}

static int read_options(struct serving *serving, struct hsm_error *error)
{
	const struct hsm_serve *file = &serving->file;
	int rc = read_file(serving->session, &serving->file, error);
	if (!rc)
		rc = choose_environment(serving, error);
	if (!rc)
		rc = read_secrets(serving, &serving->options.secrets, error);
	if (!rc)
		rc = read_receivers(serving, error);
	if (rc)
		return rc;
	serving->options.listen = file->listen.text ? file->listen.text : HSM_SERVE_LISTEN_DEFAULT;
	serving->options.registry = find_registry(serving);
	serving->options.default_language = file->default_language.text;
	serving->options.quiet = QUIET_SECONDS;
	serving->options.log = log_message;
	serving->options.user = serving;
	fill_follower(serving);
	fill_tables(serving);
	return check_tables(serving, error);
}

/* SIGHUP: secrets, certificates, mode and interval. What is wrong changes nothing. */
static void reload(struct serving *serving)
{
	struct hsm_controller_secrets secrets = { 0 };
	struct hsm_serve before = serving->file;
	struct hsm_error error;
	int rc = read_file(serving->session, &serving->file, &error);
	if (!rc)
		rc = read_secrets(serving, &secrets, &error);
	if (!rc)
		rc = hsm_controller_renew(serving->controller, &secrets, &error);
	if (rc) {
		serving->file = before;
		log_message(serving, HSM_LOG_ERROR, error.message);
		log_message(serving, HSM_LOG_ERROR, "not reloaded: everything is as it was");
		return;
	}
	hsm_controller_set_mode(serving->controller, serving->file.mode.value == HSM_SERVE_APPLY,
				(double)number(&serving->file.interval, HSM_SERVE_INTERVAL_DEFAULT));
	log_message(serving, HSM_LOG_INFO,
		    "reloaded: secrets, certificates, mode and interval; the rest takes a restart");
}

static void wait_for_end(struct serving *serving, const sigset_t *signals)
{
	int number_of_signal = 0;
	while (sigwait(signals, &number_of_signal) == 0 && number_of_signal == SIGHUP)
		reload(serving);
	log_message(serving, HSM_LOG_INFO, "ending: what is under way is finished first");
}

static void say_listening(struct serving *serving)
{
	char line[512];
	const char *listen = serving->options.listen;
	snprintf(line, sizeof(line), "listening on %s://%.*s:%u", serving->options.secrets.certificate ? "https" : "http",
		 (int)(strrchr(listen, ':') - listen), listen, hsm_controller_port(serving->controller));
	log_message(serving, HSM_LOG_INFO, line);
}

int hsm_command_serve(struct hsm_session *session, struct hsm_error *error)
{
	struct serving serving = { .session = session, .log_mutex = PTHREAD_MUTEX_INITIALIZER };
	sigset_t signals;
	session->output.timed = true;
	session->output.progress = false;
	int rc = read_options(&serving, error);
	if (rc)
		return rc;
	/* Before any thread begins, so that this one alone gets them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	rc = hsm_controller_open(&serving.controller, &serving.options, error);
	if (rc)
		return rc;
	say_listening(&serving);
	wait_for_end(&serving, &signals);
	hsm_controller_close(serving.controller);
	return 0;
}
