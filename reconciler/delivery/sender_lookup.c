/* What was begun, and nobody knows whether it was sent. */
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/delivery/wave.h"

#define SETTLE_MILLISECONDS 5000 /* that a request may still be on its way after it was sent */
#define LOOKS 3
#define LOOK_PAUSE 2.0 /* seconds: a listing may be behind */

static bool is_begun(const struct hsm_delivery *delivery)
{
	return delivery->state == HSM_ROW_BEGUN && delivery->looks < LOOKS;
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
	delivery->looks++;
	for (size_t i = 0; i < result->conversation_count; i++) {
		const struct hsm_conversation *conversation = &result->conversations[i];
		if (!conversation->label || strcmp(conversation->label, delivery->token) != 0)
			continue;
		delivery->state = HSM_ROW_SENT;
		delivery->conversation = hsm_arena_copy_string(arena, conversation->id);
		if (conversation->message_count)
			delivery->message_id = hsm_arena_copy_string(arena, conversation->messages[0].id);
	}
	if (delivery->state == HSM_ROW_BEGUN && result->has_older)
		hsm_wave_refuse(delivery, HSM_ROW_UNKNOWN, HSM_ERROR_UNAVAILABLE,
				"its answer was lost, and its recipient has more conversations than a listing holds");
}

static size_t look_once(struct hsm_wave *wave)
{
	struct hsm_wave_request *requests = hsm_arena_allocate_array(wave->arena, wave->count, sizeof(*requests));
	size_t count = 0;
	for (size_t i = 0; i < wave->count; i++) {
		if (!is_begun(&wave->deliveries[i]))
			continue;
		requests[count] = (struct hsm_wave_request){ wave, &wave->deliveries[i] };
		hsm_conversation_list(wave->sender->connection, wave->deliveries[i].phone, note_found, &requests[count++]);
	}
	if (count)
		hsm_connection_run(wave->sender->connection);
	return count;
}

/* The youngest of them may still be on its way. */
static double find_settling(const struct hsm_wave *wave)
{
	int64_t latest = 0, now = hsm_clock_now();
	for (size_t i = 0; i < wave->count; i++)
		if (is_begun(&wave->deliveries[i]) && wave->deliveries[i].begun > latest)
			latest = wave->deliveries[i].begun;
	int64_t left = latest + SETTLE_MILLISECONDS - now;
	/* A clock that was set back must not let it wait for years. */
	return left > SETTLE_MILLISECONDS ? SETTLE_MILLISECONDS / 1e3 : left > 0 ? (double)left / 1e3 : 0;
}

/* What three listings do not have, the first of them well after it was sent, was not sent. */
void hsm_wave_look_up(struct hsm_wave *wave)
{
	hsm_wave_sleep(wave, find_settling(wave));
	for (unsigned round = 0; round < LOOKS && !wave->rc && !hsm_wave_is_stopped(wave); round++) {
		if (round)
			hsm_wave_sleep(wave, LOOK_PAUSE);
		if (!look_once(wave))
			return;
	}
	for (size_t i = 0; i < wave->count; i++)
		if (wave->deliveries[i].state == HSM_ROW_BEGUN && wave->deliveries[i].looks >= LOOKS)
			wave->deliveries[i].state = HSM_ROW_NEW;
}
