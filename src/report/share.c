#include "report/share.h"

#include "base/auto.h"
#include "base/ip.h"
#include "base/num.h"

enum { DEPTH_MAX = 64, ROOT_LEAST = 5, EXTENSION_MOST = 6 };

struct str share_member(const struct json *object, const char *key)
{
    const struct json *m = object ? json_get(object, key) : NULL;
    return m && (m->type == JSON_STRING || m->type == JSON_NUMBER) ? m->text : STR("");
}

instant share_time(const struct json *object, const char *key)
{
    instant t = INSTANT_NONE;
    return instant_parse(share_member(object, key), &t) ? t : INSTANT_NONE;
}

uint64_t share_number(const struct json *object, const char *key)
{
    uint64_t v = 0;
    return num_u64(share_member(object, key), &v) ? v : 0;
}

int64_t share_signed(const struct json *object, const char *key)
{
    struct str digits = share_member(object, key);
    bool minus = str_starts(digits, STR("-"));
    uint64_t v = 0;
    if (!num_u64(str_part(digits, minus, digits.n), &v) || v > INT32_MAX)
        return 0;
    return minus ? -(int64_t)v : (int64_t)v;
}

const struct json *share_list(const struct json *object, const char *key)
{
    const struct json *m = object ? json_get(object, key) : NULL;
    return m && m->type == JSON_ARRAY ? m->child : NULL;
}

bool share_may(const struct share *s, struct str tlp)
{
    enum tlp of = TLP_NONE;
    if (s->tlp == TLP_NONE || tlp.n == 0)
        return true;
    return tlp_parse(tlp, &of) && of <= s->tlp; /* a word that nobody knows is kept back */
}

/* --- fields -------------------------------------------------------------------------------- */

struct str share_host(const struct share *s, struct str host, struct arena *arena)
{
    return redact_value(s->redact, REDACT_HOST, host, arena);
}

struct str share_text(const struct share *s, struct str text, struct arena *arena)
{
    return redact_text(s->redact, text, arena);
}

static bool is_process(struct str value)
{
    return str_find(value, STR(" "), 0) != SIZE_MAX ||
           str_find(value, STR(":\\"), 0) != SIZE_MAX || str_iends(value, STR(".exe"));
}

struct str share_initiator(const struct share *s, struct str value, struct arena *arena)
{
    struct ip ip;
    if (!s->redact)
        return value;
    if (ip_parse(value, &ip))
        return ip_is_loopback(&ip) ? value
                                   : redact_value(s->redact, REDACT_ADDRESS, value, arena);
    return is_process(value) ? redact_text(s->redact, value, arena)
                             : redact_value(s->redact, REDACT_ACCOUNT, value, arena);
}

static struct str extension(struct str path)
{
    for (size_t i = path.n; i > 0 && path.n - i <= EXTENSION_MOST; i--) {
        char c = ascii_lower(path.p[i - 1]);
        if (c == '.')
            return str_part(path, i - 1, path.n);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            break;
    }
    return STR("");
}

/* Folders of evidence are named for whose it is: of a path only the kind of file stays. */
struct str share_path(const struct share *s, struct str path, struct arena *arena)
{
    if (!s->redact || path.n == 0)
        return path;
    struct str t = redact_value(s->redact, REDACT_PATH, path, arena);
    struct str end = share_text(s, extension(path), arena);
    return arena_printf(arena, "%.*s%.*s", STR_ARG(t), STR_ARG(end));
}

/* --- learning ------------------------------------------------------------------------------ */

static void know_initiator(struct redactor *r, const struct json *node)
{
    struct str kind = share_member(node, "kind");
    struct str value = share_member(node, "value");
    if (str_eq(kind, STR("address")))
        redactor_know(r, REDACT_ADDRESS, value);
    else if (str_eq(kind, STR("account")))
        redactor_know(r, REDACT_ACCOUNT, value);
    else if (str_eq(kind, STR("domain")))
        redactor_know(r, REDACT_HOST, value);
}

/* "unnamed (path)" is a host that the evidence does not name. */
static void know_host(struct redactor *r, struct str host)
{
    static const struct str HEAD = {"unnamed (", 9};
    redactor_know(r, REDACT_HOST, host);
    if (str_starts(host, HEAD) && host.n > HEAD.n + 1)
        redactor_know(r, REDACT_PATH, str_part(host, HEAD.n, host.n - 1));
}

static void learn_text(struct redactor *r, const struct json *node)
{
    struct ip ip;
    if (str_eq(node->key, STR("host")))
        know_host(r, node->text);
    else if (str_eq(node->key, STR("mailbox")))
        redactor_know(r, REDACT_MAILBOX, node->text);
    else if (ip_parse(node->text, &ip))
        redactor_know(r, REDACT_ADDRESS, node->text);
    redactor_learn(r, node->text);
}

static void learn_tree(struct redactor *r, const struct json *node, unsigned depth)
{
    for (const struct json *n = node->child; n && depth < DEPTH_MAX; n = n->next) {
        if (n->type == JSON_STRING)
            learn_text(r, n);
        else if (n->type == JSON_OBJECT)
            know_initiator(r, n);
        learn_tree(r, n, depth + 1);
    }
}

static int learn_findings(struct case_reader *reader, struct redactor *r, struct err *err)
{
    struct case_filter all = CASE_FILTER_ALL;
    struct case_finding f;
    AUTO(case_rows_close) struct case_rows rows = {0};
    if (case_findings(reader, &all, &rows, err) < 0)
        return -1;
    int got;
    while ((got = case_findings_next(&rows, &f, err)) > 0) {
        know_host(r, f.host);
        redactor_learn(r, f.how);
        redactor_learn(r, f.indicator);
        redactor_learn(r, f.path);
        redactor_learn(r, f.excerpt); /* names stand in records in forms that no sentence has */
        redactor_learn(r, f.decoded);
    }
    return got;
}

/* The folder that all evidence lies in, as other texts may tell it. */
static int learn_root(struct case_reader *reader, struct redactor *r, struct err *err)
{
    struct case_evidence e;
    struct buf first = buf_new(SIZE_MAX / 4);
    size_t same = SIZE_MAX;
    AUTO(case_rows_close) struct case_rows rows = {0};
    int got = case_evidence(reader, &rows, err);
    while (got >= 0 && (got = case_evidence_next(&rows, &e, err)) > 0) {
        redactor_learn(r, e.path);
        if (same == SIZE_MAX)
            buf_add_str(&first, e.path);
        size_t n = 0;
        while (n < same && n < first.n && n < e.path.n && first.p[n] == e.path.p[n])
            n++;
        same = n;
    }
    while (same != SIZE_MAX && same > 0 && first.p[same - 1] != '/')
        same--;
    if (same != SIZE_MAX && same >= ROOT_LEAST)
        redactor_know(r, REDACT_PATH, str_part(buf_str(&first), 0, same - 1));
    buf_free(&first);
    return got;
}

int share_learn(struct case_reader *reader, struct redactor *r, struct err *err)
{
    learn_tree(r, reader->document, 0);
    if (learn_findings(reader, r, err) < 0 || learn_root(reader, r, err) < 0)
        return -1;
    return redactor_full(r) ? err_set(err, ERR_LIMIT, "too many names to redact all of them")
                            : 0;
}
