#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/hsmctl/command.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define PARALLELISM_DEFAULT 8
#define INTERVAL_DEFAULT 10
#define DURATION_MAX (366.0 * 24 * 3600)

/* Where the parser stands in argv. */
struct cursor {
	int argc, at;
	char **argv;
	const char *letters;		   /* what is left of a bundle, -qv */
	bool only_arguments;		   /* behind -- */
	const struct hsm_command *command; /* NULL: not known yet */
};

/* What stands there: an option with its value, or (option NULL) an argument. */
struct item {
	const struct hsm_option *option;
	const char *value; /* NULL: a switch */
	char spelling[64]; /* "--out", "-q": as messages name it */
};

static bool takes(const struct hsm_command *command, const struct hsm_option *option)
{
	return !command || (option->commands & (1u << (command - hsm_commands)));
}

static const struct hsm_option *find_long(const char *name, size_t length)
{
	for (size_t i = 0; i < hsm_option_table_count; i++)
		if (strncmp(hsm_option_table[i].name, name, length) == 0 && !hsm_option_table[i].name[length])
			return &hsm_option_table[i];
	return NULL;
}

static const struct hsm_option *find_letter(char letter)
{
	for (size_t i = 0; i < hsm_option_table_count; i++)
		if (hsm_option_table[i].letter == letter)
			return &hsm_option_table[i];
	return NULL;
}

static int refuse_option(const struct cursor *cursor, const char *spelling, struct hsm_error *error)
{
	const char *words[64], *similar = NULL;
	size_t count = 0;
	for (size_t i = 0; i < hsm_option_table_count && count < 64; i++)
		if (takes(cursor->command, &hsm_option_table[i]))
			words[count++] = hsm_option_table[i].name;
	if (spelling[0] == '-' && spelling[1] == '-')
		similar = hsm_text_find_similar(spelling + 2, words, count);
	const char *name = cursor->command ? cursor->command->name : NULL;
	if (similar)
		return hsm_error_set(error, HSM_ERROR_USAGE, "unknown option %s: did you mean --%s?",
				     spelling, similar);
	return hsm_error_set(error, HSM_ERROR_USAGE,
			     "unknown option %s: 'hsmctl help%s%s' lists what there is", spelling,
			     name ? " " : "", name ? name : "");
}

/* The value that follows as an argument of its own. */
static int take_value(struct cursor *cursor, struct item *item, struct hsm_error *error)
{
	if (cursor->at >= cursor->argc)
		return hsm_error_set(error, HSM_ERROR_USAGE, "%s wants a value: %s %s", item->spelling,
				     item->spelling, item->option->argument);
	item->value = cursor->argv[cursor->at++];
	return 0;
}

static int read_long(struct cursor *cursor, const char *text, struct item *item, struct hsm_error *error)
{
	size_t length = strcspn(text, "=");
	snprintf(item->spelling, sizeof(item->spelling), "--%.*s", (int)(length < 60 ? length : 60), text);
	item->option = find_long(text, length);
	if (!item->option || !takes(cursor->command, item->option))
		return refuse_option(cursor, item->spelling, error);
	if (item->option->type != HSM_OPTION_SWITCH && text[length]) {
		item->value = text + length + 1;
		return 0;
	}
	if (text[length])
		return hsm_error_set(error, HSM_ERROR_USAGE, "%s takes no value", item->spelling);
	return item->option->type == HSM_OPTION_SWITCH ? 0 : take_value(cursor, item, error);
}

static int read_letter(struct cursor *cursor, struct item *item, struct hsm_error *error)
{
	char letter = *cursor->letters++;
	snprintf(item->spelling, sizeof(item->spelling), "-%c", letter);
	item->option = find_letter(letter);
	if (!item->option || !takes(cursor->command, item->option))
		return refuse_option(cursor, item->spelling, error);
	if (item->option->type == HSM_OPTION_SWITCH)
		return 0;
	if (!*cursor->letters)
		return take_value(cursor, item, error);
	item->value = cursor->letters;
	cursor->letters = "";
	return 0;
}

/* The next thing; *done at the end. */
static int read_item(struct cursor *cursor, struct item *item, bool *done, struct hsm_error *error)
{
	*item = (struct item){ 0 };
	if (cursor->letters && *cursor->letters)
		return read_letter(cursor, item, error);
	if (!cursor->only_arguments && cursor->at < cursor->argc &&
	    strcmp(cursor->argv[cursor->at], "--") == 0) {
		cursor->only_arguments = true;
		cursor->at++;
	}
	*done = cursor->at >= cursor->argc;
	if (*done)
		return 0;
	const char *text = cursor->argv[cursor->at++];
	if (cursor->only_arguments || text[0] != '-' || !text[1]) {
		item->value = text;
		return 0;
	}
	if (text[1] == '-')
		return read_long(cursor, text + 2, item, error);
	cursor->letters = text + 1;
	return read_letter(cursor, item, error);
}

static int find_command(const char *name, const struct hsm_command **command, struct hsm_error *error)
{
	const char *words[HSM_COMMAND_MAX_];
	for (size_t i = 0; i < HSM_COMMAND_MAX_; i++) {
		words[i] = hsm_commands[i].name;
		if (strcmp(name, words[i]) == 0) {
			*command = &hsm_commands[i];
			return 0;
		}
	}
	const char *similar = hsm_text_find_similar(name, words, HSM_COMMAND_MAX_);
	if (similar)
		return hsm_error_set(error, HSM_ERROR_USAGE, "unknown command '%s': did you mean '%s'?", name,
				     similar);
	return hsm_error_set(error, HSM_ERROR_USAGE, "unknown command '%s': 'hsmctl help' lists them", name);
}

/* 0: it is no unit. */
static double count_seconds(const char *unit)
{
	if (!*unit || strcmp(unit, "s") == 0)
		return 1;
	if (strcmp(unit, "m") == 0)
		return 60;
	return strcmp(unit, "h") == 0 ? 3600 : 0;
}

static int set_duration(double *seconds, const char *name, const char *text, struct hsm_error *error)
{
	size_t digits = strspn(text, "0123456789");
	if (digits && text[digits] == '.' && strspn(text + digits + 1, "0123456789"))
		digits += 1 + strspn(text + digits + 1, "0123456789");
	const char *unit = text + digits;
	*seconds = digits ? strtod(text, NULL) * count_seconds(unit) : 0;
	if (*seconds > 0 && *seconds <= DURATION_MAX)
		return 0;
	return hsm_error_set(error, HSM_ERROR_USAGE, "%s wants a number of seconds, or 30s, 5m, 2h; not '%s'",
			     name, text);
}

static int set_number(const struct hsm_option *option, int64_t *number, const char *name, const char *text,
		      struct hsm_error *error)
{
	size_t length = strlen(text);
	*number =
	    length && length <= 9 && strspn(text, "0123456789") == length ? strtoll(text, NULL, 10) : -1;
	if (*number >= option->minimum && *number <= option->maximum)
		return 0;
	return hsm_error_set(error, HSM_ERROR_USAGE, "%s wants a number from %lld to %lld, not '%s'", name,
			     (long long)option->minimum, (long long)option->maximum, text);
}

/* One of the words, counted from 1. */
static int find_word(const char *const *words, const char *name, const char *text, int *value,
		     struct hsm_error *error)
{
	struct hsm_buffer list = HSM_BUFFER_INIT(HSM_ERROR_MESSAGE_SIZE / 2);
	for (int i = 0; words[i]; i++) {
		hsm_buffer_append_format(&list, "%s%s", i ? ", " : "", words[i]);
		if (strcmp(words[i], text) == 0)
			*value = i + 1;
	}
	int rc = *value ? 0
			: hsm_error_set(error, HSM_ERROR_USAGE, "%s wants one of %s; not '%s'", name,
					hsm_buffer_text(&list), text);
	hsm_buffer_release(&list);
	return rc;
}

static void add_item(struct hsm_option_list *list, const char *value)
{
	HSM_MEMORY_GROW(list->items, list->count, list->capacity);
	list->items[list->count++] = value;
}

static int set_option(struct hsm_options *options, const struct hsm_option *option, const char *name,
		      const char *value, struct hsm_error *error)
{
	void *at = (char *)options + option->offset;
	int word = 0;
	switch (option->type) {
	case HSM_OPTION_SWITCH:
		*(bool *)at = true;
		return 0;
	case HSM_OPTION_TEXT:
		*(const char **)at = value;
		return *value ? 0 : hsm_error_set(error, HSM_ERROR_USAGE, "%s is empty", name);
	case HSM_OPTION_LIST:
		add_item(at, value);
		if (option->words)
			return find_word(option->words, name, value, &word, error);
		return *value ? 0 : hsm_error_set(error, HSM_ERROR_USAGE, "%s is empty", name);
	case HSM_OPTION_NUMBER:
		return set_number(option, at, name, value, error);
	case HSM_OPTION_DURATION:
		return set_duration(at, name, value, error);
	case HSM_OPTION_WORD:
		*(int *)at = 0;
		return find_word(option->words, name, value, at, error);
	}
	return 0;
}

/* Options that were not given and that a variable of the process gives. */
static int read_variables(struct hsm_options *options, const struct hsm_command *command, uint64_t given,
			  struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < hsm_option_table_count; i++) {
		const struct hsm_option *option = &hsm_option_table[i];
		const char *value = option->variable ? getenv(option->variable) : NULL;
		if (value && *value && !(given & (UINT64_C(1) << i)) && takes(command, option))
			rc = set_option(options, option, option->variable, value, error);
	}
	return rc;
}

static int check_arguments(const struct hsm_command *command, const struct hsm_options *options,
			   struct hsm_error *error)
{
	const struct hsm_option_list *given = &options->arguments;
	if (given->count > command->maximum && !command->maximum)
		return hsm_error_set(error, HSM_ERROR_USAGE, "%s takes no argument: '%s'", command->name,
				     given->items[0]);
	if (given->count > command->maximum)
		return hsm_error_set(error, HSM_ERROR_USAGE, "%s takes one argument, not '%s' too",
				     command->name, given->items[command->maximum]);
	if (given->count < command->minimum)
		return hsm_error_set(error, HSM_ERROR_USAGE, "%s wants an argument: hsmctl %s %s",
				     command->name, command->name, command->arguments);
	int value = 0;
	const struct hsm_command *explained;
	if (command->argument_kind == HSM_ARGUMENT_WORD)
		return find_word(command->words, command->name, given->items[0], &value, error);
	if (command->argument_kind == HSM_ARGUMENT_COMMAND && given->count)
		return find_command(given->items[0], &explained, error);
	return 0;
}

static int check(const struct hsm_command *command, const struct hsm_options *options,
		 struct hsm_error *error)
{
	struct hsm_buffer list = HSM_BUFFER_INIT(HSM_ERROR_MESSAGE_SIZE / 2);
	int rc = check_arguments(command, options, error);
	if (rc || hsm_command_has_format(command, options->format))
		return rc;
	for (int i = 0; hsm_format_words[i]; i++)
		if (hsm_command_has_format(command, i + 1))
			hsm_buffer_append_format(&list, "%s%s", list.length ? " and " : "",
						 hsm_format_words[i]);
	rc = hsm_error_set(error, HSM_ERROR_USAGE, "%s has no format %s, only %s", command->name,
			   hsm_format_words[options->format - 1], hsm_buffer_text(&list));
	hsm_buffer_release(&list);
	return rc;
}

/* The command decides which options there are, and may stand behind some. */
static int look_for_command(int argc, char *argv[], const struct hsm_command **command,
			    struct hsm_error *error)
{
	struct cursor cursor = { .argc = argc, .at = 1, .argv = argv };
	struct item item;
	bool done = false;
	*command = NULL;
	while (!done && !read_item(&cursor, &item, &done, error))
		if (!done && !item.option)
			return find_command(item.value, command, error);
	return 0; /* what is wrong is said when the options are read */
}

static int read_options(struct cursor *cursor, struct hsm_options *options, uint64_t *given,
			struct hsm_error *error)
{
	struct item item;
	bool done = false, seen_command = false;
	int rc = 0;
	while (!rc && !options->help && !(rc = read_item(cursor, &item, &done, error)) && !done) {
		if (item.option) {
			*given |= UINT64_C(1) << (item.option - hsm_option_table);
			rc = set_option(options, item.option, item.spelling, item.value, error);
		} else if (seen_command) {
			add_item(&options->arguments, item.value);
		}
		seen_command = seen_command || !item.option;
	}
	return rc;
}

int hsm_options_parse(int argc, char *argv[], const struct hsm_command **command, struct hsm_options *options,
		      struct hsm_error *error)
{
	struct hsm_error ignored;
	uint64_t given = 0;
	*options = (struct hsm_options){ .directory = ".",
					 .format = HSM_FORMAT_TEXT,
					 .color = HSM_COLOR_AUTO,
					 .log_format = HSM_FORMAT_TEXT,
					 .parallelism = PARALLELISM_DEFAULT,
					 .interval = INTERVAL_DEFAULT };
	int unknown = look_for_command(argc, argv, command, error);
	struct cursor cursor = { .argc = argc, .at = 1, .argv = argv, .command = *command };
	/* Of an unknown command's options some still say how to print the error. */
	int rc = read_options(&cursor, options, &given, unknown ? &ignored : error);
	if (unknown || rc)
		return unknown ? unknown : rc;
	if (options->help || options->version)
		return 0;
	rc = read_variables(options, *command, given, error);
	return rc || !*command ? rc : check(*command, options, error);
}

void hsm_options_release(struct hsm_options *options)
{
	for (size_t i = 0; i < hsm_option_table_count; i++)
		if (hsm_option_table[i].type == HSM_OPTION_LIST)
			free(((struct hsm_option_list *)((char *)options + hsm_option_table[i].offset))->items);
	free(options->arguments.items);
}
