#include "reconciler/flow/collect.h"

#include <stdlib.h>
#include <string.h>

#include "schema/payload.h"

#include "reconciler/lifecycle/publication.h"
#include "schema/base/text.h"

const char *hsm_flow_find_table(struct hsm_arena *arena, const struct hsm_flow_table *table, const char *base)
{
	return hsm_publication_name_table(arena, table->name, table->tables,
					  hsm_publication_find_table(base, table->tables));
}

static int read_target(struct hsm_flow_route *route, struct hsm_error *error)
{
	route->kind = HSM_FLOW_TO_QUEUE;
	route->name = route->target;
	if (strcmp(route->target, HSM_FLOW_TARGET_NONE) == 0) {
		route->kind = HSM_FLOW_TO_NOTHING;
	} else if (hsm_text_starts_with(route->target, HSM_FLOW_TARGET_FLOW)) {
		route->kind = HSM_FLOW_TO_FLOW;
		route->name += strlen(HSM_FLOW_TARGET_FLOW);
	}
	return *route->name ? 0 :
			      hsm_error_set(error, HSM_ERROR_INVALID, "button '%s' of %s leads to '%s', which names no flow",
					    route->payload, route->template, route->target);
}

/* NULL: the button has none. */
static const char *find_target(const struct hsm_template *file, const char *id)
{
	for (size_t i = 0; i < file->routes.count; i++) {
		const struct hsm_keyed_string *route = HSM_LIST_ITEM(file->routes, struct hsm_keyed_string, i);
		if (strcmp(route->key.text, id) == 0)
			return route->value.text;
	}
	return NULL;
}

static int add_route(struct hsm_flow_material *material, const char *base, const char *payload, const char *target,
		     struct hsm_error *error)
{
	struct hsm_flow_route *route = &material->routes[material->route_count++];
	*route = (struct hsm_flow_route){ .payload = payload, .target = target, .template = base };
	return read_target(route, error);
}

/* By id: of buttons that git has no more, too, which customers still tap. */
static int collect_routes(struct hsm_flow_material *material, const struct hsm_desired_template *template,
			  struct hsm_error *error)
{
	const struct hsm_list *routes = &template->file->routes;
	int status = 0;
	for (size_t i = 0; !status && i < routes->count; i++) {
		const struct hsm_keyed_string *route = HSM_LIST_ITEM(*routes, struct hsm_keyed_string, i);
		status = add_route(material, template->name, route->key.text, route->value.text, error);
	}
	return status;
}

static int collect_buttons(struct hsm_arena *arena, struct hsm_flow_material *material,
			   const struct hsm_desired_template *template, const struct hsm_list *buttons,
			   struct hsm_error *error)
{
	int status = 0;
	for (size_t i = 0; !status && i < buttons->count; i++) {
		const struct hsm_button_reply *reply = &HSM_LIST_ITEM(*buttons, struct hsm_button, i)->reply;
		const char *target = reply->node.present ? find_target(template->file, reply->id.text) : NULL;
		if (target)
			status = add_route(material, template->name,
					   hsm_payload_encode(arena, reply->id.text, &reply->data), target, error);
	}
	return status;
}

static int compare_routes(const void *left, const void *right)
{
	const struct hsm_flow_route *a = left, *b = right;
	int order = strcmp(a->payload, b->payload);
	return order ? order : strcmp(a->template, b->template);
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int settle_routes(struct hsm_flow_material *material, struct hsm_error *error)
{
	size_t kept = 0;
	if (material->route_count)
		qsort(material->routes, material->route_count, sizeof(*material->routes), compare_routes);
	for (size_t i = 0; i < material->route_count; i++) {
		const struct hsm_flow_route *route = &material->routes[i], *last = kept ? &material->routes[kept - 1] : NULL;
		if (!last || strcmp(last->payload, route->payload) != 0)
			material->routes[kept++] = *route;
		else if (strcmp(last->target, route->target) != 0)
			return hsm_error_set(error, HSM_ERROR_INVALID,
					     "button '%s' leads to '%s' in %s and to '%s' in %s, and a flow sees the button "
					     "alone: give one of them another id", route->payload, last->target, last->template,
					     route->target, route->template);
	}
	material->route_count = kept;
	return 0;
}

static void settle_parameters(struct hsm_flow_material *material)
{
	size_t kept = 0;
	if (material->parameter_count)
		qsort(material->parameters, material->parameter_count, sizeof(*material->parameters), compare_texts);
	for (size_t i = 0; i < material->parameter_count; i++)
		if (!kept || strcmp(material->parameters[kept - 1], material->parameters[i]) != 0)
			material->parameters[kept++] = material->parameters[i];
	material->parameter_count = kept;
}

static bool is_text(const struct hsm_message *message)
{
	const struct hsm_wire_component *header = hsm_content_find(&message->components, "HEADER");
	return (!header || header->text.text) && !hsm_content_find(&message->components, "BUTTONS");
}

static const char *find_other(const struct hsm_flow_template *template, const char *wanted)
{
	for (size_t i = 0; wanted && i < template->count; i++)
		if (strcmp(template->languages[i], wanted) == 0)
			return template->languages[i];
	return template->languages[0];
}

static int collect_template(struct hsm_arena *arena, const struct hsm_desired_template *template,
			    struct hsm_flow_material *material, struct hsm_error *error)
{
	struct hsm_flow_template *flow = &material->templates[material->template_count++];
	const char **languages = hsm_arena_allocate_array(arena, template->count, sizeof(*languages));
	*flow = (struct hsm_flow_template){ .base = template->name, .count = template->count, .languages = languages };
	flow->translations = hsm_arena_allocate_array(arena, template->count, sizeof(*flow->translations));
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_desired_translation *desired = &template->translations[i];
		struct hsm_flow_translation *translation = &flow->translations[i];
		struct hsm_message *message = &translation->message;
		languages[i] = translation->language = desired->language;
		message->names = desired->compiled.names;
		message->name_count = desired->compiled.name_count;
		int status = hsm_content_read(arena, desired->compiled.content.json, &message->components, error);
		if (!status)
			status = collect_buttons(arena, material, template, &desired->file->buttons, error);
		if (status)
			return status;
		for (size_t j = 0; j < message->name_count; j++)
			material->parameters[material->parameter_count++] = message->names[j];
		translation->is_text = is_text(message);
	}
	flow->other = find_other(flow, material->options->language);
	return collect_routes(material, template, error);
}

static int check_cases(size_t count, const char *what, struct hsm_error *error)
{
	return count <= HSM_FLOW_CASES_MAX ? 0 :
					     hsm_error_set(error, HSM_ERROR_FAILED, "a flow of %zu %s: it takes at most %d; name "
							   "fewer templates, and write several flows", count, what, HSM_FLOW_CASES_MAX);
}

int hsm_flow_collect(struct hsm_arena *arena, const struct hsm_desired_template *const *templates, size_t count,
		     const struct hsm_flow_options *options, struct hsm_flow_material *material,
		     struct hsm_error *error)
{
	size_t routes = 0, names = 0;
	*material = (struct hsm_flow_material){ .options = options };
	int status = check_cases(count, "templates", error);
	for (size_t i = 0; i < count; i++) {
		routes += templates[i]->file->routes.count;
		for (size_t j = 0; j < templates[i]->count; j++) {
			routes += templates[i]->translations[j].file->buttons.count;
			names += templates[i]->translations[j].compiled.name_count;
		}
	}
	material->templates = hsm_arena_allocate_array(arena, count, sizeof(*material->templates));
	material->routes = hsm_arena_allocate_array(arena, routes, sizeof(*material->routes));
	material->parameters = hsm_arena_allocate_array(arena, names, sizeof(*material->parameters));
	for (size_t i = 0; !status && i < count; i++)
		status = collect_template(arena, templates[i], material, error);
	if (!status)
		status = settle_routes(material, error);
	settle_parameters(material);
	return status ? status : check_cases(material->route_count, "buttons", error);
}
