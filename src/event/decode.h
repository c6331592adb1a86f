/* decode.h - what a text says when its encodings are undone, layer by layer.
 *
 * Commands are hidden in base64, in compressed streams, in lists of character codes, in
 * strings that are joined, replaced or reversed when they run. Nothing is executed here:
 * each known way of writing a text is undone where it stands, and what comes out is looked at
 * again. What does not read as text afterwards was no such encoding and is left alone.
 *
 * Source: docs/formats/decoding.md
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum {
    DECODE_LAYERS = 6,             /* encodings inside encodings */
    DECODE_STEPS = 24,             /* simplifications of one layer, nested ones each count */
    DECODE_TEXT_MAX = 8 << 20,     /* bytes of a text that is looked at */
    DECODE_MADE_MAX = 16 << 20,    /* bytes of all that is made of one text */
    DECODE_INFLATED_MAX = 4 << 20, /* bytes of one compressed piece: a bomb ends here */
    DECODE_PARTS = 32,             /* decoded pieces of one text that are given alone */
};

enum decode_hint {
    DECODE_COMMAND = 1, /* a command line: cmd's and PowerShell's ways of quoting */
    DECODE_WEB = 2,     /* of a web request, which is percent-decoded once elsewhere */
};

struct decoded {
    struct str text;         /* the whole text, with what was decoded in its place */
    struct str chain;        /* how, from the outside in: "base64, utf-16, joined strings" */
    const struct str *parts; /* what was decoded up to here, each piece alone */
    size_t n_parts;
    struct str program; /* SHA-256 of a Windows program found inside; "" if none */
};

struct decoded_list {
    const struct decoded *at; /* from the outside in: each is made from the one before */
    size_t n;
    bool cut; /* a limit was reached: there may be more inside */
};

/* Undoes what can be undone. A text in which one quick look finds nothing costs no more than
 * that look.
 *
 * hints   of enum decode_hint
 * arena   owns *ret, which also borrows from text
 */
void decode_text(struct str text, unsigned hints, struct arena *arena,
                 struct decoded_list *ret);
