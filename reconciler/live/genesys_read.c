/* Reading everything: organisation, provider, templates, webhooks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "reconciler/live/genesys.h"
#include "schema/base/memory.h"

enum { READINGS_MAX = 5 };

/* One GET, waited for. take is called with a 2xx answer only. */
struct fetch {
	int (*take)(void *user, const struct hsm_http_answer *answer, struct hsm_error *error);
	void *user;
	struct hsm_error *error;
	int rc;
};

static void fetch_done(void *user, const struct hsm_http_answer *answer)
{
	struct fetch *fetch = user;
	if (answer->error.class) {
		*fetch->error = answer->error;
		fetch->rc = answer->error.class;
		return;
	}
	fetch->rc = fetch->take(fetch->user, answer, fetch->error);
}

static void send_get(struct hsm_connection *connection, const char *path, hsm_http_done *done, void *user)
{
	struct hsm_http_request request = {
		.method = "GET", .base = connection->settings->base_url, .path = path, .done = done, .user = user,
	};
	hsm_http_send(connection->http, &request);
}

static int fetch(struct hsm_connection *connection, const char *path,
		 int (*take)(void *user, const struct hsm_http_answer *answer, struct hsm_error *error), void *user,
		 struct hsm_error *error)
{
	struct fetch one = { .take = take, .user = user, .error = error };
	send_get(connection, path, fetch_done, &one);
	hsm_http_run(connection->http);
	return one.rc;
}

/* Organisation. */
struct organization {
	struct hsm_node node;
	struct hsm_string id, name;
};

static int take_organization(void *user, const struct hsm_http_answer *answer, struct hsm_error *error)
{
	static const struct hsm_field fields[] = {
		{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, .offset = offsetof(struct organization, id) },
		{ "name", HSM_TYPE_STRING, 0, .offset = offsetof(struct organization, name) },
	};
	static const struct hsm_object object = { "organization", 0, sizeof(struct organization),
						  HSM_OBJECT_FIELDS(fields), .help = NULL };
	struct hsm_live *live = user;
	struct organization organization = { 0 };
	cJSON *json;
	int rc = hsm_genesys_parse(answer, &json, error);
	if (rc)
		return rc;
	rc = hsm_json_read(&live->arena, json, &object, &organization, error);
	cJSON_Delete(json);
	live->organization_id = organization.id.text;
	live->organization_name = organization.name.text;
	return rc ? hsm_error_prefix(error, "%s", answer->request) : 0;
}

/* Credentials of another organisation must not even read. */
static int read_organization(struct hsm_connection *connection, struct hsm_live *live, struct hsm_error *error)
{
	const char *wanted = connection->settings->organization;
	int rc = fetch(connection, "/api/v2/organizations/me", take_organization, live, error);
	if (rc || strcasecmp(wanted, live->organization_id) == 0)
		return rc;
	return hsm_error_set(error, HSM_ERROR_AUTH,
			     "environment '%s' is for organisation %s, and these credentials are of %s%s%s%s: nothing was "
			     "read or written", connection->settings->environment, wanted, live->organization_id,
			     live->organization_name ? " (" : "", live->organization_name ? live->organization_name : "",
			     live->organization_name ? ")" : "");
}

/* Providers. */
struct provider {
	struct hsm_node node;
	struct hsm_string id, name, type, status;
};

#define AT(member) .offset = offsetof(struct provider, member)
static const struct hsm_field provider_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(id) },
	{ "name", HSM_TYPE_STRING, 0, AT(name) },
	{ "type", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(type) },
	{ "status", HSM_TYPE_STRING, 0, AT(status) },
};
static const struct hsm_object provider_object = { "provider", 0, sizeof(struct provider),
						   HSM_OBJECT_FIELDS(provider_fields), .help = NULL };
static const struct hsm_field provider_element = { "provider", HSM_TYPE_OBJECT, .object = &provider_object,
						   .help = NULL };

struct providers {
	struct hsm_arena arena;
	struct provider *items;
	size_t count, capacity;
	int64_t pages;
};

static int take_providers(void *user, const struct hsm_http_answer *answer, struct hsm_error *error)
{
	struct providers *providers = user;
	struct hsm_genesys_page page;
	int rc = hsm_genesys_read_page(&providers->arena, answer, &provider_element, sizeof(struct provider), &page, error);
	for (size_t i = 0; !rc && i < page.entities.count; i++) {
		HSM_MEMORY_GROW(providers->items, providers->count, providers->capacity);
		providers->items[providers->count++] = *HSM_LIST_ITEM(page.entities, struct provider, i);
	}
	providers->pages = rc ? 0 : page.page_count.value;
	return rc;
}

static const char *provider_name(const struct provider *provider)
{
	return provider->name.text ? provider->name.text : provider->id.text;
}

/* The API leaves the status out where it is ACTIVE. */
static bool is_active(const struct provider *provider)
{
	return !provider->status.text || strcasecmp(provider->status.text, "ACTIVE") == 0;
}

static bool is_whatsapp(const struct provider *provider)
{
	return strcasecmp(provider->type.text, "WHATSAPP") == 0;
}

static const char *list_providers(struct providers *providers)
{
	const char *list = "";
	for (size_t i = 0; i < providers->count && i < 20; i++) {
		const struct provider *provider = &providers->items[i];
		list = hsm_arena_format(&providers->arena, "%s%s'%s' (%s, %s)", list, i ? ", " : "",
					provider_name(provider), provider->type.text,
					is_active(provider) ? "ACTIVE" : provider->status.text);
	}
	return *list ? list : "no provider at all";
}

static int choose_named(struct providers *providers, const char *wanted, const struct provider **chosen,
			struct hsm_error *error)
{
	for (size_t i = 0; i < providers->count; i++) {
		const struct provider *provider = &providers->items[i];
		if (is_whatsapp(provider) && (strcmp(provider->id.text, wanted) == 0 ||
					      (provider->name.text && strcmp(provider->name.text, wanted) == 0))) {
			if (*chosen)
				return hsm_error_set(error, HSM_ERROR_CONFIG,
						     "several WHATSAPP providers are called '%s': give the id in hsmctl.yaml",
						     wanted);
			*chosen = provider;
		}
	}
	if (!*chosen)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "no WHATSAPP provider '%s': there is %s", wanted,
				     list_providers(providers));
	if (!is_active(*chosen))
		return hsm_error_set(error, HSM_ERROR_FAILED, "provider '%s' is %s: activate it in Genesys Cloud", wanted,
				     (*chosen)->status.text);
	return 0;
}

static int choose_only(struct providers *providers, const struct provider **chosen, struct hsm_error *error)
{
	size_t active = 0, any = 0;
	for (size_t i = 0; i < providers->count; i++) {
		any += is_whatsapp(&providers->items[i]);
		if (!is_whatsapp(&providers->items[i]) || !is_active(&providers->items[i]))
			continue;
		*chosen = &providers->items[i];
		active++;
	}
	if (active == 1)
		return 0;
	if (active)
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "several active WHATSAPP providers: name one as 'provider' in hsmctl.yaml; there is %s",
				     list_providers(providers));
	return hsm_error_set(error, HSM_ERROR_FAILED, "%s: there is %s",
			     any ? "no WHATSAPP provider is active" : "no WHATSAPP provider", list_providers(providers));
}

static int read_provider(struct hsm_connection *connection, struct hsm_live *live, struct hsm_error *error)
{
	struct providers providers = { .pages = 1 };
	const char *wanted = connection->settings->provider;
	const struct provider *chosen = NULL;
	int rc = 0;
	for (int64_t page = 1; !rc && page <= providers.pages && page <= 100; page++)
		rc = fetch(connection,
			   hsm_arena_format(&providers.arena, "/api/v2/messaging/providers?pageSize=%d&pageNumber=%" PRId64,
					    HSM_GENESYS_PAGE_SIZE, page),
			   take_providers, &providers, error);
	if (!rc)
		rc = wanted ? choose_named(&providers, wanted, &chosen, error) : choose_only(&providers, &chosen, error);
	if (!rc) {
		live->provider_id = hsm_arena_copy_string(&live->arena, chosen->id.text);
		live->provider_name = hsm_arena_copy_string(&live->arena, provider_name(chosen));
	}
	free(providers.items);
	hsm_arena_release(&providers.arena);
	return rc;
}

/* Templates. */
struct page {
	struct listing *listing;
	struct hsm_live_template *templates;
	size_t count;
	size_t number; /* from 1 */
};

struct listing {
	struct hsm_connection *connection;
	struct hsm_live *live;
	struct page *pages;
	size_t page_count, done;
	int64_t total;
	bool shifted;
	struct hsm_error *error;
	int rc;
	void (*progress)(void *user, size_t done, size_t total);
	void *user;
};

static void keep_first_error(struct listing *listing, const struct hsm_error *error)
{
	if (listing->rc)
		return;
	listing->rc = error->class;
	*listing->error = *error;
}

static void take_templates(struct page *page, const struct hsm_genesys_page *read)
{
	struct listing *listing = page->listing;
	page->count = read->entities.count;
	page->templates = hsm_arena_allocate_array(&listing->live->arena, page->count, sizeof(*page->templates));
	for (size_t i = 0; i < page->count; i++)
		hsm_genesys_convert_template(&listing->live->arena,
					     HSM_LIST_ITEM(read->entities, struct hsm_wire_template, i),
					     &page->templates[i]);
}

static void page_done(void *user, const struct hsm_http_answer *answer)
{
	struct page *page = user;
	struct listing *listing = page->listing;
	struct hsm_arena scratch = { 0 };
	struct hsm_genesys_page read;
	struct hsm_error error = answer->error;
	if (!error.class)
		hsm_genesys_read_page(&scratch, answer, &hsm_genesys_template_element, sizeof(struct hsm_wire_template),
				      &read, &error);
	if (error.class) {
		keep_first_error(listing, &error);
	} else {
		if (page->number == 1)
			listing->total = read.total.value;
		listing->shifted |= read.total.value != listing->total;
		take_templates(page, &read);
		listing->done++;
		if (listing->progress && listing->page_count)
			listing->progress(listing->user, listing->done, listing->page_count);
	}
	hsm_arena_release(&scratch);
}

static void send_page(struct listing *listing, struct page *page, size_t number)
{
	struct hsm_arena arena = { 0 };
	*page = (struct page){ .listing = listing, .number = number };
	send_get(listing->connection,
		 hsm_arena_format(&arena, "/api/v2/messaging/providers/%s/templates?pageSize=%d&pageNumber=%zu",
				  hsm_http_escape(&arena, listing->live->provider_id), HSM_GENESYS_PAGE_SIZE, number),
		 page_done, page);
	hsm_arena_release(&arena);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp((*(const struct hsm_live_template *const *)a)->id, (*(const struct hsm_live_template *const *)b)->id);
}

static bool has_duplicate(const struct hsm_live *live)
{
	const struct hsm_live_template **sorted = hsm_memory_resize(NULL, live->template_count + 1, sizeof(*sorted));
	bool found = false;
	for (size_t i = 0; i < live->template_count; i++)
		sorted[i] = &live->templates[i];
	qsort(sorted, live->template_count, sizeof(*sorted), compare_ids);
	for (size_t i = 1; i < live->template_count && !found; i++)
		found = strcmp(sorted[i - 1]->id, sorted[i]->id) == 0;
	free(sorted);
	return found;
}

static void join_pages(struct listing *listing)
{
	struct hsm_live *live = listing->live;
	size_t count = 0;
	for (size_t i = 0; i < listing->page_count; i++)
		count += listing->pages[i].count;
	live->templates = hsm_arena_allocate_array(&live->arena, count, sizeof(*live->templates));
	for (size_t i = 0; i < listing->page_count; i++) {
		if (listing->pages[i].count)
			memcpy(live->templates + live->template_count, listing->pages[i].templates,
			       listing->pages[i].count * sizeof(*live->templates));
		live->template_count += listing->pages[i].count;
	}
	/* Something came or went between two pages: one is here twice, or one is missing. */
	listing->shifted |= (int64_t)live->template_count != listing->total || has_duplicate(live);
}

/* Webhooks, beside the pages of templates. */
static void webhooks_done(void *user, const struct hsm_http_answer *answer)
{
	struct listing *listing = user;
	struct hsm_live *live = listing->live;
	struct hsm_genesys_page page;
	struct hsm_error error = answer->error;
	if (!error.class)
		hsm_genesys_read_page(&live->arena, answer, &hsm_genesys_webhook_element, sizeof(struct hsm_wire_webhook),
				      &page, &error);
	if (error.class) {
		keep_first_error(listing, &error);
		return;
	}
	struct hsm_live_webhook *more = hsm_arena_allocate_array(
		&live->arena, live->webhook_count + page.entities.count, sizeof(*more));
	if (live->webhook_count)
		memcpy(more, live->webhooks, live->webhook_count * sizeof(*more));
	live->webhooks = more;
	for (size_t i = 0; i < page.entities.count; i++) {
		const struct hsm_wire_webhook *wire = HSM_LIST_ITEM(page.entities, struct hsm_wire_webhook, i);
		struct hsm_live_webhook *webhook = &more[live->webhook_count++];
		*webhook = (struct hsm_live_webhook){
			.id = wire->id.text, .name = wire->name.text, .url = wire->url.text,
			.event_count = wire->events.count, .enabled = wire->enabled.value || !wire->enabled.present,
			.events = hsm_arena_allocate_array(&live->arena, wire->events.count, sizeof(char *)),
		};
		for (size_t j = 0; j < wire->events.count; j++)
			webhook->events[j] = HSM_LIST_ITEM(wire->events, struct hsm_string, j)->text;
	}
	int64_t number = page.page_number.value;
	if (!page.entities.count || number < 1 || number >= page.page_count.value)
		return;
	char path[96];
	snprintf(path, sizeof(path), "/api/v2/messaging/webhooks?pageSize=%d&pageNumber=%" PRId64, HSM_GENESYS_PAGE_SIZE,
		 number + 1);
	send_get(listing->connection, path, webhooks_done, listing);
}

/* All pages once; the first says how many there are. */
static int read_pages(struct listing *listing)
{
	struct page first;
	send_page(listing, &first, 1);
	hsm_http_run(listing->connection->http);
	if (listing->rc)
		return listing->rc;
	int64_t pages = (listing->total + HSM_GENESYS_PAGE_SIZE - 1) / HSM_GENESYS_PAGE_SIZE;
	if (listing->total < 0 || pages > 100000)
		return hsm_error_set(listing->error, HSM_ERROR_UNAVAILABLE, "the API says that there are %" PRId64
				     " templates, which cannot be", listing->total);
	listing->page_count = pages > 1 ? (size_t)pages : 1;
	listing->pages = hsm_memory_allocate(listing->page_count * sizeof(*listing->pages));
	listing->pages[0] = first;
	for (size_t i = 1; i < listing->page_count; i++)
		send_page(listing, &listing->pages[i], i + 1);
	hsm_http_run(listing->connection->http);
	if (!listing->rc)
		join_pages(listing);
	free(listing->pages);
	return listing->rc;
}

/* Forgets the templates of a reading, and keeps what came before. */
static void forget_templates(struct hsm_live *live)
{
	struct hsm_live kept = *live;
	struct hsm_arena arena = { 0 };
	kept.organization_id = hsm_arena_copy_string(&arena, live->organization_id);
	kept.organization_name = hsm_arena_copy_string(&arena, live->organization_name);
	kept.provider_id = hsm_arena_copy_string(&arena, live->provider_id);
	kept.provider_name = hsm_arena_copy_string(&arena, live->provider_name);
	kept.templates = NULL;
	kept.webhooks = NULL;
	kept.template_count = kept.webhook_count = 0;
	hsm_arena_release(&live->arena);
	kept.arena = arena;
	*live = kept;
}

static int read_templates(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
			  void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error)
{
	for (int reading = 0; reading < READINGS_MAX; reading++) {
		struct listing listing = { .connection = connection, .live = live, .error = error,
					   .progress = progress, .user = user };
		if (reading)
			forget_templates(live);
		if (webhooks)
			send_get(connection, "/api/v2/messaging/webhooks?pageSize=100&pageNumber=1", webhooks_done, &listing);
		int rc = read_pages(&listing);
		live->has_webhooks = webhooks;
		if (rc || !listing.shifted)
			return rc;
	}
	return hsm_error_set(error, HSM_ERROR_UNAVAILABLE,
			     "the list of templates changed each of %d times while it was read: try again when nobody else "
			     "writes", READINGS_MAX);
}

int hsm_genesys_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		     void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error)
{
	int rc = connection->settings->organization ? read_organization(connection, live, error) : 0;
	if (!rc)
		rc = read_provider(connection, live, error);
	if (!rc)
		rc = read_templates(connection, webhooks, live, progress, user, error);
	if (rc)
		hsm_live_release(live);
	return rc;
}
