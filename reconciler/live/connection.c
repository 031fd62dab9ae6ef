#include <stdlib.h>

#include "reconciler/live/backend.h"
#include "reconciler/live/oauth.h"
#include "schema/base/memory.h"

int hsm_connection_open(struct hsm_connection **connection, const struct hsm_settings *settings,
			struct hsm_error *error)
{
	struct hsm_http *http;
	int status = hsm_http_open(&http, settings, error);
	if (status)
		return status;
	*connection = hsm_memory_allocate(sizeof(**connection));
	bool meta = settings->backend == HSM_BACKEND_META;
	**connection = (struct hsm_connection){ .settings = settings, .http = http,
						.backend = meta ? &hsm_graph_backend : &hsm_genesys_backend };
	hsm_oauth_attach(*connection);
	return 0;
}

void hsm_connection_free(struct hsm_connection *connection)
{
	if (!connection)
		return;
	hsm_http_free(connection->http);
	if (connection->backend->close)
		connection->backend->close(connection);
	free(connection);
}

size_t hsm_connection_count_requests(const struct hsm_connection *connection)
{
	return hsm_http_count_requests(connection->http);
}

void hsm_connection_run(struct hsm_connection *connection)
{
	hsm_http_run(connection->http);
}

void hsm_connection_abandon(struct hsm_connection *connection)
{
	hsm_http_abandon(connection->http);
}

void hsm_connection_set_work(struct hsm_connection *connection, bool (*work)(void *user), void *user)
{
	hsm_http_set_work(connection->http, work, user);
}

double hsm_connection_slowest(const struct hsm_connection *connection)
{
	return hsm_http_slowest(connection->http);
}

double hsm_connection_clock_skew(const struct hsm_connection *connection)
{
	return hsm_http_clock_skew(connection->http);
}

void hsm_connection_rate(const struct hsm_connection *connection, int64_t *count, int64_t *allowed)
{
	hsm_http_rate(connection->http, count, allowed);
}

int hsm_connection_usage(const struct hsm_connection *connection)
{
	return hsm_http_usage(connection->http);
}

int hsm_live_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		  void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error)
{
	return connection->backend->read(connection, webhooks, live, progress, user, error);
}

void hsm_connection_create_template(struct hsm_connection *connection, const char *provider_id,
				    const struct hsm_template_create *create, hsm_write_done *done, void *user)
{
	connection->backend->create_template(connection, provider_id, create, done, user);
}

void hsm_connection_find_template(struct hsm_connection *connection, const char *provider_id, const char *name,
				  const char *language, hsm_write_done *done, void *user)
{
	connection->backend->find_template(connection, provider_id, name, language, done, user);
}

void hsm_connection_get_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				 hsm_write_done *done, void *user)
{
	connection->backend->get_template(connection, provider_id, id, done, user);
}

void hsm_connection_delete_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				    const char *name, hsm_write_done *done, void *user)
{
	connection->backend->delete_template(connection, provider_id, id, name, done, user);
}

void hsm_connection_write_webhook(struct hsm_connection *connection, const char *id,
				  const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user)
{
	connection->backend->write_webhook(connection, id, webhook, done, user);
}

void hsm_connection_delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done,
				   void *user)
{
	connection->backend->delete_webhook(connection, id, done, user);
}

void hsm_connection_probe_write(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
				void *user)
{
	connection->backend->probe_write(connection, provider_id, done, user);
}
