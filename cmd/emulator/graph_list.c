/* Templates as Meta's API tells them: fields, pages, filters. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/graph_templates.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/limits.h"

#define PAGE_DEFAULT 25
#define CURSOR_SIZE 96
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void append_text(struct hsm_buffer *out, const void *node, const char *name)
{
	const struct hsm_emu_template *template = node;
	const struct {
		const char *name, *text;
	} texts[] = {
		{ "id", template->id },
		{ "name", template->name->name },
		{ "language", template->language },
		{ "status", template->status },
		{ "category", template->category },
		{ "rejected_reason", template->reason ? template->reason : "NONE" },
	};
	for (size_t i = 0; i < COUNT(texts); i++)
		if (strcmp(texts[i].name, name) == 0)
			hsm_emu_json_append_string(out, texts[i].text);
}

static void append_components(struct hsm_buffer *out, const void *node, const char *name)
{
	(void)name;
	hsm_buffer_append_string(out, ((const struct hsm_emu_template *)node)->components);
}

static void append_more(struct hsm_buffer *out, const void *node, const char *name)
{
	const cJSON *value = hsm_emu_json_get(((const struct hsm_emu_template *)node)->graph, name);
	if (value)
		hsm_emu_json_append(out, value);
}

static const struct hsm_emu_graph_field fields[] = {
	{ "id", true, append_text },
	{ "name", true, append_text },
	{ "parameter_format", true, append_more },
	{ "components", true, append_components },
	{ "language", true, append_text },
	{ "status", true, append_text },
	{ "category", true, append_text },
	{ "sub_category", true, append_more },
	{ "previous_category", true, append_more },
	{ "correct_category", false, append_more },
	{ "quality_score", false, append_more },
	{ "rejected_reason", false, append_text },
	{ "message_send_ttl_seconds", false, append_more },
	{ "library_template_name", false, append_more },
	{ "cta_url_link_tracking_opted_out", false, append_more },
	{ "degrees_of_freedom_spec", false, append_more },
};

static const struct hsm_emu_graph_type type = { "WhatsAppMessageTemplate", fields, COUNT(fields) };

void hsm_emu_graph_template_append_all(struct hsm_buffer *out, const struct hsm_emu_template *template)
{
	hsm_emu_graph_append_node(out, &type, EMU_GRAPH_ALL, template);
	out->data[--out->length] = '\0';
	hsm_emu_json_append_member(out, "providerId", template->account->provider);
	hsm_buffer_append_char(out, '}');
}

struct hsm_emu_template *hsm_emu_graph_template_captured(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *id = request->captures[0];
	struct hsm_emu_template *template = hsm_emu_map_get(&emu->accounts.ids, id);
	struct hsm_emu_waba *waba = template ? hsm_emu_waba_find(emu, template->account->provider) : NULL;
	if (!waba)
		hsm_emu_graph_fail_node(request, id);
	return waba && hsm_emu_waba_count_call(emu, request, waba) ? template : NULL;
}

void hsm_emu_graph_template_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_template *template = hsm_emu_graph_template_captured(emu, request);
	uint64_t chosen;
	if (template && hsm_emu_graph_select(request, &type, &chosen))
		hsm_emu_graph_append_node(&request->answer, &type, chosen, template);
}

/* Where a template stands, as text that says nothing to anybody: base64 with Meta's ZD for =. */
static void print_cursor(const struct hsm_emu_template *template, char cursor[CURSOR_SIZE])
{
	char text[48], digits[72];
	snprintf(text, sizeof(text), "%lld.%llu", (long long)template->created, (unsigned long long)template->sequence);
	EVP_EncodeBlock((unsigned char *)digits, (const unsigned char *)text, (int)strlen(text));
	size_t length = strcspn(digits, "=");
	snprintf(cursor, CURSOR_SIZE, "%.*s%.*s", (int)length, digits, (int)(2 * strlen(digits + length)), "ZDZD");
}

static bool read_cursor(const char *cursor, int64_t *created, uint64_t *sequence)
{
	char digits[CURSOR_SIZE], text[CURSOR_SIZE] = "";
	long long time;
	unsigned long long number;
	size_t length = strlen(cursor), pad = 0;
	while (length > 2 && pad < 2 && strncmp(cursor + length - 2, "ZD", 2) == 0) {
		length -= 2;
		pad++;
	}
	if (length + pad >= CURSOR_SIZE || (length + pad) % 4)
		return false;
	snprintf(digits, sizeof(digits), "%.*s%.*s", (int)length, cursor, (int)pad, "==");
	if (EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)digits, (int)strlen(digits)) < 0 ||
	    sscanf(text, "%lld.%llu", &time, &number) != 2)
		return false;
	*created = time;
	*sequence = number;
	return true;
}

enum filter { NAME, LANGUAGE, STATUS, CATEGORY, QUALITY, FILTERS };

static const char *const filter_names[FILTERS] = { "name", "language", "status", "category", "quality_score" };

struct listing {
	const char *filters[FILTERS]; /* NULL: any */
	size_t limit;
	size_t from;  /* the page's templates are those before it, newest first */
	bool backwards; /* those from it on, and the oldest of them are the page's */
	uint64_t chosen;
};

/* Whether a value is one of a filter's: a, or a,b, or ["a","b"]; in any case. */
static bool is_listed(const char *list, const char *value)
{
	size_t length = strlen(value);
	while (*list) {
		list += strspn(list, "[]\", ");
		size_t word = strcspn(list, "[]\", ");
		if (word == length && strncasecmp(list, value, word) == 0)
			return true;
		list += word;
	}
	return false;
}

static bool is_wanted(const struct listing *listing, const struct hsm_emu_template *template)
{
	const char *quality = hsm_emu_json_string(hsm_emu_json_get(template->graph, "quality_score"), "score");
	const char *const values[FILTERS] = { NULL, template->language, template->status, template->category, quality };
	/* A part of the name is enough: nobody knows whether Meta wants the whole. */
	if (listing->filters[NAME] && !strstr(template->name->name, listing->filters[NAME]))
		return false;
	for (int i = LANGUAGE; i < FILTERS; i++)
		if (listing->filters[i] && !(values[i] && is_listed(listing->filters[i], values[i])))
			return false;
	return true;
}

static bool read_listing(struct hsm_emu *emu, struct hsm_emu_request *request, const struct hsm_emu_account *account,
			 struct listing *listing)
{
	const char *limit = hsm_emu_request_query(request, "limit"), *after = hsm_emu_request_query(request, "after");
	const char *before = hsm_emu_request_query(request, "before"), *cursor = after && *after ? after : before;
	int64_t created;
	uint64_t sequence;
	*listing = (struct listing){ .limit = PAGE_DEFAULT, .from = account->count };
	for (int i = 0; i < FILTERS; i++)
		listing->filters[i] = hsm_emu_request_query(request, filter_names[i]);
	if (limit) {
		listing->limit = strspn(limit, "0123456789") == strlen(limit) ? strtoul(limit, NULL, 10) : 0;
		if (listing->limit < 1 || listing->limit > (size_t)emu->options.limit_graph_page) {
			hsm_emu_fail(request, 400, "bad.request", "Param limit must be a number from 1 to %lld",
				     (long long)emu->options.limit_graph_page);
			return false;
		}
	}
	if (cursor && *cursor) {
		if (!read_cursor(cursor, &created, &sequence)) {
			hsm_emu_fail(request, 400, "bad.request", "Invalid cursors values: %.100s", cursor);
			return false;
		}
		listing->backwards = cursor == before;
		listing->from = hsm_emu_account_position(account, created, sequence + listing->backwards);
	}
	return hsm_emu_graph_select(request, &type, &listing->chosen);
}

/* The request's own URL, absolute, with another cursor. */
static void append_url(struct hsm_emu_request *request, const char *key, const char *cursor_name, const char *cursor)
{
	struct hsm_buffer url = HSM_BUFFER_INIT(65536);
	const char *host = hsm_emu_request_header(request, "Host");
	size_t length = strcspn(request->target, "?");
	hsm_buffer_append_format(&url, "http://%s%.*s?", host ? host : "localhost", (int)length, request->target);
	for (const char *at = request->target + length; *at;) {
		at++;
		length = strcspn(at, "&");
		if (length && !hsm_text_starts_with(at, "after=") && !hsm_text_starts_with(at, "before="))
			hsm_buffer_append_format(&url, "%.*s&", (int)length, at);
		at += length;
	}
	hsm_buffer_append_format(&url, "%s=%s", cursor_name, cursor);
	if (!url.full && hsm_text_find_invalid(hsm_buffer_text(&url), url.length) == url.length)
		hsm_emu_json_append_member(&request->answer, key, hsm_buffer_text(&url));
	hsm_buffer_release(&url);
}

/* The fault "cursors", or "". */
static const char *find_cursor_fault(const struct hsm_emu_request *request)
{
	return request->fault && request->fault->kind == EMU_FAULT_CURSORS ? request->fault->argument : "";
}

static void append_paging(struct hsm_emu_request *request, const struct hsm_emu_account *account,
			  struct hsm_emu_template *const *page, size_t count, bool older, bool newer)
{
	char before[CURSOR_SIZE], after[CURSOR_SIZE];
	if (!count)
		return;
	bool loop = strcmp(find_cursor_fault(request), "loop") == 0; /* always back to what follows the newest */
	older = older || loop;
	print_cursor(page[0], before);
	print_cursor(loop ? account->templates[account->count - 1] : page[count - 1], after);
	hsm_buffer_append_format(&request->answer, ",\"paging\":{\"cursors\":{\"before\":\"%s\",\"after\":\"%s\"}", before, after);
	if (older)
		append_url(request, "next", "after", after);
	if (newer)
		append_url(request, "previous", "before", before);
	hsm_buffer_append_char(&request->answer, '}');
}

/* Whether every name has content in as many languages as any. */
static bool translations_are_complete(const struct hsm_emu_account *account)
{
	for (size_t i = 1; i < account->count; i++)
		if (account->templates[i]->name->count != account->templates[0]->name->count)
			return false;
	return true;
}

static void append_summary(struct hsm_emu *emu, struct hsm_emu_request *request, const struct hsm_emu_account *account,
			   const struct listing *listing)
{
	const char *wanted = hsm_emu_request_query(request, "summary");
	size_t total = 0;
	if (!wanted)
		return;
	for (size_t i = 0; i < account->count; i++)
		total += is_wanted(listing, account->templates[i]);
	cJSON *summary = cJSON_CreateObject();
	if (is_listed(wanted, "total_count") || is_listed(wanted, "true"))
		cJSON_AddNumberToObject(summary, "total_count", (double)total);
	if (is_listed(wanted, "message_template_count"))
		cJSON_AddNumberToObject(summary, "message_template_count", (double)account->count);
	if (is_listed(wanted, "message_template_limit"))
		cJSON_AddNumberToObject(summary, "message_template_limit",
					emu->options.limit_templates ? (double)emu->options.limit_templates : HSM_LIMIT_VERIFIED);
	if (is_listed(wanted, "are_translations_complete"))
		cJSON_AddBoolToObject(summary, "are_translations_complete", translations_are_complete(account));
	hsm_buffer_append_string(&request->answer, ",\"summary\":");
	hsm_emu_json_append(&request->answer, summary);
	cJSON_Delete(summary);
}

/* Fills page, newest first; *older and *newer: there are more on that side. */
static size_t collect(const struct listing *listing, const struct hsm_emu_account *account,
		      struct hsm_emu_template **page, bool *older, bool *newer)
{
	size_t count = 0, at = listing->from;
	bool more = false;
	while (!more && (listing->backwards ? at < account->count : at > 0)) {
		struct hsm_emu_template *template = account->templates[listing->backwards ? at++ : --at];
		if (!is_wanted(listing, template))
			continue;
		more = count == listing->limit;
		if (!more)
			page[count++] = template;
	}
	for (size_t i = 0; listing->backwards && i < count / 2; i++) {
		struct hsm_emu_template *swap = page[i];
		page[i] = page[count - 1 - i];
		page[count - 1 - i] = swap;
	}
	*older = listing->backwards || more;
	*newer = listing->backwards ? more : listing->from < account->count;
	return count;
}

void hsm_emu_graph_templates_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_waba *waba = hsm_emu_waba_captured(emu, request);
	struct listing listing;
	if (!waba)
		return;
	const struct hsm_emu_account *account = hsm_emu_account_get(emu, hsm_emu_waba_id(waba));
	if (!read_listing(emu, request, account, &listing))
		return;
	struct hsm_emu_template **page = hsm_memory_allocate(listing.limit * sizeof(*page));
	bool older, newer;
	size_t count = collect(&listing, account, page, &older, &newer);
	hsm_buffer_append_string(&request->answer, "{\"data\":[");
	bool repeat = strcmp(find_cursor_fault(request), "repeat") == 0; /* the newest, on every page */
	for (size_t i = 0; i < count; i++) {
		if (i)
			hsm_buffer_append_char(&request->answer, ',');
		hsm_emu_graph_append_node(&request->answer, &type, listing.chosen,
					  repeat ? account->templates[account->count - 1 - i] : page[i]);
	}
	hsm_buffer_append_char(&request->answer, ']');
	append_paging(request, account, page, count, older, newer);
	append_summary(emu, request, account, &listing);
	hsm_buffer_append_char(&request->answer, '}');
	free(page);
}
