#ifndef HSM_EMULATOR_ACCOUNTS_H
#define HSM_EMULATOR_ACCOUNTS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/emulator/clock.h"
#include "cmd/emulator/map.h"
#include "cmd/emulator/review.h"
#include "schema/base/fingerprint.h"

struct hsm_emu;

/* A step of a review that is still to come. */
struct hsm_emu_step {
	int64_t due; /* of a rule: milliseconds after the step before */
	struct hsm_emu_decision decision;
};

struct hsm_emu_template {
	char id[37];
	uint64_t sequence;
	struct hsm_emu_account *account;
	struct hsm_emu_name *name;
	char *language, *category, *status, *reason;
	char *components; /* JSON, as it was sent */
	cJSON *graph;     /* what Meta's own API has besides: graph_fields.c; NULL: of the contract's API */
	char *json;       /* the whole as the contract's Template, or as Meta's with all fields */
	int64_t created, modified;
	char content[HSM_FINGERPRINT_SIZE]; /* of body and footer */
	struct hsm_emu_step *steps;
	size_t step_count, step_next;
	struct hsm_emu_timer timer; /* of the next step */
};

/* The languages of one name. */
struct hsm_emu_name {
	char *name;
	struct hsm_emu_template **templates;
	size_t count, capacity;
};

/* The templates with one body and footer. */
struct hsm_emu_content {
	char key[HSM_FINGERPRINT_SIZE];
	struct hsm_emu_template **templates;
	size_t count, capacity;
};

/* A name and language that were deleted. */
struct hsm_emu_lock {
	char *key; /* name, newline, language */
	int64_t until;
};

/* A WhatsApp Business account: of a provider, or of Meta's own API. */
struct hsm_emu_account {
	char *provider; /* its id there */
	struct hsm_emu_template **templates; /* by creation */
	size_t count, capacity;
	struct hsm_emu_map names, contents, locks;
	int64_t hour_start;
	int64_t hour_count;
};

struct hsm_emu_accounts {
	struct hsm_emu_map accounts; /* by provider id */
	struct hsm_emu_map ids;      /* every template */
};

/* Made where it is missing. */
struct hsm_emu_account *hsm_emu_account_get(struct hsm_emu *emu, const char *provider);
struct hsm_emu_name *hsm_emu_account_name(const struct hsm_emu_account *account, const char *name);
struct hsm_emu_template *hsm_emu_account_find(const struct hsm_emu_account *account, const char *name, const char *language);

/* Where a template stands, or would stand, in the order of creation. */
size_t hsm_emu_account_position(const struct hsm_emu_account *account, int64_t created, uint64_t sequence);

/* Until when (name, language) is locked, or 0. */
int64_t hsm_emu_account_locked_until(struct hsm_emu *emu, struct hsm_emu_account *account, const char *name, const char *language);
void hsm_emu_account_lock(struct hsm_emu *emu, struct hsm_emu_account *account, const char *name, const char *language,
		      int64_t until);

/* The length of a name without its _v<n>. */
size_t hsm_emu_name_base_length(const char *name);

/* A template of another base with this body and footer, or NULL. */
struct hsm_emu_template *hsm_emu_account_find_content(const struct hsm_emu_account *account, const char *name, const char *content);

/* What hsm_emu_template.content is of these components. */
void hsm_emu_content_compute(const cJSON *components, char content[HSM_FINGERPRINT_SIZE]);

/* What a template starts from; NULL: the default. All are copied. */
struct hsm_emu_template_start {
	const char *id, *name, *language, *category, *status, *reason, *components;
	cJSON *graph;              /* becomes the template's */
	int64_t created, modified; /* 0: now */
};

/* (name, language) must be free. Stored, and its review is not begun. */
struct hsm_emu_template *hsm_emu_template_add(struct hsm_emu *emu, struct hsm_emu_account *account,
				      const struct hsm_emu_template_start *start);

/* After any change: makes its JSON anew and stores it. */
void hsm_emu_template_update(struct hsm_emu *emu, struct hsm_emu_template *template);

/* Replaces its components. */
void hsm_emu_template_set_components(struct hsm_emu *emu, struct hsm_emu_template *template, const char *components);
void hsm_emu_template_remove(struct hsm_emu *emu, struct hsm_emu_template *template);

/* Forgets what its review would still do. */
void hsm_emu_template_clear_steps(struct hsm_emu_template *template);

/* Replaces a text of a template. */
void hsm_emu_text_set(char **text, const char *value);

bool hsm_emu_accounts_load(struct hsm_emu *emu);
void hsm_emu_accounts_release(struct hsm_emu *emu);

#endif
