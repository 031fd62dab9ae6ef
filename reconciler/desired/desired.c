#include "reconciler/desired/desired.h"

#include <stdio.h>
#include <string.h>

#include "reconciler/desired/desired_load.h"
#include "schema/base/text.h"
#include "schema/rules.h"
#include "schema/yaml.h"

void hsm_desired_release(struct hsm_desired *desired)
{
	hsm_arena_release(&desired->arena);
	*desired = (struct hsm_desired){ 0 };
}

static void check_address(const char *name, const struct hsm_string *region, const struct hsm_string *base_url,
			  const struct hsm_string *login_url, struct hsm_findings *findings)
{
	if (region->text && base_url->text)
		hsm_findings_add(findings, HSM_RULE_CONFIG, base_url->mark,
				 "'%s' has both region and base_url: keep the one that is meant", name);
	else if (login_url->text && !base_url->text)
		hsm_findings_add(findings, HSM_RULE_CONFIG, login_url->mark,
				 "'%s' has login_url without base_url: a region knows its own login host", name);
}

/* Of the organisation that holds the templates, or of the one beside the account that does. */
static void check_addresses(const struct hsm_environment *environment, struct hsm_findings *findings)
{
	const struct hsm_genesys *genesys = &environment->genesys;
	const char *name = environment->node.key.text;
	if (environment->backend.value == HSM_BACKEND_META)
		check_address(name, &genesys->region, &genesys->base_url, &genesys->login_url, findings);
	else
		check_address(name, &environment->region, &environment->base_url, &environment->login_url, findings);
}

/* Webhooks are matched by name. */
static void check_webhooks(struct hsm_arena *arena, const struct hsm_config *config,
			   const struct hsm_environment *environment, struct hsm_findings *findings)
{
	const struct hsm_list *webhooks = &environment->webhooks;
	for (size_t i = 0; i < webhooks->count; i++) {
		const struct hsm_webhook *webhook = HSM_LIST_ITEM(*webhooks, struct hsm_webhook, i);
		if (webhook->url.text)
			hsm_compile_variables(arena, config, environment, "", &webhook->url, findings);
		for (size_t j = 0; j < i; j++) {
			const struct hsm_webhook *first = HSM_LIST_ITEM(*webhooks, struct hsm_webhook, j);
			if (!first->name.text || !webhook->name.text || strcmp(first->name.text, webhook->name.text) != 0)
				continue;
			hsm_findings_add(findings, HSM_RULE_CONFIG, webhook->name.mark,
					 "webhook '%s' stands in line %u already", webhook->name.text, first->name.mark.line);
			break;
		}
	}
}

static int report_missing_config(struct hsm_repository *repository, const char *revision, struct hsm_error *error)
{
	if (hsm_repository_is_bare(repository) && !revision)
		return error->class;
	char reason[HSM_ERROR_MESSAGE_SIZE / 2];
	snprintf(reason, sizeof(reason), "%.*s", (int)sizeof(reason) - 1, error->message);
	return hsm_error_set(error, HSM_ERROR_NO_INPUT, "no %s%s%s: hsmctl init writes one (%s)", HSM_CONFIG_FILE,
			     revision ? " in revision " : " here", revision ? revision : "", reason);
}

static int load_config(struct hsm_repository *repository, const char *revision, struct hsm_desired *desired,
		       struct hsm_findings *findings, struct hsm_error *error)
{
	struct hsm_error failure = { 0 };
	struct hsm_config *config = hsm_arena_allocate(&desired->arena, sizeof(*config));
	const char *data;
	size_t length, errors = findings->errors;
	int rc = hsm_repository_read(repository, revision ? desired->commit : NULL, HSM_CONFIG_FILE, HSM_YAML_SIZE_MAX,
				     &desired->arena, &data, &length, &failure);
	if (rc == HSM_ERROR_NO_INPUT)
		report_missing_config(repository, revision, &failure);
	if (rc)
		return hsm_error_set(error, failure.class, "%s", failure.message);
	const struct hsm_source *source = hsm_yaml_source(&desired->arena, HSM_CONFIG_FILE, data, length, findings);
	bool loaded = source && !hsm_yaml_load(&desired->arena, source, &hsm_config_object, config, findings);
	for (size_t i = 0; i < config->environments.count; i++) {
		struct hsm_environment *environment = HSM_LIST_ITEM(config->environments, struct hsm_environment, i);
		if (loaded)
			hsm_config_check_backend(config, environment, findings);
		/* It may go its own way from here, into a saved plan or a registry. */
		environment->backend.value = (int)hsm_config_find_backend(config, environment);
		check_addresses(environment, findings);
		check_webhooks(&desired->arena, config, environment, findings);
	}
	hsm_rules_check_config(config, findings);
	desired->config = config;
	errors = findings->errors - errors;
	return errors ? hsm_error_set(error, HSM_ERROR_CONFIG, "%s has %zu error%s", HSM_CONFIG_FILE, errors,
				      errors == 1 ? "" : "s") : 0;
}

int hsm_desired_read_config(struct hsm_repository *repository, const char *revision, struct hsm_desired *desired,
			    struct hsm_findings *findings, struct hsm_error *error)
{
	int rc = hsm_repository_resolve(repository, revision ? revision : "HEAD", desired->commit, error);
	if (!rc && revision && !*desired->commit)
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "no such revision '%s': nothing is committed yet", revision);
	if (!rc)
		rc = load_config(repository, revision, desired, findings, error);
	return rc;
}

int hsm_desired_find_dirty(struct hsm_repository *repository, struct hsm_desired *desired, struct hsm_error *error)
{
	return hsm_repository_find_dirty(repository, HSM_CONFIG_FILE, hsm_config_templates(desired->config),
					 &desired->arena, &desired->dirty, error);
}

static const char *list_environments(struct hsm_arena *arena, const struct hsm_config *config)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_ERROR_MESSAGE_SIZE / 2);
	for (size_t i = 0; i < config->environments.count; i++)
		hsm_buffer_append_format(&buffer, "%s%s", i ? ", " : "",
					 HSM_LIST_ITEM(config->environments, struct hsm_environment, i)->node.key.text);
	const char *list = hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return list;
}

int hsm_desired_choose_environment(struct hsm_desired *desired, const char *name, struct hsm_error *error)
{
	const struct hsm_config *config = desired->config;
	if (name)
		desired->environment = hsm_config_find_environment(config, name);
	else if (config->environments.count == 1)
		desired->environment = config->environments.items;
	if (desired->environment)
		return 0;
	const char *list = list_environments(&desired->arena, config);
	if (name)
		return hsm_error_set(error, HSM_ERROR_USAGE, "no environment '%s' in %s: it has %s", name, HSM_CONFIG_FILE,
				     list);
	return hsm_error_set(error, HSM_ERROR_USAGE, "%s has several environments: name one with --env (%s)",
			     HSM_CONFIG_FILE, list);
}

struct hsm_desired_loader *hsm_desired_begin_templates(struct hsm_repository *repository, const char *revision,
						       struct hsm_desired *desired, struct hsm_findings *findings)
{
	return hsm_desired_begin_load(repository, revision, desired, HSM_LOAD_RULES | HSM_LOAD_CONTENTS, findings);
}

int hsm_desired_read_templates(struct hsm_repository *repository, const char *revision,
			       struct hsm_desired *desired, struct hsm_findings *findings,
			       struct hsm_error *error)
{
	return hsm_desired_end_load(hsm_desired_begin_templates(repository, revision, desired, findings), error);
}

int hsm_desired_check_templates(struct hsm_repository *repository, const char *revision,
				struct hsm_desired *desired, struct hsm_findings *findings,
				struct hsm_error *error)
{
	return hsm_desired_load_templates(repository, revision, desired, HSM_LOAD_RULES, findings, error);
}

const struct hsm_desired_template *hsm_desired_find(const struct hsm_desired *desired, const char *base,
						    size_t length)
{
	for (size_t low = 0, high = desired->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		const struct hsm_desired_template *template = &desired->templates[middle];
		int order = strncmp(template->name, base, length);
		if (!order && !template->name[length])
			return template;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct hsm_desired_translation *hsm_desired_find_translation(const struct hsm_desired_template *template,
								   const char *language)
{
	for (size_t i = 0; i < template->count; i++)
		if (strcmp(template->translations[i].language, language) == 0)
			return &template->translations[i];
	return NULL;
}
