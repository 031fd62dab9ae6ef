/*
 * The YAML loader, compiling and the rules: whatever a file holds, the answer is
 * findings. The first byte says which kind of file it is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "schema/base/text.h"
#include "schema/compile.h"
#include "schema/rules.h"
#include "schema/yaml.h"
#include "schema/yaml_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_template(struct hsm_arena *arena, const struct hsm_template *template, struct hsm_findings *findings)
{
	static const struct hsm_config config;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < template->translations.count; i++) {
		struct hsm_compiled compiled;
		hsm_compile(arena, HSM_BACKEND_GENESYS, &config, NULL, template,
			    HSM_LIST_ITEM(template->translations, struct hsm_translation, i), &compiled, findings);
	}
	if (template->name.text)
		hsm_rules_check(&config, NULL, &template, 1, findings);
	hsm_yaml_write(&text, &hsm_template_object, template);
	hsm_buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hsm_object *const kinds[] = { &hsm_template_object, &hsm_config_object,
							  &hsm_translation_object };
	struct hsm_arena arena = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (!size)
		return 0;
	const struct hsm_object *object = kinds[data[0] % 3];
	const struct hsm_source *source =
		hsm_yaml_source(&arena, "fuzz.yaml", (const char *)data + 1, size - 1, &findings);
	void *base = hsm_arena_allocate(&arena, object->size);
	if (source && hsm_yaml_load(&arena, source, object, base, &findings) == 0 && object == &hsm_template_object)
		check_template(&arena, base, &findings);
	hsm_yaml_peek(&arena, (const char *)data + 1, size - 1, "name");
	hsm_findings_sort(&findings);
	for (size_t i = 0; i < findings.count; i++)
		hsm_finding_append_text(&text, &findings.items[i]);
	if (hsm_text_find_invalid(hsm_buffer_text(&text), text.length) != text.length)
		abort();
	hsm_buffer_release(&text);
	hsm_findings_release(&findings);
	hsm_arena_release(&arena);
	return 0;
}
