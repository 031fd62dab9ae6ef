#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/delivery/wave.h"
#include "reconciler/delivery/window.h"

#define SENDS 3 /* of one message: each only after the one before was looked for and is not there */

static void note_window(void *user, const struct hsm_send_result *result)
{
	const struct hsm_wave_request *request = user;
	struct hsm_wave *wave = request->wave;
	request->delivery->wants_window = false;
	if (result->outcome != HSM_OUTCOME_DONE)
		hsm_wave_fail(wave, &result->error);
	else
		request->delivery->as_text = hsm_window_is_open(result->conversations, result->conversation_count,
								hsm_clock_now(),
								hsm_connection_clock_skew(
									wave->sender->messenger->connection));
}

/* IF the 24 hours are over THEN the template ELSE the text. */
static void read_windows(struct hsm_wave *wave)
{
	struct hsm_messenger *messenger = wave->sender->messenger;
	struct hsm_wave_request *requests = hsm_arena_allocate_array(wave->arena, wave->count, sizeof(*requests));
	for (size_t i = 0; i < wave->count; i++) {
		struct hsm_delivery *delivery = &wave->deliveries[i];
		if (!delivery->wants_window || delivery->state != HSM_ROW_NEW)
			continue;
		requests[i] = (struct hsm_wave_request){ wave, delivery };
		messenger->way->ask(messenger, &(struct hsm_trace){ .phone = delivery->phone }, note_window, &requests[i]);
	}
	hsm_messenger_run(messenger);
}

static bool is_ready(const struct hsm_delivery *delivery)
{
	return delivery->state == HSM_ROW_NEW && !delivery->problem &&
	       (delivery->as_text || delivery->as_sms ||
		(delivery->choice && delivery->choice->kind == HSM_CHOICE_TEMPLATE));
}

/* What the way needs for each, and whether it can carry it. */
static void prepare_way(struct hsm_wave *wave)
{
	struct hsm_messenger *messenger = wave->sender->messenger;
	struct hsm_error error;
	for (size_t i = 0; i < wave->count && !hsm_wave_is_stopped(wave); i++) {
		struct hsm_delivery *delivery = &wave->deliveries[i];
		const struct hsm_way *way = hsm_messenger_find_way(messenger, delivery->as_sms);
		if (!is_ready(delivery) || !way->prepare)
			continue;
		struct hsm_send send = hsm_delivery_make_send(wave->arena, messenger, delivery);
		int rc = way->prepare(messenger, &send, &error);
		if (rc == HSM_ERROR_BLOCKED)
			hsm_wave_refuse(delivery, HSM_ROW_NEW, error.class, hsm_arena_copy_string(wave->arena, error.message));
		else if (rc)
			hsm_wave_fail(wave, &error);
	}
}

static void prepare(struct hsm_wave *wave)
{
	if (!hsm_wave_is_stopped(wave))
		read_windows(wave);
	if (!hsm_wave_is_stopped(wave))
		hsm_wave_choose(wave);
	if (!hsm_wave_is_stopped(wave))
		prepare_way(wave);
}

/* Meta's codes of rates: too much at once, of the account or to one recipient. https://developers.facebook.com, error
 * codes */
static bool is_rate(int64_t code)
{
	return code == 4 || code == 80007 || code == 130429 || code == 131048 || code == 131056;
}

/* It says nothing of this recipient or these values: the others would meet the same. */
static void stop_refused(struct hsm_wave *wave, const struct hsm_send_result *result)
{
	struct hsm_error error = result->error;
	if (is_rate(result->error_code))
		error.class = HSM_ERROR_TRY_LATER;
	hsm_wave_fail(wave, &error);
}

static void note_refused(struct hsm_wave *wave, struct hsm_delivery *delivery, const struct hsm_send_result *result)
{
	delivery->state = HSM_ROW_NEW;
	if (result->session_closed && delivery->as_text) {
		delivery->as_text = false; /* the 24 hours ended a moment ago */
	} else if (result->not_approved && delivery->sends < SENDS) {
		delivery->choice = NULL; /* so did its approval */
		delivery->refused = delivery->message.name;
		if (wave->sender->refused)
			wave->sender->refused(wave->sender->refused_user, delivery->refused, delivery->message.language,
					      result->error_code);
		delivery->reason = hsm_arena_copy_string(wave->arena, result->error.message);
	} else if (is_rate(result->error_code) || (result->error.class != HSM_ERROR_INVALID && !result->session_closed)) {
		stop_refused(wave, result);
	} else {
		hsm_wave_refuse(delivery, HSM_ROW_REFUSED, result->error.class,
				hsm_arena_copy_string(wave->arena, result->error.message));
	}
}

static void note_sent(void *user, const struct hsm_send_result *result)
{
	const struct hsm_wave_request *request = user;
	struct hsm_delivery *delivery = request->delivery;
	struct hsm_wave *wave = request->wave;
	switch (result->outcome) {
	case HSM_OUTCOME_DONE:
		delivery->state = HSM_ROW_SENT;
		delivery->conversation = hsm_arena_copy_string(wave->arena, result->conversations[0].id);
		delivery->reason = delivery->as_sms ? delivery->reason : NULL;
		wave->sender->labelled |= result->conversations[0].label != NULL;
		if (result->conversations[0].message_count)
			delivery->message_id =
				hsm_arena_copy_string(wave->arena, result->conversations[0].messages[0].id);
		return;
	case HSM_OUTCOME_LOST:
		delivery->reason = hsm_arena_copy_string(wave->arena, result->error.message);
		delivery->lost = hsm_clock_monotonic();
		return; /* BEGUN: it is looked up */
	case HSM_OUTCOME_REFUSED:
	case HSM_OUTCOME_EXISTS:
	case HSM_OUTCOME_LOCKED:
		note_refused(wave, delivery, result);
		return;
	case HSM_OUTCOME_QUOTA:
	case HSM_OUTCOME_FORBIDDEN:
	case HSM_OUTCOME_UNAVAILABLE:
	case HSM_OUTCOME_INTERRUPTED:
		break;
	}
	delivery->state = HSM_ROW_NEW;
	hsm_wave_fail(wave, &result->error);
}

/* The API is not well: a later run goes on. */
static void give_up(struct hsm_wave *wave, const struct hsm_delivery *delivery)
{
	struct hsm_error error;
	hsm_error_set(&error, HSM_ERROR_UNAVAILABLE, "a message was sent %d times, and never found: %s", SENDS,
		      delivery->reason ? delivery->reason : "");
	hsm_wave_fail(wave, &error);
}

/* Those that are ready: on record first, and sent then. */
static size_t send_ready(struct hsm_wave *wave)
{
	struct hsm_sender *sender = wave->sender;
	struct hsm_delivery **ready = hsm_arena_allocate_array(wave->arena, wave->count, sizeof(*ready));
	struct hsm_wave_request *requests = hsm_arena_allocate_array(wave->arena, wave->count, sizeof(*requests));
	struct hsm_error error;
	size_t count = 0;
	for (size_t i = 0; i < wave->count; i++) {
		if (!is_ready(&wave->deliveries[i]))
			continue;
		if (wave->deliveries[i].sends == SENDS)
			give_up(wave, &wave->deliveries[i]);
		else
			ready[count++] = &wave->deliveries[i];
	}
	for (size_t i = 0; !wave->rc && i < count; i++) {
		ready[i]->begun = hsm_clock_now();
		ready[i]->state = HSM_ROW_BEGUN;
		ready[i]->looks = 0;
		ready[i]->way = ready[i]->as_sms ? HSM_WAY_SMS : sender->messenger->way->word;
		ready[i]->sends++;
	}
	if (wave->rc)
		return 0;
	if (count && sender->begin && sender->begin(sender->begin_user, ready, count, &error)) {
		for (size_t i = 0; i < count; i++)
			ready[i]->state = HSM_ROW_NEW;
		hsm_wave_fail(wave, &error);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		/* It may be another's, or not meant any more. */
		if (ready[i]->state != HSM_ROW_BEGUN)
			continue;
		requests[i] = (struct hsm_wave_request){ wave, ready[i] };
		struct hsm_send send = hsm_delivery_make_send(wave->arena, sender->messenger, ready[i]);
		hsm_messenger_find_way(sender->messenger, send.sms)->send(sender->messenger, &send, note_sent, &requests[i]);
	}
	hsm_messenger_run(sender->messenger);
	return count;
}

static struct hsm_wave begin(struct hsm_sender *sender, struct hsm_arena *arena, struct hsm_delivery *deliveries,
			     size_t count, struct hsm_error *error)
{
	for (size_t i = 0; i < count; i++) {
		deliveries[i].wants_window = deliveries[i].text && sender->messenger->way->lists;
		deliveries[i].as_sms = false;
		deliveries[i].problem = HSM_OK;
	}
	if (!sender->started)
		sender->started = hsm_clock_monotonic();
	return (struct hsm_wave){ .sender = sender, .arena = arena, .deliveries = deliveries, .count = count,
				  .deadline = hsm_clock_monotonic() + sender->wait, .error = error };
}

static bool is_open(const struct hsm_delivery *delivery)
{
	return delivery->state == HSM_ROW_BEGUN || (delivery->state == HSM_ROW_NEW && !delivery->problem);
}

int hsm_sender_prepare(struct hsm_sender *sender, struct hsm_arena *arena, struct hsm_delivery *deliveries,
		       size_t count, struct hsm_error *error)
{
	struct hsm_wave wave = begin(sender, arena, deliveries, count, error);
	prepare(&wave);
	return wave.rc;
}

int hsm_sender_send(struct hsm_sender *sender, struct hsm_arena *arena, struct hsm_delivery *deliveries, size_t count,
		    struct hsm_error *error)
{
	struct hsm_wave wave = begin(sender, arena, deliveries, count, error);
	do {
		hsm_wave_look_up(&wave);
		prepare(&wave);
	} while (!hsm_wave_is_stopped(&wave) && send_ready(&wave));
	for (size_t i = 0; !wave.rc && i < count && hsm_wave_is_stopped(&wave); i++)
		if (is_open(&deliveries[i]))
			return sender->interrupted && *sender->interrupted ?
				       hsm_error_set(error, HSM_ERROR_FAILED, "interrupted") :
				       hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "the time that --timeout gives is over");
	return wave.rc;
}
