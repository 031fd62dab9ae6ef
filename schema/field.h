#ifndef HSM_FIELD_H
#define HSM_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/pattern.h"
#include "schema/source.h"

/*
 * A kind (the template file, hsmctl.yaml, the wire's template, a plan) is a C
 * struct and one table of rows that describes it. Loading YAML, reading and
 * writing JSON, and the JSON Schema all walk the table: nothing else knows a
 * kind's keys.
 *
 * Structs live in an arena; a zeroed struct is an empty one. Values know where
 * in which file they stand; values that came from JSON or code have no mark.
 */

struct hsm_string {
	const char *text; /* NULL: absent */
	struct hsm_mark mark;
};

struct hsm_integer {
	int64_t value;
	bool present;
	struct hsm_mark mark;
};

struct hsm_boolean {
	bool value;
	bool present;
	struct hsm_mark mark;
};

/* One word of a fixed set; value counts from 1, 0 is absent. */
struct hsm_word {
	int value;
	struct hsm_mark mark;
};

/* A list or, where each item starts with its key, a mapping in file order. */
struct hsm_list {
	void *items;
	size_t count;
	bool present;
	struct hsm_mark mark;
};

/* One text, or one per key (language). Items of by_key: struct hsm_keyed_string. */
struct hsm_string_by_key {
	struct hsm_string value;
	struct hsm_list by_key;
};

/* One number, or one per key (environment). Items: struct hsm_keyed_integer. */
struct hsm_integer_by_key {
	struct hsm_integer value;
	struct hsm_list by_key;
};

struct hsm_keyed_string {
	struct hsm_string key;
	struct hsm_string value;
};

struct hsm_keyed_integer {
	struct hsm_string key;
	struct hsm_integer value;
};

struct hsm_keyed_string_by_key {
	struct hsm_string key;
	struct hsm_string_by_key value;
};

/* Every struct of an object starts with this. */
struct hsm_node {
	struct hsm_string key; /* of an object that is an item of a mapping */
	bool present;
	struct hsm_mark mark;
};

enum hsm_type {
	HSM_TYPE_STRING,
	HSM_TYPE_INTEGER,
	HSM_TYPE_BOOLEAN,
	HSM_TYPE_WORD,
	HSM_TYPE_OBJECT,         /* the struct stands inside its parent */
	HSM_TYPE_LIST,           /* of `element` */
	HSM_TYPE_MAPPING,        /* of `element`; each item starts with its key */
	HSM_TYPE_STRING_BY_KEY,
	HSM_TYPE_INTEGER_BY_KEY,
};

enum hsm_field_flag {
	HSM_FIELD_REQUIRED = 1 << 0,
	/* Text that customers read: variables are replaced in it, and a comment
	 * must not cut it short. */
	HSM_FIELD_MESSAGE = 1 << 1,
	/* Variables are replaced, though no customer reads it (a URL). */
	HSM_FIELD_VARIABLES = 1 << 2,
	/* A scalar in place of the object is the value of this field, which has no
	 * key of its own. */
	HSM_FIELD_SHORTHAND = 1 << 3,
	/* The server's: read, never sent, never compared. */
	HSM_FIELD_READ_ONLY = 1 << 4,
	/* Written even where empty. */
	HSM_FIELD_ALWAYS = 1 << 5,
	/* Of hsmctl.yaml: only where this is the API. */
	HSM_FIELD_GENESYS = 1 << 6,
	HSM_FIELD_META = 1 << 7,
	/* Names where a secret is found. What is not of the pattern may be the secret itself: it is not shown. */
	HSM_FIELD_NAMES_SECRET = 1 << 8,
};

struct hsm_field {
	const char *key;
	enum hsm_type type;
	unsigned flags;
	size_t offset;
	size_t item_size;                 /* of a list's or mapping's item */
	const struct hsm_field *element;  /* a list's or mapping's item; its offset counts inside the item */
	const struct hsm_object *object;  /* OBJECT */
	const char *const *words;         /* WORD: NULL-terminated, value i is words[i - 1] */
	const struct hsm_pattern *pattern;     /* of a STRING, or of each string */
	const struct hsm_pattern *key_pattern; /* of the keys of a MAPPING or BY_KEY */
	int64_t minimum, maximum; /* INTEGER: range; STRING: characters; LIST, MAPPING: items; both 0: any */
	int64_t fallback;         /* INTEGER, WORD: what an absent one means; shown in the schema where not 0 */
	const char *instead;      /* REQUIRED unless the field of this key is there; NULL: always */
	const char *help;
	const char *example;      /* JSON text, for the schema */
};

enum hsm_object_flag {
	HSM_OBJECT_ONE_OF = 1 << 0, /* exactly one of its fields is there */
};

struct hsm_object {
	const char *name; /* "template": its name in the schema and in messages */
	unsigned flags;
	size_t size;
	const struct hsm_field *fields;
	size_t count;
	const char *help;
};

#define HSM_OBJECT_FIELDS(table) .fields = (table), .count = sizeof(table) / sizeof((table)[0])

/* The field of a key, or NULL. Shorthand fields have none. */
const struct hsm_field *hsm_object_find(const struct hsm_object *object, const char *key);

/* Whether the value that field describes is there in the struct at base. */
bool hsm_field_is_present(const struct hsm_field *field, const void *base);

/* Where it stands. */
struct hsm_mark hsm_field_mark(const struct hsm_field *field, const void *base);

/* The word's value, or 0. */
int hsm_word_find(const char *const *words, const char *text);

/* As above, in any case: a server may answer in lower case. */
int hsm_word_find_any_case(const char *const *words, const char *text);

/* The text for a key, else the text for all; NULL where there is neither. */
const struct hsm_string *hsm_string_by_key_find(const struct hsm_string_by_key *value, const char *key);
/* Likewise; NULL where absent. */
const struct hsm_integer *hsm_integer_by_key_find(const struct hsm_integer_by_key *value, const char *key);

/* Item i of a list whose items are `type`. */
#define HSM_LIST_ITEM(list, type, i) (&((type *)(list).items)[i])

static inline void *hsm_field_at(const struct hsm_field *field, const void *base)
{
	return (char *)(uintptr_t)base + field->offset;
}

#endif
