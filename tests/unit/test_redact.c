#include "report/redact.h"

#include "base/utf.h"
#include "t.h"

static struct redactor *made(struct arena *arena, const char *key)
{
    return redactor_new(str_bytes(str_of(key)), arena);
}

static bool holds(struct str text, const char *what)
{
    return str_ifind(text, str_of(what), 0) != SIZE_MAX;
}

static void equal_things_get_equal_tokens(void)
{
    struct arena *arena = arena_new();
    struct redactor *r = made(arena, "a key of sixteen");
    struct redactor *other = made(arena, "another key of 24 bytes.");
    redactor_know(r, REDACT_HOST, STR("MAIL01.corp.test"));
    struct str a = redact_value(r, REDACT_ADDRESS, STR("203.0.113.66"), arena);
    T_OK(str_eq(a, redact_value(r, REDACT_ADDRESS, STR("::ffff:203.0.113.66"), arena)));
    T_OK(!str_eq(a, redact_value(r, REDACT_ADDRESS, STR("203.0.113.67"), arena)));
    T_OK(!str_eq(a, redact_value(other, REDACT_ADDRESS, STR("203.0.113.66"), arena)));
    T_OK(str_starts(a, STR("address-")) && a.n == strlen("address-") + 12);
    T_OK(str_eq(redact_value(r, REDACT_HOST, STR("mail01"), arena),
                redact_value(r, REDACT_HOST, STR("Mail01.CORP.test"), arena)));
    T_OK(str_starts(redact_address(r, STR("203.0.113.66"), arena), STR("2001:db8::")));
    T_OK(str_iends(redact_mailbox(r, STR("j@x.test"), arena), STR("@redacted.invalid")));
    T_STR(redact_value(r, REDACT_HOST, STR(""), arena), "");
    arena_free(arena);
}

static void without_a_key_nothing_changes(void)
{
    struct arena *arena = arena_new();
    T_STR(redact_text(NULL, STR("203.0.113.66 on MAIL01"), arena), "203.0.113.66 on MAIL01");
    T_STR(redact_value(NULL, REDACT_HOST, STR("MAIL01"), arena), "MAIL01");
    T_STR(redact_address(NULL, STR("203.0.113.66"), arena), "203.0.113.66");
    arena_free(arena);
}

static void forms_are_found_in_free_texts(void)
{
    static const struct {
        const char *text, *gone, *stays;
    } cases[] = {
        {"203.0.113.66 looked", "203.0.113.66", " looked"},
        {"from [::ffff:203.0.113.66]:443", "203.0.113.66", "from ["},
        {"2001:db8:1::5 came", "2001:db8:1::5", " came"},
        {"mail to jane.doe@corp.test.", "jane.doe", "mail to "},
        {"mail to jane.doe@corp.test.", "corp.test", "mail to "},
        {"CORP\\jane ran it", "jane", " ran it"},
        {"CORP\\\\jane ran it", "corp", " ran it"},
        {"C:\\Users\\jane doe\\x.exe", "jane doe", "\\x.exe"},
        {"C:\\Users\\jane", "jane", "C:\\Users\\"},
        {"/home/jane/x", "jane", "/home/"},
        {"C:\\Documents and Settings\\jane\\x", "jane", "\\x"},
        {"\\\\FS01\\share\\x", "fs01", "\\share\\x"},
        {"http://web.corp.test/a", "web.corp", "http://"},
        {"SID S-1-5-21-1-2-3-1106!", "1-2-3-1106", "SID "},
        {"CN=Jane Doe,OU=Staff,DC=corp,DC=test", "jane doe", "CN="},
        {"CN=Jane Doe,OU=Staff,DC=corp,DC=test", "staff", ",OU="},
        {"Subject: the secret deal", "secret", "Subject: "},
        {"-SubjectContainsWords 'x' SubjectContainsWords='pay roll' done", "pay roll",
         "' done"},
        {"a=%6aane%40corp.test", "%6aane", "a="},
        {"x=%32%30%33.0.113.66", "%32%30%33.0.113.66", "x="},
        {"run amFuZS5kb2VAY29ycC50ZXN0 now", "amFuZS5kb2VAY29ycC50ZXN0", " now"},
    };
    struct arena *arena = arena_new();
    const struct redactor *r = made(arena, "a key of sixteen");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out = redact_text(r, str_of(cases[i].text), arena);
        T_OK(!holds(out, cases[i].gone));
        T_OK(holds(out, cases[i].stays));
        if (holds(out, cases[i].gone) || !holds(out, cases[i].stays))
            (void)fprintf(stderr, "%s -> %.*s\n", cases[i].text, STR_ARG(out));
    }
    arena_free(arena);
}

static void what_is_nobodys_stays(void)
{
    static const char *const cases[] = {
        "build 15.1.2106.2 at 06:59:10, 2021-03-03T06:59:10Z",
        "D:\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx",
        "NT AUTHORITY\\SYSTEM and IIS APPPOOL\\DefaultAppPool, HKLM\\SOFTWARE\\Microsoft",
        "127.0.0.1 and ::1 and C:\\Users\\Public\\x.exe, 100%25 \\\\.\\pipe\\x",
        "POST /ecp/y.js answered 241",
    };
    struct arena *arena = arena_new();
    const struct redactor *r = made(arena, "a key of sixteen");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out = redact_text(r, str_of(cases[i]), arena);
        T_OK(str_eq(out, str_of(cases[i])));
        if (!str_eq(out, str_of(cases[i])))
            (void)fprintf(stderr, "%s -> %.*s\n", cases[i], STR_ARG(out));
    }
    arena_free(arena);
}

/* One text tells who somebody is, another has the bare name. */
static void a_name_that_was_learnt_is_found_anywhere(void)
{
    struct arena *arena = arena_new();
    struct redactor *r = made(arena, "a key of sixteen");
    redactor_learn(r,
                   STR("a rule of jane.doe@corp.test, set by CORP\\mueller from 203.0.113.66"));
    redactor_know(r, REDACT_HOST, STR("EX7.corp.test"));
    T_OK(!holds(redact_text(r, STR("exported jane.doe.pst"), arena), "jane.doe"));
    T_OK(!holds(redact_text(r, STR("net user MUELLER /add"), arena), "mueller"));
    T_OK(!holds(redact_text(r, STR("host-203-0-113-66.isp"), arena), "203-0-113-66"));
    T_OK(!holds(redact_text(r, STR("backup_ex7.zip of ex7"), arena), " ex7"));
    T_STR(redact_text(r, STR("administrator did it"), arena), "administrator did it");
    arena_free(arena);
}

static void any_bytes_are_fine(void)
{
    static const char text[] = "\\\\x\\Users\\%u0041\\xff%CN=a,Subject='b@c.d\\\\e\\f "
                               "1.2.3.4:%2 ::ffff:1.2.3.4%12 \xff\xc3";
    struct arena *arena = arena_new();
    for (size_t n = 0; n < sizeof text; n++) {
        for (size_t bit = 0; bit < 8; bit++) {
            struct redactor *r = made(arena, "a key of sixteen");
            char copy[sizeof text];
            memcpy(copy, text, sizeof text);
            copy[n] = (char)((unsigned char)copy[n] ^ 1U << bit);
            char *exact = ARENA_ARRAY(arena, char, n + 1);
            memcpy(exact, copy, n);
            redactor_learn(r, (struct str){exact, n});
            (void)redact_text(r, (struct str){exact, n}, arena);
        }
        arena_reset(arena);
    }
    arena_free(arena);
}

int main(void)
{
    T_RUN(equal_things_get_equal_tokens);
    T_RUN(without_a_key_nothing_changes);
    T_RUN(forms_are_found_in_free_texts);
    T_RUN(what_is_nobodys_stays);
    T_RUN(a_name_that_was_learnt_is_found_anywhere);
    T_RUN(any_bytes_are_fine);
    return t_done();
}
