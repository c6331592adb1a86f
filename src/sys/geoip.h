/* geoip.h - where addresses are and whose, by databases that the user brings.
 *
 * Nothing is asked of any network: the files are MaxMind DB files (country, city, ASN), and
 * without one nothing is known. They are opened once, before workers are forked; the library
 * maps them, so a file that is cut while it is in use ends the process that reads it.
 *
 * Source: docs/formats/geoip.md; MaxMind DB File Format Specification 2.0.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/str.h"

struct geoip; /* one or several databases */

struct geoip_place {    /* "" and 0 where no database says */
    struct str country; /* ISO 3166-1, "NL" */
    struct str city;    /* in English */
    struct str organisation;
    uint32_t asn; /* number of the autonomous system */
};

/* Opens databases. *ret is NULL for none.
 *
 * arena   must outlive the databases
 * errors  ERR_IO, ERR_LIMIT (a file of more than GEOIP_FILE_MAX), ERR_CORRUPT (no MaxMind
 *         DB); each names the file
 */
int geoip_open(const char *const *paths, size_t n, struct arena *arena, struct geoip **ret,
               struct err *err);
void geoip_close(struct geoip *geoip); /* NULL is fine */

/* What the databases say of an address; where two say the same thing, the one opened first.
 * Records that are damaged say nothing, and are counted. Text is in `arena`. False, and
 * *ret untouched, if none of them knows it; so too if geoip is NULL. */
bool geoip_find(const struct geoip *geoip, const struct ip *ip, struct arena *arena,
                struct geoip_place *ret);

/* The same for a text, which may be no address. */
bool geoip_find_text(const struct geoip *geoip, struct str address, struct arena *arena,
                     struct geoip_place *ret);

/* Reads that met damage, by this process. */
size_t geoip_damaged(const struct geoip *geoip);

/* "NL, AS64500 Example", "Amsterdam, NL": for people. */
struct str geoip_text(const struct geoip_place *place, struct arena *arena);
