#include <string.h>
#include <strings.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/genesys.h"
#include "reconciler/live/organization.h"
#include "schema/base/text.h"
#include "schema/json.h"

/* Everything that a plan needs, read in order: organisation, provider, templates,
 * webhooks. */

#define SHOWN_MAX 20 /* providers in a message */

struct provider {
	struct hsm_node node;
	struct hsm_string id;
	struct hsm_string name;
	struct hsm_string type;
	struct hsm_string status;
};

static const struct hsm_field provider_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, .offset = offsetof(struct provider, id) },
	{ "name", HSM_TYPE_STRING, 0, .offset = offsetof(struct provider, name) },
	{ "type", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, .offset = offsetof(struct provider, type) },
	{ "status", HSM_TYPE_STRING, 0, .offset = offsetof(struct provider, status) },
};
static const struct hsm_object provider_object = {
	"provider", 0, sizeof(struct provider), HSM_OBJECT_FIELDS(provider_fields), .help = NULL,
};
static const struct hsm_field provider_element = { "provider", HSM_TYPE_OBJECT, .object = &provider_object };

/* Rows of a listing, page by page until all are there. */
struct rows {
	void **pages;
	size_t *counts;
	size_t page_count;
};

struct reading {
	struct hsm_connection *connection;
	struct hsm_live *live;
	struct hsm_arena arena; /* what does not stay */
	struct hsm_error *error;

	struct hsm_organization organization;
	struct hsm_list providers;
	struct hsm_arena template_arena; /* becomes the live one */
	struct hsm_template_reader reader;
	struct rows rows;
	struct hsm_list webhooks;
};

static void begin_providers(void *user, size_t page_count)
{
	struct reading *reading = user;
	(void)page_count;
	reading->providers = (struct hsm_list){ 0 };
}

/* Adds a page's items behind those that are there: their order tells nothing. */
static int add_items(struct hsm_arena *arena, const cJSON *entities, const struct hsm_field *element, size_t size,
		     struct hsm_list *list, struct hsm_error *error)
{
	struct hsm_list page;
	int status = hsm_json_read_list(arena, entities, element, size, &page, error);
	if (status)
		return status;
	char *items = hsm_arena_allocate_array(arena, list->count + page.count, size);
	if (list->count)
		memcpy(items, list->items, list->count * size);
	if (page.count)
		memcpy(items + list->count * size, page.items, page.count * size);
	list->items = items;
	list->count += page.count;
	return 0;
}

static int take_providers(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct reading *reading = user;
	(void)page;
	return add_items(&reading->arena, entities, &provider_element, sizeof(struct provider), &reading->providers,
			 error);
}

static bool is_whatsapp(const struct provider *provider)
{
	return strcasecmp(provider->type.text, "WHATSAPP") == 0;
}

static bool is_active(const struct provider *provider)
{
	return !provider->status.text || strcasecmp(provider->status.text, "ACTIVE") == 0;
}

static bool is_named(const struct provider *provider, const char *wanted)
{
	return !wanted || strcmp(provider->id.text, wanted) == 0 ||
	       (provider->name.text && strcmp(provider->name.text, wanted) == 0);
}

static const char *list_providers(struct reading *reading)
{
	const char *text = "there are none at all";
	for (size_t i = 0; i < reading->providers.count && i < SHOWN_MAX; i++) {
		const struct provider *provider = HSM_LIST_ITEM(reading->providers, struct provider, i);
		const char *name = provider->name.text ? provider->name.text : "";
		const char *status_word = provider->status.text ? provider->status.text : "ACTIVE";
		text = hsm_arena_format(&reading->arena, "%s%s '%.*s' (%.*s, %.*s, %.*s)", i ? text : "there are",
					i ? "," : "", HSM_TEXT_FIT(name, 60), HSM_TEXT_FIT(provider->id.text, 60),
					HSM_TEXT_FIT(provider->type.text, 20), HSM_TEXT_FIT(status_word, 20));
	}
	return text;
}

static int choose_provider(struct reading *reading, const struct provider **chosen)
{
	const struct hsm_settings *settings = reading->connection->settings;
	const struct hsm_list *providers = &reading->providers;
	const char *wanted = settings->provider;
	const struct provider *inactive = NULL;
	size_t count = 0;
	for (size_t i = 0; i < providers->count; i++) {
		const struct provider *provider = HSM_LIST_ITEM(*providers, struct provider, i);
		if (!is_whatsapp(provider) || !is_named(provider, wanted))
			continue;
		if (!is_active(provider)) {
			inactive = provider;
			continue;
		}
		*chosen = provider;
		count++;
	}
	if (count == 1)
		return 0;
	const char *list = list_providers(reading);
	if (count)
		return hsm_error_set(reading->error, HSM_ERROR_CONFIG,
				     "environment '%s': %zu active WHATSAPP providers %s: give provider the id of one in "
				     "hsmctl.yaml; %s", settings->environment, count,
				     wanted ? "have that name" : "could be meant", list);
	if (inactive)
		return hsm_error_set(reading->error, HSM_ERROR_UNAVAILABLE,
				     "environment '%s': the WHATSAPP provider '%s' is %s: activate it first; %s",
				     settings->environment,
				     inactive->name.text ? inactive->name.text : inactive->id.text,
				     inactive->status.text, list);
	if (wanted)
		return hsm_error_set(reading->error, HSM_ERROR_CONFIG,
				     "environment '%s': no WHATSAPP provider has the name or id '%s'; %s",
				     settings->environment, wanted, list);
	return hsm_error_set(reading->error, HSM_ERROR_UNAVAILABLE,
			     "environment '%s': the organization has no WHATSAPP provider; %s",
			     settings->environment, list);
}

static int read_providers(struct reading *reading, const struct provider **chosen)
{
	struct hsm_pages pages = { .connection = reading->connection, .path = HSM_GENESYS_PROVIDERS,
				   .begin = begin_providers, .take = take_providers, .user = reading };
	int status = hsm_pages_read(&pages, reading->error);
	return status ? status : choose_provider(reading, chosen);
}

static void begin_templates(void *user, size_t page_count)
{
	struct reading *reading = user;
	struct hsm_arena *arena = &reading->template_arena;
	hsm_arena_release(arena);
	reading->reader = (struct hsm_template_reader){ .arena = arena };
	reading->rows.page_count = page_count;
	reading->rows.pages = hsm_arena_allocate_array(arena, page_count, sizeof(void *));
	reading->rows.counts = hsm_arena_allocate_array(arena, page_count, sizeof(size_t));
}

static int take_templates(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct reading *reading = user;
	size_t count = (size_t)cJSON_GetArraySize(entities), i = 0;
	struct hsm_live_template *templates =
		hsm_arena_allocate_array(&reading->template_arena, count, sizeof(*templates));
	const cJSON *entity;
	int status = 0;
	cJSON_ArrayForEach(entity, entities)
	{
		status = hsm_genesys_read_template(&reading->reader, entity, &templates[i++], error);
		if (status)
			break;
	}
	hsm_arena_release(&reading->reader.scratch);
	reading->rows.pages[page] = templates;
	reading->rows.counts[page] = count;
	return status;
}

/* In one array, in the API's order. */
static void join_templates(struct reading *reading)
{
	struct hsm_live *live = reading->live;
	const struct rows *rows = &reading->rows;
	for (size_t i = 0; i < rows->page_count; i++)
		live->template_count += rows->counts[i];
	live->templates =
		hsm_arena_allocate_array(&live->arena, live->template_count, sizeof(*live->templates));
	struct hsm_live_template *next = live->templates;
	for (size_t i = 0; i < rows->page_count; i++) {
		if (rows->counts[i])
			memcpy(next, rows->pages[i], rows->counts[i] * sizeof(*next));
		next += rows->counts[i];
	}
}

static void begin_webhooks(void *user, size_t page_count)
{
	struct reading *reading = user;
	(void)page_count;
	reading->webhooks = (struct hsm_list){ 0 };
}

static const struct hsm_field webhook_element = { "webhook", HSM_TYPE_OBJECT, .object = &hsm_wire_webhook_object };

static int take_webhooks(void *user, size_t page, const cJSON *entities, struct hsm_error *error)
{
	struct reading *reading = user;
	(void)page;
	return add_items(&reading->live->arena, entities, &webhook_element, sizeof(struct hsm_wire_webhook),
			 &reading->webhooks, error);
}

void hsm_genesys_keep_webhooks(struct hsm_live *live, const struct hsm_list *webhooks)
{
	live->has_webhooks = true;
	live->webhook_count = webhooks->count;
	live->webhooks = hsm_arena_allocate_array(&live->arena, live->webhook_count, sizeof(*live->webhooks));
	for (size_t i = 0; i < live->webhook_count; i++) {
		const struct hsm_wire_webhook *wire = HSM_LIST_ITEM(*webhooks, struct hsm_wire_webhook, i);
		const char **events =
			hsm_arena_allocate_array(&live->arena, wire->events.count, sizeof(*events));
		for (size_t j = 0; j < wire->events.count; j++)
			events[j] = HSM_LIST_ITEM(wire->events, struct hsm_string, j)->text;
		live->webhooks[i] = (struct hsm_live_webhook){
			.id = wire->id.text,
			.name = wire->name.text,
			.url = wire->url.text,
			.events = events,
			.event_count = wire->events.count,
			.enabled = !wire->enabled.present || wire->enabled.value,
		};
	}
}

static int read_webhooks(struct reading *reading)
{
	struct hsm_pages pages = { .connection = reading->connection, .path = HSM_GENESYS_WEBHOOKS,
				   .begin = begin_webhooks, .take = take_webhooks, .user = reading };
	int status = hsm_pages_read(&pages, reading->error);
	if (!status)
		hsm_genesys_keep_webhooks(reading->live, &reading->webhooks);
	return status;
}

static int read_all(struct reading *reading, bool webhooks,
		    void (*progress)(void *user, size_t done, size_t total), void *user)
{
	struct hsm_live *live = reading->live;
	const struct provider *provider = NULL;
	int status = hsm_organization_check(reading->connection, &reading->arena, &reading->organization, reading->error);
	if (status || (status = read_providers(reading, &provider)))
		return status;
	struct hsm_pages pages = {
		.connection = reading->connection,
		.path = hsm_genesys_templates_path(&reading->arena, provider->id.text),
		.begin = begin_templates,
		.take = take_templates,
		.user = reading,
		.progress = progress,
		.progress_user = user,
	};
	status = hsm_pages_read(&pages, reading->error);
	live->arena = reading->template_arena;
	if (status)
		return status;
	join_templates(reading);
	live->organization_id = hsm_arena_copy_string(&live->arena, reading->organization.id);
	live->organization_name = hsm_arena_copy_string(&live->arena, reading->organization.name);
	live->page_count = reading->rows.page_count;
	live->provider_id = hsm_arena_copy_string(&live->arena, provider->id.text);
	live->provider_name = hsm_arena_copy_string(&live->arena, provider->name.text);
	return webhooks ? read_webhooks(reading) : 0;
}

int hsm_genesys_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		     void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error)
{
	struct reading reading = { .connection = connection, .live = live, .error = error };
	hsm_live_release(live);
	int status = read_all(&reading, webhooks, progress, user);
	hsm_arena_release(&reading.arena);
	return status;
}
