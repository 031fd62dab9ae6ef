#include "reconciler/serve/controller_state.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "schema/base/memory.h"

static void renew_text(char **text, const char *value)
{
	if (*text)
		OPENSSL_cleanse(*text, strlen(*text));
	free(*text);
	*text = value ? hsm_memory_copy_string(value) : NULL;
}

static void clear_tokens(struct hsm_tokens *tokens)
{
	if (tokens->items)
		OPENSSL_cleanse(tokens->items, tokens->count * sizeof(*tokens->items));
	free(tokens->items);
	*tokens = (struct hsm_tokens){ 0 };
}

static void renew_tokens(struct hsm_tokens *tokens, const char *const *items, size_t count)
{
	clear_tokens(tokens);
	tokens->items = hsm_memory_allocate((count + 1) * sizeof(*tokens->items));
	for (size_t i = 0; i < count; i++)
		strncpy(tokens->items[i], items[i], HSM_TOKEN_MAX);
	tokens->count = count;
}

static void set_secrets(struct hsm_controller *controller, const struct hsm_controller_secrets *secrets)
{
	pthread_rwlock_wrlock(&controller->lock);
	renew_tokens(&controller->tokens, secrets->tokens, secrets->token_count);
	renew_tokens(&controller->send_tokens, secrets->send_tokens, secrets->send_token_count);
	renew_text(&controller->webhook, secrets->webhook);
	renew_text(&controller->verify_token, secrets->verify_token);
	renew_text(&controller->push, secrets->push);
	pthread_rwlock_unlock(&controller->lock);
}

static void detach(void *attachment)
{
	MHD_destroy_response(attachment);
}

static void note_changed(void *user)
{
	struct hsm_controller *controller = user;
	for (size_t i = 0; i < HSM_PUBLICATION_MAX_; i++)
		if (controller->publishers[i])
			hsm_publisher_wake(controller->publishers[i]);
}

static void note_doubt(void *user)
{
	struct hsm_follower *follower = ((struct hsm_controller *)user)->follower;
	if (follower)
		hsm_follower_doubt(follower);
}

static int open_keeper(struct hsm_controller *controller, struct hsm_error *error)
{
	struct hsm_keeper_options options = {
		.url = controller->options.registry,
		.environment = controller->options.environment,
		.log = controller->options.log,
		.log_user = controller->options.user,
		.changed = note_changed,
		.doubt = note_doubt,
		.user = controller,
		.detach = detach,
	};
	return hsm_keeper_open(&controller->keeper, &options, error);
}

static int open_server(struct hsm_controller *controller, struct hsm_error *error)
{
	struct hsm_server_options options = {
		.listen = controller->options.listen,
		.certificate = controller->options.secrets.certificate,
		.key = controller->options.secrets.key,
		.handle = hsm_controller_handle,
		.user = controller,
	};
	int rc = hsm_server_open(&controller->server, &options, error);
	if (!rc && !controller->tokens.count && !hsm_server_is_loopback(controller->server))
		rc = hsm_error_set(error, HSM_ERROR_CONFIG,
				   "%s can be reached from elsewhere, and everybody could read: give it tokens", options.listen);
	return rc;
}

static int open_follower(struct hsm_controller *controller, struct hsm_error *error)
{
	struct hsm_follower_options options = controller->options.follower;
	options.keeper = controller->keeper;
	options.environment = controller->options.environment;
	options.log = controller->options.log;
	options.user = controller->options.user;
	struct hsm_follower *follower = NULL;
	int rc = hsm_follower_open(&follower, &options, error);
	controller->follower = follower;
	return rc;
}

static int open_publisher(struct hsm_controller *controller, enum hsm_publication publication,
			  struct hsm_error *error)
{
	const struct hsm_controller_options *given = &controller->options;
	const struct hsm_controller_table *table = &given->tables[publication];
	struct hsm_publisher_options options = {
		.keeper = controller->keeper,
		.follower = controller->follower,
		.environment = given->environment,
		.path = given->follower.path,
		.folder = given->follower.folder,
		.publication = publication,
		.name = table->name,
		.tables = table->tables,
		.rows = table->rows,
		.parallelism = given->follower.parallelism,
		.log = given->log,
		.user = given->user,
	};
	struct hsm_publisher *publisher = NULL;
	if (!table->name)
		return 0;
	int rc = hsm_publisher_open(&publisher, &options, error);
	controller->publishers[publication] = publisher;
	return rc;
}

static int open_dispatcher(struct hsm_controller *controller, struct hsm_error *error)
{
	const struct hsm_controller_options *given = &controller->options;
	struct hsm_dispatcher_options options = {
		.keeper = controller->keeper,
		.follower = controller->follower,
		.environment = given->environment,
		.default_language = given->default_language,
		.parallelism = given->follower.parallelism,
		.log = given->log,
		.user = given->user,
	};
	return hsm_dispatcher_open(&controller->dispatcher, &options, error);
}

static int open_courier(struct hsm_controller *controller, struct hsm_error *error)
{
	struct hsm_courier_options options = {
		.keeper = controller->keeper,
		.environment = controller->options.environment,
		.receivers = controller->options.receivers,
		.receiver_count = controller->options.receiver_count,
		.quiet = controller->options.quiet,
		.log = controller->options.log,
		.user = controller->options.user,
	};
	return hsm_courier_open(&controller->courier, &options, error);
}

int hsm_controller_open(struct hsm_controller **opened, const struct hsm_controller_options *options,
			struct hsm_error *error)
{
	struct hsm_controller *controller = hsm_memory_allocate(sizeof(*controller));
	controller->options = *options;
	controller->started = hsm_clock_now();
	pthread_rwlock_init(&controller->lock, NULL);
	set_secrets(controller, &options->secrets);
	int rc = open_keeper(controller, error);
	if (!rc)
		rc = open_follower(controller, error);
	for (int i = 0; !rc && i < HSM_PUBLICATION_MAX_; i++)
		rc = open_publisher(controller, (enum hsm_publication)i, error);
	if (!rc)
		rc = open_dispatcher(controller, error);
	if (!rc)
		rc = open_courier(controller, error);
	if (!rc)
		rc = open_server(controller, error);
	*opened = rc ? NULL : controller;
	if (rc)
		hsm_controller_close(controller);
	return rc;
}

/* The server early: what it took is still kept. The keeper last: the others give it work. */
void hsm_controller_close(struct hsm_controller *controller)
{
	if (!controller)
		return;
	/* Before the server: it waits for the requests that wait there. */
	hsm_dispatcher_stop(controller->dispatcher);
	hsm_server_close(controller->server);
	for (size_t i = 0; i < HSM_PUBLICATION_MAX_; i++)
		hsm_publisher_stop(controller->publishers[i]);
	hsm_follower_stop(controller->follower);
	hsm_courier_close(controller->courier);
	hsm_keeper_close(controller->keeper);
	/* The keeper told them of changes and doubts to its end. */
	hsm_dispatcher_free(controller->dispatcher);
	for (size_t i = 0; i < HSM_PUBLICATION_MAX_; i++)
		hsm_publisher_free(controller->publishers[i]);
	hsm_follower_free(controller->follower);
	clear_tokens(&controller->tokens);
	clear_tokens(&controller->send_tokens);
	renew_text(&controller->webhook, NULL);
	renew_text(&controller->verify_token, NULL);
	renew_text(&controller->push, NULL);
	pthread_rwlock_destroy(&controller->lock);
	free(controller);
}

int hsm_controller_renew(struct hsm_controller *controller, const struct hsm_controller_secrets *secrets,
			 struct hsm_error *error)
{
	if (!secrets->token_count && !hsm_server_is_loopback(controller->server))
		return hsm_error_set(error, HSM_ERROR_CONFIG, "there would be no token left: everything stays as it was");
	set_secrets(controller, secrets);
	return secrets->certificate ? hsm_server_renew(controller->server, secrets->certificate, secrets->key, error) : 0;
}

void hsm_controller_set_mode(struct hsm_controller *controller, bool apply, double interval)
{
	hsm_follower_set(controller->follower, apply, interval);
}

unsigned hsm_controller_port(const struct hsm_controller *controller)
{
	return hsm_server_port(controller->server);
}
