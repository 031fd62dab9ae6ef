#ifndef TESTS_LIVE_FIXTURE_H
#define TESTS_LIVE_FIXTURE_H

#include <stdlib.h>

#include "reconciler/live/live.h"
#include "tests/unit/http_server.h"

/*
 * A connection to a scripted server, and a listing read through it. In a header,
 * since helpers are linked into every test, and some bring connections of their own.
 */
struct live_fixture {
	struct http_server *server;
	struct hsm_settings settings;
	struct hsm_connection *connection;
	struct hsm_live live;
	struct hsm_error error;
};

/* Secrets that must stand in no message. */
#define LIVE_SECRET "planted-client-secret"
#define LIVE_TOKEN "planted-token"

#define TOKEN_REPLY { .request = "POST /oauth/token", .status = 200,                                       \
		      .body = "{\"access_token\":\"" LIVE_TOKEN "\",\"token_type\":\"bearer\",\"expires_in\":86400}" }
#define PROVIDERS_REPLY { .request = "GET /api/v2/messaging/providers?page*", .status = 200,                    \
			  .body = "{\"entities\":[{\"id\":\"p1\",\"name\":\"Acme\",\"type\":\"WHATSAPP\"}]," \
				  "\"pageSize\":100,\"pageNumber\":1,\"total\":1,\"pageCount\":1}" }
#define TEMPLATES "GET /api/v2/messaging/providers/p1/templates?"
#define CREATE "POST /api/v2/messaging/providers/p1/templates"
#define CORRELATION "ININ-Correlation-Id: corr-7\n"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* With the client's id and secret, and 4 requests at once; change settings before
 * the first request. */
static inline void live_fixture_open(struct live_fixture *fixture, const struct http_reply *replies, size_t count)
{
	*fixture = (struct live_fixture){ .server = http_server_start(replies, count) };
	fixture->settings = (struct hsm_settings){
		.environment = "dev",
		.base_url = http_server_url(fixture->server),
		.login_url = http_server_url(fixture->server),
		.client_id = "client",
		.client_secret = LIVE_SECRET,
		.parallelism = 4,
	};
}

static inline void live_fixture_connect(struct live_fixture *fixture)
{
	if (!fixture->connection && hsm_connection_open(&fixture->connection, &fixture->settings, &fixture->error))
		abort();
}

/* Reads with webhooks or without; the class. */
static inline int live_fixture_read(struct live_fixture *fixture, bool webhooks)
{
	live_fixture_connect(fixture);
	fixture->error = (struct hsm_error){ 0 };
	return hsm_live_read(fixture->connection, webhooks, &fixture->live, NULL, NULL, &fixture->error);
}

static inline void live_fixture_close(struct live_fixture *fixture)
{
	hsm_connection_free(fixture->connection);
	hsm_live_release(&fixture->live);
	http_server_stop(fixture->server);
}

#endif
