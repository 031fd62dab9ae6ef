#ifndef HSM_SEND_COMMAND_H
#define HSM_SEND_COMMAND_H

#include "cmd/hsmctl/planning.h"
#include "reconciler/delivery/bulk.h"
#include "reconciler/delivery/chooser.h"

/* What both ways of sending share. */
struct hsm_sending {
	struct hsm_session *session;
	struct hsm_planning planning;
	struct hsm_messenger messenger;
	struct hsm_chooser chooser;
	struct hsm_sender sender;
	const char *template, *language; /* language NULL: rows tell it */
};

/* send_bulk.c: --from */
int hsm_send_bulk(struct hsm_sending *sending, struct hsm_error *error);

/* A line of JSON: the body of the request that the delivery would be. */
int hsm_send_append_body(struct hsm_sending *sending, struct hsm_arena *arena, const struct hsm_delivery *delivery,
			 struct hsm_buffer *text, struct hsm_error *error);

#endif
