#include "cmd/emulator/graph_uploads.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_nodes.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define HANDLE_LIFETIME ((int64_t)30 * 86400000)
#define UPLOADS_MAXIMUM 10000
#define HANDLE "4::"

/* An upload that is under way. */
struct upload {
	char *id; /* upload:..., without its signature */
	char *type;
	size_t length;
	struct hsm_buffer content;
};

/* An upload that is done. Its content is in the handle, as a fingerprint. */
struct handle {
	char *handle, *type;
	int64_t expires;
};

static const struct {
	const char *type, *format;
} types[] = {
	{ "image/jpeg", "IMAGE" }, { "image/jpg", "IMAGE" }, { "image/png", "IMAGE" }, { "video/mp4", "VIDEO" },
	{ "application/pdf", "DOCUMENT" },
};

static const char *find_format(const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].format;
	return NULL;
}

static void free_upload(void *value, void *context)
{
	struct upload *upload = value;
	(void)context;
	hsm_buffer_release(&upload->content);
	free(upload->id);
	free(upload->type);
	free(upload);
}

static void free_handle(void *value, void *context)
{
	struct handle *handle = value;
	(void)context;
	free(handle->handle);
	free(handle->type);
	free(handle);
}

void hsm_emu_graph_uploads_release(struct hsm_emu *emu)
{
	hsm_emu_map_visit(&emu->graph.uploads, free_upload, NULL);
	hsm_emu_map_visit(&emu->graph.handles, free_handle, NULL);
	hsm_emu_map_release(&emu->graph.uploads);
	hsm_emu_map_release(&emu->graph.handles);
}

/* The part of an upload's id that only we can make. */
static void sign(const struct hsm_emu *emu, const char *id, char signature[HSM_FINGERPRINT_SIZE])
{
	struct hsm_buffer text = HSM_BUFFER_INIT(4096);
	hsm_buffer_append_format(&text, "%s\n%s", emu->options.graph_app_secret, id);
	hsm_fingerprint_compute(text.data, text.length, signature);
	hsm_buffer_release(&text);
}

/* What a session needs that its parameters have not, or NULL. */
static const char *find_fault(const cJSON *parameters, size_t *length)
{
	const cJSON *value = hsm_emu_json_get(parameters, "file_length");
	const char *type = hsm_emu_json_string(parameters, "file_type"), *text = cJSON_GetStringValue(value);
	*length = text && strspn(text, "0123456789") == strlen(text) ? strtoull(text, NULL, 10) : 0;
	if (cJSON_IsNumber(value) && value->valuedouble > 0)
		*length = (size_t)value->valuedouble;
	if (!*length || *length > EMU_UPLOAD_MAXIMUM)
		return "file_length";
	return type && find_format(type) ? NULL : "file_type";
}

void hsm_emu_graph_upload_start(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *parameters = hsm_emu_graph_parameters(request);
	size_t length;
	if (!parameters)
		return;
	const char *wrong = find_fault(parameters, &length), *app = request->captures[0];
	if (strcmp(app, "app") != 0 && strcmp(app, hsm_emu_json_string(emu->graph.app, "id")) != 0) {
		hsm_emu_graph_fail_node(request, app);
	} else if (wrong || emu->graph.uploads.count >= UPLOADS_MAXIMUM) {
		hsm_emu_fail_detail(hsm_emu_fail(request, 400, "bad.request", "Param %s is missing or not allowed",
						 wrong ? wrong : "file_name"), "invalid.value", wrong ? wrong : "file_name");
	} else {
		struct upload *upload = hsm_memory_allocate(sizeof(*upload));
		char number[EMU_ID_SIZE], signature[HSM_FINGERPRINT_SIZE];
		struct hsm_buffer id = HSM_BUFFER_INIT(256);
		hsm_emu_id_generate(number);
		hsm_buffer_append_format(&id, "upload:MTphdHRhY2htZW50Oj%s", number);
		sign(emu, id.data, signature);
		hsm_buffer_append_string(&request->answer, "{\"id\":\"");
		hsm_buffer_append_format(&request->answer, "%s?sig=AR%.24s\"}", id.data, signature);
		upload->id = hsm_buffer_detach(&id);
		upload->type = hsm_memory_copy_string(hsm_emu_json_string(parameters, "file_type"));
		upload->length = length;
		upload->content.cap = length;
		hsm_emu_map_put(&emu->graph.uploads, upload->id, upload);
	}
	cJSON_Delete(parameters);
}

/* The upload of the path, or NULL and the request is answered. */
static struct upload *find_captured(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const char *id = request->captures[0], *sent = hsm_emu_request_query(request, "sig");
	char signature[HSM_FINGERPRINT_SIZE];
	struct upload *upload = hsm_emu_map_get(&emu->graph.uploads, id);
	sign(emu, id, signature);
	if (upload && sent && hsm_text_starts_with(sent, "AR") && strncmp(sent + 2, signature, 24) == 0 && strlen(sent) == 26)
		return upload;
	hsm_emu_graph_fail_node(request, id);
	return NULL;
}

void hsm_emu_graph_upload_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct upload *upload = find_captured(emu, request);
	if (!upload)
		return;
	hsm_buffer_append_char(&request->answer, '{');
	hsm_emu_json_append_member(&request->answer, "id", upload->id);
	hsm_buffer_append_format(&request->answer, ",\"file_offset\":%zu}", upload->content.length);
}

static void put_handle(struct hsm_emu *emu, const char *text, const char *type, int64_t expires)
{
	struct handle *handle = hsm_memory_allocate(sizeof(*handle));
	*handle = (struct handle){ hsm_memory_copy_string(text), hsm_memory_copy_string(type), expires };
	hsm_emu_map_put(&emu->graph.handles, handle->handle, handle);
}

/* 4::<type>:<content>:e:<expiry>:<app>:<user>:<signature>, as Meta's are. */
static void finish(struct hsm_emu *emu, struct hsm_emu_request *request, struct upload *upload)
{
	char digest[HSM_FINGERPRINT_SIZE], salt[EMU_ID_SIZE];
	unsigned char type[96];
	int64_t expires = hsm_emu_now(emu) + HANDLE_LIFETIME;
	struct hsm_buffer handle = HSM_BUFFER_INIT(1024), json = HSM_BUFFER_INIT(1024);
	hsm_fingerprint_compute(upload->content.data, upload->content.length, digest);
	hsm_emu_id_generate(salt);
	EVP_EncodeBlock(type, (const unsigned char *)upload->type, (int)strlen(upload->type));
	hsm_buffer_append_format(&handle, HANDLE "%s:AR%s:e:%lld:%s:122105438219004567:AR%.8s", (const char *)type, digest,
				 (long long)(expires / 1000), hsm_emu_json_string(emu->graph.app, "id"), salt);
	put_handle(emu, handle.data, upload->type, expires);
	hsm_buffer_append_format(&json, "[%lld,\"%s\"]", (long long)expires, upload->type);
	hsm_emu_store_put(emu, "handle", handle.data, 0, json.data);
	hsm_buffer_append_char(&request->answer, '{');
	hsm_emu_json_append_member(&request->answer, "h", handle.data);
	hsm_buffer_append_char(&request->answer, '}');
	hsm_emu_map_remove(&emu->graph.uploads, upload->id);
	free_upload(upload, NULL);
	hsm_buffer_release(&handle);
	hsm_buffer_release(&json);
}

void hsm_emu_graph_upload_continue(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct upload *upload = find_captured(emu, request);
	const char *offset = hsm_emu_request_header(request, "file_offset");
	if (!upload)
		return;
	if (!offset || !*offset || strspn(offset, "0123456789") != strlen(offset) ||
	    strtoull(offset, NULL, 10) != upload->content.length) {
		hsm_emu_fail(request, 400, "bad.request", "Request starting offset is invalid: %zu bytes are here",
			     upload->content.length);
		return;
	}
	if (request->body.length > upload->length - upload->content.length) {
		hsm_emu_fail(request, 400, "bad.request", "More bytes than file_length says");
		return;
	}
	hsm_buffer_append(&upload->content, hsm_buffer_text(&request->body), request->body.length);
	if (upload->content.length == upload->length)
		finish(emu, request, upload);
	else
		hsm_emu_graph_upload_get(emu, request);
}

const char *hsm_emu_graph_handle_check(const struct hsm_emu *emu, const char *handle, const char *format)
{
	const struct handle *known = hsm_emu_map_get(&emu->graph.handles, handle);
	if (!hsm_text_starts_with(handle, HANDLE))
		return "header_handle is what an upload gave: 4::...";
	if (!known)
		return emu->options.graph_strict_handles ? "header_handle is of no upload" : NULL;
	if (known->expires <= hsm_emu_now(emu))
		return "header_handle has expired";
	bool fits = strcmp(find_format(known->type), strcmp(format, "GIF") == 0 ? "VIDEO" : format) == 0;
	return fits ? NULL : "header_handle is of a file of another format";
}

static bool load(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)sequence;
	cJSON *document = cJSON_Parse(json);
	const cJSON *expires = cJSON_GetArrayItem(document, 0);
	const char *type = cJSON_GetStringValue(cJSON_GetArrayItem(document, 1));
	bool good = cJSON_IsNumber(expires) && type && find_format(type);
	if (good)
		put_handle(emu, id, type, (int64_t)expires->valuedouble);
	cJSON_Delete(document);
	return good;
}

bool hsm_emu_graph_uploads_load(struct hsm_emu *emu)
{
	return hsm_emu_store_load(emu, "handle", load);
}
