#include "base/uuid.h"

#include "base/buf.h"
#include "base/digest.h"

enum { HEX_DIGITS = 32, VERSION_AT = 12, VARIANT_AT = 16 };

/* The digit with its two upper bits set to 10. */
static char variant_of(char digit)
{
    unsigned v = (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    return "89ab"[v & 3];
}

void uuid5(const struct uuid *space, struct str name, char ret[UUID_TEXT])
{
    char digest[SHA1_TEXT];
    struct buf all = buf_new(sizeof *space + name.n + 1);
    buf_add(&all, space->byte, sizeof space->byte);
    buf_add_str(&all, name);
    sha1_text(str_bytes(buf_str(&all)), digest);
    buf_free(&all);
    digest[VERSION_AT] = '5';
    digest[VARIANT_AT] = variant_of(digest[VARIANT_AT]);
    size_t n = 0;
    for (size_t i = 0; i < HEX_DIGITS; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            ret[n++] = '-';
        ret[n++] = digest[i];
    }
    ret[n] = '\0';
}
