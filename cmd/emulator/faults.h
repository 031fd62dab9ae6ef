#ifndef HSM_EMULATOR_FAULTS_H
#define HSM_EMULATOR_FAULTS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"

struct hsm_emu;
struct hsm_emu_request;

/*
 * METHOD:PATH:KIND[=ARGUMENT][:SELECTOR=N]...
 * README.md describes the kinds and selectors; faults.c has them as tables.
 */
enum hsm_emu_fault_kind {
	EMU_FAULT_RESET_BEFORE,
	EMU_FAULT_STATUS,
	EMU_FAULT_TOO_MANY,
	EMU_FAULT_HTML,
	EMU_FAULT_DEEP,
	EMU_FAULT_HUGE,
	EMU_FAULT_EXPIRE_TOKEN,
	EMU_FAULT_RESET_AFTER,
	EMU_FAULT_STATUS_AFTER,
	EMU_FAULT_TRUNCATE,
	EMU_FAULT_GARBAGE,
	EMU_FAULT_SLOW,
	EMU_FAULT_DELAY,
	EMU_FAULT_SHIFT_LISTING,
	EMU_FAULT_REWRITE,
	EMU_FAULT_UNKNOWN_STATUS,
	EMU_FAULT_NOISE,
	EMU_FAULT_GRAPH_ERROR,
	EMU_FAULT_CURSORS,
	EMU_FAULT_NUMBER_IDS,
	EMU_FAULT_LOWER_CASE,
	EMU_FAULT_UNKNOWN_PART,
	EMU_FAULT_MAX,
};

struct hsm_emu_fault {
	char *text; /* as it was given */
	char *method, *glob, *argument;
	enum hsm_emu_fault_kind kind;
	int64_t number; /* the argument, where it is one */
	int64_t at, times, every, retry_after;
	double probability;
	int64_t seen, hits;
};

struct hsm_emu_faults {
	struct hsm_emu_fault *faults;
	size_t count, capacity;
	uint64_t random;
};

int hsm_emu_fault_add(struct hsm_emu *emu, const char *text, struct hsm_error *error);
void hsm_emu_faults_clear(struct hsm_emu *emu);
const char *hsm_emu_fault_kind_name(const struct hsm_emu_fault *fault);

/* The next random number, from 0 to less than 1. */
double hsm_emu_faults_random(struct hsm_emu_faults *faults);

/* The fault that hits this request, or NULL. Every fault that matches counts it. */
const struct hsm_emu_fault *hsm_emu_faults_pick(struct hsm_emu *emu, const struct hsm_emu_request *request);

/* Does what the request's fault does before the server acts; true: instead of it. */
bool hsm_emu_fault_before(struct hsm_emu *emu, struct hsm_emu_request *request);

/* Spoils an answer that is ready. */
void hsm_emu_fault_after(struct hsm_emu *emu, struct hsm_emu_request *request);

/* A server that keeps something else than what it was sent: changes a text of an object, where it has one. */
void hsm_emu_fault_rewrite(const struct hsm_emu_fault *fault, cJSON *object, const char *key);

void hsm_emu_admin_add_faults(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_admin_clear_faults(struct hsm_emu *emu, struct hsm_emu_request *request);
void hsm_emu_faults_append(struct hsm_emu *emu, struct hsm_emu_request *request);

#endif
