/* memfile.h - files that have no name and lie in memory alone.
 *
 * One process makes and sizes such a file and hands it to another, which writes it by mapping
 * it; a third gets it for reading only. What was read is dropped from its front.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Makes an empty one, to be closed with file_close. errors ERR_IO */
int memfile_new(int *ret_file, struct err *err);

/* Sets its size; what is added is zeros and takes no memory yet. errors ERR_IO */
int memfile_resize(int file, uint64_t size, struct err *err);

/* Another descriptor of it, which can only be read. errors ERR_IO */
int memfile_reader(int file, int *ret_file, struct err *err);

/* Gives back the memory of the whole pages between two places: they read as zeros then. */
void memfile_drop(int file, uint64_t from, uint64_t to);

/* Maps its first `size` bytes for writing; to touch what lies behind its end ends the process.
 * errors ERR_IO */
int memfile_map(int file, size_t size, uint8_t **ret, struct err *err);
void memfile_unmap(uint8_t *at, size_t size); /* NULL is fine */

/* Nothing changes it any more. False where somebody still maps it for writing. */
bool memfile_seal(int file);
