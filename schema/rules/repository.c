/* What templates say of each other. */
#include <stdlib.h>
#include <string.h>

#include "schema/base/regex.h"
#include "schema/limits.h"
#include "schema/rules/check.h"

#define E HSM_SEVERITY_ERROR
#define W HSM_SEVERITY_WARNING
#define TEMPLATE(name) "name: " name "\ncategory: UTILITY\n"
#define BODY "translations: {en: {body: Your order is packed.}}\n"
#define TO(name) "fallback: [{template: " name "}]\n"
#define PLAIN "---\nname: plain\ncategory: UTILITY\ntranslations: {en: {body: We have news.}}\n"
#define WITH_PARAMETER(name, type, default) \
	"name: " name "\ncategory: UTILITY\nparameters: {a: {type: " type ", default: " default "}}\n" \
	"translations: {en: {body: \"News of " name " about {{a}} for you today.\"}}\n"

/* Of thousands of one text each is a double of one of the first. */
enum { DOUBLES_MAX = 32 };

/* Templates stand by name. */
static const struct hsm_checked_template *find(const struct hsm_checked_template *templates, size_t count,
					       const char *name)
{
	for (size_t low = 0, high = count; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(templates[middle].template->name.text, name);
		if (!order)
			return &templates[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct hsm_string *fallback_name(const struct hsm_checked_template *template, size_t i)
{
	return &HSM_LIST_ITEM(template->template->fallback, struct hsm_fallback, i)->template;
}

/* The fallback itself, or the first environment that has the template and not its fallback. */
static void check_target(struct hsm_checker *checker, const struct hsm_checked_template *template,
			 const struct hsm_string *name, bool found)
{
	const struct hsm_list *environments = &checker->config->environments;
	if (!found && !checker->incomplete)
		hsm_check_report(checker, name->mark, "there is no template '%s' to fall back to", name->text);
	for (size_t i = 0; found && i < environments->count; i++) {
		const struct hsm_environment *environment = HSM_LIST_ITEM(*environments, struct hsm_environment, i);
		if (!hsm_environment_has_template(environment, template->template->name.text) ||
		    hsm_environment_has_template(environment, name->text))
			continue;
		hsm_check_report(checker, name->mark, "environment '%s' has '%s' and not its fallback '%s'",
				 environment->node.key.text, template->template->name.text, name->text);
		return;
	}
}

static void check_targets(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < templates[i].template->fallback.count; j++) {
			const struct hsm_string *name = fallback_name(&templates[i], j);
			if (name->text)
				check_target(checker, &templates[i], name, find(templates, count, name->text));
		}
}

static bool has_parameter(const struct hsm_template *template, const struct hsm_parameter *wanted)
{
	const char *name = wanted->node.key.text;
	const struct hsm_parameter *parameter = hsm_template_find_parameter(template, name, strlen(name));
	int type = parameter && parameter->type.value ? parameter->type.value : HSM_PARAMETER_TEXT;
	return parameter && type == (wanted->type.value ? wanted->type.value : HSM_PARAMETER_TEXT);
}

static void check_parameters_of(struct hsm_checker *checker, const struct hsm_checked_template *template,
				const struct hsm_string *name, const struct hsm_template *target)
{
	for (size_t i = 0; i < target->parameters.count; i++) {
		const struct hsm_parameter *parameter = HSM_LIST_ITEM(target->parameters, struct hsm_parameter, i);
		if (!has_parameter(template->template, parameter))
			hsm_check_report(checker, name->mark,
					 "'%s' wants '%s' (%s), which '%s' does not have: its values could not be sent",
					 target->name.text, parameter->node.key.text,
					 hsm_parameter_type_words[(parameter->type.value ? parameter->type.value :
											   HSM_PARAMETER_TEXT) - 1],
					 template->template->name.text);
	}
}

static void check_parameters(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < templates[i].template->fallback.count; j++) {
			const struct hsm_string *name = fallback_name(&templates[i], j);
			const struct hsm_checked_template *target = name->text ? find(templates, count, name->text) : NULL;
			if (target)
				check_parameters_of(checker, &templates[i], name, target->template);
		}
}

/* A walk along the fallbacks from one template. */
struct walk {
	const struct hsm_checked_template *templates;
	size_t count;
	size_t *path, *edges; /* the templates on the way, and which fallback of each is next */
	size_t length;
	enum { NEW, ON_PATH, DONE } *states;
};

static void report_cycle(struct hsm_checker *checker, const struct walk *walk, const struct hsm_string *name)
{
	size_t first = walk->length - 1;
	struct hsm_buffer way = HSM_BUFFER_INIT(512);
	while (first && strcmp(walk->templates[walk->path[first]].template->name.text, name->text) != 0)
		first--;
	for (size_t i = first; i < walk->length; i++)
		hsm_buffer_append_format(&way, "%s -> ", walk->templates[walk->path[i]].template->name.text);
	if (way.full)
		hsm_check_report(checker, name->mark, "the fallbacks lead back to '%s'", name->text);
	else
		hsm_check_report(checker, name->mark, "the fallbacks lead in a circle: %s%s", hsm_buffer_text(&way),
				 name->text);
	hsm_buffer_release(&way);
}

static void enter(struct walk *walk, size_t at)
{
	walk->states[at] = ON_PATH;
	walk->path[walk->length] = at;
	walk->edges[walk->length++] = 0;
}

static void walk_from(struct hsm_checker *checker, struct walk *walk, size_t start)
{
	enter(walk, start);
	while (walk->length) {
		size_t at = walk->path[walk->length - 1];
		const struct hsm_checked_template *template = &walk->templates[at];
		if (walk->edges[walk->length - 1] == template->template->fallback.count) {
			walk->states[at] = DONE;
			walk->length--;
			continue;
		}
		const struct hsm_string *name = fallback_name(template, walk->edges[walk->length - 1]++);
		const struct hsm_checked_template *target =
			name->text ? find(walk->templates, walk->count, name->text) : NULL;
		if (!target)
			continue;
		size_t next = (size_t)(target - walk->templates);
		if (walk->states[next] == ON_PATH)
			report_cycle(checker, walk, name);
		else if (walk->states[next] == NEW)
			enter(walk, next);
	}
}

static void check_cycles(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	struct walk walk = { .templates = templates, .count = count };
	walk.path = hsm_arena_allocate_array(&checker->arena, count, sizeof(*walk.path));
	walk.edges = hsm_arena_allocate_array(&checker->arena, count, sizeof(*walk.edges));
	walk.states = hsm_arena_allocate_array(&checker->arena, count, sizeof(*walk.states));
	for (size_t i = 0; i < count; i++)
		if (walk.states[i] == NEW)
			walk_from(checker, &walk, i);
}

/* FNV-1a; a placeholder counts as its number, whatever its name. */
static uint64_t hash_text(uint64_t hash, const struct hsm_checked_text *text)
{
	size_t next = 0;
	for (size_t at = 0; at < text->length; at++) {
		if (next < text->placeholder_count && text->placeholders[next].offset == at) {
			at += text->placeholders[next++].length - 1;
			hash = (hash ^ 1) * 0x100000001b3u;
			continue;
		}
		hash = (hash ^ (unsigned char)text->text[at]) * 0x100000001b3u;
	}
	return (hash ^ 2) * 0x100000001b3u;
}

static uint64_t hash_message(const struct hsm_checked_translation *translation)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (const char *c = translation->language; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
	return hash_text(hash_text(hash, &translation->parts->body), &translation->parts->footer);
}

/* All but the footer, which the message itself has. */
static uint64_t hash_part(const struct hsm_checked_part *part)
{
	uint64_t hash = hash_text(hash_text(part->buttons->count, &part->header), &part->body);
	for (size_t i = 0; i < part->title_count; i++)
		hash = hash_text(hash, &part->titles[i]);
	for (size_t i = 0; i < part->buttons->count; i++)
		hash = hash_text(hash, &part->urls[i]);
	return hash;
}

/* Meta has approved a body and footer twice where the buttons differ. */
static bool is_same_beside(const struct hsm_checked_translation *one, const struct hsm_checked_translation *other)
{
	if (one->part_count != other->part_count)
		return false;
	for (size_t i = 0; i < one->part_count; i++)
		if (hash_part(&one->parts[i]) != hash_part(&other->parts[i]))
			return false;
	return true;
}

static int compare_messages(const void *left, const void *right)
{
	const struct hsm_checked_message *a = left, *b = right;
	int order = (a->hash > b->hash) - (a->hash < b->hash);
	return order ? order :
		       strcmp(a->translation->template->name.text, b->translation->template->name.text);
}

static void list_messages(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += templates[i].count;
	if (checker->messages)
		return;
	checker->messages = hsm_arena_allocate_array(&checker->arena, total + 1, sizeof(*checker->messages));
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < templates[i].count; j++) {
			const struct hsm_checked_translation *translation = &templates[i].translations[j];
			if (translation->parts->body.text && templates[i].template->category.value != HSM_CATEGORY_AUTHENTICATION)
				checker->messages[checker->message_count++] =
					(struct hsm_checked_message){ hash_message(translation), translation };
		}
	if (checker->message_count)
		qsort(checker->messages, checker->message_count, sizeof(*checker->messages), compare_messages);
}

static bool share_environment(const struct hsm_config *config, const char *one, const char *other)
{
	for (size_t i = 0; i < config->environments.count; i++) {
		const struct hsm_environment *environment =
			HSM_LIST_ITEM(config->environments, struct hsm_environment, i);
		if (hsm_environment_has_template(environment, one) && hsm_environment_has_template(environment, other))
			return true;
	}
	return !config->environments.count;
}

/* The first of the messages from `first` to `last` that the last is a double of; NULL: none. */
static const struct hsm_checked_translation *find_double(const struct hsm_checker *checker,
							 const struct hsm_checked_message *messages, size_t first, size_t last,
							 bool whole)
{
	const struct hsm_checked_translation *one = messages[last].translation;
	for (size_t i = first; i < last && i < first + DOUBLES_MAX; i++) {
		const struct hsm_checked_translation *other = messages[i].translation;
		if (other->template != one->template && is_same_beside(one, other) == whole &&
		    share_environment(checker->config, other->template->name.text, one->template->name.text))
			return other;
	}
	return NULL;
}

/* The second by name is told of: the first may be approved already. */
static void report_doubles(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count,
			   bool whole, const char *advice)
{
	list_messages(checker, templates, count);
	const struct hsm_checked_message *messages = checker->messages;
	for (size_t i = 1, first = 0; i < checker->message_count; i++) {
		if (messages[i].hash != messages[first].hash) {
			first = i;
			continue;
		}
		const struct hsm_checked_translation *other = find_double(checker, messages, first, i, whole);
		if (other)
			hsm_check_report(checker, messages[i].translation->parts->body.string->mark,
					 "the body and footer of '%s' (%s:%u): %s", other->template->name.text,
					 other->parts->body.string->mark.source->path, other->parts->body.string->mark.line,
					 advice);
	}
}

static void check_duplicates(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	report_doubles(checker, templates, count, true, "Meta refuses them under a second name");
}

static void check_likeness(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	report_doubles(checker, templates, count, false, "Meta may refuse them, though the header or buttons differ");
}

static size_t count_translations(const struct hsm_environment *environment,
				 const struct hsm_checked_template *templates, size_t count)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++) {
		if (!hsm_environment_has_template(environment, templates[i].template->name.text))
			continue;
		for (size_t j = 0; j < templates[i].count; j++)
			total += hsm_environment_has_language(environment, templates[i].translations[j].language);
	}
	return total;
}

static void check_budget(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	const struct hsm_list *environments = &checker->config->environments;
	for (size_t i = 0; i < environments->count; i++) {
		const struct hsm_environment *environment = HSM_LIST_ITEM(*environments, struct hsm_environment, i);
		size_t total = count_translations(environment, templates, count);
		if (total > HSM_LIMIT_UNVERIFIED)
			hsm_check_report(checker, environment->node.key.mark,
					 "'%s' has %zu templates, each language counted: an account holds %d%s",
					 environment->node.key.text, total,
					 total > HSM_LIMIT_VERIFIED ? HSM_LIMIT_VERIFIED : HSM_LIMIT_UNVERIFIED,
					 total > HSM_LIMIT_VERIFIED ? " at most" : " until its portfolio is verified");
	}
}

static void check_names(struct hsm_checker *checker, const struct hsm_checked_template *templates, size_t count)
{
	const char *names = checker->config->policy.names.text;
	struct hsm_regex *regex = NULL;
	struct hsm_error ignored; /* reading hsmctl.yaml has told it */
	if (!names || hsm_regex_make(&regex, names, &ignored))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct hsm_string *name = &templates[i].template->name;
		if (!hsm_regex_matches(regex, name->text))
			hsm_check_report(checker, name->mark, "'%s' does not match policy.names: %s", name->text, names);
	}
	hsm_regex_free(regex);
}

const struct hsm_rule hsm_repository_rules[] = {
	{ "HSM180", "fallback-missing", E, "a fallback is a template of this repository, in the same environments",
	  .protects = "there is something to send when the template may not be", .source = "hsmctl's file format",
	  .fix = "correct the name, or write the template", .good = TEMPLATE("one") TO("plain") BODY PLAIN,
	  .bad = TEMPLATE("one") TO("plan") BODY PLAIN, .check_repository = check_targets },
	{ "HSM181", "fallback-parameters", E, "a fallback has the same parameters or fewer, of the same types",
	  .protects = "a sender has each value that it wants", .source = "hsmctl's design",
	  .fix = "choose a fallback that needs no more",
	  .good = WITH_PARAMETER("one", "DATE", "2026-01-01") TO("two") "---\n" WITH_PARAMETER("two", "DATE", "2026-01-01"),
	  .bad = WITH_PARAMETER("one", "DATE", "2026-01-01") TO("two") "---\n" WITH_PARAMETER("two", "TEXT", "x"),
	  .check_repository = check_parameters },
	{ "HSM182", "fallback-circle", E, "fallbacks lead to an end", .protects = "a sender comes to an end",
	  .source = "hsmctl's design", .fix = "remove one of the fallbacks",
	  .good = TEMPLATE("one") TO("plain") BODY PLAIN, .bad = TEMPLATE("one") TO("plain") BODY PLAIN TO("one"),
	  .check_repository = check_cycles },
	{ "HSM183", "duplicate-text", E, "no two templates are the same message",
	  .protects = "Meta refuses the second, but for AUTHENTICATION", .source = "Meta, template review",
	  .fix = "use the one that is there, or change the text", .good = TEMPLATE("one") BODY PLAIN,
	  .bad = TEMPLATE("one") BODY "---\n" TEMPLATE("two") BODY, .check_repository = check_duplicates },
	{ "HSM184", "budget", W, "an account holds 250 templates, or 6,000 with a verified portfolio",
	  .protects = "an apply does not stop halfway", .source = "Meta, limits: each language counts",
	  .fix = "verify the portfolio, or name a subset of templates or languages in the environment",
	  .check_repository = check_budget },
	{ "HSM185", "name-policy", E, "base names match policy.names", .protects = "a team's names stay its own",
	  .source = "hsmctl.yaml", .fix = "rename the template", .check_repository = check_names },
	{ "HSM186", "same-text", W, "no two templates have the same body and footer",
	  .protects = "Meta refuses some of these", .source = "Meta, template review; some were approved",
	  .fix = "use the one that is there, or change the text", .good = TEMPLATE("one") BODY PLAIN,
	  .bad = TEMPLATE("one") BODY "---\nname: two\ncategory: UTILITY\n"
		 "translations: {en: {header: News, body: Your order is packed.}}\n",
	  .check_repository = check_likeness },
};
const size_t hsm_repository_rules_count = sizeof(hsm_repository_rules) / sizeof(hsm_repository_rules[0]);
