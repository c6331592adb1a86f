/* rules.h - the seam of the rule engine: compiled rules in, event in, matches out.
 *
 * A ruleset is filled once, then frozen and shared by all workers. Each worker has its own
 * matcher: caches and scratch memory. The evaluator behind this seam is the plain one.
 *
 * Source: Sigma specification 2.1.0; where it is silent, what pySigma does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "event/event.h"
#include "event/wish.h"
#include "rule/choice.h"
#include "rule/correlation.h"
#include "rule/yaml.h"

enum level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };

struct rule {
    struct str id;   /* the rule's UUID; "" if it has none */
    struct str name; /* by which other documents may call it; "" if it has none */
    struct str title;
    struct str path;    /* file it came from, for people */
    struct str status;  /* "test", "stable", ...; "" if not given */
    enum level level;   /* medium if not given */
    struct str pack;    /* the pack it belongs to; "" for a user's rule */
    unsigned n_filters; /* filter documents that were added to it */
    bool silent;        /* its matches are for correlations; they are no findings */
    bool made;          /* a part of an older rule with an aggregation; not in any file */
    const struct correlation *correlation; /* NULL: an ordinary rule, of single events */
    const struct yaml *document;           /* whole, for what lies outside the Sigma language
                                    (a pack rule's `assay:` part); lives with the set */
    const struct indicators *indicators;   /* it stands for findings of a list of these
                                            (rule/indicator.h), and no event matches it; or NULL */
    const struct yara_rule
        *yara; /* it is one of these (rule/yara.h), and no event matches it */
};

struct refusal {
    struct str path;
    struct str id;     /* "" if it could not be read */
    struct str reason; /* one line, without the place */
    struct yaml_mark at;
    enum err_code code; /* UNSUPPORTED, NOT_FOUND: not the rule's fault */
};

struct ruleset;

struct ruleset *ruleset_new(void);
void ruleset_free(struct ruleset *set); /* NULL is fine */

/* Keeps every document of one YAML text, in order. They are compiled by ruleset_freeze, so
 * that what bears on other documents may be added before or behind them.
 *
 * path, pack  copied into the set
 * text        copied
 */
void ruleset_add(struct ruleset *set, struct str path, struct str pack, struct str text);

/* Adds values to the list that the placeholder %name% of rules stands for. All is copied;
 * wildcards and escapes mean what they mean in rules. */
void ruleset_placeholder(struct ruleset *set, struct str name, const struct str *values,
                         size_t n);

/* Adds a processing pipeline (rule/pipeline.h) for the rules without a pack. All pipelines
 * apply to all of these rules, by priority, whenever they were added.
 *
 * path    for messages
 * errors  ERR_INVALID, ERR_UNSUPPORTED, ERR_LIMIT "PATH: line L, column C: ..."
 */
int ruleset_pipeline(struct ruleset *set, struct str path, struct str text, struct err *err);

/* Adds one document that is parsed already.
 * document  lives as long as the set */
void ruleset_add_document(struct ruleset *set, struct str path, const struct yaml *document);

/* Keeps a refusal of a file that could not even be read. */
void ruleset_refuse(struct ruleset *set, struct str path, struct str reason);

/* The same of a text that is no YAML and could not be used, at a line. */
void ruleset_refuse_line(struct ruleset *set, struct str path, unsigned line,
                         struct str reason);

/* Which of the rules without a pack are wanted; the others are not compiled. NULL: all.
 * choice  borrowed until the set is frozen */
void ruleset_choose(struct ruleset *set, const struct choice *choice);

/* Ends the filling: compiles all rules, with the filters that are meant for them. A rule that cannot be used is a refusal, not an
 * error; so is a whole text that is not YAML. */
void ruleset_freeze(struct ruleset *set);

/* All that follows is valid when the set is frozen. */

/* Adds a rule that no event matches: others find something, and it stands for their findings.
 * Before the first matcher is made. Texts and what `indicators` points to outlive the set.
 * returns its number */
uint32_t ruleset_stand_for(struct ruleset *set, const struct rule *rule);

size_t ruleset_count(const struct ruleset *set);
const struct rule *ruleset_get(const struct ruleset *set, size_t index);
/* Whether any evidence that is read can feed this rule: false for one about other products. */
bool ruleset_reaches(const struct ruleset *set, size_t index);

/* The head of one kind of event that feeds a rule: the first of its log source. False if
 * there is none. Texts live with the set. */
bool ruleset_sample(const struct ruleset *set, size_t index, struct event *ret);

struct tap { /* whom a match of a rule is for */
    uint32_t correlation, member;
};

struct tapped {             /* what correlations want of a rule's matches */
    const uint32_t *fields; /* numbers of fields, for matcher_field */
    size_t n_fields;
    const struct tap *taps;
    size_t n_taps;
};

/* NULL: no correlation has the rule for a member. */
const struct tapped *ruleset_tapped(const struct ruleset *set, size_t index);

/* How many rules a person has given: all but those made from parts of others and those that
 * stand for findings. */
size_t ruleset_given(const struct ruleset *set);

/* How many rules were left out because they were not chosen. */
size_t ruleset_left_out(const struct ruleset *set);
/* How many documents do not mean to be rules. */
size_t ruleset_others(const struct ruleset *set);

size_t ruleset_refusals(const struct ruleset *set, const struct refusal **ret);

/* What is used, but says something that has no effect: a filter for a rule that is not there. */
size_t ruleset_notices(const struct ruleset *set, const struct refusal **ret);

struct matcher;

struct matcher *matcher_new(const struct ruleset *set);

/* The plain evaluator: every applicable rule over the whole event. What the other one gives is
 * held against it in tests. */
struct matcher *matcher_new_plain(const struct ruleset *set);
void matcher_free(struct matcher *m);

/* Whether any rule applies to events with this head (kind, channel, EventID). If not, the
 * event's fields need not be read. */
bool matcher_wants(struct matcher *m, const struct event *head);

/* The bytes that the texts of the next events are made from (source_raw), so that keywords need
 * not be looked for in each event: then fewer events must be read whole. {0}: not known. To be
 * called with {0} when evidence is closed: bytes at the same place are taken for the same.
 *
 * raw  stays as it is until the next call */
void matcher_raw(struct matcher *m, struct bytes raw);

/* The bytes that the rows of the next events are parts of, as a rule: then many rows are looked
 * through at once. To be called with {0} when evidence is closed.
 *
 * text  stays as it is until the next call */
void matcher_text(struct matcher *m, struct bytes text);

/* The fields that matcher_may needs of an event with this head; NULL: all of them. Lives until
 * the next head that matcher_wants has not met before, or the next matcher_raw. */
const struct wish *matcher_wish(struct matcher *m, const struct event *head);

/* What this matcher's rules said before of events that fill a wish alike (rule/verdicts.h): of
 * wishes that matcher_wish gave and that are not timed. */
struct verdicts *matcher_verdicts(struct matcher *m);

/* Whether any rule may match: false only if matcher_run of the whole event would give none.
 *
 * ev  filled for matcher_wish (source_fill_some), or whole
 */
bool matcher_may(struct matcher *m, const struct event *ev);

/* The same from the line of a text log that the event was read from, before it is filled.
 *
 * row  the line as it stands in the file, without its end
 */
bool matcher_may_row(struct matcher *m, const struct event *head, struct bytes row);

/* The same of a row that the last matcher_may_row did not rule out, from all that the rules which
 * that left need of it: of use where a few fields do not tell it at less cost.
 *
 * narrow  matcher_rest_wish and matcher_may_rest are then about those alone of which nothing is
 *         missing */
bool matcher_sure_row(struct matcher *m, struct bytes row, bool narrow);

/* The fields by which matcher_may_rest tells more of the row that the last matcher_may_row did
 * not rule out; NULL: nothing less than the whole event does. As matcher_wish. */
const struct wish *matcher_rest_wish(struct matcher *m);

/* Whether one of the rules that the last matcher_may_row left may match.
 *
 * ev  filled for matcher_rest_wish, or whole
 */
bool matcher_may_rest(struct matcher *m, const struct event *ev);

/* Evaluates all applicable rules.
 *
 * ev      with its fields
 * ret     indices of the rules that match, ascending; valid until the next call
 * returns how many
 */
size_t matcher_run(struct matcher *m, const struct event *ev, const uint32_t **ret);

/* What is to be known of one of the matches that the last run gave, besides the event's own
 * marks: of enum event_mark, or-ed together. */
unsigned matcher_marks(const struct matcher *m, size_t match);

/* For one of the matches of the last matcher_run: the text that matched, if it is not the
 * evidence's own but one decoded from it, and in words what was done; else "".
 *
 * match   place in *ret of matcher_run
 * returns a text that is valid until the next call of matcher_run
 */
struct str matcher_decoded(const struct matcher *m, size_t match, struct str *ret_how);

/* For one of the matches of the last matcher_run: a field's first value as the rule sees it,
 * through the mapping of its log source.
 *
 * field    of struct tapped
 * returns  false if the event has none; *ret is valid until the next call of matcher_run
 */
bool matcher_field(struct matcher *m, size_t match, uint32_t field, struct str *ret);

/* How often a regular expression was given up because of its limits; counts as no match. */
uint64_t matcher_limits(const struct matcher *m);

/* Where findings of a rule come from: "assay" (a pack), "ioc" (indicators), "yara", "sigma". */
const char *rule_source(const struct rule *rule);

/* "informational" ... "critical"; and back (false if it is none of them). */
const char *level_name(enum level level);
bool level_parse(struct str text, enum level *ret);
