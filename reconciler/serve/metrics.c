/* Figures in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats */
#include <inttypes.h>
#include <string.h>

#include "reconciler/serve/controller_state.h"

static void begin(struct hsm_buffer *buffer, const char *name, const char *type, const char *help)
{
	hsm_buffer_append_format(buffer, "# HELP hsmctl_%s %s\n# TYPE hsmctl_%s %s\n", name, help, name, type);
}

static void value(struct hsm_buffer *buffer, const char *name, const char *label, const char *word, double number)
{
	hsm_buffer_append_format(buffer, "hsmctl_%s", name);
	if (label)
		hsm_buffer_append_format(buffer, "{%s=\"%s\"}", label, word);
	hsm_buffer_append_format(buffer, " %.17g\n", number);
}

static void one(struct hsm_buffer *buffer, const char *name, const char *type, const char *help, double number)
{
	begin(buffer, name, type, help);
	value(buffer, name, NULL, NULL, number);
}

static void append_events(struct hsm_buffer *buffer, struct hsm_controller *controller)
{
	const struct hsm_keeper_counts *counts = hsm_keeper_counts(controller->keeper);
	begin(buffer, "events_total", "counter", "Events that webhooks told, each counted once.");
	for (size_t kind = 0; kind < HSM_EVENT_KIND_MAX_; kind++)
		value(buffer, "events_total", "kind", hsm_event_kind_words[kind], (double)counts->events[kind]);
	one(buffer, "duplicate_events_total", "counter", "Events that were told again.", (double)counts->duplicates);
	one(buffer, "stale_events_total", "counter", "Events older than what was known.", (double)counts->stale);
	one(buffer, "stranger_events_total", "counter", "Events of templates that nobody here knows.",
	    (double)counts->strangers);
	one(buffer, "last_event_timestamp_seconds", "gauge", "When a webhook last told anything; 0: never.",
	    (double)counts->last_event / 1000);
	one(buffer, "registry_transactions_total", "counter", "Transactions of the registry.",
	    (double)counts->transactions);
	one(buffer, "registry_failures_total", "counter", "Transactions that failed.", (double)counts->failures);
	one(buffer, "registry_up", "gauge", "1 while the registry can be written.", counts->down ? 0 : 1);
	one(buffer, "registry_waiting_bytes", "gauge", "What waits to be written.", (double)counts->waiting);
	one(buffer, "changes_total", "counter", "How often another version or fallback came into use.",
	    (double)counts->changes);
	begin(buffer, "alerts_total", "counter", "What people are told of.");
	for (size_t kind = 1; kind < HSM_ALERT_KIND_MAX_; kind++)
		value(buffer, "alerts_total", "kind", hsm_alert_kind_words[kind], (double)counts->alerts[kind]);
	const struct hsm_courier_counts *letters = hsm_courier_read_counts(controller->courier);
	one(buffer, "alert_messages_sent_total", "counter", "Alert messages that were taken.", (double)letters->sent);
	one(buffer, "alert_messages_failed_total", "counter", "Attempts to send one that failed.",
	    (double)letters->failed);
	one(buffer, "alert_messages_dropped_total", "counter", "Alert messages that were given up.",
	    (double)letters->dropped);
}

static void append_translations(struct hsm_buffer *buffer, struct hsm_controller *controller)
{
	static const char *const words[] = { "healthy", "fallback", "unavailable", "progressing", "suspended" };
	enum { WORDS = sizeof(words) / sizeof(words[0]) };
	struct hsm_answers *answers = hsm_keeper_answers(controller->keeper);
	size_t counts[WORDS] = { 0 }, quality[3] = { 0 };
	static const char *const qualities[] = { "GREEN", "YELLOW", "RED" };
	pthread_rwlock_rdlock(&answers->lock);
	for (size_t i = 0; i < answers->count; i++) {
		for (size_t j = 0; j < WORDS; j++)
			counts[j] += strcmp(answers->items[i]->health, words[j]) == 0;
		for (size_t j = 0; j < 3; j++)
			quality[j] += answers->items[i]->quality && strcmp(answers->items[i]->quality, qualities[j]) == 0;
	}
	pthread_rwlock_unlock(&answers->lock);
	begin(buffer, "translations", "gauge", "Translations by health.");
	for (size_t j = 0; j < WORDS; j++)
		value(buffer, "translations", "health", words[j], (double)counts[j]);
	begin(buffer, "translations_quality", "gauge", "Translations in use by the quality that Meta tells.");
	for (size_t j = 0; j < 3; j++)
		value(buffer, "translations_quality", "quality", qualities[j], (double)quality[j]);
}

static void append_requests(struct hsm_buffer *buffer, const struct hsm_controller_counts *counts)
{
	one(buffer, "lookups_total", "counter", "GET /v1/templates/{name}.", (double)counts->lookups);
	one(buffer, "lookups_unknown_total", "counter", "Those of templates or languages that are not there.",
	    (double)counts->unknown);
	one(buffer, "requests_denied_total", "counter", "Requests without a token that is right.", (double)counts->denied);
	begin(buffer, "webhooks_total", "counter", "Webhook requests by what became of them.");
	value(buffer, "webhooks_total", "result", "accepted", (double)counts->accepted);
	value(buffer, "webhooks_total", "result", "forged", (double)counts->forged);
	value(buffer, "webhooks_total", "result", "malformed", (double)counts->malformed);
	value(buffer, "webhooks_total", "result", "flood", (double)counts->floods);
	value(buffer, "webhooks_total", "result", "unavailable", (double)counts->unavailable);
}

static void append_cycles(struct hsm_buffer *buffer, struct hsm_controller *controller)
{
	struct hsm_follower_status status;
	hsm_follower_read_status(controller->follower, &status);
	one(buffer, "leader", "gauge", "1 where this process leads.", hsm_keeper_leads(controller->keeper));
	one(buffer, "cycles_total", "counter", "Listings and plans.", (double)status.cycles);
	one(buffer, "cycle_failures_total", "counter", "Those that failed.", (double)status.failures);
	one(buffer, "applies_total", "counter", "Applies.", (double)status.applies);
	one(buffer, "apply_failures_total", "counter", "Applies that failed.", (double)status.failed_applies);
	one(buffer, "last_listing_timestamp_seconds", "gauge", "When the organisation was last listed; 0: never.",
	    (double)status.listed / 1000);
	one(buffer, "last_plan_timestamp_seconds", "gauge", "When a plan was last made; 0: never.",
	    (double)status.planned / 1000);
	one(buffer, "listing_duration_seconds", "gauge", "How long the last listing took.", status.list_duration);
	one(buffer, "plan_duration_seconds", "gauge", "How long the last plan took.", status.plan_duration);
	one(buffer, "live_templates", "gauge", "Templates that are live, each language counted.",
	    (double)status.templates);
	one(buffer, "plan_differences", "gauge", "Rows of the last plan.", (double)status.differences);
	one(buffer, "plan_problems", "gauge", "Those that are blocked, in conflict or recategorised.",
	    (double)status.problems);
	one(buffer, "api_requests_allowed", "gauge", "Requests that the API allows in its window; 0: it does not say.",
	    (double)status.rate_allowed);
	one(buffer, "api_requests_counted", "gauge", "Those that it has counted.", (double)status.rate_count);
}

static void append_publications(struct hsm_buffer *buffer, struct hsm_controller *controller)
{
	static const struct {
		const char *name, *type, *help;
	} figures[] = {
		{ "publications_total", "counter", "Runs that keep the data tables." },
		{ "publication_failures_total", "counter", "Those that failed." },
		{ "publication_writes_total", "counter", "Rows that were written." },
		{ "publication_rows", "gauge", "Rows of the data tables." },
		{ "last_publication_timestamp_seconds", "gauge",
		  "When the data tables were last equal to the registry; 0: never." },
	};
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		begin(buffer, figures[i].name, figures[i].type, figures[i].help);
		for (size_t j = 0; j < HSM_PUBLICATION_MAX_; j++) {
			struct hsm_publisher_status status;
			if (!controller->publishers[j])
				continue;
			hsm_publisher_read_status(controller->publishers[j], &status);
			const double numbers[] = { (double)status.runs, (double)status.failures, (double)status.writes,
						   (double)status.rows, (double)status.published / 1000 };
			value(buffer, figures[i].name, "table", hsm_publication_kinds[j].setting, numbers[i]);
		}
	}
}

static void append_sends(struct hsm_buffer *buffer, const struct hsm_dispatcher_counts *counts)
{
	begin(buffer, "sends_total", "counter", "POST /v1/send by what became of the message.");
	value(buffer, "sends_total", "result", "sent", (double)counts->sent);
	value(buffer, "sends_total", "result", "repeated", (double)counts->repeated);
	value(buffer, "sends_total", "result", "refused", (double)counts->refused);
	value(buffer, "sends_total", "result", "fallback", (double)counts->fallbacks);
	value(buffer, "sends_total", "result", "unavailable", (double)counts->unavailable);
	value(buffer, "sends_total", "result", "unknown", (double)counts->unknown);
}

static void append_deliveries(struct hsm_buffer *buffer, const struct hsm_tracker_counts *counts)
{
	begin(buffer, "deliveries_total", "counter", "What became of messages that were sent, where the API tells.");
	value(buffer, "deliveries_total", "result", "arrived", (double)counts->arrived);
	value(buffer, "deliveries_total", "result", "failed", (double)counts->failed);
	value(buffer, "deliveries_total", "result", "given_up", (double)counts->given_up);
}

void hsm_controller_append_metrics(struct hsm_controller *controller, struct hsm_buffer *buffer)
{
	begin(buffer, "build_info", "gauge", "The version.");
	value(buffer, "build_info", "version", HSM_VERSION, 1);
	one(buffer, "start_time_seconds", "gauge", "When this process began.", (double)controller->started / 1000);
	append_translations(buffer, controller);
	append_events(buffer, controller);
	append_requests(buffer, &controller->counts);
	append_sends(buffer, hsm_dispatcher_read_counts(controller->dispatcher));
	append_deliveries(buffer, hsm_dispatcher_read_deliveries(controller->dispatcher));
	append_cycles(buffer, controller);
	append_publications(buffer, controller);
}
