/* hive.h - registry hives ("regf"): keys and their values, read in place.
 *
 * All that a hive holds lies in cells, which name each other by their offset from the start
 * of the bins (4096 bytes into the file). A walk goes through the keys that can be reached
 * from the root, each cell once: a cell that two others name is damage, and no hive, however
 * it is made, costs more than its size.
 *
 * Source: docs/formats/registry.md
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum {
    HIVE_HEADER = 4096,    /* bytes before the bins */
    HIVE_DEPTH = 512,      /* keys inside keys: as many as Windows allows */
    HIVE_NO_CELL = -1,     /* as int32_t: an offset that names nothing */
    HIVE_PATH = 64 * 1024, /* bytes of a path */
};

enum hive_type {
    HIVE_NONE,
    HIVE_SZ,
    HIVE_EXPAND_SZ,
    HIVE_BINARY,
    HIVE_DWORD,
    HIVE_DWORD_BIG_ENDIAN,
    HIVE_LINK,
    HIVE_MULTI_SZ,
    HIVE_RESOURCE_LIST,
    HIVE_FULL_RESOURCE_DESCRIPTOR,
    HIVE_RESOURCE_REQUIREMENTS_LIST,
    HIVE_QWORD,
    HIVE_TYPES,
};

/* "REG_SZ", ...; NULL for a number that has no name. */
const char *hive_type_name(uint32_t type);

struct hive_free { /* bytes of the bins that are in no cell in use */
    uint32_t from, to;
};

struct hive {
    struct bytes file;
    struct bytes bins;             /* as far as they are there */
    uint64_t told;                 /* bytes of bins that the header names */
    uint32_t root;                 /* cell of the root key */
    uint32_t minor;                /* of version 1 */
    uint32_t sequence[2];          /* equal unless a write was under way */
    bool checksum_ok;              /* of the header */
    instant written;               /* as the header says; newer systems do not keep it */
    struct str name;               /* of the hive's file, as the header says: its last part */
    const struct hive_free *freed; /* of what was deleted (hive_deleted.h): cells are read in
                                      these only; NULL: cells in use are read */
    size_t n_freed;
};

/* Reads the header.
 *
 * file   stays mapped as long as the hive is used
 * arena  owns the name
 * errors ERR_CORRUPT (no header; log files have one of their own), ERR_UNSUPPORTED (version)
 */
int hive_open(struct bytes file, struct arena *arena, struct hive *ret, struct err *err);

/* Whether changes may be missing that only the transaction log has. */
bool hive_is_dirty(const struct hive *h);

struct hive_name {
    struct bytes raw; /* borrowed from the file */
    bool narrow;      /* one byte for each character, else UTF-16LE */
};

/* A name as text, in `arena` unless it is ASCII. */
struct str hive_text(struct hive_name name, struct arena *arena);

/* Whether a name is this text, ignoring the case of ASCII letters. */
bool hive_name_is(struct hive_name name, struct str text);

struct hive_key {
    uint32_t cell;
    uint32_t size; /* of its cell, bytes */
    uint32_t flags;
    instant modified; /* the last write to the key, its values or its list of keys */
    uint32_t parent;
    uint32_t n_subkeys, subkeys;
    uint32_t n_values, values;
    uint32_t security;
    uint32_t class_cell, class_size;
    struct hive_name name;
};

struct hive_value {
    uint32_t cell;
    uint32_t size; /* of its cell, bytes */
    uint32_t type; /* enum hive_type, or any other number */
    uint32_t data_size;
    uint32_t data_cell;
    bool inside; /* the data stand in the value itself */
    struct hive_name name;
};

/* errors ERR_CORRUPT */
int hive_key_read(const struct hive *h, uint32_t cell, struct hive_key *ret, struct err *err);
int hive_value_read(const struct hive *h, uint32_t cell, struct hive_value *ret,
                    struct err *err);

/* The data of a value: borrowed, or in `arena` where they lie in several cells.
 * errors ERR_CORRUPT; *ret is then what there is of them */
int hive_data(const struct hive *h, const struct hive_value *v, struct arena *arena,
              struct bytes *ret, struct err *err);

/* The security descriptor of a key; empty if there is none or it is damaged. */
struct bytes hive_security(const struct hive *h, const struct hive_key *key);

/* The class name of a key, in `arena`; "" if it has none. */
struct str hive_class(const struct hive *h, const struct hive_key *key, struct arena *arena);

/* A key by its path from the root ("Select", "ControlSet001\\Control"); "" is the root.
 * Names are compared without regard to ASCII case. False if it is not found. */
bool hive_find_key(const struct hive *h, struct str path, struct hive_key *ret);

/* A subkey of a key; a value of a key ("" is the default value). */
bool hive_find_subkey(const struct hive *h, const struct hive_key *key, struct str name,
                      struct hive_key *ret);
bool hive_find_value(const struct hive *h, const struct hive_key *key, struct str name,
                     struct hive_value *ret);

/* The cells of a key's values, as its list has them; at most `most`. returns how many */
size_t hive_value_cells(const struct hive *h, const struct hive_key *key, uint32_t *ret,
                        size_t most);

/* --- all keys and values ----------------------------------------------------------------- */

struct hive_gap { /* bytes of the file */
    uint64_t from, to;
};

struct hive_item {
    const struct hive_key *key; /* valid until the next key */
    struct str path;            /* from the root, "" of the root itself; valid as long */
    bool has_value;             /* else the key has none, and is told once */
    bool first;                 /* the first item of its key */
    struct hive_value value;
};

struct hive_walk;

/* h and arena must outlive the walk. */
struct hive_walk *hive_walk_new(const struct hive *h, struct arena *arena);

/* The next value, or key without values; keys in the order of their parents' lists.
 *
 * returns 1 item, 0 end, -1 damage: *err says what, *gap where; the walk goes on behind it
 */
int hive_walk_next(struct hive_walk *w, struct hive_item *ret, struct hive_gap *gap,
                   struct err *err);

/* Whether the walk met a cell: at its end, whether anything in use names it. */
bool hive_walk_met(const struct hive_walk *w, uint32_t cell);
