/* evtx_binxml.h - the tokens of binary XML, as EVTX records and templates hold it.
 *
 * Source: docs/formats/evtx.md, "Binary XML"; MS-EVEN6 2.2.12.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum binxml_kind {
    BINXML_OPEN,      /* text = element name */
    BINXML_ATTRIBUTE, /* text = attribute name; its value follows as TEXT and VALUE */
    BINXML_CLOSE_TAG, /* the attributes end, the content begins */
    BINXML_END,       /* the element ends, with or without content */
    BINXML_TEXT,      /* text = literal text: value, CDATA, character or entity reference */
    BINXML_VALUE,     /* a substitution: value, type, optional */
};

struct binxml_token {
    enum binxml_kind kind;
    struct bytes text; /* UTF-16LE; borrowed from the chunk, entities from static memory */
    uint16_t value;    /* index into the values of the instance */
    uint8_t type;      /* as the template declares it; the instance may differ */
    bool optional;     /* element or attribute vanishes if the value is NULL */
};

struct binxml {
    struct bytes chunk; /* names lie anywhere in it */
    uint32_t at;        /* next token, bytes into the chunk */
    uint32_t end;       /* of this fragment */
    bool in_template;   /* elements of a definition carry a dependency id */
    bool check_names;   /* names must have the hash and the NUL that belong to them */
    bool bad;           /* damage was met; no more tokens will come */
};

/* The tokens of chunk[at, end). */
struct binxml binxml_of(struct bytes chunk, uint32_t at, uint32_t end, bool in_template);

/* Reads the next token; false at the end of the fragment and on damage (then b->bad).
 * Fragment headers and processing instructions are passed over. */
bool binxml_next(struct binxml *b, struct binxml_token *ret);

/* Whether UTF-16LE text is this ASCII text. */
bool utf16_is(struct bytes text, const char *ascii);
