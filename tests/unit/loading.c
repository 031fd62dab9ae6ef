#include "tests/unit/loading.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schema/rules.h"
#include "schema/yaml.h"

int loading_yaml(struct loading *loading, const struct hsm_object *object, const char *text, void *base)
{
	const struct hsm_source *source =
		hsm_yaml_source(&loading->arena, "test.yaml", text, strlen(text), &loading->findings);
	return source ? hsm_yaml_load(&loading->arena, source, object, base, &loading->findings) : HSM_ERROR_INVALID;
}

static void *load(struct loading *loading, const struct hsm_object *object, const char *text)
{
	void *base = hsm_arena_allocate(&loading->arena, object->size);
	if (loading_yaml(loading, object, text, base) != 0)
		print_error("%s", loading_report(loading));
	assert_int_equal(loading->findings.count, 0);
	return base;
}

struct hsm_template *loading_template(struct loading *loading, const char *text)
{
	return load(loading, &hsm_template_object, text);
}

struct hsm_config *loading_config(struct loading *loading, const char *text)
{
	return load(loading, &hsm_config_object, text);
}

struct hsm_compiled loading_compile(struct loading *loading, const struct hsm_config *config,
				    const struct hsm_template *template, const char *language)
{
	static const struct hsm_config none;
	struct hsm_compiled compiled = { 0 };
	const struct hsm_environment *environment =
		config && config->environments.count ? config->environments.items : NULL;
	for (size_t i = 0; i < template->translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
		if (strcmp(translation->node.key.text, language) != 0)
			continue;
		if (hsm_compile(&loading->arena, hsm_config_find_backend(config ? config : &none, environment),
				config ? config : &none, environment, template, translation, &compiled,
				&loading->findings) != 0)
			print_error("%s", loading_report(loading));
		assert_int_equal(loading->findings.count, 0);
		return compiled;
	}
	fail_msg("no translation %s", language);
	return compiled;
}

const char *loading_check(struct loading *loading, enum hsm_backend_word backend, const char *text)
{
	const struct hsm_config config = { .backend.value = (int)backend };
	const struct hsm_template *templates[8];
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t count = 0;
	while (text && count < 8) {
		const char *next = strstr(text, "\n---\n");
		templates[count++] = loading_template(
			loading, hsm_arena_copy(&loading->arena, text, next ? (size_t)(next - text) + 1 : strlen(text)));
		text = next ? next + 5 : NULL;
	}
	hsm_rules_check(&config, NULL, templates, count, &loading->findings);
	hsm_findings_sort(&loading->findings);
	for (size_t i = 0; i < loading->findings.count; i++) {
		const struct hsm_finding *finding = &loading->findings.items[i];
		hsm_buffer_append_format(&buffer, "%s%s@%u:%u", i ? " " : "", finding->rule->id, finding->mark.line,
					 finding->mark.column);
	}
	const char *found = hsm_arena_copy_string(&loading->arena, hsm_buffer_text(&buffer));
	hsm_buffer_release(&buffer);
	return found;
}

const char *loading_report(struct loading *loading)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_findings_sort(&loading->findings);
	for (size_t i = 0; i < loading->findings.count; i++)
		hsm_finding_append_text(&buffer, &loading->findings.items[i]);
	const char *text = hsm_arena_copy_string(&loading->arena, hsm_buffer_text(&buffer));
	hsm_buffer_release(&buffer);
	return text;
}

void loading_release(struct loading *loading)
{
	hsm_findings_release(&loading->findings);
	hsm_arena_release(&loading->arena);
}
