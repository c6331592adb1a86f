#include "base/html.h"

#include "base/safe.h"
#include "base/utf.h"

/* Not seen, or seen as something else, beside those of safe_is_deceptive.
 * Source: Unicode 15.1, DerivedCoreProperties.txt (Default_Ignorable_Code_Point), PropList.txt
 * (White_Space), noncharacters and private use of chapter 23. */
static bool is_unseen(uint32_t cp)
{
    static const struct utf_range unseen[] = {
        {0x00, 0x1f},       {0x7f, 0xa0},       {0xad, 0xad},        {0x34f, 0x34f},
        {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},    {0x180b, 0x180f},
        {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},    {0x2800, 0x2800},
        {0x3164, 0x3164},   {0xe000, 0xf8ff},   {0xfdd0, 0xfdef},    {0xfe00, 0xfe0f},
        {0xffa0, 0xffa0},   {0xfff0, 0xfffc},   {0xfffe, 0xffff},    {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
    };
    return utf_is_in(unseen, sizeof unseen / sizeof *unseen, cp) || safe_is_deceptive(cp) ||
           (cp & 0xfffe) == 0xfffe;
}

static bool is_latin(uint32_t cp)
{
    return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
}

/* Letters of scripts of which some look like Latin ones, and Latin ones in disguise.
 * Source: Unicode Technical Standard 39, confusables.txt: the blocks it draws on most. */
static bool is_lookalike(uint32_t cp)
{
    static const struct utf_range blocks[] = {
        {0x250, 0x2af},   {0x370, 0x52f},     {0x531, 0x587},     {0x13a0, 0x13ff},
        {0x1c80, 0x1c8f}, {0x1d00, 0x1d7f},   {0x1f00, 0x1fff},   {0x2100, 0x218f},
        {0x2c80, 0x2cff}, {0xa640, 0xa69f},   {0xab30, 0xabbf},   {0xff21, 0xff3a},
        {0xff41, 0xff5a}, {0x10400, 0x1044f}, {0x1d400, 0x1d7ff},
    };
    return utf_is_in(blocks, sizeof blocks / sizeof *blocks, cp) && !safe_is_mark(cp);
}

/* A text that is being looked through. */
struct walk {
    struct str text;
    size_t word_end;  /* of the word that was looked at last */
    bool word_mixed;  /* it has Latin letters and others */
    unsigned accents; /* in a row */
};

/* Whether the word that begins at `at`, a run of letters, has Latin ones and others. */
static void look_at_word(struct walk *w, size_t at)
{
    bool latin = false;
    bool other = false;
    w->word_end = at;
    while (w->word_end < w->text.n) {
        uint32_t cp = 0;
        size_t len = utf8_at(w->text.p + w->word_end, w->text.n - w->word_end, &cp);
        bool known = len && (is_latin(cp) || is_lookalike(cp));
        if (!known)
            break;
        latin = latin || is_latin(cp);
        other = other || !is_latin(cp);
        w->word_end += len;
    }
    w->word_mixed = latin && other;
}

static bool is_mixed_in(struct walk *w, size_t at, uint32_t cp)
{
    if (!is_lookalike(cp) && !is_latin(cp))
        return false;
    if (at >= w->word_end)
        look_at_word(w, at);
    return w->word_mixed && is_lookalike(cp);
}

/* One of the five characters with a meaning in HTML; NULL: it has none. */
static const char *reference(uint32_t cp)
{
    return cp == '&'    ? "&amp;"
           : cp == '<'  ? "&lt;"
           : cp == '>'  ? "&gt;"
           : cp == '"'  ? "&quot;"
           : cp == '\'' ? "&#39;"
                        : NULL;
}

struct shape { /* how what cannot be shown as it is stands in the text */
    const char *unseen, *mixed, *end;
};

static void put_character(struct buf *out, const char *p, size_t len, uint32_t cp)
{
    if (reference(cp))
        buf_add_cstr(out, reference(cp));
    else
        buf_add(out, p, len);
}

static void put(struct buf *out, struct str text, const struct shape *shape)
{
    struct walk w = {.text = text};
    for (size_t at = 0; at < text.n;) {
        uint32_t cp = 0;
        size_t len = utf8_at(text.p + at, text.n - at, &cp);
        w.accents = len && safe_is_mark(cp) ? w.accents + 1 : 0;
        if (len == 0) {
            buf_addf(out, "%s\\x%02x%s", shape->unseen, (unsigned)(unsigned char)text.p[at],
                     shape->end);
        } else if (is_unseen(cp) || w.accents > 2 || (w.accents && at == 0)) {
            buf_addf(out, "%sU+%04X%s", shape->unseen, (unsigned)cp, shape->end);
        } else {
            put_character(out, text.p + at, len, cp);
            if (is_mixed_in(&w, at, cp))
                buf_addf(out, "%sU+%04X%s", shape->mixed, (unsigned)cp, shape->end);
        }
        at += len ? len : 1;
    }
}

void html_text(struct buf *out, struct str text)
{
    static const struct shape spans = {"<span class=\"x\">", "<span class=\"mix\">", "</span>"};
    put(out, text, &spans);
}

void html_attribute(struct buf *out, struct str text)
{
    static const struct shape brackets = {"[", "[", "]"};
    put(out, text, &brackets);
}

void html_id(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool plain =
            (c >= '0' && c <= '9') || is_latin((unsigned char)c) || c == '-' || c == '_';
        if (plain)
            buf_add_char(out, c);
        else
            buf_addf(out, ".%02x", (unsigned)(unsigned char)c);
    }
}
