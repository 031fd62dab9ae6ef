#ifndef HSM_DELIVERY_MESSAGE_H
#define HSM_DELIVERY_MESSAGE_H

#include "reconciler/delivery/sanitize.h"
#include "reconciler/delivery/value.h"
#include "reconciler/live/messenger.h"
#include "schema/config.h"
#include "schema/content.h"

/*
 * A message out of names: the ordered array that a version of a template wants, from
 * values that are given by their parameters' names. Nobody counts positions.
 */

/* A place of the array: header's, body's, buttons', card by card, in this order. */
struct hsm_slot {
	const char *component; /* "header", "body", "button 1" */
	const char *name;
	enum hsm_parameter_type type;
	const char *code;      /* of a CURRENCY, where the file tells it */
	struct hsm_sanitize_rules rules;
	struct hsm_part part;
	const char *constant;  /* the value that git has for it; NULL: the sender gives one */
};

/* What one version in one language wants. Texts are borrowed by what is built. */
struct hsm_form {
	const char *name; /* physical */
	const char *language;
	const struct hsm_slot *slots;
	size_t slot_count;
	bool takes_more; /* values that it has no slot for are left out: it stands in another's place */
	const char *header, *body; /* their texts, with {{1}} and so on; NULL: not known, and so their lengths are not checked */
};

struct hsm_named_value {
	const char *name, *value;
	size_t length; /* of value, which needs no NUL */
};

/* What is wrong with a value, or was changed in it. */
struct hsm_value_problem {
	const char *name;    /* of the parameter; "header" or "body" of one that is too long with its values */
	const char *message; /* without the value: "the value is empty" */
};

struct hsm_value_change {
	const char *name;
	struct hsm_sanitize_note note;
};

/* All of it lives in the arena that it was built in. */
struct hsm_built_message {
	const char *name, *language; /* the form's */
	const struct hsm_value *values; /* one a slot, in order */
	size_t value_count;
	const struct hsm_value_problem *problems; /* by slot, then what was given, then texts */
	size_t problem_count;
	const struct hsm_value_change *changes;
	size_t change_count;
};

/*
 * Missing, extra, repeated, mistyped and overlong values are problems, each by its
 * name, all of them at once; so are a header of more than 60 and a body of more than
 * 1024 characters once the values stand in them (Meta's error 132005). The same name in
 * several components takes one value, and its problems and changes are told once.
 *
 * The value of a URL's parameter is percent-encoded but for what RFC 3986 leaves as it is
 * anywhere (letters, digits, "-._~"), so that a value cannot lead elsewhere; %XX that
 * stands there already stays.
 *
 * HSM_ERROR_INVALID with the first problem and how many there are. Any thread.
 */
int hsm_message_build(struct hsm_arena *arena, const struct hsm_form *form, const struct hsm_named_value *values,
		      size_t count, struct hsm_built_message *message, struct hsm_error *error);

/* All that is wrong, in one line: "order_id: 15 characters; eta: ..."; "" where nothing is. */
const char *hsm_message_describe_problems(struct hsm_arena *arena, const struct hsm_built_message *message);

/*
 * The text with the values of a message without problems in it, as people read them: for
 * previews, and for other channels. {{1}} of text is values[first]. What a value holds is
 * text, whatever it looks like.
 */
const char *hsm_message_fill(struct hsm_arena *arena, const struct hsm_built_message *message, const char *text,
			     size_t first);

/*
 * The form of a version whose content and names are known, with the rules of the file's
 * parameters (NULL: none of them is in git any more), for messages that go out this way.
 * Borrows from all of them.
 *
 * What is no parameter of the file, and each message is given all the same, has a name with
 * dots: "header.image", "header.video" and "header.document" (an address),
 * "header.location.latitude", ".longitude", ".name" and ".address", "button.copy_code",
 * "button.otp"; of a carousel's card "card1.header.image" and so on.
 *
 * HSM_ERROR_BLOCKED where a name, a type or what a quick reply answers is not known, or
 * this way cannot carry what the template has; HSM_ERROR_INVALID where `allowed` is no
 * regular expression.
 */
int hsm_form_make(struct hsm_arena *arena, const char *name, const char *language, const struct hsm_message *content,
		  const struct hsm_template *file, const struct hsm_way *way, struct hsm_form *form,
		  struct hsm_error *error);

/* "+", a country that is not 0, and 7 to 15 digits in all: E.164. Blanks, hyphens and brackets are not forgiven. */
bool hsm_phone_number_is_valid(const char *text);

#endif
