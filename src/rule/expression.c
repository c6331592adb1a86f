#include "rule/expression.h"

#include "base/buf.h"
#include "base/num.h"

enum {
    DEPTH_MAX = 48,             /* parentheses and nots in each other; a condition has 64 */
    CONDITION_MAX = 1 << 16,    /* bytes of what it becomes */
    COUNT_MAX = EXPRESSION_MAX, /* of "N of": no more clauses fit */
};

struct reader {
    struct str text;
    size_t at;
    struct arena *arena;
    struct yaml *detection;
    struct yaml **tail; /* of its selections */
    struct buf condition;
    unsigned n; /* selections so far */
    unsigned depth;
    size_t failed; /* where */
    struct err *err;
};

struct word {
    struct str text;
    size_t at;
    bool quoted;
};

unsigned expression_column(struct str text, size_t at)
{
    unsigned column = 1;
    for (size_t i = 0; i < at && i < text.n; i++)
        column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return column;
}

static int fail(struct reader *r, size_t at, const char *why)
{
    r->failed = at;
    return err_set(r->err, ERR_INVALID, "%s", why);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The character at `at`; 0 at the end (and for a NUL, which then ends the text). */
static char look(const struct reader *r)
{
    return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static void skip_blanks(struct reader *r)
{
    while (is_blank(look(r)))
        r->at++;
}

/* ---- words ---- */

/* Text in quotes; a doubled quote is one. */
static int read_quoted(struct reader *r, struct word *ret)
{
    char quote = look(r);
    size_t start = r->at++;
    char *to = arena_alloc(r->arena, r->text.n - start, 1);
    size_t n = 0;
    for (; r->at < r->text.n; r->at++) {
        if (r->text.p[r->at] == quote) {
            r->at++;
            if (look(r) != quote) {
                *ret = (struct word){{to, n}, start, true};
                return 0;
            }
        }
        to[n++] = r->text.p[r->at];
    }
    return fail(r, start, "this quote is not closed");
}

/* A word ends at a blank, at a ')' that it did not open, and in a list at ',' and ']'. */
static struct word read_bare(struct reader *r, bool in_list)
{
    size_t start = r->at;
    unsigned open = 0;
    for (; r->at < r->text.n; r->at++) {
        char c = r->text.p[r->at];
        if (is_blank(c) || (c == ')' && open == 0) || (in_list && (c == ',' || c == ']')))
            break;
        if (c == '(')
            open++;
        else if (c == ')')
            open--;
    }
    return (struct word){str_part(r->text, start, r->at), start, false};
}

static int read_word(struct reader *r, bool in_list, struct word *ret)
{
    if (look(r) == '\'' || look(r) == '"')
        return read_quoted(r, ret);
    *ret = read_bare(r, in_list);
    return 0;
}

static bool is(const struct word *w, const char *text)
{
    return !w->quoted && str_ieq(w->text, str_of(text));
}

/* The next bare word, without taking it. */
static struct word peek(struct reader *r)
{
    skip_blanks(r);
    size_t at = r->at;
    struct word w = read_bare(r, false);
    r->at = at;
    return w;
}

static bool take(struct reader *r, const char *word)
{
    struct word w = peek(r);
    if (!is(&w, word))
        return false;
    r->at += w.text.n;
    return true;
}

/* ---- what the rule is made of ---- */

static struct yaml *new_node(struct reader *r, enum yaml_type type, size_t at)
{
    struct yaml *y = ARENA_NEW(r->arena, struct yaml);
    y->type = type;
    y->line = 1;
    y->column = expression_column(r->text, at);
    return y;
}

static struct yaml *scalar(struct reader *r, const struct word *w)
{
    struct yaml *y = new_node(r, YAML_STRING, w->at);
    y->text = w->text;
    y->form = w->quoted ? YAML_FORM_QUOTED : YAML_FORM_PLAIN;
    if (!w->quoted)
        yaml_classify(y);
    return y;
}

static void set_key(struct reader *r, struct yaml *y, struct str key, size_t at)
{
    y->key = key;
    y->key_form = YAML_FORM_PLAIN;
    y->key_at = (struct yaml_mark){1, expression_column(r->text, at)};
}

/* Adds a selection and puts its name into the condition.
 * key  "" for keywords */
static void add_selection(struct reader *r, unsigned group, const struct word *key,
                          struct yaml *value)
{
    struct str name = group ? arena_printf(r->arena, "g%u_%u", group, ++r->n)
                            : arena_printf(r->arena, "c%u", ++r->n);
    struct yaml *selection = value;
    if (key->text.n) {
        set_key(r, value, key->text, key->at + key->quoted);
        selection = new_node(r, YAML_MAP, key->at);
        selection->child = value;
    }
    set_key(r, selection, name, key->at);
    *r->tail = selection;
    r->tail = &selection->next;
    if (!group)
        buf_add_str(&r->condition, name);
}

/* ---- clauses ---- */

static int read_value(struct reader *r, bool in_list, struct yaml **ret)
{
    struct word w;
    skip_blanks(r);
    size_t at = r->at;
    if (read_word(r, in_list, &w) < 0)
        return -1;
    bool is_operator = !in_list && (is(&w, "and") || is(&w, "or") || is(&w, "not"));
    if ((w.text.n == 0 && !w.quoted) || is_operator)
        return fail(r, at, "a value is missing; the empty text is ''");
    *ret = scalar(r, &w);
    return 0;
}

/* "[a, b]": at its bracket. */
static int read_list(struct reader *r, struct yaml **ret)
{
    size_t open = r->at++;
    struct yaml *list = new_node(r, YAML_LIST, open);
    struct yaml **tail = &list->child;
    for (;;) {
        if (read_value(r, true, tail) < 0)
            return -1;
        tail = &(*tail)->next;
        skip_blanks(r);
        char c = look(r);
        if (c == '\0')
            return fail(r, open, "this list is not closed: ']' is missing");
        if (c != ',' && c != ']')
            return fail(r, r->at,
                        "',' or ']' is missing; a value with blanks or commas needs quotes");
        r->at++;
        if (c == ']')
            break;
    }
    *ret = list;
    return 0;
}

static int read_values(struct reader *r, bool in_list, struct yaml **ret)
{
    skip_blanks(r);
    return look(r) == '[' ? read_list(r, ret) : read_value(r, in_list, ret);
}

/* "C:\x" and "https://x" are no fields. */
static bool is_path_or_address(struct str word, size_t colon)
{
    char next = colon + 1 < word.n ? word.p[colon + 1] : '\0';
    bool drive = colon == 1 && (next == '\\' || next == '/');
    return drive || str_starts(str_part(word, colon, word.n), STR("://"));
}

/* How a word goes on behind its colon decides whether it names a field: `A: b`, `A:'b'`,
 * `A:[b]`. The word is cut there. 1 a field, 0 a keyword */
static int find_field(struct reader *r, struct word *w)
{
    if (w->quoted) {
        bool field = look(r) == ':';
        r->at += field;
        return field;
    }
    size_t colon = str_find(w->text, STR(":"), 0);
    if (colon == SIZE_MAX || is_path_or_address(w->text, colon))
        return 0;
    char next = colon + 1 < w->text.n ? w->text.p[colon + 1] : '\0';
    if (next != '\0' && next != '\'' && next != '"' && next != '[')
        return fail(r, w->at + colon,
                    "a field and its value want a blank between them (EventID: 4624); a "
                    "keyword with a colon wants quotes");
    w->text.n = colon;
    r->at = w->at + colon + 1;
    return 1;
}

/* One clause, "field: value" or a keyword.
 * group  number of the "N of (...)" it stands in; 0: none */
static int read_clause(struct reader *r, unsigned group)
{
    struct word w = {.at = r->at};
    struct word none = {.at = r->at};
    struct yaml *value = NULL;
    if (look(r) == '[') {
        if (read_list(r, &value) < 0)
            return -1;
        add_selection(r, group, &none, value);
        return 0;
    }
    if (read_word(r, group > 0, &w) < 0)
        return -1;
    if (!w.quoted && (w.text.n == 0 || is(&w, "and") || is(&w, "or")))
        return fail(r, w.at, "a clause is missing: a keyword or 'field: value'");
    int field = find_field(r, &w);
    if (field < 0)
        return -1;
    if (!field) {
        struct yaml *keyword = scalar(r, &w);
        keyword->type = YAML_STRING; /* 1234 as keyword is that text */
        add_selection(r, group, &none, keyword);
        return 0;
    }
    if (w.text.n == 0)
        return fail(r, w.at, "the name of a field is missing before ':'");
    if (read_values(r, group > 0, &value) < 0)
        return -1;
    add_selection(r, group, &w, value);
    return 0;
}

/* Behind "N of": "(clause, clause, ...)". */
static int read_group(struct reader *r, struct str count)
{
    unsigned group = r->n + 1; /* no two groups have the same */
    skip_blanks(r);
    size_t open = r->at;
    if (look(r) != '(')
        return fail(r, open, "'of' wants clauses: 1 of (a: b, c: d)");
    do {
        r->at++;
        skip_blanks(r);
        struct word w = peek(r);
        if (look(r) == '(' || is(&w, "not"))
            return fail(r, r->at, "in 'N of (...)' clauses stand alone, separated by commas");
        if (read_clause(r, group) < 0)
            return -1;
        skip_blanks(r);
    } while (look(r) == ',');
    if (look(r) != ')')
        return fail(r, look(r) ? r->at : open,
                    look(r) ? "',' or ')' is missing" : "this '(' is not closed");
    r->at++;
    buf_addf(&r->condition, "%.*s of g%u_*", STR_ARG(count), group);
    return 0;
}

static bool is_count(const struct word *w)
{
    uint64_t n = 0;
    return is(w, "all") || is(w, "any") || (num_u64(w->text, &n) && n > 0 && n < COUNT_MAX);
}

static int read_or(struct reader *r);

static int read_primary(struct reader *r)
{
    struct word w = peek(r);
    size_t at = r->at;
    if (at == r->text.n)
        return fail(r, at, "a clause is missing: a keyword or 'field: value'");
    if (is_count(&w)) {
        r->at += w.text.n;
        if (take(r, "of"))
            return read_group(r, w.text);
        r->at = at;
    }
    if (look(r) != '(')
        return read_clause(r, 0);
    r->at++;
    buf_add_char(&r->condition, '(');
    if (read_or(r) < 0)
        return -1;
    skip_blanks(r);
    if (look(r) != ')')
        return look(r) ? fail(r, r->at,
                              "'and', 'or' or ')' is missing; a value with blanks "
                              "needs quotes")
                       : fail(r, at, "this '(' is not closed");
    r->at++;
    buf_add_char(&r->condition, ')');
    return 0;
}

static int read_not(struct reader *r)
{
    size_t nots = 0;
    if (r->depth >= DEPTH_MAX)
        return fail(r, r->at, "nested too deeply");
    r->depth++;
    for (; take(r, "not"); nots++)
        buf_add_cstr(&r->condition, "not ");
    int failed = read_primary(r);
    r->depth--;
    return failed;
}

/* Clauses joined by and, and those by or: the condition has the same order of binding, so
 * that the words can be handed on as they stand. */
static int read_or(struct reader *r)
{
    for (;;) {
        if (read_not(r) < 0)
            return -1;
        bool and = take(r, "and");
        if (!and&&!take(r, "or"))
            return 0;
        buf_add_cstr(&r->condition, and? " and " : " or ");
    }
}

/* The whole text; adds the condition behind the selections. */
static int read_all(struct reader *r)
{
    if (r->text.n > EXPRESSION_MAX)
        return err_set(r->err, ERR_LIMIT, "an expression has at most %d bytes", EXPRESSION_MAX);
    if (read_or(r) < 0)
        return -1;
    skip_blanks(r);
    if (r->at < r->text.n)
        return fail(r, r->at,
                    look(r) == ')' ? "this ')' closes nothing"
                                   : "'and' or 'or' is missing; a value with blanks needs "
                                     "quotes");
    if (r->condition.full)
        return err_set(r->err, ERR_LIMIT, "too many clauses");
    struct yaml *condition = new_node(r, YAML_STRING, 0);
    set_key(r, condition, STR("condition"), 0);
    condition->text = arena_str(r->arena, buf_str(&r->condition));
    condition->form = YAML_FORM_OTHER;
    *r->tail = condition;
    return 0;
}

static struct yaml *member(struct reader *r, const char *key, enum yaml_type type)
{
    struct yaml *y = new_node(r, type, 0);
    set_key(r, y, str_of(key), 0);
    return y;
}

int expression_parse(struct str text, const struct yaml *logsource, struct arena *arena,
                     const struct yaml **ret, size_t *ret_at, struct err *err)
{
    struct reader r = {.text = text, .arena = arena, .err = err};
    r.condition = buf_new(CONDITION_MAX);
    r.detection = member(&r, "detection", YAML_MAP);
    r.tail = &r.detection->child;
    int failed = read_all(&r);
    buf_free(&r.condition);
    if (failed) {
        *ret_at = r.failed;
        return -1;
    }
    struct yaml *rule = new_node(&r, YAML_MAP, 0);
    struct yaml *title = member(&r, "title", YAML_STRING);
    struct yaml *source = ARENA_NEW(arena, struct yaml);
    title->text = STR("search");
    *source = *logsource;
    set_key(&r, source, STR("logsource"), 0);
    rule->child = title;
    title->next = source;
    source->next = r.detection;
    *ret = rule;
    return 0;
}
