#ifndef HSM_GENESYS_H
#define HSM_GENESYS_H

#include "reconciler/live/connection.h"
#include "schema/json.h"

/* Private to the Genesys backend: what reading and writing share. */

#define HSM_GENESYS_PAGE_SIZE 100 /* the API's largest */

/* A page of a list, as the API wraps it. */
struct hsm_genesys_page {
	struct hsm_node node;
	struct hsm_integer page_number, page_count, total;
	struct hsm_list entities;
};

/* The JSON of a 2xx answer, or an error that names the request. cJSON_Delete it. */
int hsm_genesys_parse(const struct hsm_http_answer *answer, cJSON **json, struct hsm_error *error);

/* A page's numbers and its entities, of `element`. */
int hsm_genesys_read_page(struct hsm_arena *arena, const struct hsm_http_answer *answer,
			  const struct hsm_field *element, size_t item_size, struct hsm_genesys_page *page,
			  struct hsm_error *error);

/* One template of an answer, with its content, in the arena; wire is used up. */
void hsm_genesys_convert_template(struct hsm_arena *arena, struct hsm_wire_template *wire,
				  struct hsm_live_template *template);

extern const struct hsm_field hsm_genesys_template_element;
extern const struct hsm_field hsm_genesys_webhook_element;

/* genesys_read.c, genesys_write.c */
int hsm_genesys_read(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		     void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error);
void hsm_genesys_create_template(struct hsm_connection *connection, const char *provider_id, const char *name,
				 const char *language, const char *category, const char *components,
				 hsm_write_done *done, void *user);
void hsm_genesys_find_template(struct hsm_connection *connection, const char *provider_id, const char *name,
			       const char *language, hsm_write_done *done, void *user);
void hsm_genesys_delete_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				 hsm_write_done *done, void *user);
void hsm_genesys_write_webhook(struct hsm_connection *connection, const char *id,
			       const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user);
void hsm_genesys_delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user);
void hsm_genesys_probe_write(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
			     void *user);

#endif
