#include "cli/packcheck.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/safe.h"
#include "detect/fact_spec.h"
#include "event/event.h"
#include "rule/nearest.h"
#include "rule/yaml.h"

enum form {
    TEXT,     /* a scalar, may be empty */
    WORD,     /* one of `words` */
    WORDS,    /* a list of them */
    TIME,     /* a date, or a date and a time; may be empty */
    BUILD,    /* numbers and points; may be empty */
    BUILDS,   /* a list of them */
    DURATION, /* a number and s, m, h or d; may be empty */
    TEXTS,    /* a list of scalars */
    MAP,
    MAPS, /* a list of maps */
    ANY,
};

struct shape;

struct key {
    const char *name;
    enum form form;
    bool must; /* stand there, and not be empty */
    const struct shape *shape;
    const char *const *words;
};

struct shape {
    const struct key *keys; /* ended by one without a name */
};

struct check {
    struct str path;
    struct buf *out;
    size_t n;
};

static const char *const bools[] = {"true", "false", NULL};
static const char *const precisions[] = {"update", "cu", NULL};
static const char *const confidences[] = {"certain", "strong", "weak", NULL};
static const char *const act_kinds[] = {"execution",  "credentials", "persistence", "lateral",
                                        "collection", "destruction", "hijack",      NULL};
static const char *const loss_kinds[] = {"mail", "file", "encrypted", NULL};
static const char *const only_words[] = {"look", NULL};
static const char *const left_words[] = {"maybe", NULL};
static const char *const secrets_known[] = {
    "accounts_logged_on", "local_accounts",   "domain_accounts",
    "service_accounts",   "machine_keys",     "certificates",
    "typed_passwords",    "stored_passwords", NULL};
static const struct key share_keys[] = {
    {"content", TEXT, false, 0, 0}, {"structure", TEXT, false, 0, 0},
    {"key", TEXT, false, 0, 0},     {"agent", TEXT, false, 0, 0},
    {"tool", TEXT, false, 0, 0},    {"domain", TEXT, false, 0, 0},
    {"account", TEXT, false, 0, 0}, {0}};
static const struct shape share = {share_keys};
static const char *const ways[] = {"web", NULL};
static const char *const need_words[] = {"known_files", NULL};
static const char *const axes[] = {"exposure", "entry", "backdoor", "action", "loss", NULL};
static const char *const answers[] = {"none_seen",
                                      "none_seen_partial",
                                      "not_assessable",
                                      "exposed",
                                      "fixed",
                                      "mitigated",
                                      "probed",
                                      "attempted",
                                      "reached",
                                      "exploited",
                                      "removed",
                                      "written",
                                      "present",
                                      "seen",
                                      "bounds",
                                      "not_affected",
                                      NULL};

static const struct key cve_keys[] = {
    {"id", TEXT, true, 0, 0}, {"what", TEXT, true, 0, 0}, {0}};
static const struct key read_keys[] = {
    {"name", TEXT, true, 0, 0}, {"as_of", TIME, true, 0, 0}, {0}};
static const struct key trace_keys[] = {{"kind", TEXT, true, 0, 0},
                                        {"channel", TEXT, false, 0, 0},
                                        {"channel_prefix", TEXT, false, 0, 0},
                                        {"provider_prefix", TEXT, false, 0, 0},
                                        {"path_part", TEXT, false, 0, 0},
                                        {0}};
static const struct key phase_keys[] = {{"id", TEXT, true, 0, 0},
                                        {"from", TIME, true, 0, 0},
                                        {"to", TIME, false, 0, 0},
                                        {"what", TEXT, true, 0, 0},
                                        {0}};
static const struct key told_keys[] = {{"source", TEXT, true, 0, 0},
                                       {"field", TEXT, true, 0, 0},
                                       {"precision", WORD, true, 0, precisions},
                                       {0}};
static const struct key range_keys[] = {
    {"from", BUILD, true, 0, 0}, {"to", BUILD, true, 0, 0}, {"why", TEXT, true, 0, 0}, {0}};
static const struct key line_keys[] = {{"line", BUILD, true, 0, 0},
                                       {"build", BUILD, true, 0, 0},
                                       {"below", BUILD, false, 0, 0},
                                       {"name", TEXT, true, 0, 0},
                                       {0}};
static const struct key fix_keys[] = {{"name", TEXT, true, 0, 0},
                                      {"base", BUILD, false, 0, 0},
                                      {"fixed", BUILD, true, 0, 0},
                                      {"conflict", BUILD, false, 0, 0},
                                      {"kb", TEXT, false, 0, 0},
                                      {"said_by", TEXT, false, 0, 0},
                                      {0}};
static const struct shape told = {told_keys}, range = {range_keys}, line_of = {line_keys},
                          fix = {fix_keys};
static const struct key build_keys[] = {
    {"evidence", MAPS, false, &told, 0},      {"known_files", BUILDS, false, 0, 0},
    {"not_affected", MAPS, false, &range, 0}, {"fixed_from", MAPS, false, &line_of, 0},
    {"fixed", MAPS, false, &fix, 0},          {0}};
static const struct key reach_keys[] = {{"source", TEXT, true, 0, 0},
                                        {"part", TEXT, false, 0, 0},
                                        {"field", TEXT, true, 0, 0},
                                        {0}};
static const struct key source_keys[] = {{"source", TEXT, true, 0, 0},
                                         {"parts", TEXTS, false, 0, 0},
                                         {"tolerance", DURATION, false, 0, 0},
                                         {0}};
static const struct shape source_of = {source_keys};
static const struct key need_keys[] = {{"source", TEXT, false, 0, 0},
                                       {"parts", TEXTS, false, 0, 0},
                                       {"tolerance", DURATION, false, 0, 0},
                                       {"any_of", MAPS, false, &source_of, 0},
                                       {"why", TEXT, true, 0, 0},
                                       {0}};
static const struct shape need = {need_keys};
static const struct key needs_keys[] = {
    {"exposure", MAPS, false, &need, 0}, {"entry", MAPS, false, &need, 0},
    {"backdoor", MAPS, false, &need, 0}, {"action", MAPS, false, &need, 0},
    {"loss", MAPS, false, &need, 0},     {0}};
static const struct key beat_keys[] = {{"source", TEXT, true, 0, 0},
                                       {"field", TEXT, true, 0, 0},
                                       {"value", TEXT, true, 0, 0},
                                       {"every", DURATION, true, 0, 0},
                                       {0}};
static const struct key probe_keys[] = {
    {"users", TEXTS, false, 0, 0}, {"user_agents", TEXTS, false, 0, 0}, {0}};
static const char *const hint_kinds[] = {"address", "page", "content", "structure", "key",
                                         "agent",   "tool", "domain",  "account",   NULL};
static const struct key hint_keys[] = {{"actor", TEXT, true, 0, 0},
                                       {"kind", WORD, true, 0, hint_kinds},
                                       {"value", TEXT, true, 0, 0},
                                       {"from", TIME, false, 0, 0},
                                       {"to", TIME, false, 0, 0},
                                       {"source", TEXT, true, 0, 0},
                                       {0}};
static const struct shape hint = {hint_keys};
static const struct key collect_keys[] = {
    {"what", TEXT, true, 0, 0}, {"commands", TEXTS, true, 0, 0}, {0}};
static const struct key when_keys[] = {
    {"exposure", WORDS, false, 0, answers}, {"entry", WORDS, false, 0, answers},
    {"backdoor", WORDS, false, 0, answers}, {"action", WORDS, false, 0, answers},
    {"loss", WORDS, false, 0, answers},     {0}};
static const struct shape when = {when_keys};
static const struct key advice_keys[] = {{"id", TEXT, true, 0, 0},
                                         {"when", MAP, false, &when, 0},
                                         {"text", TEXT, true, 0, 0},
                                         {"source", TEXT, true, 0, 0},
                                         {0}};
static const struct shape cve = {cve_keys}, read_of = {read_keys}, trace = {trace_keys},
                          phase = {phase_keys}, builds = {build_keys}, reach = {reach_keys},
                          needs = {needs_keys}, beat = {beat_keys}, probe = {probe_keys},
                          collect = {collect_keys}, advice = {advice_keys};
static const struct key pack_keys[] = {{"schema", TEXT, true, 0, 0},
                                       {"id", TEXT, true, 0, 0},
                                       {"general", WORD, false, 0, bools},
                                       {"claims", TEXTS, false, 0, 0},
                                       {"infers", WORD, false, 0, bools},
                                       {"title", TEXT, true, 0, 0},
                                       {"product", TEXT, true, 0, 0},
                                       {"as_of", TIME, true, 0, 0},
                                       {"about", TEXT, true, 0, 0},
                                       {"cves", MAPS, false, &cve, 0},
                                       {"sources_read", MAPS, true, &read_of, 0},
                                       {"traces", MAPS, false, &trace, 0},
                                       {"phases", MAPS, false, &phase, 0},
                                       {"builds", MAP, false, &builds, 0},
                                       {"reachable", MAPS, false, &reach, 0},
                                       {"needs", MAP, false, &needs, 0},
                                       {"heartbeat", MAPS, false, &beat, 0},
                                       {"probes", MAP, false, &probe, 0},
                                       {"hints", MAPS, false, &hint, 0},
                                       {"collect", MAPS, false, &collect, 0},
                                       {"advice", MAPS, false, &advice, 0},
                                       {0}};
static const struct shape pack_shape = {pack_keys};

static const struct key fact_keys[] = {{"axis", TEXT, true, 0, 0},
                                       {"state", TEXT, true, 0, 0},
                                       {"kind", TEXT, false, 0, 0},
                                       {"confidence", WORD, true, 0, confidences},
                                       {"what", TEXT, true, 0, 0},
                                       {"act", TEXT, true, 0, 0},
                                       {"key", TEXTS, false, 0, 0},
                                       {"within", DURATION, false, 0, 0},
                                       {"request", TEXT, false, 0, 0},
                                       {"initiator", TEXT, false, 0, 0},
                                       {"object", TEXT, false, 0, 0},
                                       {"bytes", TEXT, false, 0, 0},
                                       {"mailbox", TEXT, false, 0, 0},
                                       {"time", TEXT, false, 0, 0},
                                       {"about", TEXT, false, 0, 0},
                                       {"server", TEXT, false, 0, 0},
                                       {"build", TEXT, false, 0, 0},
                                       {"needs", WORD, false, 0, need_words},
                                       {"through", WORD, false, 0, ways},
                                       {"only", WORD, false, 0, only_words},
                                       {"left", WORD, false, 0, left_words},
                                       {"secrets", WORDS, false, 0, secrets_known},
                                       {"shares", MAP, false, &share, 0},
                                       {"tests", ANY, false, 0, 0},
                                       {0}};
static const struct shape fact = {fact_keys};
static const struct key facts_keys[] = {
    {"facts", MAPS, true, &fact, 0}, {"tests", ANY, false, 0, 0}, {0}};
static const struct shape facts_shape = {facts_keys};

/* --- telling -------------------------------------------------------------------------------- */

static void told_at(struct check *c, struct yaml_mark at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void told_at(struct check *c, struct yaml_mark at, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->n++;
    safe_terminal(c->out, c->path);
    if (at.line)
        buf_addf(c->out, ":%u:%u", at.line, at.column);
    buf_add_cstr(c->out, ": ");
    safe_terminal(c->out, n < 0 ? STR("") : str_of(text));
    buf_add_char(c->out, '\n');
}

static struct yaml_mark at_value(const struct yaml *y)
{
    return yaml_mark_of(y, false, 0);
}

static struct str cut(struct str s)
{
    return str_part(s, 0, s.n < 80 ? s.n : 80);
}

/* " (do you mean `x`?)" where a word is near. */
static const char *meant(struct str best, char *out, size_t size)
{
    out[0] = '\0';
    if (best.n)
        (void)snprintf(out, size, " (do you mean `%.*s`?)", STR_ARG(cut(best)));
    return out;
}

/* --- shapes ---------------------------------------------------------------------------------- */

static bool is_scalar(const struct yaml *y)
{
    return y->type != YAML_LIST && y->type != YAML_MAP;
}

static bool is_word(struct str text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (str_eq(text, str_of(words[i])))
            return true;
    return false;
}

static void check_word(struct check *c, const struct yaml *y, const char *const *words)
{
    char near[120];
    struct nearest n = nearest_to(y->text);
    if (is_scalar(y) && is_word(y->text, words))
        return;
    for (size_t i = 0; words[i]; i++)
        nearest_try(&n, str_of(words[i]));
    told_at(c, at_value(y), "\"%.*s\" is not known here%s", STR_ARG(cut(y->text)),
            meant(n.best, near, sizeof near));
}

static void check_scalar(struct check *c, const struct yaml *y, const struct key *k)
{
    struct build build;
    instant time;
    int64_t duration;
    struct str text = y->text;
    bool empty = text.n == 0 || y->type == YAML_NULL;
    if (!is_scalar(y))
        told_at(c, at_value(y), "%s: want one text", k->name);
    else if (empty && k->must)
        told_at(c, at_value(y), "%s is empty", k->name);
    else if (!empty && k->form == WORD)
        check_word(c, y, k->words);
    else if (!empty && k->form == TIME && !instant_parse(text, &time))
        told_at(c, at_value(y),
                "%s: \"%.*s\" is not a date (2021-03-02 or 2021-03-02T18:00:00Z)", k->name,
                STR_ARG(cut(text)));
    else if (!empty && k->form == BUILD && !build_parse(text, &build))
        told_at(c, at_value(y), "%s: \"%.*s\" is not a build (2 to 4 numbers)", k->name,
                STR_ARG(cut(text)));
    else if (!empty && k->form == DURATION && !duration_parse(text, &duration))
        told_at(c, at_value(y), "%s: \"%.*s\" is not a duration (a number and s, m, h or d)",
                k->name, STR_ARG(cut(text)));
}

static void check_list(struct check *c, const struct yaml *y, const struct key *k)
{
    struct key one = *k;
    one.must = true;
    one.form = k->form == WORDS ? WORD : k->form == BUILDS ? BUILD : TEXT;
    if (y->type != YAML_LIST) {
        told_at(c, at_value(y), "%s: want a list", k->name);
        return;
    }
    for (const struct yaml *v = y->child; v; v = v->next)
        check_scalar(c, v, &one);
}

static const struct key *find_key(const struct shape *shape, struct str name)
{
    for (const struct key *k = shape->keys; k->name; k++)
        if (str_eq(name, str_of(k->name)))
            return k;
    return NULL;
}

static void unknown_key(struct check *c, const struct yaml *y, const struct shape *shape)
{
    char near[120];
    struct nearest n = nearest_to(y->key);
    for (const struct key *k = shape->keys; k->name; k++)
        nearest_try(&n, str_of(k->name));
    told_at(c, y->key_at, "unknown key `%.*s`%s", STR_ARG(cut(y->key)),
            meant(n.best, near, sizeof near));
}

/* Maps lie in maps four deep at most: `shape` says how deep. */
static void check_map(struct check *c, const struct yaml *map, // NOLINT(misc-no-recursion)
                      const struct shape *shape, const char *name)
{
    if (map->type != YAML_MAP) {
        told_at(c, at_value(map), "%s: want keys and values", name);
        return;
    }
    for (const struct key *k = shape->keys; k->name; k++)
        if (k->must && !yaml_get(map, k->name))
            told_at(c, at_value(map), "%s: `%s` is missing", name, k->name);
    for (const struct yaml *y = map->child; y; y = y->next) {
        const struct key *k = find_key(shape, y->key);
        bool list = k && (k->form == WORDS || k->form == BUILDS || k->form == TEXTS);
        if (!k)
            unknown_key(c, y, shape);
        else if (k->form == MAP && y->type != YAML_NULL)
            check_map(c, y, k->shape, k->name);
        else if (k->form == MAPS && y->type == YAML_LIST)
            for (const struct yaml *v = y->child; v; v = v->next)
                check_map(c, v, k->shape, k->name);
        else if (k->form == MAPS && y->type != YAML_NULL)
            told_at(c, at_value(y), "%s: want a list", k->name);
        else if (list)
            check_list(c, y, k);
        else if (k->form != ANY && k->form != MAP && k->form != MAPS)
            check_scalar(c, y, k);
    }
}

/* --- what fits together ------------------------------------------------------------------------ */

static bool is_source(struct str name)
{
    if (str_istarts(name, STR("windows:")))
        return name.n > sizeof "windows:" - 1;
    for (unsigned k = 0; k < EVENT_KINDS; k++) {
        struct str source = str_of(event_kind_source((enum event_kind)k));
        if (source.n && str_eq(name, source))
            return true;
    }
    return str_eq(name, STR("files.webroot")) || str_eq(name, STR("files.inventory"));
}

static bool is_kind(struct str name)
{
    for (unsigned k = 0; k < EVENT_KINDS; k++)
        if (str_eq(name, str_of(event_kind_name((enum event_kind)k))))
            return true;
    return false;
}

static void check_source(struct check *c, const struct yaml *map)
{
    const struct yaml *source = yaml_get(map, "source");
    if (!source)
        return;
    if (!is_source(source->text))
        told_at(c, at_value(source), "no evidence is called \"%.*s\"",
                STR_ARG(cut(source->text)));
    else if (!str_istarts(source->text, STR("files.")) && yaml_text(map, "tolerance").n == 0)
        told_at(c, at_value(source), "a log needs a `tolerance`: how long it may be silent");
}

static void check_needs(struct check *c, const struct yaml *root)
{
    for (size_t axis = 0; axes[axis]; axis++) {
        const struct yaml *list = yaml_get(yaml_get(root, "needs"), axes[axis]);
        for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
            const struct yaml *any = yaml_get(y, "any_of");
            if (!any && !yaml_get(y, "source"))
                told_at(c, at_value(y), "a needed source needs `source`, or `any_of`");
            check_source(c, y);
            for (const struct yaml *s = any ? any->child : NULL; s; s = s->next)
                check_source(c, s);
        }
    }
}

static void check_traces(struct check *c, const struct yaml *root)
{
    const struct yaml *list = yaml_get(root, "traces");
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        const struct yaml *kind = yaml_get(y, "kind");
        const struct yaml *part = yaml_get(y, "path_part");
        if (kind && !is_kind(kind->text))
            told_at(c, at_value(kind), "no kind of event is called \"%.*s\"",
                    STR_ARG(cut(kind->text)));
        for (size_t i = 0; part && i < part->text.n; i++) {
            char ch = part->text.p[i];
            if (ch == '\\' || ch != ascii_lower(ch)) {
                told_at(c, yaml_mark_of(part, false, i),
                        "path_part: want lower case, and '/' between folders");
                break;
            }
        }
    }
}

static void check_phases(struct check *c, const struct yaml *root, bool general)
{
    const struct yaml *list = yaml_get(root, "phases");
    instant last = INSTANT_NONE;
    if (general && list && list->child)
        told_at(c, list->key_at, "a general pack has no `phases`");
    if (!general && (!list || !list->child))
        told_at(c, at_value(root), "a campaign's pack needs `phases`");
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        instant from = INSTANT_NONE;
        instant to = INSTANT_NONE;
        if (!instant_parse(yaml_text(y, "from"), &from))
            continue;
        if (from < last)
            told_at(c, at_value(y), "phases: want them in order of time");
        if (instant_parse(yaml_text(y, "to"), &to) && to <= from)
            told_at(c, at_value(y), "phases: it ends before it begins");
        last = from;
    }
}

static void check_fixes(struct check *c, const struct yaml *root)
{
    const struct yaml *list = yaml_get(yaml_get(root, "builds"), "fixed");
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        struct build base;
        struct build fixed;
        if (!build_parse(yaml_text(y, "base"), &base) ||
            !build_parse(yaml_text(y, "fixed"), &fixed))
            continue;
        if (build_cmp(&base, &fixed, 3) != 0)
            told_at(c, at_value(y),
                    "fixed: `base` and `fixed` differ in their first three numbers");
        else if (build_cmp(&base, &fixed, 4) > 0)
            told_at(c, at_value(y), "fixed: `fixed` lies before `base`");
    }
}

static void check_claims(struct check *c, const struct yaml *root,
                         const struct pack_set *others)
{
    const struct yaml *list = yaml_get(root, "claims");
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        const struct pack_files *p = packs_find(others, y->text);
        if (!p || !p->pack.general)
            told_at(c, at_value(y), "claims: there is no general pack \"%.*s\"",
                    STR_ARG(cut(y->text)));
    }
}

static void check_ids(struct check *c, const struct yaml *list, const char *name)
{
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        for (const struct yaml *o = list->child; o != y; o = o->next)
            if (yaml_text(y, "id").n && str_eq(yaml_text(o, "id"), yaml_text(y, "id")))
                told_at(c, at_value(y), "%s: \"%.*s\" stands here twice", name,
                        STR_ARG(cut(yaml_text(y, "id"))));
}

/* ".../acme-frob/pack.yml" -> "acme-frob"; "" where the folder is the current one. */
static struct str folder_name(struct str path)
{
    size_t end = path.n > sizeof "/pack.yml" - 1 ? path.n - (sizeof "/pack.yml" - 1) : 0;
    size_t at = end;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    struct str name = str_part(path, at, end);
    return str_eq(name, STR(".")) || str_eq(name, STR("..")) ? STR("") : name;
}

static void check_data(struct check *c, const struct pack_files *p,
                       const struct pack_set *others, struct arena *arena)
{
    struct yaml *root = NULL;
    struct yaml_mark at = {0};
    struct err err = {0};
    if (yaml_parse_at(p->text, arena, &root, &at, &err) < 0) {
        told_at(c, at, "%s", err.msg);
        return;
    }
    if (!root) {
        told_at(c, (struct yaml_mark){0}, "there is nothing in it");
        return;
    }
    const struct yaml *id = yaml_get(root, "id");
    struct str folder = folder_name(p->path);
    bool general = str_eq(yaml_text(root, "general"), STR("true"));
    check_map(c, root, &pack_shape, "the pack");
    if (yaml_get(root, "schema") && !str_eq(yaml_text(root, "schema"), STR("1")))
        told_at(c, at_value(yaml_get(root, "schema")), "schema: this program reads 1");
    if (id && folder.n && !str_eq(id->text, folder))
        told_at(c, at_value(id), "id: the folder's name is \"%.*s\"", STR_ARG(cut(folder)));
    check_phases(c, root, general);
    check_traces(c, root);
    check_needs(c, root);
    check_fixes(c, root);
    check_claims(c, root, others);
    check_ids(c, yaml_get(root, "phases"), "phases");
    check_ids(c, yaml_get(root, "advice"), "advice");
}

/* --- what rules say -------------------------------------------------------------------------- */

struct acts { /* what the words for acts mean, by the rule that used one first */
    struct act {
        struct str name, axis, path;
        size_t keys;
    } * list;
    size_t n, cap;
};

static size_t length(const struct yaml *list)
{
    size_t n = 0;
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        n++;
    return n;
}

static void check_act(struct check *c, const struct yaml *map, struct acts *acts,
                      struct arena *arena)
{
    const struct yaml *word = yaml_get(map, "act");
    struct str axis = yaml_text(map, "axis");
    size_t keys = length(yaml_get(map, "key"));
    if (!word || word->text.n == 0)
        return;
    for (size_t i = 0; i < acts->n; i++) {
        const struct act *a = &acts->list[i];
        if (!str_eq(a->name, word->text))
            continue;
        if (!str_eq(a->axis, axis))
            told_at(c, at_value(word), "act: \"%.*s\" is of axis %.*s in %.*s",
                    STR_ARG(cut(a->name)), STR_ARG(cut(a->axis)), STR_ARG(a->path));
        else if (a->keys != keys)
            told_at(c, at_value(word), "act: \"%.*s\" has %zu key fields in %.*s, here %zu",
                    STR_ARG(cut(a->name)), a->keys, STR_ARG(a->path), keys);
        return;
    }
    acts->list = arena_grow(arena, acts->list, acts->n, &acts->cap, sizeof *acts->list);
    acts->list[acts->n++] = (struct act){word->text, axis, c->path, keys};
}

static void check_kind(struct check *c, const struct yaml *map)
{
    const struct yaml *kind = yaml_get(map, "kind");
    bool action = str_eq(yaml_text(map, "axis"), STR("action"));
    if (kind && kind->text.n)
        check_word(c, kind, action ? act_kinds : loss_kinds);
    else if (action)
        told_at(c, at_value(map), "an action needs `kind`");
}

static void check_fact(struct check *c, const struct yaml *map, struct acts *acts,
                       struct arena *arena)
{
    const struct yaml *axis = yaml_get(map, "axis");
    const struct yaml *state = yaml_get(map, "state");
    enum axis a;
    enum state s;
    if (axis && !axis_parse(axis->text, &a))
        told_at(c, at_value(axis), "axis: \"%.*s\" is not known", STR_ARG(cut(axis->text)));
    else if (axis && state && (!state_parse(state->text, &s) || !state_is_of(s, a)))
        told_at(c, at_value(state), "state: \"%.*s\" is not one of axis %s",
                STR_ARG(cut(state->text)), axis_name(a));
    check_kind(c, map);
    if (str_eq(yaml_text(map, "state"), STR("build")) && yaml_text(map, "build").n == 0)
        told_at(c, at_value(map), "state build needs `build`: the field that names it");
    check_act(c, map, acts, arena);
}

static void check_rule(struct check *c, struct str text, struct acts *acts, struct arena *arena)
{
    struct yaml *root = NULL;
    struct err ignored = {0}; /* the engine tells of it */
    if (yaml_parse(text, arena, &root, &ignored) < 0 || !root)
        return;
    const struct yaml *part = yaml_get(root, "assay");
    const struct yaml *facts = yaml_get(part, "facts");
    if (!part)
        return;
    bool alone = !facts && yaml_get(part, "axis");
    if (facts) {
        check_map(c, part, &facts_shape, "assay");
        for (const struct yaml *y = facts->child; y; y = y->next)
            check_fact(c, y, acts, arena);
    } else if (alone || length(part) > (yaml_get(part, "tests") ? 1U : 0U)) {
        check_map(c, part, &fact, "assay");
        check_fact(c, part, acts, arena);
    }
}

size_t packcheck(const struct pack_files *pack, const struct pack_set *others, struct buf *out)
{
    struct arena *arena = arena_new();
    struct check c = {.path = pack->path, .out = out};
    struct acts acts = {0};
    check_data(&c, pack, others, arena);
    for (size_t i = 0; i < pack->n_rules; i++) {
        c.path = pack->rules[i].path;
        if (!pack->rules[i].yara)
            check_rule(&c, pack->rules[i].text, &acts, arena);
    }
    arena_free(arena);
    return c.n;
}
