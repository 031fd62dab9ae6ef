/* What was begun, and nobody knows whether it was sent. */
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/delivery/wave.h"

/* What was lost may still be on its way: ten times as long as the API takes at its slowest, within these seconds. */
#define SETTLE_FIRST 5.0
#define SETTLE_MAX 60.0
#define SETTLED_MILLISECONDS 120000 /* where nobody waits: a wave's deadline and a request's timeout are over by then */
#define LOOKS 3
#define LOOK_PAUSE 2.0 /* seconds: a listing may be behind */

static bool is_begun(const struct hsm_delivery *delivery)
{
	return delivery->state == HSM_ROW_BEGUN && delivery->looks < LOOKS;
}

static size_t count_begun(const struct hsm_wave *wave)
{
	size_t count = 0;
	for (size_t i = 0; i < wave->count; i++)
		count += is_begun(&wave->deliveries[i]);
	return count;
}

/* Only the messaging API lists what was sent. */
static bool is_listed(const struct hsm_wave *wave, const struct hsm_delivery *delivery)
{
	return !delivery->way && wave->sender->messenger->way->lists;
}

/* It may have been sent, and is not sent again. */
static void give_up_lost(struct hsm_wave *wave)
{
	for (size_t i = 0; i < wave->count; i++) {
		struct hsm_delivery *delivery = &wave->deliveries[i];
		if (delivery->state == HSM_ROW_BEGUN && !is_listed(wave, delivery))
			hsm_wave_refuse(delivery, HSM_ROW_UNKNOWN, HSM_ERROR_UNAVAILABLE,
					hsm_arena_format(wave->arena,
							 "its answer was lost, and no list tells whether it was sent (by way of: %s): look at "
							 "its deliveries before you send it again",
							 delivery->way ? delivery->way : "conversations"));
	}
}

static void note_found(void *user, const struct hsm_send_result *result)
{
	const struct hsm_wave_request *request = user;
	struct hsm_delivery *delivery = request->delivery;
	struct hsm_arena *arena = request->wave->arena;
	if (result->outcome != HSM_OUTCOME_DONE) {
		hsm_wave_fail(request->wave, &result->error);
		return;
	}
	bool told = true;
	delivery->looks++;
	for (size_t i = 0; i < result->conversation_count; i++) {
		const struct hsm_conversation *conversation = &result->conversations[i];
		told &= conversation->label != NULL;
		request->wave->sender->labelled |= conversation->label != NULL;
		if (!conversation->label || strcmp(conversation->label, delivery->token) != 0)
			continue;
		delivery->state = HSM_ROW_SENT;
		delivery->reason = NULL;
		delivery->conversation = hsm_arena_copy_string(arena, conversation->id);
		if (conversation->message_count)
			delivery->message_id = hsm_arena_copy_string(arena, conversation->messages[0].id);
	}
	if (delivery->state == HSM_ROW_BEGUN && !told && !request->wave->sender->labelled)
		hsm_wave_refuse(delivery, HSM_ROW_UNKNOWN, HSM_ERROR_UNAVAILABLE,
				"its answer was lost, and the API does not tell the labels of conversations");
	else if (delivery->state == HSM_ROW_BEGUN && result->has_older)
		hsm_wave_refuse(delivery, HSM_ROW_UNKNOWN, HSM_ERROR_UNAVAILABLE,
				"its answer was lost, and its recipient has more conversations than a listing holds");
}

static size_t look_once(struct hsm_wave *wave)
{
	struct hsm_messenger *messenger = wave->sender->messenger;
	struct hsm_wave_request *requests = hsm_arena_allocate_array(wave->arena, wave->count, sizeof(*requests));
	size_t count = 0;
	for (size_t i = 0; i < wave->count; i++) {
		if (!is_begun(&wave->deliveries[i]))
			continue;
		requests[count] = (struct hsm_wave_request){ wave, &wave->deliveries[i] };
		messenger->way->ask(messenger, &(struct hsm_trace){ .phone = wave->deliveries[i].phone }, note_found,
				    &requests[count++]);
	}
	if (count)
		hsm_messenger_run(messenger);
	return count;
}

/* The youngest of them may still be on its way. What an earlier run lost was lost before this one began. */
static double find_settling(const struct hsm_wave *wave)
{
	double latest = 0, settle = 10 * hsm_connection_slowest(wave->sender->messenger->connection);
	for (size_t i = 0; i < wave->count; i++) {
		const struct hsm_delivery *delivery = &wave->deliveries[i];
		double lost = delivery->lost > 0 ? delivery->lost : wave->sender->started;
		latest = is_begun(delivery) && lost > latest ? lost : latest;
	}
	settle = settle < SETTLE_FIRST ? SETTLE_FIRST : settle > SETTLE_MAX ? SETTLE_MAX : settle;
	return latest > 0 ? latest + settle - hsm_clock_monotonic() : 0;
}

/* It certainly was not sent. */
static void note_absent(struct hsm_delivery *delivery)
{
	delivery->state = delivery->doomed ? HSM_ROW_REFUSED : HSM_ROW_NEW;
	delivery->problem = delivery->doomed ? HSM_ERROR_INVALID : HSM_OK;
}

/* Nobody waits: what is not there and not old stays as it is. */
static void look_at_once(struct hsm_wave *wave)
{
	if (hsm_wave_is_stopped(wave) || !look_once(wave))
		return;
	for (size_t i = 0; !wave->rc && i < wave->count; i++)
		if (wave->deliveries[i].state == HSM_ROW_BEGUN &&
		    hsm_clock_now() - wave->deliveries[i].begun > SETTLED_MILLISECONDS)
			note_absent(&wave->deliveries[i]);
}

/* What three listings do not have, the first of them well after it was sent, was not sent. */
void hsm_wave_look_up(struct hsm_wave *wave)
{
	give_up_lost(wave);
	if (!wave->sender->patient) {
		look_at_once(wave);
		return;
	}
	hsm_wave_sleep(wave, find_settling(wave));
	for (unsigned round = 0; round < LOOKS && !hsm_wave_is_stopped(wave); round++) {
		if (round && count_begun(wave))
			hsm_wave_sleep(wave, LOOK_PAUSE);
		if (hsm_wave_is_stopped(wave) || !look_once(wave))
			break;
	}
	for (size_t i = 0; !wave->rc && i < wave->count; i++)
		if (wave->deliveries[i].state == HSM_ROW_BEGUN && wave->deliveries[i].looks >= LOOKS)
			note_absent(&wave->deliveries[i]);
}
