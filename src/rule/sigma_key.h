/* sigma_key.h - "field|modifier|...": which modifiers there are, and which go together.
 *
 * Source: Sigma specification 2.1.0, appendix modifiers; the long names of re's flags are
 * pySigma's, equalsfield and endswithfield are Hayabusa's.
 */
#pragma once

#include "rule/sigma_int.h"

enum modifier {
    MOD_ALL = 1 << 0,
    MOD_CONTAINS = 1 << 1,
    MOD_STARTSWITH = 1 << 2,
    MOD_ENDSWITH = 1 << 3,
    MOD_CASED = 1 << 4,
    MOD_WINDASH = 1 << 5,
    MOD_UTF16LE = 1 << 6,
    MOD_UTF16BE = 1 << 7,
    MOD_UTF16 = 1 << 8,
    MOD_BASE64 = 1 << 9,
    MOD_BASE64_OFFSET = 1 << 10,
    MOD_RE = 1 << 11,
    MOD_RE_I = 1 << 12,
    MOD_RE_M = 1 << 13,
    MOD_RE_S = 1 << 14,
    MOD_CIDR = 1 << 15,
    MOD_COMPARE = 1 << 16,
    MOD_EXISTS = 1 << 17,
    MOD_FIELDREF = 1 << 18,
    MOD_NEQ = 1 << 19,
    MOD_EXPAND = 1 << 20,
    MOD_TIME = 1 << 21,
};

enum {
    MODS_UTF16 = MOD_UTF16LE | MOD_UTF16BE | MOD_UTF16,
    MODS_BASE64 = MOD_BASE64 | MOD_BASE64_OFFSET,
    MODS_PLACE = MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH,
    MODS_FLAG = MOD_RE_I | MOD_RE_M | MOD_RE_S,
    MODS_NUMBER = MOD_COMPARE | MOD_TIME,
    MODS_ALWAYS = MOD_ALL | MOD_NEQ,
};

struct modifiers {
    struct str field; /* "" for keywords */
    unsigned set;     /* of enum modifier */
    enum op compare;  /* OP_NUMBER if no comparison is asked for */
    enum time_part part;
};

/* Takes a key apart.
 *
 * ret_at  where in the key it failed
 * errors  ERR_INVALID: an unknown modifier, or some that mean nothing together
 */
int sigma_key(struct str key, struct modifiers *ret, size_t *ret_at, struct err *err);

/* Where the value is looked for, of contains, startswith and endswith together. */
enum text_test sigma_key_place(const struct modifiers *m);
