#ifndef HSM_CONTENT_H
#define HSM_CONTENT_H

#include <stdbool.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/wire.h"

/*
 * Content: the components of one translation in canonical form, as one line of
 * JSON. Two translations are equal where that is, whatever order, spacing or
 * extra fields a server answers with.
 *
 * Canonical: HEADER, LIMITED_TIME_OFFER, BODY, FOOTER, BUTTONS, CAROUSEL, OPTIONS
 * in this order; texts NFC with LF and no newline at the end; types and formats in
 * upper case; a header's format filled in; what is empty, left out.
 */
struct hsm_content {
	const char *json; /* the components array: also the create body's */
};

/* Makes the components (struct hsm_wire_component) canonical in place. */
struct hsm_content hsm_content_make(struct hsm_arena *arena, struct hsm_list *components);

bool hsm_content_equals(const struct hsm_content *a, const struct hsm_content *b);

/* Its SHA-256, as plans show and compare it: 64 hexadecimal digits. */
char *hsm_content_fingerprint(struct hsm_arena *arena, const struct hsm_content *content);

/* The components that a content's JSON holds. */
int hsm_content_read(struct hsm_arena *arena, const char *json, struct hsm_list *components,
		     struct hsm_error *error);

/* A place that asks for parameters, or could: the text of a component, or the address of a
 * URL button, of the message itself or of a card. */
struct hsm_content_slot {
	const char *type;   /* of the component: "BODY", "BUTTONS" */
	size_t card;        /* of a carousel, from 1; 0: the message's own */
	size_t button;      /* from 1; 0: the component's text */
	const char *text;   /* may be NULL */
	const struct hsm_list *parameters; /* struct hsm_wire_parameter */
	size_t first;       /* its first parameter's place in the sender's array */
	const struct hsm_wire_component *component;
};

/* All of them, in the order of the sender's array: header, body, buttons, then card by
 * card. In the arena. */
const struct hsm_content_slot *hsm_content_list_slots(struct hsm_arena *arena, const struct hsm_list *components,
						      size_t *count);

/* "body", "button 2", "card 1 button 1". */
const char *hsm_content_slot_label(struct hsm_arena *arena, const struct hsm_content_slot *slot);

/* All parameters. */
size_t hsm_content_count_parameters(const struct hsm_list *components);

/* The names that the parameters have in the content itself, in the sender's order, NULL for
 * one that has none; NULL where none has. */
const char *const *hsm_content_find_names(struct hsm_arena *arena, const struct hsm_list *components, size_t *count);

/* The component of a type ("BODY"), or NULL. */
const struct hsm_wire_component *hsm_content_find(const struct hsm_list *components, const char *type);

/*
 * A message as flows see it: its components, and the names of its parameters in
 * the order of the array that a sender fills (header's, body's, buttons').
 * names is NULL where they are not known.
 */
struct hsm_message {
	struct hsm_list components;
	const char *const *names;
	size_t name_count;
	/* What its quick replies answer with, in their order, where its content does not say it (Meta's). */
	const char *const *payloads;
	size_t payload_count;
};

/* The parameters of a component or URL button as text reads them: {{eta}} for
 * {{3}}. first is the index in names of the component's first. Borrows text
 * where nothing is to do or names are not known. */
const char *hsm_message_name_placeholders(struct hsm_arena *arena, const struct hsm_message *message,
					  const char *text, size_t first);

/* The number of the placeholder that stands at text ("{{12}}"), and *end after it; 0: none does. */
size_t hsm_message_read_placeholder(const char *text, const char **end);

/* What a parameter's example says; "" where it has none. */
const char *hsm_message_parameter_sample(const struct hsm_wire_parameter *parameter);

/* One thing that two contents differ in. old or new is NULL where it is not
 * there. Texts have named placeholders where names are known. */
struct hsm_content_difference {
	const char *component; /* "header", "body", "footer", "buttons", "card 2 body" */
	const char *path;      /* "text", "parameters[1].text.default" */
	const char *old_value;
	const char *new_value;
	bool sample; /* a default: reviewers see it, customers do not */
};

struct hsm_content_differences {
	struct hsm_content_difference *items; /* in the arena */
	size_t count, capacity;
};

/* All that differs, in the order of the new content. */
void hsm_content_compare(struct hsm_arena *arena, const struct hsm_message *old_message,
			 const struct hsm_message *new_message, struct hsm_content_differences *differences);

#endif
