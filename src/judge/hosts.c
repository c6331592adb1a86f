/* Whose evidence is this? Events name their computer; everything else belongs to the host
 * of the collection it lies in. */
#include "judge/judge_int.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/ip.h"
#include "base/num.h"

static struct str lower(struct arena *arena, struct str s)
{
    char *p = ARENA_ARRAY(arena, char, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = ascii_lower(s.p[i]);
    return (struct str){p, s.n};
}

static struct str short_name(struct str name)
{
    struct ip ip;
    return ip_parse(name, &ip) ? name : str_part(name, 0, str_find(name, STR("."), 0));
}

/* "SRV" and "srv.example.org" are one host; "srv.a.org" and "srv.b.org" are two. */
static bool same_host(const struct host *h, struct str key)
{
    struct str folded = short_name(key);
    if (!str_eq(h->folded, folded))
        return false;
    return str_eq(h->key, key) || h->key.n == h->folded.n || key.n == folded.n;
}

/* The host of a name in lower case; NO_HOST if there is none. A short name is the first
 * host's of that name; a full one too, while that host has no other. */
static size_t find_host(const struct judge *j, struct str key)
{
    size_t folded = names_find(&j->folded, short_name(key));
    if (folded == SIZE_MAX)
        return (size_t)NO_HOST;
    size_t first = j->of_folded[folded];
    if (same_host(&j->v->hosts[first], key))
        return first;
    size_t full = names_find(&j->keys, key);
    return full == SIZE_MAX ? (size_t)NO_HOST : j->of_key[full];
}

static void index_name(struct judge *j, struct names *names, struct str name, size_t host,
                       size_t **of, size_t *cap)
{
    size_t known = names->n;
    if (names_number(names, name, j->arena) < known)
        return;
    *of = arena_grow(j->arena, *of, known, cap, sizeof **of);
    (*of)[known] = host;
}

static void index_host(struct judge *j, size_t host)
{
    const struct host *h = &j->v->hosts[host];
    index_name(j, &j->folded, h->folded, host, &j->of_folded, &j->cap_folded);
    index_name(j, &j->keys, h->key, host, &j->of_key, &j->cap_key);
}

static size_t add_host(struct judge *j, struct str name, bool unnamed)
{
    struct verdict *v = j->v;
    struct str key = lower(j->arena, name);
    size_t found = unnamed ? (size_t)NO_HOST : find_host(j, key);
    if (found != (size_t)NO_HOST) {
        struct host *h = &v->hosts[found];
        if (name.n > h->name.n) {
            h->name = name;
            h->key = key;
            index_host(j, found);
        }
        return found;
    }
    v->hosts = arena_grow(j->arena, v->hosts, v->n_hosts, &v->cap_hosts, sizeof *v->hosts);
    v->hosts[v->n_hosts] =
        (struct host){.name = name, .key = key, .folded = unnamed ? key : short_name(key)};
    index_host(j, v->n_hosts);
    return v->n_hosts++;
}

/* Exchange's own logs name the server that wrote them, and so does the registry's SYSTEM hive;
 * those of the mail itself name other servers beside it. */
static bool names_itself(const struct evidence *e)
{
    if (e->format == FORMAT_REGISTRY)
        return true;
    return e->format >= FORMAT_HTTPPROXY && e->format <= FORMAT_EXCHANGE &&
           e->format != FORMAT_MESSAGE_TRACKING && e->format != FORMAT_SMTP;
}

struct weight { /* how much a collection tells of a host */
    size_t root, host;
    uint64_t weight;
};

static int by_root(const void *x, const void *y)
{
    const struct weight *a = x;
    const struct weight *b = y;
    if (a->root != b->root)
        return a->root < b->root ? -1 : 1;
    return a->host < b->host ? -1 : a->host > b->host;
}

/* Per collection, the host most told of in it; NO_HOST where none is. What an Exchange log
 * says of its own server weighs more than any number of forwarded events. */
static void hosts_of_collections(struct judge *j, const size_t *root, size_t *ret, size_t n)
{
    const struct findings *f = j->in->findings;
    struct weight *all = ARENA_ARRAY(j->arena, struct weight, f->n_noted);
    uint64_t *most = ARENA_ARRAY(j->arena, uint64_t, n);
    size_t told = 0;
    for (size_t i = 0; i < n; i++)
        ret[i] = (size_t)NO_HOST;
    for (size_t i = 0; i < f->n_noted; i++) {
        const struct noted *m = &f->noted[i];
        if (m->type != SIGNAL_HOST || m->host.n == 0)
            continue;
        bool own = names_itself(&f->evidence[m->evidence]);
        all[told++] = (struct weight){root[m->evidence], judge_host_of(j, m->evidence, m->host),
                                      own ? m->count << 32 : m->count};
    }
    if (told)
        qsort(all, told, sizeof *all, by_root);
    for (size_t i = 0; i < told;) {
        const struct weight *first = &all[i];
        uint64_t weight = 0;
        for (; i < told && by_root(first, &all[i]) == 0; i++)
            weight += all[i].weight;
        if (weight > most[first->root]) {
            most[first->root] = weight;
            ret[first->root] = first->host;
        }
    }
}

size_t judge_host_of(struct judge *j, size_t evidence, struct str name)
{
    if (name.n == 0)
        return j->root_host[evidence];
    size_t host = find_host(j, lower(j->arena, name));
    return host == (size_t)NO_HOST ? j->root_host[evidence] : host;
}

/* --- several servers in one collection ------------------------------------------------------ */

struct namer { /* a folder whose evidence names a host */
    struct str folder;
    size_t host;
};

struct namers { /* by folder */
    struct namer *at;
    size_t n, cap;
};

/* With its '/'; "" at the top. */
static struct str folder_of(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_part(path, 0, at);
}

static int by_folder(const void *x, const void *y)
{
    const struct namer *a = x;
    const struct namer *b = y;
    int d = str_cmp(a->folder, b->folder);
    return d ? d : a->host < b->host ? -1 : a->host > b->host;
}

static void sort_namers(struct namers *all)
{
    size_t n = 0;
    if (all->n)
        qsort(all->at, all->n, sizeof *all->at, by_folder);
    for (size_t i = 0; i < all->n; i++)
        if (n == 0 || by_folder(&all->at[n - 1], &all->at[i]) != 0)
            all->at[n++] = all->at[i];
    all->n = n;
}

enum { HOSTS_NONE, HOSTS_ONE, HOSTS_SEVERAL };

/* How many hosts are named in and below a folder, and the last of them. */
static int hosts_below(const struct namers *all, struct str folder, size_t *ret)
{
    size_t low = 0;
    size_t high = all->n;
    int n = HOSTS_NONE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(all->at[middle].folder, folder) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < all->n && n != HOSTS_SEVERAL; i++) {
        if (!str_starts(all->at[i].folder, folder))
            break;
        n = n == HOSTS_NONE ? HOSTS_ONE : all->at[i].host == *ret ? n : HOSTS_SEVERAL;
        *ret = all->at[i].host;
    }
    return n;
}

/* Whose is evidence that names nobody, where more than one host is told of? That of the
 * nearest folder that tells of one; else it is not certain. */
static void place_evidence(struct judge *j, const struct namers *exchange,
                           const struct namers *others, size_t evidence)
{
    struct str folder = folder_of(j->in->findings->evidence[evidence].path);
    size_t host = j->root_host[evidence];
    for (;;) {
        bool top = folder.n <= j->root_of[evidence].n + 1;
        int n = hosts_below(exchange, folder, &host);
        if (n == HOSTS_NONE)
            n = hosts_below(others, folder, &host);
        if (n == HOSTS_ONE)
            j->root_host[evidence] = host;
        j->unsure[evidence] = n == HOSTS_SEVERAL;
        if (n != HOSTS_NONE || top)
            return;
        folder = folder_of(str_part(folder, 0, folder.n - 1));
    }
}

/* Exchange's own logs come first: event logs may be forwarded from anywhere. */
static void place_all(struct judge *j)
{
    const struct findings *f = j->in->findings;
    struct namers kinds[2] = {0};
    j->unsure = ARENA_ARRAY(j->arena, bool, f->n_evidence);
    if (j->v->n_hosts < 2)
        return;
    for (size_t i = 0; i < f->n_noted; i++) {
        const struct noted *n = &f->noted[i];
        const struct evidence *e = &f->evidence[n->evidence];
        if (n->type != SIGNAL_HOST || n->host.n == 0 || n->count == 0)
            continue; /* recovered records place nothing */
        bool own = names_itself(e) || str_istarts(n->text, STR("MSExchange Management|"));
        struct namers *to = &kinds[own ? 0 : 1];
        to->at = arena_grow(j->arena, to->at, to->n, &to->cap, sizeof *to->at);
        to->at[to->n++] =
            (struct namer){folder_of(e->path), judge_host_of(j, n->evidence, n->host)};
    }
    sort_namers(&kinds[0]);
    sort_namers(&kinds[1]);
    for (size_t i = 0; i < f->n_evidence; i++)
        place_evidence(j, &kinds[0], &kinds[1], i);
}

/* Indices 0..n-1 host by host, in their order. *ret_from: where each host's start, one more
 * than there are hosts. */
static void group_by_host(struct judge *j, const size_t *host, size_t n, size_t **ret_at,
                          size_t **ret_from)
{
    size_t n_hosts = j->v->n_hosts;
    size_t *at = ARENA_ARRAY(j->arena, size_t, n);
    size_t *from = ARENA_ARRAY(j->arena, size_t, n_hosts + 2);
    for (size_t i = 0; i < n; i++)
        from[host[i] + 2]++;
    for (size_t h = 1; h < n_hosts + 2; h++)
        from[h] += from[h - 1];
    for (size_t i = 0; i < n; i++)
        at[from[host[i] + 1]++] = i;
    *ret_at = at;
    *ret_from = from;
}

/* What is known of a host, side by side: judging it looks at its own only. */
static void group_findings(struct judge *j)
{
    const struct findings *f = j->in->findings;
    size_t *host = ARENA_ARRAY(j->arena, size_t, f->n_noted);
    j->has_records = ARENA_ARRAY(j->arena, bool, f->n_evidence);
    j->parts = ARENA_ARRAY(j->arena, unsigned char, f->n_evidence);
    for (size_t i = 0; i < f->n_noted; i++) {
        const struct noted *n = &f->noted[i];
        if (n->type == SIGNAL_COVER)
            j->has_records[n->evidence] = true;
        host[i] = judge_host_of(j, n->evidence, n->host);
    }
    group_by_host(j, host, f->n_noted, &j->noted_at, &j->noted_from);
    group_by_host(j, j->root_host, f->n_evidence, &j->evidence_at, &j->evidence_from);
}

/* The outermost carrier that holds a piece of evidence; itself where it is in none. */
static size_t outermost(const struct findings *f, size_t evidence)
{
    while (f->evidence[evidence].carrier && f->evidence[evidence].carrier <= evidence)
        evidence = f->evidence[evidence].carrier - 1;
    return evidence;
}

/* What lies in a carrier beside a collection, and the carrier itself, belong to the collection:
 * the first one in it. */
static void place_carriers(struct judge *j)
{
    const struct findings *f = j->in->findings;
    struct str *inside = ARENA_ARRAY(j->arena, struct str, f->n_evidence);
    for (size_t i = 0; i < f->n_evidence; i++) {
        size_t top = outermost(f, i);
        if (top != i && !inside[top].n && str_starts(j->root_of[i], f->evidence[top].path))
            inside[top] = j->root_of[i];
    }
    for (size_t i = 0; i < f->n_evidence; i++) {
        size_t top = outermost(f, i);
        if (inside[top].n && !str_starts(j->root_of[i], f->evidence[top].path))
            j->root_of[i] = inside[top];
    }
}

/* --- volumes of one disk ------------------------------------------------------------------------ */

/* The disk that a piece of evidence comes out of, from 1; 0: none. *ret_volume: the start of its path,
 * with the volume's number, "disk.dd/p2". */
static size_t disk_of(const struct findings *f, size_t evidence, struct str *ret_volume)
{
    struct str path = f->evidence[evidence].path;
    for (size_t of = f->evidence[evidence].carrier; of; of = f->evidence[of - 1].carrier) {
        const struct evidence *image = &f->evidence[of - 1];
        size_t number = image->path.n + 1;
        size_t end = str_find(path, STR("/"), number);
        bool disk = image->format == FORMAT_RAW_DISK || image->format == FORMAT_E01 ||
                    image->format == FORMAT_VIRTUAL_DISK;
        uint64_t n;
        if (!disk || end == SIZE_MAX || path.p[number] != 'p' ||
            !num_u64(str_part(path, number + 1, end), &n))
            continue;
        *ret_volume = str_part(path, 0, end);
        return of;
    }
    return 0;
}

/* The host of evidence that names nobody. */
static size_t add_nameless(struct judge *j, struct str place)
{
    if (j->in->host.n)
        return add_host(j, j->in->host, false);
    return add_host(j, arena_printf(j->arena, "unnamed (%.*s)", STR_ARG(place)), true);
}

static void place_volumes(struct judge *j)
{
    struct str volume;
    for (size_t i = 0; i < j->in->findings->n_evidence; i++)
        if (disk_of(j->in->findings, i, &volume))
            j->root_of[i] = volume;
}

/* The volumes of a disk are one server's: of the one that any of them names, or of one without a
 * name. Where several are named, it is not known whose the others are. */
static void share_disks(struct judge *j, const size_t *root, size_t *host)
{
    enum { SEVERAL = -2 };
    const struct findings *f = j->in->findings;
    size_t *whose = ARENA_ARRAY(j->arena, size_t, f->n_evidence);
    struct str volume;
    for (size_t i = 0; i < f->n_evidence; i++)
        whose[i] = (size_t)NO_HOST;
    for (size_t i = 0; i < f->n_evidence; i++) {
        size_t disk = disk_of(f, i, &volume);
        if (disk == 0 || host[root[i]] == (size_t)NO_HOST)
            continue;
        size_t *of = &whose[disk - 1];
        *of = *of == (size_t)NO_HOST || *of == host[root[i]] ? host[root[i]] : (size_t)SEVERAL;
    }
    for (size_t i = 0; i < f->n_evidence; i++) {
        size_t disk = disk_of(f, i, &volume);
        if (disk == 0 || host[root[i]] != (size_t)NO_HOST || whose[disk - 1] == (size_t)SEVERAL)
            continue;
        if (whose[disk - 1] == (size_t)NO_HOST)
            whose[disk - 1] = add_nameless(j, f->evidence[disk - 1].path);
        host[root[i]] = whose[disk - 1];
    }
}

/* Whether a member's name leads out of its carrier: it was not read, and what it says of where it
 * lay is no place of any server. */
static bool leads_out(const struct findings *f, size_t evidence)
{
    size_t top = outermost(f, evidence);
    struct str path = f->evidence[evidence].path;
    struct str name = str_part(path, f->evidence[top].path.n, path.n);
    return top != evidence &&
           (str_find(name, STR("/../"), 0) != SIZE_MAX || str_iends(name, STR("/..")));
}

void judge_hosts(struct judge *j)
{
    const struct findings *f = j->in->findings;
    struct names roots = {0};
    size_t *root = ARENA_ARRAY(j->arena, size_t, f->n_evidence);
    j->root_of = ARENA_ARRAY(j->arena, struct str, f->n_evidence);
    j->root_host = ARENA_ARRAY(j->arena, size_t, f->n_evidence);
    for (size_t i = 0; i < f->n_evidence; i++) {
        size_t of = leads_out(f, i) ? outermost(f, i) : i;
        j->root_of[i] = judge_collection(&f->evidence[of]);
    }
    place_carriers(j);
    place_volumes(j);
    for (size_t i = 0; i < f->n_evidence; i++)
        root[i] = names_number(&roots, j->root_of[i], j->arena);
    for (size_t i = 0; i < f->n_noted; i++)
        if (f->noted[i].type == SIGNAL_HOST && f->noted[i].host.n)
            (void)add_host(j, f->noted[i].host, false);

    size_t *host = ARENA_ARRAY(j->arena, size_t, roots.n);
    hosts_of_collections(j, root, host, roots.n);
    share_disks(j, root, host);
    for (size_t i = 0; i < f->n_evidence; i++) {
        if (host[root[i]] == (size_t)NO_HOST) {
            struct str place = j->root_of[i].n ? j->root_of[i] : STR(".");
            host[root[i]] = add_nameless(j, place);
        }
        j->root_host[i] = host[root[i]];
    }

    place_all(j);
    group_findings(j);
    j->hit_host = ARENA_ARRAY(j->arena, size_t, f->n_hits);
    for (size_t i = 0; i < f->n_hits; i++)
        j->hit_host[i] = judge_host_of(j, f->hits[i].evidence, f->hits[i].hit.host);
}
