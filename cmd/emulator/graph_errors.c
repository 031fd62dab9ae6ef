#include "cmd/emulator/graph_errors.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"

#define SEND_CODES 130000 /* from here on a code is about messages */

/* What Meta's numbers come with. Others: 400, OAuthException, not transient. */
static const struct number {
	int code;
	unsigned status; /* 0: as it was to be */
	bool transient;
	const char *type;
} numbers[] = {
	{ 1, 0, true, "OAuthException" },
	{ 2, 0, true, "OAuthException" },
	{ 4, 429, true, "OAuthException" },
	{ 10, 403, false, "OAuthException" },
	{ 33, 400, false, "GraphMethodException" },
	{ 100, 0, false, "OAuthException" },
	{ 190, 401, false, "OAuthException" },
	{ 200, 403, false, "OAuthException" },
	{ 80007, 400, true, "OAuthException" },
	{ 80008, 400, true, "OAuthException" },
	{ 130429, 429, true, "OAuthException" },
	{ 132001, 404, false, "OAuthException" },
};

/*
 * The contract's codes, and those of graph_rules.c. A row with a title has words for
 * the user: they come in the language of --graph-locale, so nobody can go by them.
 */
static const struct reason {
	const char *name;
	int code, subcode;
	const char *title, *title_pt, *message_pt;
} reasons[] = {
	{ "authentication.required", 190, 0, NULL, NULL, NULL },
	{ "bad.credentials", 190, 463, NULL, NULL, NULL },
	{ "not.authorized", 200, 0, NULL, NULL, NULL },
	{ "not.authorized.messaging", 10, 0, NULL, NULL, NULL },
	{ "not.found", 100, 33, NULL, NULL, NULL },
	{ "method.not.allowed", 100, 33, NULL, NULL, NULL },
	{ "too.many.requests.retry.after", 4, 2446079, NULL, NULL, NULL },
	{ "too.many.messages", 130429, 0, NULL, NULL, NULL },
	{ "too.many.calls", 80008, 0, NULL, NULL, NULL },
	{ "messaging.template.hourly.limit", 80007, 0, NULL, NULL, NULL },
	{ "internal.server.error", 2, 0, NULL, NULL, NULL },
	{ "messaging.template.limit", 100, 2388019, "Message Template Limit Exceeded", "Limite de modelos excedido",
	  "A conta atingiu o limite de modelos de mensagem." },
	{ "messaging.template.name.locked", 100, 2388023, "Message Template Language is Being Deleted",
	  "O idioma do modelo está sendo excluído",
	  "Não é possível adicionar novo conteúdo enquanto o conteúdo existente está sendo excluído. Tente novamente em 4 semanas." },
	{ "messaging.template.duplicate", 100, 2388024, "Content in This Language Already Exists",
	  "Já existe conteúdo neste idioma", "Já há conteúdo neste idioma para este modelo." },
	{ "graph.status", 100, 2388039, "Template Status Can't Be Changed", "Não é possível alterar o modelo",
	  "Este modelo está em análise ou já foi editado muitas vezes." },
	{ "value.too.long", 100, 2388040, "Character Limit Exceeded", "Limite de caracteres excedido",
	  "Um campo ultrapassou o limite de caracteres." },
	{ "graph.example", 100, 2388043, "Message Template Is Missing Sample Values", "Faltam exemplos no modelo",
	  "O modelo tem variáveis sem exemplos." },
	{ "graph.name", 100, 2388046, "Message Template Name is Not Valid", "O nome do modelo não é válido",
	  "O nome do modelo de mensagem só pode ter letras minúsculas e sublinhados." },
	{ "graph.header", 100, 2388047, "Message Header Format is Incorrect", "O formato do cabeçalho está incorreto",
	  "O cabeçalho do modelo tem um formato incorreto." },
	{ "graph.body", 100, 2388072, "Message Body Format is Incorrect", "O formato do corpo está incorreto",
	  "O corpo do modelo tem um formato incorreto." },
	{ "graph.footer", 100, 2388073, "Message Footer Format is Incorrect", "O formato do rodapé está incorreto",
	  "O rodapé do modelo tem um formato incorreto." },
	{ "graph.otp", 100, 2388148, "Authentication Template Needs One OTP Button", "O modelo precisa de um botão OTP",
	  "Um modelo de autenticação deve ter exatamente um botão OTP." },
	{ "graph.sample.name", 100, 2388155, "Template Name is a Sample Template's", "Nome de um modelo de exemplo",
	  "Este nome pertence a um modelo de exemplo." },
	{ "graph.ratio", 100, 2388293, "Too Many Variables for the Text", "Variáveis demais para o texto",
	  "O modelo tem variáveis demais para o seu tamanho." },
	{ "graph.edge", 100, 2388299, "Variables Can't Be at the Start or End", "Variáveis no início ou no fim",
	  "As variáveis não podem estar no início nem no fim do modelo." },
	{ "invalid.template", 100, 0, "Invalid Template", "Modelo inválido", "Um parâmetro do modelo é inválido." },
};

static const struct reason *find_reason(const char *name)
{
	for (size_t i = 0; name && i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strcmp(reasons[i].name, name) == 0)
			return &reasons[i];
	return NULL;
}

static const struct number *find_number(int code)
{
	static const struct number other = { 0, 400, false, "OAuthException" };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (numbers[i].code == code)
			return &numbers[i];
	return &other;
}

/* What the error is about: the first detail or else the code, whichever is known; a number is Meta's own. */
static struct reason read_reason(const cJSON *error)
{
	const cJSON *detail = hsm_emu_json_get(error, "details")->child;
	const char *const names[] = { hsm_emu_json_string(detail, "errorCode"), hsm_emu_json_string(error, "code") };
	for (size_t i = 0; i < 2; i++) {
		const struct reason *known = find_reason(names[i]);
		if (known)
			return *known;
		if (!names[i] || *names[i] < '0' || *names[i] > '9')
			continue;
		char *rest;
		struct reason reason = { .code = (int)strtol(names[i], &rest, 10) };
		reason.subcode = *rest == '/' ? (int)strtol(rest + 1, NULL, 10) : 0;
		return reason;
	}
	return (struct reason){ .code = 100 };
}

static void add_words(const struct hsm_emu *emu, cJSON *graph, const struct reason *reason, const char *message)
{
	bool portuguese = strncmp(emu->options.graph_locale, "pt", 2) == 0;
	cJSON_AddStringToObject(graph, "error_user_title", portuguese ? reason->title_pt : reason->title);
	cJSON_AddStringToObject(graph, "error_user_msg", portuguese ? reason->message_pt : message);
}

static void add_data(cJSON *graph, const struct reason *reason, const char *message, const char *field)
{
	if (reason->code >= SEND_CODES) {
		cJSON *data = cJSON_AddObjectToObject(graph, "error_data");
		cJSON_AddStringToObject(data, "messaging_product", "whatsapp");
		cJSON_AddStringToObject(data, "details", message);
	} else if (field && *field) {
		cJSON *specs = cJSON_AddArrayToObject(cJSON_AddObjectToObject(graph, "error_data"), "blame_field_specs");
		cJSON *spec = cJSON_CreateArray();
		cJSON_AddItemToArray(spec, cJSON_CreateString(field));
		cJSON_AddItemToArray(specs, spec);
	}
}

void hsm_emu_graph_error_translate(struct hsm_emu_request *request)
{
	const cJSON *error = request->error;
	const char *message = hsm_emu_json_string(error, "message");
	const char *field = hsm_emu_json_string(hsm_emu_json_get(error, "details")->child, "fieldName");
	struct reason reason = read_reason(error);
	const struct number *number = find_number(reason.code);
	cJSON *answer = cJSON_CreateObject(), *graph = cJSON_AddObjectToObject(answer, "error");
	struct hsm_buffer text = HSM_BUFFER_INIT(8192);
	if (reason.title)
		hsm_buffer_append_string(&text, "Invalid parameter");
	else if (reason.code >= SEND_CODES)
		hsm_buffer_append_format(&text, "(#%d) %s", reason.code, hsm_emu_outcome_text(reason.code));
	else if (reason.code == 190 || reason.subcode == 33)
		hsm_buffer_append_string(&text, message);
	else
		hsm_buffer_append_format(&text, "(#%d) %s", reason.code, message);
	cJSON_AddStringToObject(graph, "message", hsm_buffer_text(&text));
	cJSON_AddStringToObject(graph, "type", reason.subcode == 33 ? "GraphMethodException" : number->type);
	cJSON_AddNumberToObject(graph, "code", reason.code);
	if (reason.subcode)
		cJSON_AddNumberToObject(graph, "error_subcode", reason.subcode);
	cJSON_AddBoolToObject(graph, "is_transient", number->transient);
	if (reason.title)
		add_words(request->emu, graph, &reason, message);
	add_data(graph, &reason, message, field);
	hsm_buffer_clear(&text);
	hsm_buffer_append_format(&text, "A%.22s", request->correlation);
	cJSON_AddStringToObject(graph, "fbtrace_id", hsm_buffer_text(&text));
	hsm_buffer_release(&text);
	request->status = reason.subcode == 33 || reason.title ? 400 : number->status ? number->status : request->status;
	cJSON_Delete(request->error);
	request->error = answer;
}
