#include "cmd/emulator/review.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/emulator.h"
#include "cmd/emulator/json.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define SCRIPT_MAXIMUM ((size_t)4 << 20)
#define DELAY_MAXIMUM 1e13

/* A rule without steps leaves a template PENDING. */
static struct hsm_emu_rule *add_rule(struct hsm_emu_review *review, const char *name, const char *language)
{
	HSM_MEMORY_GROW(review->rules, review->count, review->capacity);
	struct hsm_emu_rule *rule = &review->rules[review->count++];
	*rule = (struct hsm_emu_rule){ hsm_memory_copy_string(name), hsm_memory_copy_string(language), NULL, 0 };
	return rule;
}

static void add_step(struct hsm_emu_rule *rule, double delay, const char *status, const char *reason,
		     const char *category)
{
	rule->steps = hsm_memory_resize(rule->steps, rule->count + 1, sizeof(*rule->steps));
	struct hsm_emu_step *step = &rule->steps[rule->count++];
	*step = (struct hsm_emu_step){ .due = (int64_t)delay };
	hsm_emu_text_set(&step->status, status);
	hsm_emu_text_set(&step->reason, reason);
	hsm_emu_text_set(&step->category, category);
}

static int read_step(struct hsm_emu_rule *rule, const cJSON *item, const char *delay_key, const char *status,
		     struct hsm_error *error)
{
	static const char *const texts[] = { "name", "language", "status", "reason", "category" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (hsm_emu_json_get(item, texts[i]) && !hsm_emu_json_string(item, texts[i]))
			return hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' must be a string", texts[i]);
	double delay = hsm_emu_json_number(item, delay_key, 0);
	if (!cJSON_IsObject(item) || (hsm_emu_json_get(item, delay_key) && !cJSON_IsNumber(hsm_emu_json_get(item, delay_key))) ||
	    !(delay >= 0 && delay <= DELAY_MAXIMUM))
		return hsm_error_set(error, HSM_ERROR_CONFIG, "'%s' must be a number of milliseconds", delay_key);
	const char *wanted = hsm_emu_json_string(item, "status");
	add_step(rule, delay, wanted ? wanted : status, hsm_emu_json_string(item, "reason"),
		 hsm_emu_json_string(item, "category"));
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
	add_step(add_rule(&emu->review, "*", "*"), (double)emu->options.review_delay, "APPROVED", NULL, NULL);
	return 0;
}

void hsm_emu_review_close(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->review.count; i++) {
		struct hsm_emu_rule *rule = &emu->review.rules[i];
		for (size_t j = 0; j < rule->count; j++) {
			free(rule->steps[j].status);
			free(rule->steps[j].reason);
			free(rule->steps[j].category);
		}
		free(rule->steps);
		free(rule->name);
		free(rule->language);
	}
	free(emu->review.rules);
}

static void apply(struct hsm_emu *emu, struct hsm_emu_template *template, const char *status, const char *reason,
		  const char *category)
{
	bool moved = status && strcmp(status, template->status) != 0;
	if (category)
		hsm_emu_text_set(&template->category, category);
	if (status) {
		bool rejected = strcmp(status, "REJECTED") == 0;
		hsm_emu_text_set(&template->status, status);
		hsm_emu_text_set(&template->reason, reason ? reason : rejected ? "POLICY_VIOLATION" : NULL);
	}
	template->modified = hsm_emu_now(emu);
	hsm_emu_template_update(emu, template);
	if (moved)
		hsm_emu_deliveries_announce(emu, template);
}

void hsm_emu_review_decide(struct hsm_emu *emu, struct hsm_emu_template *template, const char *status, const char *reason,
		       const char *category)
{
	hsm_emu_timer_cancel(emu, &template->timer);
	hsm_emu_template_clear_steps(template);
	apply(emu, template, status, reason, category);
}

static void fire(struct hsm_emu *emu, struct hsm_emu_timer *timer)
{
	hsm_emu_review_continue(emu, EMU_TIMER_OWNER(timer, struct hsm_emu_template, timer));
}

void hsm_emu_review_continue(struct hsm_emu *emu, struct hsm_emu_template *template)
{
	while (template->step_next < template->step_count) {
		struct hsm_emu_step *step = &template->steps[template->step_next];
		if (step->due > hsm_emu_now(emu)) {
			template->timer.fire = fire;
			hsm_emu_timer_set(emu, &template->timer, step->due);
			return;
		}
		template->step_next++;
		apply(emu, template, step->status, step->reason, step->category);
	}
}

void hsm_emu_review_start(struct hsm_emu *emu, struct hsm_emu_template *template)
{
	const struct hsm_emu_rule *rule = emu->review.rules;
	while (!hsm_text_matches_glob(template->name->name, rule->name) ||
	       !hsm_text_matches_glob(template->language, rule->language))
		rule++;
	int64_t due = hsm_emu_now(emu);
	template->steps = hsm_memory_allocate(rule->count * sizeof(*template->steps));
	for (size_t i = 0; i < rule->count; i++) {
		struct hsm_emu_step *step = &template->steps[template->step_count++];
		due += rule->steps[i].due;
		step->due = due;
		hsm_emu_text_set(&step->status, rule->steps[i].status);
		hsm_emu_text_set(&step->reason, rule->steps[i].reason);
		hsm_emu_text_set(&step->category, rule->steps[i].category);
	}
	hsm_emu_review_continue(emu, template);
	if (template->step_next < template->step_count)
		hsm_emu_template_update(emu, template);
}
