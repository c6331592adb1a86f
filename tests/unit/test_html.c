#include "base/html.h"

#include "base/utf.h"
#include "t.h"

struct text {
    struct str in, want;
};

static void check(void (*write)(struct buf *, struct str), const struct text *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buf b = buf_new(4096);
        write(&b, c[i].in);
        t_str(buf_str(&b), c[i].want, "text", __FILE__, (int)i);
        buf_free(&b);
    }
}

#define X(words) "<span class=\"x\">" words "</span>"
#define MIX(words) "<span class=\"mix\">" words "</span>"

static void markup_is_text(void)
{
    const struct text cases[] = {
        {STR(""), STR("")},
        {STR("/owa/auth/x.aspx"), STR("/owa/auth/x.aspx")},
        {STR("<script>alert('1')</script>"),
         STR("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;")},
        {STR("\" onload=\"x"), STR("&quot; onload=&quot;x")},
        {STR("a&amp;b"), STR("a&amp;amp;b")},
        {STR("<!--]]>"), STR("&lt;!--]]&gt;")},
    };
    check(html_text, cases, sizeof cases / sizeof *cases);
    check(html_attribute, cases, sizeof cases / sizeof *cases);
}

static void what_is_not_seen_is_named(void)
{
    const struct text cases[] = {
        {STR("gpj\xe2\x80\xae"
             "exe"),
         STR("gpj" X("U+202E") "exe")},
        {STR("\xe2\x81\xa6\xe2\x81\xa9"), STR(X("U+2066") X("U+2069"))},
        {STR("a\0\n\x1b[2J"), STR("a" X("U+0000") X("U+000A") X("U+001B") "[2J")},
        {STR("\xc2\x9b"), STR(X("U+009B"))},
        {STR("a\xc2\xa0"
             "b\xc2\xad"
             "c"),
         STR("a" X("U+00A0") "b" X("U+00AD") "c")},
        {STR("\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x81\x81"),
         STR(X("U+200B") X("U+FEFF") X("U+E0041"))},
        {STR("\xe3\x85\xa4\xee\x80\x80"), STR(X("U+3164") X("U+E000"))},
        {STR("\xff"
             "a\xc0\xaf\xed\xa0\x80"),
         STR(X("\\xff") "a" X("\\xc0") X("\\xaf") X("\\xed") X("\\xa0") X("\\x80"))},
        {STR("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84"),
         STR("e\xcc\x81\xcc\x82" X("U+0303") X("U+0304"))},
        {STR("\xcc\x81"), STR(X("U+0301"))}, /* on nothing: it would stand on what is before */
        {STR("\xe3\x82\xb5\xe3\x83\xbc\xe3\x83\x90\xe3\x80\x80\xf0\x9f\x98\x80"),
         STR("\xe3\x82\xb5\xe3\x83\xbc\xe3\x83\x90\xe3\x80\x80\xf0\x9f\x98\x80")},
        {STR("\xd7\xa9\xd7\x9c"), STR("\xd7\xa9\xd7\x9c")}, /* Hebrew: themselves */
    };
    check(html_text, cases, sizeof cases / sizeof *cases);
}

static void a_letter_of_another_script_in_a_word_is_told(void)
{
    const struct text cases[] = {
        {STR("w\xd0\xb5"
             "b.aspx"),
         STR("w\xd0\xb5" MIX("U+0435") "b.aspx")},
        {STR("web.\xd0\xb0spx"), STR("web.\xd0\xb0" MIX("U+0430") "spx")},
        {STR("\xd0\xbf\xd0\xb0\xd0\xbf\xd0\xba\xd0\xb0/web"), /* a Russian word, another */
         STR("\xd0\xbf\xd0\xb0\xd0\xbf\xd0\xba\xd0\xb0/web")},
        {STR("caf\xc3\xa9 M\xc3\xbcller"), STR("caf\xc3\xa9 M\xc3\xbcller")},
        {STR("a\xef\xbd\x8f"
             "b"),
         STR("a\xef\xbd\x8f" MIX("U+FF4F") "b")},
    };
    check(html_text, cases, sizeof cases / sizeof *cases);
}

static void an_attribute_holds_no_element(void)
{
    const struct text cases[] = {
        {STR("\xe2\x80\xae'\"<\xff"), STR("[U+202E]&#39;&quot;&lt;[\\xff]")},
        {STR("w\xd0\xb5"
             "b"),
         STR("w\xd0\xb5[U+0435]b")},
        {STR("a\nb`"), STR("a[U+000A]b`")},
    };
    check(html_attribute, cases, sizeof cases / sizeof *cases);
}

static void ids_are_plain_and_differ(void)
{
    const struct text cases[] = {
        {STR("mail01.example-1_"), STR("mail01.2eexample-1_")},
        {STR("a b\""), STR("a.20b.22")},
        {STR("\xc3\xa9"), STR(".c3.a9")},
    };
    check(html_id, cases, sizeof cases / sizeof *cases);
}

/* Whatever the bytes are: no bare < but those of the spans, no quote, no control character. */
static void nothing_breaks_out(void)
{
    for (uint32_t i = 0; i < 1U << 16; i++) {
        char raw[4] = {(char)(i & 0xff), (char)(i >> 8), '<', '"'};
        struct buf b = buf_new(4096);
        html_attribute(&b, (struct str){raw, sizeof raw});
        struct str got = buf_str(&b);
        bool fine = utf8_valid(str_bytes(got));
        for (size_t k = 0; k < got.n; k++)
            fine = fine && (unsigned char)got.p[k] >= 0x20 && !strchr("<>\"'", got.p[k]);
        T_OK(fine);
        buf_free(&b);
    }
}

int main(void)
{
    T_RUN(markup_is_text);
    T_RUN(what_is_not_seen_is_named);
    T_RUN(a_letter_of_another_script_in_a_word_is_told);
    T_RUN(an_attribute_holds_no_element);
    T_RUN(ids_are_plain_and_differ);
    T_RUN(nothing_breaks_out);
    return t_done();
}
