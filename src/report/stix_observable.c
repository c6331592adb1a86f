/* Observables: what was seen, without a judgement on it. */
#include "base/ip.h"
#include "base/utf.h"
#include "report/stix_int.h"

enum { URL_MOST = 2048 };

static struct str canonical(struct stix *x, const char *key, struct str value)
{
    struct buf b = buf_new(SIZE_MAX / 4);
    buf_addf(&b, "{\"%s\":", key);
    stix_canonical(&b, value);
    buf_add_char(&b, '}');
    struct str ret = arena_str(x->arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static void begin(struct stix *x, const char *type, struct str id)
{
    json_begin(&x->j, '{');
    stix_put(x, "type", str_of(type));
    stix_put(x, "spec_version", STR("2.1"));
    stix_put(x, "id", id);
}

static void end(struct stix *x)
{
    stix_mark(x);
    json_end(&x->j, '}');
}

/* An observable with one property, which makes its id. */
static struct str simple(struct stix *x, const char *type, const char *key, struct str value)
{
    value = utf8_repair(str_bytes(value), x->arena);
    struct str id = stix_observable_id(x->arena, type, canonical(x, key, value));
    if (!stix_has(x, id)) {
        begin(x, type, id);
        stix_put(x, key, value);
        end(x);
    }
    return id;
}

struct str stix_address(struct stix *x, struct str value)
{
    struct ip ip;
    if (!ip_parse(value, &ip))
        return STR("");
    bool v4 = ip.v4 && !x->share->redact;
    value = redact_address(x->share->redact, value, x->arena);
    if (!v4 || str_find(value, STR(":"), 0) == SIZE_MAX)
        return simple(x, v4 ? "ipv4-addr" : "ipv6-addr", "value", value);
    return simple(x, "ipv4-addr", "value", /* ::ffff:a.b.c.d */
                  arena_printf(x->arena, "%u.%u.%u.%u", ip.byte[12], ip.byte[13], ip.byte[14],
                               ip.byte[15]));
}

struct str stix_file(struct stix *x, struct str name, struct str sha256)
{
    name = utf8_repair(str_bytes(share_text(x->share, name, x->arena)), x->arena);
    struct buf b = buf_new(SIZE_MAX / 4);
    buf_add_char(&b, '{');
    if (sha256.n)
        buf_addf(&b, "\"hashes\":{\"SHA-256\":\"%.*s\"},", STR_ARG(sha256));
    buf_add_cstr(&b, "\"name\":");
    stix_canonical(&b, name);
    buf_add_char(&b, '}');
    struct str id = stix_observable_id(x->arena, "file", buf_str(&b));
    buf_free(&b);
    if (stix_has(x, id))
        return id;
    begin(x, "file", id);
    if (sha256.n) {
        json_key(&x->j, "hashes");
        json_begin(&x->j, '{');
        stix_put(x, "SHA-256", sha256);
        json_end(&x->j, '}');
    }
    stix_put(x, "name", name);
    end(x);
    return id;
}

static bool is_host_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = ascii_lower(s.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
            return false;
    }
    return s.n > 0 && s.n < 254;
}

static bool is_hex(struct str s, size_t at)
{
    return at < s.n && memchr("0123456789abcdefABCDEF", s.p[at], 22) != NULL;
}

/* Source: RFC 3986, 2 and 3.3 */
static bool stands_in_url(struct str s, size_t at)
{
    char c = ascii_lower(s.p[at]);
    if (c == '%')
        return is_hex(s, at + 1) && is_hex(s, at + 2);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~!$&'()*+,;=:@/?", c) != NULL);
}

/* The address of a page; what may not stand in one is percent-encoded. */
static struct str url(struct stix *x, struct str host, struct str path)
{
    struct buf b = buf_new(URL_MOST);
    host = share_host(x->share, host, x->arena);
    path = share_text(x->share, path, x->arena);
    if (!is_host_name(host) || path.n == 0 || path.p[0] != '/')
        return STR("");
    buf_addf(&b, "https://%.*s", STR_ARG(host));
    for (size_t i = 0; i < path.n; i++) {
        if (stands_in_url(path, i))
            buf_add_char(&b, path.p[i]);
        else
            buf_addf(&b, "%%%02X", (unsigned)(unsigned char)path.p[i]);
    }
    struct str ret = b.full ? STR("") : arena_str(x->arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static struct str mailbox(struct stix *x, struct str value)
{
    size_t sign = str_find(value, STR("@"), 0);
    if (x->share->redact)
        return simple(x, "email-addr", "value",
                      redact_mailbox(x->share->redact, value, x->arena));
    if (sign == SIZE_MAX || sign == 0 || str_find(value, STR(" "), 0) != SIZE_MAX ||
        !is_host_name(str_part(value, sign + 1, value.n)))
        return simple(x, "user-account", "account_login", value);
    return simple(x, "email-addr", "value", value);
}

static struct str object(struct stix *x, const struct gathered *g, struct str value)
{
    if (value.n == 0)
        return value;
    if (value.p[0] == '/') {
        struct str at = url(x, g->host, value);
        if (at.n)
            return simple(x, "url", "value", at);
    }
    struct str name = gather_name(value);
    bool path = str_find(value, STR(":\\"), 0) != SIZE_MAX && name.n;
    return path ? stix_file(x, name, STR("")) : STR("");
}

/* A process has no contributing properties: its id is one of ours. */
static struct str process(struct stix *x, struct str line)
{
    line = utf8_repair(str_bytes(share_text(x->share, line, x->arena)), x->arena);
    struct str id = stix_id(x->arena, "process", &line, 1);
    if (!stix_has(x, id)) {
        begin(x, "process", id);
        stix_put(x, "command_line", line);
        end(x);
    }
    return id;
}

static struct str initiator(struct stix *x, const struct gathered *g, struct str value)
{
    struct str id = stix_address(x, value);
    if (id.n || value.n == 0)
        return id;
    for (const struct json *i = share_list(json_get(g->campaign, "entry"), "initiators"); i;
         i = i->next)
        if (str_eq(share_member(i, "value"), value) &&
            str_eq(share_member(i, "kind"), STR("process")))
            return process(x, value);
    return simple(x, "user-account", "account_login",
                  share_initiator(x->share, value, x->arena));
}

static void add(struct stix *x, struct stix_refs *refs, struct str id)
{
    for (size_t i = 0; i < refs->n; i++)
        if (str_eq(refs->at[i], id))
            return;
    if (id.n)
        stix_add_ref(x, refs, id);
}

void stix_observe(struct stix *x, const struct gathered *g, const struct json *fact,
                  struct stix_refs *refs)
{
    for (const struct json *i = share_list(fact, "initiators"); i; i = i->next)
        add(x, refs, initiator(x, g, i->text));
    add(x, refs, object(x, g, share_member(fact, "object")));
    if (share_member(fact, "mailbox").n)
        add(x, refs, mailbox(x, share_member(fact, "mailbox")));
    for (size_t k = 0; k < g->n_items; k++)
        for (const struct json *id = share_list(g->items[k].of, "facts"); id; id = id->next)
            if (g->items[k].sha256.n && str_eq(id->text, share_member(fact, "id")))
                add(x, refs, stix_file(x, g->items[k].name, g->items[k].sha256));
}
