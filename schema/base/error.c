#include "schema/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/text.h"

/* A message that fills its room may have been cut in the middle of a character. */
static void end_at_character(char message[HSM_ERROR_MESSAGE_SIZE])
{
	size_t length = strlen(message), valid = hsm_text_find_invalid(message, length);
	if (length == HSM_ERROR_MESSAGE_SIZE - 1 && length - valid < 4)
		message[valid] = '\0';
}

int hsm_error_set(struct hsm_error *error, enum hsm_error_class class, const char *format, ...)
{
	if (!error)
		return class;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	end_at_character(error->message);
	error->class = class;
	return class;
}

/* Appends as much of text as there is room for. */
static void append(char message[HSM_ERROR_MESSAGE_SIZE], const char *text)
{
	size_t used = strlen(message), length = strnlen(text, HSM_ERROR_MESSAGE_SIZE - 1 - used);
	memcpy(message + used, text, length);
	message[used + length] = '\0';
}

int hsm_error_prefix(struct hsm_error *error, const char *format, ...)
{
	char message[HSM_ERROR_MESSAGE_SIZE] = "";
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	append(message, ": ");
	append(message, error->message);
	end_at_character(message);
	memcpy(error->message, message, sizeof(message));
	return error->class;
}
