/* unit_int.h - what a unit is made of, for the files that build it and that run it.
 *
 * An *atom* is one pattern on the values of one slot; a *slot* is a field as a feed's mapping
 * shows it, or the texts of keywords. A *test* is an item of a rule: any or all of some atoms.
 * A *program* is a candidate's conditions over tests. Tests and atoms that are the same for
 * several rules are one.
 */
#pragma once

#include "rule/keywords.h"
#include "rule/literals.h"
#include "rule/regex_need.h"
#include "rule/shape.h"
#include "rule/unit.h"

static const uint32_t NONE = UINT32_MAX;
static const uint32_t LAST = UINT32_C(1) << 31; /* the last atom of those of one value */

enum answer {
    ANSWER_BIT,   /* by what the scan of its slot has found */
    ANSWER_GATED, /* no, if the scan has not found what it needs; else by the plain evaluator */
    ANSWER_ASKED, /* by the plain evaluator */
};

struct atom {
    const struct pattern *pattern; /* this form alone, not or_else */
    const struct feed *feed;       /* the mapping under which it is asked */
    uint32_t slot;
    uint32_t bit; /* among those of its slot; NONE for ANSWER_ASKED */
    enum answer answer;
    float cost;     /* how often its bit may be expected, roughly */
    uint32_t state; /* what the plain evaluator said: epoch * 4 + enum tri */
};

struct number_bit { /* a number that a value of a slot may be */
    struct number number;
    uint32_t bit;
};

struct slot {
    uint32_t field; /* as rules name it; FIELD_KEYWORD: the texts */
    const struct feed *feed;
    uint32_t source; /* number of the field among the unit's sources, if its values are the
                        slot's as they stand; NONE: the plain evaluator gives the values */
    uint32_t n_bits;
    const struct literals *table;
    struct literal_hits hits;
    const struct number_bit *numbers;
    uint32_t n_numbers;
    bool first;      /* some programs are looked at only for what is found here */
    uint32_t epoch;  /* of the last scan */
    uint32_t *wakes; /* n_bits + 1: where the programs of each bit start in `woken` */
    uint32_t *woken; /* programs */
};

struct test {
    bool all;
    uint32_t from, n; /* in the unit's list of alternatives */
    uint32_t state;   /* epoch * 4 + enum tri */
};

enum step_kind { STEP_TEST, STEP_NOT, STEP_AT_LEAST, STEP_YES, STEP_NO };

struct step { /* a node of a program */
    enum step_kind kind;
    bool negate;   /* STEP_TEST */
    uint32_t test; /* STEP_TEST */
    uint32_t need; /* STEP_AT_LEAST: of `n` children, from `from` in the list of children */
    uint32_t from, n;
};

struct unit {
    struct atom *atoms;
    uint32_t n_atoms;
    struct slot *slots;
    uint32_t n_slots;
    struct test *tests;
    uint32_t n_tests;
    uint32_t *alternatives; /* atoms of tests; LAST */
    struct step *steps;
    uint32_t n_steps;
    uint32_t *children;
    uint32_t *roots; /* of each program; a program's number is that of its candidate */
    uint32_t n_programs;
    uint32_t *always; /* programs that are looked at for every event */
    uint32_t n_always;
    uint32_t *stamp; /* per program: the epoch in which it was woken */
    const struct candidate *candidates;
    struct shapes *shapes;
    const uint32_t *sources; /* field numbers, beside the names of the wish */
    struct wish wish;
    struct text_set *texts; /* that keywords need; NULL: it has no keywords */
    bool whole;             /* needs all fields, whatever the raw bytes say */
    uint32_t epoch;
};

/* Texts of which some keywords of a unit need one; units of the same texts share them. */
struct text_set {
    const struct str *texts;
    size_t n;
    const struct keywords *table;
    uint32_t turn; /* of the raw bytes that were looked at last */
    bool stands;   /* one of the texts may be in them */
    struct text_set *next;
};

/* The texts that the atoms of keywords need: fills u->texts, or u->whole if they cannot be looked
 * for in raw bytes. */
void unit_texts(struct unit *u, struct matcher *m);

/* Whether any of them may be in the raw bytes in force. */
bool unit_texts_stand(struct text_set *set, const struct matcher *m);

/* Texts of which a value holds one, when folded, if the pattern holds for it. */
struct regex_need unit_need(const struct pattern *p, struct arena *arena);

/* Whether the scan of a slot can look for the pattern itself. */
bool unit_is_literal(const struct pattern *p);

/* Which atoms wake a program: fills the slots' lists and u->always. */
void unit_wake(struct unit *u, struct arena *arena);
