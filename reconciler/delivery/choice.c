#include "reconciler/delivery/choice.h"

#include <stdio.h>
#include <string.h>

#include "reconciler/live/live.h"
#include "schema/json.h"
#include "schema/name.h"

const struct hsm_registry_translation *hsm_choice_find(const struct hsm_registry *registry, const char *base,
						       const char *language, const char *default_language)
{
	const struct hsm_registry_template *template = hsm_registry_find_template(registry, base);
	char bare[16];
	if (!template)
		return NULL;
	const struct hsm_registry_translation *found = hsm_registry_find_translation(template, language);
	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(language, "_"), language);
	if (!found)
		found = hsm_registry_find_translation(template, bare);
	if (!found && default_language)
		found = hsm_registry_find_translation(template, default_language);
	/* What git has no more is answered while it, or its fallback, may be used. */
	return found && (found->managed || found->active || found->substitute) ? found : NULL;
}

/* The names in the order of the array, and the quick replies' payloads; HSM_ERROR_BLOCKED where one is not known. */
static int read_names(struct hsm_arena *arena, const struct hsm_registry_version *version, struct hsm_message *message,
		      struct hsm_error *error)
{
	cJSON *json = NULL;
	const cJSON *parameter;
	int rc = version->parameters ?
			 hsm_json_parse(&json, version->parameters, strlen(version->parameters), error) :
			 HSM_ERROR_BLOCKED;
	size_t room = (size_t)cJSON_GetArraySize(json);
	const char **names = hsm_arena_allocate_array(arena, room, sizeof(*names));
	const char **payloads = hsm_arena_allocate_array(arena, room, sizeof(*payloads));
	cJSON_ArrayForEach(parameter, json) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parameter, "name"));
		const char *payload = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parameter, "payload"));
		if (payload)
			payloads[message->payload_count++] = hsm_arena_copy_string(arena, payload);
		else
			names[message->name_count++] = hsm_arena_copy_string(arena, name);
		rc = name || payload ? rc : HSM_ERROR_BLOCKED;
	}
	cJSON_Delete(json);
	message->names = names;
	message->payloads = payloads;
	return rc ? hsm_error_set(error, HSM_ERROR_BLOCKED,
				  "%s %s: no commit tells the names of its parameters", version->name, version->language) :
		    0;
}

/* The file's parameters, as the registry has them. */
static int read_inputs(struct hsm_arena *arena, const struct hsm_registry_translation *translation,
		       struct hsm_template *file, struct hsm_error *error)
{
	cJSON *json = NULL;
	int rc = 0;
	if (!translation || !translation->inputs)
		return 0;
	rc = hsm_json_parse(&json, translation->inputs, strlen(translation->inputs), error);
	if (!rc)
		rc = hsm_json_read(arena, json, &hsm_template_inputs_object, file, error);
	cJSON_Delete(json);
	return rc ? hsm_error_prefix(error, "registry: %s %s", translation->base, translation->language) : 0;
}

static int choose_template(struct hsm_arena *arena, const struct hsm_registry *registry,
			   const struct hsm_registry_version *version, const struct hsm_way *way,
			   struct hsm_choice *choice, struct hsm_error *error)
{
	const struct hsm_registry_template *template = hsm_registry_find_template(registry, version->base);
	struct hsm_template *file = hsm_arena_allocate(arena, sizeof(*file));
	struct hsm_message content = { 0 };
	const char *name = hsm_arena_copy_string(arena, version->name);
	const char *language = hsm_arena_copy_string(arena, version->language);
	choice->id = hsm_arena_copy_string(arena, version->id);
	choice->category = hsm_arena_copy_string(arena, version->category);
	choice->accepted = hsm_arena_copy_string(arena, version->accepted);
	choice->content = hsm_arena_copy_string(arena, version->content ? version->content : "[]");
	int rc = hsm_content_read(arena, choice->content, &content.components, error);
	if (!rc)
		rc = read_names(arena, version, &content, error);
	if (!rc)
		rc = read_inputs(arena, hsm_registry_find_translation(template, version->language), file, error);
	if (!rc)
		rc = hsm_form_make(arena, name, language, &content, file, way, &choice->form, error);
	choice->kind = HSM_CHOICE_TEMPLATE;
	return rc;
}

/* Of which people would say that it should be in use: git's, else the newest. */
static const struct hsm_registry_version *find_expected(const struct hsm_registry_template *template,
							const struct hsm_registry_translation *translation)
{
	const struct hsm_registry_version *newest = NULL;
	if (translation->target)
		return hsm_registry_find_version(template, translation->target, translation->language);
	for (size_t i = 0; i < template->version_count; i++) {
		const struct hsm_registry_version *version = template->versions[i];
		if (strcmp(version->language, translation->language) == 0 && (!newest || version->number > newest->number))
			newest = version;
	}
	return newest;
}

static void choose_nothing(struct hsm_arena *arena, const struct hsm_registry *registry,
			   const struct hsm_registry_template *template,
			   const struct hsm_registry_translation *translation, const struct hsm_way *way,
			   struct hsm_choice *choice)
{
	const struct hsm_registry_version *expected = find_expected(template, translation);
	const char *status = expected && expected->status ? expected->status : NULL;
	bool waits = status && translation->target && hsm_status_is_waiting(hsm_status_find(status));
	struct hsm_error ignored;
	/* What values will have to fit is known before it is approved. */
	if (waits)
		choose_template(arena, registry, expected, way, choice, &ignored);
	choice->kind = waits ? HSM_CHOICE_WAIT : HSM_CHOICE_NONE;
	if (translation->preferred && choice->reason)
		return;
	if (!status)
		choice->reason = hsm_arena_format(arena, "no version of %s is live in %s", translation->base,
						  translation->language);
	else
		choice->reason = hsm_arena_format(arena, "%s is %s%s%s", expected->name, status, expected->reason ? ": " : "",
						  expected->reason ? expected->reason : "");
}

int hsm_choose(struct hsm_arena *arena, const struct hsm_registry *registry, const char *base, const char *language,
	       const char *default_language, const struct hsm_way *way, struct hsm_choice *choice,
	       struct hsm_error *error)
{
	const struct hsm_registry_template *template = hsm_registry_find_template(registry, base);
	const struct hsm_registry_translation *translation =
		hsm_choice_find(registry, base, language, default_language);
	/* A language may be a value that stands in the wrong column. */
	bool is_language = hsm_pattern_matches(&hsm_name_language_pattern, language);
	if (!translation)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, template ? "'%.200s' is not there in %s" :
									   "there is no template '%.200s'", base,
				     is_language ? language : "what is no language");
	const char *name = hsm_registry_equals(translation->substitute, "template") ? translation->substitute_name :
										      translation->active;
	const struct hsm_registry_version *version =
		name ? hsm_registry_find_name(registry, name, translation->language) : NULL;
	*choice = (struct hsm_choice){
		.language = hsm_arena_copy_string(arena, translation->language),
		.fallback = translation->substitute != NULL,
		.reason = hsm_arena_copy_string(arena, translation->cause),
	};
	if (version) {
		int rc = choose_template(arena, registry, version, way, choice, error);
		choice->form.takes_more = strcmp(version->base, base) != 0;
		return rc;
	}
	if (!hsm_registry_equals(translation->substitute, "channel")) {
		choose_nothing(arena, registry, template, translation, way, choice);
		return 0;
	}
	choice->kind = HSM_CHOICE_CHANNEL;
	choice->channel = hsm_arena_copy_string(arena, translation->substitute_name);
	choice->text = hsm_arena_copy_string(arena, translation->substitute_text);
	return 0;
}
