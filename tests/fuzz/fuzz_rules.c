/*
 * The rules, over two templates that are well-formed whatever the input is: it
 * gives their texts, with the byte 1 between, after a byte of choices. For Meta the same
 * texts stand in the cards of a carousel, too, and in an offer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/compile.h"
#include "schema/rules.h"
#include "schema/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY, OTHER_BODY, HEADER, FOOTER, TITLE, URL, DEFAULT, INTENT, PIECES };

/* A double-quoted scalar: what it escapes is read as it was. */
static void append_scalar(struct hsm_buffer *yaml, const char *key, const char *text)
{
	if (!*text)
		return;
	hsm_buffer_append_format(yaml, "%s\"", key);
	for (const char *c = text; *c; c++)
		if (*c == '"' || *c == '\\')
			hsm_buffer_append_format(yaml, "\\%c", *c);
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			hsm_buffer_append_format(yaml, "\\x%02x", (unsigned char)*c);
		else
			hsm_buffer_append_char(yaml, *c);
	hsm_buffer_append_string(yaml, "\"\n");
}

static void append_cards(struct hsm_buffer *yaml, const char *const pieces[PIECES], int body)
{
	hsm_buffer_append_string(yaml, "    limited_time_offer:\n");
	append_scalar(yaml, "      text: ", *pieces[TITLE] ? pieces[TITLE] : "x");
	hsm_buffer_append_string(yaml, "    carousel:\n");
	for (int i = 0; i < 2; i++) {
		hsm_buffer_append_string(yaml, "      - header: {image: a.jpg}\n");
		append_scalar(yaml, "        body: ", pieces[i ? OTHER_BODY : body]);
		hsm_buffer_append_format(yaml, "        buttons:\n          - reply:\n              id: C%d\n", i);
		append_scalar(yaml, "              title: ", *pieces[TITLE] ? pieces[TITLE] : "x");
		hsm_buffer_append_string(yaml, "          - url:\n              title: Open\n");
		append_scalar(yaml, "              url: ", *pieces[URL] ? pieces[URL] : "x");
	}
}

static void append_translation(struct hsm_buffer *yaml, const char *language, const char *const pieces[PIECES],
			       int body, unsigned choices, enum hsm_backend_word backend)
{
	hsm_buffer_append_format(yaml, "  %s:\n", language);
	append_scalar(yaml, "    header: ", pieces[HEADER]);
	append_scalar(yaml, "    body: ", *pieces[body] ? pieces[body] : "x");
	append_scalar(yaml, "    footer: ", pieces[FOOTER]);
	if (backend == HSM_BACKEND_META)
		append_cards(yaml, pieces, body);
	if (!(choices & 4))
		return;
	hsm_buffer_append_string(yaml, "    buttons:\n      - reply:\n          id: A\n");
	append_scalar(yaml, "          title: ", *pieces[TITLE] ? pieces[TITLE] : "x");
	hsm_buffer_append_string(yaml, "      - url:\n          title: Open\n");
	append_scalar(yaml, "          url: ", *pieces[URL] ? pieces[URL] : "x");
}

static void append_template(struct hsm_buffer *yaml, const char *name, const char *const pieces[PIECES],
			    unsigned choices, enum hsm_backend_word backend)
{
	static const char *const types[] = { "TEXT", "DATE", "DATE_TIME", "TEXT" };
	hsm_buffer_append_format(yaml, "name: %s\ncategory: %s\n", name, hsm_category_words[(choices & 3) % 3]);
	append_scalar(yaml, "intent: ", pieces[INTENT]);
	hsm_buffer_append_format(yaml, "parameters:\n  a:\n    type: %s\n", types[choices >> 3 & 3]);
	append_scalar(yaml, "    default: ", *pieces[DEFAULT] ? pieces[DEFAULT] : "x");
	hsm_buffer_append_format(yaml, "  b: {default: y%s}\ntranslations:\n", choices & 32 ? ", max_length: 900" : "");
	append_translation(yaml, choices & 64 ? "ar" : "en_US", pieces, BODY, choices, backend);
	append_translation(yaml, choices & 128 ? "hi" : "es", pieces, OTHER_BODY, choices, backend);
}

static const struct hsm_template *load(struct hsm_arena *arena, const char *name, const char *const pieces[PIECES],
				       unsigned choices, enum hsm_backend_word backend, struct hsm_findings *findings)
{
	static const struct hsm_config config;
	struct hsm_buffer yaml = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_template *template = hsm_arena_allocate(arena, sizeof(*template));
	append_template(&yaml, name, pieces, choices, backend);
	const struct hsm_source *source = hsm_yaml_source(arena, name, hsm_buffer_text(&yaml), yaml.length, findings);
	int rc = source ? hsm_yaml_load(arena, source, &hsm_template_object, template, findings) : -1;
	for (size_t i = 0; !rc && i < template->translations.count; i++)
		rc = hsm_compile(arena, backend, &config, NULL, template,
				 HSM_LIST_ITEM(template->translations, struct hsm_translation, i), NULL, findings);
	hsm_buffer_release(&yaml);
	return rc ? NULL : template;
}

static void check(struct hsm_arena *arena, const char *const pieces[PIECES], unsigned choices,
		  enum hsm_backend_word backend, struct hsm_findings *findings)
{
	const struct hsm_config config = { .backend.value = (int)backend };
	const struct hsm_template *templates[] = { load(arena, "one", pieces, choices, backend, findings),
						   load(arena, "two", pieces, choices ^ 1u, backend, findings) };
	if (templates[0] && templates[1])
		hsm_rules_check(&config, NULL, templates, 2, findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_arena arena = { 0 };
	struct hsm_findings findings = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const char *pieces[PIECES];
	if (!size)
		return 0;
	char *rest = hsm_arena_copy(&arena, data + 1, size - 1);
	for (int i = 0; i < PIECES; i++) {
		char *end = rest + strcspn(rest, "\1");
		pieces[i] = rest;
		rest = *end ? end + 1 : end;
		*end = '\0';
	}
	check(&arena, pieces, data[0], HSM_BACKEND_GENESYS, &findings);
	check(&arena, pieces, data[0], HSM_BACKEND_META, &findings);
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
