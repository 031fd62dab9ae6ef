#ifndef HSM_META_H
#define HSM_META_H

#include <cjson/cJSON.h>

#include "schema/content.h"
#include "schema/json.h"

/*
 * Templates as Meta's Graph API has them: what is created, and what lists answer.
 * Components become those of wire.h, and those of wire.h a create body, so that
 * everything else knows one kind. What lists answer in other words than they were told
 * (an address for a sample's handle, the texts around one-time passwords) is left out
 * on both sides.
 */

enum { HSM_META_MEDIA_MAX = 16 };

struct hsm_meta_template {
	const char *name, *language, *category;
	const char *status; /* NULL: a create body has none */
	struct hsm_list components; /* struct hsm_wire_component; hsm_content_make makes them canonical */
	const char **names; /* of the parameters in the sender's order, each NULL where it has none; NULL: none has */
	size_t name_count;
	const char *media[HSM_META_MEDIA_MAX]; /* of the headers: a handle, or an address; "": none is told */
	size_t media_count;
	size_t invented; /* samples that are missing there */
};

/* What is not known here (components, buttons) is kept by its type. HSM_ERROR_INVALID
 * where it is no template; *problem says why. In the arena. */
int hsm_meta_read(struct hsm_arena *arena, const cJSON *json, struct hsm_meta_template *template,
		  const char **problem);

/*
 * Leaves of components, in place, what a list of Meta's would say of them: parameters are
 * TEXT, quick replies have no ids (messages say them), samples of media no address,
 * those of addresses are what the variable stands for, numbers have no plus.
 */
void hsm_meta_project(struct hsm_list *components);

/* Of an address's sample the part that its variable stands for: examples are whole addresses, and samples may be. */
const char *hsm_meta_url_sample(const char *url, const char *sample);

/* Puts the places of samples back, in the order of the headers that hsm_meta_is_media tells: for people. */
void hsm_meta_place_media(struct hsm_list *components, const char *const *places, size_t count);

/* Whether a header's sample is a file. */
bool hsm_meta_is_media(const struct hsm_wire_component *header);

/* How many of its headers and of its cards' have one. */
size_t hsm_meta_count_media(const struct hsm_list *components);

/*
 * Writes what canonical components come to into a create body that is open:
 * parameter_format, components, sub_category, message_send_ttl_seconds. handles: of
 * the uploaded samples, in the order of the headers that hsm_meta_is_media tells;
 * NULL: none.
 */
void hsm_meta_write(struct hsm_json_writer *writer, const struct hsm_list *components, const char *const *handles);

#endif
