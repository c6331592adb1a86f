/* pipeline_value.c - steps that change the values of items. */
#include "rule/pipeline_int.h"
#include "rule/sigma_value.h"

static struct pl_value *put(struct pl_run *run, enum pl_value_kind kind,
                            struct pl_value ***tail)
{
    struct pl_value *v = pl_value_new(run, kind);
    v->made = true;
    **tail = v;
    *tail = &v->next;
    return v;
}

static void put_text(struct pl_run *run, struct str coded, struct pl_value ***tail)
{
    put(run, PL_TEXT, tail)->coded = coded;
}

static int each_value(struct pl_run *run, const struct pl_step *s, struct pl_part *item)
{
    struct pl_value *all = NULL;
    struct pl_value **tail = &all;
    bool changed = false;
    for (struct pl_value *v = pl_values(run, item); v && !run->failed;) {
        struct pl_value *next = v->next;
        int rc = s->type->on_value(run, s, v, &tail);
        if (rc < 0)
            return -1;
        if (rc == 0) {
            *tail = v;
            v->next = NULL;
            tail = &v->next;
        }
        changed = changed || rc > 0;
        v = next;
    }
    if (!changed || run->failed)
        return run->failed ? -1 : 0;
    return pl_set_values(run, item, all) != 0 ? -1 : 1;
}

/* ---- replace_string ---- */

/* A group's number from "1" or its name; SIZE_MAX if there is none. */
static size_t group_of(const struct regex *r, struct str name)
{
    size_t number = 0;
    bool is_number = name.n > 0 && name.n < 4;
    for (size_t i = 0; i < name.n && is_number; i++) {
        is_number = name.p[i] >= '0' && name.p[i] <= '9';
        number = number * 10 + (size_t)(name.p[i] - '0');
    }
    if (is_number)
        return number < regex_groups(r) ? number : SIZE_MAX;
    for (size_t i = 1; i < regex_groups(r); i++) {
        if (name.n && str_eq(regex_group_name(r, i), name))
            return i;
    }
    return SIZE_MAX;
}

/* One escape of a replacement at `at` (behind the backslash).
 * returns how many bytes it has; 0: it means nothing
 * ret_group  SIZE_MAX: *ret is the text */
static size_t escape(const struct regex *r, struct str template, size_t at, size_t *ret_group,
                     struct str *ret)
{
    static const char letters[] = "abfnrtv";
    static const char *const meanings[] = {"\a", "\b", "\f", "\n", "\r", "\t", "\v"};
    char c = at < template.n ? template.p[at] : '\0';
    const char *letter = c ? strchr(letters, c) : NULL;
    *ret_group = SIZE_MAX;
    *ret = STR("\\");
    if (c == '\\')
        return 1;
    if (letter) {
        *ret = str_of(meanings[letter - letters]);
        return 1;
    }
    if (c >= '1' && c <= '9') {
        bool two =
            at + 1 < template.n && template.p[at + 1] >= '0' && template.p[at + 1] <= '9';
        size_t n = two ? 2 : 1;
        *ret_group = group_of(r, str_part(template, at, at + n));
        return *ret_group == SIZE_MAX ? 0 : n;
    }
    if (c == 'g' && at + 1 < template.n && template.p[at + 1] == '<') {
        size_t end = str_find(template, STR(">"), at);
        *ret_group = end == SIZE_MAX ? SIZE_MAX : group_of(r, str_part(template, at + 2, end));
        return *ret_group == SIZE_MAX ? 0 : end + 1 - at;
    }
    bool is_word = (unsigned char)((c | 32) - 'a') < 26 || c == '0';
    if (is_word || c == '\0')
        return 0;
    return SIZE_MAX; /* a backslash that escapes nothing stays, and so does what follows */
}

/* Adds the replacement for one match; with out == NULL only checks it. */
static int expand(const struct regex *r, struct str template, struct str text,
                  const struct regex_group *groups, struct buf *out)
{
    for (size_t at = 0; at < template.n;) {
        size_t group = SIZE_MAX;
        struct str plain = str_part(template, at, at + 1);
        size_t used = 0;
        if (template.p[at] == '\\') {
            used = escape(r, template, at + 1, &group, &plain);
            if (used == 0)
                return -1;
            used = used == SIZE_MAX ? 0 : used;
        }
        at += 1 + used;
        if (!out)
            continue;
        if (group == SIZE_MAX)
            buf_add_str(out, plain);
        else if (group < PL_GROUPS_MAX && groups[group].from != SIZE_MAX)
            buf_add_str(out, str_part(text, groups[group].from, groups[group].to));
    }
    return 0;
}

static int check_replace(struct pipeline *p, struct pl_step *s, struct err *err)
{
    const struct yaml *regex = yaml_get(s->params, "regex");
    const struct yaml *replacement = yaml_get(s->params, "replacement");
    s->regex = pl_regex_new(p, regex, err);
    if (!s->regex)
        return -1;
    if (regex_groups(s->regex) > PL_GROUPS_MAX)
        return pl_fail_at(err, regex, "more than %d groups", PL_GROUPS_MAX - 1);
    if (expand(s->regex, replacement->text, STR(""), NULL, NULL) != 0)
        return pl_fail_at(err, replacement, "a backslash that means no group and no character");
    return 0;
}

/* The next match from `at`. False at the end of the text. */
static bool next_match(struct pl_run *run, const struct pl_step *s, struct str text, size_t at,
                       struct regex_group *groups)
{
    if (at > text.n || !pl_spend(run, PL_COST_REGEX + text.n - at))
        return false;
    enum regex_result result =
        regex_find(s->regex, text, at, false, groups, PL_GROUPS_MAX, run->pipeline->scratch);
    if (result == REGEX_LIMIT)
        (void)pl_fail(run, "a regular expression of the pipeline was given up");
    return result == REGEX_YES;
}

/* Where to look on behind a match: one character further if it was empty. */
static size_t after_match(struct str text, const struct regex_group *m)
{
    size_t at = m->to;
    if (m->to > m->from)
        return at;
    do
        at++;
    while (at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80);
    return at;
}

/* Walks along a coded text and how it is shown, side by side. */
struct walk {
    struct str coded;
    size_t at, shown;
    bool half; /* between the backslash and the character of an escape */
};

/* Moves on to a place in the shown text, adding what lies between as coded. */
static void walk_to(struct walk *w, size_t shown, struct buf *out)
{
    while (w->shown < shown && w->at < w->coded.n) {
        char c = w->coded.p[w->at];
        bool escaped = c == '*' || c == '?';
        if (escaped && !w->half && w->shown + 1 == shown) {
            w->half = true;
            w->shown++;
            if (out)
                buf_add_char(out, '\\');
            return;
        }
        if (out)
            buf_add_char(out, c);
        w->shown += escaped && !w->half ? 2 : 1;
        w->half = false;
        w->at++;
    }
}

/* A replacement is read like a value in a rule, but for backslashes: they are doubled unless
 * they stand before a wildcard. */
static struct str coded_replacement(struct pl_run *run, struct str text)
{
    struct buf out = pl_buf(run);
    for (size_t i = 0; i < text.n; i++) {
        char next = i + 1 < text.n ? text.p[i + 1] : '\0';
        buf_add_char(&out, text.p[i]);
        if (text.p[i] == '\\' && next != '*' && next != '?')
            buf_add_char(&out, '\\');
    }
    return sigma_value_code(pl_keep(run, &out), run->arena);
}

/* Replaces in the text as shown. What no match touches stays as it is, wildcards too. */
static bool replace_shown(struct pl_run *run, const struct pl_step *s, struct str coded,
                          struct str *ret)
{
    struct str text = pl_shown(run, coded);
    struct str template = yaml_text(s->params, "replacement");
    struct walk w = {.coded = coded};
    struct buf out = pl_buf(run);
    struct regex_group groups[PL_GROUPS_MAX];
    bool found = false;
    for (size_t at = 0; next_match(run, s, text, at, groups); at = after_match(text, groups)) {
        struct buf with = pl_buf(run);
        found = true;
        walk_to(&w, groups[0].from, &out);
        walk_to(&w, groups[0].to, NULL);
        (void)expand(s->regex, template, text, groups, &with);
        buf_add_str(&out, coded_replacement(run, pl_keep(run, &with)));
    }
    walk_to(&w, text.n, &out);
    *ret = pl_keep(run, &out);
    if (found && pl_has_hole(coded))
        *ret = pl_holes(run, *ret, false);
    return found;
}

static struct str replace_plain(struct pl_run *run, const struct pl_step *s, struct str text,
                                bool *found)
{
    struct str template = yaml_text(s->params, "replacement");
    struct buf out = pl_buf(run);
    struct regex_group groups[PL_GROUPS_MAX];
    size_t done = 0;
    for (size_t at = 0; next_match(run, s, text, at, groups); at = after_match(text, groups)) {
        *found = true;
        buf_add_str(&out, str_part(text, done, groups[0].from));
        (void)expand(s->regex, template, text, groups, &out);
        done = groups[0].to;
    }
    buf_add_str(&out, str_part(text, done, text.n));
    return pl_keep(run, &out);
}

/* Replaces only between wildcards and placeholders. */
static bool replace_between(struct pl_run *run, const struct pl_step *s, struct str coded,
                            struct str *ret)
{
    bool interpret = pl_true(s->params, "interpret_special");
    bool found = false;
    struct buf out = pl_buf(run);
    for (size_t at = 0; at < coded.n && !run->failed;) {
        struct str part = pl_stretch(coded, at);
        at += part.n;
        if ((unsigned char)part.p[0] < CODED_HOLE) {
            part = replace_plain(run, s, part, &found);
            part = interpret ? sigma_value_code(part, run->arena) : part;
        }
        buf_add_str(&out, part);
    }
    *ret = pl_keep(run, &out);
    return found;
}

static int replace_string(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                          struct pl_value ***tail)
{
    struct str coded = v->coded;
    if (v->kind != PL_TEXT && v->kind != PL_NUMBER)
        return 0;
    if (v->kind == PL_NUMBER)
        coded = v->node->text;
    bool found = pl_true(s->params, "skip_special") ? replace_between(run, s, coded, &coded)
                                                    : replace_shown(run, s, coded, &coded);
    if (found)
        put_text(run, coded, tail);
    return run->failed ? -1 : found;
}

/* ---- map_string, set_value, convert_type ---- */

static int check_map(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    const struct yaml *mapping = yaml_get(s->params, "mapping");
    return mapping->type == YAML_MAP ? 0 : pl_fail_at(err, mapping, "mapping must be a map");
}

static int map_string(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                      struct pl_value ***tail)
{
    const struct yaml *mapping = yaml_get(s->params, "mapping");
    struct str shown = v->kind == PL_TEXT ? pl_shown(run, v->coded) : STR("");
    for (const struct yaml *y = mapping->child; y && v->kind == PL_TEXT; y = y->next) {
        if (!str_eq(y->key, shown))
            continue;
        for (const struct yaml *to = pl_first(y); to; to = pl_after(y, to))
            put_text(run, sigma_value_code(to->text, run->arena), tail);
        return 1;
    }
    return 0;
}

/* "str", "num" or neither. */
static int check_type(const struct yaml *params, const char *key, struct err *err)
{
    const struct yaml *type = yaml_get(params, key);
    if (!type || str_eq(type->text, STR("str")) || str_eq(type->text, STR("num")))
        return 0;
    return pl_fail_at(err, type, "%s must be 'str' or 'num'", key);
}

static int check_set(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    const struct yaml *value = yaml_get(s->params, "value");
    struct number number;
    if (value->type == YAML_LIST || value->type == YAML_MAP)
        return pl_fail_at(err, value, "a value must be text, a number, true, false or null");
    if (str_eq(yaml_text(s->params, "force_type"), STR("num")) &&
        !number_parse(value->text, &number))
        return pl_fail_at(err, value, "'%.*s' is not a number",
                          (int)(value->text.n > 60 ? 60 : value->text.n), value->text.p);
    return check_type(s->params, "force_type", err);
}

/* Text that is a number becomes one. */
static int put_number(struct pl_run *run, struct str text, struct pl_value ***tail)
{
    const struct yaml *y = pl_number(run, text);
    if (!y)
        return pl_fail(run, "'%.*s' is not a number", (int)(text.n > 60 ? 60 : text.n), text.p);
    put(run, PL_NUMBER, tail)->node = y;
    return 1;
}

static int set_value(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                     struct pl_value ***tail)
{
    (void)v;
    const struct yaml *value = yaml_get(s->params, "value");
    struct str type = yaml_text(s->params, "force_type");
    if (str_eq(type, STR("num")))
        return put_number(run, value->text, tail);
    if (str_eq(type, STR("str")) || value->type == YAML_STRING) {
        put_text(run, sigma_value_code(value->text, run->arena), tail);
        return 1;
    }
    put(run,
        value->type == YAML_NULL   ? PL_NULL
        : value->type == YAML_BOOL ? PL_BOOL
                                   : PL_NUMBER,
        tail)
        ->node = value;
    return 1;
}

static int check_convert(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    return check_type(s->params, "target_type", err);
}

static int convert_type(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                        struct pl_value ***tail)
{
    bool to_text = str_eq(yaml_text(s->params, "target_type"), STR("str"));
    if (to_text && v->kind == PL_NUMBER) {
        put_text(run, v->node->text, tail);
        return 1;
    }
    if (!to_text && v->kind == PL_TEXT)
        return put_number(run, pl_shown(run, v->coded), tail);
    return 0;
}

/* ---- case, regex ---- */

static int check_case(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    const struct yaml *method = yaml_get(s->params, "method");
    if (!method || str_eq(method->text, STR("lower")) || str_eq(method->text, STR("upper")) ||
        str_eq(method->text, STR("snake_case")))
        return 0;
    return pl_fail_at(err, method, "method must be lower, upper or snake_case");
}

/* Letters of ASCII; the names of placeholders stay. */
static int change_case(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                       struct pl_value ***tail)
{
    struct str method = yaml_text(s->params, "method");
    bool raise = str_eq(method, STR("upper"));
    bool snake = str_eq(method, STR("snake_case"));
    struct buf out = pl_buf(run);
    for (size_t at = 0; v->kind == PL_TEXT && at < v->coded.n;) {
        struct str part = pl_stretch(v->coded, at);
        at += part.n;
        for (size_t i = 0; i < part.n; i++) {
            char c = part.p[i];
            bool is_upper = c >= 'A' && c <= 'Z';
            if ((unsigned char)part.p[0] == CODED_HOLE) {
                buf_add_char(&out, c);
                continue;
            }
            if (snake && i > 0 && is_upper)
                buf_add_char(&out, '_');
            buf_add_char(&out, raise && c >= 'a' && c <= 'z' ? (char)(c - 32)
                               : raise                       ? c
                                                             : ascii_lower(c));
        }
    }
    struct str coded = pl_keep(run, &out);
    if (v->kind != PL_TEXT)
        return 0;
    put_text(run, coded, tail);
    return 1;
}

static int check_method(struct pipeline *p, struct pl_step *s, struct err *err)
{
    (void)p;
    const struct yaml *method = yaml_get(s->params, "method");
    if (!method || str_eq(method->text, STR("plain")) ||
        str_eq(method->text, STR("ignore_case_flag")) ||
        str_eq(method->text, STR("ignore_case_brackets")))
        return 0;
    return pl_fail_at(err, method,
                      "method must be plain, ignore_case_flag or ignore_case_brackets");
}

/* A value covers its field from end to end, and an expression here is searched for: so it is
 * tied to both ends. */
static int to_regex(struct pl_run *run, const struct pl_step *s, const struct pl_value *v,
                    struct pl_value ***tail)
{
    bool plain = str_eq(yaml_text(s->params, "method"), STR("plain"));
    if (v->kind != PL_TEXT || v->coded.n == 0)
        return 0;
    if (pl_has_hole(v->coded))
        return pl_fail(run, "a placeholder cannot become a regular expression");
    struct buf out = pl_buf(run);
    buf_add_cstr(&out, "\\A");
    for (size_t i = 0; i < v->coded.n; i++) {
        char c = v->coded.p[i];
        if ((unsigned char)c == CODED_STAR)
            buf_add_cstr(&out, ".*");
        else if ((unsigned char)c == CODED_ONE)
            buf_add_char(&out, '.');
        else if (c && strchr(".^$*+?()[]{}|\\#&~- \t\n\r\v\f", c))
            buf_addf(&out, "\\%c", c);
        else
            buf_add_char(&out, c);
    }
    buf_add_cstr(&out, "\\z");
    struct pl_value *made = put(run, PL_REGEX, tail);
    made->coded = plain ? STR("|re|s") : STR("|re|i|s");
    made->node = pl_yaml(run, YAML_STRING, STR(""), pl_keep(run, &out));
    return run->failed ? -1 : 1;
}

const struct pl_step_type pl_value_steps[] = {
    {.name = "replace_string",
     .params = "regex! replacement! skip_special interpret_special",
     .check = check_replace,
     .on_item = each_value,
     .on_value = replace_string},
    {.name = "map_string",
     .params = "mapping!",
     .check = check_map,
     .on_item = each_value,
     .on_value = map_string},
    {.name = "set_value",
     .params = "value! force_type",
     .check = check_set,
     .on_item = each_value,
     .on_value = set_value},
    {.name = "convert_type",
     .params = "target_type!",
     .check = check_convert,
     .on_item = each_value,
     .on_value = convert_type},
    {.name = "case",
     .params = "method",
     .check = check_case,
     .on_item = each_value,
     .on_value = change_case},
    {.name = "regex",
     .params = "method",
     .check = check_method,
     .on_item = each_value,
     .on_value = to_regex},
    {0},
};
