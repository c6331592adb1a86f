/* Some exports write local time and call it UTC. Where the records themselves show by how
 * much (Sysmon's own UtcTime), the time is put right and the correction is told. */
#include "judge/judge_int.h"

enum { VOTES_WANTED = 10 }; /* records that must agree before a clock is corrected */

static bool is_vote(const struct judge *j, const struct noted *n, size_t evidence,
                    struct str host)
{
    (void)j;
    return n->type == SIGNAL_VOTES && n->evidence == evidence && str_ieq(n->host, host);
}

static uint64_t votes_for(const struct judge *j, size_t evidence, struct str host,
                          int64_t offset)
{
    const struct findings *f = j->in->findings;
    uint64_t votes = 0;
    for (size_t i = 0; i < f->n_noted; i++)
        if (is_vote(j, &f->noted[i], evidence, host) && f->noted[i].offset == offset)
            votes += f->noted[i].count;
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
    for (size_t i = 0; i < f->n_noted; i++) {
        const struct noted *n = &f->noted[i];
        if (!is_vote(j, n, evidence, host))
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
