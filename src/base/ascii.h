/* ascii.h - most text is ASCII: what can be done with it many bytes at a time.
 *
 * Each function works on sixteen bytes at once where the processor surely can (every x86-64),
 * and then, or else, byte by byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes at the start are below 0x80. */
size_t ascii_run(const char *p, size_t n);

bool ascii_has_upper(const char *p, size_t n);

/* Copies, with A-Z as a-z; other bytes, those of 0x80 and more too, as they are. The two do not
 * overlap. */
void ascii_lower_put(char *out, const char *p, size_t n);

/* Narrows UTF-16LE as far as its characters are U+0001 to U+007F.
 *
 * out     has room for `units` bytes, all of which may be written
 * p       2 * units bytes
 * returns how many characters were narrowed
 */
size_t ascii_narrow(char *out, const uint8_t *p, size_t units);
