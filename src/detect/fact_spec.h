/* fact_spec.h - what a rule's match says about a campaign: its `assay:` part, compiled.
 *
 * Source: docs/formats/pack.md, "The assay part of a rule".
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "rule/rules.h"

enum axis {
    AXIS_NONE,
    AXIS_EXPOSURE,
    AXIS_ENTRY,
    AXIS_BACKDOOR,
    AXIS_ACTION,
    AXIS_LOSS,
    AXIS_CONTEXT,
    AXIS_LOGGING,
    AXES
};

enum state { /* in rising order within an axis */
             STATE_NONE,
             STATE_PROBED,
             STATE_ATTEMPTED,
             STATE_REACHED,
             STATE_EXPLOITED, /* entry */
             STATE_USED,
             STATE_REMOVED,
             STATE_WRITTEN,
             STATE_PRESENT,     /* backdoor */
             STATE_SEEN,        /* action, loss */
             STATE_BUILD,       /* the product ran this build */
             STATE_UNMITIGATED, /* a mitigation was taken back */
             STATE_MITIGATED,   /* exposure */
             STATE_TRACE,       /* the product is there */
             STATE_INITIATOR,
             STATE_EFFECT, /* of the flaw, or of anything else */
             STATE_NOISE,  /* context */
             STATE_STOPPED,
             STATE_CLEARED,
             STATE_RECORDS_MISSING,
             STATE_CLOCK_BACK, /* logging; the last two no rule tells */
             STATES,
};

enum confidence { CONFIDENCE_NONE, CONFIDENCE_WEAK, CONFIDENCE_STRONG, CONFIDENCE_CERTAIN };

/* What must be considered stolen where a fact holds: bits. */
enum secret {
    SECRET_LOGGED_ON, /* passwords and hashes of the accounts logged on to the server */
    SECRET_LOCAL,     /* the server's own accounts and machine secrets */
    SECRET_DOMAIN,    /* all accounts of the domain */
    SECRET_SERVICE,   /* accounts that services and pools run as */
    SECRET_MACHINE_KEYS,
    SECRET_CERTIFICATES,
    SECRET_TYPED,  /* passwords typed into a logon page */
    SECRET_STORED, /* passwords in configuration and scripts */
    SECRETS,
};

/* What intrusions may have in common, so that they are one intruder's. */
enum share {
    SHARE_ADDRESS,
    SHARE_PAGE,      /* its name */
    SHARE_CONTENT,   /* a digest */
    SHARE_STRUCTURE, /* of a page's script */
    SHARE_KEY,       /* the item of the request, or the password, that a page asks for */
    SHARE_AGENT,     /* what the client called itself */
    SHARE_TOOL,
    SHARE_DOMAIN,
    SHARE_ACCOUNT,
    SHARES,
};

struct fact_spec {
    enum axis axis;
    enum state state;
    enum confidence confidence;
    struct str kind;           /* of an action: "execution", ...; of a loss: "mail", ... */
    unsigned secrets;          /* enum secret, as bits */
    struct str shares[SHARES]; /* fields; "" if none */
    bool maybe;      /* of a loss: it was made ready; whether it left, other records tell */
    struct str act;  /* merges with records of the same act */
    struct str what; /* a sentence with {Field} placeholders */
    int64_t within;  /* merge tolerance, 100 ns */
    const struct str *key; /* fields whose values must agree to merge */
    size_t n_key;
    struct str request, initiator, object, bytes, mailbox, time, about,
        server; /* fields; "" if none */
};

/* Compiles the `assay:` part of a rule; *ret_n is 0 where the rule has none.
 *
 * arena   owns the result
 * errors  ERR_INVALID (unknown axis or state, missing act, ...): the pack is ours or its
 *         author's, who is told
 */
int fact_spec_parse(const struct rule *rule, struct arena *arena, struct fact_spec **ret,
                    size_t *ret_n, struct err *err);

/* A match of one spec on one event: all text the judge needs, nothing more. */
struct seed {
    enum axis axis;
    enum state state;
    enum confidence confidence;
    struct str kind, act, what;
    struct str key; /* lower-case values, each followed by a newline */
    struct str request, initiator, object, mailbox;
    struct str about;  /* another host that the fact is about, as the record names it */
    struct str server; /* another host that the request went to, or came from */
    instant time;      /* the act's own time; INSTANT_NONE: the record's */
    uint64_t bytes;
    bool sized; /* the record says how many */
    bool maybe;
    unsigned secrets;
    struct str shares; /* "kind<tab>value<newline>" each */
    int64_t within;
};

/* Fills a seed from an event; text is the event's or the arena's. */
void fact_spec_apply(const struct fact_spec *spec, const struct event *ev, struct arena *arena,
                     struct seed *ret);

const char *axis_name(enum axis axis);
const char *state_name(enum state state);
const char *confidence_name(enum confidence confidence);
const char *share_name(enum share share);
bool share_parse(struct str text, enum share *ret);
const char *secret_name(enum secret secret);  /* "machine_keys" */
const char *secret_words(enum secret secret); /* for people */
bool axis_parse(struct str text, enum axis *ret);
bool state_parse(struct str text, enum state *ret);
bool state_is_of(enum state state, enum axis axis);
