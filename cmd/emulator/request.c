#include "cmd/emulator/request.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "schema/base/text.h"

#define PAGE_SIZE 25 /* the default */
#define PAGES_MAXIMUM 1000000

cJSON *hsm_emu_fail(struct hsm_emu_request *request, unsigned status, const char *code, const char *format, ...)
{
	struct hsm_buffer message = HSM_BUFFER_INIT(4096), printable = HSM_BUFFER_INIT(16384);
	va_list arguments;
	va_start(arguments, format);
	hsm_buffer_append_arguments(&message, format, arguments);
	va_end(arguments);
	cJSON_Delete(request->error);
	cJSON *error = request->error = cJSON_CreateObject();
	hsm_text_append_printable(&printable, hsm_buffer_text(&message)); /* what a URL says need not be UTF-8 */
	cJSON_AddStringToObject(error, "message", hsm_buffer_text(&printable));
	cJSON_AddStringToObject(error, "code", code);
	cJSON_AddNumberToObject(error, "status", status);
	cJSON_AddStringToObject(error, "contextId", request->correlation);
	cJSON_AddArrayToObject(error, "details");
	cJSON_AddArrayToObject(error, "errors");
	request->status = status;
	hsm_buffer_clear(&request->answer);
	hsm_buffer_release(&message);
	hsm_buffer_release(&printable);
	return error;
}

void hsm_emu_fail_detail(cJSON *error, const char *code, const char *field)
{
	cJSON *detail = cJSON_CreateObject();
	cJSON_AddStringToObject(detail, "errorCode", code);
	cJSON_AddStringToObject(detail, "fieldName", field);
	cJSON_AddItemToArray(hsm_emu_json_get(error, "details"), detail);
}

cJSON *hsm_emu_request_json_any(struct hsm_emu_request *request)
{
	const char *type = hsm_emu_request_header(request, "Content-Type");
	if (!type || strncasecmp(type, "application/json", 16) != 0 || (type[16] && !strchr("; \t", type[16]))) {
		hsm_emu_fail(request, 415, "unsupported.media.type", "The Content-Type must be application/json");
		return NULL;
	}
	const char *why;
	cJSON *json = hsm_emu_json_parse(hsm_buffer_text(&request->body), request->body.length, &why);
	if (!json)
		hsm_emu_fail(request, 400, "bad.request", "The request body is %s", why);
	return json;
}

cJSON *hsm_emu_request_json(struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json_any(request);
	if (!json || cJSON_IsObject(json))
		return json;
	hsm_emu_fail(request, 400, "bad.request", "The request body must be a JSON object");
	cJSON_Delete(json);
	return NULL;
}

const char *hsm_emu_request_query(const struct hsm_emu_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool hsm_emu_request_choice(struct hsm_emu_request *request, const char *name, const char *first, const char *second,
			    bool *is_second)
{
	const char *text = hsm_emu_request_query(request, name);
	*is_second = text && strcmp(text, second) == 0;
	if (!text || *is_second || strcmp(text, first) == 0)
		return true;
	hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "%s must be '%s' or '%s'", name, first, second),
			"invalid.value", name);
	return false;
}

const char *hsm_emu_request_header(const struct hsm_emu_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* A whole number from 1 to maximum. */
static bool take_number(struct hsm_emu_request *request, const char *name, unsigned long long number, size_t maximum,
			size_t *value)
{
	if (number < 1 || number > maximum) {
		cJSON *error = hsm_emu_fail(request, 400, "bad.request", "%s must be a number from 1 to %zu", name, maximum);
		hsm_emu_fail_detail(error, "invalid.value", name);
		return false;
	}
	*value = number;
	return true;
}

static bool read_number(struct hsm_emu_request *request, const char *name, size_t maximum, size_t *value)
{
	const char *text = hsm_emu_request_query(request, name);
	if (!text)
		return true;
	return take_number(request, name, strspn(text, "0123456789") == strlen(text) ? strtoull(text, NULL, 10) : 0,
			   maximum, value);
}

static void fill_page(struct hsm_emu_page *page, size_t total)
{
	page->total = total;
	page->first = (page->number - 1) * page->size;
	if (page->first > total)
		page->first = total;
	page->end = total - page->first < page->size ? total : page->first + page->size;
}

bool hsm_emu_page_begin(struct hsm_emu_request *request, size_t total, struct hsm_emu_page *page)
{
	*page = (struct hsm_emu_page){ .size = PAGE_SIZE, .number = 1 };
	if (!read_number(request, "pageSize", 100, &page->size) ||
	    !read_number(request, "pageNumber", PAGES_MAXIMUM, &page->number))
		return false;
	fill_page(page, total);
	return true;
}

bool hsm_emu_page_begin_body(struct hsm_emu_request *request, const cJSON *body, size_t maximum, size_t total,
			     struct hsm_emu_page *page)
{
	double size = hsm_emu_json_number(body, "pageSize", PAGE_SIZE), number = hsm_emu_json_number(body, "pageNumber", 1);
	if (!take_number(request, "pageSize", (unsigned long long)size, maximum, &page->size) ||
	    !take_number(request, "pageNumber", (unsigned long long)number, PAGES_MAXIMUM, &page->number))
		return false;
	fill_page(page, total);
	return true;
}

void hsm_emu_page_open(struct hsm_emu_request *request)
{
	hsm_buffer_append_string(&request->answer, "{\"entities\":[");
}

/* The request's own URI with another page number: what else was asked stays. */
static void append_uri(struct hsm_emu_request *request, const struct hsm_emu_page *page, const char *key, size_t number)
{
	struct hsm_buffer uri = HSM_BUFFER_INIT(65536);
	size_t length = strcspn(request->target, "?");
	hsm_buffer_append(&uri, request->target, length);
	hsm_buffer_append_format(&uri, "?pageSize=%zu&pageNumber=%zu", page->size, number);
	for (const char *at = request->target + length; *at;) {
		at++;
		length = strcspn(at, "&");
		if (length && !hsm_text_starts_with(at, "pageSize=") && !hsm_text_starts_with(at, "pageNumber=")) {
			hsm_buffer_append_char(&uri, '&');
			hsm_buffer_append(&uri, at, length);
		}
		at += length;
	}
	if (!uri.full && hsm_text_find_invalid(hsm_buffer_text(&uri), uri.length) == uri.length)
		hsm_emu_json_append_member(&request->answer, key, hsm_buffer_text(&uri));
	hsm_buffer_release(&uri);
}

void hsm_emu_page_close(struct hsm_emu_request *request, const struct hsm_emu_page *page)
{
	size_t count = (page->total + page->size - 1) / page->size;
	hsm_buffer_append_format(&request->answer, "],\"pageSize\":%zu,\"pageNumber\":%zu,\"total\":%zu,\"pageCount\":%zu",
				 page->size, page->number, page->total, count);
	append_uri(request, page, "selfUri", page->number);
	append_uri(request, page, "firstUri", 1);
	append_uri(request, page, "lastUri", count ? count : 1);
	if (page->number > 1)
		append_uri(request, page, "previousUri", page->number - 1);
	if (page->number < count)
		append_uri(request, page, "nextUri", page->number + 1);
	hsm_buffer_append_char(&request->answer, '}');
}
