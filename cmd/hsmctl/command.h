#ifndef HSM_COMMAND_H
#define HSM_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/hsmctl/exit.h"
#include "schema/base/error.h"

/*
 * The command line is two tables: a row per command, a row per option. The
 * parser, the help, the man page and the completions all walk them.
 */

enum hsm_command_id {
	HSM_COMMAND_INIT,
	HSM_COMMAND_DOCTOR,
	HSM_COMMAND_VALIDATE,
	HSM_COMMAND_BUMP,
	HSM_COMMAND_PLAN,
	HSM_COMMAND_SHOW,
	HSM_COMMAND_APPLY,
	HSM_COMMAND_DRIFT,
	HSM_COMMAND_STATUS,
	HSM_COMMAND_WAIT,
	HSM_COMMAND_CHECK,
	HSM_COMMAND_HISTORY,
	HSM_COMMAND_DIFF,
	HSM_COMMAND_IMPORT,
	HSM_COMMAND_SNAPSHOT,
	HSM_COMMAND_PREVIEW,
	HSM_COMMAND_SEND,
	HSM_COMMAND_SERVE,
	HSM_COMMAND_FLOW,
	HSM_COMMAND_SCHEMA,
	HSM_COMMAND_EXPLAIN,
	HSM_COMMAND_COMPLETION,
	HSM_COMMAND_VERSION,
	HSM_COMMAND_HELP,
	HSM_COMMAND_MAX_
};

/* Values count from 1, as in the words' array; 0 is absent. */
enum hsm_format {
	HSM_FORMAT_TEXT = 1,
	HSM_FORMAT_JSON,
	HSM_FORMAT_MAN,
	HSM_FORMAT_MARKDOWN,
	HSM_FORMAT_SARIF,
	HSM_FORMAT_GITHUB,
	HSM_FORMAT_GITLAB,
	HSM_FORMAT_HTML,
};
enum hsm_color { HSM_COLOR_AUTO = 1, HSM_COLOR_ALWAYS, HSM_COLOR_NEVER };

/* The values of an option that may be given several times. */
struct hsm_option_list {
	const char **items;
	size_t count, capacity;
};

/* The parsed command line; defaults are filled in. Texts are borrowed from argv
 * and the process's environment. Release when done. */
struct hsm_options {
	/* global */
	const char *directory;   /* hsmctl works as if started there */
	const char *environment; /* NULL: not named */
	const char *revision;    /* NULL: the work tree */
	int format;              /* enum hsm_format; one that the command has */
	int color;               /* enum hsm_color */
	bool quiet, verbose, help, version;
	int log_format;          /* HSM_FORMAT_TEXT or HSM_FORMAT_JSON */
	int64_t parallelism;
	double timeout;          /* seconds; 0: none */
	/* of some commands */
	const char *out;                  /* plan; flow: a folder */
	const char *base;                 /* validate, bump; NULL: not given */
	const char *for_file;             /* wait */
	double interval;                  /* wait, apply --wait: seconds between looks */
	bool prune, detailed_exitcode;    /* plan, apply; plan */
	bool yes, allow_dirty;            /* apply */
	bool strict;                      /* apply, validate */
	struct hsm_option_list targets;   /* plan, apply, drift, wait */
	struct hsm_option_list resubmit;  /* plan, apply */
	struct hsm_option_list overwrite; /* plan, apply */
	struct hsm_option_list from;      /* import: payload files; send: the recipients' */
	struct hsm_option_list adopt;     /* import: base names */
	struct hsm_option_list ignore;    /* drift: GLOB:YYYY-MM-DD */
	const char *diff;                 /* preview: REV */
	const char *requires;             /* check: requirements file */
	const char *against;              /* plan: snapshot file */
	struct hsm_option_list exceed;    /* apply: names of policies */
	const char *expect;               /* apply: hash of the plan */
	const char *to, *language, *text; /* send; NULL: not given */
	const char *results;              /* send: file */
	struct hsm_option_list values;    /* send: NAME=VALUE */
	double patience;                  /* send: seconds that a template may take; apply: that a quota may */
	double follow;                    /* send: seconds to ask what became of messages */
	int64_t rate;                     /* send: messages a minute; 0: no limit */
	bool dry_run, skip_invalid, show_recipients; /* send */
	const char *serve;                /* flow: serve's file */
	const char *name, *queue;         /* flow */
	/* what is left */
	struct hsm_option_list arguments; /* as many as the command takes */
};

struct hsm_session;

struct hsm_example {
	const char *line; /* "hsmctl plan --env prod" */
	const char *what; /* "what an apply to prod would do" */
};

#define HSM_EXAMPLE_MAX 4

/* What an argument is, for completion. */
enum hsm_argument_kind {
	HSM_ARGUMENT_NONE,
	HSM_ARGUMENT_FILE,
	HSM_ARGUMENT_FOLDER,
	HSM_ARGUMENT_TEXT,
	HSM_ARGUMENT_WORD,    /* one of `words` */
	HSM_ARGUMENT_COMMAND, /* a command's name */
};

struct hsm_command {
	const char *name;
	const char *arguments; /* "[PATH...]", or NULL */
	enum hsm_argument_kind argument_kind;
	const char *const *words; /* of an ARGUMENT_WORD; NULL-terminated */
	size_t minimum, maximum;  /* arguments; SIZE_MAX: any number */
	unsigned formats;         /* 1u << enum hsm_format of each that it has; 0: no choice */
	const char *summary;      /* for the list of commands: no full stop */
	const char *description;  /* for its own help: sentences; paragraphs end in \n\n */
	struct hsm_example examples[HSM_EXAMPLE_MAX]; /* at least one */
	/* Returns 0, HSM_DIFFERENCES, or an error class with the error filled in: it
	 * is printed by main. Where all has been said already, its message is "". */
	int (*run)(struct hsm_session *session, struct hsm_error *error);
};

/* By enum hsm_command_id. */
extern const struct hsm_command hsm_commands[HSM_COMMAND_MAX_];

enum hsm_option_type {
	HSM_OPTION_SWITCH,   /* bool */
	HSM_OPTION_TEXT,     /* const char * */
	HSM_OPTION_LIST,     /* struct hsm_option_list */
	HSM_OPTION_NUMBER,   /* int64_t */
	HSM_OPTION_DURATION, /* double, seconds */
	HSM_OPTION_WORD,     /* int, from 1 */
};

#define HSM_EVERY_COMMAND (~0u)

struct hsm_option {
	const char *name;
	char letter; /* 0: none */
	enum hsm_option_type type;
	size_t offset;        /* in struct hsm_options */
	unsigned commands;    /* 1u << enum hsm_command_id of each that takes it */
	const char *argument; /* "FILE"; NULL for a switch */
	enum hsm_argument_kind argument_kind;
	const char *const *words; /* of an OPTION_WORD; of an OPTION_LIST, where only these may stand in it */
	int64_t minimum, maximum; /* of an OPTION_NUMBER */
	const char *variable;     /* environment variable that gives it where it is not given; NULL: none */
	const char *help;
};

extern const struct hsm_option hsm_option_table[];
extern const size_t hsm_option_table_count;

extern const char *const hsm_format_words[];

/* Whether the command has the format. */
bool hsm_command_has_format(const struct hsm_command *command, int format);

/*
 * Reads the command line. *command is NULL where none is named, and help is
 * wanted then. HSM_ERROR_USAGE says what is wrong and, where it can, what was
 * meant.
 */
int hsm_options_parse(int argc, char *argv[], const struct hsm_command **command, struct hsm_options *options,
		      struct hsm_error *error);
void hsm_options_release(struct hsm_options *options);

/* The commands, a file each. */
int hsm_command_init(struct hsm_session *session, struct hsm_error *error);
int hsm_command_doctor(struct hsm_session *session, struct hsm_error *error);
int hsm_command_validate(struct hsm_session *session, struct hsm_error *error);
int hsm_command_bump(struct hsm_session *session, struct hsm_error *error);
int hsm_command_plan(struct hsm_session *session, struct hsm_error *error);
int hsm_command_show(struct hsm_session *session, struct hsm_error *error);
int hsm_command_apply(struct hsm_session *session, struct hsm_error *error);
int hsm_command_drift(struct hsm_session *session, struct hsm_error *error);
int hsm_command_status(struct hsm_session *session, struct hsm_error *error);
int hsm_command_wait(struct hsm_session *session, struct hsm_error *error);
int hsm_command_check(struct hsm_session *session, struct hsm_error *error);
int hsm_command_history(struct hsm_session *session, struct hsm_error *error);
int hsm_command_diff(struct hsm_session *session, struct hsm_error *error);
int hsm_command_import(struct hsm_session *session, struct hsm_error *error);
int hsm_command_snapshot(struct hsm_session *session, struct hsm_error *error);
int hsm_command_preview(struct hsm_session *session, struct hsm_error *error);
int hsm_command_send(struct hsm_session *session, struct hsm_error *error);
int hsm_command_serve(struct hsm_session *session, struct hsm_error *error);
int hsm_command_flow(struct hsm_session *session, struct hsm_error *error);
int hsm_command_schema(struct hsm_session *session, struct hsm_error *error);
int hsm_command_explain(struct hsm_session *session, struct hsm_error *error);
int hsm_command_completion(struct hsm_session *session, struct hsm_error *error);
int hsm_command_version(struct hsm_session *session, struct hsm_error *error);
int hsm_command_help(struct hsm_session *session, struct hsm_error *error);

#endif
