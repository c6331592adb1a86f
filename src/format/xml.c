#include "format/xml.h"

#include "base/utf.h"

struct xml {
    struct str text; /* as UTF-8 */
    size_t at;
    unsigned depth;
    struct str open[XML_DEPTH_MAX]; /* names with prefixes, of the elements around */
    bool closing;                   /* the element given last ended with "/>" */
    bool begun, done;
    /* Where in the file `counted` of the text lies: offsets only grow. */
    unsigned unit; /* bytes of a character unit in the file: 1, or 2 of UTF-16 */
    bool ansi;     /* each character of the text is one byte of the file */
    size_t counted;
    uint64_t counted_offset;
};

static struct str swapped(struct bytes raw, struct arena *arena)
{
    uint8_t *le = ARENA_ARRAY(arena, uint8_t, raw.n & ~(size_t)1);
    for (size_t i = 0; i + 1 < raw.n; i += 2) {
        le[i] = raw.p[i + 1];
        le[i + 1] = raw.p[i];
    }
    return utf16le_decode((struct bytes){le, raw.n & ~(size_t)1}, arena);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A text's end is where its content ends: files are filled up with zeros. */
static struct str without_tail(struct str s)
{
    while (s.n && (is_space(s.p[s.n - 1]) || s.p[s.n - 1] == '\0'))
        s.n--;
    return s;
}

static struct str decode(struct xml *x, struct bytes file, struct arena *arena)
{
    bool big = file.n >= 2 && file.p[0] == 0xfe && file.p[1] == 0xff;
    bool little = file.n >= 2 && file.p[0] == 0xff && file.p[1] == 0xfe;
    x->unit = 1;
    if (big || utf16le_looks(file)) {
        size_t skip = big || little ? 2 : 0;
        struct bytes body = {file.p + skip, file.n - skip};
        x->unit = 2;
        x->counted_offset = skip;
        return big ? swapped(body, arena) : utf16le_decode(body, arena);
    }
    size_t bom = file.n >= 3 && memcmp(file.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    struct bytes body = {file.n ? file.p + bom : (const uint8_t *)"", file.n - bom};
    x->ansi = !utf8_valid(body);
    x->counted_offset = bom;
    return utf8_or_ansi(body, arena);
}

struct xml *xml_open(struct bytes file, struct arena *arena)
{
    struct xml *x = ARENA_NEW(arena, struct xml);
    x->text = without_tail(decode(x, file, arena));
    return x;
}

/* Bytes in the file of the character at `at`; *ret_step its bytes in the text. */
static unsigned char_size(const struct xml *x, size_t at, size_t *ret_step)
{
    uint32_t c;
    size_t n = utf8_at(x->text.p + at, x->text.n - at, &c);
    *ret_step = n ? n : 1;
    if (x->ansi)
        return 1;
    return x->unit == 1 ? (unsigned)*ret_step : n == 4 ? 4 : 2;
}

/* Of a place at or behind the one asked for last. */
static uint64_t offset_of(struct xml *x, size_t at)
{
    if (x->unit == 1 && !x->ansi) {
        x->counted_offset += at - x->counted;
        x->counted = at;
    }
    while (x->counted < at) {
        size_t step;
        x->counted_offset += char_size(x, x->counted, &step);
        x->counted += step;
    }
    return x->counted_offset;
}

uint64_t xml_offset(struct xml *x)
{
    return offset_of(x, x->at < x->counted ? x->counted : x->at);
}

static int wrong(struct xml *x, struct err *err, enum err_code code, const char *what)
{
    x->done = true;
    return err_set(err, code, "no XML from here on: %s", what);
}

static void skip_space(struct xml *x)
{
    while (x->at < x->text.n && is_space(x->text.p[x->at]))
        x->at++;
}

static bool starts(const struct xml *x, struct str word)
{
    return str_starts(str_part(x->text, x->at, x->text.n), word);
}

static bool is_name_char(char c)
{
    return !is_space(c) && c != '/' && c != '>' && c != '<' && c != '=' && c != '"' &&
           c != '\'' && c != '&' && c != '?' && c != '!';
}

static struct str take_name(struct xml *x)
{
    size_t from = x->at;
    while (x->at < x->text.n && is_name_char(x->text.p[x->at]))
        x->at++;
    return str_part(x->text, from, x->at);
}

static struct str without_prefix(struct str name)
{
    size_t colon = str_find(name, STR(":"), 0);
    return colon == SIZE_MAX || colon + 1 == name.n ? name : str_part(name, colon + 1, name.n);
}

/* --- entities ------------------------------------------------------------------------------- */

/* The code point of "amp", "#65", "#x41"; 0 if it is none. */
static uint32_t entity_of(struct str name)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(name, str_of(known[i].name)))
            return (uint32_t)(unsigned char)known[i].c;
    if (name.n < 2 || name.p[0] != '#')
        return 0;
    bool hex = name.p[1] == 'x' || name.p[1] == 'X';
    uint32_t v = 0;
    for (size_t i = hex ? 2 : 1; i < name.n; i++) {
        char c = ascii_lower(name.p[i]);
        bool digit = c >= '0' && c <= '9';
        if (!digit && !(hex && c >= 'a' && c <= 'f'))
            return 0;
        v = v * (hex ? 16 : 10) + (uint32_t)(digit ? c - '0' : c - 'a' + 10);
        if (v > 0x10ffff)
            return 0;
    }
    return v >= 0xd800 && v <= 0xdfff ? 0 : v;
}

/* Text with its entities replaced; those that nothing explains stay as they are. */
static struct str unescape(struct str s, struct arena *arena)
{
    enum { ENTITY_MAX = 10 };
    if (!memchr(s.n ? s.p : "", '&', s.n))
        return s;
    char *out = ARENA_ARRAY(arena, char, s.n); /* no entity is shorter than its character */
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        size_t end = s.p[i] == '&' ? str_find(str_part(s, 0, i + ENTITY_MAX + 2), STR(";"), i)
                                   : SIZE_MAX;
        uint32_t c = end == SIZE_MAX ? 0 : entity_of(str_part(s, i + 1, end));
        if (c == 0) {
            out[n++] = s.p[i++];
            continue;
        }
        n += utf8_put(out + n, c);
        i = end + 1;
    }
    return (struct str){out, n};
}

/* --- marks ---------------------------------------------------------------------------------- */

/* Behind the next `end`; false if there is none. */
static bool skip_past(struct xml *x, struct str end)
{
    size_t at = str_find(x->text, end, x->at);
    if (at == SIZE_MAX)
        return false;
    x->at = at + end.n;
    return true;
}

static bool has_attribute(const struct xml_attribute *all, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].name, name))
            return true;
    return false;
}

static int take_value(struct xml *x, struct str *ret, struct err *err)
{
    skip_space(x);
    if (x->at >= x->text.n || x->text.p[x->at] != '=')
        return wrong(x, err, ERR_CORRUPT, "an attribute without a value");
    x->at++;
    skip_space(x);
    char quote = x->at < x->text.n ? x->text.p[x->at] : '\0';
    if (quote != '"' && quote != '\'')
        return wrong(x, err, ERR_CORRUPT, "an attribute's value without quotes");
    const char *end = (const char *)memchr(x->text.p + x->at + 1, quote, x->text.n - x->at - 1);
    if (!end)
        return wrong(x, err, ERR_CORRUPT, "an attribute's value that does not end");
    size_t to = (size_t)(end - x->text.p);
    if (to - x->at > XML_TEXT_MAX)
        return wrong(x, err, ERR_LIMIT, "an attribute's value of more than a megabyte");
    *ret = str_part(x->text, x->at + 1, to);
    x->at = to + 1;
    return 0;
}

static int take_attributes(struct xml *x, struct arena *arena, struct xml_item *ret,
                           struct err *err)
{
    struct xml_attribute *all = NULL;
    size_t n = 0;
    size_t cap = 0;
    for (;;) {
        skip_space(x);
        struct str value;
        struct str name = take_name(x);
        if (name.n == 0)
            break;
        if (n == XML_ATTRIBUTES_MAX)
            return wrong(x, err, ERR_LIMIT, "an element with too many attributes");
        if (has_attribute(all, n, name))
            return wrong(x, err, ERR_CORRUPT, "an attribute given twice");
        if (take_value(x, &value, err) < 0)
            return -1;
        all = arena_grow(arena, all, n, &cap, sizeof *all);
        all[n++] = (struct xml_attribute){name, unescape(value, arena)};
    }
    ret->attributes = all;
    ret->n_attributes = n;
    return 0;
}

/* Behind "<". */
static int take_open(struct xml *x, struct arena *arena, struct xml_item *ret, struct err *err)
{
    struct str name = take_name(x);
    if (name.n == 0)
        return wrong(x, err, ERR_CORRUPT, "a mark without a name");
    if (x->depth == XML_DEPTH_MAX)
        return wrong(x, err, ERR_LIMIT, "elements too deep in each other");
    ret->kind = XML_OPEN;
    ret->name = without_prefix(name);
    if (take_attributes(x, arena, ret, err) < 0)
        return -1;
    x->closing = starts(x, STR("/>"));
    if (!x->closing && !starts(x, STR(">")))
        return wrong(x, err, ERR_CORRUPT, "an element's mark that does not end");
    x->at += x->closing ? 2 : 1;
    x->open[x->depth++] = name;
    x->begun = true;
    return 1;
}

static int take_close(struct xml *x, struct xml_item *ret, struct err *err)
{
    struct str name = take_name(x);
    skip_space(x);
    if (!starts(x, STR(">")))
        return wrong(x, err, ERR_CORRUPT, "an end mark that does not end");
    if (x->depth == 0 || !str_eq(name, x->open[x->depth - 1]))
        return wrong(x, err, ERR_CORRUPT, "the end of an element that was not begun");
    x->at++;
    x->depth--;
    ret->kind = XML_CLOSE;
    ret->name = without_prefix(name);
    ret->depth = x->depth;
    return 1;
}

/* <?...?>, <!--...-->, <!DOCTYPE ...>: 1 skipped, 0 it is none of them. */
static int skip_other(struct xml *x, struct err *err)
{
    if (starts(x, STR("<?")))
        return skip_past(x, STR("?>")) ? 1 : wrong(x, err, ERR_CORRUPT, "\"<?\" without end");
    if (starts(x, STR("<!--")))
        return skip_past(x, STR("-->")) ? 1
                                        : wrong(x, err, ERR_CORRUPT, "a comment without end");
    if (!starts(x, STR("<!DOCTYPE")))
        return 0;
    size_t from = x->at;
    if (!skip_past(x, STR(">")))
        return wrong(x, err, ERR_CORRUPT, "a document type without end");
    if (str_find(str_part(x->text, from, x->at), STR("["), 0) == SIZE_MAX)
        return 1;
    return wrong(x, err, ERR_CORRUPT, "a document type with declarations of its own");
}

static bool is_blank(struct str s)
{
    return str_trim(s).n == 0;
}

static int take_text(struct xml *x, size_t from, size_t to, bool raw, struct arena *arena,
                     struct xml_item *ret, struct err *err)
{
    struct str text = str_part(x->text, from, to);
    if (to - from > XML_TEXT_MAX)
        return wrong(x, err, ERR_LIMIT, "a text of more than a megabyte");
    if (x->depth == 0)
        return wrong(x, err, ERR_CORRUPT,
                     x->begun ? "text behind the last element" : "text before any element");
    ret->kind = XML_TEXT;
    ret->text = raw ? text : unescape(text, arena);
    return 1;
}

/* Text up to the next mark, or CDATA: 1 an item, 0 there is a mark. */
static int next_text(struct xml *x, struct arena *arena, struct xml_item *ret, struct err *err)
{
    size_t from = x->at;
    if (starts(x, STR("<![CDATA["))) {
        from += sizeof "<![CDATA[" - 1;
        x->at = from;
        if (!skip_past(x, STR("]]>")))
            return wrong(x, err, ERR_CORRUPT, "CDATA without end");
        return take_text(x, from, x->at - 3, true, arena, ret, err);
    }
    if (x->at < x->text.n && x->text.p[x->at] == '<')
        return 0;
    size_t to = str_find(x->text, STR("<"), x->at);
    to = to == SIZE_MAX ? x->text.n : to;
    x->at = to;
    if (is_blank(str_part(x->text, from, to)))
        return 0;
    int got = take_text(x, from, to, false, arena, ret, err);
    if (got < 0)
        x->at = from;
    return got;
}

static int at_end(struct xml *x, struct err *err)
{
    x->done = true;
    if (x->depth)
        return wrong(x, err, ERR_CORRUPT, "it ends inside an element");
    return x->begun ? 0 : wrong(x, err, ERR_CORRUPT, "there is no element");
}

static int next_item(struct xml *x, struct arena *arena, struct xml_item *ret, struct err *err)
{
    for (;;) {
        size_t from = x->at;
        if (x->depth == 0)
            skip_space(x);
        if (x->at >= x->text.n)
            return at_end(x, err);
        ret->offset = from;
        int got = next_text(x, arena, ret, err);
        if (got != 0)
            return got;
        got = x->at < x->text.n ? skip_other(x, err) : 1;
        if (got < 0)
            return got;
        if (got > 0)
            continue;
        ret->offset = x->at++;
        if (starts(x, STR("/"))) {
            x->at++;
            return take_close(x, ret, err);
        }
        if (x->depth == 0 && x->begun)
            return wrong(x, err, ERR_CORRUPT, "a second root element");
        return take_open(x, arena, ret, err);
    }
}

int xml_next(struct xml *x, struct arena *arena, struct xml_item *ret, struct err *err)
{
    struct xml_item item = {.name = STR(""), .text = STR(""), .depth = x->depth};
    if (x->done)
        return 0;
    if (x->closing) {
        x->closing = false;
        x->depth--;
        item.kind = XML_CLOSE;
        item.name = without_prefix(x->open[x->depth]);
        item.depth = x->depth;
        item.offset = xml_offset(x);
        *ret = item;
        return 1;
    }
    int got = next_item(x, arena, &item, err);
    if (got <= 0)
        return got;
    item.offset = offset_of(x, (size_t)item.offset);
    item.size = xml_offset(x) - item.offset;
    *ret = item;
    return 1;
}

struct str xml_attribute(const struct xml_item *item, const char *name)
{
    for (size_t i = 0; i < item->n_attributes; i++)
        if (str_ieq(item->attributes[i].name, str_of(name)))
            return item->attributes[i].value;
    return STR("");
}
