/* evtx_value.h - one EVTX value as text, in the form in which Windows shows it.
 *
 * Source: docs/formats/evtx.md, "Values"; MS-EVEN6 2.2.12, 2.2.18.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum evtx_type {
    EVTX_TYPE_NULL = 0x00,
    EVTX_TYPE_STRING = 0x01, /* UTF-16LE */
    EVTX_TYPE_ANSI = 0x02,   /* Windows-1252 */
    EVTX_TYPE_I8 = 0x03,
    EVTX_TYPE_U8 = 0x04,
    EVTX_TYPE_I16 = 0x05,
    EVTX_TYPE_U16 = 0x06,
    EVTX_TYPE_I32 = 0x07,
    EVTX_TYPE_U32 = 0x08,
    EVTX_TYPE_I64 = 0x09,
    EVTX_TYPE_U64 = 0x0a,
    EVTX_TYPE_FLOAT = 0x0b,
    EVTX_TYPE_DOUBLE = 0x0c,
    EVTX_TYPE_BOOL = 0x0d,
    EVTX_TYPE_BINARY = 0x0e,
    EVTX_TYPE_GUID = 0x0f,
    EVTX_TYPE_SIZE = 0x10, /* of 4 or 8 bytes */
    EVTX_TYPE_FILETIME = 0x11,
    EVTX_TYPE_SYSTEMTIME = 0x12,
    EVTX_TYPE_SID = 0x13,
    EVTX_TYPE_HEX32 = 0x14,
    EVTX_TYPE_HEX64 = 0x15,
    EVTX_TYPE_HANDLE = 0x20,
    EVTX_TYPE_BINXML = 0x21,
    EVTX_TYPE_XML = 0x23,   /* text that is XML */
    EVTX_TYPE_ARRAY = 0x80, /* or-ed to a type: several values */
};

/* A value as text.
 *
 * raw     the value's bytes; not those of an array
 * arena   owns the result
 * returns valid UTF-8. Text ends at its first NUL; a lone surrogate is U+FFFD. GUIDs are
 *         in braces and upper case, hexadecimal numbers 0x3e7, booleans true and false,
 *         SIDs S-1-5-18, times 2021-03-14T06:40:13.6601234Z always with seven digits,
 *         bytes upper-case hexadecimal. So is a value whose size does not fit its type.
 */
struct str evtx_value_text(uint8_t type, struct bytes raw, struct arena *arena);

/* A value as a number: integers of every kind, and text that is one. False if it is none. */
bool evtx_value_number(uint8_t type, struct bytes raw, uint64_t *ret);

/* A FILETIME, a SYSTEMTIME, or text that is a time, as FILETIME. False if it is none. */
bool evtx_value_filetime(uint8_t type, struct bytes raw, uint64_t *ret);

/* The next element of an array. Strings end at a NUL each, the last perhaps without; other
 * types have fixed sizes. Start with *at = 0.
 *
 * type    with EVTX_TYPE_ARRAY set
 * returns false behind the last element
 */
bool evtx_value_item(uint8_t type, struct bytes raw, size_t *at, struct bytes *ret);
