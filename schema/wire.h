#ifndef HSM_WIRE_H
#define HSM_WIRE_H

#include "schema/field.h"

/*
 * The messaging API's template and webhook, as its JSON has them, and what
 * templates of Meta have more: this is the form in which contents are compared,
 * whatever API they are on (meta.h reads and writes Meta's). Words that a server
 * may invent (types, statuses, categories) are strings here; content.h makes them
 * canonical.
 */

struct hsm_wire_default {
	struct hsm_node node;
	struct hsm_string default_value;
};

struct hsm_wire_currency {
	struct hsm_node node;
	struct hsm_string default_value;
	struct hsm_string code;
	struct hsm_integer amount_1000;
};

struct hsm_wire_parameter {
	struct hsm_node node;
	struct hsm_string name; /* of a NAMED template; else it is its number */
	struct hsm_string type;
	struct hsm_wire_default text;
	struct hsm_wire_default date;
	struct hsm_wire_default date_time;
	struct hsm_wire_currency currency;
};

struct hsm_wire_reply {
	struct hsm_node node;
	struct hsm_string id;
	struct hsm_string title;
};

struct hsm_wire_url {
	struct hsm_node node;
	struct hsm_string title;
	struct hsm_string url;
	struct hsm_list parameters; /* struct hsm_wire_parameter */
};

struct hsm_wire_phone_number {
	struct hsm_node node;
	struct hsm_string title;
	struct hsm_string phone_number;
};

struct hsm_wire_copy_code {
	struct hsm_node node;
	struct hsm_string example;
};

struct hsm_wire_app {
	struct hsm_node node;
	struct hsm_string package_name;
	struct hsm_string signature_hash;
};

struct hsm_wire_otp {
	struct hsm_node node;
	struct hsm_string otp_type;
	struct hsm_string title;
	struct hsm_string autofill_title;
	struct hsm_list apps; /* struct hsm_wire_app */
};

struct hsm_wire_flow {
	struct hsm_node node;
	struct hsm_string title;
	struct hsm_string id, name, json; /* one of */
	struct hsm_string action;
	struct hsm_string screen;
};

/* A button that is its kind and its title: CATALOG, MPM, SPM, VOICE_CALL, and any
 * that is not known here. */
struct hsm_wire_plain {
	struct hsm_node node;
	struct hsm_string title;
};

struct hsm_wire_button {
	struct hsm_node node;
	struct hsm_string type;
	struct hsm_wire_reply reply;
	struct hsm_wire_url url;
	struct hsm_wire_phone_number phone_number;
	struct hsm_wire_copy_code copy_code;
	struct hsm_wire_otp otp;
	struct hsm_wire_flow flow;
	struct hsm_wire_plain plain;
};

struct hsm_wire_component {
	struct hsm_node node;
	struct hsm_string type;
	struct hsm_string format;
	struct hsm_string text;
	struct hsm_list parameters; /* struct hsm_wire_parameter */
	struct hsm_string media;
	struct hsm_list buttons; /* struct hsm_wire_button */
	struct hsm_boolean security_recommendation;  /* BODY whose text Meta writes */
	struct hsm_integer code_expiration_minutes;  /* FOOTER whose text Meta writes */
	struct hsm_boolean has_expiration;           /* LIMITED_TIME_OFFER */
	struct hsm_list cards;                       /* CAROUSEL: struct hsm_wire_card */
	struct hsm_string sub_category;              /* OPTIONS */
	struct hsm_integer time_to_live;             /* OPTIONS: seconds */
};

struct hsm_wire_card {
	struct hsm_node node;
	struct hsm_list components; /* struct hsm_wire_component */
};

struct hsm_wire_template {
	struct hsm_node node;
	struct hsm_string name;
	struct hsm_string language;
	struct hsm_string category;
	struct hsm_list components; /* struct hsm_wire_component */
	/* the server's */
	struct hsm_string id;
	struct hsm_string status;
	struct hsm_string rejection_reason;
	struct hsm_string correct_category, previous_category, quality; /* Meta's, of a snapshot */
	struct hsm_string date_created;
	struct hsm_string date_modified;
};

struct hsm_wire_webhook {
	struct hsm_node node;
	struct hsm_string name;
	struct hsm_string url;
	struct hsm_list events; /* struct hsm_string */
	struct hsm_boolean enabled;
	struct hsm_string secret; /* written, never read */
	struct hsm_string id;     /* the server's */
};

extern const struct hsm_object hsm_wire_template_object;
extern const struct hsm_object hsm_wire_component_object;
extern const struct hsm_object hsm_wire_parameter_object;
extern const struct hsm_object hsm_wire_button_object;
extern const struct hsm_object hsm_wire_webhook_object;

/* The rows of lists of these, for tables and walkers that hold some. */
extern const struct hsm_field hsm_wire_component_element;

#endif
