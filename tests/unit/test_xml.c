#include "format/xml.h"
#include "t.h"

#include "base/buf.h"

static struct arena *a;

/* All items in one line: "<name a=v>", "</name>", "text|"; "!message" where it is no XML. */
static struct str told(struct bytes file)
{
    struct buf out = buf_new(1 << 16);
    struct xml *x = xml_open(file, a);
    struct xml_item it;
    struct err err = {0};
    int got;
    uint64_t last = 0;
    while ((got = xml_next(x, a, &it, &err)) > 0) {
        T_OK(it.offset >= last && it.offset + it.size <= file.n);
        last = it.offset + it.size;
        if (it.kind == XML_TEXT)
            buf_addf(&out, "%.*s|", STR_ARG(it.text));
        else
            buf_addf(&out, it.kind == XML_OPEN ? "<%.*s" : "</%.*s", STR_ARG(it.name));
        for (size_t i = 0; i < it.n_attributes; i++)
            buf_addf(&out, " %.*s=%.*s", STR_ARG(it.attributes[i].name),
                     STR_ARG(it.attributes[i].value));
        if (it.kind != XML_TEXT)
            buf_add_cstr(&out, ">");
    }
    if (got < 0)
        buf_addf(&out, "!%s", err.msg);
    T_EQ(xml_next(x, a, &it, &err), 0);
    T_OK(xml_offset(x) <= file.n);
    struct str ret = arena_str(a, buf_str(&out));
    buf_free(&out);
    return ret;
}

static struct str read_text(const char *text)
{
    return told(str_bytes(str_of(text)));
}

static void elements_attributes_and_text(void)
{
    T_STR(read_text("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- <x> --><a b = 'c'\n d=\"e f\">\n"
                    " <t:n/>x &lt; y<![CDATA[ <&z ]]></a>\n"),
          "<a b=c d=e f><n></n>x < y| <&z |</a>");
    T_STR(read_text("<a/>"), "<a></a>");
    T_STR(read_text("<!DOCTYPE a><a/>\0\0"), "<a></a>");
}

static void entities(void)
{
    T_STR(read_text("<a b='&amp;&quot;&apos;&gt;&#65;&#x20AC;'/>"),
          "<a b=&\"'>A\xe2\x82\xac></a>");
    T_STR(read_text("<a b='&nbsp;&#xD800;&#x110000;&;&#;&amp'/>"),
          "<a b=&nbsp;&#xD800;&#x110000;&;&#;&amp></a>");
}

static void what_is_no_xml_is_told_behind_what_is(void)
{
    static const char *const cases[][2] = {
        {"", "!no XML from here on: there is no element"},
        {"x", "!no XML from here on: text before any element"},
        {"<a><b></a>", "<a><b>!no XML from here on: the end of an element that was not begun"},
        {"<a><b/>", "<a><b></b>!no XML from here on: it ends inside an element"},
        {"<a/><b/>", "<a></a>!no XML from here on: a second root element"},
        {"<a/>x", "<a></a>!no XML from here on: text behind the last element"},
        {"<a b>", "!no XML from here on: an attribute without a value"},
        {"<a b=c>", "!no XML from here on: an attribute's value without quotes"},
        {"<a b='c>", "!no XML from here on: an attribute's value that does not end"},
        {"<a b='' b=''>", "!no XML from here on: an attribute given twice"},
        {"<a b=''", "!no XML from here on: an element's mark that does not end"},
        {"<a><!-- ", "<a>!no XML from here on: a comment without end"},
        {"<a><![CDATA[ ", "<a>!no XML from here on: CDATA without end"},
        {"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
         "!no XML from here on: a document type with declarations of its own"},
        {"</a>", "!no XML from here on: the end of an element that was not begun"},
        {"<a>< b/></a>", "<a>!no XML from here on: a mark without a name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        t_str(read_text(cases[i][0]), str_of(cases[i][1]), cases[i][0], __FILE__, __LINE__);
}

static void offsets_are_those_of_the_file(void)
{
    static const char wide[] =
        "\xff\xfe<\0a\0>\0<\0b\0 \0c\0=\0'\0\xac\x20'\0/\0>\0<\0/\0a\0>\0";
    struct xml *x = xml_open((struct bytes){(const uint8_t *)wide, sizeof wide - 1}, a);
    struct xml_item it;
    struct err err = {0};
    T_EQ(xml_next(x, a, &it, &err), 1);
    T_EQ(it.offset, 2);
    T_EQ(it.size, 6);
    T_EQ(xml_next(x, a, &it, &err), 1);
    T_EQ(it.offset, 8);
    T_EQ(it.size, 20);
    T_EQ(it.depth, 1);
    T_STR(xml_attribute(&it, "C"), "\xe2\x82\xac");
    T_STR(xml_attribute(&it, "d"), "");
    static const char big[] = "\xfe\xff\0<\0a\0/\0>";
    T_STR(told((struct bytes){(const uint8_t *)big, sizeof big - 1}), "<a></a>");
    static const char ansi[] = "<a b='\xe4'/><!---->";
    x = xml_open((struct bytes){(const uint8_t *)ansi, sizeof ansi - 1}, a);
    T_EQ(xml_next(x, a, &it, &err), 1);
    T_STR(it.attributes[0].value, "\xc3\xa4");
    T_EQ(it.size, 10);
}

static void depth_and_sizes_have_limits(void)
{
    struct buf deep = buf_new(1 << 20);
    for (int i = 0; i < XML_DEPTH_MAX; i++)
        buf_add_cstr(&deep, "<a>");
    T_OK(str_find(told(str_bytes(buf_str(&deep))), STR("ends inside"), 0) != SIZE_MAX);
    buf_add_cstr(&deep, "<a>");
    T_OK(str_find(told(str_bytes(buf_str(&deep))), STR("too deep"), 0) != SIZE_MAX);
    buf_clear(&deep);
    buf_add_cstr(&deep, "<a");
    for (int i = 0; i <= XML_ATTRIBUTES_MAX; i++)
        buf_addf(&deep, " a%d=''", i);
    buf_add_cstr(&deep, "/>");
    T_OK(str_find(told(str_bytes(buf_str(&deep))), STR("too many attributes"), 0) != SIZE_MAX);
    buf_free(&deep);
}

static void walk(struct bytes data)
{
    struct arena *before = a;
    a = arena_new();
    (void)told(data);
    arena_free(a);
    a = before;
}

static void survives_truncation_and_flips(void)
{
    static char text[] = "<?xml version='1.0'?><!-- c --><a b='&#x41;&amp;'>\n<n:c d=\"e\"/>"
                         "t &lt;<![CDATA[x]]></a>";
    static char wide[] = "\xff\xfe<\0a\0 \0b\0=\0'\0&\0l\0t\0;\0'\0>\0x\0<\0/\0a\0>\0";
    struct bytes all[] = {{(const uint8_t *)text, sizeof text - 1},
                          {(const uint8_t *)wide, sizeof wide - 1}};
    char *bytes[] = {text, wide};
    for (int k = 0; k < 2; k++) {
        t_each_prefix(all[k], walk);
        for (size_t i = 0; i < all[k].n * 8; i++) {
            bytes[k][i / 8] = (char)(bytes[k][i / 8] ^ (1 << i % 8));
            walk(all[k]);
            bytes[k][i / 8] = (char)(bytes[k][i / 8] ^ (1 << i % 8));
        }
    }
}

int main(void)
{
    a = arena_new();
    T_RUN(elements_attributes_and_text);
    T_RUN(entities);
    T_RUN(what_is_no_xml_is_told_behind_what_is);
    T_RUN(offsets_are_those_of_the_file);
    T_RUN(depth_and_sizes_have_limits);
    T_RUN(survives_truncation_and_flips);
    arena_free(a);
    return t_done();
}
