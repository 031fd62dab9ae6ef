#ifndef HSM_EMULATOR_RULES_H
#define HSM_EMULATOR_RULES_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* What Meta refuses in a template, as far as the contract can say it. */

#define EMU_FINDINGS_MAXIMUM 50
#define EMU_BODY_EMOJI_MAXIMUM 10

struct hsm_emu_finding {
	char field[96];
	const char *code;
	char message[256];
};

struct hsm_emu_findings {
	struct hsm_emu_finding items[EMU_FINDINGS_MAXIMUM];
	size_t count;
};

/* Checks the body of a create. */
void hsm_emu_rules_check(const cJSON *create, struct hsm_emu_findings *findings);

/* Adds a finding about "<path><key>". */
void hsm_emu_finding_add(struct hsm_emu_findings *findings, const char *path, const char *key, const char *code,
		     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* ^[a-z0-9_]{1,512}$ and ^[a-z]{2,3}(_[A-Z]{2})?$ */
bool hsm_emu_name_is_valid(const char *name);
bool hsm_emu_language_is_valid(const char *language);

/*
 * Placeholders of a text: how many different ones, 0 where there are none, -1
 * where a brace is left over, one is no number, or the numbers have a gap.
 */
int hsm_emu_placeholders_count(const char *text);

/* Checks the placeholders of component->text against its parameters. */
void hsm_emu_rules_check_parameters(const cJSON *component, const char *text, const char *path, const char *category,
				struct hsm_emu_findings *findings);
void hsm_emu_rules_check_buttons(const cJSON *component, const char *path, const char *category,
			     struct hsm_emu_findings *findings);

size_t hsm_emu_text_count_emoji(const char *text);
bool hsm_emu_text_has_three_newlines(const char *text);
/* A variable with nothing but space before or after it, not even punctuation. */
bool hsm_emu_text_has_bare_edge(const char *text);

/* *bold*, _italic_, ~struck~ or ```code```. */
bool hsm_emu_text_has_markdown(const char *text);

/* A string member of at most maximum characters, not empty; otherwise NULL and a finding. */
const char *hsm_emu_rules_text(const cJSON *object, const char *key, size_t maximum, const char *path,
			   struct hsm_emu_findings *findings);

#endif
