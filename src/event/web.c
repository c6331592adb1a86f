#include "event/web.h"

#include <stdint.h>
#include <string.h>

#include "base/ip.h"
#include "event/row.h"
#include "event/rps_token.h"
#include "event/webpath.h"

void web_derive(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    if (value.n)
        event_add(ev, arena, SECTION_DERIVED, FIELD_TEXT, str_of(name), value);
}

void web_make_room(struct event *ev, struct arena *arena, size_t n)
{
    if (ev->cap > 0)
        return;
    ev->fields = ARENA_ARRAY(arena, struct field, n);
    ev->cap = n;
}

struct str web_join(struct str a, char between, struct str b, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, a.n + b.n + 1);
    memcpy(out, a.p, a.n);
    out[a.n] = between;
    memcpy(out + a.n + 1, b.p, b.n);
    return (struct str){out, a.n + b.n + 1};
}

struct str web_path_of_uri(struct str uri)
{
    if (!str_istarts(uri, STR("http://")) && !str_istarts(uri, STR("https://")))
        return uri;
    size_t host = str_find(uri, STR("//"), 0) + 2;
    size_t path = str_find(uri, STR("/"), host);
    return path == SIZE_MAX ? STR("/") : str_part(uri, path, uri.n);
}

bool web_is_static(struct str webpath)
{
    static const char *const ends[] = {".js",  ".css", ".gif", ".flt",  ".ttf",  ".eot",
                                       ".png", ".jpg", ".ico", ".jpeg", ".svg",  ".woff",
                                       ".bmp", ".htc", ".map", ".xap",  ".woff2"};
    enum { LONGEST = 6 };
    size_t look = webpath.n < LONGEST ? webpath.n : LONGEST;
    if (look == 0 || !memchr(webpath.p + webpath.n - look, '.', look))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_iends(webpath, str_of(ends[i])))
            return true;
    return false;
}

/* IIS writes '+' for the blanks of a user agent. */
static bool agent_has(struct str agent, struct str word)
{
    for (size_t i = 0; word.n <= agent.n && i <= agent.n - word.n; i++) {
        size_t k = 0;
        while (k < word.n &&
               (agent.p[i + k] == word.p[k] || (word.p[k] == ' ' && agent.p[i + k] == '+')))
            k++;
        if (k == word.n)
            return true;
    }
    return false;
}

enum { WIDTH = 16 };

typedef char block __attribute__((vector_size(WIDTH)));
typedef uint64_t halves __attribute__((vector_size(WIDTH)));

static block load(const char *p)
{
    block b;
    memcpy(&b, p, sizeof b);
    return b;
}

/* Every probe's agent holds "Probe" or "MON"; most agents hold neither, which is told for many
 * places at once by some of the letters. */
static bool may_be_probe(struct str agent)
{
    enum { BEHIND = 3 };
    size_t at = 0;
    while (agent.n - at >= WIDTH + BEHIND) {
        const char *p = agent.p + at;
        size_t left = agent.n - at - WIDTH - BEHIND;
        block first = load(p);
        halves any = (halves)(((first == 'P') & (load(p + 3) == 'b')) |
                              ((first == 'M') & (load(p + 2) == 'N')));
        if (any[0] | any[1])
            return true;
        if (left == 0)
            return false;
        at += left < WIDTH ? left : WIDTH;
    }
    return memmem(agent.p + at, agent.n - at, "Prob", 4) ||
           memmem(agent.p + at, agent.n - at, "MON", 3);
}

bool web_is_probe(struct str agent, struct str user)
{
    static const char *const agents[] = {"AMProbe",   "MSEXCHMON", "ACTIVEMONITORING",
                                         "_AM_Probe", "HMProbe",   "Exchange BackEnd Probes"};
    bool look = may_be_probe(agent);
    for (size_t i = 0; look && i < sizeof agents / sizeof *agents; i++)
        if (agent_has(agent, str_of(agents[i])))
            return true;
    return str_istarts(path_base_name(user), STR("HealthMailbox"));
}

struct str web_address(struct str text)
{
    text = str_trim(text);
    if (text.n && text.p[0] == '[') {
        size_t close = str_find(text, STR("]"), 1);
        return close == SIZE_MAX ? text : str_part(text, 1, close);
    }
    size_t colon = str_find(text, STR(":"), 0);
    if (colon == SIZE_MAX || str_find(text, STR(":"), colon + 1) != SIZE_MAX)
        return text;
    return str_part(text, 0, colon);
}

void web_add_client(struct event *ev, struct arena *arena, struct str text)
{
    struct ip ip;
    struct str address = web_address(text);
    web_derive(ev, arena, "ClientAddress", address);
    if (ip_parse(address, &ip))
        web_derive(ev, arena, "ClientAddressClass", str_of(ip_class_name(ip_class(&ip))));
}

struct str web_guid(struct str text, struct arena *arena)
{
    enum { GUID = 36 };
    text = str_trim(text);
    if (text.n == GUID + 2 && text.p[0] == '{' && text.p[GUID + 1] == '}')
        text = str_part(text, 1, GUID + 1);
    if (text.n != GUID)
        return STR("");
    bool upper = false;
    for (size_t i = 0; i < GUID; i++) {
        char c = ascii_lower(text.p[i]);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return STR("");
        upper |= c != text.p[i];
    }
    return upper ? text_lower(text, arena) : text;
}

static bool is_between(char c)
{
    return c == '&' || c == ';' || c == '?';
}

struct str web_parameter(struct str query, struct str name)
{
    const char *fragment = query.n ? memchr(query.p, '#', query.n) : NULL;
    query = str_part(query, 0, fragment ? (size_t)(fragment - query.p) : query.n);
    for (size_t at = 0; at < query.n; at++) {
        const char *equals = memchr(query.p + at, '=', query.n - at);
        if (!equals)
            break;
        at = (size_t)(equals - query.p);
        if (at < name.n || (at > name.n && !is_between(query.p[at - name.n - 1])) ||
            !str_ieq(str_part(query, at - name.n, at), name))
            continue;
        size_t to = at + 1;
        while (to < query.n && !is_between(query.p[to]))
            to++;
        return str_part(query, at + 1, to);
    }
    return STR("");
}

void web_add_ddi(struct event *ev, struct arena *arena, struct str path, struct str query)
{
    struct str service = STR("/DDI/DDIService.svc/");
    size_t at = str_ifind(path, service, 0);
    if (at == SIZE_MAX)
        return;
    struct str rest = str_part(path, at + service.n, path.n);
    size_t to = 0;
    while (to < rest.n && rest.p[to] != '?' && rest.p[to] != '#' && rest.p[to] != '/')
        to++;
    web_derive(ev, arena, "DdiAction", str_part(rest, 0, to));
    struct str own = to < rest.n && rest.p[to] == '?' ? str_part(rest, to + 1, rest.n) : query;
    web_derive(ev, arena, "DdiSchema", web_parameter(own, STR("schema")));
    web_derive(ev, arena, "DdiWorkflow", web_parameter(own, STR("workflow")));
}

void web_add_token(struct event *ev, struct arena *arena, struct str query)
{
    struct rps_token token;
    struct str text = web_parameter(query, STR("X-Rps-CAT"));
    if (text.n == 0 || !rps_token_parse(text, arena, &token))
        return;
    web_derive(ev, arena, "RpsTokenUser", token.user);
    web_derive(ev, arena, "RpsTokenSid", token.sid);
}

unsigned web_groups(const struct wish *wish)
{
    static const struct {
        const char *name;
        enum web_group group;
    } fields[] = {
        {"cs-uri", WEB_URI},
        {"cs-uri-stem", WEB_URI},
        {"cs-uri-query", WEB_URI},
        {"WebPath", WEB_PAGE},
        {"StaticResource", WEB_PAGE},
        {"ClientAddress", WEB_CLIENT},
        {"ClientAddressClass", WEB_CLIENT},
        {"HealthProbe", WEB_PROBE},
        {"DdiAction", WEB_DDI},
        {"DdiSchema", WEB_DDI},
        {"DdiWorkflow", WEB_DDI},
        {"cafeReqId", WEB_REQUEST},
        {"RpsTokenUser", WEB_TOKEN},
        {"RpsTokenSid", WEB_TOKEN},
    };
    unsigned groups = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (row_wishes(wish, str_of(fields[i].name)))
            groups |= (unsigned)fields[i].group;
    return groups;
}

void web_derive_request(struct event *ev, struct arena *arena, const struct web_request *r,
                        unsigned groups)
{
    struct str webpath = STR("");
    if (groups & WEB_PAGE)
        webpath = webpath_of_stem(web_path_of_uri(r->stem), arena);
    web_derive(ev, arena, "WebPath", webpath);
    if (groups & WEB_CLIENT && r->client.n)
        web_add_client(ev, arena, r->client);
    if (groups & WEB_PAGE && web_is_static(webpath))
        web_derive(ev, arena, "StaticResource", STR("true"));
    if (groups & WEB_PROBE && web_is_probe(r->agent, r->user))
        web_derive(ev, arena, "HealthProbe", STR("true"));
    if (groups & WEB_DDI)
        web_add_ddi(ev, arena, r->stem, r->query);
    if (groups & WEB_TOKEN)
        web_add_token(ev, arena, r->query);
}
