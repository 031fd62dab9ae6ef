#include "reconciler/delivery/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"

void hsm_bulk_release(struct hsm_bulk *bulk)
{
	hsm_journal_close(bulk->journal);
	free(bulk->wrong);
	hsm_arena_release(&bulk->arena);
}

/* The row's values without its language. */
static void take_values(struct hsm_bulk *bulk, struct hsm_arena *arena, const struct hsm_recipient *recipient,
			struct hsm_delivery *delivery)
{
	struct hsm_named_value *values = hsm_arena_allocate_array(arena, recipient->value_count, sizeof(*values));
	delivery->values = values;
	for (size_t i = 0; i < recipient->value_count; i++) {
		const struct hsm_named_value *given = &recipient->values[i];
		const char *value = hsm_arena_copy(arena, given->value, given->length);
		if (!bulk->language_is_parameter && strcmp(given->name, HSM_LANGUAGE_COLUMN) == 0)
			delivery->language = value;
		else
			values[delivery->value_count++] = (struct hsm_named_value){
				hsm_arena_copy_string(arena, given->name), value, given->length };
	}
}

static int refuse(struct hsm_delivery *delivery, const char *reason)
{
	delivery->state = HSM_ROW_REFUSED;
	delivery->problem = HSM_ERROR_INVALID;
	delivery->reason = reason;
	return 0;
}

static int build(struct hsm_bulk *bulk, struct hsm_arena *arena, struct hsm_delivery *delivery, struct hsm_error *error)
{
	struct hsm_sender *sender = bulk->sender;
	int rc = sender->choose(sender->choose_user, delivery->template, delivery->language, false, &delivery->choice, error);
	if (rc == HSM_ERROR_NO_INPUT && delivery->language != bulk->language)
		return refuse(delivery, hsm_arena_copy_string(arena, error->message));
	if (rc)
		return rc;
	if (delivery->choice->kind == HSM_CHOICE_NONE)
		return hsm_error_set(error, HSM_ERROR_BLOCKED, "%s", delivery->choice->reason);
	if (delivery->choice->kind == HSM_CHOICE_WAIT && !sender->wait)
		return hsm_error_set(error, HSM_ERROR_TRY_LATER, "%s", delivery->choice->reason);
	if (delivery->choice->form.name &&
	    hsm_message_build(arena, &delivery->choice->form, delivery->values, delivery->value_count,
			      &delivery->message, error))
		refuse(delivery, hsm_message_describe_problems(arena, &delivery->message));
	return 0;
}

int hsm_bulk_read(struct hsm_bulk *bulk, struct hsm_arena *arena, const struct hsm_recipient *recipient,
		  struct hsm_delivery *delivery, struct hsm_error *error)
{
	struct hsm_error why;
	*delivery = (struct hsm_delivery){ .template = bulk->template, .language = bulk->language };
	delivery->phone = hsm_arena_copy_string(arena, recipient->phone);
	take_values(bulk, arena, recipient, delivery);
	if (!delivery->language)
		return refuse(delivery, "no language is given for it");
	delivery->text = bulk->text;
	if (hsm_delivery_fill_text(arena, delivery, &why))
		return refuse(delivery, hsm_arena_copy_string(arena, why.message));
	return build(bulk, arena, delivery, error);
}

/* Recipient, language and values. */
struct identity {
	char digits[33];
	size_t row;
};

static void identify(const struct hsm_delivery *delivery, size_t row, struct identity *identity)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char fingerprint[HSM_FINGERPRINT_SIZE];
	hsm_buffer_append_format(&text, "%s\n%s\n", delivery->phone, delivery->language ? delivery->language : "");
	for (size_t i = 0; i < delivery->value_count; i++) {
		hsm_buffer_append_format(&text, "%s %zu ", delivery->values[i].name, delivery->values[i].length);
		hsm_buffer_append(&text, delivery->values[i].value, delivery->values[i].length);
	}
	hsm_fingerprint_compute(hsm_buffer_text(&text), text.length, fingerprint);
	snprintf(identity->digits, sizeof(identity->digits), "%.32s", fingerprint);
	identity->row = row;
	hsm_buffer_release(&text);
}

static int compare_identities(const void *a, const void *b)
{
	const struct identity *left = a, *right = b;
	int order = strcmp(left->digits, right->digits);
	return order ? order : (left->row > right->row) - (left->row < right->row);
}

static void tell(struct hsm_bulk *bulk, const char *where, const char *what)
{
	struct hsm_arena arena = { 0 };
	bulk->wrong_count++;
	if (bulk->problem)
		bulk->problem(bulk->user, where ? hsm_arena_format(&arena, "%s: %s", where, what) : what);
	hsm_arena_release(&arena);
}

struct checking {
	struct hsm_bulk *bulk;
	struct identity *identities;
	size_t count, capacity; /* of identities */
	size_t wrong_capacity;
};

static void mark_row(struct checking *checking, bool wrong)
{
	struct hsm_bulk *bulk = checking->bulk;
	HSM_MEMORY_GROW(bulk->wrong, bulk->rows, checking->wrong_capacity);
	bulk->wrong[bulk->rows++] = wrong;
}

static int check_row(struct checking *checking, struct hsm_arena *arena, const struct hsm_recipient *recipient,
		     struct hsm_error *error)
{
	struct hsm_bulk *bulk = checking->bulk;
	struct hsm_delivery delivery;
	int rc = hsm_bulk_read(bulk, arena, recipient, &delivery, error);
	if (rc)
		return rc;
	bool wrong = delivery.state == HSM_ROW_REFUSED;
	if (wrong)
		tell(bulk, hsm_arena_format(arena, "%s:%zu", bulk->name, recipient->line), delivery.reason);
	mark_row(checking, wrong);
	HSM_MEMORY_GROW(checking->identities, checking->count, checking->capacity);
	identify(&delivery, bulk->rows, &checking->identities[checking->count++]);
	return 0;
}

/* A customer may get two messages of one template, but the same one twice is a mistake. */
static void find_doubles(struct checking *checking)
{
	struct hsm_bulk *bulk = checking->bulk;
	struct hsm_arena arena = { 0 };
	if (checking->count)
		qsort(checking->identities, checking->count, sizeof(*checking->identities), compare_identities);
	for (size_t i = 1; i < checking->count; i++) {
		const struct identity *before = &checking->identities[i - 1], *now = &checking->identities[i];
		if (strcmp(before->digits, now->digits) != 0 || bulk->wrong[now->row - 1])
			continue;
		bulk->wrong[now->row - 1] = true;
		tell(bulk, bulk->name, hsm_arena_format(&arena, "row %zu is the same as row %zu", now->row, before->row));
	}
	hsm_arena_release(&arena);
}

int hsm_bulk_check(struct hsm_bulk *bulk, struct hsm_error *error)
{
	struct checking checking = { .bulk = bulk };
	struct hsm_arena arena = { 0 };
	int rc = 0;
	hsm_recipients_rewind(bulk->recipients);
	while (!rc) {
		const struct hsm_recipient *recipient = NULL;
		struct hsm_error why;
		if (hsm_recipients_next(bulk->recipients, &recipient, &why)) {
			tell(bulk, NULL, why.message);
			mark_row(&checking, true);
		} else if (recipient) {
			rc = check_row(&checking, &arena, recipient, error);
		} else {
			break;
		}
		hsm_arena_clear(&arena);
	}
	if (!rc)
		find_doubles(&checking);
	free(checking.identities);
	hsm_arena_release(&arena);
	return rc;
}
