#include "reconciler/serve/courier.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/lifecycle/child.h"
#include "reconciler/serve/worker.h"
#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"

#define SEND_SECONDS 15
#define RETRY_FIRST 10  /* seconds; doubled each time */
#define RETRY_MAX 1800
#define KEEP_MILLISECONDS ((int64_t)24 * 3600 * 1000)
#define LOOK_MILLISECONDS 500

struct hsm_courier {
	struct hsm_courier_options options;
	struct hsm_courier_counts counts;
	struct hsm_worker worker;
	CURL *curl;
};

const struct hsm_courier_counts *hsm_courier_read_counts(const struct hsm_courier *courier)
{
	return &courier->counts;
}

static bool wants(const struct hsm_receiver *receiver, enum hsm_alert_kind kind)
{
	for (size_t i = 0; i < receiver->kind_count; i++)
		if (strcmp(receiver->kinds[i], hsm_alert_kind_words[kind]) == 0)
			return true;
	return !receiver->kinds;
}

/* What of it the receiver wants. */
static struct hsm_alerts select_alerts(struct hsm_arena *arena, const struct hsm_alerts *all,
				       const struct hsm_receiver *receiver)
{
	struct hsm_alert *items = hsm_arena_allocate_array(arena, all->count, sizeof(*items));
	struct hsm_alerts selected = { .items = items, .environment = all->environment };
	for (size_t kind = 1; kind < HSM_ALERT_KIND_MAX_; kind++)
		if (wants(receiver, (enum hsm_alert_kind)kind))
			selected.counts[kind] = all->counts[kind];
	for (size_t i = 0; i < all->count; i++)
		if (wants(receiver, all->items[i].kind))
			items[selected.count++] = all->items[i];
	return selected;
}

static int write_letter(struct hsm_store *store, struct hsm_arena *arena,
			const struct hsm_receiver *receiver, const struct hsm_alerts *all, struct hsm_error *error)
{
	struct hsm_alerts alerts = select_alerts(arena, all, receiver);
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char id[HSM_FINGERPRINT_SIZE];
	int64_t now = hsm_clock_now();
	int rc = 0;
	if (alerts.count) {
		hsm_alerts_append(&alerts, receiver->format, &body);
		const char *unique = hsm_arena_format(arena, "%" PRId64 " %s", now, receiver->name);
		hsm_fingerprint_compute(unique, strlen(unique), id);
		struct hsm_letter letter = { .id = id, .receiver = receiver->name, .body = hsm_buffer_text(&body),
					     .created = now, .due = now };
		rc = hsm_store_save_letter(store, &letter, error);
	}
	hsm_buffer_release(&body);
	return rc;
}

struct round {
	struct hsm_work work;
	struct hsm_courier *courier;
	struct hsm_arena arena;
	struct hsm_alerts alerts; /* that no letter tells yet */
	bool closes;              /* the message under way is complete */
	struct hsm_letter letter; /* that is due; id NULL: none */
};

static int run_look(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct round *round = (struct round *)work;
	struct hsm_store *store = hsm_keeper_store(keeper);
	int64_t first, last, now = hsm_clock_now(), quiet = (int64_t)(round->courier->options.quiet * 1000);
	int rc = hsm_store_read_alerts(store, &round->arena, HSM_ALERT_NAMED, &round->alerts, &first, &last, error);
	round->closes = !rc && round->alerts.count && (now - last >= quiet || now - first >= 6 * quiet);
	return rc ? rc : hsm_store_read_letter(store, &round->arena, now, &round->letter, error);
}

/* Closes the message: a letter for each receiver. */
static int run_close(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct round *round = (struct round *)work;
	const struct hsm_courier *courier = round->courier;
	struct hsm_store *store = hsm_keeper_store(keeper);
	int64_t first, last;
	int rc = hsm_store_read_alerts(store, &round->arena, HSM_ALERT_NAMED, &round->alerts, &first, &last, error);
	for (size_t i = 0; !rc && i < courier->options.receiver_count; i++)
		rc = write_letter(store, &round->arena, &courier->options.receivers[i], &round->alerts, error);
	return rc ? rc : hsm_store_clear_alerts(store, error);
}

static size_t discard(char *data, size_t size, size_t count, void *user)
{
	(void)data;
	(void)user;
	return size * count;
}

static int post(struct hsm_courier *courier, const char *url, const char *body, struct hsm_error *error)
{
	CURL *curl = courier->curl;
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	long status = 0;
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SEND_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "hsmctl/" HSM_VERSION);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "%s", curl_easy_strerror(code));
	return status >= 200 && status < 300 ? 0 : hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "it answered %ld", status);
}

static int execute(struct hsm_courier *courier, const char *const *command, const char *body, struct hsm_error *error)
{
	struct hsm_buffer output = HSM_BUFFER_INIT(65536);
	struct hsm_child child = { .argv = command, .input = body, .input_length = strlen(body),
				   .timeout = SEND_SECONDS, .interrupted = &courier->worker.stopping };
	int rc = hsm_child_run(&child, &output, error);
	hsm_buffer_release(&output);
	return rc;
}

struct outcome {
	struct hsm_work work;
	struct hsm_letter *letter;
	bool ends;
};

static int run_outcome(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct outcome *outcome = (struct outcome *)work;
	struct hsm_store *store = hsm_keeper_store(keeper);
	return outcome->ends ? hsm_store_delete_letter(store, outcome->letter->id, error) :
			       hsm_store_save_letter(store, outcome->letter, error);
}

static const struct hsm_receiver *find_receiver(const struct hsm_courier *courier, const char *name)
{
	for (size_t i = 0; i < courier->options.receiver_count; i++)
		if (strcmp(courier->options.receivers[i].name, name) == 0)
			return &courier->options.receivers[i];
	return NULL;
}

/* A letter may arrive twice where what became of it could not be written down; never not at all. */
static void deliver(struct hsm_courier *courier, struct hsm_letter *letter)
{
	const struct hsm_receiver *receiver = find_receiver(courier, letter->receiver);
	struct outcome outcome = { .work.run = run_outcome, .letter = letter };
	struct hsm_error error = { 0 };
	int rc = HSM_ERROR_FAILED;
	if (receiver)
		rc = receiver->url ? post(courier, receiver->url, letter->body, &error) :
				     execute(courier, receiver->command, letter->body, &error);
	if (courier->worker.stopping)
		return;
	bool old = hsm_clock_now() - letter->created > KEEP_MILLISECONDS;
	outcome.ends = !rc || !receiver || old;
	if (!rc) {
		courier->counts.sent++;
	} else {
		int64_t pause = RETRY_FIRST;
		for (int64_t i = 0; i < letter->attempts && pause < RETRY_MAX; i++)
			pause *= 2;
		letter->attempts++;
		letter->due = hsm_clock_now() + (pause < RETRY_MAX ? pause : RETRY_MAX) * 1000;
		courier->counts.failed++;
		courier->counts.dropped += outcome.ends;
		hsm_worker_log(&courier->worker, HSM_LOG_WARNING, "alert to %s: %s%s", letter->receiver,
			 receiver ? error.message : "there is no such receiver any more", outcome.ends ? ": given up" : "");
	}
	hsm_keeper_do(courier->options.keeper, &outcome.work, &error);
}

static void log_title(const struct hsm_courier *courier, const struct hsm_alerts *alerts)
{
	struct hsm_buffer title = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_alerts_append_title(alerts, &title);
	hsm_worker_log(&courier->worker, HSM_LOG_WARNING, "%s", hsm_buffer_text(&title));
	hsm_buffer_release(&title);
}

static void look(struct hsm_courier *courier)
{
	struct round round = { .work = { .run = run_look, .reads = true }, .courier = courier };
	struct hsm_error error;
	int rc = hsm_keeper_do(courier->options.keeper, &round.work, &error);
	if (!rc && round.closes) {
		round.work = (struct hsm_work){ .run = run_close };
		rc = hsm_keeper_do(courier->options.keeper, &round.work, &error);
		if (!rc)
			log_title(courier, &round.alerts);
	}
	if (!rc && round.letter.id)
		deliver(courier, &round.letter);
	hsm_arena_release(&round.arena);
}

static void *carry(void *context)
{
	struct hsm_courier *courier = context;
	while (!courier->worker.stopping) {
		if (hsm_keeper_leads(courier->options.keeper))
			look(courier);
		pthread_mutex_lock(&courier->worker.mutex);
		hsm_worker_sleep(&courier->worker, LOOK_MILLISECONDS);
		pthread_mutex_unlock(&courier->worker.mutex);
	}
	return NULL;
}

int hsm_courier_open(struct hsm_courier **opened, const struct hsm_courier_options *options, struct hsm_error *error)
{
	struct hsm_courier *courier = hsm_memory_allocate(sizeof(*courier));
	courier->options = *options;
	courier->curl = curl_easy_init();
	*opened = courier;
	return hsm_worker_start(&courier->worker, carry, courier, options->log, options->user, error);
}

void hsm_courier_close(struct hsm_courier *courier)
{
	if (!courier)
		return;
	hsm_worker_stop(&courier->worker);
	hsm_worker_release(&courier->worker);
	curl_easy_cleanup(courier->curl);
	free(courier);
}
