#ifndef HSM_ROUTING_H
#define HSM_ROUTING_H

#include <pthread.h>

#include "reconciler/lifecycle/registry.h"
#include "schema/json.h"
#include "schema/payload.h"

/*
 * Where buttons lead: what the payload of a tap means, by the routes that git has.
 * Made when the registry changes and read by any thread. Payloads are looked up by
 * their id, whatever data they carry.
 */

enum hsm_routing_state {
	HSM_ROUTING_UNKNOWN,   /* no template here has, or had, a button with that id */
	HSM_ROUTING_CURRENT,   /* it has a target; several templates may agree on it */
	HSM_ROUTING_STALE,     /* versions have, or had, such a button, and git gives it no route any more */
	HSM_ROUTING_AMBIGUOUS, /* several templates route it, and not to the same target */
};
extern const char *const hsm_routing_state_words[];

struct hsm_routing_place { /* an id in a template */
	const char *id, *base;
	const char *target; /* Architect's, or "none" where that is meant; NULL: stale */
};

struct hsm_routing {
	pthread_rwlock_t lock;
	struct hsm_arena arena; /* of the texts */
	struct hsm_routing_place *places; /* by id, then base */
	size_t place_count, place_capacity;
	const char **payloads; /* all that versions' buttons send, and the ids of routes; in order */
	size_t payload_count, payload_capacity;
	uint64_t generation; /* grows with every change */
};

void hsm_routing_begin(struct hsm_routing *routing);
void hsm_routing_end(struct hsm_routing *routing);

/* Looks at touched templates, and leaves that mark to hsm_answers_update. */
void hsm_routing_update(struct hsm_routing *routing, struct hsm_registry *registry);

/* The following with the lock held, to read at least. */

struct hsm_routing_answer {
	enum hsm_routing_state state;
	const struct hsm_routing_place *place;  /* CURRENT, STALE: the first by base; else NULL */
	const struct hsm_routing_place *places; /* with the id */
	size_t count;
};

/* base: in that template alone; NULL: in all. A template that has a target for it
 * comes before those where it is stale. */
struct hsm_routing_answer hsm_routing_find(const struct hsm_routing *routing, const char *id, const char *base);

/* Members of a JSON object for a payload that is known: payload, id, data; template and target,
 * or the candidates; state. */
void hsm_routing_write(struct hsm_json_writer *writer, const char *sent, const struct hsm_payload *payload,
		       const struct hsm_routing_answer *answer);

/* The row of a data table, in publication.h's columns, for one of the payloads. */
void hsm_routing_append_row(const struct hsm_routing *routing, const char *sent, struct hsm_buffer *buffer);

/* Everything, as GET /v1/routes has it. */
void hsm_routing_append(const struct hsm_routing *routing, struct hsm_buffer *buffer);

#endif
