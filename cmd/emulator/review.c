#include "cmd/emulator/review.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/emulator.h"
#include "cmd/emulator/graph.h"
#include "cmd/emulator/json.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define SCRIPT_MAXIMUM ((size_t)4 << 20)
#define DELAY_MAXIMUM 1e13

static const struct {
	const char *key;
	size_t offset;
} members[] = {
	{ "status", offsetof(struct hsm_emu_decision, status) },
	{ "reason", offsetof(struct hsm_emu_decision, reason) },
	{ "category", offsetof(struct hsm_emu_decision, category) },
	{ "correct_category", offsetof(struct hsm_emu_decision, correct_category) },
	{ "quality", offsetof(struct hsm_emu_decision, quality) },
};

#define STATUS 0
#define MEMBERS (sizeof(members) / sizeof(*members))

/* The decision's own copy. */
static char **find_member(struct hsm_emu_decision *decision, size_t member)
{
	return (char **)(void *)((char *)decision + members[member].offset);
}

bool hsm_emu_decision_read(const cJSON *json, struct hsm_emu_decision *decision)
{
	bool good = true;
	for (size_t i = 0; i < MEMBERS; i++) {
		const cJSON *item = hsm_emu_json_get(json, members[i].key);
		hsm_emu_text_set(find_member(decision, i), cJSON_GetStringValue(item));
		good = good && (!item || cJSON_IsNull(item) || cJSON_IsString(item));
	}
	return good;
}

void hsm_emu_decision_append(struct hsm_buffer *out, const struct hsm_emu_decision *decision)
{
	struct hsm_emu_decision copy = *decision;
	for (size_t i = 0; i < MEMBERS; i++)
		hsm_emu_json_append_member(out, members[i].key, *find_member(&copy, i));
}

void hsm_emu_decision_copy(struct hsm_emu_decision *to, const struct hsm_emu_decision *from)
{
	struct hsm_emu_decision copy = *from;
	for (size_t i = 0; i < MEMBERS; i++)
		hsm_emu_text_set(find_member(to, i), *find_member(&copy, i));
}

void hsm_emu_decision_release(struct hsm_emu_decision *decision)
{
	for (size_t i = 0; i < MEMBERS; i++)
		free(*find_member(decision, i));
	*decision = (struct hsm_emu_decision){ 0 };
}

/* A rule without steps leaves a template PENDING. */
static struct hsm_emu_rule *add_rule(struct hsm_emu_review *review, const char *name, const char *language)
{
	HSM_MEMORY_GROW(review->rules, review->count, review->capacity);
	struct hsm_emu_rule *rule = &review->rules[review->count++];
	*rule = (struct hsm_emu_rule){ hsm_memory_copy_string(name), hsm_memory_copy_string(language), NULL, 0 };
	return rule;
}

static struct hsm_emu_step *add_step(struct hsm_emu_rule *rule, double delay)
{
	rule->steps = hsm_memory_resize(rule->steps, rule->count + 1, sizeof(*rule->steps));
	struct hsm_emu_step *step = &rule->steps[rule->count++];
	*step = (struct hsm_emu_step){ .due = (int64_t)delay };
	return step;
}

/* status: where the item has none. */
static int read_step(struct hsm_emu_rule *rule, const cJSON *item, const char *delay_key, const char *status,
		     struct hsm_error *error)
{
	double delay = hsm_emu_json_number(item, delay_key, 0);
	const cJSON *name = hsm_emu_json_get(item, "name"), *language = hsm_emu_json_get(item, "language");
	if ((name && !cJSON_IsString(name)) || (language && !cJSON_IsString(language)))
		return hsm_error_set(error, HSM_ERROR_CONFIG, "'name' and 'language' must be strings");
	if (!cJSON_IsObject(item) || (hsm_emu_json_get(item, delay_key) && !cJSON_IsNumber(hsm_emu_json_get(item, delay_key))) ||
	    !(delay >= 0 && delay <= DELAY_MAXIMUM))
		return hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' must be a number of milliseconds", delay_key);
	struct hsm_emu_step *step = add_step(rule, delay);
	if (!hsm_emu_decision_read(item, &step->decision))
		return hsm_error_set(error, HSM_ERROR_CONFIG, "what a rule decides is all strings");
	if (!step->decision.status)
		hsm_emu_text_set(find_member(&step->decision, STATUS), status);
	return 0;
}

static int read_rule(struct hsm_emu_review *review, const cJSON *item, struct hsm_error *error)
{
	const char *name = hsm_emu_json_string(item, "name"), *language = hsm_emu_json_string(item, "language");
	struct hsm_emu_rule *rule = add_rule(review, name ? name : "*", language ? language : "*");
	int failed = read_step(rule, item, "delay_ms", "APPROVED", error);
	const cJSON *then = hsm_emu_json_get(item, "then"), *step;
	if (!failed && then && !cJSON_IsArray(then))
		return hsm_error_set(error, HSM_ERROR_CONFIG, "'then' must be an array");
	cJSON_ArrayForEach(step, then) {
		if (failed)
			break;
		failed = read_step(rule, step, "after_ms", NULL, error);
	}
	return failed;
}

static int read_file(const char *file, struct hsm_buffer *text, struct hsm_error *error)
{
	char chunk[8192];
	size_t length;
	FILE *stream = fopen(file, "re");
	if (!stream)
		return hsm_error_set(error, HSM_ERROR_CONFIG, "--review '%s': %s", file, strerror(errno));
	while ((length = fread(chunk, 1, sizeof(chunk), stream)) > 0)
		hsm_buffer_append(text, chunk, length);
	bool failed = ferror(stream) || text->full;
	fclose(stream);
	return failed ? hsm_error_set(error, HSM_ERROR_CONFIG, "cannot read --review '%s'", file) : 0;
}

static int read_script(struct hsm_emu_review *review, const char *file, struct hsm_error *error)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(SCRIPT_MAXIMUM);
	const char *why = "";
	int failed = read_file(file, &text, error);
	cJSON *script = failed ? NULL : hsm_emu_json_parse(hsm_buffer_text(&text), text.length, &why), *item;
	if (!failed && !cJSON_IsArray(script))
		failed = hsm_error_set(error, HSM_ERROR_CONFIG, "--review '%s' is %s", file,
				       script ? "no array of rules" : why);
	int number = 0;
	cJSON_ArrayForEach(item, script) {
		if (failed)
			break;
		number++;
		failed = read_rule(review, item, error);
		if (failed)
			hsm_error_prefix(error, "--review '%s', rule %d", file, number);
	}
	cJSON_Delete(script);
	hsm_buffer_release(&text);
	return failed;
}

int hsm_emu_review_open(struct hsm_emu *emu, const char *mode, struct hsm_error *error)
{
	if (strcmp(mode, "manual") == 0) {
		add_rule(&emu->review, "*", "*");
		return 0;
	}
	if (strcmp(mode, "approve") != 0) {
		int failed = read_script(&emu->review, mode, error);
		if (failed)
			return failed;
	}
	struct hsm_emu_step *step = add_step(add_rule(&emu->review, "*", "*"), (double)emu->options.review_delay);
	hsm_emu_text_set(find_member(&step->decision, STATUS), "APPROVED");
	return 0;
}

void hsm_emu_review_close(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->review.count; i++) {
		struct hsm_emu_rule *rule = &emu->review.rules[i];
		for (size_t j = 0; j < rule->count; j++)
			hsm_emu_decision_release(&rule->steps[j].decision);
		free(rule->steps);
		free(rule->name);
		free(rule->language);
	}
	free(emu->review.rules);
}

static bool apply(struct hsm_emu *emu, struct hsm_emu_template *template, const struct hsm_emu_decision *decision)
{
	const char *status = decision->status;
	if (template->graph)
		return hsm_emu_graph_decide(emu, template, decision);
	bool moved = status && strcmp(status, template->status) != 0;
	if (decision->category)
		hsm_emu_text_set(&template->category, decision->category);
	if (status) {
		bool rejected = strcmp(status, "REJECTED") == 0;
		hsm_emu_text_set(&template->status, status);
		hsm_emu_text_set(&template->reason, decision->reason ? decision->reason : rejected ? "POLICY_VIOLATION" : NULL);
	}
	template->modified = hsm_emu_now(emu);
	hsm_emu_template_update(emu, template);
	if (moved)
		hsm_emu_deliveries_announce(emu, template);
	return true;
}

bool hsm_emu_review_decide(struct hsm_emu *emu, struct hsm_emu_template *template, const struct hsm_emu_decision *decision)
{
	hsm_emu_timer_cancel(emu, &template->timer);
	hsm_emu_template_clear_steps(template);
	return apply(emu, template, decision);
}

static void fire(struct hsm_emu *emu, struct hsm_emu_timer *timer)
{
	hsm_emu_review_continue(emu, EMU_TIMER_OWNER(timer, struct hsm_emu_template, timer));
}

bool hsm_emu_review_continue(struct hsm_emu *emu, struct hsm_emu_template *template)
{
	while (template->step_next < template->step_count) {
		struct hsm_emu_step *step = &template->steps[template->step_next];
		if (step->due > hsm_emu_now(emu)) {
			template->timer.fire = fire;
			hsm_emu_timer_set(emu, &template->timer, step->due);
			return true;
		}
		template->step_next++;
		if (!apply(emu, template, &step->decision))
			return false;
	}
	return true;
}

static void append_step(struct hsm_emu_template *template, int64_t due, const struct hsm_emu_decision *decision)
{
	template->steps = hsm_memory_resize(template->steps, template->step_count + 1, sizeof(*template->steps));
	struct hsm_emu_step *step = &template->steps[template->step_count++];
	*step = (struct hsm_emu_step){ .due = due };
	hsm_emu_decision_copy(&step->decision, decision);
}

void hsm_emu_review_schedule(struct hsm_emu *emu, struct hsm_emu_template *template, int64_t due,
			     const struct hsm_emu_decision *decision)
{
	append_step(template, due, decision);
	if (hsm_emu_review_continue(emu, template))
		hsm_emu_template_update(emu, template);
}

bool hsm_emu_review_start(struct hsm_emu *emu, struct hsm_emu_template *template)
{
	const struct hsm_emu_rule *rule = emu->review.rules;
	while (!hsm_text_matches_glob(template->name->name, rule->name) ||
	       !hsm_text_matches_glob(template->language, rule->language))
		rule++;
	int64_t due = hsm_emu_now(emu);
	for (size_t i = 0; i < rule->count; i++) {
		due += rule->steps[i].due;
		append_step(template, due, &rule->steps[i].decision);
	}
	if (!hsm_emu_review_continue(emu, template))
		return false;
	if (template->step_next < template->step_count)
		hsm_emu_template_update(emu, template);
	return true;
}
