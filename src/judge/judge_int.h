/* judge_int.h - what the judge's files share. */
#pragma once

#include "judge/judge.h"
#include "judge/names.h"

struct evidence_end {
    bool known; /* this was found out */
    instant
        last; /* the last time that anything of the host tells; INSTANT_NONE: nothing does */
    instant alive; /* that its own disk or registry tells */
    bool ended;    /* nothing later is missing, as far as those tell */
};

struct judge {
    const struct judge_input *in;
    struct arena *arena;
    struct verdict *v;
    size_t *root_host;             /* per evidence: the host its place belongs to */
    struct str *root_of;           /* per evidence: the collection it lies in */
    bool *unsure;                  /* per evidence: several servers' files lie together here */
    size_t *hit_host;              /* per hit */
    const char (*hit_id)[ID_TEXT]; /* per hit */
    struct names folded, keys;     /* short and full names of hosts */
    size_t *of_folded, *of_key;    /* the first host of each */
    size_t cap_folded, cap_key;
    size_t *noted_at;   /* indices into the findings' noted, host by host */
    size_t *noted_from; /* per host: where its own start; one more at the end */
    size_t *evidence_at, *evidence_from; /* the same of the evidence, by its place's host */
    size_t *fact_from;    /* facts lie host by host: where its own start, one more at the end */
    bool *has_records;    /* per evidence: any record was read from it */
    unsigned char *parts; /* per evidence: coverage's own notes */
    const bool *torn;     /* per evidence: something of it was not read; coverage's own, too */
    struct evidence_end *ends; /* per host; applies.c */
    struct names doers;        /* addresses and processes that facts name */
    struct deeds *deeds;       /* of each: who.c's own */
    size_t cap_deeds;
    const struct collected *collected; /* of the host that was asked for last; pages.c */
    bool *undecided;                   /* per host and pack: something may be this campaign's */
    const struct names *requests;      /* of all facts; chain.c */
    const size_t *request_fact;        /* of each: the first fact that has it */
    const bool *back_end;       /* per evidence: a log of Exchange's back end only; passed.c */
    const struct noted **votes; /* what records say about their clocks */
    size_t n_votes;
};

enum { NO_HOST = -1 };

/* hosts.c: which host each piece of evidence, each hit and each run belongs to. */
void judge_hosts(struct judge *j);
size_t judge_host_of(struct judge *j, size_t evidence, struct str name);

/* clock.c: gathers the votes; then the true time of something recorded at `t` in a file for a host. */
void judge_clocks(struct judge *j);
instant judge_true_time(const struct judge *j, size_t evidence, struct str host, instant t,
                        int64_t *ret_corrected);

/* Whether every record of a fact states local time, whose offset nobody told. The true time lies from LOCAL_BEFORE earlier to LOCAL_BEHIND later. */
bool judge_is_local_time(const struct judge *j, const struct fact *f);
#define LOCAL_BEFORE (14 * INSTANT_HOUR)
#define LOCAL_BEHIND (12 * INSTANT_HOUR)

struct telling { /* one seed of one hit, placed in host and time */
    size_t hit;
    size_t host;
    struct str pack;
    struct seed seed;
    bool through_web;
    bool look;      /* its rule says that it only shows whether the flaw is there */
    bool passed_on; /* of the back end's log, and it names no request */
    instant time;
    int64_t corrected;
    bool of_change;   /* that is when a file or a setting says it was last changed */
    struct str place; /* of a hit without a seed: its record */
    /* What settles ties, whatever the order of the evidence: copies lie side by side. */
    uint64_t record;
    struct str excerpt;
    const char *id; /* of the finding */
};

/* config_history.c: what IIS's backups of its configuration tell, one after the other. A thing that
 * several versions have is one act, of the time of the first; what a later one has no more was
 * removed. returns all of the tellings, changed and more of them */
struct telling *judge_config_history(struct judge *j, struct telling *all, size_t n,
                                     size_t *ret_n);

/* judge.c: NULL if there is none. */
const struct pack *judge_pack(const struct judge *j, struct str id);

/* logging.c: what speaks against the logs themselves; judge_finish_facts calls it. */
void judge_logging(struct judge *j);
/* "cleared <time>" of a source that was, by the facts; "" of any other. */
struct str judge_cleared(struct judge *j, size_t host, struct str source);

/* facts.c: facts as their own packs' rules tell them; then whose they are being known, those that
 * are one act joined, and each with its id and its place by host and time. */
void judge_facts(struct judge *j);
void judge_finish_facts(struct judge *j);

/* Adds all that a fact tells to another that is the same act. */
void judge_absorb(struct judge *j, struct fact *into, const struct fact *f);

/* passed.c: which files are logs of the back end; then the rows in them joined to the requests that were
 * passed on. */
void judge_passed(struct judge *j);
void judge_join_passed(struct judge *j);
/* The facts, up to *ret_end, that the server which a fact names recorded within seconds of it: of a
 * request, what may be it. None (0 and 0) where the fact names no other host of the scan. After the
 * facts were sorted. */
size_t judge_passed_to(struct judge *j, const struct fact *f, size_t *ret_end);
/* Where a request that names this server is known, its caller there is the front end, and nobody. */
void judge_drop_front_ends(struct judge *j);

/* effects.c: what proves that a request had an effect is an entry. After judge_facts. */
void judge_effects(struct judge *j);

/* coverage.c: fills c->coverage for the pack's needs; the window is c->from..c->to. */
void judge_coverage(struct judge *j, size_t host, struct campaign *c);
/* The form of "nothing seen" for an axis, and why. */
enum answer judge_nothing_seen(struct judge *j, const struct campaign *c, enum pack_axis axis,
                               struct str *ret_reason);

/* exposure.c: intervals, the window's end. */
/* The last time that a log of the host covers; INSTANT_NONE if none does. */
instant judge_end_of_evidence(struct judge *j, size_t host);
/* Whether the host's last build is one of which the pack knows every file. */
bool judge_knows_files(struct judge *j, size_t host, const struct pack *pack);
void judge_window(struct judge *j, size_t host, struct campaign *c);
void judge_exposure(struct judge *j, size_t host, struct campaign *c);

/* backdoor.c */
void judge_backdoor(struct judge *j, size_t host, struct campaign *c);
/* Where the page of a back door is asked for; "" if what is known of it does not tell. */
struct str judge_web_path(struct judge *j, struct str object);
/* The last component of a path or a web path. */
struct str judge_page_name(struct str path);

/* pages.c: whether the folder of a page was collected, and in it a file of the page's name. */
bool judge_folder_collected(struct judge *j, size_t host, struct str web_path, bool *ret_page);
/* The first file of the evidence that has this web path; NULL if none has. */
const struct evidence *judge_file_at(struct judge *j, size_t host, struct str web_path);

/* claims.c: whose each fact of a general pack is. */
void judge_claims(struct judge *j);
/* Says of a campaign whether an act on this host may be its own as well as another's, of a general
 * pack which campaigns these are. */
void judge_undecided(struct judge *j, size_t host, struct campaign *c);

/* applies.c: whether a host is judged by a pack. */
bool judge_applies(struct judge *j, size_t host, const struct pack *pack);
/* When the evidence of a host ends. */
const struct evidence_end *judge_end(struct judge *j, size_t host);
/* Whether a campaign can have been there: its first known use lies within the evidence, or its own
 * rules tell of it all the same. */
bool judge_is_in_time(struct judge *j, size_t host, const struct pack *pack);
/* Why one that is not in time is not judged, in words. */
struct str judge_too_early(struct judge *j, size_t host, const struct pack *pack);

/* Whether a general pack is judged as a campaign is, with coverage: its traces are seen, and those
 * of no campaign's product. */
bool judge_stands(struct judge *j, size_t host, const struct pack *pack);

/* axes.c */
void judge_entry(struct judge *j, size_t host, struct campaign *c);
void judge_action(struct judge *j, size_t host, struct campaign *c);
/* A back door or an act proves that somebody was in. After the axes that it is inferred from. */
void judge_inferred_entry(const struct judge *j, struct campaign *c);
/* Adds a fact to an axis, and its times. */
void axis_add(struct judge *j, struct axis_verdict *a, size_t i);
/* Whether any fact is the intruder's by what one record says. That two logs tell of an act
 * makes the act sure, not its meaning: both may tell of an administrator's work. */
bool judge_is_intruders(const struct judge *j, const struct fact_set *set);

/* who.c: what is known of everybody from all hosts; after judge_finish_facts. Then the initiators of
 * one campaign on one host, and what they were. */
void judge_deeds(struct judge *j);
void judge_initiators(struct judge *j, size_t host, struct campaign *c);

/* loss.c */
void judge_loss(struct judge *j, size_t host, struct campaign *c);

/* hints.c: which of the pack's hints at groups fit. After the axes. */
void judge_hints(struct judge *j, size_t host, struct campaign *c);

/* cluster.c: which intrusions are one intruder's; after all hosts. */
void judge_clusters(struct judge *j);

/* skew.c: how far clocks of servers are apart; after all hosts. */
void judge_skew(struct judge *j);

/* chain.c */
/* What a fact was made of, as its rule says (shares: content); "" if it does not. */
struct str judge_content(const struct fact *f);
void judge_chain(struct judge *j, size_t host, struct campaign *c);

/* headline.c */
void judge_advice(struct judge *j, struct campaign *c);
struct str judge_headline(const struct campaign *c);
/* Whether "nothing seen" could be said on every axis, and the build is known. */
bool judge_is_covered(struct judge *j, const struct campaign *c);
/* Whether an entry is reached or worse, or anything else of an intruder is seen. */
bool judge_is_entered(const struct campaign *c);

/* How grave it is, for the order of campaigns: 0 nothing seen and covered, rising. */
int judge_weight(const struct campaign *c);

bool fact_is_of(const struct fact *f, size_t host, const struct campaign *c, enum axis axis);
void fact_set_add(struct judge *j, struct fact_set *set, size_t fact);
void interval_add(struct judge *j, struct interval_set *set, instant from, instant to);
