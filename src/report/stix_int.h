/* stix_int.h - the parts of the STIX bundle. */
#pragma once

#include "base/json.h"
#include "report/stix.h"
#include "report/stix_id.h"

struct stix_refs { /* ids, each once */
    struct str *at;
    size_t n, cap;
};

struct stix {
    const struct share *share;
    struct arena *arena;
    struct json_out j;
    struct str marking, identity;
    instant modified;
    struct stix_refs objects; /* domain objects and relationships */
    struct str *ids;          /* of all that stand in it: a table, by their hashes */
    size_t n_ids, cap_ids;
    struct stix_told told;
};

/* Whether an object of this id stands in the bundle already; from now on it does. */
bool stix_has(struct stix *x, struct str id);

void stix_add_ref(struct stix *x, struct stix_refs *refs, struct str id);
void stix_put_refs(struct stix *x, const char *key, const struct stix_refs *refs);
void stix_put(struct stix *x, const char *key, struct str text); /* nothing where it is "" */
void stix_put_time(struct stix *x, const char *key, instant t);  /* with milliseconds */
void stix_mark(struct stix *x);                                  /* object_marking_refs */

/* Puts the observables of an act into the bundle and adds their ids. */
void stix_observe(struct stix *x, const struct gathered *g, const struct json *fact,
                  struct stix_refs *refs);

/* An address that is one; "" where the value is none. */
struct str stix_address(struct stix *x, struct str value);
struct str stix_file(struct stix *x, struct str name, struct str sha256);
