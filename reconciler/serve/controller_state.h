#ifndef HSM_CONTROLLER_STATE_H
#define HSM_CONTROLLER_STATE_H

#include "reconciler/serve/controller.h"
#include "reconciler/serve/dispatcher.h"
#include "reconciler/serve/publisher.h"

/* Private to serve. */

struct hsm_controller_counts {
	_Atomic uint64_t lookups, unknown, denied, forged, oversize, floods, malformed, accepted, unavailable;
};

struct hsm_tokens {
	char (*items)[HSM_TOKEN_MAX + 1];
	size_t count;
};

struct hsm_controller {
	struct hsm_controller_options options;
	struct hsm_keeper *keeper;
	_Atomic(struct hsm_follower *) follower;   /* the keeper's thread tells it of doubts */
	struct hsm_courier *courier;
	_Atomic(struct hsm_publisher *) publishers[HSM_PUBLICATION_MAX_]; /* NULL: none; the keeper's thread wakes them */
	struct hsm_dispatcher *dispatcher;
	struct hsm_server *server;
	struct hsm_controller_counts counts;
	int64_t started;
	/* secrets, each padded with zeros; read and written under the lock */
	pthread_rwlock_t lock;
	struct hsm_tokens tokens, send_tokens;
	char *webhook, *verify_token, *push;
};

/* routes.c: what the server is asked. */
enum MHD_Result hsm_controller_handle(void *user, struct hsm_request *request);

/* Whether the request carries a token that is right for it; constant time. */
bool hsm_controller_may_read(struct hsm_controller *controller, const struct hsm_request *request);
bool hsm_controller_may_send(struct hsm_controller *controller, const struct hsm_request *request);

/* webhooks.c: POST and GET /webhooks/whatsapp, POST /webhooks/push. */
enum MHD_Result hsm_controller_take_webhook(struct hsm_controller *controller, struct hsm_request *request);
enum MHD_Result hsm_controller_verify_webhook(struct hsm_controller *controller, struct hsm_request *request);
enum MHD_Result hsm_controller_take_push(struct hsm_controller *controller, struct hsm_request *request);

/* sends.c: POST /v1/send */
enum MHD_Result hsm_controller_take_send(struct hsm_controller *controller, struct hsm_request *request);

/* routing.c: GET /v1/routes and what is below it. */
#define HSM_ROUTES_PATH "/v1/routes/"
enum MHD_Result hsm_controller_get_route(struct hsm_controller *controller, struct hsm_request *request);
enum MHD_Result hsm_controller_list_routes(struct hsm_controller *controller, struct hsm_request *request);

/* metrics.c, status_page.c, openapi.c: what they answer. */
void hsm_controller_append_metrics(struct hsm_controller *controller, struct hsm_buffer *buffer);
/* events: the last ones, as a JSON array. */
void hsm_controller_append_page(struct hsm_controller *controller, const char *events, struct hsm_buffer *buffer);
void hsm_controller_append_openapi(struct hsm_buffer *buffer);

/* {"message": text} */
enum MHD_Result hsm_controller_refuse(struct hsm_request *request, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
