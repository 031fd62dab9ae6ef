#include <string.h>

#include "cmd/hsmctl/help.h"

/* The manual page, from the tables. roff takes \ for an escape, - for a hyphen
 * that can't be copied, and a line that begins with . or ' for a request. */
static void append_escaped(struct hsm_buffer *buffer, const char *text)
{
	if (*text == '.' || *text == '\'')
		hsm_buffer_append_string(buffer, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			hsm_buffer_append_string(buffer, "\\e");
		else if (*text == '-')
			hsm_buffer_append_string(buffer, "\\-");
		else if (*text == '\'')
			hsm_buffer_append_string(buffer, "\\(aq");
		else if (*text == '~')
			hsm_buffer_append_string(buffer, "\\(ti");
		else
			hsm_buffer_append_char(buffer, *text);
	}
}

static void append_line(struct hsm_buffer *buffer, const char *request, const char *text)
{
	hsm_buffer_append_string(buffer, request);
	append_escaped(buffer, text);
	hsm_buffer_append_char(buffer, '\n');
}

static void append_option(struct hsm_buffer *buffer, const struct hsm_option *option)
{
	hsm_buffer_append_string(buffer, ".TP\n");
	if (option->letter)
		hsm_buffer_append_format(buffer, "\\fB\\-%c\\fR, ", option->letter);
	hsm_buffer_append_string(buffer, "\\fB");
	append_escaped(buffer, "--");
	append_escaped(buffer, option->name);
	hsm_buffer_append_string(buffer, "\\fR");
	if (option->argument)
		hsm_buffer_append_format(buffer, " \\fI%s\\fR", option->argument);
	hsm_buffer_append_char(buffer, '\n');
	append_escaped(buffer, option->help);
	for (int i = 0; option->words && option->words[i]; i++)
		hsm_buffer_append_format(buffer, "%s%s", i ? ", " : ": ", option->words[i]);
	hsm_buffer_append_char(buffer, '\n');
}

static void append_options(struct hsm_buffer *buffer, const struct hsm_command *command, bool global)
{
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(command, option));)
		if ((option->commands == HSM_EVERY_COMMAND) == global)
			append_option(buffer, option);
}

static void append_command(struct hsm_buffer *buffer, const struct hsm_command *command)
{
	hsm_buffer_append_format(buffer, ".SS \"hsmctl %s", command->name);
	if (command->arguments) {
		hsm_buffer_append_char(buffer, ' ');
		append_escaped(buffer, command->arguments);
	}
	hsm_buffer_append_string(buffer, "\"\n");
	append_line(buffer, "", command->description);
	append_options(buffer, command, false);
	for (size_t i = 0; i < HSM_EXAMPLE_MAX && command->examples[i].line; i++) {
		append_line(buffer, ".PP\n", command->examples[i].what);
		hsm_buffer_append_string(buffer, ".PP\n.RS 4\n.nf\n");
		append_line(buffer, "", command->examples[i].line);
		hsm_buffer_append_string(buffer, ".fi\n.RE\n");
	}
}

static void append_variables(struct hsm_buffer *buffer)
{
	static const char *const variables[][2] = {
		{ "NO_COLOR", "No colour, unless --color says otherwise." },
		{ "GENESYSCLOUD_OAUTHCLIENT_ID, GENESYSCLOUD_OAUTHCLIENT_SECRET",
		  "The OAuth client, where the environment names no variables of its own." },
		{ "GENESYSCLOUD_ACCESS_TOKEN", "A token in place of the client." },
		{ "GENESYSCLOUD_REGION", "The region, where the environment names none." },
		{ "HSMCTL_ALLOW_HOSTS",
		  "Hosts beyond the domains of Genesys and loopback that credentials may be sent to." },
	};
	hsm_buffer_append_string(buffer, ".SH ENVIRONMENT\n");
	for (size_t i = 0; i < hsm_option_table_count; i++) {
		const struct hsm_option *option = &hsm_option_table[i];
		if (option->variable)
			hsm_buffer_append_format(
			    buffer, ".TP\n\\fB%s\\fR\nWhat \\-\\-%s means where it is not given.\n",
			    option->variable, option->name);
	}
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		hsm_buffer_append_format(buffer, ".TP\n\\fB%s\\fR\n", variables[i][0]);
		append_line(buffer, "", variables[i][1]);
	}
}

void hsm_help_append_man(struct hsm_buffer *buffer)
{
	hsm_buffer_append_string(
	    buffer,
	    ".TH HSMCTL 1 \"\" \"hsmctl " HSM_VERSION "\" \"User Commands\"\n"
	    ".SH NAME\nhsmctl \\- keep WhatsApp templates on Genesys Cloud equal to a git repository\n"
	    ".SH SYNOPSIS\n\\fBhsmctl\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
	    ".SH DESCRIPTION\nhsmctl keeps the WhatsApp message templates of a Genesys Cloud organisation "
	    "equal to "
	    "what a git repository says: hsmctl.yaml and templates/*.yaml. It never edits a template. A "
	    "change becomes "
	    "a new version beside the old one, which stays until nothing needs it.\n"
	    ".SH COMMANDS\n");
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++)
		append_command(buffer, &hsm_commands[i]);
	hsm_buffer_append_string(buffer, ".SH OPTIONS\nOf every command:\n");
	append_options(buffer, NULL, true);
	hsm_buffer_append_string(buffer, ".SH EXIT STATUS\n");
	for (const struct hsm_exit *row = NULL; (row = hsm_exit_next(row));) {
		hsm_buffer_append_format(buffer, ".TP\n\\fB%d\\fR\n", row->code);
		append_line(buffer, "", row->meaning);
	}
	append_variables(buffer);
	hsm_buffer_append_string(buffer,
				 ".SH FILES\n.TP\n\\fBhsmctl.yaml\\fR\nEnvironments, variables, policies.\n"
				 ".TP\n\\fBtemplates/*.yaml\\fR\nThe templates, one a file, at any depth.\n");
}
