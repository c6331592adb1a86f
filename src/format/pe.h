/* pe.h - what a Windows program says of itself: headers, version, imports, exports, signature.
 *
 * Nothing is taken as true: the version is what its maker wrote into it, and of a signature only
 * that there is one, and which names stand in its certificates. It is never checked.
 *
 * Source: Microsoft, PE Format; VS_VERSIONINFO; ECMA-335, II.24 (metadata)
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"

enum {
    PE_SECTIONS_MAX = 96,   /* what Windows loads */
    PE_EXPORTS_MAX = 64,    /* names told; further ones are counted */
    PE_IMPORTS_MAX = 16384, /* functions of all libraries together */
    PE_SIGNERS_MAX = 8,     /* names of certificates told */
};

struct pe {
    const char *machine; /* "x86", "x64", "arm", "arm64", "ia64", "" for another */
    bool dll, managed, signature;
    instant compiled;        /* as its header says, often no time at all; INSTANT_NONE: none */
    struct str version;      /* of its fixed information: "15.1.2375.7"; "" if it has none */
    struct str file_version; /* of its texts, as are the others; "" where missing */
    struct str product_version, company, product, description, original_name, internal_name;
    const struct str *signers; /* common names in the signature's certificates */
    size_t n_signers;
    const struct str *exports; /* names */
    size_t n_exports;
    uint32_t all_exports;   /* how many names there are */
    struct str export_name; /* the library's own name in its export table */
    struct str imphash; /* MD5 over its imports, as others compute it; "" where it has none, or
                             an import by number that only a table of names would tell */
    const struct str *uses; /* of managed code: interfaces of web modules and mail agents */
    size_t n_uses;
    bool damaged; /* some table leads outside the file: what is told is not all */
};

/* Reads a program; false if it is none. Texts are the arena's or borrowed from the file. */
bool pe_parse(struct bytes file, struct arena *arena, struct pe *ret);
