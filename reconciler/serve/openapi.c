/* The OpenAPI document, from the table of the routes. */
#include <stdio.h>
#include <string.h>

#include "reconciler/serve/routes.h"
#include "schema/json.h"

static void write_parameter(struct hsm_json_writer *writer, const char *name, const char *place,
			    const char *description)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "name", name);
	hsm_json_write_string(writer, "in", place);
	hsm_json_write_boolean(writer, "required", strcmp(place, "path") == 0);
	hsm_json_write_string(writer, "description", description);
	hsm_json_begin_object(writer, "schema");
	hsm_json_write_string(writer, "type", "string");
	hsm_json_end_object(writer);
	hsm_json_end_object(writer);
}

static void write_parameters(struct hsm_json_writer *writer, const struct hsm_route *route)
{
	hsm_json_begin_array(writer, "parameters");
	if (strstr(route->path, "{name}"))
		write_parameter(writer, "name", "path", "a template's base name, without _v2");
	if (strstr(route->path, "{payload}"))
		write_parameter(writer, "payload", "path", "what a tap sent, percent-encoded: an id, or the token of id and data");
	for (const char *const *query = route->queries; query && query[0]; query += 2)
		write_parameter(writer, query[0], "query", query[1]);
	hsm_json_end_array(writer);
}

static void write_answer(struct hsm_json_writer *writer, const char *status, const char *description,
			 const char *content_type)
{
	hsm_json_begin_object(writer, status);
	hsm_json_write_string(writer, "description", description);
	if (content_type) {
		hsm_json_begin_object(writer, "content");
		hsm_json_begin_object(writer, content_type);
		hsm_json_end_object(writer);
		hsm_json_end_object(writer);
	}
	hsm_json_end_object(writer);
}

static void write_answers(struct hsm_json_writer *writer, const struct hsm_route *route)
{
	char status[8];
	snprintf(status, sizeof(status), "%u", route->status);
	hsm_json_begin_object(writer, "responses");
	write_answer(writer, status, route->summary, route->content_type);
	if (route->access == HSM_ACCESS_TOKEN || route->access == HSM_ACCESS_SEND)
		write_answer(writer, "401", "A bearer token is needed", NULL);
	for (const char *const *answer = route->answers; answer && answer[0]; answer += 2)
		write_answer(writer, answer[0], answer[1], NULL);
	hsm_json_end_object(writer);
}

static void write_operation(struct hsm_json_writer *writer, const struct hsm_route *route)
{
	hsm_json_begin_object(writer, strcmp(route->method, "GET") == 0 ? "get" : "post");
	hsm_json_write_string(writer, "summary", route->summary);
	write_parameters(writer, route);
	if (strcmp(route->method, "POST") == 0) {
		hsm_json_begin_object(writer, "requestBody");
		hsm_json_write_boolean(writer, "required", true);
		hsm_json_begin_object(writer, "content");
		hsm_json_begin_object(writer, "application/json");
		hsm_json_end_object(writer);
		hsm_json_end_object(writer);
		hsm_json_end_object(writer);
	}
	if (route->access == HSM_ACCESS_TOKEN || route->access == HSM_ACCESS_SEND)
		hsm_json_write_raw(writer, "security", "[{\"bearer\":[]}]");
	write_answers(writer, route);
	hsm_json_end_object(writer);
}

static bool was_written(size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(hsm_routes[i].path, hsm_routes[index].path) == 0)
			return true;
	return false;
}

void hsm_controller_append_openapi(struct hsm_buffer *buffer)
{
	struct hsm_json_writer writer = { .buffer = buffer, .indent = 2 };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "openapi", "3.0.3");
	hsm_json_begin_object(&writer, "info");
	hsm_json_write_string(&writer, "title", "hsmctl serve");
	hsm_json_write_string(&writer, "version", HSM_VERSION);
	hsm_json_end_object(&writer);
	hsm_json_begin_object(&writer, "paths");
	for (size_t i = 0; i < hsm_route_count; i++) {
		if (was_written(i))
			continue;
		hsm_json_begin_object(&writer, hsm_routes[i].path);
		for (size_t j = i; j < hsm_route_count; j++)
			if (strcmp(hsm_routes[i].path, hsm_routes[j].path) == 0)
				write_operation(&writer, &hsm_routes[j]);
		hsm_json_end_object(&writer);
	}
	hsm_json_end_object(&writer);
	hsm_json_write_raw(&writer, "components",
			   "{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}}");
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(buffer, '\n');
}
