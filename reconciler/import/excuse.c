#include "reconciler/import/excuse.h"

#include <string.h>

#include "schema/rules.h"
#include "schema/yaml.h"

/* Those that compare a template's languages, and what Meta took in earlier years. */
static const struct {
	const char *id; /* begins with it */
	bool live;      /* only of what is live */
} excused[] = { { "HSM16", false }, { "HSM206", false }, { "HSM192", true } };

static bool is_excused(const struct hsm_finding *finding, bool live)
{
	for (size_t i = 0; i < sizeof(excused) / sizeof(excused[0]); i++)
		if (strncmp(finding->rule->id, excused[i].id, strlen(excused[i].id)) == 0)
			return finding->severity == HSM_SEVERITY_ERROR && (live || !excused[i].live);
	return false;
}

/* The ids of the findings on a line, with commas between; "" where there are none. */
static void append_ids(struct hsm_buffer *ids, const struct hsm_findings *findings, bool live, uint32_t line)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct hsm_finding *finding = &findings->items[i];
		if (finding->mark.line != line || !is_excused(finding, live) || strstr(hsm_buffer_text(ids), finding->rule->id))
			continue;
		hsm_buffer_append_format(ids, "%s%s", ids->length ? ", " : "", finding->rule->id);
	}
}

/* No text of an imported file goes over several lines, so that a comment may stand above each. */
static const char *write_comments(struct hsm_arena *arena, const struct hsm_source *source,
				  const struct hsm_findings *findings, bool live)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_YAML_SIZE_MAX);
	for (uint32_t line = 1; line <= source->line_count; line++) {
		struct hsm_buffer ids = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		size_t length;
		const char *start = hsm_source_line(source, line, &length);
		append_ids(&ids, findings, live, line);
		if (ids.length)
			hsm_buffer_append_format(&text, "%*s# hsmctl: ignore %s imported as it is live\n",
						 (int)strspn(start, " "), "", hsm_buffer_text(&ids));
		hsm_buffer_append(&text, start, length);
		if (start[length])
			hsm_buffer_append_char(&text, '\n');
		hsm_buffer_release(&ids);
	}
	const char *result = text.full ? source->text : hsm_arena_copy_string(arena, hsm_buffer_text(&text));
	hsm_buffer_release(&text);
	return result;
}

const char *hsm_import_excuse(struct hsm_arena *arena, enum hsm_backend_word backend, bool live, const char *text)
{
	const struct hsm_config config = { .backend.value = (int)backend };
	struct hsm_findings findings = { 0 };
	struct hsm_template template = { 0 };
	const struct hsm_template *checked = &template;
	const struct hsm_source *source = hsm_yaml_source(arena, "import", text, strlen(text), &findings);
	if (source && hsm_yaml_load(arena, source, &hsm_template_object, &template, &findings) == 0) {
		hsm_rules_check(&config, NULL, &checked, 1, &findings);
		text = write_comments(arena, source, &findings, live);
	}
	hsm_findings_release(&findings);
	return text;
}
