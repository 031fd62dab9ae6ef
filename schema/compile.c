#include "schema/compile.h"

#include <ctype.h>
#include <string.h>

#include "schema/base/error.h"
#include "schema/base/text.h"
#include "schema/meta.h"
#include "schema/payload.h"
#include "schema/yaml.h"

#define COMPONENTS_MAX 9
#define NAMES_MAX 256
#define MEDIA_MAX 16 /* a header's, and ten cards' */

struct compiler {
	struct hsm_arena *arena;
	enum hsm_backend_word backend;
	const struct hsm_config *config;
	const struct hsm_environment *environment;
	const struct hsm_template *template;
	const char *language;
	struct hsm_findings *findings;
	const char *names[NAMES_MAX]; /* all so far */
	size_t name_count;
	size_t first; /* of the component, or of the URL button: it numbers its own */
	struct hsm_compiled_media media[MEDIA_MAX];
	size_t media_count;
};

static void refuse(struct compiler *compiler, struct hsm_mark mark, const char *what)
{
	hsm_findings_add(compiler->findings, HSM_RULE_BACKEND, mark,
			 "the messaging API of Genesys has no %s: leave it out, or take backend: meta", what);
}

/* What only Meta has. */
static void need_meta(struct compiler *compiler, struct hsm_mark mark, const char *what)
{
	if (compiler->backend != HSM_BACKEND_META)
		refuse(compiler, mark, what);
}

static size_t name_length(const char *text)
{
	size_t length = 0;
	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

const char *hsm_compile_variables(struct hsm_arena *arena, const struct hsm_config *config,
				  const struct hsm_environment *environment, const char *language,
				  const struct hsm_string *string, struct hsm_findings *findings)
{
	const char *text = string->text;
	if (!strstr(text, "${"))
		return text;
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_YAML_SIZE_MAX);
	size_t errors = findings->errors;
	for (const char *c = text; *c;) {
		if (strncmp(c, "$${", 3) == 0) {
			hsm_buffer_append_string(&buffer, "${");
			c += 3;
			continue;
		}
		if (strncmp(c, "${", 2) != 0) {
			hsm_buffer_append_char(&buffer, *c++);
			continue;
		}
		size_t length = name_length(c + 2);
		bool closed = length && c[2 + length] == '}';
		const char *value =
			closed ? hsm_config_find_variable(config, environment, c + 2, length, language) : NULL;
		struct hsm_mark mark = { 0 };
		if (!value)
			mark = hsm_yaml_mark_inside(string->mark, text, (size_t)(c - text), length + 2);
		if (!closed)
			hsm_findings_add(findings, HSM_RULE_VARIABLE, mark,
					 "a variable is ${name}; write $${ for a literal ${");
		else if (!value)
			hsm_findings_add(findings, HSM_RULE_VARIABLE, mark,
					 "hsmctl.yaml has no variable '%.*s' for %s%s%s", (int)length, c + 2, language,
					 environment ? " in " : "", environment ? environment->node.key.text : "");
		else
			hsm_buffer_append_string(&buffer, value);
		c += 2 + length + (c[2 + length] == '}');
	}
	if (buffer.full)
		hsm_findings_add(findings, HSM_RULE_VARIABLE, string->mark, "too long once variables are replaced");
	const char *result = errors == findings->errors ? hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length) :
							   NULL;
	hsm_buffer_release(&buffer);
	return result;
}

static const char *replace_variables(struct compiler *compiler, const struct hsm_string *string)
{
	return hsm_compile_variables(compiler->arena, compiler->config, compiler->environment, compiler->language,
				     string, compiler->findings);
}

/* The number of a parameter in its component: by first appearance. 0 where the
 * message has too many. */
static size_t number_parameter(struct compiler *compiler, const char *name)
{
	for (size_t i = compiler->first; i < compiler->name_count; i++)
		if (strcmp(compiler->names[i], name) == 0)
			return i - compiler->first + 1;
	if (compiler->name_count == NAMES_MAX)
		return 0;
	compiler->names[compiler->name_count++] = name;
	return compiler->name_count - compiler->first;
}

/* The parameter of the placeholder at text + offset; NULL and a finding where it
 * is none. *length is the placeholder's. */
static const struct hsm_parameter *read_placeholder(struct compiler *compiler, const struct hsm_string *string,
						    const char *text, size_t offset, size_t *length)
{
	const char *name = text + offset + 2;
	size_t name_size = name_length(name);
	bool closed = strncmp(name + name_size, "}}", 2) == 0;
	*length = 2 + name_size + (closed ? 2 : 0);
	const struct hsm_parameter *parameter =
		closed && name_size ? hsm_template_find_parameter(compiler->template, name, name_size) : NULL;
	if (parameter)
		return parameter;
	struct hsm_mark mark = hsm_yaml_mark_inside(string->mark, text, offset, *length);
	if (!closed || !name_size) {
		hsm_findings_add(compiler->findings, HSM_RULE_PLACEHOLDER, mark,
				 "a placeholder is exactly {{name}}, without spaces, of a parameter of this template");
		return NULL;
	}
	if (isdigit((unsigned char)*name))
		hsm_findings_add(compiler->findings, HSM_RULE_PLACEHOLDER, mark,
				 "parameters have names here: declare one under 'parameters' and write {{name}} for "
				 "{{%.*s}}", (int)name_size, name);
	else
		hsm_findings_add(compiler->findings, HSM_RULE_PLACEHOLDER, mark,
				 "'%.*s' is not declared under 'parameters'", (int)name_size, name);
	return NULL;
}

static struct hsm_wire_parameter make_parameter(struct compiler *compiler, const struct hsm_parameter *parameter)
{
	int type = parameter->type.value ? parameter->type.value : HSM_PARAMETER_TEXT;
	struct hsm_wire_parameter wire = { .node.present = true };
	wire.type.text = hsm_parameter_type_words[type - 1];
	const struct hsm_string *given = hsm_string_by_key_find(&parameter->default_value, compiler->language);
	const char *value = given ? replace_variables(compiler, given) : NULL;
	if (!given)
		hsm_findings_add(compiler->findings, HSM_RULE_DEFAULT, parameter->node.key.mark,
				 "parameter '%s' has no default for %s", parameter->node.key.text, compiler->language);
	if (compiler->template->parameter_format.value == HSM_PARAMETER_FORMAT_NAMED)
		wire.name = parameter->node.key;
	switch ((enum hsm_parameter_type)type) {
	case HSM_PARAMETER_TEXT:
		wire.text.node.present = true;
		wire.text.default_value.text = value;
		break;
	case HSM_PARAMETER_DATE:
		wire.date.node.present = true;
		wire.date.default_value.text = value;
		break;
	case HSM_PARAMETER_DATE_TIME:
		wire.date_time.node.present = true;
		wire.date_time.default_value.text = value;
		break;
	case HSM_PARAMETER_CURRENCY:
		wire.currency.node.present = true;
		wire.currency.default_value.text = value;
		wire.currency.code = parameter->code;
		wire.currency.amount_1000 = parameter->amount_1000;
		if (!parameter->code.text || !parameter->amount_1000.present)
			hsm_findings_add(compiler->findings, HSM_RULE_MISSING_KEY, parameter->node.key.mark,
					 "a CURRENCY has 'code' and 'amount_1000' beside 'default'");
		break;
	}
	return wire;
}

/* "{{12}}": printf would take a tenth of validating a repository. */
static void append_number(struct hsm_buffer *buffer, size_t number)
{
	hsm_buffer_append_string(buffer, "{{");
	for (size_t unit = number < 10 ? 1 : number < 100 ? 10 : 100; unit; unit /= 10)
		hsm_buffer_append_char(buffer, (char)('0' + number / unit % 10));
	hsm_buffer_append_string(buffer, "}}");
}

/* The text with {{1}} for {{name}}, and the parameters that it numbers. */
static const char *compile_text(struct compiler *compiler, const struct hsm_string *string,
				struct hsm_list *parameters)
{
	compiler->first = compiler->name_count;
	const char *text = replace_variables(compiler, string);
	if (!text || !strstr(text, "{{"))
		return text;
	struct hsm_wire_parameter *items = NULL;
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t at = 0; text[at];) {
		const char *open = strstr(text + at, "{{");
		size_t plain = open ? (size_t)(open - text) - at : strlen(text + at);
		hsm_buffer_append(&buffer, text + at, plain);
		at += plain;
		if (!open)
			break;
		size_t length, known = compiler->name_count;
		const struct hsm_parameter *parameter = read_placeholder(compiler, string, text, at, &length);
		size_t number = parameter ? number_parameter(compiler, parameter->node.key.text) : 0;
		if (parameter && !number)
			hsm_findings_add(compiler->findings, HSM_RULE_PLACEHOLDER, string->mark,
					 "more than %d parameters in one message", NAMES_MAX);
		if (compiler->name_count > known) {
			if (!items)
				items = hsm_arena_allocate_array(compiler->arena, compiler->template->parameters.count,
								 sizeof(*items));
			items[number - 1] = make_parameter(compiler, parameter);
		}
		append_number(&buffer, number);
		at += length;
	}
	size_t count = compiler->name_count - compiler->first;
	*parameters = (struct hsm_list){ .items = items, .count = count, .present = count > 0 };
	text = hsm_arena_copy(compiler->arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

/* A sample: of Genesys an address, of Meta a file that is uploaded. */
static const char *compile_media(struct compiler *compiler, const char *format, const struct hsm_string *media)
{
	const char *text = replace_variables(compiler, media);
	if (!text || compiler->backend != HSM_BACKEND_META)
		return text;
	if (strstr(text, "://"))
		hsm_findings_add(compiler->findings, HSM_RULE_BACKEND, media->mark,
				 "Meta takes no address of a sample: put the file into the repository, and its path here");
	if (compiler->media_count < MEDIA_MAX)
		compiler->media[compiler->media_count++] = (struct hsm_compiled_media){ format, { text, media->mark } };
	return text;
}

static struct hsm_wire_component compile_header(struct compiler *compiler, const struct hsm_header *header)
{
	struct hsm_wire_component component = { .node.present = true, .type.text = "HEADER" };
	const struct {
		const struct hsm_string *media;
		const char *format;
	} kinds[] = { { &header->image, "IMAGE" }, { &header->video, "VIDEO" }, { &header->document, "DOCUMENT" } };
	if (header->text.text) {
		component.format.text = "TEXT";
		component.text.text = compile_text(compiler, &header->text, &component.parameters);
		return component;
	}
	component.format.text = header->product.present ? "PRODUCT" : "LOCATION";
	if (header->product.present)
		need_meta(compiler, header->product.mark, "product in a header");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!kinds[i].media->text)
			continue;
		component.format.text = kinds[i].format;
		component.media.text = compile_media(compiler, kinds[i].format, kinds[i].media);
	}
	return component;
}

/* What the button sends. A file says in one way what is on the wire. */
static const char *compile_payload(struct compiler *compiler, const struct hsm_button_reply *reply)
{
	const char *payload = hsm_payload_encode(compiler->arena, reply->id.text, &reply->data);
	if (!payload) {
		hsm_findings_add(compiler->findings, HSM_RULE_VALUE, reply->data.mark,
				 "'id' and 'data' make a token of more than %d characters: shorten them", HSM_PAYLOAD_SIZE_MAX);
		return NULL;
	}
	struct hsm_payload decoded = hsm_payload_decode(compiler->arena, payload);
	if (decoded.data.count && !reply->data.count)
		hsm_findings_add(compiler->findings, HSM_RULE_VALUE, reply->id.mark,
				 "this id is the token of %s: write 'id' and 'data'", decoded.text);
	return payload;
}

static struct hsm_wire_button compile_reply(struct compiler *compiler, const struct hsm_button_reply *reply)
{
	struct hsm_wire_button wire = { .node.present = true, .type.text = "REPLY", .reply.node.present = true };
	wire.reply.id.text = compile_payload(compiler, reply);
	wire.reply.title.text = replace_variables(compiler, &reply->title);
	return wire;
}

static void compile_apps(struct compiler *compiler, const struct hsm_list *apps, struct hsm_list *wire)
{
	*wire = (struct hsm_list){ .count = apps->count, .present = apps->count > 0 };
	wire->items = hsm_arena_allocate_array(compiler->arena, apps->count, sizeof(struct hsm_wire_app));
	for (size_t i = 0; i < apps->count; i++) {
		const struct hsm_app *app = HSM_LIST_ITEM(*apps, struct hsm_app, i);
		*HSM_LIST_ITEM(*wire, struct hsm_wire_app, i) = (struct hsm_wire_app){
			.node.present = true, .package_name = app->package_name, .signature_hash = app->signature_hash };
	}
}

static struct hsm_wire_button compile_otp(struct compiler *compiler, const struct hsm_button_otp *otp)
{
	struct hsm_wire_button wire = { .node.present = true, .type.text = "OTP", .otp.node.present = true };
	need_meta(compiler, otp->node.mark, "button for one-time passwords");
	wire.otp.otp_type.text = hsm_otp_type_words[otp->type.value - 1];
	wire.otp.title.text = replace_variables(compiler, &otp->title);
	if (otp->autofill_title.text)
		wire.otp.autofill_title.text = replace_variables(compiler, &otp->autofill_title);
	else if (otp->type.value != hsm_word_find(hsm_otp_type_words, "COPY_CODE"))
		hsm_findings_add(compiler->findings, HSM_RULE_MISSING_KEY, otp->node.mark,
				 "a button of type %s has 'autofill_title': Meta would write one", wire.otp.otp_type.text);
	if (otp->type.value == hsm_word_find(hsm_otp_type_words, "ZERO_TAP") && !otp->zero_tap_terms_accepted.value)
		hsm_findings_add(compiler->findings, HSM_RULE_MISSING_KEY, otp->node.mark,
				 "Meta refuses ZERO_TAP without 'zero_tap_terms_accepted: true': read its terms first");
	compile_apps(compiler, &otp->apps, &wire.otp.apps);
	return wire;
}

static struct hsm_wire_button compile_flow(struct compiler *compiler, const struct hsm_button_flow *flow)
{
	struct hsm_wire_button wire = { .node.present = true, .type.text = "FLOW", .flow.node.present = true };
	need_meta(compiler, flow->node.mark, "button that opens a WhatsApp Flow");
	if (!!flow->id.text + !!flow->name.text + !!flow->json.text != 1)
		hsm_findings_add(compiler->findings, HSM_RULE_MISSING_KEY, flow->node.mark,
				 "a flow is told by exactly one of 'id', 'name' and 'json'");
	wire.flow.title.text = replace_variables(compiler, &flow->title);
	wire.flow.id.text = flow->id.text ? replace_variables(compiler, &flow->id) : NULL;
	wire.flow.name.text = flow->name.text ? replace_variables(compiler, &flow->name) : NULL;
	wire.flow.json = flow->json;
	wire.flow.action = flow->action;
	wire.flow.screen = flow->screen;
	return wire;
}

static struct hsm_wire_button compile_plain_button(struct compiler *compiler, const struct hsm_button *button)
{
	struct hsm_wire_button wire = { .node.present = true, .plain.node.present = true };
	for (const struct hsm_plain_kind *kind = hsm_plain_kinds; kind->type; kind++) {
		const struct hsm_button_plain *plain =
			(const struct hsm_button_plain *)(const void *)((const char *)button + kind->offset);
		if (!plain->node.present)
			continue;
		wire.type.text = kind->type;
		wire.plain.title.text = replace_variables(compiler, &plain->title);
		need_meta(compiler, plain->node.mark, hsm_arena_format(compiler->arena, "button of type %s", kind->type));
	}
	return wire;
}

static struct hsm_wire_button compile_button(struct compiler *compiler, const struct hsm_button *button)
{
	struct hsm_wire_button wire = { .node.present = true };
	if (button->reply.node.present)
		return compile_reply(compiler, &button->reply);
	if (button->otp.node.present)
		return compile_otp(compiler, &button->otp);
	if (button->flow.node.present)
		return compile_flow(compiler, &button->flow);
	if (button->url.node.present) {
		wire.type.text = "URL";
		wire.url.node.present = true;
		wire.url.title.text = replace_variables(compiler, &button->url.title);
		wire.url.url.text = compile_text(compiler, &button->url.url, &wire.url.parameters);
	} else if (button->phone_number.node.present) {
		wire.type.text = "PHONE_NUMBER";
		wire.phone_number.node.present = true;
		wire.phone_number.title.text = replace_variables(compiler, &button->phone_number.title);
		wire.phone_number.phone_number.text = replace_variables(compiler, &button->phone_number.phone_number);
	} else if (button->copy_code.node.present) {
		wire.type.text = "COPY_CODE";
		wire.copy_code.node.present = true;
		wire.copy_code.example.text = replace_variables(compiler, &button->copy_code.example);
	} else {
		return compile_plain_button(compiler, button);
	}
	return wire;
}

static struct hsm_wire_component compile_buttons(struct compiler *compiler, const struct hsm_list *buttons)
{
	struct hsm_wire_component component = { .node.present = true, .type.text = "BUTTONS" };
	struct hsm_wire_button *items =
		hsm_arena_allocate_array(compiler->arena, buttons->count, sizeof(struct hsm_wire_button));
	for (size_t i = 0; i < buttons->count; i++)
		items[i] = compile_button(compiler, HSM_LIST_ITEM(*buttons, struct hsm_button, i));
	component.buttons = (struct hsm_list){ .items = items, .count = buttons->count, .present = true };
	return component;
}

static struct hsm_wire_component compile_plain(struct compiler *compiler, const char *type,
					       const struct hsm_string *text)
{
	struct hsm_wire_component component = { .node.present = true, .type.text = type };
	component.text.text = compile_text(compiler, text, &component.parameters);
	return component;
}

/* What stands in a message and in each card of a carousel. */
static size_t compile_parts(struct compiler *compiler, const struct hsm_header *header, const struct hsm_string *body,
			    const struct hsm_string *footer, const struct hsm_list *buttons,
			    struct hsm_wire_component *components)
{
	size_t count = 0;
	if (header->node.present)
		components[count++] = compile_header(compiler, header);
	if (body->text)
		components[count++] = compile_plain(compiler, "BODY", body);
	if (footer->text)
		components[count++] = compile_plain(compiler, "FOOTER", footer);
	if (buttons->count)
		components[count++] = compile_buttons(compiler, buttons);
	return count;
}

static struct hsm_wire_component compile_carousel(struct compiler *compiler, const struct hsm_list *carousel)
{
	static const struct hsm_string no_footer;
	struct hsm_wire_component component = { .node.present = true, .type.text = "CAROUSEL" };
	struct hsm_wire_card *cards =
		hsm_arena_allocate_array(compiler->arena, carousel->count, sizeof(struct hsm_wire_card));
	need_meta(compiler, carousel->mark, "carousel");
	for (size_t i = 0; i < carousel->count; i++) {
		const struct hsm_card *card = HSM_LIST_ITEM(*carousel, struct hsm_card, i);
		struct hsm_list *list = &cards[i].components;
		cards[i].node.present = list->present = true;
		list->items = hsm_arena_allocate_array(compiler->arena, COMPONENTS_MAX, sizeof(struct hsm_wire_component));
		list->count = compile_parts(compiler, &card->header, &card->body, &no_footer, &card->buttons, list->items);
	}
	component.cards = (struct hsm_list){ .items = cards, .count = carousel->count, .present = true };
	return component;
}

static size_t compile_authentication(struct compiler *compiler, const struct hsm_translation *translation,
				     struct hsm_wire_component *components)
{
	const struct hsm_authentication *authentication = &translation->authentication;
	size_t count = 0;
	need_meta(compiler, authentication->node.mark, "text of its own for one-time passwords");
	if (translation->body.text || translation->footer.text)
		hsm_findings_add(compiler->findings, HSM_RULE_VALUE, authentication->node.mark,
				 "with 'authentication' Meta writes the body and the footer: leave them out");
	components[count] = (struct hsm_wire_component){ .node.present = true, .type.text = "BODY" };
	components[count].security_recommendation = (struct hsm_boolean){
		.value = authentication->security_recommendation.value, .present = true };
	count++;
	if (authentication->code_expiration_minutes.present) {
		components[count] = (struct hsm_wire_component){ .node.present = true, .type.text = "FOOTER" };
		components[count++].code_expiration_minutes = authentication->code_expiration_minutes;
	}
	return count;
}

static struct hsm_wire_component compile_limited_time_offer(struct compiler *compiler,
							    const struct hsm_limited_time_offer *offer)
{
	struct hsm_wire_component component = { .node.present = true, .type.text = "LIMITED_TIME_OFFER" };
	need_meta(compiler, offer->node.mark, "limited-time offer");
	component.text.text = replace_variables(compiler, &offer->text);
	component.has_expiration = (struct hsm_boolean){ .value = offer->has_expiration.value, .present = true };
	return component;
}

/* What a template of Meta has beside its components. */
static size_t compile_options(struct compiler *compiler, struct hsm_wire_component *component)
{
	const struct hsm_template *template = compiler->template;
	if (template->parameter_format.value == HSM_PARAMETER_FORMAT_NAMED)
		need_meta(compiler, template->parameter_format.mark, "parameter with a name");
	if (!template->sub_category.value && !template->time_to_live.present)
		return 0;
	*component = (struct hsm_wire_component){ .node.present = true, .type.text = "OPTIONS" };
	component->time_to_live = template->time_to_live;
	if (template->time_to_live.present)
		need_meta(compiler, template->time_to_live.mark, "time to live");
	if (!template->sub_category.value)
		return 1;
	component->sub_category.text = hsm_sub_category_words[template->sub_category.value - 1];
	need_meta(compiler, template->sub_category.mark, "sub-category");
	return 1;
}

static size_t compile_components(struct compiler *compiler, const struct hsm_translation *translation,
				 struct hsm_wire_component *components)
{
	size_t count = 0;
	if (translation->authentication.node.present)
		count += compile_authentication(compiler, translation, components);
	count += compile_parts(compiler, &translation->header, &translation->body, &translation->footer,
			       &translation->buttons, components + count);
	if (translation->limited_time_offer.node.present)
		components[count++] = compile_limited_time_offer(compiler, &translation->limited_time_offer);
	if (translation->carousel.count)
		components[count++] = compile_carousel(compiler, &translation->carousel);
	return count + compile_options(compiler, &components[count]);
}

/* What compiled keeps, out of the compiler. */
static void keep(const struct compiler *compiler, struct hsm_compiled *compiled)
{
	struct hsm_arena *arena = compiler->arena;
	const char **names = hsm_arena_allocate_array(arena, compiler->name_count, sizeof(*names));
	struct hsm_compiled_media *media = hsm_arena_allocate_array(arena, compiler->media_count, sizeof(*media));
	if (compiler->name_count)
		memcpy(names, compiler->names, compiler->name_count * sizeof(*names));
	if (compiler->media_count)
		memcpy(media, compiler->media, compiler->media_count * sizeof(*media));
	compiled->names = names;
	compiled->name_count = compiler->name_count;
	compiled->media = media;
	compiled->media_count = compiler->media_count;
}

/* The buttons of a canonical content are in this order. */
static void list_payloads(const struct hsm_list *components, const char **payloads, size_t *count)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		for (size_t j = 0; j < component->buttons.count; j++) {
			const struct hsm_wire_button *button = HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, j);
			if (button->reply.node.present && payloads)
				payloads[*count] = button->reply.id.text;
			*count += button->reply.node.present;
		}
		for (size_t j = 0; j < component->cards.count; j++)
			list_payloads(&HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components, payloads, count);
	}
}

static void keep_payloads(struct hsm_arena *arena, const struct hsm_list *components, struct hsm_compiled *compiled)
{
	size_t count = 0;
	list_payloads(components, NULL, &count);
	const char **payloads = hsm_arena_allocate_array(arena, count, sizeof(*payloads));
	list_payloads(components, payloads, &compiled->payload_count);
	compiled->payloads = payloads;
}

int hsm_compile(struct hsm_arena *arena, enum hsm_backend_word backend, const struct hsm_config *config,
		const struct hsm_environment *environment, const struct hsm_template *template,
		const struct hsm_translation *translation, struct hsm_compiled *compiled,
		struct hsm_findings *findings)
{
	struct compiler compiler = { .arena = arena, .backend = backend, .config = config, .environment = environment,
				     .template = template, .language = translation->node.key.text,
				     .findings = findings };
	struct hsm_wire_component components[COMPONENTS_MAX];
	size_t errors = findings->errors, count = compile_components(&compiler, translation, components);
	if (errors != findings->errors)
		return HSM_ERROR_INVALID;
	if (!compiled)
		return 0;
	struct hsm_list list = { .items = components, .count = count, .present = true };
	*compiled = (struct hsm_compiled){ 0 };
	if (backend == HSM_BACKEND_META) {
		keep_payloads(arena, &list, compiled);
		hsm_meta_project(&list);
	}
	compiled->content = hsm_content_make(arena, &list);
	keep(&compiler, compiled);
	return 0;
}
