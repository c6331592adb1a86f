/* Which packs a host is judged by: those of whose product a trace is seen. */
#include "judge/judge_int.h"

/* Whether what a source covers (its name, its part behind it) is of this kind of event. */
static bool kind_fits(struct str text, struct str kind)
{
    for (unsigned k = 0; k < EVENT_KINDS; k++)
        if (k != EVENT_FILE && str_eq(kind, str_of(event_kind_name(k))))
            return str_istarts(text, str_of(event_kind_source(k)));
    return false;
}

static bool noted_fits(const struct noted *n, const struct pack_trace *t)
{
    if (n->type == SIGNAL_COVER && t->channel.n == 0 && t->channel_prefix.n == 0 &&
        t->provider_prefix.n == 0)
        return kind_fits(n->text, t->kind);
    if (n->type != SIGNAL_HOST || !str_eq(t->kind, STR("windows")))
        return false;
    size_t bar = str_find(n->text, STR("|"), 0);
    struct str channel = str_part(n->text, 0, bar);
    struct str provider = bar == SIZE_MAX ? STR("") : str_part(n->text, bar + 1, n->text.n);
    return (t->channel.n || t->channel_prefix.n || t->provider_prefix.n) &&
           (t->channel.n == 0 || str_ieq(channel, t->channel)) &&
           str_istarts(channel, t->channel_prefix) && str_istarts(provider, t->provider_prefix);
}

static bool path_fits(struct str path, struct str part)
{
    for (size_t i = 0; part.n && part.n <= path.n && i <= path.n - part.n; i++) {
        size_t k = 0;
        while (k < part.n) {
            char c = path.p[i + k] == '\\' ? '/' : ascii_lower(path.p[i + k]);
            if (c != part.p[k])
                break;
            k++;
        }
        if (k == part.n)
            return true;
    }
    return false;
}

static bool trace_seen(struct judge *j, size_t host, const struct pack_trace *t)
{
    const struct findings *f = j->in->findings;
    if (str_eq(t->kind, STR("file"))) {
        for (size_t i = j->evidence_from[host]; i < j->evidence_from[host + 1]; i++)
            if (path_fits(f->evidence[j->evidence_at[i]].path, t->path_part))
                return true;
        return false;
    }
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++)
        if (noted_fits(&f->noted[j->noted_at[i]], t))
            return true;
    return false;
}

static instant later_of(instant a, instant b)
{
    return a > b ? a : b; /* INSTANT_NONE is below every time */
}

/* Whether a disk keeps the times that the server's own system gave its files. */
static bool is_on_disk(const struct findings *f, size_t evidence)
{
    for (size_t of = f->evidence[evidence].carrier; of; of = f->evidence[of - 1].carrier) {
        enum format format = f->evidence[of - 1].format;
        if (format == FORMAT_RAW_DISK || format == FORMAT_E01 || format == FORMAT_VIRTUAL_DISK)
            return true;
    }
    return false;
}

/* The last time that the server's own disk tells: its table of files, its registry, the files of an
 * image. What a copied file says of itself is the time of the copy. */
static instant last_alive(struct judge *j, size_t host)
{
    const struct findings *f = j->in->findings;
    instant last = INSTANT_NONE;
    for (size_t i = j->noted_from[host]; i < j->noted_from[host + 1]; i++) {
        const struct noted *n = &f->noted[j->noted_at[i]];
        if (n->type == SIGNAL_ALIVE && !judge_is_past(f->evidence[n->evidence].path))
            last = later_of(last, n->to);
    }
    for (size_t i = j->evidence_from[host]; i < j->evidence_from[host + 1]; i++) {
        const struct evidence *e = &f->evidence[j->evidence_at[i]];
        if (!e->deleted && !e->no_zone && e->modified > last &&
            is_on_disk(f, j->evidence_at[i]) && !judge_is_past(e->path))
            last = e->modified;
    }
    return last;
}

const struct evidence_end *judge_end(struct judge *j, size_t host)
{
    if (!j->ends)
        j->ends = ARENA_ARRAY(j->arena, struct evidence_end, j->v->n_hosts);
    struct evidence_end *end = &j->ends[host];
    if (end->known)
        return end;
    instant told = judge_end_of_evidence(j, host);
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++)
        told = later_of(told, j->v->facts[i].last);
    end->known = true;
    end->alive = last_alive(j, host);
    end->last = later_of(told, end->alive);
    /* A disk that is older than the logs is an old copy, and says nothing of their end. */
    end->ended = end->alive != INSTANT_NONE && j->in->to == INSTANT_NONE &&
                 (told == INSTANT_NONE || end->alive >= told - INSTANT_DAY);
    return end;
}

bool judge_is_in_time(struct judge *j, size_t host, const struct pack *pack)
{
    instant last = judge_end(j, host)->last;
    if (pack->n_phases == 0 || last == INSTANT_NONE || last >= pack->phases[0].from)
        return true;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (str_eq(f->pack, pack->id) && (f->axis == AXIS_ENTRY || f->axis == AXIS_BACKDOOR))
            return true;
    }
    return false;
}

struct str judge_too_early(struct judge *j, size_t host, const struct pack *pack)
{
    const struct evidence_end *end = judge_end(j, host);
    char from[INSTANT_TEXT];
    char to[INSTANT_TEXT];
    const char *more = "if the server ran on after that, later logs tell";
    if (j->in->to != INSTANT_NONE)
        more = "the scan was told to leave out what is later";
    else if (end->ended)
        more = "the server's own disk tells of nothing later";
    return arena_printf(
        j->arena, "first known use %.10s, behind the end of the evidence, %.10s: %s",
        instant_text(pack->phases[0].from, from).p, instant_text(end->last, to).p, more);
}

/* Whether a fact shows that a campaign's product is there: not what is tried on any server. */
static bool fact_shows(const struct fact *f)
{
    if (f->axis == AXIS_CONTEXT)
        return f->state == STATE_TRACE;
    return f->axis != AXIS_LOGGING && (f->axis != AXIS_ENTRY || f->state > STATE_ATTEMPTED);
}

/* Whether a trace of a campaign's product is seen: what is said of any server is said there only
 * where there is something to say. */
static bool has_product(struct judge *j, size_t host)
{
    for (size_t p = 0; p < j->in->n_packs; p++) {
        const struct pack *pack = &j->in->packs[p];
        for (size_t i = 0; !pack->general && i < pack->n_traces; i++)
            if (trace_seen(j, host, &pack->traces[i]) && judge_is_in_time(j, host, pack))
                return true;
    }
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        const struct pack *pack = judge_pack(j, f->pack);
        if (f->host == host && pack && !pack->general && fact_shows(f) &&
            judge_is_in_time(j, host, pack))
            return true;
    }
    return false;
}

bool judge_stands(struct judge *j, size_t host, const struct pack *pack)
{
    for (size_t i = 0; pack->standing && i < pack->n_traces; i++)
        if (trace_seen(j, host, &pack->traces[i]))
            return !has_product(j, host);
    return false;
}

bool judge_applies(struct judge *j, size_t host, const struct pack *pack)
{
    for (size_t i = 0; !pack->general && i < pack->n_traces; i++)
        if (trace_seen(j, host, &pack->traces[i]))
            return true;
    if (judge_stands(j, host, pack))
        return true;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1];
         i++) /* a fact of the campaign is a trace too */
        if (j->v->facts[i].host == host && str_eq(j->v->facts[i].pack, pack->id) &&
            (j->v->facts[i].axis != AXIS_CONTEXT || j->v->facts[i].state == STATE_TRACE) &&
            (!pack->general || j->v->facts[i].axis != AXIS_EXPOSURE))
            return true;
    return false;
}
