/* The parts of which reviews are made: words, escapes, WhatsApp's marks, bubbles, windows. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/apply/window.h"
#include "reconciler/review/bubble.h"
#include "reconciler/review/fields.h"
#include "reconciler/review/page.h"
#include "reconciler/review/words.h"
#include "schema/base/markdown.h"
#include "schema/meta.h"

static bool runs_hold(const struct hsm_word_runs *runs, size_t offset)
{
	for (size_t i = 0; runs && i < runs->count; i++)
		if (offset >= runs->items[i].start && offset < runs->items[i].start + runs->items[i].length)
			return true;
	return false;
}

static void append_marked(struct hsm_buffer *buffer, const char *text, const struct hsm_word_runs *runs)
{
	for (size_t i = 0; text && text[i]; i++) {
		bool in = runs_hold(runs, i), before = i && runs_hold(runs, i - 1);
		hsm_buffer_append_string(buffer, in && !before ? "[" : !in && before ? "]" : "");
		hsm_buffer_append_char(buffer, text[i]);
	}
	if (text && *text && runs_hold(runs, strlen(text) - 1))
		hsm_buffer_append_char(buffer, ']');
}

static void changed_words_are_found(void **state)
{
	(void)state;
	static const struct {
		const char *old_text, *new_text, *expected;
	} cases[] = {
		{ "It arrives on {{eta}}.", "It comes on {{eta}}.", "It [arrives] on {{eta}}.|It [comes] on {{eta}}." },
		{ "on {{eta}}.", "on {{date}}.", "on [{{eta}}].|on [{{date}}]." },
		{ "the same", "the same", "the same|the same" },
		{ NULL, "new", "|[new]" },
		{ "gone", NULL, "[gone]|" },
		{ "one two three", "one 2 3 three", "one [two] three|one [2 3] three" },
		{ "您的订单已经发货", "您的订单还没发货", "您的订单[已经]发货|您的订单[还没]发货" },
		{ "don't go", "do go", "[don't] go|[do] go" },
		{ "a b", "a  b", "a b|a [ ]b" },
		{ "", "", "|" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_word_runs old_runs, new_runs;
		struct hsm_buffer shown = HSM_BUFFER_INIT(4096);
		hsm_words_compare(&arena, cases[i].old_text, cases[i].new_text, &old_runs, &new_runs);
		append_marked(&shown, cases[i].old_text, &old_runs);
		hsm_buffer_append_char(&shown, '|');
		append_marked(&shown, cases[i].new_text, &new_runs);
		assert_string_equal(shown.data, cases[i].expected);
		hsm_buffer_release(&shown);
		hsm_arena_release(&arena);
	}
}

static void markdown_cannot_be_broken_out_of(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "plain order_id text, 1.50", "plain order_id text, 1.50" },
		{ "*b* _i_ ~s~ `c`", "&#42;b&#42; &#95;i&#95; &#126;s&#126; &#96;c&#96;" },
		{ "<b onclick=x>", "&#60;b onclick=x&#62;" },
		{ "&lt;", "&#38;lt;" },
		{ "@all #12 GH-7", "&#64;&#8288;all &#35;&#8288;12 GH&#45;&#8288;7" },
		{ "[x](https://e.com) www.e.com", "&#91;x&#93;(https&#58;//e.com) www&#46;e.com" },
		{ "a|b $x$ :smile:", "a&#124;b &#36;x&#36; &#58;smile:" },
		{ "two\nlines", "two<br>lines" },
		{ "\x1b[2J\xe2\x80\xae", "&#92;u001b&#91;2J&#92;u202e" },
		{ "ends with: ", "ends with: " },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_buffer buffer = HSM_BUFFER_INIT(4096);
		hsm_markdown_append(&buffer, cases[i].text);
		assert_string_equal(buffer.data, cases[i].expected);
		hsm_buffer_release(&buffer);
	}
}

/* As HTML-like marks: <b>, <i>, <s>, <m>ono, <l>ink, <q>uote; bullets are a dot. */
static void append_shown(struct hsm_buffer *buffer, const struct hsm_shown_text *text)
{
	static const char letters[] = "bismlq";
	for (size_t at = 0, end; at < text->length; at = end) {
		end = hsm_whatsapp_run(text, at);
		unsigned how = text->bytes[at];
		if (how & HSM_SHOWN_HIDDEN)
			continue;
		for (size_t i = 0; i < 6; i++)
			if (how & 1u << i)
				hsm_buffer_append_format(buffer, "<%c>", letters[i]);
		if (how & HSM_SHOWN_BULLET)
			hsm_buffer_append_string(buffer, "•");
		else
			hsm_buffer_append(buffer, text->text + at, end - at);
		for (size_t i = 6; i > 0; i--)
			if (how & 1u << (i - 1))
				hsm_buffer_append_format(buffer, "</%c>", letters[i - 1]);
	}
}

static void whatsapp_marks_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "*bold* text", "<b>bold</b> text" },
		{ "_it_ ~st~", "<i>it</i> <s>st</s>" },
		{ "*_both_*", "<b><i>both</i></b>" },
		{ "2*3*4 and a_name_b", "2*3*4 and a_name_b" },
		{ "* not bold *", "• not bold *" },
		{ "*no\nline*", "*no\nline*" },
		{ "**", "**" },
		{ "*", "*" },
		{ "***a***", "**<b>a</b>**" },
		{ "```a *b*\nc```", "<m>a *b*\nc</m>" },
		{ "`x_y_`", "<m>x_y_</m>" },
		{ "``` open", "``` open" },
		{ "see https://e.com/a_b_c.", "see <l>https://e.com/a_b_c</l>." },
		{ "(www.e.com)", "(<l>www.e.com</l>)" },
		{ "awww.e.com", "awww.e.com" },
		{ "- one\n* two\n-three", "• one\n• two\n-three" },
		{ "> said\nnot", "<q>said</q>\nnot" },
		{ "مرحبا *ليلى*، نعم", "مرحبا <b>ليلى</b>، نعم" },
		{ "您好 *王伟*，好", "您好 <b>王伟</b>，好" },
		{ "*a* and *b", "<b>a</b> and *b" },
		{ "", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_shown_text text = { .text = cases[i].text, .length = strlen(cases[i].text) };
		struct hsm_buffer buffer = HSM_BUFFER_INIT(4096);
		text.bytes = calloc(text.length + 1, sizeof(*text.bytes));
		hsm_whatsapp_mark(&text);
		append_shown(&buffer, &text);
		assert_string_equal(hsm_buffer_text(&buffer), cases[i].expected);
		hsm_buffer_release(&buffer);
		free(text.bytes);
	}
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void hostile_marks_take_no_time(void **state)
{
	(void)state;
	static const char *const parts[] = { "*", "*a ", "_", "```", "`", "> ", "- ", "http://", "*a\n", "~_*" };
	const size_t length = (size_t)1 << 20;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t size = strlen(parts[i]);
		char *hostile = malloc(length + size + 1);
		struct hsm_shown_text text = { .text = hostile, .bytes = calloc(length + size + 1, sizeof(uint16_t)) };
		while (text.length < length) {
			memcpy(hostile + text.length, parts[i], size);
			text.length += size;
		}
		hostile[text.length] = '\0';
		double start = seconds();
		hsm_whatsapp_mark(&text);
		if (seconds() - start > 2)
			fail_msg("1 MiB of '%s' took %.1f s", parts[i], seconds() - start);
		free(hostile);
		free(text.bytes);
	}
}

static const char message_json[] =
	"[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"Order {{1}}\",\"parameters\":[{\"type\":\"TEXT\",\"text\":"
	"{\"default\":\"ORD-1\"}}]},{\"type\":\"BODY\",\"text\":\"Hi *{{1}}*, <script>alert(1)</script> {{2}}\\n- one\","
	"\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":\"Ana \\\"><img src=x>\"}},{\"type\":\"DATE\",\"date\":"
	"{\"default\":\"2023-10-25\"}}]},{\"type\":\"FOOTER\",\"text\":\"</style> \\u202e end\"},{\"type\":\"BUTTONS\","
	"\"buttons\":[{\"type\":\"REPLY\",\"reply\":{\"id\":\"A\",\"title\":\"Yes & no\"}},{\"type\":\"URL\",\"url\":"
	"{\"title\":\"Track\",\"url\":\"https://e.com/{{1}}\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":"
	"\"x\"}}]}}]}]";

static struct hsm_message read_message(struct hsm_arena *arena, const char *json)
{
	struct hsm_string *names = hsm_arena_allocate_array(arena, 4, sizeof(*names));
	static const char *const given[] = { "order_id", "customer", "eta", "order_id" };
	for (size_t i = 0; i < 4; i++)
		names[i].text = given[i];
	struct hsm_list list = { .items = names, .count = 4, .present = true };
	return hsm_review_read_message(arena, json, &list);
}

static void a_bubble_is_drawn_in_html(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_message message = read_message(&arena, message_json);
	hsm_bubble_append_html(&buffer, &message, &(struct hsm_bubble_style){ .language = "ar" });
	assert_string_equal(
		buffer.data,
		"<div class=\"chat\" dir=\"rtl\">\n<div class=\"bubble\">\n"
		"<div class=\"header\" dir=\"auto\">Order <bdi class=\"value\">ORD-1</bdi></div>\n"
		"<div class=\"body\" dir=\"auto\">Hi <b><bdi class=\"value\">Ana &#34;&#62;&#60;img src=x&#62;</bdi></b>, "
		"&#60;script&#62;alert(1)&#60;/script&#62; <bdi class=\"value\">2023-10-25</bdi>\n• one</div>\n"
		"<div class=\"footer\" dir=\"auto\">&#60;/style&#62; \\u202e end</div>\n</div>\n"
		"<div class=\"button\">↩ <bdi>Yes &#38; no</bdi><small dir=\"ltr\">A</small></div>\n"
		"<div class=\"button\">↗ <bdi>Track</bdi><small dir=\"ltr\">https://e.com/<bdi class=\"value\">x</bdi></small></div>\n</div>\n");
	hsm_buffer_release(&buffer);
	hsm_arena_release(&arena);
}

static void a_bubble_is_drawn_in_a_terminal(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_message message = read_message(
		&arena, "[{\"type\":\"BODY\",\"text\":\"您的订单已经发货 and a verylongwordthatdoesnotfit 👩‍💻 \\u001b[2J\"},"
			"{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"REPLY\",\"reply\":{\"id\":\"A\",\"title\":\"Yes\"}}]}]");
	hsm_bubble_append_text(&buffer, &message, &(struct hsm_bubble_style){ .width = 24 });
	assert_string_equal(buffer.data, "╭──────────────────────╮\n"
					 "│ 您的订单已经发货 and │\n"
					 "│ a                    │\n"
					 "│ verylongwordthatdoes │\n"
					 "│ notfit 👩‍💻 \\u001b[2J  │\n"
					 "├──────────────────────┤\n"
					 "│ ↩ Yes                │\n"
					 "│   A                  │\n"
					 "╰──────────────────────╯\n");
	hsm_buffer_release(&buffer);
	hsm_arena_release(&arena);
}

/* What only Meta's templates have. */
static const char login_json[] =
	"[{\"type\":\"BODY\",\"security_recommendation\":true},{\"type\":\"FOOTER\",\"code_expiration_minutes\":5},"
	"{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"OTP\",\"otp\":{\"otp_type\":\"ONE_TAP\",\"title\":\"Copy\","
	"\"autofill_title\":\"Fill\",\"apps\":[{\"package_name\":\"com.example.app\",\"signature_hash\":\"K8a/AINcGX7\"}]}}]}]";
static const char sale_json[] =
	"[{\"type\":\"LIMITED_TIME_OFFER\",\"text\":\"Ends soon\",\"has_expiration\":%s},{\"type\":\"BODY\",\"text\":\"Buy now.\"},"
	"{\"type\":\"CAROUSEL\",\"cards\":[{\"components\":[{\"type\":\"HEADER\",\"format\":\"IMAGE\"},{\"type\":\"BODY\",\"text\":"
	"\"Red at {{1}} for you.\",\"parameters\":[{\"type\":\"TEXT\",\"text\":{\"default\":\"9 EUR\"}}]}]},{\"components\":[{\"type\":"
	"\"HEADER\",\"format\":\"PRODUCT\"},{\"type\":\"BODY\",\"text\":\"%s\"},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"SPM\","
	"\"plain\":{\"title\":\"View\"}},{\"type\":\"FLOW\",\"flow\":{\"title\":\"Book\",\"id\":\"12\",\"screen\":\"A\"}}]}]}]}]";

static void texts_around_passwords_are_metas(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_message message = read_message(&arena, login_json);
	hsm_bubble_append_html(&buffer, &message, &(struct hsm_bubble_style){ .language = "en_GB" });
	assert_string_equal(buffer.data,
			    "<div class=\"chat\" dir=\"ltr\">\n<div class=\"bubble\">\n<div class=\"body\" dir=\"auto\"><b>"
			    "<bdi class=\"value\">123456</bdi></b> is your verification code. For your security, do not share this "
			    "code.</div>\n<div class=\"footer\" dir=\"auto\">This code expires in 5 minutes.</div>\n</div>\n"
			    "<div class=\"button\">⧉ <bdi>Fill</bdi><small dir=\"ltr\">ONE_TAP, for com.example.app, else Copy"
			    "</small></div>\n</div>\n");
	hsm_buffer_clear(&buffer);
	hsm_bubble_append_text(&buffer, &message, &(struct hsm_bubble_style){ .language = "de", .width = 40 });
	assert_string_equal(buffer.data, "╭──────────────────────────────────────╮\n"
					 "│ (in Meta's words: the code 123456,   │\n"
					 "│ and not to share it)                 │\n"
					 "│ (in Meta's words: the code expires   │\n"
					 "│ in 5 minutes)                        │\n"
					 "├──────────────────────────────────────┤\n"
					 "│ ⧉ Fill                               │\n"
					 "│   ONE_TAP, for com.example.app, else │\n"
					 "│   Copy                               │\n"
					 "╰──────────────────────────────────────╯\n");
	hsm_buffer_release(&buffer);
	hsm_arena_release(&arena);
}

static void cards_stand_side_by_side(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	static const char *const places[] = { "a.jpg" };
	struct hsm_message new = read_message(&arena, hsm_arena_format(&arena, sale_json, "true", "Blue."));
	struct hsm_message old = read_message(&arena, hsm_arena_format(&arena, sale_json, "false", "Green."));
	hsm_meta_place_media(&new.components, places, 1);
	hsm_bubble_append_text(&buffer, &new, &(struct hsm_bubble_style){ .language = "en", .other = &old, .width = 53 });
	assert_string_equal(buffer.data, "╭───────────────────────────────────────────────────╮\n"
					 "│ ◷ Ends soon                                       │\n"
					 "│   {+ends in 23:59:59+}                            │\n"
					 "│ Buy now.                                          │\n"
					 "╰───────────────────────────────────────────────────╯\n"
					 "╭────────────────────────╮ ╭────────────────────────╮\n"
					 "│ IMAGE                  │ │ PRODUCT                │\n"
					 "│   a.jpg                │ │ {+Blue+}.              │\n"
					 "│ Red at 9 EUR for you.  │ ├────────────────────────┤\n"
					 "╰────────────────────────╯ │ › View                 │\n"
					 "                           │   SPM                  │\n"
					 "                           ├────────────────────────┤\n"
					 "                           │ ▤ Book                 │\n"
					 "                           │   flow 12, screen A    │\n"
					 "                           ╰────────────────────────╯\n");
	hsm_buffer_clear(&buffer);
	hsm_bubble_append_text(&buffer, &new, &(struct hsm_bubble_style){ .language = "en", .width = 20 });
	assert_non_null(strstr(buffer.data, "│ you.             │\n╰──────────────────╯\n╭──────────────────╮\n│ PRODUCT          │\n"));
	hsm_buffer_clear(&buffer);
	hsm_bubble_append_html(&buffer, &old, &(struct hsm_bubble_style){ .language = "en", .other = &new, .old = true });
	assert_non_null(strstr(buffer.data, "<div class=\"offer\" dir=\"auto\">◷ <bdi>Ends soon</bdi></div>\n"));
	assert_non_null(strstr(buffer.data, "<div class=\"cards\">\n<div class=\"card\">\n<div class=\"bubble\">\n<div class=\"media\">"
					    "<b>IMAGE</b></div>\n<div class=\"body\" dir=\"auto\">Red at <bdi class=\"value\">9 EUR</bdi> "
					    "for you.</div>\n</div>\n</div>\n<div class=\"card\">"));
	assert_non_null(strstr(buffer.data, "<del>Green</del>."));
	hsm_buffer_release(&buffer);
	hsm_arena_release(&arena);
}

static const char linked_json[] =
	"[{\"type\":\"HEADER\",\"format\":\"IMAGE\",\"media\":\"https://%s/logo.png\"},{\"type\":\"BODY\",\"text\":"
	"\"> by {{1}}, at the latest\\nsee https://e.com/{{1}}/x now\\n- one two three four\",\"parameters\":[{\"type\":"
	"\"TEXT\",\"text\":{\"default\":\"Mon\"}}]},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"REPLY\",\"reply\":"
	"{\"id\":\"%s\",\"title\":\"Yes\"}},{\"type\":\"PHONE_NUMBER\",\"phone_number\":{\"title\":\"Call\","
	"\"phone_number\":\"%s\"}}]}]";

static struct hsm_message read_linked(struct hsm_arena *arena, const char *host, const char *id, const char *number)
{
	return read_message(arena, hsm_arena_format(arena, linked_json, host, id, number));
}

static void what_a_button_does_and_where_a_picture_is_are_marked(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_message old = read_linked(&arena, "a.com", "YES", "+441");
	struct hsm_message new = read_linked(&arena, "b.com", "NO", "+442");
	hsm_bubble_append_html(&buffer, &new, &(struct hsm_bubble_style){ .language = "en", .other = &old });
	assert_string_equal(
		buffer.data,
		"<div class=\"chat\" dir=\"ltr\">\n<div class=\"bubble\">\n"
		"<div class=\"media\"><b>IMAGE</b><small dir=\"ltr\">https://<ins>b</ins>.com/logo.png</small></div>\n"
		"<div class=\"body\" dir=\"auto\"><span class=\"quote\">by <bdi class=\"value\">Mon</bdi>, at the latest"
		"</span>\nsee <bdi class=\"link\" dir=\"ltr\">https://e.com/Mon/x</bdi> now\n• one two three four</div>\n"
		"</div>\n<div class=\"button\">↩ <bdi>Yes</bdi><small dir=\"ltr\"><ins>NO</ins></small></div>\n"
		"<div class=\"button\">☎ <bdi>Call</bdi><small dir=\"ltr\">+<ins>442</ins></small></div>\n</div>\n");
	hsm_buffer_clear(&buffer);
	hsm_bubble_append_text(&buffer, &old, &(struct hsm_bubble_style){ .other = &new, .old = true, .width = 20 });
	assert_string_equal(buffer.data, "╭──────────────────╮\n"
					 "│ IMAGE            │\n"
					 "│   https://[-a-]. │\n"
					 "│   com/logo.png   │\n"
					 "│ ▏ by Mon, at the │\n"
					 "│ ▏ latest         │\n"
					 "│ see              │\n"
					 "│ https://e.com/Mo │\n"
					 "│ n/x now          │\n"
					 "│ • one two three  │\n"
					 "│   four           │\n"
					 "├──────────────────┤\n"
					 "│ ↩ Yes            │\n"
					 "│   [-YES-]        │\n"
					 "├──────────────────┤\n"
					 "│ ☎ Call           │\n"
					 "│   +[-441-]       │\n"
					 "╰──────────────────╯\n");
	hsm_buffer_release(&buffer);
	hsm_arena_release(&arena);
}

static void what_a_sender_fills_is_listed(void **state)
{
	(void)state;
	struct hsm_arena arena = { 0 };
	struct hsm_message message = read_message(&arena, message_json);
	assert_string_equal(hsm_review_format_array(&arena, &message),
			    "header: order_id; body: customer, eta (DATE); button 2: order_id");
	message.names = NULL;
	message.name_count = 0;
	assert_string_equal(hsm_review_format_array(&arena, &message),
			    "header: {{1}}; body: {{1}}, {{2}} (DATE); button 2: {{1}}");
	message = read_message(&arena, "[{\"type\":\"BODY\",\"text\":\"Plain.\"}]");
	assert_string_equal(hsm_review_format_array(&arena, &message), "");
	hsm_arena_release(&arena);
}

static void a_window_opens_and_closes(void **state)
{
	(void)state;
	static struct hsm_string weekdays[] = { { .text = "mon" }, { .text = "fri" } };
	static const struct {
		const char *from, *to, *zone;
		bool days;
		int64_t now;
		bool open;
	} cases[] = {
		/* 2026-11-23 is a Monday. */
		{ "09:00", "17:00", NULL, false, 1795424400, true },  /* 09:00:00 */
		{ "09:00", "17:00", NULL, false, 1795424399, false }, /* 08:59:59 */
		{ "09:00", "17:00", NULL, false, 1795453200, false }, /* 17:00:00 */
		{ "09:00", "17:00", NULL, true, 1795424400, true },
		{ "09:00", "17:00", NULL, true, 1795424400 + 86400, false }, /* Tuesday */
		{ "22:00", "02:00", NULL, true, 1795474800, true },	      /* Monday 23:00 */
		{ "22:00", "02:00", NULL, true, 1795474800 + 7200, true },    /* Tuesday 01:00: Monday's */
		{ "22:00", "02:00", NULL, true, 1795474800 + 4 * 3600, false },
		{ "09:00", "17:00", "Europe/Madrid", false, 1795424400 - 3600, true }, /* 09:00 there */
		{ "09:00", "17:00", "Europe/Madrid", false, 1795424400 - 3601, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hsm_window window = { .from.text = cases[i].from, .to.text = cases[i].to,
					     .timezone.text = cases[i].zone };
		struct hsm_error error;
		bool open;
		if (cases[i].days)
			window.days = (struct hsm_list){ .items = weekdays, .count = 2, .present = true };
		assert_int_equal(hsm_window_check(&window, cases[i].now, &open, &error), 0);
		if (open != cases[i].open)
			fail_msg("case %zu is %s", i, open ? "open" : "closed");
	}
	struct hsm_window nowhere = { .from.text = "09:00", .to.text = "17:00", .timezone.text = "Mars/Olympus" };
	struct hsm_error error;
	bool open;
	assert_int_equal(hsm_window_check(&nowhere, 0, &open, &error), HSM_ERROR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changed_words_are_found),
		cmocka_unit_test(markdown_cannot_be_broken_out_of),
		cmocka_unit_test(whatsapp_marks_are_read),
		cmocka_unit_test(hostile_marks_take_no_time),
		cmocka_unit_test(a_bubble_is_drawn_in_html),
		cmocka_unit_test(a_bubble_is_drawn_in_a_terminal),
		cmocka_unit_test(texts_around_passwords_are_metas),
		cmocka_unit_test(cards_stand_side_by_side),
		cmocka_unit_test(what_a_button_does_and_where_a_picture_is_are_marked),
		cmocka_unit_test(what_a_sender_fills_is_listed),
		cmocka_unit_test(a_window_opens_and_closes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
