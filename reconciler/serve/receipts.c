#include "reconciler/serve/receipts.h"

#include <stdlib.h>

#include "schema/base/memory.h"

#define RECEIPTS_MAX 100000

struct hsm_receipt_item {
	char *token, *name, *language;
	enum hsm_receipt_fate fate;
	int64_t code;
	struct hsm_receipt_item *next;
};

void hsm_receipts_init(struct hsm_receipts *receipts)
{
	*receipts = (struct hsm_receipts){ 0 };
	pthread_mutex_init(&receipts->mutex, NULL);
}

static void drop(void *user, const struct hsm_receipt *receipt)
{
	(void)user;
	(void)receipt;
}

void hsm_receipts_release(struct hsm_receipts *receipts)
{
	hsm_receipts_take(receipts, drop, NULL);
	pthread_mutex_destroy(&receipts->mutex);
}

void hsm_receipts_add(struct hsm_receipts *receipts, const struct hsm_receipt *items, size_t count)
{
	pthread_mutex_lock(&receipts->mutex);
	for (size_t i = 0; i < count && receipts->count < RECEIPTS_MAX; i++) {
		struct hsm_receipt_item *item = hsm_memory_allocate(sizeof(*item));
		*item = (struct hsm_receipt_item){
			.token = hsm_memory_copy_string(items[i].token), .name = hsm_memory_copy_string(items[i].name),
			.language = hsm_memory_copy_string(items[i].language), .fate = items[i].fate, .code = items[i].code,
			.next = receipts->first,
		};
		receipts->first = item;
		receipts->count++;
	}
	pthread_mutex_unlock(&receipts->mutex);
}

void hsm_receipts_take(struct hsm_receipts *receipts, void (*take)(void *user, const struct hsm_receipt *receipt),
		       void *user)
{
	pthread_mutex_lock(&receipts->mutex);
	struct hsm_receipt_item *item = receipts->first;
	receipts->first = NULL;
	receipts->count = 0;
	pthread_mutex_unlock(&receipts->mutex);
	for (struct hsm_receipt_item *next; item; item = next) {
		next = item->next;
		take(user, &(struct hsm_receipt){ item->token, item->name, item->language, item->fate, item->code });
		free(item->token);
		free(item->name);
		free(item->language);
		free(item);
	}
}
