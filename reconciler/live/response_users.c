/* Who would miss a response: the flows that Architect's dependency tracking knows, and the campaigns that send it. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/pages.h"
#include "reconciler/live/responses.h"
#include "schema/base/text.h"

#define CONSUMERS "/api/v2/architect/dependencytracking/consumingresources"
#define CAMPAIGNS "/api/v2/outbound/messagingcampaigns"
#define SHOWN_MAX 3
#define NAME_SHOWN_MAX 80

struct asking {
	struct hsm_connection *connection;
	struct hsm_live_responses *responses;
	struct question *questions;
	size_t count;
	int status;
	struct hsm_error *error;
};

struct question {
	struct asking *asking;
	struct hsm_live_response *response;
	const char *names; /* of users */
	size_t users;
};

static void add_user(struct question *question, const char *kind, const char *name)
{
	struct hsm_arena *arena = &question->asking->responses->arena;
	if (question->users++ < SHOWN_MAX)
		question->names = hsm_arena_format(arena, "%s%s%s '%.*s'", question->names, *question->names ? ", " : "",
						   kind, HSM_TEXT_FIT(name, NAME_SHOWN_MAX));
}

static const char *get_string(const cJSON *json, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
	return text ? text : "";
}

static void consumers_done(void *user, const struct hsm_http_answer *answer)
{
	struct question *question = user;
	struct asking *asking = question->asking;
	struct hsm_page page;
	const cJSON *entity;
	if (asking->status)
		return;
	asking->status = hsm_page_read(asking->connection, answer, &page, asking->error);
	if (asking->status) {
		hsm_http_abandon(asking->connection->http);
		return;
	}
	cJSON_ArrayForEach(entity, page.entities)
	{
		const char *name = get_string(entity, "name"), *type = get_string(entity, "type");
		bool is_flow = hsm_text_ends_with(type, "FLOW");
		add_user(question, is_flow ? "flow" : hsm_text_lower_case(&asking->responses->arena, type),
			 *name ? name : get_string(entity, "id"));
	}
	/* Further pages would be names that nobody reads. */
	if (page.total > (int64_t)question->users)
		question->users = (size_t)page.total;
	cJSON_Delete(page.json);
}

static void ask_consumers(struct question *question, struct hsm_arena *arena)
{
	const struct hsm_connection *connection = question->asking->connection;
	hsm_http_send(connection->http, &(struct hsm_http_request){
		.method = "GET",
		.base = connection->settings->base_url,
		.path = hsm_arena_format(arena, CONSUMERS "?objectType=RESPONSE&id=%s&pageSize=%d&pageNumber=1",
					 hsm_path_escape(arena, question->response->id), HSM_PAGE_SIZE),
		.repeat = HSM_HTTP_READ,
		.done = consumers_done,
		.user = question,
	});
}

/* Campaigns as read; they are added once all pages are there, since a listing that shifts is read again. */
struct campaigns {
	struct asking *asking;
	cJSON *all;
};

static void begin_campaigns(void *user, size_t page_count)
{
	struct campaigns *campaigns = user;
	(void)page_count;
	cJSON_Delete(campaigns->all);
	campaigns->all = cJSON_CreateArray();
}

static int take_campaigns(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct campaigns *campaigns = user;
	const cJSON *entity;
	(void)page;
	(void)error;
	cJSON_ArrayForEach(entity, entities)
		cJSON_AddItemToArray(campaigns->all, cJSON_Duplicate(entity, true));
	return 0;
}

static void add_campaign(struct asking *asking, const cJSON *campaign)
{
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(campaign, "whatsAppConfig");
	const char *id = get_string(cJSON_GetObjectItemCaseSensitive(config, "contentTemplate"), "id");
	for (size_t i = 0; i < asking->count; i++)
		if (strcmp(asking->questions[i].response->id, id) == 0)
			add_user(&asking->questions[i], "campaign", get_string(campaign, "name"));
}

static int ask_campaigns(struct asking *asking)
{
	struct campaigns campaigns = { .asking = asking };
	struct hsm_pages pages = { .connection = asking->connection, .path = CAMPAIGNS, .begin = begin_campaigns,
				   .take = take_campaigns, .user = &campaigns };
	const cJSON *campaign;
	int status = hsm_pages_read(&pages, asking->error);
	if (!status)
		cJSON_ArrayForEach(campaign, campaigns.all)
			add_campaign(asking, campaign);
	cJSON_Delete(campaigns.all);
	return status;
}

static void tell(const struct question *question)
{
	struct hsm_arena *arena = &question->asking->responses->arena;
	size_t more = question->users > SHOWN_MAX ? question->users - SHOWN_MAX : 0;
	if (question->users)
		question->response->users =
			more ? hsm_arena_format(arena, "%s and %zu more", question->names, more) : question->names;
}

int hsm_responses_read_users(struct hsm_connection *connection, struct hsm_live_responses *responses,
			     const char *const *ids, size_t count, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct asking asking = { .connection = connection, .responses = responses, .error = error };
	if (!count)
		return 0;
	asking.questions = hsm_arena_allocate_array(&arena, count, sizeof(*asking.questions));
	for (size_t i = 0; i < count; i++) {
		/* Ours to write: they stand in *responses. */
		const struct hsm_live_response *found = hsm_responses_get(responses, ids[i]);
		if (!found)
			continue;
		struct question *question = &asking.questions[asking.count++];
		*question = (struct question){ &asking, &responses->items[found - responses->items], "", 0 };
		ask_consumers(question, &arena);
	}
	hsm_http_run(connection->http);
	int status = asking.status ? asking.status : ask_campaigns(&asking);
	for (size_t i = 0; !status && i < asking.count; i++)
		tell(&asking.questions[i]);
	hsm_arena_release(&arena);
	return status;
}
