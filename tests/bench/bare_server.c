/* The floor of lookups: a handler that returns a constant of SIZE bytes. bare_server PORT SIZE */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct MHD_Response *response;

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *data, size_t *length, void **slot)
{
	static char seen;
	(void)context;
	(void)url;
	(void)method;
	(void)version;
	(void)data;
	(void)length;
	if (!*slot) {
		*slot = &seen;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

int main(int argc, char *argv[])
{
	size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	char *body = calloc(1, size + 1);
	if (argc != 3 || !body)
		return 64;
	memset(body, 'x', size);
	response = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "ETag", "\"00000000000000000000000000000000\"");
	MHD_add_response_header(response, "Cache-Control", "no-cache");
	if (!MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_TURBO,
			      (uint16_t)strtoul(argv[1], NULL, 10), NULL, NULL, handle, NULL, MHD_OPTION_END))
		return 1;
	pause();
	return 0;
}
