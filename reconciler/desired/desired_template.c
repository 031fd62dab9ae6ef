#include "reconciler/desired/desired_load.h"

#include <stdlib.h>
#include <string.h>

static void check_fallback(const struct hsm_template *template, struct hsm_findings *findings)
{
	for (size_t i = 0; i < template->fallback.count; i++) {
		const struct hsm_fallback *fallback = HSM_LIST_ITEM(template->fallback, struct hsm_fallback, i);
		bool text = fallback->text.value.text || fallback->text.by_key.present;
		if (!fallback->template.text == !fallback->channel.value)
			hsm_findings_add(findings, HSM_RULE_VALUE, fallback->node.mark,
					 "a fallback has exactly one of 'template' and 'channel'");
		else if (fallback->channel.value && !text)
			hsm_findings_add(findings, HSM_RULE_VALUE, fallback->node.mark,
					 "a fallback to a channel needs the 'text' to send there");
		else if (fallback->template.text && text)
			hsm_findings_add(findings, HSM_RULE_VALUE, fallback->node.mark,
					 "a fallback to a template has no 'text' of its own");
	}
}

static void check_accept_breaking(const struct hsm_config *config, const struct hsm_template *template,
				  struct hsm_findings *findings)
{
	const struct hsm_list *by_environment = &template->lifecycle.accept_breaking.by_key;
	for (size_t i = 0; i < by_environment->count; i++) {
		const struct hsm_string *key = &HSM_LIST_ITEM(*by_environment, struct hsm_keyed_integer, i)->key;
		if (!hsm_config_find_environment(config, key->text))
			hsm_findings_add(findings, HSM_RULE_CONFIG, key->mark,
					 "'accept_breaking' names '%s': %s has no such environment", key->text, HSM_CONFIG_FILE);
	}
}

static void check_versions(const struct hsm_template *template, struct hsm_findings *findings)
{
	for (size_t i = 0; i < template->translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
		if (!translation->version.present)
			hsm_findings_add(findings, HSM_RULE_PIN, translation->node.key.mark,
					 "%s has no version, and with several environments each needs one: hsmctl bump writes it",
					 translation->node.key.text);
	}
}

void hsm_desired_check_template(const struct hsm_config *config, const struct hsm_template *template, bool rules,
				struct hsm_findings *findings)
{
	check_fallback(template, findings);
	check_accept_breaking(config, template, findings);
	if (rules && config->environments.count > 1)
		check_versions(template, findings);
}

struct hsm_compiled hsm_desired_copy_compiled(struct hsm_arena *arena, const struct hsm_compiled *compiled)
{
	struct hsm_compiled copy = *compiled;
	const char **names = hsm_arena_allocate_array(arena, compiled->name_count, sizeof(*names));
	for (size_t i = 0; i < compiled->name_count; i++)
		names[i] = compiled->names[i];
	struct hsm_compiled_media *media = hsm_arena_allocate_array(arena, compiled->media_count, sizeof(*media));
	for (size_t i = 0; i < compiled->media_count; i++) {
		media[i] = compiled->media[i];
		media[i].path.text = hsm_arena_copy_string(arena, compiled->media[i].path.text);
	}
	const char **payloads = hsm_arena_allocate_array(arena, compiled->payload_count, sizeof(*payloads));
	for (size_t i = 0; i < compiled->payload_count; i++)
		payloads[i] = hsm_arena_copy_string(arena, compiled->payloads[i]);
	copy.names = names;
	copy.payloads = payloads;
	copy.media = media;
	copy.content.json = hsm_arena_copy_string(arena, compiled->content.json);
	return copy;
}

static bool has_variables(const struct hsm_template *template, const struct hsm_translation *translation)
{
	const struct hsm_source *own = translation->node.key.mark.source;
	return strstr(template->name.mark.source->text, "${") || strstr(own->text, "${");
}

/* For one API. Its media are looked at even where contents are not wanted. */
static bool compile_for(const struct hsm_desired_compiling *compiling, const struct hsm_environment *environment,
			const struct hsm_template *template, const struct hsm_translation *translation,
			struct hsm_compiled *compiled)
{
	const struct hsm_config *config = compiling->desired->config;
	enum hsm_backend_word backend = hsm_config_find_backend(config, environment);
	struct hsm_compiled one;
	if (!compiled && backend == HSM_BACKEND_META)
		compiled = &one;
	if (hsm_compile(compiling->scratch, backend, config, environment, template, translation, compiled,
			compiling->findings))
		return false;
	return backend != HSM_BACKEND_META || hsm_media_check(compiling->media, compiled, compiling->findings);
}

/* Compiles for the chosen environment; before one is chosen for each that has
 * the translation, which shows what any of them lacks. False where the
 * environment has it not, or it is wrong. */
static bool compile_translation(const struct hsm_desired_compiling *compiling, const struct hsm_template *template,
				const struct hsm_translation *translation, struct hsm_compiled *compiled)
{
	const struct hsm_config *config = compiling->desired->config;
	const struct hsm_environment *chosen = compiling->desired->environment;
	unsigned backends = 0; /* that it was compiled for */
	for (size_t i = 0; i < config->environments.count; i++) {
		const struct hsm_environment *environment =
			HSM_LIST_ITEM(config->environments, struct hsm_environment, i);
		unsigned bit = 1U << hsm_config_find_backend(config, environment);
		if ((chosen && environment != chosen) || ((backends & bit) && !has_variables(template, translation)) ||
		    !hsm_environment_has_template(environment, template->name.text) ||
		    !hsm_environment_has_language(environment, translation->node.key.text))
			continue;
		if (!compile_for(compiling, environment, template, translation, backends ? NULL : compiled))
			return false;
		backends |= bit;
	}
	return backends || (!chosen && compile_for(compiling, NULL, template, translation, compiled));
}

static int compare_translations(const void *left, const void *right)
{
	return strcmp(((const struct hsm_desired_translation *)left)->language,
		      ((const struct hsm_desired_translation *)right)->language);
}

bool hsm_desired_compile_template(const struct hsm_desired_compiling *compiling, const struct hsm_template *template,
				  const char *path, struct hsm_desired_template *compiled)
{
	struct hsm_arena *arena = &compiling->desired->arena;
	const struct hsm_list *translations = &template->translations;
	struct hsm_compiled content;
	if (compiled)
		*compiled = (struct hsm_desired_template){
			.name = template->name.text,
			.path = path,
			.category = hsm_category_words[template->category.value - 1],
			.file = template,
			.translations = hsm_arena_allocate_array(arena, translations->count,
								 sizeof(struct hsm_desired_translation)),
		};
	for (size_t i = 0; i < translations->count; i++) {
		const struct hsm_translation *translation = HSM_LIST_ITEM(*translations, struct hsm_translation, i);
		if (!compile_translation(compiling, template, translation, compiled ? &content : NULL) || !compiled)
			continue;
		compiled->translations[compiled->count++] = (struct hsm_desired_translation){
			.language = translation->node.key.text,
			.version = translation->version.value,
			.mark = translation->node.key.mark,
			.file = translation,
			.compiled = hsm_desired_copy_compiled(arena, &content),
		};
	}
	hsm_arena_clear(compiling->scratch);
	if (!compiled || !compiled->count)
		return false;
	qsort(compiled->translations, compiled->count, sizeof(*compiled->translations), compare_translations);
	return true;
}
