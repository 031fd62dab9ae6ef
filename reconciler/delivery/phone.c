#include <ctype.h>

#include "reconciler/delivery/message.h"

bool hsm_phone_number_is_valid(const char *text)
{
	if (text[0] != '+' || text[1] < '1' || text[1] > '9')
		return false;
	size_t digits = 0;
	while (isdigit((unsigned char)text[1 + digits]))
		digits++;
	return digits >= 7 && digits <= 15 && !text[1 + digits];
}
