#include "reconciler/live/messenger.h"

#include <string.h>

#include "reconciler/live/backend.h"
#include "reconciler/live/graph.h"
#include "reconciler/live/pages.h"

#define INTEGRATIONS "/api/v2/conversations/messaging/integrations/whatsapp"

/* A connection to the Genesys that stands beside Meta's account. */
static int connect_genesys(struct hsm_messenger *messenger, const struct hsm_environment *environment,
			   const struct hsm_settings *beside, struct hsm_error *error)
{
	int status = hsm_settings_resolve_genesys(&messenger->arena, environment, &messenger->settings, error);
	messenger->settings.parallelism = beside->parallelism;
	messenger->settings.deadline = beside->deadline;
	messenger->settings.interrupted = beside->interrupted;
	if (!status)
		status = hsm_connection_open(&messenger->owned, &messenger->settings, error);
	messenger->genesys = messenger->owned;
	return status;
}

struct integrations {
	struct hsm_messenger *messenger;
	size_t count; /* active ones of the account */
};

static void begin_integrations(void *user, size_t page_count)
{
	(void)page_count;
	((struct integrations *)user)->count = 0;
}

static int take_integrations(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct integrations *integrations = user;
	struct hsm_messenger *messenger = integrations->messenger;
	const cJSON *entity;
	(void)page;
	(void)error;
	cJSON_ArrayForEach(entity, entities) {
		const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entity, "id"));
		const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entity, "status"));
		const char *account =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entity, "whatsAppBusinessAccountId"));
		if (!id || !account || strcmp(account, messenger->account) != 0 || (status && strcmp(status, "Active") != 0))
			continue;
		messenger->from = hsm_arena_copy_string(&messenger->arena, id);
		integrations->count++;
	}
	return 0;
}

static int find_integration(struct hsm_messenger *messenger, struct hsm_error *error)
{
	struct integrations integrations = { .messenger = messenger };
	int status = hsm_pages_read(&(struct hsm_pages){ .connection = messenger->genesys, .path = INTEGRATIONS,
							 .begin = begin_integrations, .take = take_integrations,
							 .user = &integrations }, error);
	if (status || integrations.count == 1)
		return status;
	return hsm_error_set(error, HSM_ERROR_CONFIG,
			     "%zu active WhatsApp integrations of Genesys are of account %s: write integration, the id of the one "
			     "that messages go out from", integrations.count, messenger->account);
}

/* Through which of the two messages of an account at Meta go, and from where. */
static int open_meta(struct hsm_messenger *messenger, const struct hsm_environment *environment,
		     struct hsm_error *error)
{
	const struct hsm_genesys *genesys = &environment->genesys;
	struct hsm_connection *connection = messenger->connection;
	int status = genesys->node.present ? connect_genesys(messenger, environment, connection->settings, error) : 0;
	if (status)
		return status;
	if (genesys->send.value) {
		messenger->way = &hsm_agentless_way;
		messenger->connection = messenger->genesys;
		messenger->account = environment->account.text;
		messenger->library = genesys->library.text;
		messenger->from = genesys->integration.text;
		return messenger->from ? 0 : find_integration(messenger, error);
	}
	messenger->way = &hsm_graph_way;
	messenger->from = environment->phone_number.text;
	return messenger->from ? 0 : hsm_graph_find_number(&messenger->arena, connection, &messenger->from, error);
}

int hsm_messenger_open(struct hsm_messenger *messenger, const struct hsm_environment *environment,
		       struct hsm_connection *connection, struct hsm_error *error)
{
	bool meta = connection->settings->backend == HSM_BACKEND_META;
	messenger->connection = connection;
	messenger->way = &hsm_conversation_way;
	messenger->genesys = meta ? NULL : connection;
	int status = meta ? open_meta(messenger, environment, error) : 0;
	messenger->sms = environment->sms.text;
	return status;
}

void hsm_messenger_release(struct hsm_messenger *messenger)
{
	hsm_connection_free(messenger->owned);
	hsm_responses_release(&messenger->responses);
	hsm_arena_release(&messenger->arena);
	*messenger = (struct hsm_messenger){ 0 };
}

const struct hsm_way *hsm_messenger_find_way(const struct hsm_messenger *messenger, bool sms)
{
	return sms ? &hsm_agentless_way : messenger->way;
}

void hsm_messenger_run(struct hsm_messenger *messenger)
{
	hsm_connection_run(messenger->connection);
	if (messenger->genesys && messenger->genesys != messenger->connection)
		hsm_connection_run(messenger->genesys);
}
