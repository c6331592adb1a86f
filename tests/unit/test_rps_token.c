#include "event/rps_token.h"

#include "t.h"

/* V 1 0, T Windows, C 0, A Kerberos, L adele@example.org, U S-1-5-21-1-2-3-500, G ... */
#define TOKEN                                                                              \
    "VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTBFhZGVsZUBleGFtcGxlLm9yZ1USUy0xLTUtMjEtMS0yLTMtNTAw" \
    "RwEAAAA="

static void names_the_account(void)
{
    struct arena *a = arena_new();
    struct rps_token t;
    T_OK(rps_token_parse(STR(TOKEN), a, &t));
    T_STR(t.type, "Windows");
    T_STR(t.auth, "Kerberos");
    T_STR(t.user, "adele@example.org");
    T_STR(t.sid, "S-1-5-21-1-2-3-500");
    T_OK(rps_token_parse(
        STR("VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTBFhZGVsZUBleGFtcGxlLm9yZw%3D%3D"), a, &t));
    T_STR(t.user, "adele@example.org"); /* cut behind the name, escaped */
    T_STR(t.sid, "");
    arena_free(a);
}

static void other_texts_are_none(void)
{
    struct arena *a = arena_new();
    struct rps_token t;
    T_OK(!rps_token_parse(STR(""), a, &t));
    T_OK(!rps_token_parse(STR("not base64!"), a, &t));
    T_OK(!rps_token_parse(STR("Zm9vYmFy"), a, &t));
    T_OK(!rps_token_parse(STR("VgEA"), a, &t));
    T_OK(!rps_token_parse(STR("VgEAVP9X"), a, &t)); /* a length beyond the end */
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct rps_token t;
    if (rps_token_parse((struct str){(const char *)data.p, data.n}, a, &t))
        T_OK(t.user.n + t.sid.n <= 3 * data.n);
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] = TOKEN;
    struct bytes b = {(const uint8_t *)text, sizeof text - 1};
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 1; bit < 256; bit <<= 1) {
            text[i] = (char)(text[i] ^ bit);
            walk(b);
            text[i] = (char)(text[i] ^ bit);
        }
}

int main(void)
{
    T_RUN(names_the_account);
    T_RUN(other_texts_are_none);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
