#include <string.h>

#include "cmd/hsmctl/help.h"
#include "cmd/hsmctl/session.h"

/* The completions of three shells, from the tables. */

/* 'text', where a quote is written as `quote`. */
static void append_quoted(struct hsm_buffer *buffer, const char *text, const char *quote)
{
	hsm_buffer_append_char(buffer, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			hsm_buffer_append_string(buffer, quote);
		else
			hsm_buffer_append_char(buffer, *text);
	}
	hsm_buffer_append_char(buffer, '\'');
}

static void append_words(struct hsm_buffer *buffer, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		hsm_buffer_append_format(buffer, "%s%s", i ? " " : "", words[i]);
}

/* An option's words; of --format those that the command has. */
static void append_option_words(struct hsm_buffer *buffer, const struct hsm_command *command,
				const struct hsm_option *option)
{
	bool first = true;
	if (option->words != hsm_format_words || !command) {
		append_words(buffer, option->words);
		return;
	}
	for (int i = 0; hsm_format_words[i]; i++) {
		if (!hsm_command_has_format(command, i + 1))
			continue;
		hsm_buffer_append_format(buffer, "%s%s", first ? "" : " ", hsm_format_words[i]);
		first = false;
	}
}

/* What a command's arguments may be, where that is a set of words. */
static void append_argument_words(struct hsm_buffer *buffer, const struct hsm_command *command)
{
	if (command && command->argument_kind == HSM_ARGUMENT_WORD)
		append_words(buffer, command->words);
	for (size_t i = 0;
	     (!command || command->argument_kind == HSM_ARGUMENT_COMMAND) && i < HSM_COMMAND_MAX_; i++)
		hsm_buffer_append_format(buffer, "%s%s", i ? " " : "", hsm_commands[i].name);
}

/* "--out" or "--env | -e", as bash's case reads it. */
static void append_bash_pattern(struct hsm_buffer *buffer, const struct hsm_option *option)
{
	hsm_buffer_append_format(buffer, "--%s", option->name);
	if (option->letter)
		hsm_buffer_append_format(buffer, " | -%c", option->letter);
}

static void append_bash_format(struct hsm_buffer *buffer, const struct hsm_option *option)
{
	hsm_buffer_append_string(buffer, "\t\tcase $command in\n");
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++) {
		hsm_buffer_append_format(buffer, "\t\t%s) words=\"", hsm_commands[i].name);
		append_option_words(buffer, &hsm_commands[i], option);
		hsm_buffer_append_string(buffer, "\" ;;\n");
	}
	hsm_buffer_append_string(buffer, "\t\tesac\n\t\t;;\n");
}

static void append_bash_values(struct hsm_buffer *buffer)
{
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(NULL, option));) {
		if (!option->argument)
			continue;
		hsm_buffer_append_char(buffer, '\t');
		append_bash_pattern(buffer, option);
		hsm_buffer_append_string(buffer, ")\n");
		if (option->words == hsm_format_words) {
			append_bash_format(buffer, option);
			continue;
		}
		if (option->argument_kind == HSM_ARGUMENT_FILE)
			hsm_buffer_append_string(buffer, "\t\tkind=file");
		else if (option->argument_kind == HSM_ARGUMENT_FOLDER)
			hsm_buffer_append_string(buffer, "\t\tkind=directory");
		else
			hsm_buffer_append_string(buffer, "\t\twords=\"");
		if (option->words)
			append_words(buffer, option->words);
		hsm_buffer_append_string(buffer, option->argument_kind == HSM_ARGUMENT_FILE ||
							 option->argument_kind == HSM_ARGUMENT_FOLDER
						     ? "\n\t\t;;\n"
						     : "\"\n\t\t;;\n");
	}
}

static void append_bash_command(struct hsm_buffer *buffer, const struct hsm_command *command)
{
	hsm_buffer_append_format(buffer, "\t\t%s)\n\t\t\toptions=\"", command ? command->name : "*");
	bool first = true;
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(command, option));) {
		if (!command && option->commands != HSM_EVERY_COMMAND)
			continue;
		hsm_buffer_append_format(buffer, "%s--%s", first ? "" : " ", option->name);
		first = false;
	}
	hsm_buffer_append_string(buffer, "\"\n\t\t\twords=\"");
	append_argument_words(buffer, command);
	hsm_buffer_append_format(buffer, "\"\n%s\t\t\t;;\n",
				 command && command->argument_kind == HSM_ARGUMENT_FILE ? "\t\t\tkind=file\n"
											: "");
}

static const char bash_start[] =
	"# bash completion for hsmctl: source <(hsmctl completion bash)\n"
	"_hsmctl() {\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command= kind=words words= options= i\n"
	"\t# bash cuts --option=value into three words\n"
	"\tif [ \"$current\" = = ]; then\n"
	"\t\tcurrent=\n"
	"\telif [ \"$previous\" = = ]; then\n"
	"\t\tprevious=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n\t\t";

static const char bash_walk[] =
	")\n"
	"\t\t\tif [ \"${COMP_WORDS[i + 1]}\" = = ]; then i=$((i + 2)); else i=$((i + 1)); fi\n"
	"\t\t\t;;\n"
	"\t\t-*) ;;\n"
	"\t\t*)\n"
	"\t\t\tcommand=${COMP_WORDS[i]}\n"
	"\t\t\tbreak\n"
	"\t\t\t;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tcase $previous in\n";

static const char bash_end[] =
	"\t\tesac\n"
	"\t\tcase $current in\n"
	"\t\t-*)\n"
	"\t\t\tkind=words\n"
	"\t\t\twords=$options\n"
	"\t\t\t;;\n"
	"\t\tesac\n"
	"\t\t;;\n"
	"\tesac\n"
	"\tif [ \"$kind\" = words ]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	"\telse\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -A \"$kind\" -- \"$current\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _hsmctl hsmctl\n";

static void append_bash(struct hsm_buffer *buffer)
{
	hsm_buffer_append_string(buffer, bash_start);
	bool first = true;
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(NULL, option));) {
		if (!option->argument)
			continue;
		hsm_buffer_append_string(buffer, first ? "" : " | ");
		append_bash_pattern(buffer, option);
		first = false;
	}
	hsm_buffer_append_string(buffer, bash_walk);
	append_bash_values(buffer);
	hsm_buffer_append_string(buffer, "\t*)\n\t\tcase $command in\n");
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++)
		append_bash_command(buffer, &hsm_commands[i]);
	append_bash_command(buffer, NULL);
	hsm_buffer_append_string(buffer, bash_end);
}

/* zsh: what stands in brackets, and the action behind the last colon. */
static void append_zsh_option(struct hsm_buffer *buffer, const struct hsm_command *command,
			      const struct hsm_option *option)
{
	struct hsm_buffer spec = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_string(&spec, "[");
	for (const char *c = option->help; *c; c++)
		hsm_buffer_append_format(&spec, "%s%c", strchr("[]:\\", *c) ? "\\" : "", *c);
	hsm_buffer_append_char(&spec, ']');
	if (option->argument)
		hsm_buffer_append_format(&spec, ":%s:", option->argument);
	if (option->words) {
		hsm_buffer_append_char(&spec, '(');
		append_option_words(&spec, command, option);
		hsm_buffer_append_char(&spec, ')');
	} else if (option->argument_kind == HSM_ARGUMENT_FILE) {
		hsm_buffer_append_string(&spec, "_files");
	} else if (option->argument_kind == HSM_ARGUMENT_FOLDER) {
		hsm_buffer_append_string(&spec, "_files -/");
	}
	const char *equals = option->argument ? "=" : "";
	hsm_buffer_append_string(buffer, "\t\t");
	if (option->type == HSM_OPTION_LIST)
		hsm_buffer_append_string(buffer, "'*'");
	if (option->letter)
		hsm_buffer_append_format(buffer, "'(-%c --%s)'{-%c%s,--%s%s}", option->letter, option->name,
					 option->letter, option->argument ? "+" : "", option->name, equals);
	else
		hsm_buffer_append_format(buffer, "--%s%s", option->name, equals);
	append_quoted(buffer, hsm_buffer_text(&spec), "'\\''");
	hsm_buffer_append_char(buffer, '\n');
	hsm_buffer_release(&spec);
}

static void append_zsh_command(struct hsm_buffer *buffer, const struct hsm_command *command)
{
	hsm_buffer_append_format(buffer, "\t%s)\n\t\tspecs=(\n", command->name);
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(command, option));)
		append_zsh_option(buffer, command, option);
	if (command->argument_kind == HSM_ARGUMENT_FILE) {
		hsm_buffer_append_format(buffer, "\t\t'%s:file:_files'\n", command->maximum == 1 ? "1" : "*");
	} else if (command->argument_kind != HSM_ARGUMENT_NONE) {
		hsm_buffer_append_format(buffer, "\t\t'1:%s:(", command->name);
		append_argument_words(buffer, command);
		hsm_buffer_append_string(buffer, ")'\n");
	}
	hsm_buffer_append_string(buffer, "\t\t)\n\t\t;;\n");
}

static const char zsh_start[] =
	"#compdef hsmctl\n"
	"# zsh completion for hsmctl: hsmctl completion zsh > \"${fpath[1]}/_hsmctl\"\n"
	"_hsmctl() {\n"
	"\tlocal curcontext=\"$curcontext\" state line\n"
	"\tlocal -a specs commands\n"
	"\tlocal -A opt_args\n"
	"\tspecs=(\n";

static const char zsh_arguments[] =
	"\t)\n"
	"\t_arguments -C -A '-*' $specs '1: :->command' '*:: :->arguments' && return\n"
	"\tif [[ $state = command ]]; then\n"
	"\t\t_describe command commands\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tcase $line[1] in\n";

static const char zsh_end[] =
	"\tesac\n"
	"\t_arguments $specs\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _hsmctl ]; then\n"
	"\t_hsmctl \"$@\"\n"
	"else\n"
	"\tcompdef _hsmctl hsmctl\n"
	"fi\n";

static void append_zsh(struct hsm_buffer *buffer)
{
	hsm_buffer_append_string(buffer, zsh_start);
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(NULL, option));)
		if (option->commands == HSM_EVERY_COMMAND)
			append_zsh_option(buffer, NULL, option);
	hsm_buffer_append_string(buffer, "\t)\n\tcommands=(\n");
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++) {
		struct hsm_buffer row = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_buffer_append_format(&row, "%s:%s", hsm_commands[i].name, hsm_commands[i].summary);
		hsm_buffer_append_string(buffer, "\t\t");
		append_quoted(buffer, hsm_buffer_text(&row), "'\\''");
		hsm_buffer_append_char(buffer, '\n');
		hsm_buffer_release(&row);
	}
	hsm_buffer_append_string(buffer, zsh_arguments);
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++)
		append_zsh_command(buffer, &hsm_commands[i]);
	hsm_buffer_append_string(buffer, zsh_end);
}

static void append_fish_option(struct hsm_buffer *buffer, const struct hsm_command *command,
			       const struct hsm_option *option)
{
	hsm_buffer_append_string(buffer, "complete -c hsmctl");
	if (command)
		hsm_buffer_append_format(buffer, " -n '__fish_seen_subcommand_from %s'", command->name);
	hsm_buffer_append_format(buffer, " -l %s", option->name);
	if (option->letter)
		hsm_buffer_append_format(buffer, " -s %c", option->letter);
	if (option->argument_kind == HSM_ARGUMENT_FILE)
		hsm_buffer_append_string(buffer, " -r -F");
	else if (option->argument_kind == HSM_ARGUMENT_FOLDER)
		hsm_buffer_append_string(buffer, " -x -a '(__fish_complete_directories)'");
	else if (option->argument)
		hsm_buffer_append_string(buffer, " -x");
	if (option->words) {
		hsm_buffer_append_string(buffer, " -a '");
		append_option_words(buffer, command, option);
		hsm_buffer_append_char(buffer, '\'');
	}
	hsm_buffer_append_string(buffer, " -d ");
	append_quoted(buffer, option->help, "\\'");
	hsm_buffer_append_char(buffer, '\n');
}

static void append_fish_command(struct hsm_buffer *buffer, const struct hsm_command *command)
{
	hsm_buffer_append_format(buffer, "complete -c hsmctl -n __fish_use_subcommand -a %s -d ",
				 command->name);
	append_quoted(buffer, command->summary, "\\'");
	hsm_buffer_append_char(buffer, '\n');
	/* --format has the words of each command. */
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(command, option));)
		if (option->commands != HSM_EVERY_COMMAND || option->words == hsm_format_words)
			append_fish_option(buffer, command, option);
	if (command->argument_kind == HSM_ARGUMENT_NONE)
		return;
	hsm_buffer_append_format(buffer, "complete -c hsmctl -n '__fish_seen_subcommand_from %s' ",
				 command->name);
	if (command->argument_kind == HSM_ARGUMENT_FILE) {
		hsm_buffer_append_string(buffer, "-F\n");
		return;
	}
	hsm_buffer_append_string(buffer, "-a '");
	append_argument_words(buffer, command);
	hsm_buffer_append_string(buffer, "'\n");
}

static void append_fish(struct hsm_buffer *buffer)
{
	hsm_buffer_append_string(buffer, "# fish completion for hsmctl: hsmctl completion fish | source\n"
					 "complete -c hsmctl -f\n");
	for (const struct hsm_option *option = NULL; (option = hsm_option_next(NULL, option));)
		if (option->commands == HSM_EVERY_COMMAND && option->words != hsm_format_words)
			append_fish_option(buffer, NULL, option);
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++)
		append_fish_command(buffer, &hsm_commands[i]);
}

int hsm_command_completion(struct hsm_session *session, struct hsm_error *error)
{
	const char *shell = session->options.arguments.items[0];
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	(void)error;
	if (strcmp(shell, "bash") == 0)
		append_bash(&text);
	else if (strcmp(shell, "zsh") == 0)
		append_zsh(&text);
	else
		append_fish(&text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return 0;
}
