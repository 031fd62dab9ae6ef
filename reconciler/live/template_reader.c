#include "reconciler/live/template_reader.h"

#include <string.h>

#include "schema/base/text.h"

const char *hsm_template_reader_keep_word(struct hsm_template_reader *reader, const char *text)
{
	if (!text)
		return NULL;
	for (size_t i = 0; i < reader->word_count; i++)
		if (strcmp(reader->words[i], text) == 0)
			return reader->words[i];
	const char *copy = hsm_arena_copy_string(reader->arena, text);
	if (reader->word_count < HSM_TEMPLATE_WORDS)
		reader->words[reader->word_count++] = copy;
	return copy;
}

const char *hsm_template_reader_keep_upper(struct hsm_template_reader *reader, const char *text)
{
	return hsm_template_reader_keep_word(reader, hsm_text_upper_case(&reader->scratch, text));
}

const char *hsm_template_reader_keep_name(struct hsm_template_reader *reader, const char *name)
{
	if (!reader->name || strcmp(reader->name, name) != 0)
		reader->name = hsm_arena_copy_string(reader->arena, name);
	return reader->name;
}
