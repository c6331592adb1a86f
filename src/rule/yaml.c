/* yaml.c - libyaml's events as trees, without recursion. */
#include "rule/yaml.h"

#include <assert.h>

#include <yaml.h>

#include "base/limits.h"
#include "base/num.h"

struct level { /* one list or map that is still open */
    struct yaml *node;
    struct yaml **tail; /* where its next element is hung */
    bool have_key;
    struct str key;
    enum yaml_form key_form;
    struct yaml_mark key_at;
};

struct builder {
    struct arena *arena;
    struct level open[LIMIT_YAML_DEPTH];
    size_t depth;
    struct yaml *first;
    struct yaml **tail;
    struct yaml_mark failed; /* where */
};

static bool is_one_of(struct str text, const char *const *words)
{
    for (; *words; words++) {
        if (str_eq(str_of(*words), text))
            return true;
    }
    return false;
}

static size_t digits(struct str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

/* "-1.5", "1.", ".5", "6.02e+23", ".inf", ".nan"; but not "1" and not "1.2.3". */
static bool is_float(struct str s)
{
    static const char *const named[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL};
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    if (is_one_of((struct str){s.p + at, s.n - at}, named))
        return true;
    size_t whole = digits(s, at);
    at += whole;
    if (at >= s.n || s.p[at] != '.')
        return false;
    size_t part = digits(s, ++at);
    at += part;
    if (whole + part == 0)
        return false;
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
            at++;
        size_t exponent = digits(s, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == s.n;
}

static bool octal(struct str s, int64_t *ret)
{
    uint64_t v = 0;
    if (s.n < 2 || s.n > 21 || s.p[0] != '0')
        return false;
    size_t at = s.p[1] == 'o' ? 2 : 1;
    if (at == s.n)
        return false;
    for (; at < s.n; at++) {
        if (s.p[at] < '0' || s.p[at] > '7')
            return false;
        v = v << 3 | (uint64_t)(s.p[at] - '0');
    }
    *ret = (int64_t)(v & INT64_MAX);
    return true;
}

static bool is_int(struct str s, int64_t *ret)
{
    if (octal(s, ret))
        return true;
    if (s.n > 1 && s.p[0] == '+' && s.p[1] != '-')
        s = (struct str){s.p + 1, s.n - 1};
    if (num_any(s, ret))
        return true;
    bool hex = s.n > 1 && (s.p[1] == 'x' || s.p[1] == 'X');
    uint64_t large = 0;
    if (hex ? !num_hex(s, &large) : !num_u64(s, &large))
        return false;
    *ret = INT64_MAX;
    return true;
}

void yaml_classify(struct yaml *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", "yes", "Yes",
                                        "YES",  "on",   "On",   "ON",  NULL};
    static const char *const falses[] = {"false", "False", "FALSE", "no",  "No",
                                         "NO",    "off",   "Off",   "OFF", NULL};
    node->type = YAML_STRING;
    if (is_one_of(node->text, nulls)) {
        node->type = YAML_NULL;
    } else if (is_one_of(node->text, trues)) {
        node->type = YAML_BOOL;
        node->integer = 1;
    } else if (is_one_of(node->text, falses)) {
        node->type = YAML_BOOL;
    } else if (is_int(node->text, &node->integer)) {
        node->type = YAML_INT;
    } else if (is_float(node->text)) {
        node->type = YAML_FLOAT;
    }
}

static struct yaml_mark mark_of(yaml_mark_t mark)
{
    return (struct yaml_mark){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

static int fail_at(struct builder *b, struct err *err, enum err_code code, yaml_mark_t mark,
                   const char *what)
{
    b->failed = mark_of(mark);
    return err_set(err, code, "%s", what);
}

/* Characters of UTF-8, which libyaml has checked. */
static size_t characters(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}

static enum yaml_form form_of(const yaml_event_t *event, struct str text)
{
    const yaml_mark_t *from = &event->start_mark;
    const yaml_mark_t *to = &event->end_mark;
    size_t n = characters(text);
    if (from->line != to->line || to->column < from->column)
        return YAML_FORM_OTHER;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return to->column - from->column == n ? YAML_FORM_PLAIN : YAML_FORM_OTHER;
    return to->column - from->column == n + 2 ? YAML_FORM_QUOTED : YAML_FORM_OTHER;
}

/* Hangs a new node under the innermost open one, or among the documents. */
static struct yaml *add(struct builder *b, const yaml_event_t *event)
{
    struct yaml *node = ARENA_NEW(b->arena, struct yaml);
    node->line = (unsigned)event->start_mark.line + 1;
    node->column = (unsigned)event->start_mark.column + 1;
    struct yaml ***tail = &b->tail;
    if (b->depth > 0) {
        struct level *in = &b->open[b->depth - 1];
        tail = &in->tail;
        node->key = in->key;
        node->key_form = in->key_form;
        node->key_at = in->key_at;
        in->have_key = false;
        in->key = (struct str){0};
    }
    **tail = node;
    *tail = &node->next;
    return node;
}

static bool wants_key(const struct builder *b)
{
    const struct level *in = b->depth ? &b->open[b->depth - 1] : NULL;
    return in && in->node->type == YAML_MAP && !in->have_key;
}

static void add_scalar(struct builder *b, const yaml_event_t *event)
{
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    text = arena_str(b->arena, text);
    if (wants_key(b)) {
        struct level *in = &b->open[b->depth - 1];
        in->key = text;
        in->key_form = form_of(event, text);
        in->key_at = mark_of(event->start_mark);
        in->have_key = true;
        return;
    }
    struct yaml *node = add(b, event);
    node->text = text;
    node->form = form_of(event, text);
    node->type = YAML_STRING;
    if (event->data.scalar.plain_implicit)
        yaml_classify(node);
}

static int open_node(struct builder *b, const yaml_event_t *event, enum yaml_type type,
                     struct err *err)
{
    if (wants_key(b))
        return fail_at(b, err, ERR_INVALID, event->start_mark, "a key must be text");
    if (b->depth == LIMIT_YAML_DEPTH)
        return fail_at(b, err, ERR_LIMIT, event->start_mark, "nested too deeply");
    struct yaml *node = add(b, event);
    node->type = type;
    b->open[b->depth++] = (struct level){.node = node, .tail = &node->child};
    return 0;
}

static uint64_t hash_of(struct str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

/* A key that occurs twice: one of the two would silently be lost. */
static const struct yaml *find_double(const struct yaml *map, struct arena *arena)
{
    size_t n = 0;
    for (const struct yaml *y = map->child; y; y = y->next)
        n++;
    size_t size = 4;
    while (size < 2 * n)
        size *= 2;
    const struct yaml **seen = ARENA_ARRAY(arena, const struct yaml *, size);
    for (const struct yaml *y = map->child; y; y = y->next) {
        size_t at = hash_of(y->key) & (size - 1);
        for (; seen[at]; at = (at + 1) & (size - 1)) {
            if (str_eq(seen[at]->key, y->key))
                return y;
        }
        seen[at] = y;
    }
    return NULL;
}

static int close_node(struct builder *b, struct err *err)
{
    assert(b->depth > 0); /* libyaml pairs starts and ends */
    const struct yaml *node = b->open[--b->depth].node;
    const struct yaml *twice = node->type == YAML_MAP ? find_double(node, b->arena) : NULL;
    if (!twice)
        return 0;
    b->failed = twice->key_at;
    return err_set(err, ERR_INVALID, "the key '%.*s' occurs twice",
                   (int)(twice->key.n > 80 ? 80 : twice->key.n), twice->key.p);
}

/* One event into the tree; *end at the end of the text. */
static int take(struct builder *b, const yaml_event_t *event, bool *end, struct err *err)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        if (event->data.scalar.anchor)
            return fail_at(b, err, ERR_INVALID, event->start_mark, "anchors are not accepted");
        add_scalar(b, event);
        return 0;
    case YAML_SEQUENCE_START_EVENT:
        if (event->data.sequence_start.anchor)
            return fail_at(b, err, ERR_INVALID, event->start_mark, "anchors are not accepted");
        return open_node(b, event, YAML_LIST, err);
    case YAML_MAPPING_START_EVENT:
        if (event->data.mapping_start.anchor)
            return fail_at(b, err, ERR_INVALID, event->start_mark, "anchors are not accepted");
        return open_node(b, event, YAML_MAP, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_node(b, err);
    case YAML_ALIAS_EVENT:
        return fail_at(b, err, ERR_INVALID, event->start_mark, "aliases are not accepted");
    case YAML_STREAM_END_EVENT:
        *end = true;
        return 0;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return 0;
    }
    return 0;
}

/* Where libyaml gave up; of bytes that are no UTF-8 it tells the offset only. */
static yaml_mark_t problem_mark(const yaml_parser_t *parser, struct str text)
{
    if (parser->error != YAML_READER_ERROR)
        return parser->problem_mark;
    yaml_mark_t mark = {.index = parser->problem_offset};
    for (size_t i = 0; text.p && i < text.n && i < parser->problem_offset; i++) {
        mark.column = text.p[i] == '\n' ? 0 : mark.column + 1;
        mark.line += text.p[i] == '\n';
    }
    return mark;
}

static int run(yaml_parser_t *parser, struct str text, struct builder *b, struct err *err)
{
    for (bool end = false; !end;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return fail_at(b, err, ERR_INVALID, problem_mark(parser, text),
                           parser->problem ? parser->problem : "not YAML");
        int rc = take(b, &event, &end, err);
        yaml_event_delete(&event);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int yaml_parse_at(struct str text, struct arena *arena, struct yaml **ret,
                  struct yaml_mark *ret_at, struct err *err)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return err_set(err, ERR_LIMIT, "no memory for the YAML parser");
    struct builder b = {.arena = arena};
    b.tail = &b.first;
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.p ? text.p : ""),
                                 text.n);
    int rc = run(&parser, text, &b, err);
    yaml_parser_delete(&parser);
    if (rc == 0)
        *ret = b.first;
    else
        *ret_at = b.failed;
    return rc;
}

int yaml_parse(struct str text, struct arena *arena, struct yaml **ret, struct err *err)
{
    struct yaml_mark at = {0};
    if (yaml_parse_at(text, arena, ret, &at, err) == 0)
        return 0;
    return at.line ? err_at(err, "line %u, column %u", at.line, at.column) : -1;
}

struct yaml_mark yaml_mark_of(const struct yaml *node, bool key, size_t offset)
{
    if (!node)
        return (struct yaml_mark){0};
    struct yaml_mark at = key ? node->key_at : (struct yaml_mark){node->line, node->column};
    enum yaml_form form = key ? node->key_form : node->form;
    struct str text = key ? node->key : node->text;
    if (form != YAML_FORM_OTHER)
        at.column += (unsigned)characters(str_part(text, 0, offset)) +
                     (form == YAML_FORM_QUOTED && offset ? 1 : 0);
    return at;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    if (!map || map->type != YAML_MAP)
        return NULL;
    for (const struct yaml *y = map->child; y; y = y->next) {
        if (str_eq(y->key, str_of(key)))
            return y;
    }
    return NULL;
}

struct str yaml_text(const struct yaml *map, const char *key)
{
    const struct yaml *y = yaml_get(map, key);
    if (!y || y->type == YAML_LIST || y->type == YAML_MAP || y->type == YAML_NULL)
        return STR("");
    return y->text;
}
