/* indicator_stix.c - STIX 2 bundles: indicators with patterns, and what was observed.
 *
 * A pattern says which observation is meant. What can be looked for in one record is taken:
 * comparisons joined by OR each, of comparisons joined by AND the one that says most. What asks
 * for several observations is refused.
 *
 * Source: STIX 2.1, 6 (cyber-observable objects) and 9 (patterns); TLP 2.0 as a STIX extension.
 */
#include "base/json_read.h"
#include "rule/indicator_import.h"
#include "rule/indicator_json.h"

enum {
    NESTING_MAX = 16, /* of parentheses in a pattern */
    PARTS_MAX = 2000, /* comparisons of one pattern */
    ID_MAX = 120,
    MARKINGS_MAX = 10000,
};

struct part {                 /* one comparison */
    enum indicator_type type; /* INDICATOR_TYPES: none that is looked for */
    struct str value;
    struct part *next;
};

struct parts { /* one of them is enough */
    struct part *first, *last;
};

struct pattern {
    struct str s;
    size_t at;
    struct arena *arena;
    size_t n;
    const char *why; /* it cannot be used */
    bool narrowed;   /* parts of an AND were left out */
};

struct marking {
    struct str id;
    enum tlp tlp;
};

struct stix {
    struct indicators *set;
    struct arena *arena; /* of one object */
    struct arena *kept;
    struct marking *markings;
    size_t n_markings, cap_markings;
    uint32_t place;
};

/* --- words of a pattern ------------------------------------------------------------------------ */

static void blanks(struct pattern *p)
{
    while (p->at < p->s.n && (unsigned char)p->s.p[p->at] <= ' ')
        p->at++;
}

static bool take_char(struct pattern *p, char c)
{
    blanks(p);
    if (p->at >= p->s.n || p->s.p[p->at] != c)
        return false;
    p->at++;
    return true;
}

static bool is_word_char(char c)
{
    char l = ascii_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool take_word(struct pattern *p, struct str word)
{
    blanks(p);
    size_t end = p->at + word.n;
    if (!str_ieq(str_part(p->s, p->at, end), word) ||
        (end < p->s.n && is_word_char(p->s.p[end])))
        return false;
    p->at = end;
    return true;
}

/* A text in quotes, with its escapes undone; or a bare word. False if there is none. */
static bool take_text(struct pattern *p, struct str *ret)
{
    blanks(p);
    if (p->at < p->s.n && p->s.p[p->at] != '\'') {
        size_t from = p->at;
        while (p->at < p->s.n && (is_word_char(p->s.p[p->at]) || p->s.p[p->at] == '.'))
            p->at++;
        *ret = str_part(p->s, from, p->at);
        return ret->n > 0;
    }
    char *out = ARENA_ARRAY(p->arena, char, p->s.n - p->at + 1);
    size_t n = 0;
    for (p->at++; p->at < p->s.n && p->s.p[p->at] != '\''; p->at++) {
        if (p->s.p[p->at] == '\\' && p->at + 1 < p->s.n)
            p->at++;
        out[n++] = p->s.p[p->at];
    }
    *ret = (struct str){out, n};
    return take_char(p, '\'');
}

/* "file:hashes.'SHA-256'": up to a blank or an operator outside of quotes. */
static struct str take_path(struct pattern *p)
{
    blanks(p);
    size_t from = p->at;
    bool quoted = false;
    for (; p->at < p->s.n; p->at++) {
        char c = p->s.p[p->at];
        if (c == '\'')
            quoted = !quoted;
        else if (!quoted && ((unsigned char)c <= ' ' || memchr("=!<>()]", c, 7)))
            break;
    }
    return str_part(p->s, from, p->at);
}

/* --- what a comparison is about ---------------------------------------------------------------- */

static bool ends_with(struct str s, const char *tail)
{
    return str_iends(s, str_of(tail));
}

static enum indicator_type hash_type(struct str path)
{
    if (ends_with(path, "imphash") || ends_with(path, "imphash'"))
        return INDICATOR_IMPHASH;
    if (str_ifind(path, STR("sha-256"), 0) != SIZE_MAX ||
        str_ifind(path, STR("sha256"), 0) != SIZE_MAX)
        return INDICATOR_SHA256;
    if (str_ifind(path, STR("sha-1"), 0) != SIZE_MAX ||
        str_ifind(path, STR("sha1"), 0) != SIZE_MAX)
        return INDICATOR_SHA1;
    return str_ifind(path, STR("md5"), 0) != SIZE_MAX ? INDICATOR_MD5 : INDICATOR_TYPES;
}

static enum indicator_type type_of(struct str path, struct str value)
{
    static const struct {
        const char *path;
        enum indicator_type type;
    } known[] = {
        {"ipv4-addr:value", INDICATOR_ADDRESS},
        {"ipv6-addr:value", INDICATOR_ADDRESS},
        {"domain-name:value", INDICATOR_DOMAIN},
        {"url:value", INDICATOR_URL},
        {"email-addr:value", INDICATOR_EMAIL},
        {"email-message:from_ref.value", INDICATOR_EMAIL},
        {"email-message:sender_ref.value", INDICATOR_EMAIL},
        {"file:name", INDICATOR_FILE_NAME},
        {"directory:path", INDICATOR_FILE_PATH},
        {"file:parent_directory_ref.path", INDICATOR_FILE_PATH},
        {"process:name", INDICATOR_FILE_NAME},
        {"process:image_ref.name", INDICATOR_FILE_NAME},
        {"process:binary_ref.name", INDICATOR_FILE_NAME},
        {"process:command_line", INDICATOR_TEXT},
        {"mutex:name", INDICATOR_TEXT},
    };
    if (str_ifind(path, STR(":hashes"), 0) != SIZE_MAX ||
        str_ifind(path, STR("_ref.hashes"), 0) != SIZE_MAX)
        return hash_type(path);
    if (str_ifind(path, STR("user-agent"), 0) != SIZE_MAX)
        return INDICATOR_USER_AGENT;
    if (str_istarts(path, STR("network-traffic:")) &&
        (ends_with(path, "dst_ref.value") || ends_with(path, "src_ref.value")))
        return indicator_shape(value) == INDICATOR_DOMAIN ? INDICATOR_DOMAIN
                                                          : INDICATOR_ADDRESS;
    if (str_istarts(path, STR("network-traffic:")) && ends_with(path, "request_value"))
        return INDICATOR_FILE_PATH;
    if (str_ifind(path, STR("pipe:name"), 0) != SIZE_MAX ||
        (str_ieq(path, STR("file:name")) && indicator_shape(value) == INDICATOR_PIPE))
        return INDICATOR_PIPE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_ieq(path, str_of(known[i].path)))
            return known[i].type;
    return INDICATOR_TYPES;
}

/* LIKE's '%' and '_' as wildcards of ours; "" where the type has none. */
static struct str like_value(struct pattern *p, enum indicator_type type, struct str value)
{
    bool wild = type == INDICATOR_FILE_NAME || type == INDICATOR_FILE_PATH ||
                type == INDICATOR_PIPE || type == INDICATOR_USER_AGENT;
    size_t n = value.n;
    char *out = ARENA_ARRAY(p->arena, char, n + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = value.p[i] == '%' ? '*' : wild && value.p[i] == '_' ? '?' : value.p[i];
    struct str s = {out, n};
    if (wild)
        return s;
    while (s.n && s.p[0] == '*')
        s = str_part(s, 1, s.n);
    if (type == INDICATOR_TEXT)
        while (s.n && s.p[s.n - 1] == '*')
            s = str_part(s, 0, s.n - 1);
    bool fits = type == INDICATOR_TEXT || (type == INDICATOR_DOMAIN && s.n && s.p[0] == '.') ||
                s.n == value.n;
    return fits && !(s.n && memchr(s.p, '*', s.n)) ? s : STR("");
}

/* --- the grammar ---------------------------------------------------------------------------------- */

static struct parts one_part(struct pattern *p, enum indicator_type type, struct str value)
{
    struct part *part = ARENA_NEW(p->arena, struct part);
    part->type = type;
    part->value = value;
    if (p->n++ == PARTS_MAX && !p->why)
        p->why = "a pattern of too many comparisons";
    return (struct parts){part, part};
}

static struct parts either(struct parts a, struct parts b)
{
    if (!a.first)
        return b;
    if (b.first) {
        a.last->next = b.first;
        a.last = b.last;
    }
    return a;
}

/* How much a match says: a hash is one file, a name may be anybody's. */
static int narrowness(enum indicator_type type)
{
    static const int of[INDICATOR_TYPES + 1] = {
        [INDICATOR_SHA256] = 10,   [INDICATOR_SHA1] = 9,       [INDICATOR_MD5] = 9,
        [INDICATOR_URL] = 8,       [INDICATOR_IMPHASH] = 7,    [INDICATOR_EMAIL] = 7,
        [INDICATOR_DOMAIN] = 6,    [INDICATOR_ADDRESS] = 6,    [INDICATOR_PIPE] = 6,
        [INDICATOR_FILE_PATH] = 5, [INDICATOR_FILE_REGEX] = 5, [INDICATOR_TEXT] = 4,
        [INDICATOR_FILE_NAME] = 3, [INDICATOR_USER_AGENT] = 2};
    return of[type];
}

static int widest(struct parts a)
{
    int least = INT_MAX;
    for (const struct part *p = a.first; p; p = p->next)
        least = narrowness(p->type) < least ? narrowness(p->type) : least;
    return least;
}

/* A folder and a name in it are a path. */
static bool join_path(struct pattern *p, struct parts a, struct parts b, struct parts *ret)
{
    struct part *dir = a.first;
    struct part *name = b.first;
    if (!dir || !name || dir->next || name->next)
        return false;
    if (dir->type == INDICATOR_FILE_NAME) {
        dir = b.first;
        name = a.first;
    }
    if (dir->type != INDICATOR_FILE_PATH || name->type != INDICATOR_FILE_NAME)
        return false;
    struct str d = dir->value;
    while (d.n && (d.p[d.n - 1] == '\\' || d.p[d.n - 1] == '/'))
        d = str_part(d, 0, d.n - 1);
    *ret = one_part(p, INDICATOR_FILE_PATH,
                    arena_printf(p->arena, "%.*s\\%.*s", STR_ARG(d), STR_ARG(name->value)));
    return true;
}

static struct parts both(struct pattern *p, struct parts a, struct parts b)
{
    struct parts joined;
    if (join_path(p, a, b, &joined))
        return joined;
    p->narrowed = true;
    return widest(b) > widest(a) ? b : a;
}

static struct parts either_of(struct pattern *p, int depth);

static struct parts values_of(struct pattern *p, struct str path)
{
    struct parts all = {0};
    if (!take_char(p, '('))
        p->why = p->why ? p->why : "a pattern that is not one";
    while (!p->why) {
        struct str value;
        if (!take_text(p, &value)) {
            p->why = "a pattern that is not one";
            break;
        }
        all = either(all, one_part(p, type_of(path, value), value));
        if (!take_char(p, ','))
            break;
    }
    if (!p->why && !take_char(p, ')'))
        p->why = "a pattern that is not one";
    return all;
}

static struct parts compared(struct pattern *p, struct str path)
{
    struct str value = STR("");
    bool like = false;
    bool regex = false;
    bool negated = take_word(p, STR("NOT"));
    if (take_word(p, STR("IN"))) {
        struct parts all = values_of(p, path);
        return negated ? one_part(p, INDICATOR_TYPES, path) : all;
    }
    if (take_char(p, '=')) {
        negated = negated || false;
    } else if (take_word(p, STR("LIKE"))) {
        like = true;
    } else if (take_word(p, STR("MATCHES"))) {
        regex = true;
    } else if (!take_word(p, STR("ISSUBSET"))) {
        negated = true; /* !=, <, >, ISSUPERSET, EXISTS: nothing that can be looked for */
        blanks(p);
        while (p->at < p->s.n &&
               (memchr("!<>=", p->s.p[p->at], 4) || is_word_char(p->s.p[p->at])))
            p->at++;
    }
    if (!take_text(p, &value)) {
        p->why = "a pattern that is not one";
        return (struct parts){0};
    }
    enum indicator_type type = type_of(path, value);
    if (like)
        value = like_value(p, type, value);
    if (regex)
        type = type == INDICATOR_FILE_NAME || type == INDICATOR_FILE_PATH ? INDICATOR_FILE_REGEX
                                                                          : INDICATOR_TYPES;
    bool usable = !negated && value.n > 0;
    return one_part(p, usable ? type : INDICATOR_TYPES, usable ? value : path);
}

static struct parts single(struct pattern *p, int depth)
{
    if (take_char(p, '(')) {
        if (depth == NESTING_MAX) {
            p->why = "a pattern of too many parentheses";
            return (struct parts){0};
        }
        struct parts inner = either_of(p, depth + 1);
        if (!p->why && !take_char(p, ')'))
            p->why = "a pattern that is not one";
        return inner;
    }
    struct str path = take_path(p);
    if (path.n == 0 || !memchr(path.p, ':', path.n)) {
        p->why = "a pattern that is not one";
        return (struct parts){0};
    }
    return compared(p, path);
}

static struct parts all_of(struct pattern *p, int depth)
{
    struct parts a = single(p, depth);
    while (!p->why && take_word(p, STR("AND")))
        a = both(p, a, single(p, depth));
    return a;
}

static struct parts either_of(struct pattern *p, int depth)
{
    struct parts a = all_of(p, depth);
    while (!p->why && take_word(p, STR("OR")))
        a = either(a, all_of(p, depth));
    return a;
}

/* Observations in brackets, joined by OR. */
static struct parts observations(struct pattern *p)
{
    struct parts all = {0};
    size_t open = 0;
    for (;;) {
        while (take_char(p, '('))
            open++;
        if (!take_char(p, '[')) {
            p->why = "a pattern that is not one";
            break;
        }
        all = either(all, either_of(p, 0));
        if (!p->why && !take_char(p, ']'))
            p->why = "a pattern that is not one";
        while (!p->why && open > 0 && take_char(p, ')'))
            open--;
        blanks(p);
        if (p->why || p->at == p->s.n)
            break;
        if (!take_word(p, STR("OR"))) {
            p->why = "a pattern that asks for several observations, or for their times";
            break;
        }
    }
    return all;
}

/* --- objects -------------------------------------------------------------------------------------- */

static struct str text_of(const struct json *object, const char *key)
{
    const struct json *v = object ? json_get(object, key) : NULL;
    return v && (v->type == JSON_STRING || v->type == JSON_NUMBER) ? v->text : STR("");
}

static const struct json *read_object(struct stix *s, struct str text)
{
    struct json *value = NULL;
    struct err err = {0};
    size_t at = 0;
    arena_reset(s->arena);
    if (json_next(text, &at, s->arena, &value, &err) != 1 || value->type != JSON_OBJECT)
        return NULL;
    return value;
}

/* Markings for TLP that everybody knows by their ids: those of TLP 1.0 and of 2.0. */
static const struct {
    const char *id;
    enum tlp tlp;
} well_known[] = {
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_CLEAR},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", TLP_GREEN},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", TLP_AMBER},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_RED},
    {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", TLP_CLEAR},
    {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", TLP_GREEN},
    {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", TLP_AMBER},
    {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", TLP_AMBER_STRICT},
    {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", TLP_RED},
};

static void take_marking(struct stix *s, const struct json *o)
{
    enum tlp tlp = TLP_NONE;
    const struct json *definition = json_get(o, "definition");
    const struct json *extensions = json_get(o, "extensions");
    struct str id = text_of(o, "id");
    bool is = tlp_parse(text_of(definition, "tlp"), &tlp);
    for (const struct json *e = extensions ? extensions->child : NULL; e && !is; e = e->next)
        is = e->type == JSON_OBJECT && tlp_parse(text_of(e, "tlp_2_0"), &tlp);
    if (!is)
        is =
            str_istarts(text_of(o, "name"), STR("tlp:")) && tlp_parse(text_of(o, "name"), &tlp);
    if (!is || id.n == 0 || id.n > ID_MAX || s->n_markings == MARKINGS_MAX)
        return;
    s->markings =
        arena_grow(s->kept, s->markings, s->n_markings, &s->cap_markings, sizeof *s->markings);
    s->markings[s->n_markings++] = (struct marking){arena_str(s->kept, id), tlp};
}

static enum tlp tlp_of_id(const struct stix *s, struct str id)
{
    for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++)
        if (str_ieq(id, str_of(well_known[i].id)))
            return well_known[i].tlp;
    for (size_t i = 0; i < s->n_markings && i < 100; i++)
        if (str_ieq(id, s->markings[i].id))
            return s->markings[i].tlp;
    return TLP_NONE;
}

static enum tlp tlp_of(const struct stix *s, const struct json *o)
{
    enum tlp tlp = TLP_NONE;
    const struct json *refs = json_get(o, "object_marking_refs");
    size_t looked = 0;
    for (const struct json *r = refs ? refs->child : NULL; r && looked++ < 50; r = r->next) {
        enum tlp found = tlp_of_id(s, r->text);
        tlp = found > tlp ? found : tlp;
    }
    return tlp;
}

static bool is_revoked(const struct json *o)
{
    const struct json *v = json_get(o, "revoked");
    const struct json *types = json_get(o, "indicator_types");
    if (v && v->type == JSON_TRUE)
        return true;
    for (const struct json *t = types ? types->child : NULL; t; t = t->next)
        if (str_ieq(t->text, STR("benign")))
            return true;
    return false;
}

static struct indicator_item item_of(const struct stix *s, const struct json *o)
{
    struct indicator_item item = INDICATOR_ITEM;
    struct str name = text_of(o, "name");
    item.place = s->place;
    item.tlp = tlp_of(s, o);
    item.about = name.n ? name : text_of(o, "description");
    (void)indicator_score(text_of(o, "confidence"), &item);
    (void)instant_parse(text_of(o, "valid_from"), &item.from);
    return item;
}

static void add_parts(struct stix *s, const struct json *o, const struct pattern *p,
                      struct parts parts)
{
    struct indicator_item item = item_of(s, o);
    struct str until = text_of(o, "valid_until");
    if (until.n && !instant_parse(until, &item.until))
        indicators_warn(s->set, s->place, p->s,
                        "the end of its validity cannot be read: it is taken as without end");
    if (p->narrowed)
        indicators_warn(s->set, s->place, p->s,
                        "of what is joined by AND, only the part that says most is looked for");
    for (const struct part *part = parts.first; part; part = part->next) {
        item.type = part->type;
        item.value = part->value;
        if (part->type == INDICATOR_TYPES)
            indicators_refuse(s->set, s->place, part->value,
                              "a comparison that is not looked for");
        else
            indicators_add(s->set, &item);
    }
}

static void indicator(struct stix *s, const struct json *o)
{
    struct pattern p = {.s = text_of(o, "pattern"), .arena = s->arena};
    struct str language = text_of(o, "pattern_type");
    if (is_revoked(o)) {
        indicators_leave(s->set);
        return;
    }
    if (language.n && !str_ieq(language, STR("stix"))) {
        indicators_refuse(s->set, s->place, language,
                          "a pattern of another language than STIX's");
        return;
    }
    struct parts parts = observations(&p);
    if (p.why)
        indicators_refuse(s->set, s->place, p.s, p.why);
    else
        add_parts(s, o, &p, parts);
}

/* What somebody saw, and does not call malicious by that. */
static void observed(struct stix *s, const struct json *o, struct str type)
{
    struct indicator_item item = item_of(s, o);
    item.about = STR("observed together with indicators; not called malicious itself");
    item.level = LEVEL_LOW;
    item.value = text_of(o, "value");
    if (str_eq(type, STR("ipv4-addr")) || str_eq(type, STR("ipv6-addr")))
        item.type = INDICATOR_ADDRESS;
    else if (str_eq(type, STR("domain-name")))
        item.type = INDICATOR_DOMAIN;
    else if (str_eq(type, STR("url")))
        item.type = INDICATOR_URL;
    else if (str_eq(type, STR("email-addr")))
        item.type = INDICATOR_EMAIL;
    else if (!str_eq(type, STR("file")))
        return;
    const struct json *hashes = json_get(o, "hashes");
    for (const struct json *h = hashes ? hashes->child : NULL; h; h = h->next) {
        item.type = hash_type(h->key);
        item.value = h->text;
        if (item.type != INDICATOR_TYPES)
            indicators_add(s->set, &item);
    }
    if (!hashes && item.type == INDICATOR_TYPES) {
        item.type = INDICATOR_FILE_NAME;
        item.value = text_of(o, "name");
    }
    if (!hashes && item.value.n)
        indicators_add(s->set, &item);
}

enum pass { PASS_MARKINGS, PASS_INDICATORS, PASS_OBSERVED, PASSES };

static void object(struct stix *s, enum pass pass, struct str text)
{
    s->place++;
    if (pass == PASS_MARKINGS && str_find(text, STR("\"marking-definition\""), 0) == SIZE_MAX)
        return;
    const struct json *o = read_object(s, text);
    if (!o) {
        if (pass == PASS_INDICATORS)
            indicators_refuse(s->set, s->place, text, "no JSON object");
        return;
    }
    struct str type = text_of(o, "type");
    if (pass == PASS_MARKINGS && str_eq(type, STR("marking-definition")))
        take_marking(s, o);
    else if (pass == PASS_INDICATORS && str_eq(type, STR("indicator")))
        indicator(s, o);
    else if (pass == PASS_OBSERVED)
        observed(s, o, type);
}

/* All objects of a bundle, of an array, or the one that stands alone. */
static bool each_object(struct stix *s, enum pass pass, struct str text)
{
    struct json_place top;
    struct json_place in;
    struct str key;
    struct str value;
    bool bundle = false;
    bool ok = json_enter(text, 0, &top);
    s->place = 0;
    while (ok && json_step(&top, &key, &value)) {
        if (!top.object) {
            object(s, pass, value);
        } else if (str_eq(key, STR("objects")) && json_enter(value, 0, &in)) {
            bundle = true;
            while (json_step(&in, &key, &value))
                object(s, pass, value);
            ok = !in.damaged;
        }
    }
    if (ok && top.object && !bundle)
        object(s, pass, text);
    return ok && !top.damaged;
}

void indicators_read_stix(struct indicators *set, struct str text)
{
    struct stix s = {.set = set, .arena = arena_new(), .kept = arena_new()};
    bool whole = true;
    for (int pass = 0; pass < PASSES; pass++)
        whole = each_object(&s, (enum pass)pass, text);
    if (!whole)
        indicators_refuse(set, s.place + 1, STR(""),
                          "the JSON is damaged or ends early: the rest is not read");
    arena_free(s.kept);
    arena_free(s.arena);
}
