#ifndef HSM_TEMPLATE_H
#define HSM_TEMPLATE_H

#include "schema/field.h"

/*
 * The template file: what people write. compile.h turns one translation of it
 * into what the API takes.
 */

enum hsm_category { HSM_CATEGORY_UTILITY = 1, HSM_CATEGORY_MARKETING, HSM_CATEGORY_AUTHENTICATION };
enum hsm_parameter_type {
	HSM_PARAMETER_TEXT = 1,
	HSM_PARAMETER_DATE,
	HSM_PARAMETER_DATE_TIME,
	HSM_PARAMETER_CURRENCY,
};
enum hsm_emoji { HSM_EMOJI_KEEP = 1, HSM_EMOJI_STRIP, HSM_EMOJI_NAME };
enum hsm_on_breaking { HSM_ON_BREAKING_HOLD = 1, HSM_ON_BREAKING_PUBLISH };
enum hsm_channel { HSM_CHANNEL_SMS = 1 };
enum hsm_parameter_format { HSM_PARAMETER_FORMAT_POSITIONAL = 1, HSM_PARAMETER_FORMAT_NAMED };

extern const char *const hsm_category_words[];
extern const char *const hsm_parameter_type_words[];
extern const char *const hsm_sub_category_words[];
extern const char *const hsm_otp_type_words[];
extern const char *const hsm_emoji_words[]; /* "keep", "strip", "name" */

struct hsm_parameter { /* key: its name */
	struct hsm_node node;
	struct hsm_word type;
	struct hsm_string_by_key default_value;
	struct hsm_string description;
	struct hsm_integer max_length;
	struct hsm_boolean truncate;    /* TEXT, like the two below */
	struct hsm_word emoji;
	struct hsm_string allowed;      /* a regular expression */
	struct hsm_string code;         /* CURRENCY */
	struct hsm_integer amount_1000; /* CURRENCY: the amount times 1000 */
};

struct hsm_header { /* one of */
	struct hsm_node node;
	struct hsm_string text;
	struct hsm_string image;
	struct hsm_string video;
	struct hsm_string document;
	struct hsm_boolean location;
	struct hsm_boolean product;
};

struct hsm_button_reply {
	struct hsm_node node;
	struct hsm_string id;
	struct hsm_list data; /* struct hsm_keyed_string: sent with the id, see payload.h */
	struct hsm_string title;
};

struct hsm_button_url {
	struct hsm_node node;
	struct hsm_string title;
	struct hsm_string url;
};

struct hsm_button_phone_number {
	struct hsm_node node;
	struct hsm_string title;
	struct hsm_string phone_number;
};

struct hsm_button_copy_code {
	struct hsm_node node;
	struct hsm_string example;
};

struct hsm_app {
	struct hsm_node node;
	struct hsm_string package_name;
	struct hsm_string signature_hash;
};

struct hsm_button_otp {
	struct hsm_node node;
	struct hsm_word type;
	struct hsm_string title;
	struct hsm_string autofill_title;
	struct hsm_boolean zero_tap_terms_accepted;
	struct hsm_list apps; /* struct hsm_app */
};

struct hsm_button_flow {
	struct hsm_node node;
	struct hsm_string title;
	struct hsm_string id, name, json; /* one of */
	struct hsm_string action;
	struct hsm_string screen;
};

struct hsm_button_plain {
	struct hsm_node node;
	struct hsm_string title;
};

struct hsm_button { /* one of */
	struct hsm_node node;
	struct hsm_button_reply reply;
	struct hsm_button_url url;
	struct hsm_button_phone_number phone_number;
	struct hsm_button_copy_code copy_code;
	struct hsm_button_otp otp;
	struct hsm_button_flow flow;
	struct hsm_button_plain catalog;
	struct hsm_button_plain multi_product;
	struct hsm_button_plain single_product;
	struct hsm_button_plain voice_call;
};

/* The kinds of button whose type says all but their title. */
struct hsm_plain_kind {
	const char *type; /* on the wire: "MPM" */
	size_t offset;    /* of its struct hsm_button_plain in struct hsm_button */
};
extern const struct hsm_plain_kind hsm_plain_kinds[]; /* ends with a type of NULL */

/* Texts that Meta writes itself, around a one-time password. */
struct hsm_authentication {
	struct hsm_node node;
	struct hsm_boolean security_recommendation;
	struct hsm_integer code_expiration_minutes;
};

struct hsm_limited_time_offer {
	struct hsm_node node;
	struct hsm_string text;
	struct hsm_boolean has_expiration;
};

struct hsm_card {
	struct hsm_node node;
	struct hsm_header header;
	struct hsm_string body;
	struct hsm_list buttons; /* struct hsm_button */
};

struct hsm_translation { /* key: its language */
	struct hsm_node node;
	struct hsm_integer version; /* pinned */
	struct hsm_header header;
	struct hsm_string body;
	struct hsm_string footer;
	struct hsm_list buttons; /* struct hsm_button */
	struct hsm_authentication authentication; /* in place of body and footer */
	struct hsm_limited_time_offer limited_time_offer;
	struct hsm_list carousel; /* struct hsm_card */
};

struct hsm_fallback {
	struct hsm_node node;
	struct hsm_string template;
	struct hsm_word channel;
	struct hsm_string_by_key text;
};

struct hsm_lifecycle {
	struct hsm_node node;
	struct hsm_integer keep;
	struct hsm_word on_breaking;
	struct hsm_integer_by_key accept_breaking;
};

struct hsm_template {
	struct hsm_node node;
	struct hsm_string name;
	struct hsm_word category;
	struct hsm_string intent;
	struct hsm_string description;
	struct hsm_word parameter_format; /* enum hsm_parameter_format */
	struct hsm_word sub_category;     /* hsm_sub_category_words */
	struct hsm_integer time_to_live;  /* seconds */
	struct hsm_list parameters;   /* struct hsm_parameter */
	struct hsm_list translations; /* struct hsm_translation */
	struct hsm_list routes;       /* struct hsm_keyed_string: button id, without data, to Architect target */
	struct hsm_list fallback;     /* struct hsm_fallback */
	struct hsm_lifecycle lifecycle;
};

#define HSM_LIFECYCLE_KEEP_DEFAULT 2

extern const struct hsm_object hsm_template_object;
extern const struct hsm_object hsm_translation_object;
/* Of a template its parameters alone: what a sender must know. */
extern const struct hsm_object hsm_template_inputs_object;

/* What a header or a button is, by its key: "image", "reply"; "text" of a line of text. NULL where it is nothing. */
const char *hsm_header_kind(const struct hsm_header *header);
const char *hsm_button_kind(const struct hsm_button *button);
/* What stands on a button; its text is NULL where the file does not say that. */
const struct hsm_string *hsm_button_title(const struct hsm_button *button);

const struct hsm_parameter *hsm_template_find_parameter(const struct hsm_template *template, const char *name,
							size_t length);

#endif
