#include "base/uuid.h"

#include "t.h"

static const struct uuid DNS = {{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4,
                                 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};

/* Source: RFC 9562, appendix A.4 */
static void the_example_of_the_standard(void)
{
    char text[UUID_TEXT];
    uuid5(&DNS, STR("www.example.com"), text);
    T_STR(str_of(text), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void version_and_variant_hold_for_any_name(void)
{
    for (unsigned i = 0; i < 256; i++) {
        char name[1] = {(char)i};
        char text[UUID_TEXT];
        uuid5(&DNS, (struct str){name, 1}, text);
        T_OK(text[14] == '5' && strchr("89ab", text[19]) && strlen(text) == 36);
    }
}

int main(void)
{
    T_RUN(the_example_of_the_standard);
    T_RUN(version_and_variant_hold_for_any_name);
    return t_done();
}
