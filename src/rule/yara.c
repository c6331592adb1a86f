/* yara.c - libyara behind yara.h. */
#include "rule/yara.h"

#include <string.h>

#include <yara.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "base/utf.h"

enum {
    META_MAX = 300,       /* bytes of a meta value that are kept */
    TOLD_STRINGS = 8,     /* of one finding */
    TOLD_MATCHES = 3,     /* of one string */
    TOLD_BYTES = 100,     /* of one match */
    TOLD_MAX = 8000,      /* of a finding's text */
    FOUND_MAX = 2000,     /* rules that match one file */
    PROBLEMS_MAX = 1000,  /* kept */
    FILE_PROBLEMS = 20,   /* of one file */
    DOCUMENT_MAX = 65536, /* bytes of a rule's document */
    TAGS_MAX = 64,
    TESTS_MAX = 16, /* of one rule */
};

static const char *const EXTERNALS[] = {"filename", "filepath", "extension", "filetype",
                                        "owner"};
enum { N_EXTERNALS = sizeof EXTERNALS / sizeof *EXTERNALS };

struct source { /* one file of rules */
    struct str path, pack;
    char *text; /* with a NUL at its end */
    bool bad;
};

struct group { /* rules that are asked together */
    YR_RULES *rules;
    size_t first; /* of the set's rules; beside libyara's table */
    bool own;
    struct str needs; /* words of which a text must have one; "": nothing is asked of it */
};

struct yara_set {
    struct arena *arena;
    struct source *sources;
    size_t n_sources, cap_sources;
    struct group *groups;
    size_t n_groups, cap_groups;
    struct yara_rule *rules;
    size_t n, cap;
    struct yara_problem *problems;
    size_t n_problems, cap_problems;
    bool started; /* libyara is */
};

/* --- filling --------------------------------------------------------------------------------- */

struct yara_set *yara_set_new(void)
{
    struct arena *arena = arena_new();
    struct yara_set *set = ARENA_NEW(arena, struct yara_set);
    set->arena = arena;
    return set;
}

void yara_set_free(struct yara_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n_groups; i++)
        (void)yr_rules_destroy(set->groups[i].rules);
    if (set->started)
        (void)yr_finalize();
    arena_free(set->arena);
}

static void tell(struct yara_set *set, struct str path, unsigned line, bool warning,
                 struct str text)
{
    if (set->n_problems == PROBLEMS_MAX)
        return;
    struct str kept = arena_str(set->arena, str_part(text, 0, META_MAX)); /* the message ends */
    set->problems = arena_grow(set->arena, set->problems, set->n_problems, &set->cap_problems,
                               sizeof *set->problems);
    set->problems[set->n_problems++] = (struct yara_problem){
        .path = path,
        .line = line,
        .warning = warning,
        .text = utf8_repair(str_bytes(kept), set->arena),
    };
}

void yara_set_add(struct yara_set *set, struct str path, struct str pack, struct str text)
{
    set->sources = arena_grow(set->arena, set->sources, set->n_sources, &set->cap_sources,
                              sizeof *set->sources);
    struct source *s = &set->sources[set->n_sources++];
    *s = (struct source){.path = arena_str(set->arena, path),
                         .pack = arena_str(set->arena, pack)};
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_part(text, 3, text.n);
    s->text = ARENA_ARRAY(set->arena, char, text.n + 1);
    if (text.n)
        memcpy(s->text, text.p, text.n);
    if (text.n && memchr(text.p, 0, text.n)) {
        s->bad = true;
        tell(set, s->path, 0, false, STR("it is no text: there is a zero byte in it"));
    }
}

static int start(struct yara_set *set, struct err *err)
{
    if (set->started)
        return 0;
    if (yr_initialize() != ERROR_SUCCESS)
        return err_set(err, ERR_LIMIT, "libyara cannot be started");
    set->started = true;
    return 0;
}

/* --- what rules say of themselves ------------------------------------------------------------ */

static struct str meta_of(const struct yara_set *set, const YR_RULE *rule, const char *name)
{
    const YR_META *meta;
    yr_rule_metas_foreach(rule, meta)
    {
        if (meta->type == META_TYPE_STRING && meta->string &&
            str_ieq(str_of(meta->identifier), str_of(name)))
            return utf8_repair(str_bytes(str_part(str_of(meta->string), 0, META_MAX)),
                               set->arena);
    }
    return STR("");
}

static bool meta_number(const YR_RULE *rule, const char *name, int64_t *ret)
{
    const YR_META *meta;
    yr_rule_metas_foreach(rule, meta)
    {
        if (!str_ieq(str_of(meta->identifier), str_of(name)))
            continue;
        uint64_t n;
        if (meta->type == META_TYPE_INTEGER) {
            *ret = meta->integer;
            return true;
        }
        if (meta->type == META_TYPE_STRING && meta->string &&
            num_u64(str_of(meta->string), &n) && n <= INT32_MAX) {
            *ret = (int64_t)n;
            return true;
        }
    }
    return false;
}

static enum level level_of_score(int64_t score)
{
    return score >= 90   ? LEVEL_CRITICAL
           : score >= 70 ? LEVEL_HIGH
           : score >= 50 ? LEVEL_MEDIUM
           : score >= 30 ? LEVEL_LOW
                         : LEVEL_INFORMATIONAL;
}

/* The first of level, severity, score and threat_level that says something; high if none does:
 * rules are written for what is bad. */
static enum level level_of(const struct yara_set *set, const YR_RULE *rule)
{
    static const char *const words[] = {"level", "severity", "threat_level"};
    static const char *const numbers[] = {"severity", "score"};
    enum level level;
    int64_t score;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct str text = meta_of(set, rule, words[i]);
        if (level_parse(text, &level))
            return level;
        if (str_ieq(text, STR("info")))
            return LEVEL_INFORMATIONAL;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (meta_number(rule, numbers[i], &score))
            return level_of_score(i == 0 && score > 0 && score <= 10 ? score * 10 : score);
    return LEVEL_HIGH;
}

/* "match", "match_2", "near_miss", ...: texts that the rule must match, or must not. */
static bool is_test(const YR_META *meta)
{
    struct str name = str_of(meta->identifier);
    return meta->type == META_TYPE_STRING && meta->string &&
           (str_starts(name, STR("match")) || str_starts(name, STR("near_miss")));
}

static void read_tests(struct yara_set *set, const YR_RULE *rule, struct yara_rule *ret)
{
    const YR_META *meta;
    ret->tests = ARENA_ARRAY(set->arena, struct yara_test, TESTS_MAX);
    yr_rule_metas_foreach(rule, meta)
    {
        if (is_test(meta) && ret->n_tests < TESTS_MAX)
            ret->tests[ret->n_tests++] =
                (struct yara_test){arena_str(set->arena, str_of(meta->identifier)),
                                   utf8_repair(str_bytes(str_of(meta->string)), set->arena)};
    }
}

static void read_tags(struct yara_set *set, const YR_RULE *rule, struct yara_rule *ret)
{
    const char *tag;
    ret->tags = ARENA_ARRAY(set->arena, struct str, TAGS_MAX);
    if (!rule->tags)
        return;
    yr_rule_tags_foreach(rule, tag)
    {
        if (ret->n_tags < TAGS_MAX)
            ret->tags[ret->n_tags++] = arena_str(set->arena, str_of(tag));
    }
}

static const struct source *source_of(const struct yara_set *set, struct str path)
{
    for (size_t i = 0; i < set->n_sources; i++)
        if (str_eq(set->sources[i].path, path))
            return &set->sources[i];
    return NULL;
}

/* Takes over what libyara knows of a group's rules. path: of compiled ones, which have
 * namespaces of their own; else "" */
static void read_rules(struct yara_set *set, const struct group *g, struct str path)
{
    YR_RULE *r;
    const struct source *source = NULL;
    yr_rules_foreach(g->rules, r)
    {
        struct str space = r->ns && r->ns->name ? str_of(r->ns->name) : STR("");
        if (path.n == 0 && (!source || !str_eq(source->path, space)))
            source = source_of(set, space);
        struct yara_rule rule = {
            .name = arena_str(set->arena, str_of(r->identifier)),
            .path = path.n   ? path
                    : source ? source->path
                             : STR(""),
            .pack = source ? source->pack : STR(""),
            .description = meta_of(set, r, "description"),
            .author = meta_of(set, r, "author"),
            .reference = meta_of(set, r, "reference"),
            .what = meta_of(set, r, "what"),
            .level = level_of(set, r),
            .hidden = RULE_IS_PRIVATE(r),
            .number = YARA_UNBOUND,
        };
        rule.title = rule.description.n
                         ? arena_printf(set->arena, "%.*s: %.*s", STR_ARG(rule.name),
                                        STR_ARG(rule.description))
                         : rule.name;
        read_tags(set, r, &rule);
        read_tests(set, r, &rule);
        set->rules = arena_grow(set->arena, set->rules, set->n, &set->cap, sizeof *set->rules);
        set->rules[set->n++] = rule;
    }
}

static void add_group(struct yara_set *set, YR_RULES *rules, bool own, struct str path,
                      struct str needs)
{
    set->groups = arena_grow(set->arena, set->groups, set->n_groups, &set->cap_groups,
                             sizeof *set->groups);
    struct group *g = &set->groups[set->n_groups++];
    *g = (struct group){.rules = rules, .first = set->n, .own = own, .needs = needs};
    read_rules(set, g, path);
}

/* --- compiling ------------------------------------------------------------------------------- */

struct listening { /* to what the compiler says of one file */
    struct yara_set *set;
    const struct source *source;
    size_t told;
    bool silent; /* it was said before */
};

static void on_message(int severity, const char *file, int line, const YR_RULE *rule,
                       const char *message, void *context)
{
    struct listening *l = context;
    (void)file, (void)rule;
    if (l->silent || l->told++ >= FILE_PROBLEMS)
        return;
    tell(l->set, l->source->path, line > 0 ? (unsigned)line : 0,
         severity == YARA_ERROR_LEVEL_WARNING, str_of(message));
}

static YR_COMPILER *new_compiler(struct listening *l)
{
    YR_COMPILER *c = NULL;
    if (yr_compiler_create(&c) != ERROR_SUCCESS)
        return NULL;
    yr_compiler_set_callback(c, on_message, l);
    yr_compiler_set_include_callback(c, NULL, NULL, NULL); /* no file is opened */
    for (int i = 0; i < N_EXTERNALS; i++)
        if (yr_compiler_define_string_variable(c, EXTERNALS[i], "") != ERROR_SUCCESS) {
            yr_compiler_destroy(c);
            return NULL;
        }
    return c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Modules that read files of their own, or want a sandbox's report: in the jail one fails every
 * scan, the other never has anything. returns its name, or NULL */
static const char *useless_module(struct str text)
{
    static const char *const modules[] = {"\"magic\"", "\"cuckoo\""};
    for (size_t at = 0; (at = str_find(text, STR("import"), at)) != SIZE_MAX;) {
        at += sizeof "import" - 1;
        while (at < text.n && is_blank(text.p[at]))
            at++;
        for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
            if (str_starts(str_part(text, at, text.n), str_of(modules[i])))
                return modules[i];
    }
    return NULL;
}

/* Compiles a file alone, to see whether it can be: an error spoils a compiler for all others. */
static void try_source(struct yara_set *set, struct source *s)
{
    struct listening l = {.set = set, .source = s};
    const char *module = s->bad ? NULL : useless_module(str_of(s->text));
    if (module) {
        s->bad = true;
        tell(set, s->path, 0, false,
             arena_printf(set->arena, "it imports %s, which cannot be used here", module));
    }
    if (s->bad)
        return;
    YR_COMPILER *c = new_compiler(&l);
    if (!c || yr_compiler_add_string(c, s->text, s->path.p) != 0) {
        s->bad = true;
        if (l.told == 0)
            tell(set, s->path, 0, false, STR("it cannot be compiled"));
    }
    if (c)
        yr_compiler_destroy(c);
}

/* The words behind "// Asked where there is one of:" on the first line of a file of ours: a search
 * for a few words is cheap, and most files have none of them. */
static struct str needs_of(const struct source *s)
{
    const struct str head = STR("// Asked where there is one of:");
    struct str text = str_of(s->text);
    if (!str_starts(text, head))
        return STR("");
    return str_trim(str_part(text, head.n, str_find(text, STR("\n"), 0)));
}

static bool has_needed(struct bytes content, struct str needs)
{
    struct str text = {(const char *)content.p, content.n};
    size_t at = 0;
    while (at < needs.n) {
        size_t end = str_find(needs, STR(" "), at);
        end = end < needs.n ? end : needs.n;
        if (end > at && str_find(text, str_part(needs, at, end), 0) != SIZE_MAX)
            return true;
        at = end + 1;
    }
    return needs.n == 0;
}

/* Compiles the good files from `from` up to `to` together, those of ours or those given. */
static void compile_group(struct yara_set *set, bool own, size_t from, size_t to)
{
    struct listening l = {.set = set, .silent = true};
    YR_COMPILER *c = new_compiler(&l);
    YR_RULES *rules = NULL;
    size_t n = 0;
    int failed = c == NULL;
    for (size_t i = from; i < to && !failed; i++) {
        struct source *s = &set->sources[i];
        if (s->bad || (s->pack.n != 0) != own)
            continue;
        l.source = s;
        n++;
        failed = yr_compiler_add_string(c, s->text, s->path.p) != 0;
        if (failed)
            tell(set, s->path, 0, false,
                 STR("it cannot be compiled together with the other files: no YARA rules are "
                     "used"));
    }
    if (!failed && n && yr_compiler_get_rules(c, &rules) == ERROR_SUCCESS)
        add_group(set, rules, own, STR(""), own ? needs_of(l.source) : STR(""));
    else if (!failed && n)
        tell(set, l.source->path, 0, false,
             STR("the rules cannot be put together: no YARA rules are used"));
    if (c)
        yr_compiler_destroy(c);
}

int yara_set_compile(struct yara_set *set, struct err *err)
{
    if (set->n_sources == 0)
        return 0;
    if (start(set, err) < 0)
        return -1;
    for (size_t i = 0; i < set->n_sources; i++)
        try_source(set, &set->sources[i]);
    for (size_t i = 0; i < set->n_sources; i++)
        compile_group(set, true, i, i + 1);
    compile_group(set, false, 0, set->n_sources);
    return 0;
}

/* --- compiled rules -------------------------------------------------------------------------- */

bool yara_is_compiled(struct bytes content)
{
    return content.n > 4 && memcmp(content.p, "YARA", 4) == 0;
}

struct stream {
    struct bytes left;
};

static size_t read_stream(void *p, size_t size, size_t count, void *context)
{
    struct stream *s = context;
    size_t n = size ? s->left.n / size : 0;
    n = n < count ? n : count;
    if (n)
        memcpy(p, s->left.p, n * size);
    s->left = (struct bytes){s->left.p + n * size, s->left.n - n * size};
    return n;
}

int yara_set_add_compiled(struct yara_set *set, struct str path, struct bytes content,
                          struct err *err)
{
    struct stream s = {content};
    YR_STREAM stream = {.user_data = &s, .read = read_stream};
    YR_RULES *rules = NULL;
    if (start(set, err) < 0)
        return -1;
    int failed = yr_rules_load_stream(&stream, &rules);
    if (failed == ERROR_UNSUPPORTED_FILE_VERSION)
        return err_set(err, ERR_UNSUPPORTED,
                       "%.*s: compiled by another version of YARA than libyara %s",
                       STR_ARG(path), YR_VERSION);
    if (failed)
        return err_set(err, ERR_CORRUPT, "%.*s: no compiled YARA rules, or damaged ones",
                       STR_ARG(path));
    add_group(set, rules, false, arena_str(set->arena, path), STR(""));
    return 0;
}

/* --- as rules of the rule set ---------------------------------------------------------------- */

size_t yara_set_problems(const struct yara_set *set, const struct yara_problem **ret)
{
    *ret = set->problems;
    return set->n_problems;
}

size_t yara_set_count(const struct yara_set *set)
{
    return set->n;
}

const struct yara_rule *yara_set_get(const struct yara_set *set, size_t i)
{
    return &set->rules[i];
}

bool yara_set_has(const struct yara_set *set, bool own)
{
    for (size_t i = 0; i < set->n_groups; i++)
        if (set->groups[i].own == own)
            return true;
    return false;
}

static void put(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_str(j, text);
}

/* What a rule of the program says of a file: a back door. */
static void put_assay(const struct yara_rule *r, struct json_out *j)
{
    json_key(j, "assay");
    json_begin(j, '{');
    put(j, "axis", STR("backdoor"));
    put(j, "state", STR("present"));
    put(j, "confidence", r->level >= LEVEL_HIGH ? STR("strong") : STR("weak"));
    put(j, "act", STR("page-text"));
    put(j, "through", STR("web"));
    put(j, "what",
        r->what.n ? r->what : STR("a web shell, by its text: {Path} ({Size} bytes)"));
    json_key(j, "key");
    json_begin(j, '[');
    json_cstr(j, "Path");
    json_end(j, ']');
    put(j, "object", STR("WebPath"));
    json_end(j, '}');
}

/* The rule as other parts of the program read rules: level, tags, log source. JSON is YAML. */
static const struct yaml *document_of(struct yara_set *set, const struct yara_rule *r)
{
    struct buf text = buf_new(DOCUMENT_MAX);
    struct json_out j = json_out(&text);
    struct yaml *ret = NULL;
    struct err ignored = {0};
    json_begin(&j, '{');
    put(&j, "title", r->name);
    put(&j, "level", str_of(level_name(r->level)));
    json_key(&j, "logsource");
    json_begin(&j, '{');
    put(&j, "category", STR("yara"));
    json_end(&j, '}');
    json_key(&j, "tags");
    json_begin(&j, '[');
    for (size_t i = 0; i < r->n_tags; i++)
        json_str(&j, r->tags[i]);
    json_end(&j, ']');
    json_key(&j, "tests");
    json_begin(&j, '{');
    for (size_t i = 0; i < r->n_tests; i++) {
        json_key_str(&j, r->tests[i].name);
        json_str(&j, r->tests[i].text);
    }
    json_end(&j, '}');
    if (r->pack.n)
        put_assay(r, &j);
    json_end(&j, '}');
    struct str kept = arena_str(set->arena, buf_str(&text));
    if (text.full || yaml_parse(kept, set->arena, &ret, &ignored) < 0)
        ret = NULL;
    buf_free(&text);
    return ret;
}

void yara_set_bind(struct yara_set *set, struct ruleset *rules, const struct choice *choice)
{
    for (size_t i = 0; i < set->n; i++) {
        struct yara_rule *r = &set->rules[i];
        if (r->hidden)
            continue;
        const struct yaml *document = document_of(set, r);
        if (r->pack.n == 0 && choice && document && !choice_takes(choice, document))
            continue;
        struct rule rule = {
            .id = arena_printf(set->arena, "yara:%.*s", STR_ARG(r->name)),
            .name = STR(""),
            .title = r->title,
            .path = r->path,
            .status = STR(""),
            .level = r->level,
            .pack = r->pack,
            .document = document,
            .yara = r,
        };
        r->number = ruleset_stand_for(rules, &rule);
    }
}

/* --- scanning -------------------------------------------------------------------------------- */

struct yara_scanner {
    const struct yara_set *set;
    struct arena *arena;
    YR_SCANNER **scanners; /* beside the set's groups */
};

struct scanning {
    const struct yara_set *set;
    const struct group *group;
    struct arena *arena;
    struct yara_found *found;
    size_t n, cap;
    bool more;            /* rules matched than are kept */
    const char *too_many; /* a string that matched too often; NULL: none */
};

struct yara_scanner *yara_scanner_make(const struct yara_set *set)
{
    if (!set || set->n_groups == 0)
        return NULL;
    struct arena *arena = arena_new();
    struct yara_scanner *s = ARENA_NEW(arena, struct yara_scanner);
    *s = (struct yara_scanner){.set = set,
                               .arena = arena,
                               .scanners = ARENA_ARRAY(arena, YR_SCANNER *, set->n_groups)};
    for (size_t i = 0; i < set->n_groups; i++) {
        if (yr_scanner_create(set->groups[i].rules, &s->scanners[i]) != ERROR_SUCCESS) {
            s->scanners[i] = NULL;
            continue;
        }
        yr_scanner_set_timeout(s->scanners[i], YARA_SECONDS);
        /* faults are the jail's to meet: libyara's handlers would need calls that it forbids */
        yr_scanner_set_flags(s->scanners[i], SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_FAST_MODE |
                                                 SCAN_FLAGS_REPORT_RULES_MATCHING);
    }
    return s;
}

void yara_scanner_free(struct yara_scanner *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->set->n_groups; i++)
        if (s->scanners[i])
            yr_scanner_destroy(s->scanners[i]);
    arena_free(s->arena);
}

/* Matched bytes, for people: what is no plain character as \xNN; of UTF-16 the low bytes. */
static void put_bytes(struct buf *out, const uint8_t *p, size_t n)
{
    bool wide = n >= 4 && p[1] == 0 && p[3] == 0;
    size_t step = wide ? 2 : 1;
    n = n < TOLD_BYTES * step ? n : TOLD_BYTES * step;
    for (size_t i = 0; i < n; i += step) {
        if (p[i] >= 0x20 && p[i] < 0x7f)
            buf_add_char(out, (char)p[i]);
        else
            buf_addf(out, "\\x%02x", p[i]);
    }
}

static void put_line(struct buf *out, const char *key, struct str text)
{
    if (text.n)
        buf_addf(out, "%s%s: %.*s", out->n ? "; " : "", key, STR_ARG(text));
}

/* A match of libyara, copied: they stand at any address, not at multiples of 8. False if none. */
static bool take_match(const void *p, YR_MATCH *ret)
{
    if (!p)
        return false;
    memcpy(ret, p, sizeof *ret);
    return true;
}

/* One string of a rule, its first matches; notes the first place of all in `found`. */
static bool put_string(YR_SCAN_CONTEXT *context, YR_STRING *string, struct buf *out, bool told,
                       struct yara_found *found)
{
    YR_MATCH m;
    size_t n = 0;
    for (const void *p = context->matches[string->idx].head; take_match(p, &m); p = m.next) {
        uint64_t at = (uint64_t)(m.base + m.offset);
        if (m.is_private)
            continue;
        if (found->size == 0 || at < found->offset) {
            found->offset = at;
            found->size = m.match_length > 0 ? (uint64_t)m.match_length : 0;
        }
        if (told && n < TOLD_MATCHES) {
            buf_addf(out, "; %s at byte %llu: ", string->identifier, (unsigned long long)at);
            put_bytes(out, m.data, m.data_length > 0 ? (size_t)m.data_length : 0);
        }
        n++;
    }
    if (told && n > TOLD_MATCHES)
        buf_addf(out, "; %s: %zu places", string->identifier, n);
    return n > 0;
}

static void keep_match(struct scanning *s, YR_SCAN_CONTEXT *context, YR_RULE *r)
{
    const struct yara_rule *rule =
        &s->set->rules[s->group->first + (size_t)(r - s->group->rules->rules_table)];
    struct yara_found found = {.rule = rule->number};
    struct buf told = buf_new(TOLD_MAX);
    YR_STRING *string;
    size_t n = 0;
    size_t unsaid = 0;
    if (rule->number == YARA_UNBOUND)
        return;
    if (s->n == FOUND_MAX) {
        s->more = true;
        return;
    }
    put_line(&told, "YARA rule", rule->name);
    put_line(&told, "description", rule->description);
    put_line(&told, "author", rule->author);
    put_line(&told, "reference", rule->reference);
    yr_rule_strings_foreach(r, string)
    {
        bool any = put_string(context, string, &told, n < TOLD_STRINGS, &found);
        unsaid += any && n >= TOLD_STRINGS;
        n += any;
    }
    if (unsaid)
        buf_addf(&told, "; and %zu more strings", unsaid);
    found.told = arena_str(s->arena, buf_str(&told));
    buf_free(&told);
    s->found = arena_grow(s->arena, s->found, s->n, &s->cap, sizeof *s->found);
    s->found[s->n++] = found;
}

static int on_scan(YR_SCAN_CONTEXT *context, int message, void *data, void *user)
{
    struct scanning *s = user;
    if (message == CALLBACK_MSG_RULE_MATCHING)
        keep_match(s, context, data);
    else if (message == CALLBACK_MSG_TOO_MANY_MATCHES && !s->too_many)
        s->too_many = ((const YR_STRING *)data)->identifier;
    return CALLBACK_CONTINUE;
}

static int define(YR_SCANNER *scanner, const struct yara_file *about, struct arena *arena)
{
    struct str dot = about->extension.n ? STR(".") : STR("");
    const struct str values[N_EXTERNALS] = {
        about->name,
        about->directory,
        arena_printf(arena, "%.*s%.*s", STR_ARG(dot), STR_ARG(about->extension)),
        about->type,
        STR(""),
    };
    for (int i = 0; i < N_EXTERNALS; i++) {
        struct str text = arena_printf(arena, "%.*s", STR_ARG(values[i]));
        int failed = yr_scanner_define_string_variable(scanner, EXTERNALS[i], text.p);
        if (failed && failed != ERROR_INVALID_ARGUMENT) /* compiled rules may not know it */
            return failed;
    }
    return ERROR_SUCCESS;
}

static int why_not(int failed, const struct scanning *s, struct err *err)
{
    if (failed == ERROR_SCAN_TIMEOUT)
        return err_set(err, ERR_LIMIT, "YARA rules needed more than %d seconds", YARA_SECONDS);
    if (failed == ERROR_INSUFFICIENT_MEMORY)
        return err_set(err, ERR_LIMIT, "YARA rules needed too much memory");
    if (failed)
        return err_set(err, ERR_CORRUPT, "YARA rules could not be asked to the end (error %d)",
                       failed);
    if (s->too_many)
        return err_set(err, ERR_LIMIT, "a string of YARA rules, %s, is there too often",
                       s->too_many);
    if (s->more)
        return err_set(err, ERR_LIMIT, "more than %d YARA rules match", FOUND_MAX);
    return 0;
}

int yara_scan(struct yara_scanner *s, bool own, struct bytes content,
              const struct yara_file *about, struct arena *arena, const struct yara_found **ret,
              size_t *ret_n, struct err *err)
{
    struct scanning scanning = {.set = s->set, .arena = arena};
    int failed = ERROR_SUCCESS;
    for (size_t i = 0; i < s->set->n_groups; i++) {
        YR_SCANNER *scanner = s->scanners[i];
        if (s->set->groups[i].own != own || !has_needed(content, s->set->groups[i].needs))
            continue;
        scanning.group = &s->set->groups[i];
        int got = scanner ? define(scanner, about, arena) : ERROR_INSUFFICIENT_MEMORY;
        if (got == ERROR_SUCCESS) {
            yr_scanner_set_callback(scanner, on_scan, &scanning);
            got = yr_scanner_scan_mem(scanner, content.p, content.n);
        }
        failed = failed ? failed : got;
    }
    *ret = scanning.found;
    *ret_n = scanning.n;
    return why_not(failed, &scanning, err);
}
