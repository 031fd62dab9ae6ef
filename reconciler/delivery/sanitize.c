#include "reconciler/delivery/sanitize.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "reconciler/delivery/emoji.h"
#include "schema/base/memory.h"
#include "schema/base/unicode.h"

const char *const hsm_sanitize_action_words[] = { "normalized", "replaced", "removed", "truncated", "rejected", NULL };

#define BLANKS_MAX 4
#define MARKS_MAX 30
#define DECOMPOSED_MAX 4 /* code points of one, by canonical decomposition */
#define FIRST_UNSTABLE 0x300 /* all below are NFC in any order */

struct characters {
	int32_t *points;
	uint32_t *positions; /* in the given value, from 1 */
	size_t count, capacity;
};

struct sanitizing {
	const struct hsm_sanitize_rules *rules;
	struct characters text;
	size_t changes;
	struct hsm_sanitize_note notes[HSM_SANITIZE_NOTES_MAX];
};

static struct characters make_characters(size_t capacity)
{
	return (struct characters){ .points = hsm_memory_resize(NULL, capacity, sizeof(int32_t)),
				    .positions = hsm_memory_resize(NULL, capacity, sizeof(uint32_t)),
				    .capacity = capacity };
}

static void release(struct characters *characters)
{
	free(characters->points);
	free(characters->positions);
}

static void put(struct characters *to, int32_t point, uint32_t position)
{
	if (to->count == to->capacity) {
		to->capacity *= 2;
		to->points = hsm_memory_resize(to->points, to->capacity, sizeof(*to->points));
		to->positions = hsm_memory_resize(to->positions, to->capacity, sizeof(*to->positions));
	}
	to->points[to->count] = point;
	to->positions[to->count++] = position;
}

static void note(struct sanitizing *sanitizing, enum hsm_sanitize_action action, size_t position, int32_t code_point)
{
	if (sanitizing->changes < HSM_SANITIZE_NOTES_MAX)
		sanitizing->notes[sanitizing->changes] =
			(struct hsm_sanitize_note){ action, position, (uint32_t)code_point };
	sanitizing->changes++;
}

static int decode(struct characters *text, const char *value, size_t length, struct hsm_error *error)
{
	for (size_t at = 0; at < length;) {
		int32_t point = 0;
		utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)value + at,
							 (utf8proc_ssize_t)(length - at), &point);
		if (size <= 0)
			return hsm_error_set(error, HSM_ERROR_INVALID, "the value is not UTF-8 at byte %zu", at + 1);
		if (!point)
			return hsm_error_set(error, HSM_ERROR_INVALID, "the value has a NUL at byte %zu", at + 1);
		put(text, point, (uint32_t)text->count + 1);
		at += (size_t)size;
	}
	return 0;
}

static bool is_blank(int32_t point)
{
	return utf8proc_category(point) == UTF8PROC_CATEGORY_ZS;
}

static bool is_newline(int32_t point)
{
	return (point >= '\n' && point <= '\r') || point == 0x85 || point == 0x2028 || point == 0x2029;
}

/* Steps that take something away count what there is, and put what stays into the same place. */

static void change_controls(struct sanitizing *sanitizing)
{
	struct characters *text = &sanitizing->text;
	size_t count = text->count;
	int32_t before = 0;
	text->count = 0;
	for (size_t i = 0; i < count; i++) {
		int32_t point = text->points[i];
		uint32_t position = text->positions[i];
		bool second = point == '\n' && before == '\r';
		before = point;
		if ((is_newline(point) || point == '\t') && !second) {
			note(sanitizing, HSM_SANITIZE_REPLACED, position, point);
			put(text, ' ', position);
		} else if (point == HSM_REPLACEMENT ||
			   (!second && !hsm_unicode_is_bidi_control(point) && !hsm_unicode_why_unsupported(point))) {
			put(text, point, position);
		} else {
			note(sanitizing, HSM_SANITIZE_REMOVED, position, point);
		}
	}
}

static bool has(const struct characters *text, bool (*is)(int32_t))
{
	for (size_t i = 0; i < text->count; i++)
		if (is(text->points[i]))
			return true;
	return false;
}

static void remove_useless(struct sanitizing *sanitizing)
{
	struct characters *text = &sanitizing->text;
	if (!has(text, hsm_unicode_is_invisible))
		return;
	bool right_to_left = has(text, hsm_unicode_is_right_to_left);
	size_t count = text->count;
	text->count = 0;
	for (size_t i = 0; i < count; i++) {
		int32_t point = text->points[i], before = text->count ? text->points[text->count - 1] : 0;
		int32_t after = i + 1 < count ? text->points[i + 1] : 0;
		if (hsm_unicode_is_invisible(point) && !hsm_unicode_has_use(before, point, after, right_to_left))
			note(sanitizing, HSM_SANITIZE_REMOVED, text->positions[i], point);
		else
			put(text, point, text->positions[i]);
	}
}

/* Letters, marks, digits: a name beside them would run into them. */
static bool is_of_word(int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);
	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* False where it has no name. */
static bool put_name(struct characters *to, const int32_t *points, size_t count, uint32_t position)
{
	struct hsm_buffer name = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_emoji_append_name(&name, points, count);
	if (name.length && to->count && is_of_word(to->points[to->count - 1]))
		put(to, ' ', position);
	for (size_t i = 0; i < name.length; i++)
		put(to, name.data[i], position);
	bool named = name.length;
	hsm_buffer_release(&name);
	return named;
}

static void change_emoji(struct sanitizing *sanitizing)
{
	const struct characters *text = &sanitizing->text;
	struct characters to = make_characters(text->count + 1);
	bool named = false; /* just now */
	for (size_t i = 0, size; i < text->count; i += size ? size : 1) {
		int32_t point = text->points[i];
		uint32_t position = text->positions[i];
		size = hsm_emoji_measure(&text->points[i], text->count - i);
		if (!size) {
			if (named && is_of_word(point))
				put(&to, ' ', position);
			put(&to, point, position);
		}
		named = size && sanitizing->rules->emoji == HSM_EMOJI_NAME &&
			put_name(&to, &text->points[i], size, position);
		if (size)
			note(sanitizing, named ? HSM_SANITIZE_REPLACED : HSM_SANITIZE_REMOVED, position, point);
	}
	release(&sanitizing->text);
	sanitizing->text = to;
}

static void change_blanks(struct sanitizing *sanitizing)
{
	struct characters *text = &sanitizing->text;
	size_t count = text->count;
	text->count = 0;
	for (size_t i = 0; i < count;) {
		size_t blanks = 0;
		while (i + blanks < count && is_blank(text->points[i + blanks]))
			blanks++;
		size_t end = i + (blanks ? blanks : 1), kept = !blanks ? 1 : !i || end == count ? 0 : blanks;
		kept = kept > BLANKS_MAX ? 1 : kept;
		for (size_t j = 0; i < end; i++, j++)
			if (j < kept)
				put(text, text->points[i], text->positions[i]);
			else
				note(sanitizing, HSM_SANITIZE_REMOVED, text->positions[i], text->points[i]);
	}
}

static int combining_class(int32_t point)
{
	return utf8proc_get_property(point)->combining_class;
}

/* Also what keeps ordering them from taking the square of their number. */
static void cut_piles(struct sanitizing *sanitizing)
{
	struct characters *text = &sanitizing->text;
	size_t count = text->count;
	size_t marks = 0;
	text->count = 0;
	for (size_t i = 0; i < count; i++) {
		marks = combining_class(text->points[i]) ? marks + 1 : 0;
		if (marks > MARKS_MAX)
			note(sanitizing, HSM_SANITIZE_REMOVED, text->positions[i], text->points[i]);
		else
			put(text, text->points[i], text->positions[i]);
	}
}

/* Whether a code point never composes with what stands before it. */
static bool begins_segment(int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);
	bool mark = category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
	return !mark && !(point >= 0x1160 && point <= 0x11ff); /* Hangul's vowels and finals */
}

/* The canonical order of marks; how many stand together is limited. */
static void order_marks(int32_t *points, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		int32_t point = points[i];
		int class = combining_class(point);
		size_t j = i;
		for (; class && j && combining_class(points[j - 1]) > class; j--)
			points[j] = points[j - 1];
		points[j] = point;
	}
}

/* Where the characters of a composed text stood: each segment is one of the given text's. */
static void align(const struct characters *text, struct characters *composed)
{
	size_t from = 0;
	for (size_t i = 0; i < composed->count; i++) {
		bool begins = begins_segment(composed->points[i]);
		if (i && begins)
			for (from++; from < text->count && !begins_segment(text->points[from]);)
				from++;
		else if (i && from + 1 < text->count && !begins_segment(text->points[from + 1]))
			from++;
		composed->positions[i] = text->positions[from < text->count ? from : text->count - 1];
	}
}

static void normalize(struct sanitizing *sanitizing)
{
	struct characters *text = &sanitizing->text;
	struct characters composed = make_characters(text->count * DECOMPOSED_MAX);
	size_t same = 0;
	int last = 0;
	for (size_t i = 0; i < text->count; i++)
		composed.count += (size_t)utf8proc_decompose_char(
			text->points[i], composed.points + composed.count,
			(utf8proc_ssize_t)(composed.capacity - composed.count), UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &last);
	order_marks(composed.points, composed.count);
	composed.count = (size_t)utf8proc_normalize_utf32(composed.points, (utf8proc_ssize_t)composed.count,
							  UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	while (same < composed.count && same < text->count && composed.points[same] == text->points[same])
		same++;
	if (same == text->count && same == composed.count) {
		release(&composed);
		return;
	}
	note(sanitizing, HSM_SANITIZE_NORMALIZED, text->positions[same < text->count ? same : text->count - 1], 0);
	align(text, &composed);
	release(text);
	*text = composed;
}

static bool is_unstable(int32_t point)
{
	return point >= FIRST_UNSTABLE;
}

static void cut_end(struct sanitizing *sanitizing, size_t maximum)
{
	struct characters *text = &sanitizing->text;
	utf8proc_int32_t state = 0;
	size_t cut = 0;
	for (size_t i = 1; i <= maximum; i++)
		if (utf8proc_grapheme_break_stateful(text->points[i - 1], text->points[i], &state))
			cut = i;
	while (cut && is_blank(text->points[cut - 1]))
		cut--;
	note(sanitizing, HSM_SANITIZE_TRUNCATED, text->positions[cut], 0);
	text->count = cut;
}

static int check_allowed(struct sanitizing *sanitizing, struct hsm_error *error)
{
	const struct hsm_allowed *allowed = sanitizing->rules->allowed;
	const struct characters *text = &sanitizing->text;
	size_t rejected = 0, first = 0;
	for (size_t i = 0; i < text->count; i++) {
		int32_t point = text->points[i];
		if (point != HSM_REPLACEMENT && (!allowed || hsm_allowed_has(allowed, point)))
			continue;
		first = rejected++ ? first : i;
		note(sanitizing, HSM_SANITIZE_REJECTED, i + 1, point);
	}
	if (!rejected)
		return 0;
	return hsm_error_set(error, HSM_ERROR_INVALID,
			     "the value has %zu character%s that %s not allowed, the first U+%04X at %zu", rejected,
			     rejected == 1 ? "" : "s", rejected == 1 ? "is" : "are", (unsigned)text->points[first], first + 1);
}

static bool is_visible(int32_t point)
{
	return !is_blank(point) && !hsm_unicode_is_invisible(point);
}

static int check(struct sanitizing *sanitizing, size_t maximum, struct hsm_error *error)
{
	size_t count = sanitizing->text.count;
	int status = check_allowed(sanitizing, error);
	if (status)
		return status;
	if (!has(&sanitizing->text, is_visible))
		return hsm_error_set(error, HSM_ERROR_INVALID, "nothing of the value is left once it is sanitised");
	if (count > maximum)
		return hsm_error_set(error, HSM_ERROR_INVALID, "the value has %zu characters: %zu at most", count, maximum);
	return 0;
}

static int change(struct sanitizing *sanitizing, struct hsm_error *error)
{
	const struct hsm_sanitize_rules *rules = sanitizing->rules;
	size_t maximum = rules->max_length ? rules->max_length : HSM_VALUE_MAX;
	change_controls(sanitizing);
	remove_useless(sanitizing);
	if (rules->emoji == HSM_EMOJI_STRIP || rules->emoji == HSM_EMOJI_NAME) {
		change_emoji(sanitizing);
		remove_useless(sanitizing);
	}
	change_blanks(sanitizing);
	cut_piles(sanitizing);
	if (has(&sanitizing->text, is_unstable))
		normalize(sanitizing);
	if (rules->truncate && sanitizing->text.count > maximum)
		cut_end(sanitizing, maximum);
	return check(sanitizing, maximum, error);
}

/* In the text's own memory: no code point takes more bytes than it has there. */
static const char *encode(struct hsm_arena *arena, struct characters *text, size_t *length)
{
	utf8proc_uint8_t *bytes = (utf8proc_uint8_t *)text->points;
	*length = 0;
	for (size_t i = 0; i < text->count; i++)
		*length += (size_t)utf8proc_encode_char(text->points[i], bytes + *length);
	return hsm_arena_copy(arena, bytes, *length);
}

/* Most values are a few words of ASCII, and nothing is to do. */
static bool is_plain(const char *value, size_t length, const struct hsm_sanitize_rules *rules)
{
	size_t blanks = 0;
	if (!length || length > (rules->max_length ? rules->max_length : HSM_VALUE_MAX) || value[0] == ' ' ||
	    value[length - 1] == ' ')
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)value[i];
		blanks = c == ' ' ? blanks + 1 : 0;
		if (c < ' ' || c > '~' || blanks > BLANKS_MAX || (rules->allowed && !hsm_allowed_has(rules->allowed, c)))
			return false;
	}
	return true;
}

int hsm_sanitize(struct hsm_arena *arena, const char *value, size_t length, const struct hsm_sanitize_rules *rules,
		 struct hsm_sanitized *sanitized, struct hsm_error *error)
{
	struct sanitizing sanitizing;
	*sanitized = (struct hsm_sanitized){ 0 };
	if (is_plain(value, length, rules)) {
		*sanitized = (struct hsm_sanitized){ .text = value, .length = length };
		return 0;
	}
	if (!length)
		return hsm_error_set(error, HSM_ERROR_INVALID, "the value is empty");
	if (length > HSM_VALUE_BYTES_MAX)
		return hsm_error_set(error, HSM_ERROR_INVALID, "the value has %zu bytes: %d at most", length,
				     HSM_VALUE_BYTES_MAX);
	sanitizing.rules = rules;
	sanitizing.changes = 0;
	sanitizing.text = make_characters(length);
	int status = decode(&sanitizing.text, value, length, error);
	if (!status)
		status = change(&sanitizing, error);
	sanitized->changes = sanitizing.changes;
	sanitized->note_count =
		sanitizing.changes < HSM_SANITIZE_NOTES_MAX ? sanitizing.changes : HSM_SANITIZE_NOTES_MAX;
	if (sanitizing.changes) {
		struct hsm_sanitize_note *notes =
			hsm_arena_allocate_array(arena, sanitized->note_count, sizeof(*notes));
		memcpy(notes, sanitizing.notes, sanitized->note_count * sizeof(*notes));
		sanitized->notes = notes;
	}
	if (!status && sanitizing.changes) {
		sanitized->text = encode(arena, &sanitizing.text, &sanitized->length);
	} else if (!status) {
		sanitized->text = value;
		sanitized->length = length;
	}
	release(&sanitizing.text);
	return status;
}
