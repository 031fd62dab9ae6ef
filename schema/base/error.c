#include "schema/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int hsm_error_set(struct hsm_error *error, enum hsm_error_class class, const char *format, ...)
{
	if (!error)
		return class;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	error->class = class;
	return class;
}

int hsm_error_prefix(struct hsm_error *error, const char *format, ...)
{
	char message[HSM_ERROR_MESSAGE_SIZE];
	va_list arguments;
	va_start(arguments, format);
	int written = vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (written < 0 || (size_t)written >= sizeof(message))
		written = (int)strlen(message);
	snprintf(message + written, sizeof(message) - (size_t)written, ": %s", error->message);
	memcpy(error->message, message, sizeof(message));
	return error->class;
}
