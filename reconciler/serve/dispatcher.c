#include "reconciler/serve/dispatcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/serve/place.h"
#include "reconciler/serve/tracker.h"
#include "reconciler/serve/worker.h"
#include "schema/base/memory.h"
#include "schema/json.h"

#define WAVE_MAX 64
#define RUN_MAX 30         /* seconds that a wave may take, beside requests that are under way at its end */
#define WAIT_MAX 30        /* that a request may wait for its wave */
#define LOOK_MAX 5         /* that others wait while messages are asked about */
#define OWNED_MILLISECONDS 120000 /* another process may still be at it */
#define LOOK_MILLISECONDS 1000

struct hsm_dispatcher {
	struct hsm_dispatcher_options options;
	struct hsm_dispatcher_counts counts;
	struct hsm_worker worker;
	struct hsm_dispatch *first, **last;
	size_t waiting;
	/* The thread's own. */
	char owner[HSM_TOKEN_SIZE];
	struct hsm_tracker *tracker;
	bool labelled; /* the API tells the labels of conversations */
	struct hsm_place place;
	char *written; /* the environment that the place is of, as the registry has it; NULL: none */
};

/* What is sent at once. */
struct wave {
	struct hsm_dispatcher *dispatcher;
	struct hsm_arena arena;
	struct hsm_dispatch *items[WAVE_MAX];
	struct hsm_delivery deliveries[WAVE_MAX];
	size_t count;
};

/* Something that the keeper does for a wave. */
struct wave_work {
	struct hsm_work work;
	struct wave *wave;
	struct hsm_delivery *const *begun; /* of run_begin */
	size_t begun_count;
	const char *template, *language;   /* of run_choose */
	struct hsm_choice *choice;
	int rc;                            /* of the choice: others' work is not to be undone for it */
	struct hsm_error *error;
	const char *environment;           /* of run_place */
};

const struct hsm_dispatcher_counts *hsm_dispatcher_read_counts(const struct hsm_dispatcher *dispatcher)
{
	return &dispatcher->counts;
}

const struct hsm_tracker_counts *hsm_dispatcher_read_deliveries(const struct hsm_dispatcher *dispatcher)
{
	return hsm_tracker_read_counts(dispatcher->tracker);
}

static void refuse(struct hsm_dispatch *dispatch, unsigned status, const char *message)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	struct hsm_json_writer writer = { .buffer = &text };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "message", message);
	hsm_json_end_object(&writer);
	dispatch->done(dispatch, status, hsm_buffer_text(&text));
	hsm_buffer_release(&text);
}

static void write_optional(struct hsm_json_writer *writer, const char *key, const char *value)
{
	if (value)
		hsm_json_write_string(writer, key, value);
}

static void write_problems(struct hsm_json_writer *writer, const struct hsm_built_message *message)
{
	if (!message->problem_count)
		return;
	hsm_json_begin_array(writer, "problems");
	for (size_t i = 0; i < message->problem_count; i++) {
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "parameter", message->problems[i].name);
		hsm_json_write_string(writer, "message", message->problems[i].message);
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
}

/* What the sender of a message is told of it. */
static const char *write_answer(struct hsm_arena *arena, const struct hsm_delivery *delivery)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &text };
	const struct hsm_choice *choice = delivery->choice;
	bool is_template = delivery->message.name && !delivery->as_text && delivery->state != HSM_ROW_FALLBACK;
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "state", delivery->state == HSM_ROW_NEW	   ? "unavailable" :
						delivery->state == HSM_ROW_BEGUN ? "unknown" :
										   hsm_row_state_words[delivery->state]);
	write_optional(&writer, "template", is_template ? delivery->message.name : NULL);
	write_optional(&writer, "language", is_template ? delivery->message.language : NULL);
	write_optional(&writer, "category", is_template && choice ? choice->category : NULL);
	if (choice && choice->kind == HSM_CHOICE_CHANNEL) {
		hsm_json_write_string(&writer, "channel", choice->channel);
		write_optional(&writer, "text", choice->text);
	}
	write_optional(&writer, "conversation", delivery->conversation);
	write_optional(&writer, "message_id", delivery->message_id);
	write_optional(&writer, "message", delivery->reason);
	write_problems(&writer, &delivery->message);
	hsm_json_end_object(&writer);
	const char *answer = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	hsm_buffer_release(&text);
	return answer;
}

static unsigned find_status(const struct hsm_delivery *delivery)
{
	switch (delivery->state) {
	case HSM_ROW_SENT:
	case HSM_ROW_FALLBACK:
		return 200;
	case HSM_ROW_REFUSED:
		return 422;
	case HSM_ROW_BEGUN:
	case HSM_ROW_UNKNOWN:
		return 202;
	case HSM_ROW_NEW:
		break;
	}
	return delivery->problem == HSM_ERROR_NO_INPUT ? 404 : delivery->problem ? 409 : 503;
}

static void count(struct hsm_dispatcher *dispatcher, const struct hsm_delivery *delivery)
{
	_Atomic uint64_t *counters[] = {
		[HSM_ROW_NEW] = &dispatcher->counts.unavailable,   [HSM_ROW_BEGUN] = &dispatcher->counts.unknown,
		[HSM_ROW_SENT] = &dispatcher->counts.sent,	   [HSM_ROW_REFUSED] = &dispatcher->counts.refused,
		[HSM_ROW_FALLBACK] = &dispatcher->counts.fallbacks, [HSM_ROW_UNKNOWN] = &dispatcher->counts.unknown,
	};
	(*counters[delivery->state])++;
}

static struct hsm_send_record make_record(const struct wave *wave, const struct hsm_dispatch *dispatch,
					  const struct hsm_delivery *delivery)
{
	return (struct hsm_send_record){ .id = dispatch->key, .request = dispatch->request, .token = delivery->token,
					 .owner = wave->dispatcher->owner, .time = hsm_clock_now() };
}

/* A key that is known: its answer, a conflict, or a message that may have been sent. */
static int take_known(struct wave *wave, struct hsm_dispatch *dispatch, const struct hsm_send_record *record)
{
	struct hsm_dispatcher *dispatcher = wave->dispatcher;
	bool others = strcmp(record->owner, dispatcher->owner) != 0;
	if (strcmp(record->request, dispatch->request) != 0) {
		refuse(dispatch, 422, "this Idempotency-Key was another request's");
	} else if (record->status) {
		dispatcher->counts.repeated++;
		dispatch->done(dispatch, (unsigned)record->status, record->answer);
	} else if (others && llabs(hsm_clock_now() - record->time) < OWNED_MILLISECONDS) {
		refuse(dispatch, 409, "it is under way: ask again later");
	} else {
		dispatch->owner = record->owner;
		snprintf(dispatch->delivery.token, HSM_TOKEN_SIZE, "%s", record->token);
		dispatch->delivery.state = HSM_ROW_BEGUN;
		dispatch->delivery.begun = record->time;
		return 0;
	}
	return 1;
}

static bool is_in_wave(const struct wave *wave, const char *key)
{
	for (size_t i = 0; i < wave->count; i++)
		if (strcmp(wave->items[i]->key, key) == 0)
			return true;
	return false;
}

struct reading {
	struct hsm_work work;
	const char *key;
	struct hsm_arena *arena;
	struct hsm_send_record record;
};

static int run_read(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct reading *reading = (struct reading *)work;
	return hsm_store_read_send(hsm_keeper_store(keeper), reading->arena, reading->key, &reading->record, error);
}

static void add(struct wave *wave, struct hsm_dispatch *dispatch)
{
	struct reading reading = { .work = { .run = run_read, .reads = true }, .key = dispatch->key,
				   .arena = &dispatch->arena };
	struct hsm_error error;
	int rc = 0;
	if (is_in_wave(wave, dispatch->key)) {
		refuse(dispatch, 409, "it is under way: ask again later");
		return;
	}
	if (hsm_keeper_do(wave->dispatcher->options.keeper, &reading.work, &error)) {
		refuse(dispatch, 503, "the registry cannot be read now: ask again");
		return;
	}
	if (reading.record.id)
		rc = take_known(wave, dispatch, &reading.record);
	else if (hsm_token_make(dispatch->delivery.token, &error))
		refuse(dispatch, rc = 503, error.message);
	if (!rc)
		wave->items[wave->count++] = dispatch;
}

static void take_wave(struct wave *wave)
{
	struct hsm_dispatcher *dispatcher = wave->dispatcher;
	struct hsm_dispatch *list = NULL, **end = &list;
	pthread_mutex_lock(&dispatcher->worker.mutex);
	for (size_t i = 0; dispatcher->first && i < dispatcher->options.parallelism && i < WAVE_MAX; i++) {
		*end = dispatcher->first;
		dispatcher->first = (*end)->next;
		end = &(*end)->next;
		dispatcher->waiting--;
	}
	*end = NULL;
	if (!dispatcher->first)
		dispatcher->last = &dispatcher->first;
	pthread_mutex_unlock(&dispatcher->worker.mutex);
	for (struct hsm_dispatch *next; list; list = next) {
		next = list->next;
		/* Whoever asked has given up by now. */
		if (hsm_clock_monotonic() - list->since > WAIT_MAX)
			refuse(list, 503, "too much is waiting to be sent: ask again");
		else
			add(wave, list);
	}
}

static int run_choose(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct wave_work *given = (struct wave_work *)work;
	(void)error;
	/* After a failure it is read anew before it says that anything is not there. */
	if (!hsm_store_revision(hsm_keeper_store(keeper))) {
		given->rc = hsm_error_set(given->error, HSM_ERROR_UNAVAILABLE, "the registry is being read");
		return 0;
	}
	given->rc = hsm_choose(&given->wave->arena, hsm_keeper_registry(keeper), given->template, given->language,
			  given->wave->dispatcher->options.default_language, given->choice, given->error);
	return 0;
}

/* The registry follows events and listings: what it says now is what is known. */
static int choose(void *user, const char *template, const char *language, bool afresh, const struct hsm_choice **choice,
		  struct hsm_error *error)
{
	struct wave *wave = user;
	struct wave_work given = { .work = { .run = run_choose, .reads = true }, .wave = wave, .template = template,
				   .language = language, .error = error,
				   .choice = hsm_arena_allocate(&wave->arena, sizeof(struct hsm_choice)) };
	(void)afresh;
	*choice = given.choice;
	int rc = hsm_keeper_do(wave->dispatcher->options.keeper, &given.work, error);
	return rc ? rc : given.rc;
}

/* What another process has begun meanwhile is its own. */
static int run_begin(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	const struct wave_work *given = (struct wave_work *)work;
	int rc = 0;
	for (size_t i = 0; !rc && i < given->begun_count; i++) {
		struct hsm_delivery *delivery = given->begun[i];
		const struct hsm_dispatch *dispatch = delivery->user;
		struct hsm_send_record record = make_record(given->wave, dispatch, delivery);
		bool claimed = false;
		const char *former = dispatch->owner && delivery->sends <= 1 ? dispatch->owner : record.owner;
		rc = hsm_store_claim_send(hsm_keeper_store(keeper), &record, former, &claimed, error);
		delivery->state = claimed ? HSM_ROW_BEGUN : HSM_ROW_NEW;
		delivery->problem = claimed ? HSM_OK : HSM_ERROR_TRY_LATER;
		if (!claimed)
			delivery->reason = "the same key is under way elsewhere: ask again later";
	}
	return rc;
}

static int begin(void *user, struct hsm_delivery *const *deliveries, size_t begun_count, struct hsm_error *error)
{
	struct wave *wave = user;
	struct wave_work given = { .work.run = run_begin, .wave = wave, .begun = deliveries, .begun_count = begun_count };
	return hsm_keeper_do(wave->dispatcher->options.keeper, &given.work, error);
}

/* What is final is answered alike from now on; what was not sent, may be asked for again. */
static int run_end(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	const struct wave *wave = ((struct wave_work *)work)->wave;
	struct hsm_store *store = hsm_keeper_store(keeper);
	int rc = 0;
	for (size_t i = 0; !rc && i < wave->count; i++) {
		const struct hsm_delivery *delivery = &wave->deliveries[i];
		struct hsm_send_record record = make_record(wave, wave->items[i], delivery);
		bool begun = delivery->sends || wave->items[i]->delivery.state == HSM_ROW_BEGUN;
		record.status = find_status(delivery);
		record.answer = write_answer(&wave->items[i]->arena, delivery);
		bool sent = delivery->state == HSM_ROW_SENT || delivery->state == HSM_ROW_FALLBACK;
		if (sent || (begun && delivery->state == HSM_ROW_REFUSED))
			rc = hsm_store_save_send(store, &record, error);
		else if (begun && delivery->state == HSM_ROW_NEW)
			rc = hsm_store_delete_send(store, &record, error);
	}
	return rc;
}

static int run_place(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct wave_work *given = (struct wave_work *)work;
	return hsm_store_get(hsm_keeper_store(keeper), &given->wave->arena, HSM_PLACE_KEY, &given->environment, error);
}

/* A connection to where the registry says that the organisation is; kept while it says the same. */
static int find_place(struct wave *wave, double limit, struct hsm_error *error)
{
	struct hsm_dispatcher *dispatcher = wave->dispatcher;
	struct wave_work given = { .work = { .run = run_place, .reads = true }, .wave = wave };
	int rc = hsm_keeper_do(dispatcher->options.keeper, &given.work, error);
	if (!rc && !given.environment)
		rc = hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "git and the organisation have not been read yet");
	if (rc)
		return rc;
	if (dispatcher->place.connection && strcmp(dispatcher->written, given.environment) == 0) {
		dispatcher->place.settings.deadline = hsm_clock_monotonic() + limit;
		return 0;
	}
	hsm_place_release(&dispatcher->place);
	free(dispatcher->written);
	dispatcher->written = hsm_memory_copy_string(given.environment);
	rc = hsm_place_read(&dispatcher->place, given.environment, dispatcher->options.environment, error);
	return rc ? rc :
		    hsm_place_connect(&dispatcher->place, dispatcher->options.parallelism, limit, &dispatcher->worker.stopping,
				      error);
}

static void note_refusal(void *user, const char *name, const char *language, int64_t code)
{
	hsm_tracker_note_refusal(user, name, language, code);
}

static int send(struct wave *wave, struct hsm_error *error)
{
	struct hsm_dispatcher *dispatcher = wave->dispatcher;
	int rc = find_place(wave, RUN_MAX, error);
	if (rc)
		return rc;
	struct hsm_sender sender = { .connection = dispatcher->place.connection, .choose = choose, .choose_user = wave,
				     .begin = begin, .begin_user = wave, .refused = note_refusal,
				     .refused_user = dispatcher->tracker, .labelled = dispatcher->labelled,
				     .interrupted = &dispatcher->worker.stopping };
	rc = hsm_sender_send(&sender, &wave->arena, wave->deliveries, wave->count, error);
	dispatcher->labelled = sender.labelled;
	if (rc == HSM_ERROR_AUTH || rc == HSM_ERROR_UNAVAILABLE)
		hsm_place_release(&dispatcher->place);
	return rc;
}

/* What becomes of it is asked for. */
static void track(struct hsm_dispatcher *dispatcher, const struct hsm_delivery *delivery)
{
	if (delivery->state == HSM_ROW_SENT && !delivery->as_text && delivery->message.name)
		hsm_tracker_add(dispatcher->tracker, delivery);
}

static void run_wave(struct wave *wave)
{
	struct hsm_dispatcher *dispatcher = wave->dispatcher;
	struct wave_work ending = { .work.run = run_end, .wave = wave };
	struct hsm_error error, why;
	for (size_t i = 0; i < wave->count; i++) {
		wave->deliveries[i] = wave->items[i]->delivery;
		wave->deliveries[i].user = wave->items[i];
	}
	int rc = send(wave, &error);
	if (rc)
		hsm_worker_log(&dispatcher->worker, HSM_LOG_ERROR, "send: %s", error.message);
	/* Where this fails, a record says that it is begun, and the next request of its key looks it up. */
	hsm_keeper_do(dispatcher->options.keeper, &ending.work, &why);
	for (size_t i = 0; i < wave->count; i++) {
		struct hsm_delivery *delivery = &wave->deliveries[i];
		if (rc && delivery->state == HSM_ROW_NEW && !delivery->problem)
			delivery->reason = "the API cannot be reached now: ask again";
		count(dispatcher, delivery);
		track(dispatcher, delivery);
		wave->items[i]->done(wave->items[i], find_status(delivery), write_answer(&wave->arena, delivery));
	}
}

static void *run(void *context)
{
	struct hsm_dispatcher *dispatcher = context;
	while (!dispatcher->worker.stopping) {
		struct wave wave = { .dispatcher = dispatcher };
		struct hsm_error error;
		pthread_mutex_lock(&dispatcher->worker.mutex);
		if (!dispatcher->first)
			hsm_worker_sleep(&dispatcher->worker, LOOK_MILLISECONDS);
		pthread_mutex_unlock(&dispatcher->worker.mutex);
		if (dispatcher->worker.stopping)
			break;
		take_wave(&wave);
		if (wave.count)
			run_wave(&wave);
		if (dispatcher->place.connection && hsm_tracker_is_due(dispatcher->tracker) &&
		    !find_place(&wave, LOOK_MAX, &error))
			hsm_tracker_look(dispatcher->tracker, dispatcher->place.connection);
		hsm_arena_release(&wave.arena);
	}
	return NULL;
}

static void doubt(void *user)
{
	hsm_follower_doubt(((struct hsm_dispatcher *)user)->options.follower);
}

int hsm_dispatcher_open(struct hsm_dispatcher **opened, const struct hsm_dispatcher_options *options,
			struct hsm_error *error)
{
	struct hsm_dispatcher *dispatcher = hsm_memory_allocate(sizeof(*dispatcher));
	dispatcher->options = *options;
	dispatcher->last = &dispatcher->first;
	*opened = dispatcher;
	dispatcher->tracker = hsm_tracker_make(&(struct hsm_tracker_options){ options->keeper, doubt, dispatcher });
	int rc = hsm_token_make(dispatcher->owner, error);
	return rc ? rc : hsm_worker_start(&dispatcher->worker, run, dispatcher, options->log, options->user, error);
}

void hsm_dispatcher_stop(struct hsm_dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	hsm_worker_stop(&dispatcher->worker);
	for (struct hsm_dispatch *next, *dispatch = dispatcher->first; dispatch; dispatch = next) {
		next = dispatch->next;
		refuse(dispatch, 503, "the controller ends: ask again");
	}
	dispatcher->first = NULL;
}

void hsm_dispatcher_free(struct hsm_dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	hsm_worker_release(&dispatcher->worker);
	hsm_place_release(&dispatcher->place);
	free(dispatcher->written);
	hsm_tracker_free(dispatcher->tracker);
	free(dispatcher);
}

bool hsm_dispatcher_take(struct hsm_dispatcher *dispatcher, struct hsm_dispatch *dispatch)
{
	pthread_mutex_lock(&dispatcher->worker.mutex);
	bool room = dispatcher->waiting < HSM_DISPATCH_WAITING_MAX && !dispatcher->worker.stopping;
	if (room) {
		dispatch->next = NULL;
		dispatch->since = hsm_clock_monotonic();
		*dispatcher->last = dispatch;
		dispatcher->last = &dispatch->next;
		dispatcher->waiting++;
		pthread_cond_signal(&dispatcher->worker.wake);
	}
	pthread_mutex_unlock(&dispatcher->worker.mutex);
	return room;
}
