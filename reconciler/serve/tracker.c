#include "reconciler/serve/tracker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/lifecycle/delivery_rate.h"
#include "schema/base/memory.h"

#define FOLLOWED_MAX 1000
#define RATES_MAX 100000
#define LOOK_FIRST 2 /* seconds; four times as many each time */
#define LOOKS_MAX 5 /* the last one eleven minutes after it was sent */
#define LOOK_INTERVAL 4.0 /* seconds between two rounds: 60 requests a minute, a fifth of the API's limit */
#define ROUND_MAX 4
#define COUNTED_MAX 4096 /* tokens that are known again */

/* One that was sent. */
struct followed {
	char *phone, *name, *language, *message;
	char token[HSM_TOKEN_SIZE];
	double due; /* CLOCK_MONOTONIC */
	unsigned looks;
	bool ended;
};

/* Of one version in one language. */
struct rate {
	char *name, *language;
	struct hsm_delivery_rate rate;
};

struct hsm_tracker {
	struct hsm_tracker_options options;
	struct hsm_tracker_counts counts;
	struct followed *followed[FOLLOWED_MAX];
	size_t followed_count;
	struct rate *rates;
	size_t rate_count, rate_capacity;
	double not_before;
	char counted[COUNTED_MAX][HSM_TOKEN_SIZE]; /* the last messages that webhooks told the end of */
	size_t next_counted;
};

struct telling {
	struct hsm_work work;
	struct hsm_events events;
};

struct hsm_tracker *hsm_tracker_make(const struct hsm_tracker_options *options)
{
	struct hsm_tracker *tracker = hsm_memory_allocate(sizeof(*tracker));
	tracker->options = *options;
	return tracker;
}

static void free_followed(struct followed *followed)
{
	free(followed->phone);
	free(followed->message);
	free(followed->name);
	free(followed->language);
	free(followed);
}

void hsm_tracker_free(struct hsm_tracker *tracker)
{
	if (!tracker)
		return;
	for (size_t i = 0; i < tracker->followed_count; i++)
		free_followed(tracker->followed[i]);
	for (size_t i = 0; i < tracker->rate_count; i++) {
		free(tracker->rates[i].name);
		free(tracker->rates[i].language);
	}
	free(tracker->rates);
	free(tracker);
}

const struct hsm_tracker_counts *hsm_tracker_read_counts(const struct hsm_tracker *tracker)
{
	return &tracker->counts;
}

void hsm_tracker_add(struct hsm_tracker *tracker, const struct hsm_delivery *delivery)
{
	if (tracker->followed_count == FOLLOWED_MAX)
		return;
	struct followed *followed = hsm_memory_allocate(sizeof(*followed));
	followed->phone = hsm_memory_copy_string(delivery->phone);
	followed->name = hsm_memory_copy_string(delivery->message.name);
	followed->language = hsm_memory_copy_string(delivery->message.language);
	followed->message = delivery->message_id ? hsm_memory_copy_string(delivery->message_id) : NULL;
	memcpy(followed->token, delivery->token, sizeof(followed->token));
	followed->due = hsm_clock_monotonic() + LOOK_FIRST;
	tracker->followed[tracker->followed_count++] = followed;
}

static int run_telling(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	return hsm_keeper_take_events(keeper, &((struct telling *)work)->events, "delivery", hsm_clock_now(), error);
}

/* As a webhook would tell it. */
static void tell_status(struct hsm_tracker *tracker, const char *name, const char *language, const char *status,
			int64_t code)
{
	struct hsm_arena arena = { 0 };
	int64_t now = hsm_clock_now();
	const char *reason = hsm_arena_format(&arena, "delivery error %lld", (long long)code);
	struct hsm_event event = {
		.id = hsm_arena_format(&arena, "delivery %s %s %lld", name, language, (long long)now),
		.kind = HSM_EVENT_STATUS, .time = now, .name = name, .language = language, .value = status, .reason = reason,
		.body = hsm_arena_format(&arena, "{\"delivery_error\":%lld}", (long long)code),
	};
	struct telling telling = { .work.run = run_telling, .events = { .items = &event, .count = 1 } };
	struct hsm_error error;
	/* Where the registry is away the listing that is asked for tells it. */
	hsm_keeper_do(tracker->options.keeper, &telling.work, &error);
	hsm_arena_release(&arena);
}

void hsm_tracker_note_refusal(struct hsm_tracker *tracker, const char *name, const char *language, int64_t code)
{
	bool doubtful;
	const char *status = hsm_delivery_judge_error(code, &doubtful);
	if (status)
		tell_status(tracker, name, language, status, code);
	/* Without a code a listing tells why. */
	if (doubtful || !code)
		tracker->options.doubt(tracker->options.user);
}

static struct hsm_delivery_rate *find_rate(struct hsm_tracker *tracker, const char *name, const char *language)
{
	for (size_t i = 0; i < tracker->rate_count; i++)
		if (strcmp(tracker->rates[i].name, name) == 0 && strcmp(tracker->rates[i].language, language) == 0)
			return &tracker->rates[i].rate;
	if (tracker->rate_count == RATES_MAX)
		return NULL;
	HSM_MEMORY_GROW(tracker->rates, tracker->rate_count, tracker->rate_capacity);
	struct rate *rate = &tracker->rates[tracker->rate_count++];
	*rate = (struct rate){ .name = hsm_memory_copy_string(name), .language = hsm_memory_copy_string(language) };
	return &rate->rate;
}

static void note_end(struct hsm_tracker *tracker, const char *name, const char *language, bool arrived, int64_t code)
{
	struct hsm_arena arena = { 0 };
	struct hsm_delivery_rate *rate = find_rate(tracker, name, language);
	tracker->counts.arrived += arrived;
	tracker->counts.failed += !arrived;
	if (rate && hsm_delivery_rate_note(rate, arrived))
		hsm_keeper_tell(tracker->options.keeper, HSM_ALERT_DELIVERY, hsm_arena_format(&arena, "%s %s", name, language),
				hsm_arena_format(&arena,
						 "of its last %d messages sharply fewer arrived than before: look at its quality "
						 "and at what its failures say", HSM_DELIVERY_RECENT));
	if (!arrived && code)
		hsm_tracker_note_refusal(tracker, name, language, code);
	hsm_arena_release(&arena);
}

/* Whether its end was counted before. Webhooks come again, and tell of a message that arrived when it is read, too. */
static bool is_counted(struct hsm_tracker *tracker, const char *token)
{
	for (size_t i = 0; i < COUNTED_MAX; i++)
		if (strcmp(tracker->counted[i], token) == 0)
			return true;
	snprintf(tracker->counted[tracker->next_counted], HSM_TOKEN_SIZE, "%s", token);
	tracker->next_counted = (tracker->next_counted + 1) % COUNTED_MAX;
	return false;
}

void hsm_tracker_note_receipt(struct hsm_tracker *tracker, const struct hsm_receipt *receipt)
{
	if (receipt->fate == HSM_RECEIPT_SENT || is_counted(tracker, receipt->token))
		return;
	note_end(tracker, receipt->name, receipt->language, receipt->fate == HSM_RECEIPT_ARRIVED, receipt->code);
}

static struct followed *find_followed(const struct hsm_tracker *tracker, const char *token)
{
	for (size_t i = 0; token && i < tracker->followed_count; i++)
		if (!tracker->followed[i]->ended && strcmp(tracker->followed[i]->token, token) == 0)
			return tracker->followed[i];
	return NULL;
}

/* A listing tells of all that one address was sent. */
static void note_conversations(void *user, const struct hsm_send_result *result)
{
	struct hsm_tracker *tracker = user;
	for (size_t i = 0; result->outcome == HSM_OUTCOME_DONE && i < result->conversation_count; i++) {
		const struct hsm_conversation *conversation = &result->conversations[i];
		struct followed *followed = find_followed(tracker, conversation->label);
		if (!followed || !conversation->message_count)
			continue;
		const struct hsm_conversation_message *message = &conversation->messages[0];
		const char *status = message->status ? message->status : "";
		bool arrived = strcmp(status, "DELIVERED") == 0 || strcmp(status, "READ") == 0;
		if (!arrived && strcmp(status, "FAILED") != 0)
			continue;
		followed->ended = true;
		note_end(tracker, followed->name, followed->language, arrived, message->error);
	}
}

/* Until the next look, unless there was enough of them. */
static void schedule(struct hsm_tracker *tracker, struct followed *followed)
{
	double pause = LOOK_FIRST;
	if (followed->ended)
		return;
	for (unsigned i = 0; i < followed->looks; i++)
		pause *= 4;
	followed->due = hsm_clock_monotonic() + pause;
	followed->ended = ++followed->looks == LOOKS_MAX;
	tracker->counts.given_up += followed->ended;
}

static void forget_ended(struct hsm_tracker *tracker)
{
	size_t kept = 0;
	for (size_t i = 0; i < tracker->followed_count; i++) {
		struct followed *followed = tracker->followed[i];
		if (followed->ended)
			free_followed(followed);
		else
			tracker->followed[kept++] = followed;
	}
	tracker->followed_count = kept;
}

bool hsm_tracker_is_due(const struct hsm_tracker *tracker)
{
	double now = hsm_clock_monotonic();
	for (size_t i = 0; now >= tracker->not_before && i < tracker->followed_count; i++)
		if (tracker->followed[i]->due <= now)
			return true;
	return false;
}

void hsm_tracker_look(struct hsm_tracker *tracker, struct hsm_messenger *messenger)
{
	struct followed *asked[ROUND_MAX];
	size_t count = 0;
	double now = hsm_clock_monotonic();
	for (size_t i = 0; i < tracker->followed_count && count < ROUND_MAX; i++) {
		if (tracker->followed[i]->due > now)
			continue;
		struct followed *followed = asked[count++] = tracker->followed[i];
		struct hsm_trace trace = { followed->phone, followed->token, followed->message };
		if (messenger->way->ask)
			messenger->way->ask(messenger, &trace, note_conversations, tracker);
	}
	hsm_messenger_run(messenger);
	for (size_t i = 0; i < count; i++)
		schedule(tracker, asked[i]);
	forget_ended(tracker);
	tracker->not_before = hsm_clock_monotonic() + LOOK_INTERVAL;
}
