#include "schema/base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

void hsm_buffer_release(struct hsm_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct hsm_buffer)HSM_BUFFER_INIT(buffer->cap);
}

void hsm_buffer_clear(struct hsm_buffer *buffer)
{
	buffer->length = 0;
	buffer->full = false;
	if (buffer->data)
		buffer->data[0] = '\0';
}

/* Room for length bytes and the NUL; false once the cap is reached. */
static bool reserve(struct hsm_buffer *buffer, size_t length)
{
	if (buffer->full || length > buffer->cap - buffer->length) {
		buffer->full = true;
		return false;
	}
	size_t needed = buffer->length + length + 1;
	if (needed > buffer->capacity) {
		size_t capacity = buffer->capacity ? buffer->capacity : 512;
		while (capacity < needed)
			capacity *= 2;
		buffer->data = hsm_memory_resize(buffer->data, capacity, 1);
		buffer->capacity = capacity;
	}
	return true;
}

char *hsm_buffer_extend(struct hsm_buffer *buffer, size_t length)
{
	if (!reserve(buffer, length))
		return NULL;
	char *start = buffer->data + buffer->length;
	buffer->length += length;
	start[length] = '\0';
	return start;
}

void hsm_buffer_append(struct hsm_buffer *buffer, const void *data, size_t length)
{
	char *start = hsm_buffer_extend(buffer, length);
	if (start && length)
		memcpy(start, data, length);
}

void hsm_buffer_append_string(struct hsm_buffer *buffer, const char *text)
{
	hsm_buffer_append(buffer, text, strlen(text));
}

void hsm_buffer_append_char(struct hsm_buffer *buffer, char c)
{
	char *start = hsm_buffer_extend(buffer, 1);
	if (start)
		*start = c;
}

void hsm_buffer_append_arguments(struct hsm_buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0 || !reserve(buffer, (size_t)length))
		return;
	vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
	buffer->length += (size_t)length;
}

void hsm_buffer_append_format(struct hsm_buffer *buffer, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	hsm_buffer_append_arguments(buffer, format, arguments);
	va_end(arguments);
}

const char *hsm_buffer_text(const struct hsm_buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

char *hsm_buffer_detach(struct hsm_buffer *buffer)
{
	char *data = buffer->data ? buffer->data : hsm_memory_copy_string("");
	*buffer = (struct hsm_buffer)HSM_BUFFER_INIT(buffer->cap);
	return data;
}
