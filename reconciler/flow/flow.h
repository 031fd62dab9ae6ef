#ifndef HSM_FLOW_H
#define HSM_FLOW_H

#include "reconciler/desired/desired.h"

/*
 * An Architect flow for inbound messages, in Archy's YAML, from the templates in git:
 *
 * - a tap on a button goes where its route leads; one that is not known, or stale by
 *   the routes' table, to the default queue;
 * - the template that the participant data ask for is sent as it is now by the
 *   registry's table, or what stands in for it; in an open session its text is sent
 *   as a message, where that says the same: without buttons and media.
 *
 * Texts of templates stand in it, so it is written anew whenever they change. Nothing
 * here has been run through Archy: the comment on top says what it must confirm.
 */

#define HSM_FLOW_NAME_DEFAULT "hsmctl"
#define HSM_FLOW_QUEUE_DEFAULT "hsmctl_default"
#define HSM_FLOW_TABLE_DEFAULT "hsmctl_templates"
#define HSM_FLOW_ROUTES_TABLE_DEFAULT "hsmctl_routes"

/* A switch of Architect has 64 cases, its default among them: more stand in a switch
 * in its default. So many templates, or payloads, make a flow that people can open. */
#define HSM_FLOW_SWITCH_MAX 63
#define HSM_FLOW_CASES_MAX (16 * HSM_FLOW_SWITCH_MAX)

/* A route's target is a queue's name, "flow:" and a bot flow's, or this: it leads nowhere. */
#define HSM_FLOW_TARGET_FLOW "flow:"
#define HSM_FLOW_TARGET_NONE "none"

/* A data table; of several what their names begin with, as publication.h spreads them. */
struct hsm_flow_table {
	const char *name;
	size_t tables;
};

struct hsm_flow_options {
	const char *name;     /* of the flow */
	const char *queue;    /* of the default branch */
	const char *language; /* of customers that no translation fits, where a template has it; NULL: its first by name */
	struct hsm_flow_table templates, routes;
};

/*
 * Appends the flow of these templates, by name, at least one. The same bytes for the
 * same input. HSM_ERROR_INVALID where a payload leads to two targets: a flow sees the
 * payload alone; HSM_ERROR_FAILED where there are more cases than a flow may have.
 */
int hsm_flow_append(const struct hsm_desired_template *const *templates, size_t count,
		    const struct hsm_flow_options *options, struct hsm_buffer *buffer, struct hsm_error *error);

#endif
