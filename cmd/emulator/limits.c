#include "cmd/emulator/limits.h"

#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"

#define HOUR 3600000

static long seconds_until(int64_t time, int64_t now)
{
	return time > now ? (long)((time - now + 999) / 1000) : 1;
}

static void add_limit(cJSON *error, const char *key, int64_t value)
{
	cJSON *limit = cJSON_AddObjectToObject(error, "limit");
	cJSON_AddStringToObject(limit, "key", key);
	cJSON_AddStringToObject(limit, "namespace", "messaging");
	cJSON_AddNumberToObject(limit, "value", (double)value);
}

bool hsm_emu_limits_check_rate(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_token *token = request->token;
	int64_t now = hsm_emu_now(emu);
	if (!emu->options.rate)
		return true;
	if (now >= token->window_end) {
		token->window_end = now + emu->options.rate_window;
		token->window_count = 0;
	}
	token->window_count++;
	request->rated = true;
	request->rate_count = (long)token->window_count;
	request->rate_allowed = (long)emu->options.rate;
	request->rate_reset = seconds_until(token->window_end, now);
	if (token->window_count <= emu->options.rate)
		return true;
	request->retry_after = request->rate_reset;
	hsm_emu_fail(request, 429,
		 request->graph && strstr(request->path, "/messages") ? "too.many.messages" : "too.many.requests.retry.after",
		 "Rate limit exceeded the maximum. Retry the request in [%ld] seconds", request->retry_after);
	return false;
}

bool hsm_emu_limits_check_create(struct hsm_emu *emu, struct hsm_emu_request *request, struct hsm_emu_account *account)
{
	int64_t now = hsm_emu_now(emu), limit = emu->options.limit_templates;
	if (limit && account->count >= (size_t)limit) {
		cJSON *error = hsm_emu_fail(request, 400, "messaging.template.limit",
					"The account holds %zu of %lld templates, and every language counts", account->count,
					(long long)limit);
		add_limit(error, "messaging.templates.max", limit);
		return false;
	}
	limit = emu->options.limit_hourly;
	if (now >= account->hour_start + HOUR) {
		account->hour_start = now;
		account->hour_count = 0;
	}
	if (limit && account->hour_count >= limit) {
		request->retry_after = seconds_until(account->hour_start + HOUR, now);
		cJSON *error = hsm_emu_fail(request, 429, "messaging.template.hourly.limit",
					"%lld templates were created in this hour. Retry the request in [%ld] seconds",
					(long long)account->hour_count, request->retry_after);
		add_limit(error, "messaging.templates.created.per.hour", limit);
		return false;
	}
	return true;
}

void hsm_emu_limits_count_create(struct hsm_emu_account *account)
{
	account->hour_count++;
}
