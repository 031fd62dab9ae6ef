/* The substitutions of a response: {{id}} in its header, its texts, the URLs of its buttons, and those of its cards. */
#include "cmd/emulator/placeholders.h"

#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/responses.h"
#include "cmd/emulator/sending.h"

static const cJSON *find(const cJSON *objects, const char *id)
{
	const cJSON *object;
	cJSON_ArrayForEach(object, objects)
		if (strcmp(hsm_emu_json_string(object, "id"), id) == 0)
			return object;
	return NULL;
}

static bool has_placeholder(const char *text, const char *id)
{
	struct hsm_buffer token = HSM_BUFFER_INIT(EMU_BODY_MAXIMUM);
	hsm_buffer_append_format(&token, "{{%s}}", id);
	bool found = strstr(text, hsm_buffer_text(&token)) != NULL;
	hsm_buffer_release(&token);
	return found;
}

static int count_substitutions(const cJSON *substitutions, const char *text)
{
	const cJSON *substitution;
	int count = 0;
	cJSON_ArrayForEach(substitution, substitutions)
		count += has_placeholder(text, hsm_emu_json_string(substitution, "id"));
	return count;
}

/* Texts that have their placeholders together. */
struct texts {
	struct hsm_buffer header, body, urls;
};

static void append_line(struct hsm_buffer *text, const char *line)
{
	hsm_buffer_append_format(text, "%s\n", line ? line : "");
}

static void append_urls(struct hsm_buffer *text, const cJSON *buttons)
{
	const cJSON *button;
	cJSON_ArrayForEach(button, buttons) {
		const char *type = hsm_emu_json_string(button, "type");
		if (type && strcmp(type, "Url") == 0)
			append_line(text, hsm_emu_json_string(button, "content"));
	}
}

static void collect_texts(const struct hsm_emu_document *response, struct texts *texts)
{
	const cJSON *whatsapp = hsm_emu_response_whatsapp(response), *text;
	*texts = (struct texts){ HSM_BUFFER_INIT(HSM_BUFFER_CAP), HSM_BUFFER_INIT(HSM_BUFFER_CAP),
				 HSM_BUFFER_INIT(HSM_BUFFER_CAP) };
	append_line(&texts->header, hsm_emu_json_string(hsm_emu_json_get(whatsapp, "header"), "content"));
	cJSON_ArrayForEach(text, hsm_emu_json_get(response->json, "texts"))
		append_line(&texts->body, hsm_emu_json_string(text, "content"));
	append_urls(&texts->urls, hsm_emu_json_get(whatsapp, "buttons"));
}

static void release_texts(struct texts *texts)
{
	hsm_buffer_release(&texts->header);
	hsm_buffer_release(&texts->body);
	hsm_buffer_release(&texts->urls);
}

static bool fail(struct hsm_emu_request *request, const char *code, const char *field, const char *message)
{
	hsm_emu_fail_detail(hsm_emu_fail(request, 400, "invalid.parameter", "%s", message), code, field);
	return false;
}

/* holder: what has the parameters under key. */
static bool check_text(struct hsm_emu_request *request, const cJSON *substitutions, const char *text,
		       const cJSON *holder, const char *path, const char *key)
{
	const cJSON *parameters = hsm_emu_json_get(holder, key), *parameter, *substitution;
	char field[128];
	int number = 0;
	cJSON_ArrayForEach(parameter, parameters) {
		const char *id = hsm_emu_json_string(parameter, "id");
		snprintf(field, sizeof(field), "%s.%s[%d]", path, key, number++);
		if (!find(substitutions, id) || !has_placeholder(text, id))
			return fail(request, "invalid.value", field, "The response has no such substitution there");
		if (find(parameters, id) != parameter)
			return fail(request, "duplicate.value", field, "A substitution has one value");
		if (!hsm_emu_sending_check_value(request, hsm_emu_json_get(parameter, "value"), NULL, field))
			return false;
	}
	snprintf(field, sizeof(field), "%s.%s", path, key);
	cJSON_ArrayForEach(substitution, substitutions) {
		const char *id = hsm_emu_json_string(substitution, "id");
		if (has_placeholder(text, id) && !find(parameters, id) &&
		    !hsm_emu_json_string(substitution, "defaultValue"))
			return fail(request, "132000", field, "A substitution without a default has no value");
	}
	return true;
}

static const cJSON *find_card(const cJSON *cards, int index)
{
	const cJSON *card;
	cJSON_ArrayForEach(card, cards)
		if (hsm_emu_json_number(card, "index", -1) == index)
			return card;
	return NULL;
}

static bool check_cards(struct hsm_emu_request *request, const cJSON *substitutions, const cJSON *cards,
			const cJSON *parameters)
{
	static const char path[] = "messagingTemplate.carouselParameters.cardParameters";
	const cJSON *card;
	int index = 0, used = 0;
	bool good = true;
	cJSON_ArrayForEach(card, cards) {
		char field[96];
		struct hsm_buffer urls = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		const char *body = hsm_emu_json_string(hsm_emu_json_get(card, "cardBodyText"), "content");
		const cJSON *given = find_card(parameters, index);
		snprintf(field, sizeof(field), "%s[%d]", path, index++);
		used += given != NULL;
		append_urls(&urls, hsm_emu_json_get(card, "buttons"));
		good = good && check_text(request, substitutions, body ? body : "", given, field, "bodyParameters") &&
		       check_text(request, substitutions, hsm_buffer_text(&urls), given, field, "buttonUrlParameters");
		hsm_buffer_release(&urls);
	}
	if (good && used != cJSON_GetArraySize(parameters))
		return fail(request, "invalid.value", path, "The response has no such card");
	return good;
}

bool hsm_emu_placeholders_check(struct hsm_emu_request *request, const struct hsm_emu_document *response,
				const cJSON *template)
{
	static const char path[] = "messagingTemplate";
	const cJSON *substitutions = hsm_emu_json_get(response->json, "substitutions");
	const cJSON *carousel = hsm_emu_json_get(hsm_emu_response_whatsapp(response), "carousel");
	const cJSON *cards = hsm_emu_json_get(hsm_emu_json_get(template, "carouselParameters"), "cardParameters");
	struct texts texts;
	collect_texts(response, &texts);
	bool good = check_text(request, substitutions, hsm_buffer_text(&texts.header), template, path, "headerParameters") &&
		    check_text(request, substitutions, hsm_buffer_text(&texts.body), template, path, "bodyParameters") &&
		    check_text(request, substitutions, hsm_buffer_text(&texts.urls), template, path,
			       "buttonUrlParameters") &&
		    check_cards(request, substitutions, hsm_emu_json_get(carousel, "cards"), cards);
	release_texts(&texts);
	return good;
}

/* Different variables of a text of Meta's; NULL has none. */
static int count_variables(const char *text)
{
	int count = 0;
	for (const char *at = text, *end; at && (at = strstr(at, "{{")) && (end = strstr(at, "}}")); at = end) {
		struct hsm_buffer token = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_buffer_append(&token, at, (size_t)(end + 2 - at));
		count += strstr(text, token.data) == at;
		hsm_buffer_release(&token);
	}
	return count;
}

static int count_component(const cJSON *components, const char *type)
{
	const cJSON *component, *button;
	int count = 0;
	cJSON_ArrayForEach(component, components) {
		const char *its = hsm_emu_json_string(component, "type");
		if (!its || strcmp(its, type) != 0)
			continue;
		count += count_variables(hsm_emu_json_string(component, "text"));
		cJSON_ArrayForEach(button, hsm_emu_json_get(component, "buttons")) {
			const cJSON *url = hsm_emu_json_get(button, "url"); /* an object in the seed's templates */
			count += count_variables(cJSON_IsObject(url) ? hsm_emu_json_string(url, "url") :
								       cJSON_GetStringValue(url));
		}
	}
	return count;
}

bool hsm_emu_placeholders_fit(const struct hsm_emu_document *response, const struct hsm_emu_template *template)
{
	const cJSON *substitutions = hsm_emu_json_get(response->json, "substitutions");
	const cJSON *whatsapp = hsm_emu_response_whatsapp(response);
	const char *header = hsm_emu_json_string(hsm_emu_json_get(whatsapp, "header"), "type");
	/* Meta writes the texts of the one, and has those of the other in cards. */
	if (strcmp(template->category, "AUTHENTICATION") == 0 || hsm_emu_json_get(whatsapp, "carousel"))
		return true;
	cJSON *components = cJSON_Parse(template->components);
	struct texts texts;
	collect_texts(response, &texts);
	bool is_media = header && strcmp(header, "Text") != 0;
	bool fits = (is_media || count_substitutions(substitutions, hsm_buffer_text(&texts.header)) ==
					 count_component(components, "HEADER")) &&
		    count_substitutions(substitutions, hsm_buffer_text(&texts.body)) == count_component(components, "BODY") &&
		    count_substitutions(substitutions, hsm_buffer_text(&texts.urls)) ==
			    count_component(components, "BUTTONS");
	release_texts(&texts);
	cJSON_Delete(components);
	return fits;
}
