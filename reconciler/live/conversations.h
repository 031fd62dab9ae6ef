#ifndef HSM_CONVERSATIONS_H
#define HSM_CONVERSATIONS_H

#include "reconciler/live/messenger.h"

/* The messaging API's conversations: what sends a message, and tells what became of it. */

/* The body of the request, as it is sent. */
const char *hsm_send_write(struct hsm_arena *arena, const struct hsm_send *send);

/* LOST: look it up by its label. */
void hsm_conversation_send(struct hsm_connection *connection, const struct hsm_send *send, hsm_send_done *done,
			   void *user);

/*
 * The newest conversations with an address, at most 100, read afresh. None of them is
 * left out: where one can't be read, the whole is UNAVAILABLE. So unless has_older is set,
 * a label that is not among them is one that the API does not know, or not yet.
 */
void hsm_conversation_list(struct hsm_connection *connection, const char *phone, hsm_send_done *done, void *user);

#endif
