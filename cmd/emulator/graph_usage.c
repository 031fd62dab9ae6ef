/* How much is left: the headers that every answer of Meta's API has. */
#include <stdarg.h>
#include <stdio.h>

#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/request.h"

#define HOUR 3600000
#define MINUTE 60000

static long percent(int64_t count, int64_t limit)
{
	return limit ? (long)(count * 100 / limit) : count > 0;
}

void hsm_emu_graph_note_usage(struct hsm_emu_request *request)
{
	const struct hsm_emu *emu = request->emu;
	const struct hsm_emu_waba *waba = request->waba;
	if (!waba)
		return;
	const struct hsm_emu_account *account = hsm_emu_map_get(&emu->accounts.accounts, hsm_emu_waba_id(waba));
	int64_t now = hsm_emu_now(emu), start = waba->hour_start;
	long calls = percent(waba->hour_count, emu->options.limit_graph_calls), creates = 0;
	if (account && now < account->hour_start + HOUR)
		creates = percent(account->hour_count, emu->options.limit_hourly);
	if (creates > calls)
		start = account->hour_start;
	snprintf(request->usage.waba, sizeof(request->usage.waba), "%s", hsm_emu_waba_id(waba));
	request->usage.percent = creates > calls ? creates : calls;
	request->usage.minutes = request->usage.percent >= 100 ? (long)((start + HOUR - now + MINUTE - 1) / MINUTE) : 0;
	request->waba = NULL;
}

static void add_header(struct MHD_Response *response, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add_header(struct MHD_Response *response, const char *name, const char *format, ...)
{
	char text[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	MHD_add_response_header(response, name, text);
}

void hsm_emu_graph_add_headers(const struct hsm_emu_request *request, struct MHD_Response *response)
{
	const struct hsm_emu_usage *usage = &request->usage;
	long app = request->rated ? percent(request->rate_count, request->rate_allowed) : 0;
	add_header(response, "facebook-api-version", "v%d.0", request->graph);
	add_header(response, "x-fb-trace-id", "%s", request->correlation);
	add_header(response, "X-App-Usage", "{\"call_count\":%ld,\"total_time\":%ld,\"total_cputime\":%ld}", app, app / 2, app / 2);
	if (*usage->waba)
		add_header(response, "X-Business-Use-Case-Usage",
			   "{\"%s\":[{\"type\":\"whatsapp\",\"call_count\":%ld,\"total_cputime\":%ld,\"total_time\":%ld,"
			   "\"estimated_time_to_regain_access\":%ld}]}",
			   usage->waba, usage->percent, usage->percent / 2, usage->percent / 2, usage->minutes);
}
