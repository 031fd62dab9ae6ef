#ifndef HSM_SESSION_H
#define HSM_SESSION_H

#include <signal.h>

#include "cmd/hsmctl/command.h"
#include "cmd/hsmctl/output.h"
#include "reconciler/desired/desired.h"
#include "reconciler/live/live.h"

/*
 * What a command works with. It asks for as much as it needs, one call per
 * depth; each does those before it where they have not been done. Everything is
 * released by main.
 */
struct hsm_session {
	const struct hsm_command *command;
	struct hsm_options options;
	struct hsm_output output;
	struct hsm_arena arena; /* for whatever the command keeps to its end */
	double deadline;        /* of --timeout, CLOCK_MONOTONIC seconds; 0: none */

	struct hsm_repository *repository;
	struct hsm_desired desired;
	struct hsm_desired_loader *loader; /* of the templates, while they are being read */
	struct hsm_findings findings; /* of hsmctl.yaml and the templates */
	bool *named;                  /* per argument: a template matched it; see below */
	struct hsm_settings settings;
	struct hsm_connection *connection;
	struct hsm_settings genesys; /* of the organisation beside an account of Meta's */
	struct hsm_connection *responses; /* to it; NULL: there is none */
};

/* SIGINT or SIGTERM came. */
extern volatile sig_atomic_t hsm_interrupted;

void hsm_session_begin(struct hsm_session *session);
void hsm_session_end(struct hsm_session *session);

/* The git repository that holds the working folder. */
int hsm_session_open_repository(struct hsm_session *session, struct hsm_error *error);

/* hsmctl.yaml, of the work tree or --rev: desired.config, .commit, .dirty.
 * Findings are printed before it fails. */
int hsm_session_read_config(struct hsm_session *session, struct hsm_error *error);

/* The environment of --env, HSMCTL_ENV, or the only one: desired.environment. */
int hsm_session_choose_environment(struct hsm_session *session, struct hsm_error *error);

/* desired.templates. Findings of all files are printed: errors and warnings. */
int hsm_session_read_templates(struct hsm_session *session, struct hsm_error *error);

/* Reads them while the connection, which must be there, awaits answers; the above has the
 * result. Once the files are known to be wrong, the connection abandons. */
void hsm_session_read_meanwhile(struct hsm_session *session);

/* Whether the arguments, globs of base names, name this template: all are where there are none. */
bool hsm_session_names_template(struct hsm_session *session, const char *base);

/* HSM_ERROR_USAGE where one named none of those that were asked for. */
int hsm_session_check_names(const struct hsm_session *session, struct hsm_error *error);

/* The environment's settings, and a connection that has sent nothing yet. Asks
 * for the environment only: read templates first where they matter. */
int hsm_session_connect(struct hsm_session *session, struct hsm_error *error);

/* As above, to where a saved plan says; looks at no repository. The environment
 * is borrowed. */
int hsm_session_connect_to(struct hsm_session *session, const struct hsm_environment *environment,
			   struct hsm_error *error);

/* Likewise to the organisation that stands beside an account of Meta's, where one does: for who
 * plans or applies its responses. */
int hsm_session_connect_responses(struct hsm_session *session, const struct hsm_environment *environment,
				  struct hsm_error *error);

/* Seconds since 1970. */
int64_t hsm_session_now(void);

/* A file that the user named on the command line ("-": stdin), at most cap
 * bytes, in the session's arena. HSM_ERROR_NO_INPUT where it can't be read. */
int hsm_session_read_file(struct hsm_session *session, const char *path, size_t cap, const char **data,
			  size_t *length, struct hsm_error *error);

/* Such a file as the kind of YAML that object describes, into base. What is wrong with it is printed, and the error is
 * of this class. */
int hsm_session_read_yaml(struct hsm_session *session, const char *path, const struct hsm_object *object, void *base,
			  enum hsm_error_class class, struct hsm_error *error);

#endif
