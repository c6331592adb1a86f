#include "base/blake2b.h"

#include "base/arena.h"
#include "t.h"

static struct str hex(struct bytes data, size_t size, struct arena *a)
{
    uint8_t digest[BLAKE2B_MAX];
    blake2b(&data, 1, size, digest);
    struct str text = STR("");
    for (size_t i = 0; i < size; i++)
        text = arena_printf(a, "%.*s%02x", STR_ARG(text), digest[i]);
    return text;
}

/* Source: RFC 7693, appendix A; the others are Python's hashlib.blake2b */
static void known_texts(void)
{
    struct arena *a = arena_new();
    T_STR(hex(str_bytes(STR("abc")), 64, a),
          "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
          "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    T_STR(hex(str_bytes(STR("")), 64, a),
          "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"
          "d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce");
    T_STR(hex(str_bytes(STR("abc")), 32, a),
          "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    T_STR(hex(str_bytes(STR("abc")), 1, a), "6b");
    arena_free(a);
}

static void blocks_of_any_fill(void)
{
    struct arena *a = arena_new();
    uint8_t data[300];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    T_STR(hex((struct bytes){data, 127}, 32, a),
          "f2fe67ff342e21b8f45e8f2e0bcd1d9243245d50ee6c78042e9c491388791c72");
    T_STR(hex((struct bytes){data, 128}, 32, a),
          "c3582f71ebb2be66fa5dd750f80baae97554f3b015663c8be377cfcb2488c1d1");
    T_STR(hex((struct bytes){data, 129}, 32, a),
          "f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9");
    T_STR(hex((struct bytes){data, 256}, 32, a),
          "39a7eb9fedc19aabc83425c6755dd90e6f9d0c804964a1f4aaeea3b9fb599835");
    T_STR(hex((struct bytes){data, 300}, 32, a),
          "3a486e3fe3ee414853000269ac020030aeef748cb05cd62ba85939ec298ef25c");
    arena_free(a);
}

static void parts_are_one_text(void)
{
    uint8_t data[300];
    uint8_t whole[BLAKE2B_MAX];
    uint8_t parts[BLAKE2B_MAX];
    memset(data, 'x', sizeof data);
    blake2b(&(struct bytes){data, sizeof data}, 1, sizeof whole, whole);
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        const struct bytes two[] = {{data, cut}, {data + cut, sizeof data - cut}};
        blake2b(two, 2, sizeof parts, parts);
        T_OK(memcmp(whole, parts, sizeof whole) == 0);
    }
}

int main(void)
{
    T_RUN(known_texts);
    T_RUN(blocks_of_any_fill);
    T_RUN(parts_are_one_text);
    return t_done();
}
