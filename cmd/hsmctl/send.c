#include "cmd/hsmctl/send.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/lifecycle/store.h"
#include "reconciler/lifecycle/world.h"
#include "schema/base/text.h"
#include "schema/json.h"
#include "schema/name.h"

static int check_options(const struct hsm_options *options, struct hsm_error *error)
{
	if (!options->to == !options->from.count)
		return hsm_error_set(error, HSM_ERROR_USAGE, "send wants one of --to PHONE and --from FILE");
	if (options->from.count > 1)
		return hsm_error_set(error, HSM_ERROR_USAGE, "send takes one --from");
	if (options->from.count && options->values.count)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--value goes with --to: --from's columns are the values");
	if (options->to && !hsm_phone_number_is_valid(options->to))
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "--to: a phone number begins with + and the country and has 7 to 15 digits, nothing between");
	if (!options->yes && !options->dry_run && !isatty(STDIN_FILENO))
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "send asks first, and nobody can be asked here: say --yes, or --dry-run");
	return 0;
}

/* The registry of a controller, where there is one; then what git and the listing say of now. */
static int settle_registry(struct hsm_sending *sending, struct hsm_error *error)
{
	struct hsm_session *session = sending->session;
	struct hsm_planning *planning = &sending->planning;
	const char *url = hsm_planning_find_registry(session->desired.config);
	struct hsm_store *store = NULL;
	struct hsm_world world;
	int rc = url ? hsm_store_open_existing(&store, url, session->desired.environment->node.key.text, error) :
		       HSM_ERROR_NO_INPUT;
	if (!rc)
		rc = hsm_store_refresh(store, &planning->registry, error);
	hsm_store_close(store);
	if (rc && rc != HSM_ERROR_NO_INPUT)
		return rc;
	hsm_world_make(&session->arena, &planning->live, &session->desired, &planning->history, 0, &world);
	hsm_world_settle(&world, &planning->registry);
	return 0;
}

/* The language of the command line, or the only one. */
static int find_language(struct hsm_sending *sending, struct hsm_error *error)
{
	const struct hsm_options *options = &sending->session->options;
	const struct hsm_desired_template *template =
		hsm_desired_find(&sending->session->desired, sending->template, strlen(sending->template));
	if (options->language && !hsm_pattern_matches(&hsm_name_language_pattern, options->language))
		return hsm_error_set(error, HSM_ERROR_USAGE, "--language %s: a language is like en_US", options->language);
	sending->language = options->language;
	if (!sending->language && template && template->count == 1)
		sending->language = template->translations[0].language;
	if (!sending->language && options->to)
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' is there in several languages: say --language",
				     sending->template);
	return 0;
}

/* What only some ways can do is refused before anything is sent. */
static int open_messenger(struct hsm_sending *sending, struct hsm_error *error)
{
	struct hsm_session *session = sending->session;
	struct hsm_messenger *messenger = &sending->messenger;
	int rc = hsm_messenger_open(messenger, session->desired.environment, session->connection, error);
	if (!rc && session->options.text && !messenger->way->lists)
		rc = hsm_error_set(error, HSM_ERROR_CONFIG,
				   "environment '%s': nothing tells there whether a customer's 24 hours are open: leave out --text",
				   session->settings.environment);
	if (!rc && session->options.follow > 0 && !messenger->way->ask)
		rc = hsm_error_set(error, HSM_ERROR_CONFIG,
				   "environment '%s': what became of a message only Meta's webhook tells, and hsmctl serve takes it: "
				   "leave out --follow", session->settings.environment);
	return rc;
}

static int prepare(struct hsm_sending *sending, struct hsm_error *error)
{
	struct hsm_session *session = sending->session;
	const char *name = session->options.arguments.items[0];
	if (!hsm_pattern_matches(&hsm_name_base_pattern, name))
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' is no template's name: name it without _vN", name);
	sending->template = name;
	int rc = hsm_planning_read(session, true, &sending->planning, error);
	if (!rc)
		rc = open_messenger(sending, error);
	if (!rc)
		rc = find_language(sending, error);
	if (!rc)
		rc = settle_registry(sending, error);
	sending->chooser = (struct hsm_chooser){ .connection = session->connection,
						 .provider_id = sending->planning.live.provider_id,
						 .way = sending->messenger.way,
						 .registry = &sending->planning.registry };
	sending->sender = (struct hsm_sender){ .connection = session->connection,
					       .messenger = &sending->messenger,
					       .provider_id = sending->planning.live.provider_id,
					       .choose = hsm_chooser_choose,
					       .choose_user = &sending->chooser,
					       .wait = session->options.patience,
					       .patient = true,
					       .deadline = session->deadline,
					       .interrupted = &hsm_interrupted };
	return rc;
}

static int read_values(struct hsm_session *session, struct hsm_delivery *delivery, struct hsm_error *error)
{
	const struct hsm_option_list *given = &session->options.values;
	struct hsm_named_value *values = hsm_arena_allocate_array(&session->arena, given->count, sizeof(*values));
	for (size_t i = 0; i < given->count; i++) {
		const char *equals = strchr(given->items[i], '=');
		if (!equals)
			return hsm_error_set(error, HSM_ERROR_USAGE, "--value wants NAME=VALUE");
		values[i] = (struct hsm_named_value){
			hsm_arena_copy(&session->arena, given->items[i], (size_t)(equals - given->items[i])), equals + 1,
			strlen(equals + 1) };
	}
	delivery->values = values;
	delivery->value_count = given->count;
	return 0;
}

int hsm_send_append_body(struct hsm_sending *sending, struct hsm_arena *arena, const struct hsm_delivery *delivery,
			 struct hsm_buffer *text, struct hsm_error *error)
{
	const char *body;
	int rc = hsm_delivery_write(arena, &sending->messenger, delivery, &body, error);
	if (rc)
		return rc;
	hsm_buffer_append_string(text, body);
	hsm_buffer_append_char(text, '\n');
	return 0;
}

/* Why it is not sent; or that nobody knows. */
static int explain(const struct hsm_delivery *delivery, struct hsm_error *error)
{
	if (delivery->state == HSM_ROW_BEGUN || delivery->state == HSM_ROW_UNKNOWN)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE,
				     "it may have been sent, and nobody can tell: look before you send it again: %s",
				     delivery->reason ? delivery->reason : "its answer was lost");
	if (delivery->state == HSM_ROW_FALLBACK)
		return hsm_error_set(error, HSM_ERROR_BLOCKED, "not sent: the fallback is %s", delivery->reason);
	return delivery->problem ? hsm_error_set(error, delivery->problem, "not sent: %s", delivery->reason) : 0;
}

static void log_changes(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	for (size_t i = 0; i < delivery->message.change_count; i++) {
		const struct hsm_value_change *change = &delivery->message.changes[i];
		char code_point[16] = "";
		if (change->note.code_point)
			snprintf(code_point, sizeof(code_point), " (U+%04X)", (unsigned)change->note.code_point);
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "%s: %s at character %zu%s", change->name,
			       hsm_sanitize_action_words[change->note.action - 1], change->note.position, code_point);
	}
	if (delivery->choice && delivery->choice->fallback && delivery->message.name)
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "%s is sent instead: %s", delivery->message.name,
			       delivery->choice->reason);
}

/* What the customer reads. */
static const char *show(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	const struct hsm_form *form = delivery->as_text || delivery->as_sms ? NULL : &delivery->choice->form;
	if (!form)
		return delivery->as_sms ? delivery->sms : delivery->text;
	if (!form->body) /* its words are Meta's */
		return form->name;
	size_t first = 0;
	while (first < form->slot_count && strcmp(form->slots[first].component, "header") == 0)
		first++;
	return hsm_message_fill(&session->arena, &delivery->message, form->body, first);
}

static const char *name_sent(const struct hsm_delivery *delivery)
{
	return delivery->as_sms ? "sms" : delivery->as_text ? "text" : delivery->message.name;
}

static void print_sent(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer;
	const char *name = name_sent(delivery), *id = delivery->conversation;
	bool is_template = !delivery->as_text && !delivery->as_sms;
	if (session->options.format == HSM_FORMAT_JSON) {
		hsm_output_begin_json(&writer, &text);
		hsm_json_write_string(&writer, "state", hsm_row_state_words[delivery->state]);
		hsm_json_write_string(&writer, "sent", name);
		if (is_template) {
			hsm_json_write_string(&writer, "language", delivery->message.language);
			hsm_json_write_string(&writer, "category", delivery->choice->category);
		}
		if (id)
			hsm_json_write_string(&writer, "conversation", id);
		if (delivery->message_id)
			hsm_json_write_string(&writer, "message", delivery->message_id);
		hsm_bulk_write_changes(&writer, &delivery->message);
		hsm_output_end_json(&writer);
	} else {
		hsm_buffer_append_format(&text, "Sent: %s%s%s, %s ", name, is_template ? " " : "",
					 is_template ? delivery->message.language : "", id ? "conversation" : "message");
		hsm_text_append_printable_line(&text, id ? id : delivery->message_id);
		hsm_buffer_append_char(&text, '\n');
	}
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}

/* What the provider bills it as: https://developers.facebook.com, pricing. */
static void log_cost(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	const char *category = delivery->choice ? delivery->choice->category : NULL;
	if (delivery->as_sms)
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "an SMS is sent instead, %s", delivery->reason);
	else if (delivery->as_text)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "the customer's 24 hours are open: billed as no template");
	else if (category && strcmp(category, "UTILITY") == 0)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "UTILITY: billed, unless the customer's 24 hours are open");
	else if (category)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "%s: billed, while the customer's 24 hours are open, too",
			       category);
}

static int confirm(struct hsm_session *session, const struct hsm_delivery *delivery, struct hsm_error *error)
{
	log_changes(session, delivery);
	log_cost(session, delivery);
	if (session->options.yes)
		return 0;
	/* Asked for, and on a terminal: no log has it. */
	if (hsm_output_ask(&session->output, "\"%s\": send it from %s?", show(session, delivery),
			   session->settings.environment) && !hsm_interrupted)
		return 0;
	return hsm_error_set(error, HSM_ERROR_FAILED, "not confirmed: nothing was sent");
}

static int print_body(struct hsm_sending *sending, const struct hsm_delivery *delivery, struct hsm_error *error)
{
	struct hsm_session *session = sending->session;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	log_changes(session, delivery);
	int rc = hsm_send_append_body(sending, &session->arena, delivery, &text, error);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return rc;
}

/* What somebody was asked about: name_sent. */
struct shown {
	const char *name;
};

/* It may have changed while he thought about it. */
static int check_shown(void *user, struct hsm_delivery *const *deliveries, size_t count, struct hsm_error *error)
{
	const struct shown *shown = user;
	const char *name = name_sent(deliveries[0]);
	(void)count;
	return strcmp(name, shown->name) == 0 ?
		       0 :
		       hsm_error_set(error, HSM_ERROR_STALE, "not sent: %s is in use now: run it again", name);
}

static int send_one(struct hsm_sending *sending, struct hsm_error *error)
{
	struct hsm_session *session = sending->session;
	struct hsm_delivery delivery = { .phone = session->options.to, .template = sending->template,
					 .language = sending->language, .text = session->options.text };
	int rc = read_values(session, &delivery, error);
	if (!rc)
		rc = hsm_delivery_fill_text(&session->arena, &delivery, error);
	if (!rc)
		rc = hsm_sender_prepare(&sending->sender, &session->arena, &delivery, 1, error);
	if (!rc)
		rc = explain(&delivery, error);
	if (rc)
		return rc;
	if (session->options.dry_run)
		return print_body(sending, &delivery, error);
	rc = confirm(session, &delivery, error);
	if (!rc)
		rc = hsm_token_make(delivery.token, error);
	if (rc)
		return rc;
	struct shown shown = { name_sent(&delivery) };
	sending->sender.begin = check_shown;
	sending->sender.begin_user = &shown;
	rc = hsm_sender_send(&sending->sender, &session->arena, &delivery, 1, error);
	if (!rc || delivery.state == HSM_ROW_BEGUN)
		rc = explain(&delivery, error);
	if (!rc)
		print_sent(session, &delivery);
	return rc;
}

int hsm_command_send(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_sending sending = { .session = session };
	int rc = check_options(&session->options, error);
	if (!rc)
		rc = prepare(&sending, error);
	if (!rc)
		rc = session->options.to ? send_one(&sending, error) : hsm_send_bulk(&sending, error);
	hsm_chooser_release(&sending.chooser);
	hsm_messenger_release(&sending.messenger);
	hsm_planning_release(&sending.planning);
	return rc;
}
