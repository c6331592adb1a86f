#include "format/evtx_binxml.h"

#include "t.h"

/* Fragment header, <ab c="x">, a text, a value, </>; the name "c" stands in front. */
static const uint8_t SAMPLE[] = {
    0,    0,    0,    0, 0,    0,    1, 0, 'c', 0,   0,    0, /* 0: the name "c" */
    0x0f, 1,    1,    0,                                      /* 12: header */
    0x41, 9,    9,    9, 9,    25,   0, 0, 0,                 /* 16: open, name at 25 */
    0,    0,    0,    0, 0,    0,    2, 0, 'a', 0,   'b',  0,    0, 0,
    14,   0,    0,    0,                                            /* 25: "ab"; attributes */
    0x06, 0,    0,    0, 0,    0x05, 1, 1, 0,   'x', 0,             /* 43: c="x" */
    0x02, 0x0e, 7,    0, 0x15, 0x07, 1, 0, '<', 0,   0x08, 0x41, 0, /* 54: value, CDATA, &#65; */
    0x04, 0x00, 0xff,                                               /* 67: end; not read */
};

static const struct bytes CHUNK = {SAMPLE, sizeof SAMPLE};

static void gives_the_tokens_in_order(void)
{
    static const struct {
        enum binxml_kind kind;
        const char *text;
    } want[] = {
        {BINXML_OPEN, "ab"},    {BINXML_ATTRIBUTE, "c"}, {BINXML_TEXT, "x"},
        {BINXML_CLOSE_TAG, ""}, {BINXML_VALUE, ""},      {BINXML_TEXT, "<"},
        {BINXML_TEXT, "A"},     {BINXML_END, ""},
    };
    struct binxml b = binxml_of(CHUNK, 12, sizeof SAMPLE, false);
    struct binxml_token tok;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        T_OK(binxml_next(&b, &tok));
        T_EQ(tok.kind, want[i].kind);
        T_OK(utf16_is(tok.text, want[i].text));
        if (tok.kind == BINXML_VALUE) {
            T_EQ(tok.value, 7);
            T_EQ(tok.type, 0x15);
            T_OK(tok.optional);
        }
    }
    T_OK(!binxml_next(&b, &tok));
    T_OK(!b.bad);
}

static void elements_of_a_definition_carry_a_dependency_id(void)
{
    static const uint8_t open[] = {0x01, 0xff, 0xff, 9, 9, 9, 9, 11,  0, 0, 0, 0,
                                   0,    0,    0,    0, 0, 1, 0, 'e', 0, 0, 0};
    struct binxml b = binxml_of((struct bytes){open, sizeof open}, 0, sizeof open, true);
    struct binxml_token tok;
    T_OK(binxml_next(&b, &tok));
    T_OK(utf16_is(tok.text, "e"));
    T_EQ(b.at, sizeof open);
}

/* The first token of these bytes is damage. */
static void refuse(struct bytes raw)
{
    struct binxml b = binxml_of(raw, 0, (uint32_t)raw.n, false);
    struct binxml_token tok;
    T_OK(!binxml_next(&b, &tok));
    T_OK(b.bad);
}

static void refuses_what_leaves_the_chunk(void)
{
    static const uint8_t far[] = {0x06, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t no_room[] = {0x06, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 'e', 0, 0};
    static const uint8_t head_only[] = {0x06, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t text[] = {0x05, 1, 2, 0, 'x', 0, 'y'};
    static const uint8_t entity[] = {0x09, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 'e', 0, 0, 0};
    static const uint8_t unknown[] = {0x10};
    static const uint8_t number[] = {0x05, 8, 0, 0};
    refuse((struct bytes){far, sizeof far});
    refuse((struct bytes){no_room, sizeof no_room});
    refuse((struct bytes){head_only, sizeof head_only});
    refuse((struct bytes){text, sizeof text});
    refuse((struct bytes){entity, sizeof entity});
    refuse((struct bytes){unknown, sizeof unknown});
    refuse((struct bytes){number, sizeof number});
    T_OK(binxml_of((struct bytes){far, sizeof far}, 2, 9, false).bad);
    T_OK(binxml_of((struct bytes){far, sizeof far}, 4, 2, false).bad);
}

static void read_all(struct bytes raw)
{
    struct binxml_token tok;
    for (unsigned in_template = 0; in_template < 2; in_template++)
        for (uint32_t at = 0; at <= raw.n; at++) {
            struct binxml b = binxml_of(raw, at, (uint32_t)raw.n, in_template);
            unsigned n = 0;
            while (binxml_next(&b, &tok))
                n++;
            T_OK(n <= raw.n); /* each token takes a byte or more */
        }
}

static void survives_every_truncation_and_start(void)
{
    t_each_prefix(CHUNK, read_all);
}

int main(void)
{
    T_RUN(gives_the_tokens_in_order);
    T_RUN(elements_of_a_definition_carry_a_dependency_id);
    T_RUN(refuses_what_leaves_the_chunk);
    T_RUN(survives_every_truncation_and_start);
    return t_done();
}
