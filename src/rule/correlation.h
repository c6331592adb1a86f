/* correlation.h - correlation rules: what they count over which other rules' matches.
 *
 * A correlation is a rule of the set like others, but no event matches it: it matches windows
 * of time in which matches of other rules, its *members*, lie together. A member is a rule or
 * another correlation. Members that are correlations have lower numbers than it.
 *
 * Source: Sigma correlation rules specification 2.1.0; where it is silent, what pySigma 1.5.1
 * does; docs/formats/correlation.md says what neither says.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/time.h"

enum correlation_type {
    CORRELATE_EVENTS,  /* event_count */
    CORRELATE_VALUES,  /* value_count */
    CORRELATE_SUM,     /* value_sum */
    CORRELATE_AVERAGE, /* value_avg */
    CORRELATE_RANK,    /* value_percentile, value_median */
    CORRELATE_NEAR,    /* temporal */
    CORRELATE_ORDERED, /* temporal_ordered */
    CORRELATIONS,
};

enum {
    CORRELATION_MEMBERS_MAX = 64, /* rules of one correlation */
    CORRELATION_FIELDS_MAX = 16,  /* of a group; of a count of values */
    CORRELATION_TESTS_MAX = 6,
    CORRELATION_CHAIN_MAX = 8,   /* correlations of correlations of ... */
    CORRELATION_CARRY_MAX = 64,  /* fields of a correlation's events that others ask for */
    CORRELATION_WORDS_MAX = 256, /* of a condition in words */
    CORRELATION_MICRO = 1000000, /* numbers are kept in millionths */
};

/* Millionths: a sum of 64-bit numbers stays exact. */
__extension__ typedef __int128 correlation_number;

enum correlation_op {
    CORRELATE_GT,
    CORRELATE_GTE,
    CORRELATE_LT,
    CORRELATE_LTE,
    CORRELATE_EQ,
    CORRELATE_NEQ
};

struct correlation_test {
    enum correlation_op op;
    correlation_number than;
};

struct correlation_word { /* a condition in words, in the order of evaluation */
    enum { CORRELATE_MEMBER, CORRELATE_AND, CORRELATE_OR } kind;
    uint32_t member;
};

struct correlation_member {
    uint32_t rule; /* its number in the set */
    bool is_correlation;
    /* Where its values stand: among the fields that are read of a match (ruleset_tap), or, of
     * a correlation, among what it carries. */
    const uint16_t *group; /* n_group of them */
    const uint16_t *value; /* n_value */
    const uint16_t *carry; /* n_carry */
};

struct correlation {
    enum correlation_type type;
    instant span;        /* longest time from the first event to the last */
    bool endless;        /* no time is given: all evidence is one window */
    uint32_t percentile; /* CORRELATE_RANK: 0 to 100 */
    struct correlation_test tests[CORRELATION_TESTS_MAX]; /* all must hold */
    uint32_t n_tests;
    struct correlation_word *words; /* CORRELATE_NEAR: instead of tests; NULL: none */
    uint32_t n_words;
    struct correlation_member *members;
    uint32_t n_members;
    struct str group[CORRELATION_FIELDS_MAX]; /* as the rule calls them */
    uint32_t n_group;
    struct str value[CORRELATION_FIELDS_MAX]; /* fields whose values are counted */
    uint32_t n_value;
    struct str carry[CORRELATION_CARRY_MAX]; /* fields that correlations of it ask for */
    uint32_t n_carry;
    uint32_t chain; /* 0: of rules only; else one more than the highest of its members */
    bool generate;  /* its members are told themselves, too */
};

/* Whether a condition that holds in a window holds in all that contain it, too: then a window
 * may be told at the first event with which it holds. */
bool correlation_grows(const struct correlation *c);

/* Whether a number fits a test, the average of n values given as their sum. n = 1 else. */
bool correlation_holds(const struct correlation *c, correlation_number sum, uint64_t n);

/* "event_count" ... */
const char *correlation_type_name(enum correlation_type type);

/* A number as fields and rules write it, in millionths; false if it is none or too large. */
bool correlation_number_parse(struct str text, correlation_number *ret);
