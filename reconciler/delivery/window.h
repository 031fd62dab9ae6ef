#ifndef HSM_DELIVERY_WINDOW_H
#define HSM_DELIVERY_WINDOW_H

#include "reconciler/live/conversations.h"

/*
 * Whether a free-form message may be sent now, by the conversations with the customer:
 * the session's status where it is told, and the time of his last message. skew: seconds
 * that the server's clock is ahead of ours. Closed where nothing tells.
 */
bool hsm_window_is_open(const struct hsm_conversation *conversations, size_t count, int64_t now, double skew);

#endif
