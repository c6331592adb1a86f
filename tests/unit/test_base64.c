#include "base/base64.h"

#include "t.h"

static struct str decoded(const char *text, struct arena *a)
{
    struct bytes b = base64_decode(str_of(text), a);
    return (struct str){(const char *)b.p, b.n};
}

static void decodes_both_alphabets(void)
{
    struct arena *a = arena_new();
    T_STR(decoded("", a), "");
    T_STR(decoded("Zg==", a), "f");
    T_STR(decoded("Zm8=", a), "fo");
    T_STR(decoded("Zm9vYmFy", a), "foobar");
    T_STR(decoded("Pj8+Pz8_Pj4-", a), ">?>??\?>>>");
    T_STR(decoded("Zm9v=YmFy", a), "foo");
    arena_free(a);
}

static void what_is_cut_off_gives_what_it_holds(void)
{
    struct arena *a = arena_new();
    T_STR(decoded("Zm9vYmF", a), "fooba");
    T_STR(decoded("Z", a), "");
    T_STR(decoded("Zm9v Ym", a), ""); /* no Base64 */
    arena_free(a);
}

static void encodes_what_it_decodes(void)
{
    struct arena *a = arena_new();
    uint8_t data[64];
    char text[BASE64_ROOM(sizeof data)];
    for (size_t n = 0; n <= sizeof data; n++) {
        for (size_t i = 0; i < n; i++)
            data[i] = (uint8_t)(i * 37 + n);
        base64_encode((struct bytes){data, n}, text);
        T_EQ(strlen(text) + 1, BASE64_ROOM(n));
        T_OK(bytes_eq(base64_decode(str_of(text), a), (struct bytes){data, n}));
    }
    base64_encode(str_bytes(STR("foob")), text);
    T_STR(str_of(text), "Zm9vYg==");
    arena_free(a);
}

int main(void)
{
    T_RUN(encodes_what_it_decodes);
    T_RUN(decodes_both_alphabets);
    T_RUN(what_is_cut_off_gives_what_it_holds);
    return t_done();
}
