#include "cmd/hsmctl/help.h"

#include <stdio.h>
#include <string.h>

#include "cmd/hsmctl/session.h"

#define WIDTH 80
#define INDENT 28

const struct hsm_option *hsm_option_next(const struct hsm_command *command, const struct hsm_option *option)
{
	const struct hsm_option *end = hsm_option_table + hsm_option_table_count;
	unsigned bit = command ? 1u << (command - hsm_commands) : HSM_EVERY_COMMAND;
	for (option = option ? option + 1 : hsm_option_table; option < end; option++)
		if (option->commands & bit)
			return option;
	return NULL;
}

/* Words of a text, broken before the width; every line but the first is
 * indented. The line stands at `column` already. */
static void append_wrapped(struct hsm_buffer *buffer, const char *text, size_t column, size_t indent)
{
	bool first = true;
	while (*text) {
		size_t length = strcspn(text, " \n"), breaks = strspn(text, "\n");
		if (breaks) { /* between paragraphs */
			hsm_buffer_append_format(buffer, "%.*s%*s", (int)breaks, text, (int)indent, "");
			text += breaks;
			column = indent;
			first = true;
			continue;
		}
		if (!first && column + 1 + length > WIDTH) {
			hsm_buffer_append_format(buffer, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			hsm_buffer_append_char(buffer, ' ');
			column++;
		}
		hsm_buffer_append(buffer, text, length);
		column += length;
		text += length + strspn(text + length, " ");
		first = false;
	}
	hsm_buffer_append_char(buffer, '\n');
}

/* "  left        right", right wrapped in its column. */
static void append_row(struct hsm_buffer *buffer, const char *left, const char *right)
{
	size_t length = strlen(left) + 2;
	hsm_buffer_append_format(buffer, "  %s", left);
	if (length + 2 > INDENT)
		hsm_buffer_append_char(buffer, '\n');
	hsm_buffer_append_format(buffer, "%*s", (int)(length + 2 > INDENT ? INDENT : INDENT - length), "");
	append_wrapped(buffer, right, INDENT, INDENT);
}

static void append_option(struct hsm_buffer *buffer, const struct hsm_command *command,
			  const struct hsm_option *option)
{
	char left[80];
	struct hsm_buffer right = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
		 option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
		 option->argument ? " " : "", option->argument ? option->argument : "");
	hsm_buffer_append_string(&right, option->help);
	if (option->words == hsm_format_words) {
		hsm_buffer_append_string(&right, ":");
		for (int i = 0; hsm_format_words[i]; i++)
			if (!command || hsm_command_has_format(command, i + 1))
				hsm_buffer_append_format(&right, " %s", hsm_format_words[i]);
	}
	if (option->variable)
		hsm_buffer_append_format(&right, " [%s]", option->variable);
	append_row(buffer, left, hsm_buffer_text(&right));
	hsm_buffer_release(&right);
}

static void append_options(struct hsm_buffer *buffer, const struct hsm_command *command, bool global,
			   const char *title)
{
	bool titled = false;
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(command, option));) {
		if ((option->commands == HSM_EVERY_COMMAND) != global)
			continue;
		if (!titled)
			hsm_buffer_append_format(buffer, "\n%s:\n", title);
		titled = true;
		append_option(buffer, command, option);
	}
}

static void append_overview(struct hsm_buffer *buffer)
{
	hsm_buffer_append_string(
	    buffer, "hsmctl keeps the WhatsApp templates of a Genesys Cloud organisation equal to\n"
		    "what a git repository says.\n\n"
		    "Usage: hsmctl COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n");
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++)
		append_row(buffer, hsm_commands[i].name, hsm_commands[i].summary);
	append_options(buffer, NULL, true, "Options of every command");
	hsm_buffer_append_string(buffer, "\nExit codes:\n");
	for (const struct hsm_exit *row = NULL; (row = hsm_exit_next(row));) {
		char code[16];
		snprintf(code, sizeof(code), "%d", row->code);
		append_row(buffer, code, row->meaning);
	}
	hsm_buffer_append_string(
	    buffer, "\n'hsmctl help COMMAND' explains a command, 'hsmctl init' begins a repository.\n");
}

void hsm_help_append(const struct hsm_command *command, struct hsm_buffer *buffer)
{
	if (!command) {
		append_overview(buffer);
		return;
	}
	hsm_buffer_append_format(buffer, "hsmctl %s: ", command->name);
	append_wrapped(buffer, command->summary, strlen(command->name) + 9, 2);
	hsm_buffer_append_format(buffer, "\nUsage: hsmctl %s [OPTION...]%s%s\n\n", command->name,
				 command->arguments ? " " : "", command->arguments ? command->arguments : "");
	append_wrapped(buffer, command->description, 0, 0);
	hsm_buffer_append_string(buffer, "\nExamples:\n");
	for (size_t i = 0; i < HSM_EXAMPLE_MAX && command->examples[i].line; i++)
		hsm_buffer_append_format(buffer, "  # %s\n  %s\n", command->examples[i].what,
					 command->examples[i].line);
	append_options(buffer, command, false, "Options");
	append_options(buffer, command, true, "Options of every command");
}

int hsm_command_help(struct hsm_session *session, struct hsm_error *error)
{
	const struct hsm_command *command = NULL;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	(void)error;
	for (size_t i = 0; session->options.arguments.count && i < HSM_COMMAND_MAX_; i++)
		if (strcmp(hsm_commands[i].name, session->options.arguments.items[0]) == 0)
			command = &hsm_commands[i];
	if (session->options.format == HSM_FORMAT_MAN)
		hsm_help_append_man(&text);
	else
		hsm_help_append(command, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return 0;
}
