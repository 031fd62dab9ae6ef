#include "reconciler/flow/flow.h"

#include <string.h>

#include "reconciler/flow/collect.h"
#include "reconciler/flow/comment.h"
#include "reconciler/flow/construct.h"
#include "reconciler/flow/expression.h"
#include "reconciler/flow/names.h"
#include "reconciler/lifecycle/publication.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EMPTY "\"\"" /* of an expression */
#define START "/inboundShortMessage/states/state[Initial State_10]"

struct composer {
	struct hsm_arena *arena;
	struct hsm_yaml_writer *writer;
	const struct hsm_flow_material *material;
	const struct hsm_flow_template *template; /* the one of the case that is written */
};

static const char *keep(struct composer *composer, struct hsm_buffer *buffer)
{
	const char *text = hsm_arena_copy(composer->arena, hsm_buffer_text(buffer), buffer->length);
	hsm_buffer_release(buffer);
	return text;
}

/* Why the customer comes to the default queue. */
static void write_note(struct composer *composer, const char *note)
{
	const struct hsm_construct_pair pair = { HSM_FLOW_STATE_NOTE, "lit", note };
	hsm_construct_write_update(composer->writer, "Note", &pair, 1);
}

static void write_note_output(struct composer *composer, const char *output, const char *note)
{
	hsm_construct_begin_actions(composer->writer, output);
	write_note(composer, note);
	hsm_construct_end_actions(composer->writer);
}

/* What was asked for is done: the customer's next message does not ask for it again. */
static void write_done(struct composer *composer)
{
	const struct hsm_construct_pair pair = { HSM_FLOW_DATA_TEMPLATE, "exp", EMPTY };
	hsm_construct_write_set(composer->writer, "Nothing more is asked for", &pair, 1);
	hsm_construct_write_disconnect(composer->writer);
}

static void write_call_outputs(struct composer *composer, const char *note)
{
	hsm_construct_begin_actions(composer->writer, "success");
	write_done(composer);
	hsm_construct_end_actions(composer->writer);
	write_note_output(composer, "failure", note);
	write_note_output(composer, "timeout", note);
}

/* Behind those given: each parameter's name, and its variable. */
static struct hsm_construct_pair *add_parameters(struct composer *composer, const struct hsm_construct_pair *given,
						 size_t count, const char *how)
{
	const struct hsm_flow_material *material = composer->material;
	struct hsm_construct_pair *pairs =
		hsm_arena_allocate_array(composer->arena, count + material->parameter_count, sizeof(*pairs));
	for (size_t i = 0; i < count; i++)
		pairs[i] = given[i];
	for (size_t i = 0; i < material->parameter_count; i++)
		pairs[count + i] = (struct hsm_construct_pair){
			hsm_arena_format(composer->arena, "%s%s", HSM_FLOW_PARAMETER, material->parameters[i]), how,
			hsm_arena_format(composer->arena, "%s%s", HSM_FLOW_STATE_PARAMETER, material->parameters[i])
		};
	return pairs;
}

/* Payloads tell nothing of the customer. Data tables may hold nothing personal: it is a data action. */
static void write_context(struct composer *composer)
{
	static const struct hsm_construct_pair inputs[] = { { "conversationId", "exp", "Message.ConversationId" },
							    { "participantId", "exp", HSM_FLOW_STATE_PARTICIPANT } };
	static const struct hsm_construct_pair outputs[] = { { "session_status", "var", HSM_FLOW_STATE_SESSION },
							     { "context", "var", HSM_FLOW_STATE_CONTEXT } };
	hsm_construct_begin_call(composer->writer, "Look up the customer", HSM_FLOW_CATEGORY, HSM_FLOW_ACTION_CONTEXT,
				 inputs, COUNT(inputs), add_parameters(composer, outputs, COUNT(outputs), "var"),
				 COUNT(outputs) + composer->material->parameter_count);
	hsm_construct_begin_outputs(composer->writer);
	write_note_output(composer, "failure", "the customer was not found");
	write_note_output(composer, "timeout", "the customer was not found");
	hsm_construct_end_outputs(composer->writer);
}

static void write_send(struct composer *composer)
{
	static const struct hsm_construct_pair inputs[] = {
		{ "conversationId", "exp", "Message.ConversationId" }, { "participantId", "exp", HSM_FLOW_STATE_PARTICIPANT },
		{ "template", "exp", HSM_FLOW_STATE_NAME },            { "language", "exp", HSM_FLOW_STATE_LANGUAGE },
		{ "parameters", "exp", HSM_FLOW_STATE_PARAMETERS },
	};
	hsm_construct_begin_call(composer->writer, "Send the template", HSM_FLOW_CATEGORY, HSM_FLOW_ACTION_SEND,
				 add_parameters(composer, inputs, COUNT(inputs), "exp"),
				 COUNT(inputs) + composer->material->parameter_count, NULL, 0);
	hsm_construct_begin_outputs(composer->writer);
	write_call_outputs(composer, "the template was not sent");
	hsm_construct_end_outputs(composer->writer);
}

static void write_send_channel(struct composer *composer)
{
	static const struct hsm_construct_pair inputs[] = {
		{ "conversationId", "exp", "Message.ConversationId" }, { "participantId", "exp", HSM_FLOW_STATE_PARTICIPANT },
		{ "channel", "exp", HSM_FLOW_STATE_CHANNEL },          { "text", "exp", HSM_FLOW_STATE_TEXT },
	};
	hsm_construct_begin_call(composer->writer, "Send the text by the other channel", HSM_FLOW_CATEGORY,
				 HSM_FLOW_ACTION_CHANNEL, inputs, COUNT(inputs), NULL, 0);
	hsm_construct_begin_outputs(composer->writer);
	write_call_outputs(composer, "the text was not sent by the other channel");
	hsm_construct_end_outputs(composer->writer);
}

/* use: "template", "channel", or "none", which ends in the default branch. */
static void write_use(struct composer *composer)
{
	hsm_construct_begin_decision(composer->writer, "Is there a template?", HSM_FLOW_STATE_USE " == \"template\"");
	hsm_construct_begin_outputs(composer->writer);
	hsm_construct_begin_actions(composer->writer, "yes");
	write_send(composer);
	hsm_construct_end_actions(composer->writer);
	hsm_construct_end_outputs(composer->writer);
	hsm_construct_begin_decision(composer->writer, "Is there another channel?", HSM_FLOW_STATE_USE " == \"channel\"");
	hsm_construct_begin_outputs(composer->writer);
	hsm_construct_begin_actions(composer->writer, "yes");
	write_send_channel(composer);
	hsm_construct_end_actions(composer->writer);
	hsm_construct_end_outputs(composer->writer);
}

static size_t find_text(const struct hsm_flow_template *template, size_t index)
{
	size_t at = 0;
	while (!template->translations[at].is_text || index--)
		at++;
	return at;
}

static void append_language_condition(void *user, size_t index, struct hsm_buffer *buffer)
{
	const struct hsm_flow_template *template = ((struct composer *)user)->template;
	hsm_expression_append_equal(buffer, HSM_FLOW_STATE_LANGUAGE, template->languages[find_text(template, index)]);
}

/* No message has a hole where a value should be: the sender of the template then says so. */
static void begin_values(struct composer *composer, const struct hsm_message *message)
{
	struct hsm_buffer condition = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < message->name_count; i++) {
		size_t first = 0;
		while (strcmp(message->names[first], message->names[i]) != 0)
			first++;
		if (first == i)
			hsm_buffer_append_format(&condition, "%sIsNotSetOrEmpty(" HSM_FLOW_STATE_PARAMETER "%s)",
						 i ? " or " : "", message->names[i]);
	}
	hsm_construct_begin_decision(composer->writer, "Is a value missing?", keep(composer, &condition));
	hsm_construct_begin_outputs(composer->writer);
	hsm_construct_begin_actions(composer->writer, "no");
}

static void end_values(struct composer *composer)
{
	hsm_construct_end_actions(composer->writer);
	hsm_construct_end_outputs(composer->writer);
}

static void write_message(void *user, size_t index)
{
	struct composer *composer = user;
	const struct hsm_flow_template *template = composer->template;
	const struct hsm_message *message = &template->translations[find_text(template, index)].message;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_expression_append_message(&text, message, HSM_FLOW_STATE_PARAMETER);
	if (message->name_count)
		begin_values(composer, message);
	hsm_construct_write_response(composer->writer, keep(composer, &text));
	write_done(composer);
	if (message->name_count)
		end_values(composer);
}

static void write_no_message(void *user)
{
	write_note(user, "no message in this language");
}

/* IF closed THEN template ELSE message. */
static void write_session(struct composer *composer)
{
	const struct hsm_flow_template *template = composer->template;
	struct hsm_construct_switch languages = {
		.name = "Message by language", .maximum = HSM_FLOW_SWITCH_MAX, .user = composer,
		.append_condition = append_language_condition, .write_case = write_message,
		.write_default = write_no_message,
	};
	for (size_t i = 0; i < template->count; i++)
		languages.count += template->translations[i].is_text;
	if (!languages.count)
		return;
	hsm_construct_begin_decision(composer->writer, "Is the session open?", HSM_FLOW_STATE_SESSION " == \"OPEN\"");
	hsm_construct_begin_outputs(composer->writer);
	hsm_construct_begin_actions(composer->writer, "yes");
	hsm_construct_write_switch(composer->writer, &languages);
	hsm_construct_end_actions(composer->writer);
	hsm_construct_end_outputs(composer->writer);
}

/* All of the table's columns but the key, which is known: those wanted go into variables. */
static void begin_lookup(struct composer *composer, const char *name, enum hsm_publication published, const char *base,
			 const char *key, const struct hsm_construct_pair *wanted, size_t count)
{
	const struct hsm_publication_kind *kind = &hsm_publication_kinds[published];
	const struct hsm_flow_options *options = composer->material->options;
	const struct hsm_flow_table *table = published == HSM_PUBLICATION_ROUTES ? &options->routes : &options->templates;
	struct hsm_construct_pair *columns =
		hsm_arena_allocate_array(composer->arena, kind->column_count, sizeof(*columns));
	for (size_t i = 1; i < kind->column_count; i++) {
		columns[i] = (struct hsm_construct_pair){ kind->columns[i].name, "var", NULL };
		for (size_t j = 0; j < count; j++)
			if (strcmp(wanted[j].name, columns[i].name) == 0)
				columns[i] = wanted[j];
	}
	hsm_construct_begin_lookup(composer->writer, name, hsm_flow_find_table(composer->arena, table, base), key,
				   columns + 1, kind->column_count - 1);
}

static void write_lookup(struct composer *composer)
{
	static const struct hsm_construct_pair wanted[] = {
		{ "use", "var", HSM_FLOW_STATE_USE },           { "template", "var", HSM_FLOW_STATE_NAME },
		{ "language", "var", HSM_FLOW_STATE_LANGUAGE }, { "parameters", "var", HSM_FLOW_STATE_PARAMETERS },
		{ "channel", "var", HSM_FLOW_STATE_CHANNEL },   { "text", "var", HSM_FLOW_STATE_TEXT },
	};
	const char *base = composer->template->base;
	struct hsm_buffer key = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_string(&key, "Append(");
	hsm_expression_append_literal(&key, hsm_arena_format(composer->arena, "%s:", base));
	hsm_buffer_append_string(&key, ", " HSM_FLOW_STATE_LANGUAGE ")");
	begin_lookup(composer, "What to send", HSM_PUBLICATION_ANSWERS, base, keep(composer, &key), wanted, COUNT(wanted));
	hsm_construct_begin_outputs(composer->writer);
	write_note_output(composer, "found", "no template may be sent");
	write_note_output(composer, "notFound", "the table has no such template");
	write_note_output(composer, "failure", "the table of templates was not read");
	hsm_construct_end_outputs(composer->writer);
}

static void append_template_condition(void *user, size_t index, struct hsm_buffer *buffer)
{
	const struct composer *composer = user;
	hsm_expression_append_equal(buffer, HSM_FLOW_STATE_TEMPLATE, composer->material->templates[index].base);
}

static void write_template(void *user, size_t index)
{
	struct composer *composer = user;
	const struct hsm_flow_template *template = composer->template = &composer->material->templates[index];
	struct hsm_buffer language = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_expression_append_language(&language, HSM_FLOW_STATE_LANGUAGE, template->languages, template->count,
				       template->other);
	const struct hsm_construct_pair pair = { HSM_FLOW_STATE_LANGUAGE, "exp", keep(composer, &language) };
	hsm_construct_write_update(composer->writer, "Language", &pair, 1);
	write_session(composer);
	write_lookup(composer);
}

static void write_unknown_template(void *user)
{
	write_note(user, "this flow has no such template");
}

static void write_messages(struct composer *composer)
{
	const struct hsm_construct_switch templates = {
		.name = "Which template?", .count = composer->material->template_count, .maximum = HSM_FLOW_SWITCH_MAX,
		.user = composer, .append_condition = append_template_condition, .write_case = write_template,
		.write_default = write_unknown_template,
	};
	hsm_construct_begin_decision(composer->writer, "Is no template asked for?",
				     "IsNotSetOrEmpty(" HSM_FLOW_STATE_TEMPLATE ")");
	hsm_construct_begin_outputs(composer->writer);
	hsm_construct_begin_actions(composer->writer, "no");
	hsm_construct_write_switch(composer->writer, &templates);
	write_use(composer);
	hsm_construct_end_actions(composer->writer);
	hsm_construct_end_outputs(composer->writer);
}

static void append_payload_condition(void *user, size_t index, struct hsm_buffer *buffer)
{
	const struct composer *composer = user;
	hsm_expression_append_equal(buffer, HSM_FLOW_STATE_PAYLOAD, composer->material->routes[index].payload);
}

/* Whom it leads to finds what was tapped, and by whom. */
static void write_route_lookup(struct composer *composer, const struct hsm_flow_route *route)
{
	static const struct hsm_construct_pair wanted[] = { { "template", "var", HSM_FLOW_STATE_NAME },
							    { "state", "var", HSM_FLOW_STATE_ROUTE } };
	static const struct hsm_construct_pair pairs[] = { { HSM_FLOW_DATA_PAYLOAD, "exp", HSM_FLOW_STATE_PAYLOAD },
							   { HSM_FLOW_DATA_PAYLOAD_TEMPLATE, "exp", HSM_FLOW_STATE_NAME },
							   { HSM_FLOW_DATA_CONTEXT, "exp", HSM_FLOW_STATE_CONTEXT } };
	begin_lookup(composer, "Where the button leads", HSM_PUBLICATION_ROUTES, route->payload, HSM_FLOW_STATE_PAYLOAD,
		     wanted, COUNT(wanted));
	hsm_construct_end_action(composer->writer);
	hsm_construct_write_set(composer->writer, "Which button, and who", pairs, COUNT(pairs));
}

static void write_target(struct composer *composer, const struct hsm_flow_route *route)
{
	switch (route->kind) {
	case HSM_FLOW_TO_NOTHING:
		hsm_construct_write_disconnect(composer->writer);
		return;
	case HSM_FLOW_TO_QUEUE:
		hsm_construct_write_transfer(composer->writer, route->name);
		return;
	case HSM_FLOW_TO_FLOW:
		hsm_construct_write_bot(composer->writer, route->name);
		write_note(composer, "the bot is done");
		return;
	}
}

/* A lookup that fails is no reason to lose the customer: git has the route, too. */
static void write_route(void *user, size_t index)
{
	struct composer *composer = user;
	const struct hsm_flow_route *route = &composer->material->routes[index];
	write_route_lookup(composer, route);
	hsm_construct_begin_decision(composer->writer, "Is it current?", HSM_FLOW_STATE_ROUTE " == \"current\"");
	hsm_construct_begin_outputs(composer->writer);
	hsm_construct_begin_actions(composer->writer, "yes");
	write_target(composer, route);
	hsm_construct_end_actions(composer->writer);
	write_note_output(composer, "no", "stale button");
	hsm_construct_end_outputs(composer->writer);
}

static void write_unknown_payload(void *user)
{
	write_note(user, "unknown button");
}

static void write_routes(struct composer *composer)
{
	const struct hsm_construct_switch routes = {
		.name = "Which button?", .count = composer->material->route_count, .maximum = HSM_FLOW_SWITCH_MAX,
		.user = composer, .append_condition = append_payload_condition, .write_case = write_route,
		.write_default = write_unknown_payload,
	};
	if (routes.count)
		hsm_construct_write_switch(composer->writer, &routes);
	else
		write_unknown_payload(composer);
}

/* Those of the flow, and those of the parameters; text: what each has until somebody tells. */
static const struct hsm_construct_pair variables[] = {
	{ HSM_FLOW_STATE_TEMPLATE, NULL, NULL }, /* read before all others */
	{ HSM_FLOW_STATE_LANGUAGE, "exp", "If(IsNotSetOrEmpty(" HSM_FLOW_STATE_LANGUAGE "), \"und\", " HSM_FLOW_STATE_LANGUAGE ")" },
	{ HSM_FLOW_STATE_PAYLOAD, "exp", HSM_FLOW_MESSAGE_PAYLOAD },
	{ HSM_FLOW_STATE_PARTICIPANT, "exp", HSM_FLOW_MESSAGE_PARTICIPANT },
	{ HSM_FLOW_STATE_SESSION, "lit", "CLOSED" },
	{ HSM_FLOW_STATE_CONTEXT, "exp", EMPTY },
	{ HSM_FLOW_STATE_USE, "lit", "none" },
	{ HSM_FLOW_STATE_NAME, "exp", EMPTY },
	{ HSM_FLOW_STATE_PARAMETERS, "exp", EMPTY },
	{ HSM_FLOW_STATE_CHANNEL, "exp", EMPTY },
	{ HSM_FLOW_STATE_TEXT, "exp", EMPTY },
	{ HSM_FLOW_STATE_ROUTE, "lit", "current" },
	{ HSM_FLOW_STATE_NOTE, "lit", "no button, and no template asked for" },
};

static void write_variables(struct composer *composer)
{
	const struct hsm_construct_pair *parameters = add_parameters(composer, NULL, 0, NULL);
	hsm_yaml_begin(composer->writer, "variables");
	for (size_t i = 0; i < COUNT(variables); i++)
		hsm_construct_write_variable(composer->writer, variables[i].name);
	for (size_t i = 0; i < composer->material->parameter_count; i++)
		hsm_construct_write_variable(composer->writer, parameters[i].text);
	hsm_yaml_end(composer->writer);
}

/* An expression on a variable without a value ends a flow: after this each has one. */
static void write_beginning(struct composer *composer)
{
	static const struct hsm_construct_pair asked[] = { { HSM_FLOW_DATA_TEMPLATE, "var", HSM_FLOW_STATE_TEMPLATE },
							   { HSM_FLOW_DATA_LANGUAGE, "var", HSM_FLOW_STATE_LANGUAGE } };
	const size_t given = COUNT(variables) - 1;
	struct hsm_construct_pair *values = add_parameters(composer, variables + 1, given, "exp");
	for (size_t i = 0; i < composer->material->parameter_count; i++)
		values[given + i] = (struct hsm_construct_pair){ values[given + i].text, "exp", EMPTY };
	hsm_construct_write_get(composer->writer, "What is asked for", asked, COUNT(asked));
	hsm_construct_write_update(composer->writer, "Read the message", values,
				   given + composer->material->parameter_count);
	write_context(composer);
}

/* All that was not routed or sent. */
static void write_default(struct composer *composer)
{
	static const struct hsm_construct_pair pair = { HSM_FLOW_DATA_NOTE, "exp", HSM_FLOW_STATE_NOTE };
	hsm_construct_write_set(composer->writer, "Why", &pair, 1);
	hsm_construct_write_transfer(composer->writer, composer->material->options->queue);
	hsm_construct_write_disconnect(composer->writer);
}

static void write_state(struct composer *composer)
{
	hsm_yaml_begin_item(composer->writer);
	hsm_yaml_begin(composer->writer, "state");
	hsm_yaml_write_text(composer->writer, "name", "Initial State");
	hsm_yaml_write_text(composer->writer, "refId", "Initial State_10");
	write_variables(composer);
	hsm_yaml_begin(composer->writer, "actions");
	write_beginning(composer);
	hsm_construct_begin_decision(composer->writer, "Is it no button?", "IsNotSetOrEmpty(" HSM_FLOW_STATE_PAYLOAD ")");
	hsm_construct_begin_outputs(composer->writer);
	hsm_construct_begin_actions(composer->writer, "yes");
	write_messages(composer);
	hsm_construct_end_actions(composer->writer);
	hsm_construct_begin_actions(composer->writer, "no");
	write_routes(composer);
	hsm_construct_end_actions(composer->writer);
	hsm_construct_end_outputs(composer->writer);
	write_default(composer);
	hsm_yaml_end(composer->writer);
	hsm_yaml_end(composer->writer);
	hsm_yaml_end_item(composer->writer);
}

static void write_flow(struct composer *composer)
{
	struct hsm_yaml_writer *writer = composer->writer;
	hsm_yaml_begin(writer, "inboundShortMessage");
	hsm_yaml_write_text(writer, "name", composer->material->options->name);
	hsm_yaml_write_text(writer, "startUpRef", START);
	hsm_yaml_write_text(writer, "defaultLanguage", "en-us");
	hsm_yaml_begin(writer, "supportedLanguages");
	hsm_yaml_begin(writer, "en-us");
	hsm_construct_write_value(writer, "defaultLanguageSkill", "lit", NULL);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_yaml_begin(writer, "settingsErrorHandling");
	hsm_yaml_begin(writer, "errorHandling");
	hsm_yaml_begin(writer, "disconnect");
	hsm_yaml_write_boolean(writer, "none", true);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_yaml_begin(writer, "states");
	write_state(composer);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
}

/* What deploys flows may replace {{name}} before anything reads the YAML. In keys, texts and comments braces
 * stand in quotes alone. */
static void append_without_substitutions(struct hsm_buffer *buffer, const char *text)
{
	for (const char *braces; (braces = strstr(text, "{{")); text = braces + 1) {
		hsm_buffer_append(buffer, text, (size_t)(braces - text));
		hsm_buffer_append_string(buffer, "\\u007b");
	}
	hsm_buffer_append_string(buffer, text);
}

int hsm_flow_append(const struct hsm_desired_template *const *templates, size_t count,
		    const struct hsm_flow_options *options, struct hsm_buffer *buffer, struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_yaml_writer writer = { .buffer = &text };
	struct hsm_flow_material material;
	struct composer composer = { .arena = &arena, .writer = &writer, .material = &material };
	int status = hsm_flow_collect(&arena, templates, count, options, &material, error);
	if (!status) {
		hsm_flow_append_comment(&arena, &material, &text);
		write_flow(&composer);
		append_without_substitutions(buffer, hsm_buffer_text(&text));
	}
	hsm_buffer_release(&text);
	hsm_arena_release(&arena);
	return status;
}
