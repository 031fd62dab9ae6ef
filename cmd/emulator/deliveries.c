#include "cmd/emulator/deliveries.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/emulator.h"
#include "cmd/emulator/json.h"
#include "schema/base/memory.h"

#define ACTIVE_MAXIMUM 32
#define DELIVERIES_MAXIMUM 100000
#define BACKOFF_MAXIMUM 60000
#define TIMEOUT 10000L

static const char event_name[] = "whatsapp_status_update";

int hsm_emu_deliveries_open(struct hsm_emu *emu, struct hsm_error *error)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	emu->deliveries.multi = curl_multi_init();
	return emu->deliveries.multi ? 0 : hsm_error_set(error, HSM_ERROR_FAILED, "cannot start libcurl");
}

static void list_append(struct hsm_emu_delivery_list *list, struct hsm_emu_delivery *delivery)
{
	delivery->list = list;
	delivery->next = NULL;
	delivery->previous = list->last;
	*(list->last ? &list->last->next : &list->first) = delivery;
	list->last = delivery;
}

static void list_remove(struct hsm_emu_delivery *delivery)
{
	*(delivery->previous ? &delivery->previous->next : &delivery->list->first) = delivery->next;
	*(delivery->next ? &delivery->next->previous : &delivery->list->last) = delivery->previous;
}

static void stop_transfer(struct hsm_emu *emu, struct hsm_emu_delivery *delivery)
{
	if (!delivery->transfer)
		return;
	curl_multi_remove_handle(emu->deliveries.multi, delivery->transfer);
	curl_easy_cleanup(delivery->transfer);
	curl_slist_free_all(delivery->headers);
	delivery->transfer = NULL;
	delivery->headers = NULL;
	emu->deliveries.active--;
}

static void remove_delivery(struct hsm_emu *emu, struct hsm_emu_delivery *delivery)
{
	stop_transfer(emu, delivery);
	hsm_emu_timer_cancel(emu, &delivery->timer);
	list_remove(delivery);
	emu->deliveries.count--;
	hsm_emu_store_delete(emu, "delivery", delivery->id);
	free(delivery->body);
	free(delivery);
}

static size_t discard(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)context;
	return size * count;
}

static void add_signature(struct hsm_emu_delivery *delivery, const char *secret)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	char header[64 + 2 * EVP_MAX_MD_SIZE];
	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)delivery->body, strlen(delivery->body),
	     digest, &size);
	int used = snprintf(header, sizeof(header), "X-Hub-Signature-256: sha256=");
	for (unsigned i = 0; i < size; i++)
		used += snprintf(header + used, sizeof(header) - (size_t)used, "%02x", digest[i]);
	delivery->headers = curl_slist_append(delivery->headers, header);
}

static void start_transfer(struct hsm_emu *emu, struct hsm_emu_delivery *delivery, const struct hsm_emu_webhook *webhook)
{
	CURL *transfer = delivery->transfer = curl_easy_init();
	delivery->headers = curl_slist_append(NULL, "Content-Type: application/json");
	if (webhook->secret)
		add_signature(delivery, webhook->secret);
	curl_easy_setopt(transfer, CURLOPT_URL, webhook->url ? webhook->url : emu->options.graph_callback);
	curl_easy_setopt(transfer, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(transfer, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
	curl_easy_setopt(transfer, CURLOPT_USERAGENT, "genesys-emulator/" HSM_VERSION);
	curl_easy_setopt(transfer, CURLOPT_HTTPHEADER, delivery->headers);
	curl_easy_setopt(transfer, CURLOPT_POSTFIELDSIZE, (long)strlen(delivery->body));
	curl_easy_setopt(transfer, CURLOPT_POSTFIELDS, delivery->body);
	curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(transfer, CURLOPT_TIMEOUT_MS, TIMEOUT);
	curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(transfer, CURLOPT_PRIVATE, delivery);
	curl_multi_add_handle(emu->deliveries.multi, transfer);
	emu->deliveries.active++;
	emu->deliveries.attempts++;
}

static const struct hsm_emu_webhook *find_webhook(const struct hsm_emu *emu, const char *id)
{
	const struct hsm_emu_webhook *webhook = hsm_emu_webhook_find(emu, id);
	const struct hsm_emu_waba *waba = webhook ? NULL : hsm_emu_waba_find(emu, id);
	return waba ? &waba->webhook : webhook;
}

/* Starts what is ready as far as there is room. */
static void start_ready(struct hsm_emu *emu)
{
	struct hsm_emu_deliveries *deliveries = &emu->deliveries;
	while (deliveries->ready.first && deliveries->active < ACTIVE_MAXIMUM) {
		struct hsm_emu_delivery *delivery = deliveries->ready.first;
		const struct hsm_emu_webhook *webhook = find_webhook(emu, delivery->webhook);
		if (webhook && webhook->enabled) {
			list_remove(delivery);
			list_append(&deliveries->parked, delivery);
			start_transfer(emu, delivery, webhook);
		} else {
			remove_delivery(emu, delivery);
		}
	}
}

static void retry(struct hsm_emu *emu, struct hsm_emu_timer *timer)
{
	struct hsm_emu_delivery *delivery = EMU_TIMER_OWNER(timer, struct hsm_emu_delivery, timer);
	list_remove(delivery);
	list_append(&emu->deliveries.ready, delivery);
}

static void finish(struct hsm_emu *emu, struct hsm_emu_delivery *delivery, CURLcode result)
{
	long status = 0;
	curl_easy_getinfo(delivery->transfer, CURLINFO_RESPONSE_CODE, &status);
	if (result == CURLE_OK && status >= 200 && status < 300) {
		emu->deliveries.delivered++;
		remove_delivery(emu, delivery);
		return;
	}
	stop_transfer(emu, delivery);
	if (delivery->attempt++ >= emu->options.webhook_retries) {
		emu->deliveries.failed++;
		remove_delivery(emu, delivery);
		return;
	}
	int64_t wait = emu->options.webhook_backoff;
	for (int64_t i = 1; i < delivery->attempt && wait < BACKOFF_MAXIMUM; i++)
		wait *= 2;
	delivery->timer.fire = retry;
	hsm_emu_timer_set(emu, &delivery->timer, hsm_emu_now(emu) + (wait < BACKOFF_MAXIMUM ? wait : BACKOFF_MAXIMUM));
}

void hsm_emu_deliveries_run(struct hsm_emu *emu)
{
	int running, queued;
	CURLMsg *message;
	if (!emu->deliveries.ready.first && !emu->deliveries.active)
		return;
	start_ready(emu);
	curl_multi_perform(emu->deliveries.multi, &running);
	while ((message = curl_multi_info_read(emu->deliveries.multi, &queued)) != NULL) {
		char *delivery = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode result = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &delivery);
		finish(emu, (struct hsm_emu_delivery *)(void *)delivery, result);
	}
	start_ready(emu);
}

static void add_delivery(struct hsm_emu *emu, const char *id, const char *webhook, const char *body, uint64_t sequence)
{
	struct hsm_emu_deliveries *deliveries = &emu->deliveries;
	struct hsm_emu_delivery *delivery = hsm_memory_allocate(sizeof(*delivery));
	snprintf(delivery->id, sizeof(delivery->id), "%s", id);
	snprintf(delivery->webhook, sizeof(delivery->webhook), "%s", webhook);
	delivery->body = hsm_memory_copy_string(body);
	delivery->sequence = sequence;
	list_append(&deliveries->ready, delivery);
	deliveries->count++;
}

static void build_event(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *id, struct hsm_buffer *out)
{
	char time[EMU_TIME_SIZE];
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "id", id);
	hsm_emu_json_append_member(out, "event", event_name);
	hsm_emu_json_append_member(out, "timestamp", hsm_emu_time_format(hsm_emu_now(emu), time));
	hsm_emu_json_append_member(out, "providerId", template->account->provider);
	hsm_buffer_append_string(out, ",\"template\":{");
	hsm_emu_json_append_member(out, "id", template->id);
	hsm_emu_json_append_member(out, "name", template->name->name);
	hsm_emu_json_append_member(out, "language", template->language);
	hsm_emu_json_append_member(out, "status", template->status);
	hsm_emu_json_append_member(out, "rejection_reason", template->reason);
	hsm_buffer_append_string(out, "}}");
}

void hsm_emu_deliveries_add(struct hsm_emu *emu, const char *webhook, const char *body)
{
	char id[EMU_ID_SIZE];
	struct hsm_buffer document = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (emu->deliveries.count >= DELIVERIES_MAXIMUM)
		return;
	hsm_emu_id_generate(id);
	add_delivery(emu, id, webhook, body, ++emu->sequence);
	hsm_buffer_append_char(&document, '{');
	hsm_emu_json_append_member(&document, "webhook", webhook);
	hsm_emu_json_append_member(&document, "body", body);
	hsm_buffer_append_char(&document, '}');
	hsm_emu_store_put(emu, "delivery", id, emu->sequence, document.data);
	hsm_buffer_release(&document);
}

void hsm_emu_deliveries_announce(struct hsm_emu *emu, const struct hsm_emu_template *template)
{
	char id[EMU_ID_SIZE];
	hsm_emu_id_generate(id);
	for (size_t i = 0; i < emu->webhooks.count; i++) {
		const struct hsm_emu_webhook *webhook = emu->webhooks.webhooks[i];
		struct hsm_buffer event = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		if (!hsm_emu_webhook_wants(webhook, event_name))
			continue;
		build_event(emu, template, id, &event);
		hsm_emu_deliveries_add(emu, webhook->id, event.data);
		hsm_buffer_release(&event);
	}
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	cJSON *document = cJSON_Parse(json);
	const char *webhook = hsm_emu_json_string(document, "webhook"), *body = hsm_emu_json_string(document, "body");
	bool good = webhook && body;
	if (good)
		add_delivery(emu, id, webhook, body, sequence);
	cJSON_Delete(document);
	return good;
}

bool hsm_emu_deliveries_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "delivery", load);
}

void hsm_emu_deliveries_clear(struct hsm_emu *emu)
{
	while (emu->deliveries.ready.first)
		remove_delivery(emu, emu->deliveries.ready.first);
	while (emu->deliveries.parked.first)
		remove_delivery(emu, emu->deliveries.parked.first);
	emu->deliveries.attempts = emu->deliveries.delivered = emu->deliveries.failed = 0;
}

void hsm_emu_deliveries_close(struct hsm_emu *emu)
{
	hsm_emu_deliveries_clear(emu);
	curl_multi_cleanup(emu->deliveries.multi);
	curl_global_cleanup();
}
