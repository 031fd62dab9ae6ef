/* Webhooks of Meta's API: who is subscribed, and what they are told. */
#include "cmd/emulator/graph_webhooks.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define VERIFY_TIMEOUT 5000L
#define NOTICE 86400 /* seconds between the notice of a move and the move */

void hsm_emu_graph_subscription_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_waba *waba = hsm_emu_waba_captured(emu, request);
	if (!waba)
		return;
	cJSON *json = cJSON_CreateObject(), *data = cJSON_AddArrayToObject(json, "data");
	if (waba->webhook.enabled) {
		cJSON *item = cJSON_CreateObject();
		cJSON_AddItemToArray(data, item);
		cJSON_AddItemToObject(item, "whatsapp_business_api_data", cJSON_Duplicate(emu->graph.app, 1));
		if (waba->webhook.url)
			cJSON_AddStringToObject(item, "override_callback_uri", waba->webhook.url);
	}
	hsm_emu_json_append(&request->answer, json);
	cJSON_Delete(json);
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
	hsm_buffer_append(context, data, size * count);
	return size * count;
}

/* Asks the receiver as Meta does, and meanwhile nobody else is answered. False: it did not give the challenge back, and *status says what it did. */
static bool verify(const char *uri, const char *verify_token, long *status)
{
	CURL *transfer = curl_easy_init();
	struct hsm_buffer url = HSM_BUFFER_INIT(65536), answer = HSM_BUFFER_INIT(4096);
	char challenge[EMU_ID_SIZE];
	char *escaped = curl_easy_escape(transfer, verify_token, 0);
	hsm_emu_id_generate_number(challenge);
	hsm_buffer_append_format(&url, "%s%chub.mode=subscribe&hub.challenge=%s&hub.verify_token=%s", uri,
				 strchr(uri, '?') ? '&' : '?', challenge, escaped);
	curl_easy_setopt(transfer, CURLOPT_URL, url.data);
	curl_easy_setopt(transfer, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(transfer, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
	curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(transfer, CURLOPT_WRITEDATA, &answer);
	curl_easy_setopt(transfer, CURLOPT_TIMEOUT_MS, VERIFY_TIMEOUT);
	curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
	CURLcode result = curl_easy_perform(transfer);
	*status = 0;
	curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, status);
	bool good = result == CURLE_OK && *status == 200 && strcmp(hsm_buffer_text(&answer), challenge) == 0;
	curl_free(escaped);
	curl_easy_cleanup(transfer);
	hsm_buffer_release(&url);
	hsm_buffer_release(&answer);
	return good;
}

void hsm_emu_graph_subscription_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_waba *waba = hsm_emu_waba_captured(emu, request);
	cJSON *parameters = waba ? hsm_emu_graph_parameters(request) : NULL;
	const char *uri = hsm_emu_json_string(parameters, "override_callback_uri");
	const char *verify_token = hsm_emu_json_string(parameters, "verify_token");
	long status;
	if (!parameters)
		return;
	if (uri && ((!hsm_text_starts_with(uri, "https://") && !hsm_text_starts_with(uri, "http://")) || !verify_token)) {
		hsm_emu_fail(request, 400, "bad.request", "override_callback_uri is a URL, and needs a verify_token");
	} else if (uri && !verify(uri, verify_token, &status)) {
		hsm_emu_fail(request, 400, "2200", "Callback verification failed with the following errors: HTTP Status Code = %ld",
			     status);
	} else {
		waba->webhook.enabled = true;
		hsm_emu_text_set(&waba->webhook.url, uri);
		hsm_emu_wabas_save(emu);
		hsm_buffer_append_string(&request->answer, "{\"success\":true}");
	}
	cJSON_Delete(parameters);
}

void hsm_emu_graph_subscription_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_waba *waba = hsm_emu_waba_captured(emu, request);
	if (!waba)
		return;
	waba->webhook.enabled = false;
	hsm_emu_text_set(&waba->webhook.url, NULL);
	hsm_emu_wabas_save(emu);
	hsm_buffer_append_string(&request->answer, "{\"success\":true}");
}

void hsm_emu_graph_announce(struct hsm_emu *emu, const struct hsm_emu_waba *waba, const char *field,
			    const struct hsm_buffer *value)
{
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (!waba || !waba->webhook.enabled || !(waba->webhook.url || emu->options.graph_callback))
		return;
	hsm_buffer_append_format(&body, "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"%s\",\"time\":%lld,"
					"\"changes\":[{\"field\":\"%s\",\"value\":%s}]}]}", hsm_emu_waba_id(waba),
				 (long long)(hsm_emu_now(emu) / 1000), field, value->data);
	hsm_emu_deliveries_add(emu, hsm_emu_waba_id(waba), body.data);
	hsm_buffer_release(&body);
}

/* The id is an integer here, and text everywhere else. */
static void open_value(struct hsm_buffer *value, const struct hsm_emu_template *template, const char *language)
{
	hsm_buffer_append_format(value, "{\"message_template_id\":%s", template->id);
	hsm_emu_json_append_member(value, "message_template_name", template->name->name);
	hsm_emu_json_append_member(value, "message_template_language", language);
}

static void close_value(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *field,
			struct hsm_buffer *value)
{
	hsm_buffer_append_char(value, '}');
	hsm_emu_graph_announce(emu, hsm_emu_waba_find(emu, template->account->provider), field, value);
	hsm_buffer_release(value);
}

/* What some events say besides. */
static void append_info(struct hsm_emu *emu, struct hsm_buffer *value, const struct hsm_emu_template *template,
			const char *event, const char *previous)
{
	int pauses = (int)hsm_emu_json_number(template->graph, "pauses", 0);
	const char *title = NULL;
	if (strcmp(event, "PAUSED") == 0)
		title = pauses > 1 ? "SECOND_PAUSE" : "FIRST_PAUSE";
	else if (strcmp(event, "DISABLED") == 0 && strcmp(previous, "PAUSED") == 0)
		title = "DISABLED";
	else if (strcmp(event, "APPROVED") == 0 && strcmp(previous, "PAUSED") == 0)
		title = "UNPAUSE";
	if (title)
		hsm_buffer_append_format(value, ",\"other_info\":{\"title\":\"%s\",\"description\":\"Customer feedback\"}", title);
	if (strcmp(event, "FLAGGED") == 0)
		hsm_buffer_append_format(value, ",\"disable_info\":{\"disable_date\":%lld}",
					 (long long)(hsm_emu_now(emu) / 1000 + NOTICE));
	if (strcmp(event, "REJECTED") == 0 && template->reason && strcmp(template->reason, "INVALID_FORMAT") == 0)
		hsm_buffer_append_string(value, ",\"rejection_info\":{\"reason\":\"Your template has parameters that are not "
						"formatted as they must be.\",\"recommendation\":\"Separate parameters with "
						"descriptive text.\"}");
}

void hsm_emu_graph_announce_status(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *event,
				   const char *previous)
{
	struct hsm_buffer value = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	/* Here the language has a hyphen: en-US. */
	char *language = hsm_memory_copy_string(template->language);
	language[strcspn(language, "_")] = strchr(language, '_') ? '-' : '\0';
	open_value(&value, template, language);
	hsm_emu_json_append_member(&value, "event", event);
	hsm_emu_json_append_member(&value, "reason", template->reason ? template->reason : "NONE");
	hsm_emu_json_append_member(&value, "message_template_category", template->category);
	append_info(emu, &value, template, event, previous);
	free(language);
	close_value(emu, template, "message_template_status_update", &value);
}

void hsm_emu_graph_announce_quality(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *previous,
				    const char *score)
{
	struct hsm_buffer value = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	open_value(&value, template, template->language);
	hsm_emu_json_append_member(&value, "previous_quality_score", previous);
	hsm_emu_json_append_member(&value, "new_quality_score", score);
	close_value(emu, template, "message_template_quality_update", &value);
}

void hsm_emu_graph_announce_category(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *previous,
				     const char *correct)
{
	struct hsm_buffer value = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	open_value(&value, template, template->language);
	hsm_emu_json_append_member(&value, correct ? "correct_category" : "previous_category", correct ? correct : previous);
	hsm_emu_json_append_member(&value, "new_category", template->category);
	if (correct)
		hsm_buffer_append_format(&value, ",\"category_update_timestamp\":%lld",
					 (long long)(hsm_emu_now(emu) / 1000 + NOTICE));
	close_value(emu, template, "template_category_update", &value);
}

static void append_button(struct hsm_buffer *value, const cJSON *button)
{
	static const char *const keys[] = { "type", "text", "url", "phone_number" };
	hsm_buffer_append_string(value, value->data[value->length - 1] == '[' ? "{" : ",{");
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		char key[64];
		snprintf(key, sizeof(key), "message_template_button_%s", keys[i]);
		if (hsm_emu_json_string(button, keys[i]))
			hsm_emu_json_append_member(value, key, hsm_emu_json_string(button, keys[i]));
	}
	hsm_buffer_append_char(value, '}');
}

void hsm_emu_graph_announce_components(struct hsm_emu *emu, const struct hsm_emu_template *template)
{
	static const struct {
		const char *type, *key;
	} texts[] = {
		{ "HEADER", "message_template_title" }, { "BODY", "message_template_element" },
		{ "FOOTER", "message_template_footer" },
	};
	struct hsm_buffer value = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	cJSON *components = cJSON_Parse(template->components), *component, *button;
	open_value(&value, template, template->language);
	cJSON_ArrayForEach(component, components) {
		const char *type = hsm_emu_json_string(component, "type"), *text = hsm_emu_json_string(component, "text");
		for (size_t i = 0; type && text && i < sizeof(texts) / sizeof(*texts); i++)
			if (strcmp(type, texts[i].type) == 0)
				hsm_emu_json_append_member(&value, texts[i].key, text);
		if (!hsm_emu_json_get(component, "buttons"))
			continue;
		hsm_buffer_append_string(&value, ",\"message_template_buttons\":[");
		cJSON_ArrayForEach(button, hsm_emu_json_get(component, "buttons"))
			append_button(&value, button);
		hsm_buffer_append_char(&value, ']');
	}
	cJSON_Delete(components);
	close_value(emu, template, "message_template_components_update", &value);
}
