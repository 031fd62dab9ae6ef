#include "schema/meta.h"

#include <string.h>

#include "schema/template.h"

struct writing {
	struct hsm_json_writer *writer;
	const char *const *handles; /* the next one; NULL: none */
};

bool hsm_meta_is_media(const struct hsm_wire_component *header)
{
	static const char *const formats[] = { "IMAGE", "VIDEO", "DOCUMENT", "GIF", NULL };
	return header->format.text && hsm_word_find(formats, header->format.text);
}

size_t hsm_meta_count_media(const struct hsm_list *components)
{
	size_t count = 0;
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		count += hsm_meta_is_media(component);
		for (size_t j = 0; j < component->cards.count; j++)
			count += hsm_meta_count_media(&HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components);
	}
	return count;
}

static const struct hsm_wire_parameter *parameter_at(const struct hsm_list *parameters, size_t number)
{
	return number && number <= parameters->count ? HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, number - 1) : NULL;
}

/* {{name}} for {{1}} where the parameter has one; its sample for it where `filled`. */
static void append_text(struct hsm_buffer *buffer, const char *text, const struct hsm_list *parameters, bool filled)
{
	while (*text) {
		const char *end;
		const struct hsm_wire_parameter *parameter =
			parameter_at(parameters, hsm_message_read_placeholder(text, &end));
		if (!parameter)
			hsm_buffer_append_char(buffer, *text++);
		else if (filled)
			hsm_buffer_append_string(buffer, hsm_message_parameter_sample(parameter));
		else if (parameter->name.text)
			hsm_buffer_append_format(buffer, "{{%s}}", parameter->name.text);
		else
			hsm_buffer_append(buffer, text, (size_t)(end - text));
		if (parameter)
			text = end;
	}
}

static void write_text(struct hsm_json_writer *writer, const char *key, const char *text,
		       const struct hsm_list *parameters)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	append_text(&buffer, text, parameters, false);
	hsm_json_write_string(writer, key, hsm_buffer_text(&buffer));
	hsm_buffer_release(&buffer);
}

static void write_named_samples(struct hsm_json_writer *writer, const char *key, const struct hsm_list *parameters)
{
	hsm_json_begin_array(writer, key);
	for (size_t i = 0; i < parameters->count; i++) {
		const struct hsm_wire_parameter *parameter = HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i);
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "param_name", parameter->name.text);
		hsm_json_write_string(writer, "example", hsm_message_parameter_sample(parameter));
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
}

static void write_samples(struct hsm_json_writer *writer, const char *key, const struct hsm_list *parameters)
{
	hsm_json_begin_array(writer, key);
	for (size_t i = 0; i < parameters->count; i++)
		hsm_json_write_string(writer, NULL, hsm_message_parameter_sample(
						    HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i)));
	hsm_json_end_array(writer);
}

static bool has_names(const struct hsm_list *parameters)
{
	return parameters->count && HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, 0)->name.text;
}

/* Of a body the samples of one message stand in a list of their own. */
static void write_example(struct hsm_json_writer *writer, bool body, const struct hsm_list *parameters)
{
	if (!parameters->count)
		return;
	hsm_json_begin_object(writer, "example");
	if (has_names(parameters)) {
		write_named_samples(writer, body ? "body_text_named_params" : "header_text_named_params", parameters);
	} else if (body) {
		hsm_json_begin_array(writer, "body_text");
		write_samples(writer, NULL, parameters);
		hsm_json_end_array(writer);
	} else {
		write_samples(writer, "header_text", parameters);
	}
	hsm_json_end_object(writer);
}

static void write_header(struct writing *writing, const struct hsm_wire_component *component)
{
	struct hsm_json_writer *writer = writing->writer;
	hsm_json_write_string(writer, "format", component->format.text ? component->format.text : "TEXT");
	if (component->text.text) {
		write_text(writer, "text", component->text.text, &component->parameters);
		write_example(writer, false, &component->parameters);
	}
	if (!writing->handles || !hsm_meta_is_media(component))
		return;
	hsm_json_begin_object(writer, "example");
	hsm_json_begin_array(writer, "header_handle");
	hsm_json_write_string(writer, NULL, *writing->handles++);
	hsm_json_end_array(writer);
	hsm_json_end_object(writer);
}

static void write_body(struct hsm_json_writer *writer, const struct hsm_wire_component *component)
{
	if (component->security_recommendation.present)
		hsm_json_write_boolean(writer, "add_security_recommendation", component->security_recommendation.value);
	if (!component->text.text)
		return;
	write_text(writer, "text", component->text.text, &component->parameters);
	write_example(writer, true, &component->parameters);
}

static void write_footer(struct hsm_json_writer *writer, const struct hsm_wire_component *component)
{
	if (component->code_expiration_minutes.present)
		hsm_json_write_integer(writer, "code_expiration_minutes", component->code_expiration_minutes.value);
	if (component->text.text)
		hsm_json_write_string(writer, "text", component->text.text);
}

static void write_optional(struct hsm_json_writer *writer, const char *key, const char *text)
{
	if (text)
		hsm_json_write_string(writer, key, text);
}

static void write_url(struct hsm_json_writer *writer, const struct hsm_wire_url *url)
{
	struct hsm_buffer sample = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const struct hsm_wire_parameter *first = parameter_at(&url->parameters, 1);
	write_optional(writer, "text", url->title.text);
	write_text(writer, "url", url->url.text ? url->url.text : "", &url->parameters);
	if (!first)
		return;
	/* An example is a whole address; a sample may be one itself. */
	if (strstr(hsm_message_parameter_sample(first), "://"))
		hsm_buffer_append_string(&sample, hsm_message_parameter_sample(first));
	else
		append_text(&sample, url->url.text, &url->parameters, true);
	hsm_json_begin_array(writer, "example");
	hsm_json_write_string(writer, NULL, hsm_buffer_text(&sample));
	hsm_json_end_array(writer);
	hsm_buffer_release(&sample);
}

static void write_otp(struct hsm_json_writer *writer, const struct hsm_wire_otp *otp)
{
	hsm_json_write_string(writer, "otp_type", otp->otp_type.text);
	write_optional(writer, "text", otp->title.text);
	write_optional(writer, "autofill_text", otp->autofill_title.text);
	/* compile.h takes no ZERO_TAP of a file that does not say so. */
	if (strcmp(otp->otp_type.text, "ZERO_TAP") == 0)
		hsm_json_write_boolean(writer, "zero_tap_terms_accepted", true);
	if (!otp->apps.count)
		return;
	hsm_json_begin_array(writer, "supported_apps");
	for (size_t i = 0; i < otp->apps.count; i++) {
		const struct hsm_wire_app *app = HSM_LIST_ITEM(otp->apps, struct hsm_wire_app, i);
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "package_name", app->package_name.text);
		hsm_json_write_string(writer, "signature_hash", app->signature_hash.text);
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
}

static void write_flow(struct hsm_json_writer *writer, const struct hsm_wire_flow *flow)
{
	write_optional(writer, "text", flow->title.text);
	write_optional(writer, "flow_id", flow->id.text);
	write_optional(writer, "flow_name", flow->name.text);
	write_optional(writer, "flow_json", flow->json.text);
	write_optional(writer, "flow_action", flow->action.text);
	write_optional(writer, "navigate_screen", flow->screen.text);
}

static void write_button(struct hsm_json_writer *writer, const struct hsm_wire_button *button)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "type", button->reply.node.present ? "QUICK_REPLY" : button->type.text);
	write_optional(writer, "text", button->reply.title.text);
	write_optional(writer, "text", button->plain.title.text);
	write_optional(writer, "text", button->phone_number.title.text);
	write_optional(writer, "phone_number", button->phone_number.phone_number.text);
	write_optional(writer, "example", button->copy_code.example.text);
	if (button->url.node.present)
		write_url(writer, &button->url);
	if (button->otp.node.present)
		write_otp(writer, &button->otp);
	if (button->flow.node.present)
		write_flow(writer, &button->flow);
	hsm_json_end_object(writer);
}

static void write_buttons(struct hsm_json_writer *writer, const struct hsm_list *buttons)
{
	hsm_json_begin_array(writer, "buttons");
	for (size_t i = 0; i < buttons->count; i++)
		write_button(writer, HSM_LIST_ITEM(*buttons, struct hsm_wire_button, i));
	hsm_json_end_array(writer);
}

static void write_limited_time_offer(struct hsm_json_writer *writer, const struct hsm_wire_component *component)
{
	hsm_json_begin_object(writer, "limited_time_offer");
	write_optional(writer, "text", component->text.text);
	hsm_json_write_boolean(writer, "has_expiration", component->has_expiration.value);
	hsm_json_end_object(writer);
}

static void write_components(struct writing *writing, const struct hsm_list *components);

static void write_cards(struct writing *writing, const struct hsm_list *cards)
{
	hsm_json_begin_array(writing->writer, "cards");
	for (size_t i = 0; i < cards->count; i++) {
		hsm_json_begin_object(writing->writer, NULL);
		write_components(writing, &HSM_LIST_ITEM(*cards, struct hsm_wire_card, i)->components);
		hsm_json_end_object(writing->writer);
	}
	hsm_json_end_array(writing->writer);
}

static void write_component(struct writing *writing, const struct hsm_wire_component *component)
{
	const char *type = component->type.text;
	hsm_json_begin_object(writing->writer, NULL);
	hsm_json_write_string(writing->writer, "type", type);
	if (strcmp(type, "HEADER") == 0)
		write_header(writing, component);
	else if (strcmp(type, "BODY") == 0)
		write_body(writing->writer, component);
	else if (strcmp(type, "FOOTER") == 0)
		write_footer(writing->writer, component);
	else if (strcmp(type, "BUTTONS") == 0)
		write_buttons(writing->writer, &component->buttons);
	else if (strcmp(type, "LIMITED_TIME_OFFER") == 0)
		write_limited_time_offer(writing->writer, component);
	else if (strcmp(type, "CAROUSEL") == 0)
		write_cards(writing, &component->cards);
	hsm_json_end_object(writing->writer);
}

static void write_components(struct writing *writing, const struct hsm_list *components)
{
	hsm_json_begin_array(writing->writer, "components");
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		if (strcmp(component->type.text, "OPTIONS") != 0)
			write_component(writing, component);
	}
	hsm_json_end_array(writing->writer);
}

static bool is_named(const struct hsm_list *components)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		if (has_names(&component->parameters))
			return true;
		for (size_t j = 0; j < component->cards.count; j++)
			if (is_named(&HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components))
				return true;
	}
	return false;
}

void hsm_meta_write(struct hsm_json_writer *writer, const struct hsm_list *components, const char *const *handles)
{
	struct writing writing = { writer, handles };
	const struct hsm_wire_component *options = hsm_content_find(components, "OPTIONS");
	hsm_json_write_string(writer, "parameter_format", is_named(components) ? "NAMED" : "POSITIONAL");
	write_components(&writing, components);
	if (options && options->sub_category.text)
		hsm_json_write_string(writer, "sub_category", options->sub_category.text);
	if (options && options->time_to_live.present)
		hsm_json_write_integer(writer, "message_send_ttl_seconds", options->time_to_live.value);
}
