#ifndef HSM_GENESYS_H
#define HSM_GENESYS_H

#include <cjson/cJSON.h>

#include "reconciler/live/backend.h"
#include "reconciler/live/pages.h"
#include "reconciler/live/template_reader.h"

/* The Genesys messaging API: its paths, its templates, its writes. */

#define HSM_GENESYS_PROVIDERS "/api/v2/messaging/providers"
#define HSM_GENESYS_WEBHOOKS "/api/v2/messaging/webhooks"

const char *hsm_genesys_templates_path(struct hsm_arena *arena, const char *provider_id);

/* A copy of RFC 3339 as far as its shape: "2026-11-20T10:00:00", then a fraction and a
 * zone; else NULL. text may be NULL. */
const char *hsm_genesys_keep_time(struct hsm_arena *arena, const char *text);

int hsm_genesys_read_template(struct hsm_template_reader *reader, const cJSON *json,
			      struct hsm_live_template *template, struct hsm_error *error);

int hsm_genesys_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		     void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error);

/* Gives live the webhooks of a list (struct hsm_wire_webhook), whose texts must live as long. */
void hsm_genesys_keep_webhooks(struct hsm_live *live, const struct hsm_list *webhooks);

void hsm_genesys_create_template(struct hsm_connection *connection, const char *provider_id,
				 const struct hsm_template_create *create, hsm_write_done *done, void *user);
void hsm_genesys_find_template(struct hsm_connection *connection, const char *provider_id, const char *name,
			       const char *language, hsm_write_done *done, void *user);
void hsm_genesys_get_template(struct hsm_connection *connection, const char *provider_id, const char *id,
			      hsm_write_done *done, void *user);
void hsm_genesys_delete_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				 const char *name, hsm_write_done *done, void *user);
void hsm_genesys_write_webhook(struct hsm_connection *connection, const char *id,
			       const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user);
void hsm_genesys_delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done,
				void *user);
void hsm_genesys_probe_write(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
			     void *user);

enum hsm_http_verdict hsm_genesys_verdict(const struct hsm_http_answer *answer);
enum hsm_outcome hsm_genesys_judge(const struct hsm_http_answer *answer, const struct hsm_fault *fault,
				   enum hsm_error_class *class);

#endif
