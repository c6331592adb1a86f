/* Some exports write local time and call it UTC. Where the records themselves show by how
 * much (Sysmon's own UtcTime), the time is put right and the correction is told. */
#include "judge/judge_int.h"

enum { VOTES_WANTED = 10 }; /* records that must agree before a clock is corrected */

void judge_clocks(struct judge *j)
{
    const struct findings *f = j->in->findings;
    size_t n = 0;
    for (size_t i = 0; i < f->n_noted; i++)
        n += f->noted[i].type == SIGNAL_VOTES;
    j->votes = ARENA_ARRAY(j->arena, const struct noted *, n);
    for (size_t i = 0; i < f->n_noted; i++)
        if (f->noted[i].type == SIGNAL_VOTES)
            j->votes[j->n_votes++] = &f->noted[i];
}

static bool is_vote(const struct noted *n, size_t evidence, struct str host)
{
    return n->evidence == evidence && str_ieq(n->host, host);
}

static uint64_t votes_for(const struct judge *j, size_t evidence, struct str host,
                          int64_t offset)
{
    uint64_t votes = 0;
    for (size_t i = 0; i < j->n_votes; i++)
        if (is_vote(j->votes[i], evidence, host) && j->votes[i]->offset == offset)
            votes += j->votes[i]->count;
    return votes;
}

/* How far t lies outside of what the records of this offset span; 0 if within. */
static int64_t distance(const struct noted *n, instant t)
{
    return t < n->from ? n->from - t : t > n->to ? t - n->to : 0;
}

instant judge_true_time(const struct judge *j, size_t evidence, struct str host, instant t,
                        int64_t *ret_corrected)
{
    const struct findings *f = j->in->findings;
    const struct noted *best = NULL;
    *ret_corrected = 0;
    enum format format = f->evidence[evidence].format;
    bool lies = format == FORMAT_JSON || format == FORMAT_JSON_LINES || format == FORMAT_GZIP ||
                format == FORMAT_ZSTD;
    if (t == INSTANT_NONE || !lies)
        return t;
    for (size_t i = 0; i < j->n_votes; i++) {
        const struct noted *n = j->votes[i];
        if (!is_vote(n, evidence, host))
            continue;
        if (!best || distance(n, t) < distance(best, t) ||
            (distance(n, t) == distance(best, t) && n->count > best->count))
            best = n;
    }
    if (!best || best->offset == 0 || votes_for(j, evidence, host, best->offset) < VOTES_WANTED)
        return t;
    *ret_corrected = best->offset;
    return t + best->offset;
}

bool judge_is_local_time(const struct judge *j, const struct fact *f)
{
    for (size_t i = 0; i < f->n_hits; i++) {
        if (!(j->in->findings->hits[f->hits[i]].hit.marks & MARK_NO_ZONE))
            return false;
    }
    return f->n_hits > 0;
}
