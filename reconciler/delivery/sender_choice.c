/* What is to be sent, and whether it may be. */
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/delivery/wave.h"

#define PAUSE_FIRST 1.0 /* seconds between two looks at a template that is waited for; doubled each time */
#define PAUSE_MAX 60.0

/* A version whose status is asked for, once for all that send it. */
struct look {
	struct hsm_wave *wave;
	const struct hsm_choice *choice;
	const char *refusal; /* why it may not be sent; NULL: it may */
};

/* What tells the statuses does not know yet that this one changed. */
static bool is_refused(const struct hsm_delivery *delivery)
{
	return delivery->refused && delivery->choice->kind == HSM_CHOICE_TEMPLATE &&
	       strcmp(delivery->refused, delivery->choice->form.name) == 0;
}

static void build(struct hsm_wave *wave, struct hsm_delivery *delivery)
{
	struct hsm_error error;
	if (is_refused(delivery)) {
		hsm_wave_refuse(delivery, HSM_ROW_NEW, HSM_ERROR_TRY_LATER, delivery->reason);
	} else if (delivery->choice->kind == HSM_CHOICE_CHANNEL) {
		hsm_wave_choose_channel(wave, delivery);
	} else if (delivery->choice->kind == HSM_CHOICE_TEMPLATE &&
		   hsm_message_build(wave->arena, &delivery->choice->form, delivery->values, delivery->value_count,
				     &delivery->message, &error)) {
		hsm_wave_refuse(delivery, HSM_ROW_REFUSED, HSM_ERROR_INVALID,
				hsm_message_describe_problems(wave->arena, &delivery->message));
	}
}

static bool wants_template(const struct hsm_delivery *delivery)
{
	return delivery->state == HSM_ROW_NEW && !delivery->problem && !delivery->as_text && !delivery->as_sms;
}

static bool is_to_be_sent(const struct hsm_delivery *delivery)
{
	return wants_template(delivery) && delivery->choice && delivery->choice->kind == HSM_CHOICE_TEMPLATE;
}

/* Of those with the same template and language news are read once. */
static bool is_first(const struct hsm_wave *wave, size_t at)
{
	const struct hsm_delivery *delivery = &wave->deliveries[at];
	for (size_t i = 0; i < at; i++)
		if (strcmp(wave->deliveries[i].template, delivery->template) == 0 && wave->deliveries[i].language &&
		    strcmp(wave->deliveries[i].language, delivery->language) == 0)
			return false;
	return true;
}

static void choose(struct hsm_wave *wave, bool afresh)
{
	struct hsm_sender *sender = wave->sender;
	for (size_t i = 0; !wave->rc && i < wave->count; i++) {
		struct hsm_delivery *delivery = &wave->deliveries[i];
		struct hsm_error error;
		if (!wants_template(delivery) || is_to_be_sent(delivery))
			continue;
		int rc = sender->choose(sender->choose_user, delivery->template, delivery->language,
					afresh && is_first(wave, i), &delivery->choice, &error);
		if (!rc)
			build(wave, delivery);
		else if (rc == HSM_ERROR_NO_INPUT || rc == HSM_ERROR_BLOCKED)
			hsm_wave_refuse(delivery, HSM_ROW_NEW, error.class, hsm_arena_copy_string(wave->arena, error.message));
		else
			hsm_wave_fail(wave, &error);
	}
}

static void note_status(void *user, const struct hsm_write_result *result)
{
	struct look *look = user;
	const struct hsm_choice *choice = look->choice;
	const struct hsm_live_template *live = result->template;
	struct hsm_arena *arena = look->wave->arena;
	if (result->outcome != HSM_OUTCOME_DONE)
		hsm_wave_fail(look->wave, &result->error);
	else if (!live)
		look->refusal = hsm_arena_format(arena, "%s is not live any more", choice->form.name);
	else if (live->status != HSM_STATUS_APPROVED)
		look->refusal = hsm_arena_format(arena, "%s is %.60s", choice->form.name, live->status_word);
	else if (choice->accepted && strcmp(live->category, choice->accepted) != 0)
		look->refusal = hsm_arena_format(arena, "%s is %.60s now, not %s", choice->form.name, live->category,
						 choice->accepted);
}

static struct look *find_look(struct look *looks, size_t count, const struct hsm_choice *choice)
{
	for (size_t i = 0; i < count; i++)
		if (looks[i].choice == choice)
			return &looks[i];
	return NULL;
}

/* Reads the statuses of what is chosen; takes the choice from those that may not be sent. */
static void read_statuses(struct hsm_wave *wave)
{
	struct look *looks = hsm_arena_allocate_array(wave->arena, wave->count, sizeof(*looks));
	size_t count = 0;
	for (size_t i = 0; i < wave->count; i++) {
		const struct hsm_delivery *delivery = &wave->deliveries[i];
		if (is_to_be_sent(delivery) && !find_look(looks, count, delivery->choice))
			looks[count++] = (struct look){ .wave = wave, .choice = delivery->choice };
	}
	for (size_t i = 0; i < count; i++)
		hsm_connection_get_template(wave->sender->connection, wave->sender->provider_id, looks[i].choice->id,
					    note_status, &looks[i]);
	hsm_connection_run(wave->sender->connection);
	for (size_t i = 0; i < wave->count; i++) {
		struct hsm_delivery *delivery = &wave->deliveries[i];
		const struct look *look = is_to_be_sent(delivery) ? find_look(looks, count, delivery->choice) : NULL;
		if (!look || !look->refusal)
			continue;
		delivery->choice = NULL;
		delivery->reason = look->refusal;
	}
}

static size_t count_without_choice(const struct hsm_wave *wave)
{
	size_t count = 0;
	for (size_t i = 0; i < wave->count; i++)
		count += wants_template(&wave->deliveries[i]) && !is_to_be_sent(&wave->deliveries[i]);
	return count;
}

/* Nothing may be sent for these; those that are waited for stay where somebody waits. */
static void refuse_rest(struct hsm_wave *wave, bool waits)
{
	for (size_t i = 0; i < wave->count; i++) {
		struct hsm_delivery *delivery = &wave->deliveries[i];
		bool waited = !delivery->choice || delivery->choice->kind == HSM_CHOICE_WAIT;
		if (wants_template(delivery) && !is_to_be_sent(delivery) && !(waits && waited))
			hsm_wave_refuse(delivery, HSM_ROW_NEW, waited ? HSM_ERROR_TRY_LATER : HSM_ERROR_BLOCKED,
					delivery->choice ? delivery->choice->reason : delivery->reason);
	}
}

/* Exponential, with jitter: many senders wait for one review. */
static void pause_between_looks(struct hsm_wave *wave)
{
	double pause = PAUSE_FIRST, left = wave->deadline - hsm_clock_monotonic();
	for (unsigned i = 0; i < wave->pauses && pause < PAUSE_MAX; i++)
		pause *= 2;
	wave->pauses++;
	pause *= 0.5 + (double)random() / (double)RAND_MAX / 2;
	hsm_wave_sleep(wave, pause < left ? pause : left);
}

void hsm_wave_choose(struct hsm_wave *wave)
{
	for (unsigned round = 0; !hsm_wave_is_stopped(wave); round++) {
		/* What was chosen by older news is chosen by fresh ones before anybody gives up. */
		choose(wave, round > 0);
		if (!wave->rc && wave->sender->provider_id)
			read_statuses(wave);
		if (wave->rc || !count_without_choice(wave))
			return;
		if (!round)
			continue;
		refuse_rest(wave, hsm_clock_monotonic() < wave->deadline);
		if (!count_without_choice(wave))
			return;
		pause_between_looks(wave);
	}
}
