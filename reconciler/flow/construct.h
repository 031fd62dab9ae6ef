#ifndef HSM_FLOW_CONSTRUCT_H
#define HSM_FLOW_CONSTRUCT_H

#include "schema/yaml_write.h"

/*
 * The constructs of Archy's YAML that a flow is made of, as public flows show them. A
 * value is one of lit (itself), exp (an expression), var (a variable's name) and none.
 */

/* key: {<how>: text}; text NULL: {noValue: true} */
void hsm_construct_write_value(struct hsm_yaml_writer *writer, const char *key, const char *how, const char *text);

/* - kind: {name: name, ...} */
void hsm_construct_begin_action(struct hsm_yaml_writer *writer, const char *kind, const char *name);
void hsm_construct_end_action(struct hsm_yaml_writer *writer);

/* An action's outputs, if it shall have some: they end it. */
void hsm_construct_begin_outputs(struct hsm_yaml_writer *writer);
void hsm_construct_end_outputs(struct hsm_yaml_writer *writer);

/* key: {actions: [...]}, of an output or a switch's default. */
void hsm_construct_begin_actions(struct hsm_yaml_writer *writer, const char *key);
void hsm_construct_end_actions(struct hsm_yaml_writer *writer);

/* Outputs: yes, no. */
void hsm_construct_begin_decision(struct hsm_yaml_writer *writer, const char *name, const char *condition);

/* One variable that a flow keeps while it runs. */
void hsm_construct_write_variable(struct hsm_yaml_writer *writer, const char *name);

/* A name and a value. */
struct hsm_construct_pair {
	const char *name, *how, *text;
};

/* updateData: name is a variable's. */
void hsm_construct_write_update(struct hsm_yaml_writer *writer, const char *name,
				const struct hsm_construct_pair *pairs, size_t count);

/* setParticipantData, and getParticipantData into the variable that text names. */
void hsm_construct_write_set(struct hsm_yaml_writer *writer, const char *name, const struct hsm_construct_pair *pairs,
			     size_t count);
void hsm_construct_write_get(struct hsm_yaml_writer *writer, const char *name, const struct hsm_construct_pair *pairs,
			     size_t count);

void hsm_construct_write_response(struct hsm_yaml_writer *writer, const char *expression);
void hsm_construct_write_transfer(struct hsm_yaml_writer *writer, const char *queue);
void hsm_construct_write_bot(struct hsm_yaml_writer *writer, const char *flow);
void hsm_construct_write_disconnect(struct hsm_yaml_writer *writer);

/* A row of a data table: its columns go into variables (NULL: not wanted). Outputs: found, notFound, failure. */
void hsm_construct_begin_lookup(struct hsm_yaml_writer *writer, const char *name, const char *table, const char *key,
				const struct hsm_construct_pair *columns, size_t count);

/* A data action, what it gets, and the variables that its answer goes into. Outputs: success, failure, timeout. */
void hsm_construct_begin_call(struct hsm_yaml_writer *writer, const char *name, const char *category, const char *action,
			      const struct hsm_construct_pair *inputs, size_t input_count,
			      const struct hsm_construct_pair *answer, size_t answer_count);

/*
 * The first case whose condition is true, else the default. Where a switch would have
 * more than maximum cases, its default is another one with the rest.
 */
struct hsm_construct_switch {
	const char *name;
	size_t count, maximum;
	void *user;
	void (*append_condition)(void *user, size_t index, struct hsm_buffer *buffer);
	void (*write_case)(void *user, size_t index);
	void (*write_default)(void *user);
};
void hsm_construct_write_switch(struct hsm_yaml_writer *writer, const struct hsm_construct_switch *cases);

#endif
