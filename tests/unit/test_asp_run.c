/* Loops and functions with which a page decodes its own script: each beside one whose text does
 * nothing. */
#include "format/asp_page.h"

#include "t.h"

struct sample {
    const char *page;
    enum asp_sure sure;
};

static void check(const struct sample *s, size_t n)
{
    struct arena *a = arena_new();
    for (size_t i = 0; i < n; i++) {
        struct asp_verdict v;
        asp_look(str_bytes(str_of(s[i].page)), ASP_KIND_CLASSIC, a, &v);
        if (v.sure != s[i].sure)
            printf("  %s\n  is %s, %.*s\n", s[i].page, asp_sure_name(v.sure), STR_ARG(v.why));
        T_EQ(v.sure, s[i].sure);
    }
    arena_free(a);
}

#define CHECK(...)                                        \
    static const struct sample samples[] = {__VA_ARGS__}; \
    check(samples, sizeof samples / sizeof *samples)

/* "execute request(...)", "response.write(1)", each letter one further */
#define RUN_NEXT "\"fyfdvuf!sfrvftu)2*\""
#define SAY_NEXT "\"sftqpotf/xsjuf)2*\""
#define BACK_ONE                              \
    "Function back(s)\nFor i = 1 To Len(s)\n" \
    "c = Mid(s, i, 1)\nIf Asc(c) > 32 Then\n" \
    "back = back & Chr(Asc(c) - 1)\nElse\nback = back & c\nEnd If\nNext\nEnd Function\n"

static void functions_of_visual_basic(void)
{
    CHECK(
        {"<% " BACK_ONE "Execute back(" RUN_NEXT ") %>", ASP_CERTAIN},
        {"<% " BACK_ONE "Execute back(" SAY_NEXT ") %>", ASP_WEAK},
        {"<% Execute(f(\"a101a118a97a108a32a114a101a113a117a101a115a116a40a49a41\")):"
         "Function f(s):s = Split(s, \"a\"):For i = 1 To UBound(s):f = f & Chr(s(i)):Next:End "
         "Function %>",
         ASP_CERTAIN},
        {"<% Execute(f(\"xa-118x-97x\")):"
         "Function f(s):s = Split(s, \"x\"):For i = 1 To UBound(s):f = f & Chr(s(i)):Next:End "
         "Function %>",
         ASP_WEAK});
}

static void loops_of_visual_basic(void)
{
    CHECK({"<% a = Array(101,118,97,108,32,114,101,113,117,101,115,116,40,49,41)\n"
           "For i = 0 To UBound(a)\ns = s & Chr(a(i) * 2 / 2)\nNext\nExecute s %>",
           ASP_CERTAIN},
          {"<% t = \")1(tseuqer lave\"\ni = Len(t)\nWhile i > 0\ns = s & Mid(t, i, 1)\n"
           "i = i - 1\nWend\nExecute s %>",
           ASP_CERTAIN},
          {"<% t = \"1 + 1 = x\"\ni = Len(t)\nWhile i > 0\ns = s & Mid(t, i, 1)\n"
           "i = i - 1\nWend\nExecute s %>",
           ASP_WEAK},
          {"<% For Each c In Split(\"eval|requestQ1)\", \"|\")\nSelect Case Len(c)\n"
           "Case 4\ns = s & c & \" \"\nCase Else\ns = s & Replace(c, \"Q\", Chr(40))\n"
           "End Select\nNext\nExecute s %>",
           ASP_CERTAIN},
          {"<% t = \"eval request(1)\"\nDo\ni = i + 1\nIf i > Len(t) Then Exit Do\n"
           "s = s & Mid(t, i, 1)\nLoop\nExecute s %>",
           ASP_CERTAIN});
}

/* An argument is changed where it stands, but a copy is not. */
static void arguments_by_reference(void)
{
    CHECK({"<% Sub turn(s)\ns = StrReverse(s)\nEnd Sub\n"
           "Function d(t)\nturn t\nd = Left(t, Len(t))\nEnd Function\n"
           "Execute d(\")1(tseuqer lave\") %>",
           ASP_CERTAIN},
          {"<% Sub turn(ByVal s)\ns = StrReverse(s)\nEnd Sub\n"
           "Function d(t)\nturn t\nd = Left(t, Len(t))\nEnd Function\n"
           "Execute d(\"1 = x )1(tseuqer lave\") %>",
           ASP_WEAK});
}

static void loops_of_jscript(void)
{
    CHECK({"<%@ Language=JScript %><% var a = [100,119,96,109,41,83,100,112,116,100,114,117,41,"
           "48,40,40], s = '', i; for (i = 0; i < a.length; i++) { s += "
           "String.fromCharCode(a[i] ^ 1); } eval(s); %>",
           ASP_CERTAIN},
          {"<%@ Language=JScript %><% var t = ')1(tseuqeR(lave', s = ''; for (var i = "
           "t.length - "
           "1; i >= 0; i--) s += t.charAt(i); eval(s + ')'); %>",
           ASP_CERTAIN},
          {"<%@ Language=JScript %><% var t = '1 = x rav', s = ''; for (var i = t.length - "
           "1; i >= 0; i--) s += t.charAt(i); eval(s); %>",
           ASP_WEAK});
}

static void dictionaries(void)
{
    CHECK({"<% Set d = CreateObject(\"Scripting.Dictionary\")\nd.Add \"a\", \"eval \"\n"
           "d.Add \"b\", \"request(1)\"\nExecute d.Item(\"a\") & d(\"b\") %>",
           ASP_CERTAIN},
          {"<% Set d = CreateObject(\"Scripting.Dictionary\")\nd.Add \"a\", \"x = \"\n"
           "d.Add \"b\", \"1\"\nExecute d.Item(\"a\") & d(\"b\") %>",
           ASP_WEAK},
          {"<% Execute Split(\"a eval request(1)\", \" \", 2)(1) %>", ASP_WEAK},
          {"<% x = Split(\"eval_z\", \"_\")(0)\nExecute x & \"(request(1))\" %>", ASP_CERTAIN});
}

/* What a limit leaves unknown stays hidden, and what was not understood too. */
static void limits_and_nonsense(void)
{
    CHECK({"<% t = \"abcdefghijklmnop\"\nDo\ns = s & Mid(t, 1, 16)\nLoop\nExecute s %>",
           ASP_LIKELY},
          {"<% t = \"abcdefghijklmnop\"\nFor i = 1 To Len(t)\ns = s & Chr(Asc(Mid(t, i, 1)) - "
           "95)\nNext\nExecute s %>",
           ASP_LIKELY},
          {"<% Function f(s)\nf = f(s & Mid(s, 1, 9))\nEnd Function\nExecute "
           "f(\"abcdefghijklm\") "
           "%>",
           ASP_LIKELY});
}

int main(void)
{
    T_RUN(functions_of_visual_basic);
    T_RUN(loops_of_visual_basic);
    T_RUN(arguments_by_reference);
    T_RUN(loops_of_jscript);
    T_RUN(dictionaries);
    T_RUN(limits_and_nonsense);
    return t_done();
}
