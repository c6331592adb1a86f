/* advice.h - what to switch on so that an event or field is logged (rules/advice). */
#pragma once

#include "rule/reach.h"

struct advice {
    enum event_kind kind;
    struct str channel; /* folded; "" any */
    struct str name;    /* the channel as Windows writes it */
    uint32_t *ids;      /* none: any */
    size_t n_ids;
    struct str *fields; /* none: the events themselves */
    size_t n_fields;
    struct str say, how, source; /* `how` may be "" */
};

struct advices {
    struct advice *p;
    size_t n;
};

/* Reads the program's own advice. arena owns *ret. errors ERR_INVALID: it is damaged */
int advice_load(struct arena *arena, struct advices *ret, struct err *err);

/* The same of a text, in the form that rules/advice/advice.yml tells. */
int advice_parse(struct str text, struct arena *arena, struct advices *ret, struct err *err);

/* What helps; NULL if nothing is known. */
const struct advice *advice_for(const struct advices *all, const struct reach_need *need);
