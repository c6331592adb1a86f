#include "base/digest.h"

#include "t.h"

/* Source: FIPS 180-2, appendix B. */
static void known_digests(void)
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    sha256((struct bytes){NULL, 0}, digest);
    sha256_text(digest, text);
    T_STR(str_of(text), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256(str_bytes(STR("abc")), digest);
    sha256_text(digest, text);
    T_STR(str_of(text), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static struct str id(const struct str *parts, size_t n)
{
    static char text[ID_TEXT];
    id_of(parts, n, text);
    return str_of(text);
}

/* An id is a promise: cases and reports of earlier versions hold it. */
static void ids_stay(void)
{
    T_STR(id((const struct str[]){STR("abc")}, 1), "dc1114cd0749");
    T_STR(id((const struct str[]){STR("finding"), STR(""), STR("1:2")}, 3), "224f69f20289");
    T_STR(id(NULL, 0), "e3b0c44298fc");
}

static void parts_do_not_run_together(void)
{
    const struct str cases[][2] = {
        {STR("ab"), STR("c")}, {STR("a"), STR("bc")}, {STR(""), STR("abc")},
        {STR("abc"), STR("")}, {STR("c"), STR("ab")},
    };
    enum { N = sizeof cases / sizeof *cases };
    char ids[N][ID_TEXT];
    for (size_t i = 0; i < N; i++)
        id_of(cases[i], 2, ids[i]);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < i; k++)
            T_OK(strcmp(ids[i], ids[k]) != 0);
    struct str null[] = {{NULL, 0}, STR("abc")};
    T_OK(str_eq(id(null, 2), str_of(ids[2])));
}

/* However long the parts are, the id is that of all their bytes, each part with its end. */
static void ids_of_long_parts(void)
{
    static const size_t lengths[] = {0, 1, 255, 510, 511, 512, 513, 1200};
    enum { N = sizeof lengths / sizeof *lengths, MOST = 1200 };
    static char text[MOST];
    static uint8_t all[2 * MOST + 2];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < (size_t)N * N; i++) {
        const struct str parts[] = {{text, lengths[i / N]}, {text, lengths[i % N]}};
        uint8_t digest[SHA256_SIZE];
        char whole[SHA256_TEXT];
        memset(all, 'x', sizeof all);
        all[parts[0].n] = 0;
        all[parts[0].n + 1 + parts[1].n] = 0;
        sha256((struct bytes){all, parts[0].n + parts[1].n + 2}, digest);
        sha256_text(digest, whole);
        T_OK(str_eq(id(parts, 2), (struct str){whole, ID_TEXT - 1}));
    }
}

static void in_pieces(void)
{
    struct bytes text = str_bytes(STR("The quick brown fox jumps over the lazy dog"));
    uint8_t whole[SHA256_SIZE];
    uint8_t pieces[SHA256_SIZE];
    sha256(text, whole);
    for (size_t cut = 0; cut <= text.n; cut++) {
        struct sha256_run *run = sha256_start();
        sha256_add(run, (struct bytes){text.p, cut});
        sha256_add(run, (struct bytes){0});
        sha256_add(run, (struct bytes){text.p + cut, text.n - cut});
        sha256_end(run, pieces);
        T_OK(memcmp(whole, pieces, SHA256_SIZE) == 0);
    }
}

/* Source: RFC 4231, test cases 2 and 6 */
static void known_keyed_digests(void)
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    uint8_t key[131];
    hmac_sha256(str_bytes(STR("Jefe")), str_bytes(STR("what do ya want for nothing?")), digest);
    sha256_text(digest, text);
    T_STR(str_of(text), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    hmac_sha256((struct bytes){key, sizeof key},
                str_bytes(STR("Test Using Larger Than Block-Size Key - Hash Key First")),
                digest);
    sha256_text(digest, text);
    T_STR(str_of(text), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
    T_RUN(known_keyed_digests);
    T_RUN(known_digests);
    T_RUN(in_pieces);
    T_RUN(ids_stay);
    T_RUN(ids_of_long_parts);
    T_RUN(parts_do_not_run_together);
    return t_done();
}
