/* How far the clocks of two servers are apart: each request that one passed on to the other is in
 * the logs of both, with the same id; what one wrote to the directory is in the controller's. */
#include <stdlib.h>

#include "event/webpath.h"
#include "judge/judge_int.h"

enum { SKEW_SECONDS = 2 }; /* less is the way from one to the other */

struct pair { /* one request on two hosts */
    size_t a, b;
    int64_t ahead; /* of b's clock before a's */
};

struct pairs {
    struct pair *at;
    size_t n, cap;
};

struct asked { /* a fact with a request id */
    struct str request;
    size_t host;
    instant time;
};

static int by_request(const void *x, const void *y)
{
    const struct asked *a = x;
    const struct asked *b = y;
    int d = str_cmp(a->request, b->request);
    if (d)
        return d;
    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    return a->time < b->time ? -1 : a->time > b->time;
}

static int by_hosts(const void *x, const void *y)
{
    const struct pair *a = x;
    const struct pair *b = y;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    if (a->b != b->b)
        return a->b < b->b ? -1 : 1;
    return a->ahead < b->ahead ? -1 : a->ahead > b->ahead;
}

/* The first record of each host that a request is in, against that of the first host. */
static void pair_up(struct judge *j, const struct asked *all, size_t n, struct pairs *ret)
{
    for (size_t i = 1; i < n; i++) {
        if (all[i].host == all[i - 1].host)
            continue;
        ret->at = arena_grow(j->arena, ret->at, ret->n, &ret->cap, sizeof *ret->at);
        ret->at[ret->n++] = (struct pair){all[0].host, all[i].host, all[i].time - all[0].time};
    }
}

static void tell(struct judge *j, const struct pair *pairs, size_t n)
{
    int64_t middle = pairs[n / 2].ahead;
    struct host_verdict *h = &j->v->per_host[pairs->b];
    if (middle <= SKEW_SECONDS * INSTANT_SECOND && middle >= -SKEW_SECONDS * INSTANT_SECOND)
        return;
    h->skews = arena_grow(j->arena, h->skews, h->n_skews, &h->cap_skews, sizeof *h->skews);
    h->skews[h->n_skews++] = (struct skew){pairs->a, middle, n};
}

void judge_skew(struct judge *j)
{
    struct asked *all = ARENA_ARRAY(j->arena, struct asked, j->v->n_facts);
    struct pairs pairs = {0};
    size_t n = 0;
    for (size_t i = 0; i < j->v->n_facts; i++) {
        const struct fact *f = &j->v->facts[i];
        struct str text = f->request.n ? f->request : judge_content(f);
        /* what another host's record tells of this one has that one's clock */
        size_t host = f->n_hits ? j->v->hit_host[f->hits[0]] : f->host;
        if (text.n && f->first != INSTANT_NONE && !f->of_change)
            all[n++] = (struct asked){text_lower(text, j->arena), host, f->first};
    }
    if (n)
        qsort(all, n, sizeof *all, by_request);
    for (size_t i = 0; i < n;) {
        size_t k = i + 1;
        while (k < n && str_eq(all[k].request, all[i].request))
            k++;
        pair_up(j, &all[i], k - i, &pairs);
        i = k;
    }
    if (pairs.n)
        qsort(pairs.at, pairs.n, sizeof *pairs.at, by_hosts);
    for (size_t i = 0; i < pairs.n;) {
        size_t k = i + 1;
        while (k < pairs.n && pairs.at[k].a == pairs.at[i].a && pairs.at[k].b == pairs.at[i].b)
            k++;
        tell(j, &pairs.at[i], k - i);
        i = k;
    }
}
