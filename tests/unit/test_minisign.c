/* Keys and signatures here were made by minisign 0.11 for this test. */
#include "sys/minisign.h"

#include "t.h"

static const char SECRET[] = "untrusted comment: minisign encrypted secret key\n"
                             "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                             "AAAAAAA7juqWJLp1oNEXXQyccm+NqAmnkC+LMMIjNYMShJSogmhlQ+"
                             "dK5JO9AR9itKk86Y59JnHSGLRBOnQZhvLw6yZUkmAsEWlDCQgAAAAAAAAAAAAAAAA"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
static const char PUBLIC[] = "untrusted comment: minisign public key 83D6E99258AA3BEE\n"
                             "RWTuO6pYkunWgwR9itKk86Y59JnHSGLRBOnQZhvLw6yZUkmAsEWlDCQg\n";
static const char SIGNED_NOW[] = /* "hello\n", by minisign -S */
    "untrusted comment: signature from minisign secret key\n"
    "RUTuO6pYkunWg8CWkBQ8eCmjwv2wLDyruDkWdH+imDfjOkzZM0TdcUV/tp/"
    "iYXDZIcaHYZzdpHRkhXPltSHnNSqAzQgf8Rc8oA4=\n"
    "trusted comment: a comment\n"
    "yx3VN4fKRl1iisjuHd/"
    "leN3+CYhjVr2QOwogjzHtM1TlRxenFcm+g1WxYXCtoQZv8tFYWLy8WsAKyqFTsXaZDg==\n";
static const char SIGNED_OLD[] = /* the same by minisign -S -l */
    "untrusted comment: signature from minisign secret key\n"
    "RWTuO6pYkunWg+3B3q89yknd1XrbP1y+/FP9nXD3bO5+Cu9Bdix/"
    "fBmfoFPTTOVWr25fS1mSqccNNtFJj6ngBmg5kCk0Z8ybHAk=\n"
    "trusted comment: a comment\n"
    "2x1swSEhaLxoyf20pz5GQZDcFHaDJY7/y+aphMtJ1Nq+UDI/HA6WNLYNroUjzwGjXe1fm2flij9Po7L/"
    "19h4Bw==\n";

enum { MEMORY = 16 }; /* MiB: minisign takes 1024 */

static struct str text_of(const char *s)
{
    return str_of(s);
}

static struct bytes message(void)
{
    return str_bytes(STR("hello\n"));
}

static struct minisign_secret secret(void)
{
    struct minisign_secret key = {0};
    struct err err = {0};
    T_EQ(minisign_read_secret(str_of(SECRET), NULL, &key, &err), 0);
    return key;
}

static struct minisign_public public_key(void)
{
    struct minisign_public key = {0};
    struct err err = {0};
    T_EQ(minisign_read_public(str_of(PUBLIC), &key, &err), 0);
    return key;
}

/* ERR_NONE where it holds. */
static enum err_code checked(struct str text, struct bytes content)
{
    struct minisign_public key = public_key();
    struct minisign_signature s;
    struct err err = {0};
    if (minisign_read_signature(text, &s, &err) == 0)
        (void)minisign_check(&key, &s, content, &err);
    return err.code;
}

static void what_minisign_signed_holds(void)
{
    T_EQ(checked(str_of(SIGNED_NOW), message()), ERR_NONE);
    T_EQ(checked(str_of(SIGNED_OLD), message()), ERR_NONE);
    T_EQ(checked(str_of(SIGNED_NOW), str_bytes(STR("Hello\n"))), ERR_CORRUPT);
    T_EQ(checked(str_of(SIGNED_OLD), str_bytes(STR("Hello\n"))), ERR_CORRUPT);
}

static void a_secret_key_has_its_public_one(void)
{
    struct minisign_secret key = secret();
    struct minisign_public open = public_key();
    struct buf out = buf_new(MINISIGN_FILE);
    T_OK(memcmp(&key.open, &open, sizeof open) == 0);
    minisign_write_public(&open, &out);
    T_OK(str_eq(buf_str(&out), str_of(PUBLIC)));
    buf_free(&out);
}

static void a_public_key_may_stand_alone(void)
{
    struct minisign_public key = {0};
    struct err err = {0};
    struct str line = text_of(strchr(PUBLIC, '\n') + 1);
    T_EQ(minisign_read_public(line, &key, &err), 0);
    T_EQ(minisign_read_public(str_part(line, 0, line.n - 1), &key, &err), 0);
    T_EQ(minisign_read_public(str_part(line, 0, line.n - 2), &key, &err), -1);
    T_EQ(err.code, ERR_INVALID);
    T_EQ(minisign_read_public(str_of(SECRET), &key, &err), -1);
}

/* Ed25519 leaves nothing to chance: both programs sign in the same way. */
static void signs_as_minisign_does(void)
{
    static const bool hashed[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        struct minisign_secret key = secret();
        struct buf out = buf_new(MINISIGN_FILE);
        struct err err = {0};
        T_EQ(minisign_sign(&key, message(), STR("a comment"), hashed[i], &out, &err), 0);
        const char *theirs = hashed[i] ? SIGNED_NOW : SIGNED_OLD;
        T_OK(str_eq(str_part(buf_str(&out), str_find(buf_str(&out), STR("\n"), 0), SIZE_MAX),
                    str_of(strchr(theirs, '\n'))));
        buf_free(&out);
    }
}

static void a_comment_of_several_lines_is_refused(void)
{
    struct minisign_secret key = secret();
    struct buf out = buf_new(MINISIGN_FILE);
    struct err err = {0};
    T_EQ(minisign_sign(&key, message(), STR("a\nb"), true, &out, &err), -1);
    T_EQ(out.n, 0);
    buf_free(&out);
}

static void a_key_goes_through_its_file(void)
{
    static const char *const passwords[] = {NULL, "correct horse"};
    for (size_t i = 0; i < 2; i++) {
        char text[MINISIGN_SECRET_TEXT];
        struct minisign_secret key = {0};
        struct minisign_secret again = {0};
        struct err err = {0};
        T_EQ(minisign_new(&key, &err), 0);
        T_EQ(minisign_write_secret(&key, passwords[i], MEMORY, text, &err), 0);
        T_EQ(minisign_read_secret(str_of(text), passwords[i], &again, &err), 0);
        T_OK(memcmp(&key, &again, sizeof key) == 0);
        T_OK(i == 0 || !strstr(text, "without"));
    }
}

static void another_password_opens_nothing(void)
{
    char text[MINISIGN_SECRET_TEXT];
    struct minisign_secret key = {0};
    struct err err = {0};
    T_EQ(minisign_new(&key, &err), 0);
    T_EQ(minisign_write_secret(&key, "one", MEMORY, text, &err), 0);
    T_EQ(minisign_read_secret(str_of(text), "another", &key, &err), -1);
    T_EQ(err.code, ERR_INVALID);
    T_EQ(minisign_read_secret(str_of(text), NULL, &key, &err), -1);
    T_EQ(err.code, ERR_NOT_FOUND);
}

static void another_key_is_named(void)
{
    struct minisign_public key = public_key();
    struct minisign_signature s;
    struct err err = {0};
    key.id[0] ^= 1;
    T_EQ(minisign_read_signature(str_of(SIGNED_NOW), &s, &err), 0);
    T_EQ(minisign_check(&key, &s, message(), &err), -1);
    T_EQ(err.code, ERR_NOT_FOUND);
    T_STR(text_of(err.msg),
          "it was made with the key 83D6E99258AA3BEE, not with 83D6E99258AA3BEF");
    key.id[0] ^= 1;
    key.key[0] ^= 1;
    T_EQ(minisign_check(&key, &s, message(), &err), -1);
    T_EQ(err.code, ERR_CORRUPT);
}

/* The first line's comment is nobody's; all else is. */
static void every_flipped_bit_is_found(void)
{
    char text[sizeof SIGNED_NOW];
    size_t from = (size_t)(strchr(SIGNED_NOW, '\n') - SIGNED_NOW);
    size_t forgiven = 0;
    for (size_t bit = from * 8; bit < (sizeof text - 1) * 8; bit++) {
        memcpy(text, SIGNED_NOW, sizeof text);
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        forgiven += checked(text_of(text), message()) == ERR_NONE;
    }
    T_EQ(forgiven, 0);
}

static void nothing_holds(struct bytes prefix)
{
    struct str text = {(const char *)prefix.p, prefix.n};
    struct minisign_secret key = {0};
    struct minisign_public open = {0};
    struct err err = {0};
    T_OK(checked(text, message()) != ERR_NONE || prefix.n + 2 == sizeof SIGNED_NOW);
    (void)minisign_read_secret(text, "x", &key, &err);
    (void)minisign_read_public(text, &open, &err);
}

static void a_part_of_a_file_is_none(void)
{
    t_each_prefix(str_bytes(str_of(SIGNED_NOW)), nothing_holds);
    t_each_prefix(str_bytes(str_of(SECRET)), nothing_holds);
    t_each_prefix(str_bytes(str_of(PUBLIC)), nothing_holds);
}

/* A file that says that its password takes all memory is no key of anybody. */
static void costs_have_an_end(void)
{
    char text[MINISIGN_SECRET_TEXT];
    struct minisign_secret key = {0};
    struct err err = {0};
    T_EQ(minisign_new(&key, &err), 0);
    T_EQ(minisign_write_secret(&key, "one", 1 << 11, text, &err), -1);
    T_EQ(err.code, ERR_LIMIT);
}

int main(void)
{
    T_RUN(what_minisign_signed_holds);
    T_RUN(a_secret_key_has_its_public_one);
    T_RUN(a_public_key_may_stand_alone);
    T_RUN(signs_as_minisign_does);
    T_RUN(a_comment_of_several_lines_is_refused);
    T_RUN(a_key_goes_through_its_file);
    T_RUN(another_password_opens_nothing);
    T_RUN(another_key_is_named);
    T_RUN(every_flipped_bit_is_found);
    T_RUN(a_part_of_a_file_is_none);
    T_RUN(costs_have_an_end);
    return t_done();
}
