/* lint_value.c - keys and values that the engine takes, and that may mean something else. */
#include "rule/lint_int.h"
#include "rule/sigma_key.h"

struct look { /* one item */
    struct lint_file *f;
    struct modifiers m;
};

static bool has(const struct look *l, unsigned modifiers)
{
    return l->m.set & modifiers;
}

/* ---- wildcards ---- */

static size_t backslashes_before(struct str text, size_t at)
{
    size_t n = 0;
    while (n < at && text.p[at - n - 1] == '\\')
        n++;
    return n;
}

static bool is_name_byte(char c)
{
    c = ascii_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ')' || c == '%' ||
           c == '_' || (unsigned char)c >= 0x80;
}

/* Whether a backslash with a name behind it stands before `end`: the text is a path. */
static bool is_path(struct str text, size_t end)
{
    for (size_t i = 0; i + 1 < end; i++)
        if (text.p[i] == '\\' && is_name_byte(text.p[i + 1]))
            return true;
    return false;
}

/* "C:\Temp\*": the author meant a folder and anything in it; Sigma reads a literal star. */
static void look_at_escapes(const struct look *l, const struct yaml *y)
{
    for (size_t i = 2; i < y->text.n; i++) {
        bool ends_part = i + 1 == y->text.n || y->text.p[i + 1] == '\\';
        if (y->text.p[i] != '*' || backslashes_before(y->text, i) != 1 || !ends_part ||
            !is_name_byte(y->text.p[i - 2]) || !is_path(y->text, i - 1))
            continue;
        lint_tell(l->f, LINT_WARNING, yaml_mark_of(y, false, i - 1), "escaped-star",
                  "'\\*' is a literal star; a backslash and a wildcard are '\\\\*'");
        return;
    }
}

static bool is_open_star(struct str text, size_t at)
{
    return at < text.n && text.p[at] == '*' && backslashes_before(text, at) % 2 == 0;
}

static void look_at_stars(const struct look *l, const struct yaml *y)
{
    bool before = has(l, MOD_CONTAINS | MOD_ENDSWITH);
    bool behind = has(l, MOD_CONTAINS | MOD_STARTSWITH);
    bool first = y->text.n > 1 && is_open_star(y->text, 0); /* "*" alone: any text */
    bool last = y->text.n > 1 && is_open_star(y->text, y->text.n - 1);
    if ((first && before) || (last && behind))
        lint_tell(l->f, LINT_WARNING,
                  yaml_mark_of(y, false, first && before ? 0 : y->text.n - 1), "needless-star",
                  "the star does nothing: the modifier already allows any text there");
    else if ((first || last) && has(l, MODS_PLACE))
        lint_tell(l->f, LINT_WARNING, yaml_mark_of(y, false, first ? 0 : y->text.n - 1),
                  "needless-star", "with a star at this end, 'contains' says what is meant");
}

static void look_at_blanks(const struct look *l, const struct yaml *y)
{
    bool first = y->text.n && y->text.p[0] == ' ' && !has(l, MOD_CONTAINS | MOD_ENDSWITH);
    bool last =
        y->text.n && y->text.p[y->text.n - 1] == ' ' && !has(l, MOD_CONTAINS | MOD_STARTSWITH);
    if (l->m.field.n && (first || last))
        lint_tell(l->f, LINT_NOTE, yaml_mark_of(y, false, first ? 0 : y->text.n - 1), "blank",
                  "a blank at this end has to be in the event too");
}

static bool has_dash(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '-' || text.p[i] == '/' || (unsigned char)text.p[i] >= 0xe2)
            return true;
    return false;
}

static void look_at_dashes(const struct look *l, const struct yaml *item)
{
    bool is_list = item->type == YAML_LIST;
    const struct yaml *y = is_list ? item->child : item;
    if (!has(l, MOD_WINDASH) || has(l, MOD_EXPAND))
        return;
    for (; y; y = is_list ? y->next : NULL)
        if (has_dash(y->text))
            return;
    lint_tell(l->f, LINT_WARNING, item->key_at, "no-dash",
              "windash does nothing: no value has a dash");
}

/* ---- regular expressions ---- */

/* Behind an element: whether it may repeat without bound. Sets *end behind the quantifier. */
static bool is_unbounded(struct str re, size_t at, size_t *end)
{
    *end = at;
    if (at >= re.n)
        return false;
    if (re.p[at] == '*' || re.p[at] == '+') {
        *end = at + 1;
        return at + 1 >= re.n || re.p[at + 1] != '+'; /* possessive: no way back */
    }
    if (re.p[at] != '{')
        return false;
    size_t close = str_find(re, STR("}"), at);
    if (close >= re.n)
        return false;
    *end = close + 1;
    return re.p[close - 1] == ',';
}

static size_t skip_class(struct str re, size_t at)
{
    size_t i = at + 1;
    i += i < re.n && re.p[i] == '^';
    i += i < re.n && re.p[i] == ']';
    for (; i < re.n && re.p[i] != ']'; i++)
        i += re.p[i] == '\\';
    return i + 1;
}

/* "(a+)+" tries every way to share out a long text before it gives up. A group counts if it
 * holds nothing but one repeated element: "(x\d+y)+" has marks that keep it from that. */
static size_t find_nested(struct str re)
{
    enum { GROUPS = 64 };
    struct {
        size_t at;       /* of "(" */
        size_t elements; /* in the branch */
        bool repeats;    /* one of them, without bound */
    } open[GROUPS] = {{0}};
    size_t depth = 0;
    for (size_t i = 0, end; i < re.n && depth + 1 < GROUPS; i = end) {
        bool bad = false;
        size_t start = i;
        end = i + 1;
        if (re.p[i] == '\\')
            end = i + 2;
        else if (re.p[i] == '[')
            end = skip_class(re, i);
        if (re.p[i] == '|') {
            open[depth].elements = 0;
            continue;
        }
        if (re.p[i] == '(') {
            open[++depth].at = i;
            open[depth].elements = 0;
            open[depth].repeats = false;
            if (end + 1 < re.n && re.p[end] == '?' && re.p[end + 1] == ':')
                end += 2;
            continue;
        }
        if (re.p[i] == ')' && depth > 0) {
            bad = open[depth].repeats && open[depth].elements == 1;
            start = open[depth--].at;
        }
        bool repeats = is_unbounded(re, end, &end);
        if (bad && repeats)
            return start;
        open[depth].elements++;
        open[depth].repeats = repeats || (bad && open[depth].repeats);
    }
    return SIZE_MAX;
}

static void look_at_regex(const struct look *l, const struct yaml *y)
{
    size_t at = find_nested(y->text);
    if (at < y->text.n)
        lint_tell(l->f, LINT_WARNING, yaml_mark_of(y, false, at), "nested-quantifiers",
                  "a repeated group of something repeated: on long texts the expression is "
                  "given up and does not match");
}

/* ---- items ---- */

static void look_at_value(const struct look *l, const struct yaml *y)
{
    if (y->type == YAML_NULL || y->type == YAML_LIST || y->type == YAML_MAP)
        return;
    if (has(l, MOD_RE)) {
        look_at_regex(l, y);
        return;
    }
    if (has(l, MODS_NUMBER | MOD_CIDR | MOD_EXISTS | MOD_FIELDREF))
        return;
    if (!has(l, MODS_BASE64)) {
        look_at_escapes(l, y);
        look_at_stars(l, y);
        look_at_blanks(l, y);
    }
}

static void look_at_doubles(const struct look *l, const struct yaml *list)
{
    enum { COMPARED = 300 }; /* values of one list with each other */
    unsigned n = 0;
    bool exact = has(l, MOD_CASED | MOD_RE | MODS_BASE64);
    for (const struct yaml *y = list->child; y && n < COMPARED; y = y->next, n++)
        for (const struct yaml *k = list->child; k != y; k = k->next)
            if (k->type == y->type && y->text.n &&
                (exact ? str_eq(k->text, y->text) : str_ieq(k->text, y->text))) {
                lint_tell(l->f, LINT_WARNING, yaml_mark_of(y, false, 0), "double-value",
                          "the value stands in the list already, in line %u", k->line);
                break;
            }
}

void lint_item(struct lint_file *f, const struct yaml *item)
{
    struct look l = {.f = f};
    size_t at = 0;
    struct err ignored = {0};
    if (sigma_key(item->key, &l.m, &at, &ignored) != 0)
        return;
    bool is_list = item->type == YAML_LIST;
    const struct yaml *y = is_list ? item->child : item;
    if (has(&l, MOD_ALL) && y && (!is_list || !y->next))
        lint_tell(f, LINT_WARNING, item->key_at, "needless-all",
                  "'all' does nothing: there is one value");
    if (has(&l, MOD_BASE64_OFFSET) && !has(&l, MOD_CONTAINS))
        lint_tell(
            f, LINT_WARNING, item->key_at, "base64offset",
            "base64offset without contains compares the whole text: say base64offset|contains");
    if (is_list)
        look_at_doubles(&l, item);
    lint_field(f, item);
    look_at_dashes(&l, item);
    for (; y; y = is_list ? y->next : NULL)
        look_at_value(&l, y);
}
