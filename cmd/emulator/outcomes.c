#include "cmd/emulator/outcomes.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define OUTCOMES_MAXIMUM 1000
#define CODE_MAXIMUM 9999999

static const char *const modes[EMU_OUTCOME_MAX] = {
	[EMU_OUTCOME_REFUSE] = "refuse", [EMU_OUTCOME_FAIL] = "fail", [EMU_OUTCOME_DROP] = "drop",
};

static const struct {
	int64_t code;
	const char *text;
} texts[] = {
	{ 131008, "Required parameter is missing" },
	{ 131009, "Parameter value is not valid" },
	{ 131026, "Message undeliverable" },
	{ 131047, "Re-engagement message" },
	{ 131049, "This message was not delivered to maintain healthy ecosystem engagement" },
	{ 131051, "Unsupported message type" },
	{ 132000, "Number of parameters does not match the expected number of params" },
	{ 132001, "Template name does not exist in the translation" },
	{ 132005, "Translated text too long" },
	{ 132012, "Parameter format does not match format in the created template" },
	{ 132015, "Template is paused" },
	{ 132016, "Template is disabled" },
	{ 132018, "There's an issue with the parameters in your template" },
};

const char *hsm_emu_outcome_text(int64_t code)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "The message failed";
}

/* Bresenham's way: after n messages n * share of them were hit. */
static bool hits(struct hsm_emu_outcome *outcome)
{
	outcome->seen++;
	if ((double)outcome->seen * outcome->share + 1e-6 < (double)(outcome->hits + 1))
		return false;
	outcome->hits++;
	return true;
}

const struct hsm_emu_outcome *hsm_emu_outcomes_pick(struct hsm_emu *emu, const char *template, const char *language,
						    bool approved)
{
	const struct hsm_emu_outcome *picked = NULL;
	for (size_t i = 0; i < emu->outcomes.count; i++) {
		struct hsm_emu_outcome *outcome = &emu->outcomes.outcomes[i];
		if (outcome->unapproved == !approved && hsm_text_matches_glob(template, outcome->template) &&
		    hsm_text_matches_glob(language, outcome->language) && hits(outcome) && !picked)
			picked = outcome;
	}
	return picked;
}

int64_t hsm_emu_outcome_fate(const struct hsm_emu_outcome *outcome)
{
	if (!outcome)
		return EMU_FATE_DELIVERED;
	return outcome->mode == EMU_OUTCOME_DROP ? EMU_FATE_DROPPED : outcome->code;
}

bool hsm_emu_outcome_accepts(struct hsm_emu_request *request, const struct hsm_emu_outcome *outcome, const char *field)
{
	char code[24];
	if (!outcome || outcome->mode != EMU_OUTCOME_REFUSE)
		return true;
	snprintf(code, sizeof(code), "%lld", (long long)outcome->code);
	hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "%s", hsm_emu_outcome_text(outcome->code)), code,
			    field);
	return false;
}

enum hsm_emu_stage hsm_emu_outcome_stage(const struct hsm_emu *emu, int64_t created, int64_t fate)
{
	int64_t age = hsm_emu_now(emu) - created, delay = emu->options.delivery_delay;
	if (age < delay || fate == EMU_FATE_DROPPED)
		return EMU_STAGE_ACCEPTED;
	if (fate != EMU_FATE_DELIVERED)
		return EMU_STAGE_FAILED;
	return age < 2 * delay ? EMU_STAGE_SENT : EMU_STAGE_DELIVERED;
}

static void free_outcome(struct hsm_emu_outcome *outcome)
{
	free(outcome->template);
	free(outcome->language);
}

void hsm_emu_outcomes_clear(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->outcomes.count; i++)
		free_outcome(&emu->outcomes.outcomes[i]);
	free(emu->outcomes.outcomes);
	emu->outcomes = (struct hsm_emu_outcomes){ 0 };
}

void hsm_emu_outcomes_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_buffer *out = &request->answer;
	hsm_buffer_append_char(out, '[');
	for (size_t i = 0; i < emu->outcomes.count; i++) {
		const struct hsm_emu_outcome *outcome = &emu->outcomes.outcomes[i];
		hsm_buffer_append_string(out, i ? ",{" : "{");
		hsm_emu_json_append_member(out, "template", outcome->template);
		hsm_emu_json_append_member(out, "language", outcome->language);
		hsm_emu_json_append_member(out, "mode", modes[outcome->mode]);
		hsm_buffer_append_format(out, ",\"unapproved\":%s,\"code\":%lld,\"share\":%g,\"seen\":%llu,\"hits\":%llu}",
					 outcome->unapproved ? "true" : "false", (long long)outcome->code, outcome->share,
					 (unsigned long long)outcome->seen, (unsigned long long)outcome->hits);
	}
	hsm_buffer_append_char(out, ']');
}

/* Reads one; what it breaks, or NULL. */
static const char *read_outcome(const cJSON *json, struct hsm_emu_outcome *outcome)
{
	const cJSON *template = hsm_emu_json_get(json, "template"), *language = hsm_emu_json_get(json, "language");
	const cJSON *unapproved = hsm_emu_json_get(json, "unapproved");
	const char *mode = hsm_emu_json_string(json, "mode");
	double code = hsm_emu_json_number(json, "code", 0);
	int number = 0;
	while (number < EMU_OUTCOME_MAX && (!mode || strcmp(modes[number], mode) != 0))
		number++;
	outcome->mode = (enum hsm_emu_outcome_mode)number;
	outcome->share = hsm_emu_json_get(json, "share") ? hsm_emu_json_number(json, "share", -1) : 1;
	outcome->unapproved = cJSON_IsTrue(unapproved);
	hsm_emu_text_set(&outcome->template, cJSON_IsString(template) ? template->valuestring : "*");
	hsm_emu_text_set(&outcome->language, cJSON_IsString(language) ? language->valuestring : "*");
	if (number == EMU_OUTCOME_MAX)
		return "mode is refuse, fail or drop";
	if ((template && !cJSON_IsString(template)) || (language && !cJSON_IsString(language)))
		return "template and language are globs";
	if (unapproved && !cJSON_IsBool(unapproved))
		return "unapproved is true or false";
	if (!(outcome->share >= 0 && outcome->share <= 1))
		return "share is a number from 0 to 1";
	if (outcome->mode != EMU_OUTCOME_DROP && !(code >= 1 && code <= CODE_MAXIMUM))
		return "code is one of Meta's, a number";
	outcome->code = outcome->mode == EMU_OUTCOME_DROP ? 0 : (int64_t)code;
	return NULL;
}

void hsm_emu_admin_add_outcome(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json(request);
	struct hsm_emu_outcome outcome = { 0 };
	if (!json)
		return;
	const char *wrong = read_outcome(json, &outcome);
	cJSON_Delete(json);
	if (!wrong && emu->outcomes.count == OUTCOMES_MAXIMUM)
		wrong = "there are 1000 outcomes already";
	if (wrong) {
		free_outcome(&outcome);
		hsm_emu_fail(request, 400, "bad.request", "%s", wrong);
		return;
	}
	HSM_MEMORY_GROW(emu->outcomes.outcomes, emu->outcomes.count, emu->outcomes.capacity);
	emu->outcomes.outcomes[emu->outcomes.count++] = outcome;
	hsm_emu_outcomes_append(emu, request);
}

void hsm_emu_admin_clear_outcomes(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_emu_outcomes_clear(emu);
	request->status = 204;
}
