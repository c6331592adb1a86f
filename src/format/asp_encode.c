#include "format/asp_encode.h"

#include "base/buf.h"

enum {
    HEADER = 12,            /* "#@~^" and the length, base64 of four bytes */
    TRAILER = 8,            /* a sum, likewise, before "^#~@" */
    ENCODED_MAX = 16 << 20, /* bytes of a script */
    TURNS = 64,
};

/* Which table each character is looked up in, by its place. */
static const char ORDER[TURNS + 1] = "01201212212102120212001221021221"
                                     "00212120200120210212001220012021";

/* What 0x20 to 0x7f stand for, three tables of 96. */
static const char PLAIN[3][97] = {".GzVBj/&IA42[vrC89pEhqO\tbD#u ~ ^ wJa]\"KoN;LPg*}t"
                                  "T+-,0nkf5%!dMRc?{x)(sY3\x7f"
                                  "mUS|:_eFX1ilZH'\\=$y7`Q 6",
                                  "-uR`q^I\\b})6 |z\x7f"
                                  "kc3+hQfv1dTC : ~ E,*t'7DyY/o&rj9"
                                  "{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W\"mM%(FJ2A=_OBe",
                                  "20!)[83=X:5e9\\VsfNEkbYx^}Jmq ` S B'Hru17MR\"TjGd-"
                                  " \x7f"
                                  ".L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W"};

static const char PLAIN_TAB[3] = {'\x57', '\x6e', '\x7b'}; /* and the tab */

/* A character that may not stand in encoded text; 0 if it is none. */
static char escaped(char c)
{
    switch (c) {
    case '&':
        return '\n';
    case '#':
        return '\r';
    case '*':
        return '>';
    case '!':
        return '<';
    case '$':
        return '@';
    default:
        return '\0';
    }
}

static void decode(struct str in, struct buf *out)
{
    size_t turn = 0;
    for (size_t i = 0; i < in.n; i++) {
        unsigned char c = (unsigned char)in.p[i];
        unsigned table = (unsigned)(ORDER[turn % TURNS] - '0');
        char plain = c == '@' && i + 1 < in.n ? escaped(in.p[i + 1]) : '\0';
        if (plain)
            i++;
        else if (c == '\t')
            plain = PLAIN_TAB[table];
        else
            plain = c >= 0x20 && c < 0x80 ? PLAIN[table][c - 0x20] : (char)c;
        buf_add_char(out, plain);
        turn += c < 0x80;
    }
}

/* Where the encoded text that starts behind `at` ends. */
static size_t body_end(struct str code, size_t at, size_t *ret_next)
{
    size_t mark = str_find(code, STR("^#~@"), at);
    *ret_next = mark == SIZE_MAX ? code.n : mark + 4;
    size_t to = mark == SIZE_MAX ? code.n : mark;
    return mark != SIZE_MAX && to - at >= TRAILER ? to - TRAILER : to;
}

bool asp_encode_undo(struct str code, struct arena *arena, struct str *ret)
{
    size_t at = str_find(code, STR("#@~^"), 0);
    if (at == SIZE_MAX)
        return false;
    struct buf out = buf_new(ENCODED_MAX);
    size_t from = 0;
    while (at != SIZE_MAX) {
        size_t next;
        size_t body = at + HEADER < code.n ? at + HEADER : code.n;
        size_t to = body_end(code, body, &next);
        buf_add_str(&out, str_part(code, from, at));
        decode(str_part(code, body, to), &out);
        from = next;
        at = str_find(code, STR("#@~^"), from);
    }
    buf_add_str(&out, str_part(code, from, code.n));
    *ret = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return true;
}
