#include "reconciler/flow/construct.h"

void hsm_construct_write_value(struct hsm_yaml_writer *writer, const char *key, const char *how, const char *text)
{
	hsm_yaml_begin(writer, key);
	if (text)
		hsm_yaml_write_text(writer, how, text);
	else
		hsm_yaml_write_boolean(writer, "noValue", true);
	hsm_yaml_end(writer);
}

void hsm_construct_begin_action(struct hsm_yaml_writer *writer, const char *kind, const char *name)
{
	hsm_yaml_begin_item(writer);
	hsm_yaml_begin(writer, kind);
	hsm_yaml_write_text(writer, "name", name);
}

void hsm_construct_end_action(struct hsm_yaml_writer *writer)
{
	hsm_yaml_end(writer);
	hsm_yaml_end_item(writer);
}

void hsm_construct_begin_outputs(struct hsm_yaml_writer *writer)
{
	hsm_yaml_begin(writer, "outputs");
}

void hsm_construct_end_outputs(struct hsm_yaml_writer *writer)
{
	hsm_yaml_end(writer);
	hsm_construct_end_action(writer);
}

void hsm_construct_begin_actions(struct hsm_yaml_writer *writer, const char *key)
{
	hsm_yaml_begin(writer, key);
	hsm_yaml_begin(writer, "actions");
}

void hsm_construct_end_actions(struct hsm_yaml_writer *writer)
{
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
}

void hsm_construct_begin_decision(struct hsm_yaml_writer *writer, const char *name, const char *condition)
{
	hsm_construct_begin_action(writer, "decision", name);
	hsm_construct_write_value(writer, "condition", "exp", condition);
}

void hsm_construct_write_variable(struct hsm_yaml_writer *writer, const char *name)
{
	hsm_yaml_begin_item(writer);
	hsm_yaml_begin(writer, "stringVariable");
	hsm_yaml_write_text(writer, "name", name);
	hsm_construct_write_value(writer, "initialValue", "lit", NULL);
	hsm_yaml_write_boolean(writer, "isInput", false);
	hsm_yaml_write_boolean(writer, "isOutput", false);
	hsm_yaml_end(writer);
	hsm_yaml_end_item(writer);
}

void hsm_construct_write_update(struct hsm_yaml_writer *writer, const char *name,
				const struct hsm_construct_pair *pairs, size_t count)
{
	hsm_construct_begin_action(writer, "updateData", name);
	hsm_yaml_begin(writer, "statements");
	for (size_t i = 0; i < count; i++) {
		hsm_yaml_begin_item(writer);
		hsm_yaml_begin(writer, "string");
		hsm_yaml_write_text(writer, "variable", pairs[i].name);
		hsm_construct_write_value(writer, "value", pairs[i].how, pairs[i].text);
		hsm_yaml_end(writer);
		hsm_yaml_end_item(writer);
	}
	hsm_yaml_end(writer);
	hsm_construct_end_action(writer);
}

static void write_attributes(struct hsm_yaml_writer *writer, const char *kind, const char *name,
			     const struct hsm_construct_pair *pairs, size_t count, bool into_variables)
{
	hsm_construct_begin_action(writer, kind, name);
	hsm_yaml_begin(writer, "attributes");
	for (size_t i = 0; i < count; i++) {
		hsm_yaml_begin_item(writer);
		hsm_yaml_begin(writer, "attribute");
		hsm_construct_write_value(writer, "name", "lit", pairs[i].name);
		if (into_variables)
			hsm_yaml_write_text(writer, "variable", pairs[i].text);
		else
			hsm_construct_write_value(writer, "value", pairs[i].how, pairs[i].text);
		hsm_yaml_end(writer);
		hsm_yaml_end_item(writer);
	}
	hsm_yaml_end(writer);
	hsm_construct_end_action(writer);
}

void hsm_construct_write_set(struct hsm_yaml_writer *writer, const char *name, const struct hsm_construct_pair *pairs,
			     size_t count)
{
	write_attributes(writer, "setParticipantData", name, pairs, count, false);
}

void hsm_construct_write_get(struct hsm_yaml_writer *writer, const char *name, const struct hsm_construct_pair *pairs,
			     size_t count)
{
	write_attributes(writer, "getParticipantData", name, pairs, count, true);
}

void hsm_construct_write_response(struct hsm_yaml_writer *writer, const char *expression)
{
	hsm_construct_begin_action(writer, "sendResponse", "Send Response");
	hsm_construct_write_value(writer, "messageBody", "exp", expression);
	hsm_construct_end_action(writer);
}

void hsm_construct_write_transfer(struct hsm_yaml_writer *writer, const char *queue)
{
	hsm_construct_begin_action(writer, "transferToAcd", "Transfer to ACD");
	hsm_yaml_begin(writer, "targetQueue");
	hsm_yaml_begin(writer, "lit");
	hsm_yaml_write_text(writer, "name", queue);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_yaml_begin(writer, "priority");
	hsm_yaml_write_integer(writer, "lit", 0);
	hsm_yaml_end(writer);
	hsm_construct_write_value(writer, "preferredAgents", "lit", NULL);
	hsm_construct_write_value(writer, "languageSkill", "lit", NULL);
	hsm_construct_end_action(writer);
}

void hsm_construct_write_bot(struct hsm_yaml_writer *writer, const char *flow)
{
	hsm_construct_begin_action(writer, "callBotFlow", "Call Bot Flow");
	hsm_construct_write_value(writer, "inputText", "exp", NULL);
	hsm_construct_write_value(writer, "exitReason", "var", NULL);
	hsm_construct_write_value(writer, "intent", "var", NULL);
	hsm_yaml_begin(writer, "botFlow");
	hsm_yaml_begin(writer, flow);
	hsm_yaml_begin(writer, "ver_latestPublished");
	hsm_yaml_write_boolean(writer, "none", true);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_construct_end_action(writer);
}

void hsm_construct_write_disconnect(struct hsm_yaml_writer *writer)
{
	hsm_construct_begin_action(writer, "disconnect", "Disconnect");
	hsm_construct_end_action(writer);
}

/* key: {name: {how: text}, ...} */
static void write_pairs(struct hsm_yaml_writer *writer, const char *key, const struct hsm_construct_pair *pairs,
			size_t count)
{
	hsm_yaml_begin(writer, key);
	for (size_t i = 0; i < count; i++)
		hsm_construct_write_value(writer, pairs[i].name, pairs[i].how, pairs[i].text);
	hsm_yaml_end(writer);
}

static void write_failure_outputs(struct hsm_yaml_writer *writer, const char *const *names)
{
	hsm_yaml_begin(writer, "failureOutputs");
	for (; *names; names++)
		hsm_construct_write_value(writer, *names, "var", NULL);
	hsm_yaml_end(writer);
}

void hsm_construct_begin_lookup(struct hsm_yaml_writer *writer, const char *name, const char *table, const char *key,
				const struct hsm_construct_pair *columns, size_t count)
{
	static const char *const failures[] = { "errorType", "errorMessage", NULL };
	hsm_construct_begin_action(writer, "dataTableLookup", name);
	hsm_construct_write_value(writer, "lookupValue", "exp", key);
	hsm_yaml_begin(writer, "dataTable");
	hsm_yaml_begin(writer, table);
	write_pairs(writer, "foundOutputs", columns, count);
	write_failure_outputs(writer, failures);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
}

void hsm_construct_begin_call(struct hsm_yaml_writer *writer, const char *name, const char *category, const char *action,
			      const struct hsm_construct_pair *inputs, size_t input_count,
			      const struct hsm_construct_pair *answer, size_t answer_count)
{
	static const char *const failures[] = {
		"errorCode", "status", "correlationId", "entityId", "entityName", "userMessage", "userParamsMessage",
		"userParams.key", "userParams.value", "details.errorCode", "details.fieldName", "details.entityId",
		"details.entityName", NULL
	};
	hsm_construct_begin_action(writer, "callData", name);
	hsm_yaml_begin(writer, "timeout");
	hsm_yaml_begin(writer, "lit");
	hsm_yaml_write_integer(writer, "minutes", 1);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_yaml_begin(writer, "category");
	hsm_yaml_begin(writer, category);
	hsm_yaml_begin(writer, "dataAction");
	hsm_yaml_begin(writer, action);
	write_pairs(writer, "inputs", inputs, input_count);
	if (answer_count)
		write_pairs(writer, "successOutputs", answer, answer_count);
	write_failure_outputs(writer, failures);
	for (int level = 0; level < 4; level++)
		hsm_yaml_end(writer);
}

static void write_case(struct hsm_yaml_writer *writer, const struct hsm_construct_switch *cases, size_t index)
{
	struct hsm_buffer condition = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	cases->append_condition(cases->user, index, &condition);
	hsm_yaml_begin_item(writer);
	hsm_yaml_begin(writer, "case");
	hsm_construct_write_value(writer, "value", "exp", hsm_buffer_text(&condition));
	hsm_yaml_begin(writer, "actions");
	cases->write_case(cases->user, index);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_yaml_end_item(writer);
	hsm_buffer_release(&condition);
}

static void write_from(struct hsm_yaml_writer *writer, const struct hsm_construct_switch *cases, size_t first)
{
	size_t end = cases->count - first > cases->maximum ? first + cases->maximum : cases->count;
	hsm_construct_begin_action(writer, "switch", cases->name);
	hsm_yaml_begin(writer, "evaluate");
	hsm_yaml_begin(writer, "firstTrue");
	hsm_yaml_begin(writer, "cases");
	for (size_t i = first; i < end; i++)
		write_case(writer, cases, i);
	hsm_yaml_end(writer);
	hsm_construct_begin_actions(writer, "default");
	if (end < cases->count)
		write_from(writer, cases, end);
	else
		cases->write_default(cases->user);
	hsm_construct_end_actions(writer);
	hsm_yaml_end(writer);
	hsm_yaml_end(writer);
	hsm_construct_end_action(writer);
}

void hsm_construct_write_switch(struct hsm_yaml_writer *writer, const struct hsm_construct_switch *cases)
{
	write_from(writer, cases, 0);
}
