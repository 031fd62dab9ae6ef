#include "reconciler/lifecycle/world.h"

#include <string.h>

#include "reconciler/plan/versions.h"
#include "schema/base/age.h"
#include "schema/json.h"

struct describing {
	const struct hsm_message *message;
	struct hsm_json_writer *writer;
	size_t next;    /* name */
	size_t payload; /* the next one */
	bool unknown;   /* a name is */
};

static void write_parameters(struct describing *describing, const char *component, const struct hsm_list *parameters)
{
	const struct hsm_message *message = describing->message;
	for (size_t i = 0; i < parameters->count; i++, describing->next++) {
		const char *name = message->names && describing->next < message->name_count ?
					   message->names[describing->next] :
					   NULL;
		hsm_json_begin_object(describing->writer, NULL);
		hsm_json_write_string(describing->writer, "component", component);
		if (name)
			hsm_json_write_string(describing->writer, "name", name);
		hsm_json_write_string(describing->writer, "type",
				      HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i)->type.text);
		hsm_json_end_object(describing->writer);
		describing->unknown |= !name;
	}
}

/* A quick reply whose answer only git tells. */
static void write_payload(struct describing *describing, const char *component, const struct hsm_content_slot *slot)
{
	const struct hsm_message *message = describing->message;
	const struct hsm_wire_button *button =
		slot->button ? HSM_LIST_ITEM(slot->component->buttons, struct hsm_wire_button, slot->button - 1) : NULL;
	if (!button || !button->reply.node.present || describing->payload >= message->payload_count)
		return;
	hsm_json_begin_object(describing->writer, NULL);
	hsm_json_write_string(describing->writer, "component", component);
	hsm_json_write_string(describing->writer, "payload", message->payloads[describing->payload++]);
	hsm_json_end_object(describing->writer);
}

static void write_buttons(struct hsm_json_writer *writer, const struct hsm_wire_component *component)
{
	hsm_json_begin_array(writer, NULL);
	for (size_t i = 0; component && i < component->buttons.count; i++) {
		const struct hsm_wire_button *button = HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, i);
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "type", button->type.text ? button->type.text : "");
		if (button->reply.id.text)
			hsm_json_write_string(writer, "id", button->reply.id.text);
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
}

void hsm_world_describe(struct hsm_arena *arena, const struct hsm_message *message, const char **signature,
			const char **parameters)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP), buttons_text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &text }, buttons_writer = { .buffer = &buttons_text };
	struct describing describing = { .message = message, .writer = &writer };
	const struct hsm_wire_component *header = hsm_content_find(&message->components, "HEADER");
	const struct hsm_wire_component *buttons = hsm_content_find(&message->components, "BUTTONS");
	size_t count;
	const struct hsm_content_slot *slots = hsm_content_list_slots(arena, &message->components, &count);
	hsm_json_begin_array(&writer, NULL);
	for (size_t i = 0; i < count; i++) {
		const char *component = hsm_content_slot_label(arena, &slots[i]);
		write_parameters(&describing, component, slots[i].parameters);
		write_payload(&describing, component, &slots[i]);
	}
	hsm_json_end_array(&writer);
	write_buttons(&buttons_writer, buttons);
	*parameters = hsm_arena_copy(arena, hsm_buffer_text(&text), text.length);
	const char *format = header && header->format.text ? header->format.text : "";
	*signature = describing.unknown ? NULL :
					  hsm_arena_format(arena, "{\"header\":\"%s\",\"parameters\":%s,\"buttons\":%s}",
							   format, *parameters, hsm_buffer_text(&buttons_text));
	hsm_buffer_release(&text);
	hsm_buffer_release(&buttons_text);
}

struct making {
	struct hsm_arena *arena;
	const struct hsm_desired *desired;
	const struct hsm_history *history;
	struct hsm_versions versions;
	struct hsm_world *world;
};

/* The category that git accepts for a version: see HELD of the law. NULL: no commit tells. */
static const char *find_accepted(const struct making *making, const struct hsm_desired_template *template,
				 const struct hsm_version *version)
{
	const struct hsm_live_template *live = version->live;
	const struct hsm_desired_translation *translation =
		template ? hsm_desired_find_translation(template, live->language) : NULL;
	const char *accepted = NULL;
	size_t count = 0;
	if (translation && hsm_content_equals(&translation->compiled.content, &live->content))
		return template->category;
	const struct hsm_history_entry *entries =
		hsm_history_find(making->history, version->base, live->language, &count);
	for (size_t i = 0; i < count; i++) {
		if (!hsm_content_equals(&entries[i].compiled.content, &live->content))
			continue;
		if (strcmp(entries[i].category, live->category) == 0)
			return entries[i].category;
		accepted = accepted ? accepted : entries[i].category;
	}
	return accepted;
}

static int64_t read_time(const char *text)
{
	int64_t seconds = hsm_age_read_time(text);
	return seconds > 0 ? seconds * 1000 : 0;
}

static void add_version(struct making *making, const struct hsm_desired_template *template,
			const struct hsm_version *version)
{
	const struct hsm_live_template *live = version->live;
	struct hsm_world_version *row = &making->world->versions[making->world->version_count++];
	*row = (struct hsm_world_version){
		.base = version->base,
		.language = live->language,
		.name = live->name,
		.number = version->number,
		.id = live->id,
		.status = live->status_word,
		.category = live->category,
		.reason = live->rejection_reason,
		.modified = read_time(live->modified),
		.created = read_time(live->created),
		.content = live->content.json,
	};
	if (!making->history)
		return;
	struct hsm_message message = hsm_versions_read_message(making->arena, making->history, template, version);
	row->accepted = find_accepted(making, template, version);
	hsm_world_describe(making->arena, &message, &row->signature, &row->parameters);
}

static void add_versions(struct making *making)
{
	for (size_t i = 0; i < making->versions.count; i++) {
		const struct hsm_version_list *list = &making->versions.lists[i];
		const struct hsm_desired_template *template =
			making->desired ? hsm_desired_find(making->desired, list->base, strlen(list->base)) : NULL;
		for (size_t j = 0; j < list->count; j++)
			add_version(making, template, &list->items[j]);
	}
}

/* A foreign category alone is judged as events tell of it, not here. */
static const char *find_hold(const struct making *making, const struct hsm_translation_state *state)
{
	const char *environment = making->desired->environment->node.key.text;
	if (!state->target || !state->breaking.count ||
	    hsm_versions_accepts(state->template, environment, state->target->number))
		return NULL;
	return hsm_arena_format(making->arena, "it breaks %s (%s)", state->basis->live->name, state->breaking.items[0]);
}

static void add_translations(struct making *making, const struct hsm_desired_template *template)
{
	const struct hsm_translation_state *states =
		hsm_versions_judge(making->arena, &making->versions, making->history, template,
				   making->desired->environment->node.key.text);
	const char *fallback = hsm_registry_write_fallback(making->arena, template->file);
	const char *routes = hsm_registry_write_routes(making->arena, template->file);
	const char *inputs = hsm_registry_write_inputs(making->arena, template->file,
							&making->desired->config->delivery);
	for (size_t i = 0; i < template->count; i++) {
		const struct hsm_translation_state *state = &states[i];
		making->world->translations[making->world->translation_count++] = (struct hsm_world_translation){
			.base = template->name,
			.language = state->translation->language,
			.category = template->category,
			.target = state->target ? state->target->live->name : NULL,
			.held = find_hold(making, state),
			.suggested = state->active ? state->active->live->name : NULL,
			.fallback = *fallback ? fallback : NULL,
			.routes = *routes ? routes : NULL,
			.inputs = *inputs ? inputs : NULL,
		};
	}
}

void hsm_world_make(struct hsm_arena *arena, const struct hsm_live *live, const struct hsm_desired *desired,
		    const struct hsm_history *history, int64_t began, struct hsm_world *world)
{
	struct making making = { .arena = arena, .desired = desired, .history = history, .world = world };
	size_t room = 0;
	*world = (struct hsm_world){ .began = began, .has_git = desired != NULL };
	hsm_versions_make(arena, live, &making.versions);
	world->versions = hsm_arena_allocate_array(arena, live->template_count, sizeof(*world->versions));
	add_versions(&making);
	if (!desired)
		return;
	for (size_t i = 0; i < desired->count; i++)
		room += desired->templates[i].count;
	world->translations = hsm_arena_allocate_array(arena, room, sizeof(*world->translations));
	for (size_t i = 0; i < desired->count; i++)
		add_translations(&making, &desired->templates[i]);
}
