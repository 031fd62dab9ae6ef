#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cmd/emulator/emulator.h"
#include "cmd/emulator/server.h"

#define EXIT_USAGE 64

/* 16 of the kernel's random bytes, a page of them at a time: ids are made often. */
static unsigned char *take_random(void)
{
	static unsigned char pool[4096];
	static size_t used = sizeof(pool);
	if (used == sizeof(pool)) {
		for (used = 0; used < sizeof(pool);) {
			ssize_t got = getrandom(pool + used, sizeof(pool) - used, 0);
			used += got > 0 ? (size_t)got : 0;
		}
		used = 0;
	}
	used += 16;
	return pool + used - 16;
}

/* 18 digits: more than 2^53, and less than 2^63. */
void hsm_emu_id_generate_number(char id[EMU_ID_SIZE])
{
	uint64_t number;
	memcpy(&number, take_random(), sizeof(number));
	snprintf(id, EMU_ID_SIZE, "%llu", (unsigned long long)(100000000000000000u + number % 800000000000000000u));
}

void hsm_emu_id_generate(char id[EMU_ID_SIZE])
{
	unsigned char *b = take_random();
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	static const char digits[] = "0123456789abcdef";
	char *to = id;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[b[i] >> 4];
		*to++ = digits[b[i] & 15];
	}
	*to = '\0';
}

void hsm_emu_fill_defaults(struct hsm_emu *emu)
{
	hsm_emu_organization_fill(emu);
	hsm_emu_graph_fill(emu);
	hsm_emu_seeds_fill(emu);
	emu->faults.random = emu->options.seed;
}

static bool load_clock(struct hsm_emu *emu, const char *id, uint64_t sequence, const char *json)
{
	(void)id;
	(void)sequence;
	emu->clock.offset = strtoll(json, NULL, 10);
	return true;
}

int hsm_emu_load(struct hsm_emu *emu, struct hsm_error *error)
{
	if (hsm_emu_store_load(emu, "clock", load_clock) && hsm_emu_organization_load(emu) && hsm_emu_graph_load(emu) &&
	    hsm_emu_oauth_load(emu) && hsm_emu_webhooks_load(emu) && hsm_emu_accounts_load(emu) &&
	    hsm_emu_conversations_load(emu) && hsm_emu_deliveries_load(emu) && hsm_emu_datatables_load(emu) &&
	    hsm_emu_collections_load(emu) && hsm_emu_seeds_load(emu))
		return 0;
	return hsm_error_set(error, HSM_ERROR_FAILED, "'%s' holds something that this emulator did not write",
			     emu->options.data);
}

static void release_state(struct hsm_emu *emu)
{
	hsm_emu_deliveries_clear(emu);
	hsm_emu_accounts_release(emu);
	hsm_emu_conversations_release(emu);
	hsm_emu_datatables_release(emu);
	hsm_emu_graph_release(emu);
	hsm_emu_collections_release(emu);
	hsm_emu_seeds_release(emu);
	hsm_emu_webhooks_release(emu);
	hsm_emu_oauth_release(emu);
	hsm_emu_organization_release(emu);
	hsm_emu_faults_clear(emu);
	hsm_emu_outcomes_clear(emu);
	hsm_emu_log_release(emu);
}

void hsm_emu_reset(struct hsm_emu *emu)
{
	release_state(emu);
	hsm_emu_store_clear(emu);
	emu->clock.offset = 0;
	hsm_emu_fill_defaults(emu);
}

static int open_all(struct hsm_emu *emu, int *port, struct hsm_error *error)
{
	int failed = hsm_emu_review_open(emu, emu->options.review, error);
	for (size_t i = 0; !failed && i < emu->options.faults.count; i++)
		failed = hsm_emu_fault_add(emu, emu->options.faults.items[i], error);
	if (!failed)
		failed = hsm_emu_deliveries_open(emu, error);
	if (!failed && emu->options.data)
		failed = hsm_emu_store_open(&emu->store, emu->options.data, error);
	hsm_emu_fill_defaults(emu);
	if (!failed)
		failed = hsm_emu_load(emu, error);
	return failed ? failed : hsm_emu_server_open(emu, port, error);
}

static void close_all(struct hsm_emu *emu)
{
	hsm_emu_server_close(emu);
	hsm_emu_store_commit(emu);
	hsm_emu_store_close(&emu->store);
	release_state(emu);
	hsm_emu_deliveries_close(emu);
	hsm_emu_review_close(emu);
	free(emu->clock.heap);
}

static int run(struct hsm_emu *emu, struct hsm_error *error)
{
	int port = 0, failed = open_all(emu, &port, error);
	if (!failed) {
		printf("genesys-emulator: listening on http://%s:%d\n", emu->options.listen, port);
		fflush(stdout);
		failed = hsm_emu_server_run(emu, error);
	}
	close_all(emu);
	return failed;
}

int main(int argc, char **argv)
{
	static struct hsm_emu emu;
	struct hsm_error error;
	int failed = hsm_emu_options_parse(&emu.options, argc, argv, &error);
	if (!failed && emu.options.help)
		hsm_emu_options_print_help();
	else if (!failed && emu.options.version)
		printf("genesys-emulator %s\n", HSM_VERSION);
	else if (!failed)
		failed = run(&emu, &error);
	hsm_emu_options_release(&emu.options);
	if (!failed)
		return 0;
	fprintf(stderr, "genesys-emulator: %s\n", error.message);
	if (failed == HSM_ERROR_USAGE)
		fprintf(stderr, "See genesys-emulator --help\n");
	return failed == HSM_ERROR_USAGE || failed == HSM_ERROR_CONFIG ? EXIT_USAGE : 1;
}
