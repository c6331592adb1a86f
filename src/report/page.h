/* page.h - the HTML report being written: what its parts share. Internal to the report.
 *
 * Markup comes from literals of this program (page_raw), everything else goes through
 * base/html.h. All words come from the language (report/lang.h). */
#pragma once

#include "base/html.h"
#include "base/json_read.h"
#include "base/time.h"
#include "judge/names.h"
#include "report/lang.h"
#include "report/report_case.h"

enum {
    PAGE_FULL = 10,         /* hosts with a section of their own, where there are more than.. */
    PAGE_MANY = 20,         /* ..these; else all have one */
    PAGE_HOSTS = 500,       /* hosts with a card */
    PAGE_FACTS = 4000,      /* facts in the whole report */
    PAGE_FACTS_MANY = 1000, /* where there are more hosts than PAGE_MANY */
    PAGE_LIST = 1000,       /* rows of one table */
    PAGE_FINDINGS = 300,    /* findings that are shown one by one */
    PAGE_RULES = 400,       /* rules that have findings */
    PAGE_EVIDENCE = 1500,   /* files */
    PAGE_EVIDENCE_MANY = 400,
    PAGE_TEXT = 4000, /* bytes of one text of the evidence */
    PAGE_PLACES = 64, /* records of one fact */
};

/* Lanes of the picture, and of marks beside facts. */
enum lane { LANE_TRIED, LANE_IN, LANE_DOOR, LANE_ACT, LANE_LOSS, LANE_LOGS, LANES, LANE_NONE };

struct page_fact {
    const struct json *json;
    struct str id;
    instant time, last;
    enum lane lane;
    size_t from;     /* the fact that the chain joins it to; SIZE_MAX: none */
    struct str by;   /* what joins them */
    struct str sure; /* of the link */
    bool linked;     /* it has an entry, for links */
    bool shown;      /* its entry was written */
};

struct page_host {
    const struct json *json;
    size_t number; /* from 1: part of ids */
    bool full;     /* it has a section of its own; else a card is all */
    struct page_fact *facts;
    size_t n_facts;
    struct names ids; /* of facts: their place in facts[] */
};

struct page {
    struct buf *out;
    const struct lang *lang;
    struct arena *arena;
    const struct report_case *in;
    bool many;             /* hosts: a table, advice once, sections of the worst */
    struct names linked;   /* ids of facts that have an entry */
    size_t n_facts_left;   /* and of how many there is none: PAGE_FACTS */
    struct names evidence; /* digests of files that facts cite */
};

/* --- words ------------------------------------------------------------------------------------ */

struct hole_value {
    const char *name;
    struct str value;
};

void page_raw(struct page *p, const char *markup);
void page_rawf(struct page *p, const char *markup, ...) __attribute__((format(printf, 2, 3)));

/* A text of the language. `code` between grave accents. */
void page_say(struct page *p, const char *id);

/* A text with its holes filled; values are evidence: escaped, set apart in <bdi>. */
void page_fill(struct page *p, const char *id, const struct hole_value *holes, size_t n);
/* The same where no markup may stand: in an attribute, in a title. */
void page_plain(struct page *p, const char *id, const struct hole_value *holes, size_t n);
#define PAGE_PLAIN(p, id, ...)                                      \
    page_plain((p), (id), (const struct hole_value[]){__VA_ARGS__}, \
               sizeof((const struct hole_value[]){__VA_ARGS__}) / sizeof(struct hole_value))
#define PAGE_SAY(p, id, ...)                                       \
    page_fill((p), (id), (const struct hole_value[]){__VA_ARGS__}, \
              sizeof((const struct hole_value[]){__VA_ARGS__}) / sizeof(struct hole_value))

/* The text `head` + `word`; where there is none, the word as it is: it is from a document. */
void page_word(struct page *p, const char *head, struct str word);

void page_evidence(struct page *p, struct str text);    /* shortened at PAGE_TEXT, told where */
void page_sentence(struct page *p, struct str english); /* <span lang=en> where it has none */
void page_prose(struct page *p, struct str english);    /* the same of advice: has `commands` */
void page_count(struct page *p, const char *id, uint64_t n); /* the text `id`, hole {n} */

/* --- the document ----------------------------------------------------------------------------- */

struct str doc_text(const struct json *object, const char *key); /* "" where there is none */
uint64_t doc_number(const struct json *object, const char *key); /* 0 likewise */
bool doc_is(const struct json *object, const char *key, const char *word);
bool doc_true(const struct json *object, const char *key);
const struct json *doc_list(const struct json *object, const char *key); /* its first; NULL */
size_t doc_count(const struct json *object, const char *key);
instant doc_time(const struct json *object, const char *key);

/* "2021-03-03 06:59:10 UTC", in the arena; "" where it is not known. */
struct str page_time(struct page *p, instant t);
void page_put_time(struct page *p, instant t);                /* or the words for unknown */
void page_put_span(struct page *p, instant from, instant to); /* "a to b", "a" where equal */
struct str page_u64(struct page *p, uint64_t n);
void page_put_bytes(struct page *p, uint64_t n); /* "2325 bytes", "58.5 MB" */

/* An id of a fact, a link to its entry. */
void page_put_id(struct page *p, struct str id);

/* Links to facts: "[id] [id]", the first `most` of a list of ids. */
void page_put_ids(struct page *p, const struct json *ids, size_t most);

/* A source of evidence in plain words: "request log of the web server (IIS)". */
void page_put_source(struct page *p, struct str source, struct str part);

/* --- what a host's verdict comes to ------------------------------------------------------------ */

enum tone { TONE_GOOD, TONE_TRIED, TONE_OPEN, TONE_UNKNOWN, TONE_BAD };

struct outcome {
    enum tone tone;
    int weight;       /* the higher, the worse */
    const char *text; /* id of the sentence for an owner; NULL: the headline itself */
};

struct outcome outcome_of(const struct json *campaign);
const struct json *outcome_worst(const struct json *host, struct outcome *ret); /* NULL: none */
const char *tone_class(enum tone tone);

/* --- parts (one file each) ---------------------------------------------------------------------- */

void page_first(struct page *p, const struct page_host *hosts, size_t n);
void page_many(struct page *p, const struct page_host *hosts, size_t n); /* the first screen */
void page_card(struct page *p, const struct page_host *host);
const struct json *page_answer(const struct json *host, const struct json *worst,
                               const char *axis); /* NULL: none */
const char *page_answer_class(struct str state);
const struct json *page_find_advice(const struct page *p, struct str pack, struct str id);
void page_picture(struct page *p, const struct page_host *host);
void page_story(struct page *p, struct page_host *host);
void page_coverage(struct page *p, const struct page_host *host);
int page_tables(struct page *p, struct err *err);
void page_made(struct page *p);
