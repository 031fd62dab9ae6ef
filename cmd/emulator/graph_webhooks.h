#ifndef HSM_EMULATOR_GRAPH_WEBHOOKS_H
#define HSM_EMULATOR_GRAPH_WEBHOOKS_H

#include "schema/base/buffer.h"

struct hsm_emu;
struct hsm_emu_request;
struct hsm_emu_template;
struct hsm_emu_waba;

void hsm_emu_graph_subscription_get(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_subscription_create(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_graph_subscription_delete(struct hsm_emu *emu, struct hsm_emu_request *request);

/* Tells the app that is subscribed, if there is one: a change of a field, whose value is JSON. */
void hsm_emu_graph_announce(struct hsm_emu *emu, const struct hsm_emu_waba *waba, const char *field,
			    const struct hsm_buffer *value);

/* event: APPROVED, PAUSED ... */
void hsm_emu_graph_announce_status(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *event,
				   const char *previous);
void hsm_emu_graph_announce_quality(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *previous,
				    const char *score);
/* It moved from previous to its category; or, where correct is not NULL, it will move there within a day. */
void hsm_emu_graph_announce_category(struct hsm_emu *emu, const struct hsm_emu_template *template, const char *previous,
				     const char *correct);
void hsm_emu_graph_announce_components(struct hsm_emu *emu, const struct hsm_emu_template *template);

#endif
