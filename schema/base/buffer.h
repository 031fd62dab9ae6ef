#ifndef HSM_BUFFER_H
#define HSM_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes that grow up to a cap. Past the cap nothing more is taken and `full` is
 * set, once and for all: append freely and look at `full` at the end. `data` is
 * always followed by a NUL byte that `length` does not count; it is never NULL
 * after the first append.
 */
struct hsm_buffer {
	char *data;
	size_t length;
	size_t capacity;
	size_t cap;
	bool full;
};

/* For output whose size follows from input that is capped itself. */
#define HSM_BUFFER_CAP ((size_t)1 << 30)

#define HSM_BUFFER_INIT(bytes) { .cap = (bytes) }

void hsm_buffer_release(struct hsm_buffer *buffer);

/* Empties it and keeps its memory. */
void hsm_buffer_clear(struct hsm_buffer *buffer);

void hsm_buffer_append(struct hsm_buffer *buffer, const void *data, size_t length);
/* Where length bytes that count as appended are to be written at once; NULL past the cap. */
char *hsm_buffer_extend(struct hsm_buffer *buffer, size_t length);
void hsm_buffer_append_string(struct hsm_buffer *buffer, const char *text);
void hsm_buffer_append_char(struct hsm_buffer *buffer, char c);
void hsm_buffer_append_format(struct hsm_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void hsm_buffer_append_arguments(struct hsm_buffer *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* The text so far: "" where nothing was appended. Borrowed. */
const char *hsm_buffer_text(const struct hsm_buffer *buffer);

/* Hands the bytes over, to be freed by the caller; the buffer is empty after. */
char *hsm_buffer_detach(struct hsm_buffer *buffer);

#endif
