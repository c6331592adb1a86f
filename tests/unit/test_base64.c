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

int main(void)
{
    T_RUN(decodes_both_alphabets);
    T_RUN(what_is_cut_off_gives_what_it_holds);
    return t_done();
}
