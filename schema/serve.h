#ifndef HSM_SERVE_H
#define HSM_SERVE_H

#include "schema/field.h"

/*
 * The file of `hsmctl serve`: what one controller listens to, follows and tells.
 * It belongs to the machine, not to the repository: what a pull request can
 * change must not choose where secrets go or what is run.
 */

struct hsm_secret { /* one of: where it is found, never its value */
	struct hsm_node node;
	struct hsm_string variable; /* an environment variable */
	struct hsm_string file;     /* its first line; read again on SIGHUP */
};

struct hsm_serve_tls {
	struct hsm_node node;
	struct hsm_string certificate, key; /* PEM files; read again on SIGHUP */
};

struct hsm_serve_webhook {
	struct hsm_node node;
	struct hsm_secret secret;       /* of signatures */
	struct hsm_secret verify_token; /* of Meta's verification */
};

struct hsm_serve_push {
	struct hsm_node node;
	struct hsm_secret secret;
};

struct hsm_serve_repository {
	struct hsm_node node;
	struct hsm_string url, branch, folder, mirror;
	struct hsm_integer timeout; /* seconds, of a fetch */
};

struct hsm_serve_table {
	struct hsm_node node;
	struct hsm_string name;
	struct hsm_integer tables; /* over how many the rows are spread */
	struct hsm_integer rows;   /* that a table may hold */
};

struct hsm_serve_alert { /* one of url, command */
	struct hsm_node node;
	struct hsm_secret url;
	struct hsm_list command; /* struct hsm_string: a program and its arguments; JSON on stdin */
	struct hsm_word format;  /* enum hsm_alert_format */
	struct hsm_list kinds;   /* struct hsm_string; absent: all */
};

enum hsm_serve_mode { HSM_SERVE_REPORT = 1, HSM_SERVE_APPLY };

struct hsm_serve {
	struct hsm_node node;
	struct hsm_string listen;
	struct hsm_serve_tls tls;
	struct hsm_string environment;
	struct hsm_string registry;
	struct hsm_string default_language;
	struct hsm_list tokens; /* struct hsm_secret */
	struct hsm_list send_tokens; /* struct hsm_secret */
	struct hsm_serve_webhook webhook;
	struct hsm_serve_push push;
	struct hsm_serve_repository repository;
	struct hsm_word mode;
	struct hsm_integer interval; /* seconds */
	struct hsm_serve_table data_table;   /* of answers */
	struct hsm_serve_table routes_table; /* of buttons' payloads */
	struct hsm_list alerts; /* struct hsm_serve_alert */
};

#define HSM_SERVE_LISTEN_DEFAULT "127.0.0.1:8090"
#define HSM_SERVE_REGISTRY_DEFAULT "sqlite:hsmctl.db"
#define HSM_SERVE_INTERVAL_DEFAULT 300
#define HSM_SERVE_FETCH_TIMEOUT_DEFAULT 120
#define HSM_SERVE_ROWS_DEFAULT 5000
#define HSM_SERVE_TABLES_MAX 64

extern const struct hsm_object hsm_serve_object;

#endif
