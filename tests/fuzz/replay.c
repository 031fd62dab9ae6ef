/* Runs a fuzz target over files, without a fuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		static uint8_t data[1 << 21];
		FILE *file = fopen(argv[i], "rb");
		if (!file) {
			perror(argv[i]);
			return 1;
		}
		size_t size = fread(data, 1, sizeof(data), file);
		fclose(file);
		/* In memory of exactly its size, so that reading past it is seen. */
		uint8_t *copy = malloc(size ? size : 1);
		for (size_t j = 0; j < size; j++)
			copy[j] = data[j];
		LLVMFuzzerTestOneInput(copy, size);
		free(copy);
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}
