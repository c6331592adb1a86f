/* Whose evidence is this? Events name their computer; everything else belongs to the host
 * of the collection it lies in. */
#include "judge/judge_int.h"

#include "base/ip.h"

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

static size_t add_host(struct judge *j, struct str name, bool unnamed)
{
    struct verdict *v = j->v;
    struct str key = lower(j->arena, name);
    for (size_t i = 0; i < v->n_hosts; i++) {
        struct host *h = &v->hosts[i];
        if (!same_host(h, key))
            continue;
        if (name.n > h->name.n) {
            h->name = name;
            h->key = key;
        }
        return i;
    }
    v->hosts = arena_grow(j->arena, v->hosts, v->n_hosts, &v->cap_hosts, sizeof *v->hosts);
    v->hosts[v->n_hosts] =
        (struct host){.name = name, .key = key, .folded = unnamed ? key : short_name(key)};
    return v->n_hosts++;
}

/* Folders that lie at the top of a drive or of a collection of Exchange's evidence. */
static const char *const tops[] = {
    "windows",
    "inetpub",
    "program files",
    "program files (x86)",
    "programdata",
    "users",
    "exchangesetuplogs",
    "logging",
    "logfiles",
    "frontend",
    "clientaccess",
    "winevt",
    "httperr",
    "inetsrv-config",
    "temporary asp.net files",
    "transportroles",
};

static bool is_top(struct str name)
{
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (str_ieq(name, str_of(tops[i])))
            return true;
    bool letter = name.n >= 1 && ascii_lower(name.p[0]) >= 'a' && ascii_lower(name.p[0]) <= 'z';
    struct str rest = str_part(name, 1, name.n);
    return letter && (rest.n == 0 || str_eq(rest, STR(":")) || str_eq(rest, STR("_")) ||
                      str_ieq(rest, STR("%3a")));
}

/* The folder that stands for one machine: above the first folder of a drive, or the path
 * that was given. Without its last '/'. */
static struct str collection_of(const struct evidence *e)
{
    size_t top = e->path.n - e->below.n;
    size_t end = top;
    for (size_t at = 0; at < e->below.n;) {
        size_t slash = str_find(e->below, STR("/"), at);
        if (slash == SIZE_MAX)
            break;
        if (is_top(str_part(e->below, at, slash))) {
            end = top + at;
            break;
        }
        at = slash + 1;
    }
    while (end > 1 && e->path.p[end - 1] == '/')
        end--;
    return str_part(e->path, 0, end);
}

static bool names_exchange(const struct evidence *e)
{
    return e->format == FORMAT_HTTPPROXY || e->format == FORMAT_ECP_SERVER;
}

/* The host most told of in a collection. What an Exchange log says of its own server weighs
 * more than any number of forwarded events. */
static size_t host_of_collection(struct judge *j, struct str root)
{
    const struct findings *f = j->in->findings;
    size_t best = (size_t)NO_HOST;
    uint64_t most = 0;
    for (size_t h = 0; h < j->v->n_hosts; h++) {
        uint64_t weight = 0;
        for (size_t i = 0; i < f->n_noted; i++) {
            const struct noted *n = &f->noted[i];
            if (n->type != SIGNAL_HOST || n->host.n == 0 ||
                !str_eq(j->root_of[n->evidence], root))
                continue;
            if (same_host(&j->v->hosts[h], lower(j->arena, n->host)))
                weight += names_exchange(&f->evidence[n->evidence]) ? n->count << 32 : n->count;
        }
        if (weight > most) {
            most = weight;
            best = h;
        }
    }
    return best;
}

size_t judge_host_of(struct judge *j, size_t evidence, struct str name)
{
    if (name.n == 0)
        return j->root_host[evidence];
    struct str key = lower(j->arena, name);
    for (size_t i = 0; i < j->v->n_hosts; i++)
        if (same_host(&j->v->hosts[i], key))
            return i;
    return j->root_host[evidence];
}

/* --- several servers in one collection ------------------------------------------------------ */

struct namer { /* evidence that names a host, by the folder it lies in */
    struct str folder;
    size_t host;
    bool exchange; /* a log that Exchange keeps of itself; event logs may be forwarded */
};

struct namers {
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

static void add_namer(struct judge *j, struct namers *all, const struct noted *n)
{
    const struct evidence *e = &j->in->findings->evidence[n->evidence];
    struct namer add = {
        .folder = folder_of(e->path),
        .host = judge_host_of(j, n->evidence, n->host),
        .exchange = names_exchange(e) || str_istarts(n->text, STR("MSExchange Management|")),
    };
    for (size_t i = all->n; i > 0; i--) {
        const struct namer *old = &all->at[i - 1];
        if (old->host == add.host && old->exchange == add.exchange &&
            str_eq(old->folder, add.folder))
            return;
    }
    all->at = arena_grow(j->arena, all->at, all->n, &all->cap, sizeof *all->at);
    all->at[all->n++] = add;
}

enum { HOSTS_NONE, HOSTS_ONE, HOSTS_SEVERAL };

/* How many hosts are named by Exchange's own logs (or by event logs) in and below a folder,
 * and the last of them. */
static int hosts_below(const struct namers *all, struct str folder, bool exchange, size_t *ret)
{
    int n = HOSTS_NONE;
    for (size_t i = 0; i < all->n; i++) {
        const struct namer *at = &all->at[i];
        if (at->exchange != exchange || !str_starts(at->folder, folder))
            continue;
        if (n == HOSTS_NONE)
            n = HOSTS_ONE;
        else if (at->host != *ret)
            n = HOSTS_SEVERAL;
        *ret = at->host;
    }
    return n;
}

/* Whose is evidence that names nobody, where more than one host is told of? That of the
 * nearest folder that tells of one; else it is not certain. */
static void place_evidence(struct judge *j, const struct namers *all, size_t evidence)
{
    struct str folder = folder_of(j->in->findings->evidence[evidence].path);
    size_t host = j->root_host[evidence];
    for (;;) {
        bool top = folder.n <= j->root_of[evidence].n + 1;
        int n = hosts_below(all, folder, true, &host);
        if (n == HOSTS_NONE)
            n = hosts_below(all, folder, false, &host);
        if (n == HOSTS_ONE)
            j->root_host[evidence] = host;
        j->unsure[evidence] = n == HOSTS_SEVERAL;
        if (n != HOSTS_NONE || top)
            return;
        folder = folder_of(str_part(folder, 0, folder.n - 1));
    }
}

static void place_all(struct judge *j)
{
    const struct findings *f = j->in->findings;
    struct namers all = {0};
    j->unsure = ARENA_ARRAY(j->arena, bool, f->n_evidence);
    for (size_t i = 0; i < f->n_noted; i++)
        if (f->noted[i].type == SIGNAL_HOST && f->noted[i].host.n)
            add_namer(j, &all, &f->noted[i]);
    for (size_t i = 0; i < f->n_evidence && j->v->n_hosts > 1; i++)
        place_evidence(j, &all, i);
}

void judge_hosts(struct judge *j)
{
    const struct findings *f = j->in->findings;
    j->root_of = ARENA_ARRAY(j->arena, struct str, f->n_evidence);
    j->root_host = ARENA_ARRAY(j->arena, size_t, f->n_evidence);
    for (size_t i = 0; i < f->n_evidence; i++)
        j->root_of[i] = collection_of(&f->evidence[i]);
    for (size_t i = 0; i < f->n_noted; i++)
        if (f->noted[i].type == SIGNAL_HOST && f->noted[i].host.n)
            (void)add_host(j, f->noted[i].host, false);

    size_t named = j->v->n_hosts;
    for (size_t i = 0; i < f->n_evidence; i++) {
        size_t same = 0;
        while (same < i && !str_eq(j->root_of[same], j->root_of[i]))
            same++;
        if (same < i) {
            j->root_host[i] = j->root_host[same];
            continue;
        }
        size_t host = named ? host_of_collection(j, j->root_of[i]) : (size_t)NO_HOST;
        if (host == (size_t)NO_HOST)
            host = add_host(j, arena_printf(j->arena, "unnamed (%.*s)", STR_ARG(j->root_of[i])),
                            true);
        j->root_host[i] = host;
    }

    place_all(j);
    j->hit_host = ARENA_ARRAY(j->arena, size_t, f->n_hits);
    for (size_t i = 0; i < f->n_hits; i++)
        j->hit_host[i] = judge_host_of(j, f->hits[i].evidence, f->hits[i].hit.host);
}
