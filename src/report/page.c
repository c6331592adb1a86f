#include "report/page.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"

/* --- words ------------------------------------------------------------------------------------ */

void page_raw(struct page *p, const char *markup)
{
    buf_add_cstr(p->out, markup);
}

void page_rawf(struct page *p, const char *markup, ...)
{
    enum { MARKUP_MAX = 512 };
    char text[MARKUP_MAX];
    va_list ap;
    va_start(ap, markup);
    int n = vsnprintf(text, sizeof text, markup,
                      ap); /* NOLINT(clang-analyzer-valist.Uninitialized) */
    va_end(ap);
    if (n > 0)
        buf_add(p->out, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* The longest beginning of at most `most` bytes that ends between characters. */
static struct str beginning(struct str text, size_t most)
{
    size_t n = text.n < most ? text.n : most;
    while (n < text.n && n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return str_part(text, 0, n);
}

/* Words of the language; what stands between grave accents is a command. */
static void put_words(struct page *p, struct str words)
{
    bool code = false;
    for (size_t at = 0; at < words.n;) {
        size_t end = str_find(words, STR("`"), at);
        html_text(p->out, str_part(words, at, end));
        if (end == SIZE_MAX)
            break;
        code = !code;
        page_raw(p, code ? "<code>" : "</code>");
        at = end + 1;
    }
    if (code)
        page_raw(p, "</code>");
}

void page_fill(struct page *p, const char *id, const struct hole_value *holes, size_t n)
{
    struct lang_piece piece;
    struct str text = lang_text(p->lang, id);
    for (size_t at = 0; lang_next(text, &at, &piece);) {
        if (!piece.hole) {
            put_words(p, piece.text);
            continue;
        }
        for (size_t i = 0; i < n; i++)
            if (str_eq(str_of(holes[i].name), piece.text))
                page_evidence(p, holes[i].value);
    }
}

void page_plain(struct page *p, const char *id, const struct hole_value *holes, size_t n)
{
    struct lang_piece piece;
    struct str text = lang_text(p->lang, id);
    for (size_t at = 0; lang_next(text, &at, &piece);) {
        struct str words = piece.hole ? STR("") : piece.text;
        for (size_t i = 0; piece.hole && i < n; i++)
            if (str_eq(str_of(holes[i].name), piece.text))
                words = beginning(holes[i].value, PAGE_TEXT);
        html_attribute(p->out, words);
    }
}

void page_say(struct page *p, const char *id)
{
    page_fill(p, id, NULL, 0);
}

void page_word(struct page *p, const char *head, struct str word)
{
    struct str words;
    if (lang_find(p->lang, head, word, &words))
        put_words(p, words);
    else
        page_evidence(p, word);
}

void page_count(struct page *p, const char *id, uint64_t n)
{
    PAGE_SAY(p, id, {"n", page_u64(p, n)});
}

void page_evidence(struct page *p, struct str text)
{
    struct str shown = beginning(text, PAGE_TEXT);
    page_raw(p, "<bdi>");
    html_text(p->out, shown);
    page_raw(p, "</bdi>");
    if (shown.n < text.n) {
        page_raw(p, " <i>");
        page_count(p, "cut", text.n - shown.n);
        page_raw(p, "</i>");
    }
}

void page_sentence(struct page *p, struct str english)
{
    struct str words;
    bool known = lang_sentence(p->lang, english, p->arena, &words);
    if (!known)
        page_raw(p, "<span lang=\"en\">");
    page_evidence(p, words);
    if (!known)
        page_raw(p, "</span>");
}

void page_prose(struct page *p, struct str english)
{
    struct str words;
    bool known = lang_sentence(p->lang, english, p->arena, &words);
    if (!known)
        page_raw(p, "<span lang=\"en\">");
    put_words(p, beginning(words, PAGE_TEXT));
    if (!known)
        page_raw(p, "</span>");
}

/* --- the document ----------------------------------------------------------------------------- */

struct str doc_text(const struct json *object, const char *key)
{
    const struct json *v = object ? json_get(object, key) : NULL;
    return v && v->type == JSON_STRING ? v->text : STR("");
}

uint64_t doc_number(const struct json *object, const char *key)
{
    const struct json *v = object ? json_get(object, key) : NULL;
    uint64_t n = 0;
    return v && v->type == JSON_NUMBER && num_u64(v->text, &n) ? n : 0;
}

bool doc_is(const struct json *object, const char *key, const char *word)
{
    return str_eq(doc_text(object, key), str_of(word));
}

bool doc_true(const struct json *object, const char *key)
{
    const struct json *v = object ? json_get(object, key) : NULL;
    return v && v->type == JSON_TRUE;
}

const struct json *doc_list(const struct json *object, const char *key)
{
    const struct json *v = object ? json_get(object, key) : NULL;
    return v && v->type == JSON_ARRAY ? v->child : NULL;
}

size_t doc_count(const struct json *object, const char *key)
{
    size_t n = 0;
    for (const struct json *v = doc_list(object, key); v; v = v->next)
        n++;
    return n;
}

instant doc_time(const struct json *object, const char *key)
{
    instant t = INSTANT_NONE;
    (void)instant_parse(doc_text(object, key), &t);
    return t;
}

struct str page_time(struct page *p, instant t)
{
    char text[INSTANT_TEXT];
    return arena_str(p->arena, instant_text_plain(t, text));
}

void page_put_time(struct page *p, instant t)
{
    if (t == INSTANT_NONE) {
        page_say(p, "time.unknown");
        return;
    }
    char text[INSTANT_TEXT];
    page_raw(p, "<time datetime=\"");
    html_attribute(p->out, instant_text(t, text));
    page_raw(p, "\">");
    html_text(p->out, instant_text_plain(t, text));
    page_raw(p, "</time>");
}

void page_put_span(struct page *p, instant from, instant to)
{
    if (from == INSTANT_NONE && to == INSTANT_NONE) {
        page_say(p, "time.unknown");
        return;
    }
    if (to == INSTANT_NONE || from / INSTANT_SECOND == to / INSTANT_SECOND) {
        page_put_time(p, from);
        return;
    }
    PAGE_SAY(p, "time.span",
             {"from",
              from == INSTANT_NONE ? lang_text(p->lang, "time.unknown") : page_time(p, from)},
             {"to", page_time(p, to)});
}

struct str page_u64(struct page *p, uint64_t n)
{
    return arena_printf(p->arena, "%llu", (unsigned long long)n);
}

void page_put_bytes(struct page *p, uint64_t n)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    enum { UNITS = sizeof units / sizeof *units, THOUSAND = 1000 };
    if (n < (uint64_t)10 * THOUSAND) {
        page_count(p, "bytes", n);
        return;
    }
    double size = (double)n / THOUSAND;
    size_t unit = 0;
    while (size >= THOUSAND && unit + 1 < UNITS) {
        size /= THOUSAND;
        unit++;
    }
    page_rawf(p, "%.1f %s", size, units[unit]);
}

void page_put_id(struct page *p, struct str id)
{
    bool linked = names_find(&p->linked, id) != SIZE_MAX;
    page_raw(p, linked ? "<a class=\"id\" href=\"#f-" : "<code class=\"id\">");
    if (linked) {
        html_id(p->out, id);
        page_raw(p, "\">");
    }
    html_text(p->out, id);
    page_raw(p, linked ? "</a>" : "</code>");
}

void page_put_ids(struct page *p, const struct json *ids, size_t most)
{
    size_t n = 0;
    for (const struct json *v = ids; v; v = v->next) {
        if (v->type != JSON_STRING || n++ >= most)
            continue;
        if (n > 1)
            page_raw(p, " ");
        page_put_id(p, v->text);
    }
    if (n > most) {
        page_raw(p, " ");
        page_count(p, "more", n - most);
    }
}
