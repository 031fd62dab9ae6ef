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

static int prepare(struct hsm_sending *sending, struct hsm_error *error)
{
	struct hsm_session *session = sending->session;
	const char *name = session->options.arguments.items[0];
	if (!hsm_pattern_matches(&hsm_name_base_pattern, name))
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' is no template's name: name it without _vN", name);
	sending->template = name;
	int rc = hsm_planning_read(session, true, &sending->planning, error);
	if (!rc && session->settings.backend == HSM_BACKEND_META)
		rc = hsm_error_set(error, HSM_ERROR_CONFIG,
				   "environment '%s': messages go through Genesys, and its backend is meta: hsmctl can't send there",
				   session->settings.environment);
	if (!rc)
		rc = find_language(sending, error);
	if (!rc)
		rc = settle_registry(sending, error);
	sending->chooser = (struct hsm_chooser){ .connection = session->connection,
						 .provider_id = sending->planning.live.provider_id,
						 .registry = &sending->planning.registry };
	sending->sender = (struct hsm_sender){ .connection = session->connection,
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

void hsm_send_append_body(struct hsm_arena *arena, const struct hsm_delivery *delivery, struct hsm_buffer *text)
{
	struct hsm_send send = hsm_delivery_make_send(arena, delivery);
	hsm_buffer_append_string(text, hsm_send_write(arena, &send));
	hsm_buffer_append_char(text, '\n');
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
	if (delivery->choice && delivery->choice->fallback)
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "%s is sent instead: %s", delivery->message.name,
			       delivery->choice->reason);
}

/* What the customer reads. */
static const char *show(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	const struct hsm_form *form = delivery->as_text ? NULL : &delivery->choice->form;
	if (!form)
		return delivery->text;
	size_t first = 0;
	while (first < form->slot_count && strcmp(form->slots[first].component, "header") == 0)
		first++;
	return hsm_message_fill(&session->arena, &delivery->message, form->body, first);
}

static void print_sent(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer;
	const char *name = delivery->as_text ? "text" : delivery->message.name;
	if (session->options.format == HSM_FORMAT_JSON) {
		hsm_output_begin_json(&writer, &text);
		hsm_json_write_string(&writer, "state", hsm_row_state_words[delivery->state]);
		hsm_json_write_string(&writer, "sent", name);
		if (!delivery->as_text) {
			hsm_json_write_string(&writer, "language", delivery->message.language);
			hsm_json_write_string(&writer, "category", delivery->choice->category);
		}
		hsm_json_write_string(&writer, "conversation", delivery->conversation);
		if (delivery->message_id)
			hsm_json_write_string(&writer, "message", delivery->message_id);
		hsm_bulk_write_changes(&writer, &delivery->message);
		hsm_output_end_json(&writer);
	} else {
		hsm_buffer_append_format(&text, "Sent: %s%s%s, conversation ", name, delivery->as_text ? "" : " ",
					 delivery->as_text ? "" : delivery->message.language);
		hsm_text_append_printable_line(&text, delivery->conversation);
		hsm_buffer_append_char(&text, '\n');
	}
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}

/* What the provider bills it as: https://developers.facebook.com, pricing. */
static void log_cost(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	const char *category = delivery->choice ? delivery->choice->category : NULL;
	if (delivery->as_text)
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

static void print_body(struct hsm_session *session, const struct hsm_delivery *delivery)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	log_changes(session, delivery);
	hsm_send_append_body(&session->arena, delivery, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}

/* What somebody was asked about: a template's physical name; NULL: the text. */
struct shown {
	const char *name;
};

/* It may have changed while he thought about it. */
static int check_shown(void *user, struct hsm_delivery *const *deliveries, size_t count, struct hsm_error *error)
{
	const struct shown *shown = user;
	const char *name = deliveries[0]->as_text ? NULL : deliveries[0]->message.name;
	(void)count;
	if (!name == !shown->name && (!name || strcmp(name, shown->name) == 0))
		return 0;
	return hsm_error_set(error, HSM_ERROR_STALE, "not sent: %s is in use now: run it again", name ? name : "the text");
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
	if (session->options.dry_run) {
		print_body(session, &delivery);
		return 0;
	}
	rc = confirm(session, &delivery, error);
	if (!rc)
		rc = hsm_token_make(delivery.token, error);
	if (rc)
		return rc;
	struct shown shown = { delivery.as_text ? NULL : delivery.message.name };
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
	hsm_planning_release(&sending.planning);
	return rc;
}
