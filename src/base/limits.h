/* limits.h - every bound we impose on evidence and on people, with its reason. */
#pragma once

#include <stddef.h>

enum {
    LIMIT_FIELDS = 4096,         /* fields of one event: Windows allows 128, arrays more */
    LIMIT_LINE = 1024 * 1024,    /* bytes of one log line; HTTP.sys stops at 64 KiB */
    LIMIT_JSON_DEPTH = 64,       /* nesting of one JSON event */
    LIMIT_JSON_VALUE = 16 << 20, /* bytes of one JSON event */
    LIMIT_JSON_DOCUMENT_NODES = 1 << 25, /* values inside a verdict */
    LIMIT_JSON_NODES = 1 << 19, /* values inside one JSON event: 64 bytes of memory each */
    LIMIT_YAML_DEPTH = 64,      /* nesting of a rule or a pack */
    LIMIT_RULE_FILE = 4 << 20,  /* bytes of one rule file */
    LIMIT_BINXML_DEPTH = 64,    /* elements inside elements */
    LIMIT_BINXML_NEST = 8,      /* templates inside substitutions */
    LIMIT_SUBSTITUTIONS = 4096, /* values of one template instance */
    LIMIT_EXCERPT = 8 * 1024,   /* bytes of raw evidence kept with a finding */
    LIMIT_SMALL_FILE = 4 << 20, /* a file read whole for a look at its content */
    LIMIT_LOOKED_AT = 64 << 20, /* of a file in which script is looked for: shells are padded */
    LIMIT_WALK_DEPTH = 128,     /* folders inside folders */
    LIMIT_HITS_PER_SPAN =
        20000, /* findings of one rule kept of one span; the rest is counted */
    LIMIT_HITS_BYTES = 128 << 20,     /* bytes of the findings of one span */
    LIMIT_UNPACK_FREE = 64 << 20,     /* bytes unpacked before the next limit is asked for */
    LIMIT_UNPACK_RATIO = 500,         /* content per packed byte: logs reach 60, bombs more */
    LIMIT_RULES_MEMORY = 768 << 20,   /* bytes that all rules read take; all of Sigma: 50 MB */
    LIMIT_EXPLODED_VALUES = 65536,    /* patterns that one rule value may expand to */
    LIMIT_EXPLODED_ALL = 1 << 20,     /* and all values of all rules together */
    LIMIT_EXPLODED_BYTES = 256 << 20, /* memory for the values of placeholders in rules */
};

/* Bytes of a compressed log that is no stream of JSON: it is unpacked into memory. */
#define LIMIT_UNPACKED_LOG ((size_t)256 << 20)

#define LIMIT_UNPACKED ((size_t)1 << 40) /* bytes out of one compressed file */
