#ifndef HSM_CANNED_H
#define HSM_CANNED_H

#include "schema/content.h"

/*
 * A canned response of Genesys Cloud's Response Management: what agents, flows and
 * campaigns send a template of WhatsApp by. It names the template and its language,
 * and shows its texts. Its parameters are substitutions, {{id}} where they stand: a
 * parameter's id is its own name in a NAMED template, else its place in the array
 * that a sender fills, from 1.
 */

struct hsm_canned_library {
	struct hsm_node node;
	struct hsm_string id, name;
};

struct hsm_canned_text {
	struct hsm_node node;
	struct hsm_string content, content_type, type;
};

struct hsm_canned_substitution {
	struct hsm_node node;
	struct hsm_string id, description, default_value;
};

struct hsm_canned_part { /* header, footer */
	struct hsm_node node;
	struct hsm_string type, content;
};

struct hsm_canned_button {
	struct hsm_node node;
	struct hsm_string type, content, content_text;
};

struct hsm_canned_whatsapp {
	struct hsm_node node;
	struct hsm_string name, language; /* physical */
	struct hsm_canned_part header, footer;
	struct hsm_list buttons; /* struct hsm_canned_button */
};

struct hsm_canned_template {
	struct hsm_node node;
	struct hsm_canned_whatsapp whatsapp;
};

struct hsm_canned {
	struct hsm_node node;
	struct hsm_string id, name;
	struct hsm_integer version;
	struct hsm_list libraries;     /* struct hsm_canned_library */
	struct hsm_list texts;         /* struct hsm_canned_text */
	struct hsm_list substitutions; /* struct hsm_canned_substitution */
	struct hsm_string type;
	struct hsm_canned_template template;
};

extern const struct hsm_object hsm_canned_object;

/*
 * What is compared of one, as lines of canonical JSON. Texts can be changed in
 * place; the others only by another response, whose id no flow knows yet.
 */
struct hsm_canned_content {
	const char *name;
	const char *text;          /* of its texts, for people */
	const char *texts;         /* an array */
	const char *substitutions; /* an array, without descriptions: they are for people, and no reason for another id */
	const char *template;      /* what stands at messagingTemplate */
};

/*
 * Makes it canonical in place: NFC, LF, defaults filled in, substitutions by id,
 * words as the API writes them, no address of a header's file (an example of it is
 * all that templates have).
 */
struct hsm_canned_content hsm_canned_read_content(struct hsm_arena *arena, struct hsm_canned *response);

/*
 * The response of a version, without id and libraries. Returns NULL, or why a
 * response can't hold it: "a carousel". names of the message that are not known make
 * no descriptions.
 */
const char *hsm_canned_make(struct hsm_arena *arena, const char *name, const char *language,
			    const struct hsm_message *message, struct hsm_canned *response);

/* As one line of JSON, without what is the server's; and back. */
const char *hsm_canned_write(struct hsm_arena *arena, const struct hsm_canned *response);
int hsm_canned_read(struct hsm_arena *arena, const char *json, struct hsm_canned *response, struct hsm_error *error);

/* Whether they differ in what can't be changed in place. */
bool hsm_canned_is_another(const struct hsm_canned_content *a, const struct hsm_canned_content *b);

bool hsm_canned_equals(const struct hsm_canned_content *a, const struct hsm_canned_content *b);

/* 64 hexadecimal digits: of all of it. */
char *hsm_canned_fingerprint(struct hsm_arena *arena, const struct hsm_canned_content *content);

#endif
