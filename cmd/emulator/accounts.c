#include "cmd/emulator/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/emulator.h"
#include "cmd/emulator/graph_templates.h"
#include "cmd/emulator/json.h"
#include "schema/base/memory.h"

struct hsm_emu_account *hsm_emu_account_get(struct hsm_emu *emu, const char *provider)
{
	struct hsm_emu_account *account = hsm_emu_map_get(&emu->accounts.accounts, provider);
	if (account)
		return account;
	account = hsm_memory_allocate(sizeof(*account));
	account->provider = hsm_memory_copy_string(provider);
	hsm_emu_map_put(&emu->accounts.accounts, account->provider, account);
	return account;
}

struct hsm_emu_name *hsm_emu_account_name(const struct hsm_emu_account *account, const char *name)
{
	return hsm_emu_map_get(&account->names, name);
}

struct hsm_emu_template *hsm_emu_account_find(const struct hsm_emu_account *account, const char *name, const char *language)
{
	struct hsm_emu_name *group = hsm_emu_account_name(account, name);
	for (size_t i = 0; group && i < group->count; i++)
		if (strcmp(group->templates[i]->language, language) == 0)
			return group->templates[i];
	return NULL;
}

static char *lock_key(const char *name, const char *language)
{
	struct hsm_buffer key = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_format(&key, "%s\n%s", name, language);
	return hsm_buffer_detach(&key);
}

static void free_lock(void *value)
{
	struct hsm_emu_lock *lock = value;
	free(lock->key);
	free(lock);
}

static char *lock_id(const struct hsm_emu_account *account, const char *key)
{
	struct hsm_buffer id = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_format(&id, "%s\n%s", account->provider, key);
	return hsm_buffer_detach(&id);
}

int64_t hsm_emu_account_locked_until(struct hsm_emu *emu, struct hsm_emu_account *account, const char *name, const char *language)
{
	char *key = lock_key(name, language);
	struct hsm_emu_lock *lock = hsm_emu_map_get(&account->locks, key);
	int64_t until = lock ? lock->until : 0;
	if (lock && until <= hsm_emu_now(emu)) {
		char *id = lock_id(account, key);
		hsm_emu_store_delete(emu, "lock", id);
		free(id);
		free_lock(hsm_emu_map_remove(&account->locks, key));
		until = 0;
	}
	free(key);
	return until;
}

static void put_lock(struct hsm_emu_account *account, char *key, int64_t until)
{
	struct hsm_emu_lock *lock = hsm_emu_map_remove(&account->locks, key);
	if (lock)
		free_lock(lock);
	lock = hsm_memory_allocate(sizeof(*lock));
	*lock = (struct hsm_emu_lock){ key, until };
	hsm_emu_map_put(&account->locks, lock->key, lock);
}

void hsm_emu_account_lock(struct hsm_emu *emu, struct hsm_emu_account *account, const char *name, const char *language,
		      int64_t until)
{
	char *key = lock_key(name, language), *id = lock_id(account, key), json[32];
	snprintf(json, sizeof(json), "%lld", (long long)until);
	hsm_emu_store_put(emu, "lock", id, 0, json);
	put_lock(account, key, until);
	free(id);
}

/* As design: _v([1-9][0-9]{0,5})$ */
size_t hsm_emu_name_base_length(const char *name)
{
	size_t length = strlen(name), digits = 0;
	while (digits < length && name[length - 1 - digits] >= '0' && name[length - 1 - digits] <= '9')
		digits++;
	if (digits < 1 || digits > 6 || length < digits + 3 || name[length - digits] == '0' ||
	    strncmp(name + length - digits - 2, "_v", 2) != 0)
		return length;
	return length - digits - 2;
}

void hsm_emu_content_compute(const cJSON *components, char content[HSM_FINGERPRINT_SIZE])
{
	const char *body = "", *footer = "";
	const cJSON *component;
	cJSON_ArrayForEach(component, components) {
		const char *type = hsm_emu_json_string(component, "type"), *text = hsm_emu_json_string(component, "text");
		if (type && text && strcmp(type, "BODY") == 0)
			body = text;
		if (type && text && strcmp(type, "FOOTER") == 0)
			footer = text;
	}
	struct hsm_buffer both = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append(&both, body, strlen(body) + 1);
	hsm_buffer_append_string(&both, footer);
	hsm_fingerprint_compute(both.data, both.length, content);
	hsm_buffer_release(&both);
}

struct hsm_emu_template *hsm_emu_account_find_content(const struct hsm_emu_account *account, const char *name, const char *content)
{
	struct hsm_emu_content *same = hsm_emu_map_get(&account->contents, content);
	size_t length = hsm_emu_name_base_length(name);
	for (size_t i = 0; same && i < same->count; i++) {
		const char *other = same->templates[i]->name->name;
		if (hsm_emu_name_base_length(other) != length || strncmp(other, name, length) != 0)
			return same->templates[i];
	}
	return NULL;
}

void hsm_emu_text_set(char **text, const char *value)
{
	char *copy = value ? hsm_memory_copy_string(value) : NULL;
	free(*text);
	*text = copy;
}

static void append_template(struct hsm_buffer *out, const struct hsm_emu_template *template)
{
	char time[EMU_TIME_SIZE];
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "id", template->id);
	hsm_emu_json_append_member(out, "name", template->name->name);
	hsm_emu_json_append_member(out, "language", template->language);
	hsm_emu_json_append_member(out, "category", template->category);
	hsm_buffer_append_string(out, ",\"components\":");
	hsm_buffer_append_string(out, template->components);
	hsm_emu_json_append_member(out, "status", template->status);
	hsm_emu_json_append_member(out, "rejection_reason", template->reason);
	hsm_emu_json_append_member(out, "dateCreated", hsm_emu_time_format(template->created, time));
	hsm_emu_json_append_member(out, "dateModified", hsm_emu_time_format(template->modified, time));
	struct hsm_buffer uri = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_format(&uri, "/api/v2/messaging/providers/%s/templates/%s", template->account->provider,
				 template->id);
	hsm_emu_json_append_member(out, "selfUri", hsm_buffer_text(&uri));
	hsm_buffer_release(&uri);
}

static void append_steps(struct hsm_buffer *out, const struct hsm_emu_template *template)
{
	hsm_buffer_append_string(out, ",\"steps\":[");
	for (size_t i = template->step_next; i < template->step_count; i++) {
		const struct hsm_emu_step *step = &template->steps[i];
		hsm_buffer_append_format(out, "%s{\"due\":%lld", i > template->step_next ? "," : "", (long long)step->due);
		hsm_emu_decision_append(out, &step->decision);
		hsm_buffer_append_char(out, '}');
	}
	hsm_buffer_append_char(out, ']');
}

static char *print_template(const struct hsm_emu_template *template)
{
	struct hsm_buffer json = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (template->graph) {
		hsm_emu_graph_template_append_all(&json, template);
	} else {
		append_template(&json, template);
		hsm_buffer_append_char(&json, '}');
	}
	return hsm_buffer_detach(&json);
}

void hsm_emu_template_update(struct hsm_emu *emu, struct hsm_emu_template *template)
{
	if (emu->store.database) {
		struct hsm_buffer document = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		append_template(&document, template);
		hsm_emu_json_append_member(&document, "providerId", template->account->provider);
		append_steps(&document, template);
		if (template->graph) {
			hsm_buffer_append_string(&document, ",\"graph\":");
			hsm_emu_json_append(&document, template->graph);
		}
		hsm_buffer_append_char(&document, '}');
		hsm_emu_store_put(emu, "template", template->id, template->sequence, document.data);
		hsm_buffer_release(&document);
	}
	free(template->json);
	template->json = print_template(template);
}

static void index_content(struct hsm_emu_template *template)
{
	cJSON *components = cJSON_Parse(template->components);
	hsm_emu_content_compute(components, template->content);
	cJSON_Delete(components);
	struct hsm_emu_content *same = hsm_emu_map_get(&template->account->contents, template->content);
	if (!same) {
		same = hsm_memory_allocate(sizeof(*same));
		memcpy(same->key, template->content, sizeof(same->key));
		hsm_emu_map_put(&template->account->contents, same->key, same);
	}
	HSM_MEMORY_GROW(same->templates, same->count, same->capacity);
	same->templates[same->count++] = template;
}

static void remove_from(struct hsm_emu_template **templates, size_t *count, const struct hsm_emu_template *template)
{
	size_t at = 0;
	while (at < *count && templates[at] != template)
		at++;
	if (at == *count)
		return;
	--*count;
	memmove(templates + at, templates + at + 1, (*count - at) * sizeof(struct hsm_emu_template *));
}

static void unindex_content(struct hsm_emu_template *template)
{
	struct hsm_emu_content *same = hsm_emu_map_get(&template->account->contents, template->content);
	remove_from(same->templates, &same->count, template);
	if (same->count)
		return;
	hsm_emu_map_remove(&template->account->contents, template->content);
	free(same->templates);
	free(same);
}

static size_t find_position(struct hsm_emu_template *const *templates, size_t count, int64_t created, uint64_t sequence)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct hsm_emu_template *other = templates[middle];
		if (other->created < created || (other->created == created && other->sequence < sequence))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t hsm_emu_account_position(const struct hsm_emu_account *account, int64_t created, uint64_t sequence)
{
	return find_position(account->templates, account->count, created, sequence);
}

/* There is room for one more. */
static void insert_sorted(struct hsm_emu_template **templates, size_t *count, struct hsm_emu_template *template)
{
	size_t at = find_position(templates, *count, template->created, template->sequence);
	memmove(templates + at + 1, templates + at, (*count - at) * sizeof(struct hsm_emu_template *));
	templates[at] = template;
	++*count;
}

static void insert_template(struct hsm_emu *emu, struct hsm_emu_template *template, const char *name)
{
	struct hsm_emu_account *account = template->account;
	struct hsm_emu_name *group = hsm_emu_account_name(account, name);
	if (!group) {
		group = hsm_memory_allocate(sizeof(*group));
		group->name = hsm_memory_copy_string(name);
		hsm_emu_map_put(&account->names, group->name, group);
	}
	template->name = group;
	HSM_MEMORY_GROW(group->templates, group->count, group->capacity);
	insert_sorted(group->templates, &group->count, template);
	HSM_MEMORY_GROW(account->templates, account->count, account->capacity);
	insert_sorted(account->templates, &account->count, template);
	hsm_emu_map_put(&emu->accounts.ids, template->id, template);
	index_content(template);
}

static struct hsm_emu_template *new_template(struct hsm_emu *emu, struct hsm_emu_account *account,
					 const struct hsm_emu_template_start *start, uint64_t sequence)
{
	struct hsm_emu_template *template = hsm_memory_allocate(sizeof(*template));
	template->account = account;
	template->sequence = sequence;
	template->graph = start->graph;
	if (start->id)
		snprintf(template->id, sizeof(template->id), "%s", start->id);
	else if (start->graph)
		hsm_emu_id_generate_number(template->id);
	else
		hsm_emu_id_generate(template->id);
	template->language = hsm_memory_copy_string(start->language);
	template->category = hsm_memory_copy_string(start->category ? start->category : "UTILITY");
	template->status = hsm_memory_copy_string(start->status ? start->status : "PENDING");
	hsm_emu_text_set(&template->reason, start->reason);
	template->components = hsm_memory_copy_string(start->components);
	template->created = start->created ? start->created : hsm_emu_now(emu);
	template->modified = start->modified ? start->modified : template->created;
	insert_template(emu, template, start->name);
	return template;
}

struct hsm_emu_template *hsm_emu_template_add(struct hsm_emu *emu, struct hsm_emu_account *account,
				      const struct hsm_emu_template_start *start)
{
	struct hsm_emu_template *template = new_template(emu, account, start, ++emu->sequence);
	hsm_emu_template_update(emu, template);
	return template;
}

void hsm_emu_template_set_components(struct hsm_emu *emu, struct hsm_emu_template *template, const char *components)
{
	unindex_content(template);
	hsm_emu_text_set(&template->components, components);
	index_content(template);
	template->modified = hsm_emu_now(emu);
	hsm_emu_template_update(emu, template);
}

void hsm_emu_template_clear_steps(struct hsm_emu_template *template)
{
	for (size_t i = 0; i < template->step_count; i++)
		hsm_emu_decision_release(&template->steps[i].decision);
	free(template->steps);
	template->steps = NULL;
	template->step_count = template->step_next = 0;
}

static void free_template(void *value, void *context)
{
	struct hsm_emu_template *template = value;
	hsm_emu_timer_cancel(context, &template->timer);
	hsm_emu_template_clear_steps(template);
	cJSON_Delete(template->graph);
	free(template->language);
	free(template->category);
	free(template->status);
	free(template->reason);
	free(template->components);
	free(template->json);
	free(template);
}

void hsm_emu_template_remove(struct hsm_emu *emu, struct hsm_emu_template *template)
{
	struct hsm_emu_account *account = template->account;
	struct hsm_emu_name *group = template->name;
	hsm_emu_store_delete(emu, "template", template->id);
	hsm_emu_map_remove(&emu->accounts.ids, template->id);
	unindex_content(template);
	remove_from(group->templates, &group->count, template);
	if (!group->count) {
		hsm_emu_map_remove(&account->names, group->name);
		free(group->templates);
		free(group->name);
		free(group);
	}
	size_t at = hsm_emu_account_position(account, template->created, template->sequence);
	account->count--;
	memmove(account->templates + at, account->templates + at + 1,
		(account->count - at) * sizeof(*account->templates));
	free_template(template, emu);
}

static void load_steps(struct hsm_emu_template *template, const cJSON *steps)
{
	size_t count = (size_t)cJSON_GetArraySize(steps);
	template->steps = hsm_memory_allocate(count * sizeof(*template->steps));
	const cJSON *item;
	cJSON_ArrayForEach(item, steps) {
		struct hsm_emu_step *step = &template->steps[template->step_count++];
		step->due = (int64_t)hsm_emu_json_number(item, "due", 0);
		hsm_emu_decision_read(item, &step->decision);
	}
}

static bool load_template(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	cJSON *document = cJSON_Parse(json);
	char *components = document ? hsm_emu_json_copy_member(json, "components") : NULL;
	const char *provider = hsm_emu_json_string(document, "providerId");
	struct hsm_emu_template_start start = {
		.id = id,
		.name = hsm_emu_json_string(document, "name"),
		.language = hsm_emu_json_string(document, "language"),
		.category = hsm_emu_json_string(document, "category"),
		.status = hsm_emu_json_string(document, "status"),
		.reason = hsm_emu_json_string(document, "rejection_reason"),
		.components = components,
	};
	const char *created = hsm_emu_json_string(document, "dateCreated");
	const char *modified = hsm_emu_json_string(document, "dateModified");
	bool good = components && provider && start.name && start.language && created && modified &&
		    hsm_emu_time_parse(created, &start.created) && hsm_emu_time_parse(modified, &start.modified);
	if (good) {
		start.graph = cJSON_DetachItemFromObjectCaseSensitive(document, "graph");
		struct hsm_emu_template *template = new_template(emu, hsm_emu_account_get(emu, provider), &start, sequence);
		load_steps(template, hsm_emu_json_get(document, "steps"));
		template->json = print_template(template);
		hsm_emu_review_continue(emu, template);
	}
	free(components);
	cJSON_Delete(document);
	return good;
}

static bool load_lock(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)sequence;
	const char *key = strchr(id, '\n');
	if (!key)
		return false;
	char *provider = hsm_memory_copy_string(id);
	provider[key - id] = '\0';
	put_lock(hsm_emu_account_get(emu, provider), hsm_memory_copy_string(key + 1), strtoll(json, NULL, 10));
	free(provider);
	return true;
}

bool hsm_emu_accounts_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "template", load_template) && hsm_emu_store_load(emu, "lock", load_lock);
}

static void free_name(void *value, void *context)
{
	struct hsm_emu_name *group = value;
	(void)context;
	free(group->templates);
	free(group->name);
	free(group);
}

static void free_content(void *value, void *context)
{
	struct hsm_emu_content *same = value;
	(void)context;
	free(same->templates);
	free(same);
}

static void visit_lock(void *value, void *context)
{
	(void)context;
	free_lock(value);
}

static void free_account(void *value, void *context)
{
	struct hsm_emu_account *account = value;
	hsm_emu_map_visit(&account->names, free_name, context);
	hsm_emu_map_visit(&account->contents, free_content, context);
	hsm_emu_map_visit(&account->locks, visit_lock, context);
	hsm_emu_map_release(&account->names);
	hsm_emu_map_release(&account->contents);
	hsm_emu_map_release(&account->locks);
	free(account->templates);
	free(account->provider);
	free(account);
}

void hsm_emu_accounts_release(struct hsm_emu *emu)
{
	hsm_emu_map_visit(&emu->accounts.ids, free_template, emu);
	hsm_emu_map_visit(&emu->accounts.accounts, free_account, emu);
	hsm_emu_map_release(&emu->accounts.ids);
	hsm_emu_map_release(&emu->accounts.accounts);
}
