#include "cmd/emulator/admin.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_templates.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define ADVANCE_MAXIMUM 1e10 /* seconds */

struct lock_context {
	struct hsm_buffer *out;
	const struct hsm_emu_account *account;
};

static void append_comma(struct hsm_buffer *out)
{
	if (out->data[out->length - 1] != '[')
		hsm_buffer_append_char(out, ',');
}

static void append_lock(void *value, void *context)
{
	const struct hsm_emu_lock *lock = value;
	struct lock_context *locks = context;
	char time[EMU_TIME_SIZE], *name = hsm_memory_copy_string(lock->key);
	char *language = strchr(name, '\n');
	*language++ = '\0';
	append_comma(locks->out);
	hsm_buffer_append_char(locks->out, '{');
	hsm_emu_json_append_member(locks->out, "providerId", locks->account->provider);
	hsm_emu_json_append_member(locks->out, "name", name);
	hsm_emu_json_append_member(locks->out, "language", language);
	hsm_emu_json_append_member(locks->out, "until", hsm_emu_time_format(lock->until, time));
	hsm_buffer_append_char(locks->out, '}');
	free(name);
}

static void append_locks(void *value, void *context)
{
	const struct hsm_emu_account *account = value;
	struct lock_context locks = { context, account };
	hsm_emu_map_visit(&account->locks, append_lock, &locks);
}

static void append_templates(void *value, void *context)
{
	const struct hsm_emu_account *account = value;
	for (size_t i = 0; i < account->count; i++) {
		append_comma(context);
		hsm_buffer_append_string(context, account->templates[i]->json);
	}
}

/* What the public API knows. */
static void append_public(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_buffer *out = &request->answer;
	hsm_buffer_append_string(out, ",\"integrations\":");
	hsm_emu_json_append(out, emu->seeds[EMU_INTEGRATIONS]);
	hsm_buffer_append_string(out, ",\"libraries\":");
	hsm_emu_collection_append(emu, request, EMU_LIBRARIES);
	hsm_buffer_append_string(out, ",\"responses\":");
	hsm_emu_collection_append(emu, request, EMU_RESPONSES);
	hsm_buffer_append_string(out, ",\"dependencies\":");
	hsm_emu_json_append(out, emu->seeds[EMU_DEPENDENCIES]);
	hsm_buffer_append_string(out, ",\"campaigns\":");
	hsm_emu_json_append(out, emu->seeds[EMU_CAMPAIGNS]);
	hsm_buffer_append_string(out, ",\"messages\":");
	hsm_emu_messages_append(emu, request);
}

void hsm_emu_admin_get_state(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_buffer *out = &request->answer;
	char time[EMU_TIME_SIZE];
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "now", hsm_emu_time_format(hsm_emu_now(emu), time));
	hsm_buffer_append_string(out, ",\"organization\":");
	hsm_emu_organization_get(emu, request);
	hsm_buffer_append_string(out, ",\"providers\":");
	hsm_emu_providers_append(emu, request);
	hsm_buffer_append_string(out, ",\"templates\":[");
	hsm_emu_map_visit(&emu->accounts.accounts, append_templates, out);
	hsm_buffer_append_string(out, "],\"locks\":[");
	hsm_emu_map_visit(&emu->accounts.accounts, append_locks, out);
	hsm_buffer_append_string(out, "],\"webhooks\":");
	hsm_emu_webhooks_append(emu, request);
	hsm_buffer_append_string(out, ",\"conversations\":");
	hsm_emu_conversations_append(emu, request);
	hsm_buffer_append_string(out, ",\"datatables\":");
	hsm_emu_datatables_append(emu, request);
	hsm_buffer_append_string(out, ",\"graph\":");
	hsm_emu_graph_append(emu, request);
	append_public(emu, request);
	hsm_buffer_append_string(out, ",\"outcomes\":");
	hsm_emu_outcomes_append(emu, request);
	hsm_buffer_append_string(out, ",\"faults\":");
	hsm_emu_faults_append(emu, request);
	hsm_buffer_append_string(out, ",\"counters\":");
	hsm_emu_log_append_counters(emu, request);
	hsm_buffer_append_char(out, '}');
}

void hsm_emu_admin_reset(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_emu_reset(emu);
	request->status = 204;
}

void hsm_emu_admin_advance_clock(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json(request);
	if (!json)
		return;
	double seconds = hsm_emu_json_number(json, "advance_seconds", -1);
	cJSON_Delete(json);
	if (!(seconds >= 0 && seconds <= ADVANCE_MAXIMUM)) {
		hsm_emu_fail(request, 400, "bad.request", "advance_seconds is a number, not less than 0");
		return;
	}
	char text[32];
	emu->clock.offset += (int64_t)(seconds * 1000);
	snprintf(text, sizeof(text), "%lld", (long long)emu->clock.offset);
	hsm_emu_store_put(emu, "clock", "", 0, text);
	hsm_emu_timers_run(emu);
	hsm_buffer_append_char(&request->answer, '{');
	hsm_emu_json_append_member(&request->answer, "now", hsm_emu_time_format(hsm_emu_now(emu), text));
	hsm_buffer_append_char(&request->answer, '}');
}

/* Reads a seed; what it breaks, or NULL. */
static const char *read_seed(const cJSON *item, const char *components, struct hsm_emu_template_start *start)
{
	static const char *const texts[] = {
		"id", "name", "language", "category", "status", "providerId", "dateCreated", "dateModified",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const cJSON *value = hsm_emu_json_get(item, texts[i]);
		if (value && (!cJSON_IsString(value) || !*value->valuestring))
			return texts[i];
	}
	*start = (struct hsm_emu_template_start){
		.id = hsm_emu_json_string(item, "id"),
		.name = hsm_emu_json_string(item, "name"),
		.language = hsm_emu_json_string(item, "language"),
		.category = hsm_emu_json_string(item, "category"),
		.status = hsm_emu_json_string(item, "status"),
		.reason = hsm_emu_json_string(item, "rejection_reason"),
		.components = components,
	};
	const char *created = hsm_emu_json_string(item, "dateCreated"), *modified = hsm_emu_json_string(item, "dateModified");
	if (!start->name)
		return "name";
	if (!start->language)
		return "language";
	if (start->id && strlen(start->id) >= EMU_ID_SIZE)
		return "id";
	if (hsm_emu_json_get(item, "components") && !cJSON_IsArray(hsm_emu_json_get(item, "components")))
		return "components";
	if (created && !hsm_emu_time_parse(created, &start->created))
		return "dateCreated";
	return modified && !hsm_emu_time_parse(modified, &start->modified) ? "dateModified" : NULL;
}

/* What a seed gives replaces what is there: also the content of a live template. */
static const char *seed(struct hsm_emu *emu, const cJSON *item, struct hsm_buffer *ids)
{
	const cJSON *list = hsm_emu_json_get(item, "components");
	char *components = cJSON_IsArray(list) ?
				   hsm_emu_json_print(list) :
				   hsm_memory_copy_string("[{\"type\":\"BODY\",\"text\":\"Seeded.\"}]");
	const struct hsm_emu_provider *first = hsm_emu_provider_first(emu);
	const char *provider = hsm_emu_json_string(item, "providerId");
	struct hsm_emu_template_start start;
	const char *wrong = read_seed(item, components, &start);
	provider = provider ? provider : first ? first->id : NULL;
	if (!wrong && !provider)
		wrong = "providerId";
	if (!wrong) {
		struct hsm_emu_account *account = hsm_emu_account_get(emu, provider);
		struct hsm_emu_template *old = hsm_emu_account_find(account, start.name, start.language);
		char id[EMU_ID_SIZE];
		if (old) {
			memcpy(id, old->id, sizeof(id));
			start.id = start.id ? start.id : id;
			start.created = start.created ? start.created : old->created;
			start.modified = start.modified ? start.modified : hsm_emu_now(emu);
			hsm_emu_template_remove(emu, old);
		}
		bool is_graph = hsm_emu_waba_find(emu, provider);
		start.status = start.status ? start.status : "APPROVED";
		if (start.id && (hsm_emu_map_get(&emu->accounts.ids, start.id) ||
				 (is_graph && strspn(start.id, "0123456789") != strlen(start.id)))) {
			wrong = "id";
		} else {
			start.graph = is_graph ? hsm_emu_graph_template_build(emu, item, true) : NULL;
			struct hsm_emu_template *template = hsm_emu_template_add(emu, account, &start);
			append_comma(ids);
			hsm_emu_json_append_string(ids, template->id);
		}
	}
	free(components);
	return wrong;
}

void hsm_emu_admin_seed_templates(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json_any(request), *item;
	if (!json)
		return;
	int number = 0;
	const char *wrong = cJSON_IsArray(json) ? NULL : "body, which is no array,";
	hsm_buffer_append_string(&request->answer, "{\"ids\":[");
	cJSON_ArrayForEach(item, json) {
		if (wrong)
			break;
		wrong = seed(emu, item, &request->answer);
		number += !wrong;
	}
	cJSON_Delete(json);
	hsm_buffer_append_format(&request->answer, "],\"total\":%d}", number);
	if (wrong)
		hsm_emu_fail(request, 400, "bad.request", "template %d: its %s is missing, wrong or taken", number, wrong);
}

/* By id, or by "name+language" of any account; NULL: answered with 404. */
static struct hsm_emu_template *find_template(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *key = request->captures[0], *plus = strrchr(key, '+');
	struct hsm_emu_template *template = hsm_emu_map_get(&emu->accounts.ids, key);
	if (!template && plus) {
		char *name = hsm_memory_copy_string(key);
		name[plus - key] = '\0';
		for (size_t i = 0; i < emu->organization.count && !template; i++)
			template = hsm_emu_account_find(hsm_emu_account_get(emu, emu->organization.providers[i].id), name, plus + 1);
		for (size_t i = 0; i < emu->graph.count && !template; i++)
			template = hsm_emu_account_find(hsm_emu_account_get(emu, hsm_emu_waba_id(emu->graph.wabas[i])), name, plus + 1);
		free(name);
	}
	if (!template)
		hsm_emu_fail(request, 404, "not.found", "There is no template '%s'", key);
	return template;
}

void hsm_emu_admin_delete_template(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_template *template = find_template(emu, request);
	if (!template)
		return;
	hsm_emu_template_remove(emu, template);
	request->status = 204;
}

/* Reads the body of a decision. False: the request is answered; otherwise the caller frees both. */
static bool read_decision(struct hsm_emu_request *request, cJSON **json, struct hsm_emu_decision *decision)
{
	*decision = (struct hsm_emu_decision){ 0 };
	*json = hsm_emu_request_json(request);
	if (!*json)
		return false;
	const cJSON *name = hsm_emu_json_get(*json, "name"), *language = hsm_emu_json_get(*json, "language");
	bool strings = hsm_emu_decision_read(*json, decision) && (!name || cJSON_IsString(name)) &&
		       (!language || cJSON_IsString(language));
	if (strings && (decision->status || decision->category || decision->correct_category || decision->quality))
		return true;
	hsm_emu_fail(request, 400, "bad.request",
		     "a decision has status, category, correct_category or quality, and all of it is strings");
	hsm_emu_decision_release(decision);
	cJSON_Delete(*json);
	return false;
}

void hsm_emu_admin_review_template(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_template *template = find_template(emu, request);
	struct hsm_emu_decision decision;
	cJSON *json;
	if (!template || !read_decision(request, &json, &decision))
		return;
	if (hsm_emu_review_decide(emu, template, &decision))
		hsm_buffer_append_string(&request->answer, template->json);
	else
		request->status = 204;
	hsm_emu_decision_release(&decision);
	cJSON_Delete(json);
}

struct review_context {
	struct hsm_emu *emu;
	const cJSON *json;
	const struct hsm_emu_decision *decision;
	int count;
};

static void review_account(void *value, void *context)
{
	const struct hsm_emu_account *account = value;
	struct review_context *review = context;
	const char *name = hsm_emu_json_string(review->json, "name"), *language = hsm_emu_json_string(review->json, "language");
	for (size_t i = 0; i < account->count;) {
		struct hsm_emu_template *template = account->templates[i];
		bool hit = hsm_text_matches_glob(template->name->name, name ? name : "*") &&
			   hsm_text_matches_glob(template->language, language ? language : "*");
		review->count += hit;
		/* One that goes leaves its place to the next. */
		i += !hit || hsm_emu_review_decide(review->emu, template, review->decision);
	}
}

void hsm_emu_admin_review_many(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_decision decision;
	cJSON *json;
	if (!read_decision(request, &json, &decision))
		return;
	struct review_context review = { emu, json, &decision, 0 };
	hsm_emu_map_visit(&emu->accounts.accounts, review_account, &review);
	hsm_buffer_append_format(&request->answer, "{\"total\":%d}", review.count);
	hsm_emu_decision_release(&decision);
	cJSON_Delete(json);
}
