/*
 * How many messages of four parameters one core sanitises and builds, in five languages and
 * scripts, beside the floor: NFC of the same bytes and nothing else. messages [COUNT]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>

#include "reconciler/delivery/message.h"

#define SETS 5000 /* of values, each its own day and amount */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const char *language, *body, *names[4], *items[3];
} languages[] = {
	{ "en_US", "Hi {{1}}, your {{2}} comes {{3}} and costs {{4}}.",
	  { "Ana", "John O'Neill", "Zoe\xcc\x88 Smith", "Renée  Dupont " }, { "coffee maker", "party set 🎉🎂", "lamp\t(white)" } },
	{ "ar_EG", "مرحبا {{1}}، {{2}} يصل في {{3}} بسعر {{4}}.",
	  { "محمد علي", "فاطمة الزهراء", "أ\xd8\xad\xd9\x8e\xd9\x85\xd8\xaf", "ليلى" }, { "آلة القهوة", "هدية 🎁", "مصباح أبيض" } },
	{ "hi", "नमस्ते {{1}}, आपका {{2}} {{3}} को आएगा, कीमत {{4}}।",
	  { "प्रिया शर्मा", "राजेश कुमार", "ज़ैनब", "\xe0\xa5\x98\xe0\xa4\xb0" }, { "कॉफ़ी मशीन", "उपहार 🎁❤️", "सफ़ेद लैंप" } },
	{ "zh_CN", "{{1}}您好，您的{{2}}将于{{3}}送达，价格{{4}}。", { "王小明", "李 娜", "欧阳 修", "陈\xe3\x80\x80静" },
	  { "咖啡机", "生日礼物🎂", "白色台灯" } },
	{ "es_ES", "Hola {{1}}, su {{2}} llega el {{3}} y cuesta {{4}}.",
	  { "José Núñez", "Mari\xcc\x81" "a", "Íñigo", "Ana" }, { "cafetera", "familia 👩‍👩‍👧 y bandera 🇪🇸", "lámpara" } },
};

struct set {
	struct hsm_form form;
	struct hsm_named_value values[4];
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time); /* others may use the machine, too */
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct hsm_named_value name_value(const char *name, const char *value)
{
	return (struct hsm_named_value){ name, value, strlen(value) };
}

static struct set *make_sets(struct hsm_arena *arena, const struct hsm_allowed *letters)
{
	struct set *sets = hsm_arena_allocate_array(arena, SETS, sizeof(*sets));
	for (size_t i = 0; i < SETS; i++) {
		size_t language = i % COUNT(languages);
		const struct hsm_slot slots[] = {
			{ "body", "name", HSM_PARAMETER_TEXT, .rules = { .max_length = 40, .allowed = letters } },
			{ "body", "item", HSM_PARAMETER_TEXT, .rules = { .max_length = 20, .truncate = true,
									 .emoji = HSM_EMOJI_STRIP } },
			{ "body", "eta", HSM_PARAMETER_DATE, .code = NULL },
			{ "body", "price", HSM_PARAMETER_CURRENCY, .code = "EUR" },
		};
		struct hsm_slot *kept = hsm_arena_allocate(arena, sizeof(slots));
		memcpy(kept, slots, sizeof(slots));
		sets[i].form = (struct hsm_form){ .name = "order_v1", .language = languages[language].language,
						  .slots = kept, .slot_count = COUNT(slots), .body = languages[language].body };
		sets[i].values[0] = name_value("name", languages[language].names[i % COUNT(languages[0].names)]);
		sets[i].values[1] = name_value("item", languages[language].items[i % COUNT(languages[0].items)]);
		sets[i].values[2] = name_value("eta", hsm_arena_format(arena, "2026-%02zu-%02zu", i % 12 + 1, i % 28 + 1));
		sets[i].values[3] = name_value("price", hsm_arena_format(arena, "%zu.%02zu", i, i % 100));
	}
	return sets;
}

/* How many a minute; 0: it failed. */
static double build_all(const struct set *sets, size_t count)
{
	struct hsm_arena arena = { 0 };
	struct hsm_built_message message;
	struct hsm_error error;
	double began = now();
	for (size_t i = 0; i < count; i++) {
		const struct set *set = &sets[i % SETS];
		if (hsm_message_build(&arena, &set->form, set->values, COUNT(set->values), &message, &error)) {
			fprintf(stderr, "%s: %s\n", set->form.language, error.message);
			return 0;
		}
		hsm_arena_clear(&arena);
	}
	hsm_arena_release(&arena);
	return (double)count * 60 / (now() - began);
}

static double normalize_all(const struct set *sets, size_t count)
{
	double began = now();
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < COUNT(sets->values); j++) {
			const struct hsm_named_value *value = &sets[i % SETS].values[j];
			utf8proc_uint8_t *composed = NULL;
			utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)value->value,
							     (utf8proc_ssize_t)value->length, &composed,
							     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
			if (size < 0)
				return 0;
			free(composed);
		}
	return (double)count * 60 / (now() - began);
}

int main(int argc, char *argv[])
{
	struct hsm_arena arena = { 0 };
	struct hsm_allowed *letters;
	struct hsm_error error;
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	if (!count || hsm_allowed_make(&letters, &arena, "[\\p{L}\\p{M}\\p{Zs}.'-]", &error))
		return 64;
	const struct set *sets = make_sets(&arena, letters);
	double built = build_all(sets, count), normalized = normalize_all(sets, count);
	hsm_arena_release(&arena);
	if (built <= 0 || normalized <= 0)
		return 1;
	printf("| messages of 4 parameters, sanitised and built on one core, beside their NFC alone: a minute "
	       "| %.1f M | %.1f M | x%.2f | 1 M |\n", built / 1e6, normalized / 1e6, built / normalized);
	return 0;
}
