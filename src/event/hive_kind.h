/* hive_kind.h - which of Windows' hives a hive is, and what it says of its system. */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "format/hive.h"

enum hive_kind { /* a bit each, so that places can be of several */
                 HIVE_OTHER = 1,
                 HIVE_SYSTEM = 2,
                 HIVE_SOFTWARE = 4,
                 HIVE_SAM = 8,
                 HIVE_SECURITY = 16,
                 HIVE_NTUSER = 32,
                 HIVE_USRCLASS = 64,
                 HIVE_DEFAULT = 128, /* the settings before anybody has logged on */
                 HIVE_AMCACHE = 256,
                 HIVE_COMPONENTS = 512,
                 HIVE_DRIVERS = 1024,
                 HIVE_BCD = 2048,
};

struct hive_about {
    enum hive_kind kind;
    struct str name;   /* "SYSTEM", "NTUSER", ... */
    struct str prefix; /* where it is on a live system: "HKLM\\SYSTEM", "HKU\\S-1-5-21-..." */
    struct str host;   /* the computer's name, with its domain if known; only of SYSTEM */
    struct str control_set; /* "ControlSet001": the one in use; only of SYSTEM */
};

/* Told by the keys that the hive holds; its file's name decides between twins only.
 * arena  owns the texts */
struct hive_about hive_about(const struct hive *h, struct arena *arena);

/* The text of a value of a key, by its path from the root; "" if it is not there, or no text.
 * arena  owns it */
struct str hive_lookup_text(const struct hive *h, struct str key, struct str value,
                            struct arena *arena);

/* A number likewise. False if it is not there, or no number. */
bool hive_lookup_number(const struct hive *h, struct str key, struct str value, uint64_t *ret);
