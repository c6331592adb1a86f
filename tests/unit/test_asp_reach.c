/* Pages in the old language that are parts of an application, and what a stranger gets to. */
#include "asp_t.h"

/* Lists a folder that the request names, and deletes from it. */
#define WORK                                                 \
    "Set f = CreateObject(\"Scripting.FileSystemObject\")\n" \
    "For Each x In f.GetFolder(Request(\"d\")).Files\n"      \
    "Response.Write x.Name\nNext\nf.DeleteFile Request(\"x\")\n"
/* The same of files below the site, where nothing names all of a path. */
#define BELOW                                                           \
    "Set f = CreateObject(\"Scripting.FileSystemObject\")\n"            \
    "For Each x In f.GetFolder(Server.MapPath(Request(\"d\"))).Files\n" \
    "Response.Write x.Name\nNext\nf.DeleteFile Server.MapPath(Request(\"x\"))\n"
#define JSWORK                                                             \
    "<%@ language=jscript %><% var f = new ActiveXObject("                 \
    "\"Scripting.FileSystemObject\"); var e = new Enumerator(f.GetFolder(" \
    "Server.MapPath(Request(\"d\") + \"\")).Files); "                      \
    "f.DeleteFile(Server.MapPath(Request(\"x\") + \"\")); "

static void items_that_other_files_set(void)
{
    CHECK(ASP("<% " BELOW " %>", LIKELY), ASP("<% a = Session(\"u\")\n" BELOW " %>", WEAK),
          ASP("<% Response.Write Application(\"title\")\n" BELOW " %>", WEAK),
          ASP("<% a = Session.Contents(\"u\")\n" BELOW " %>", WEAK),
          ASP("<% Session(\"u\") = 1\na = Session(\"U\")\n" BELOW " %>", LIKELY),
          ASP("<% Session(n) = 1\na = Session(\"u\")\n" BELOW " %>", LIKELY),
          ASP("<% Set s = Session\ns(\"u\") = 1\na = Session(\"u\")\n" BELOW " %>", LIKELY),
          ASP("<% Session.Timeout = 9\n" BELOW " %>", LIKELY),
          /* what is plain stays plain */
          ASP("<% a = Session(\"u\")\n" WORK " %>", LIKELY),
          ASP("<% a = Session(\"u\")\nExecute Request(\"c\") %>", CERTAIN),
          ASP("<% If Session(\"u\") = \"\" Then Response.End\nExecute Request(\"c\") %>",
              CERTAIN),
          ASP(JSWORK " %>", LIKELY), ASP(JSWORK "var a = Session(\"u\"); %>", WEAK),
          ASP(JSWORK "Session(\"u\") = 1; var a = Session(\"u\"); %>", LIKELY));
}

static void names_that_other_files_declare(void)
{
    CHECK(
        ASP("<% On Error Resume Next\nSet r = conn.Execute(\"a\")\n" BELOW " %>", WEAK),
        ASP("<% On Error Resume Next\nCheckUser\n" BELOW " %>", WEAK),
        ASP("<% On Error Resume Next\nResponse.Write Text(\"a\")\n" BELOW " %>", WEAK),
        ASP("<% On Error Resume Next\nSet conn = CreateObject(\"a.b\")\nSet r = "
            "conn.Execute(\"a\")\n" BELOW " %>",
            LIKELY),
        ASP("<% On Error Resume Next\nSub CheckUser\nEnd Sub\nCheckUser\n" BELOW " %>", LIKELY),
        ASP("<% On Error Resume Next\nDim Text(3)\nResponse.Write Text(1)\n" BELOW " %>",
            LIKELY),
        ASP("<% On Error Resume Next\nGive conn\nconn.Go\nSub Give(a)\nEnd Sub\n" BELOW " %>",
            LIKELY),
        ASP("<object runat=server id=conn progid=\"a.b\"></object><% On Error Resume Next\n"
            "conn.Go\n" BELOW " %>",
            LIKELY),
        ASP("<%= title %><% " BELOW " %>", LIKELY),
        ASP("<% Randomize\nErase a\n" BELOW " %>", LIKELY),
        ASP("<% On Error Resume Next\nExecute \"Set conn = a\"\nconn.Go\n" BELOW " %>", LIKELY),
        ASP(JSWORK "checkUser(); %>", WEAK),
        ASP(JSWORK "function checkUser() {} checkUser(); %>", LIKELY));
}

/* They are no excuse for a few lines that run a text, if an error ends nothing. */
static void names_beside_texts_that_are_run(void)
{
    CHECK(ASP("<% Execute \"If 1 Then \" & Request(\"a\") %>", LIKELY),
          ASP("<% CheckUser\nExecute \"If 1 Then \" & Request(\"a\") %>", WEAK),
          ASP("<% If b Then CheckUser\nExecute \"If 1 Then \" & Request(\"a\") %>", WEAK),
          ASP("<% Sub Go\nSet s = CreateObject(\"ScriptControl\")\ns.AddCode \"If 1 Then \" & "
              "Request(\"a\")\nEnd Sub\nGo %>",
              LIKELY),
          ASP("<% Sub Go\nSet s = CreateObject(\"ScriptControl\")\ns.AddCode \"If 1 Then \" & "
              "Request(\"a\")\nEnd Sub\nResponse.Write Request(\"a\") %>",
              WEAK),
          ASP("<% Execute \"If 1 Then \" & Request(\"a\")\nCheckUser %>", LIKELY),
          ASP("<% On Error Resume Next\nCheckUser\nExecute \"If 1 Then \" & Request(\"a\") %>",
              LIKELY),
          ASP("<% a = Session(\"u\")\nExecute \"If 1 Then \" & Request(\"a\") %>", LIKELY));
}

static void checks_that_end_the_page(void)
{
    CHECK(
        ASP("<% If Session(\"u\") = \"\" Then Response.Redirect \"a.asp\"\n" WORK " %>", WEAK),
        ASP("<% If Session(\"u\") <> \"yes\" Then\nResponse.Write \"no\"\nResponse.End\n"
            "End If %>\n<html><% " WORK " %>",
            WEAK),
        ASP("<% If Not Session(\"u\") Then Response.End\n" WORK " %>", WEAK),
        ASP("<% If IsEmpty(Session(\"u\")) Or Request(\"k\") = \"\" Then Response.End\n" WORK
            " %>",
            WEAK),
        ASP("<% who = Session(\"u\")\nIf Len(Trim(who)) = 0 Then Response.End\n" WORK " %>",
            WEAK),
        ASP("<% If Session(\"u\") = \"\" Then Response.Write \"a\" : Response.End\n" WORK " %>",
            WEAK),
        ASP("<% If Session(\"u\") = \"\" Then Response.End Else a = 1\n" WORK " %>", WEAK),
        ASP("<% If Session(\"u\") = \"\" Then\nServer.Transfer \"a.asp\"\nEnd If\n" WORK " %>",
            WEAK),
        /* a stranger gets past these */
        ASP("<% If Session(\"u\") = \"no\" Then Response.End\n" WORK " %>", LIKELY),
        ASP("<% If Session(\"u\") = \"\" And Request(\"k\") = \"\" Then Response.End\n" WORK
            " %>",
            LIKELY),
        ASP("<% If Session(\"u\") = \"\" Then Response.Write \"no\"\n" WORK " %>", LIKELY),
        ASP("<% If Session(\"u\") = \"\" Then Response.Write \"a\" :\nResponse.Write "
            "\"b\"\n" WORK " %>",
            LIKELY),
        ASP("<% If Application(\"u\") = \"\" Then Response.End\n" WORK " %>", LIKELY),
        ASP("<% If Request(\"p\") = \"q\" Then Session(\"u\") = 1\n"
            "If Session(\"u\") = \"\" Then Response.End\n" WORK " %>",
            LIKELY),
        ASP("<% who = Session(\"u\")\nwho = Request(\"u\")\n"
            "If who = \"\" Then Response.End\n" WORK " %>",
            LIKELY),
        ASP("<% " WORK "If Session(\"u\") = \"\" Then Response.End %>", LIKELY),
        ASP("<% If a Then\nIf Session(\"u\") = \"\" Then Response.End\nEnd If\na = 1\n" WORK
            " %>",
            LIKELY),
        ASP("<script runat=server language=vbscript>If Session(\"u\") = \"\" Then "
            "Response.End</script><% " WORK " %>",
            LIKELY),
        ASP("<% If Session(\"u\") = \"no\" Then a = 1 :\nResponse.End\n" WORK " %>", WEAK),
        ASP("<% who = Request(\"u\")\nIf a Then who = Session(\"u\")\nIf who = \"\" Then "
            "Response.End\n" WORK " %>",
            LIKELY),
        ASP("<% who = Session(\"u\")\nGive who\nIf who = \"\" Then Response.End\n" WORK
            "Sub Give(a)\na = 1\nEnd Sub %>",
            LIKELY),
        ASP("<% who = Session(\"u\")\nResponse.Write who\nIf who = \"\" Then "
            "Response.End\n" WORK " %>",
            WEAK),
        ASP("<% If Session(\"u\") = \"\" Then Response.End\n" WORK
            "If Request(\"a\") = \"\" Then\na = 1 %>",
            LIKELY),
        /* its blocks do not fit together */
        ASP("<% If Session(\"u\") = \"\" Then Response.End\nEnd If\n" WORK " %>", LIKELY));
}

/* What looks like a check, and is none. */
static void checks_that_are_got_round(void)
{
    CHECK(ASP("<% On Error Resume Next\nIf Session(\"u\") = \"\" Then Response.Redirect "
              "\"a.asp\"\n" WORK " %>",
              WEAK),
          ASP("<% On Error Resume Next\nResponse.Flush\nIf Session(\"u\") = \"\" Then "
              "Response.Redirect \"a.asp\"\n" WORK " %>",
              LIKELY),
          ASP("<% On Error Resume Next\nIf Session(\"u\") = \"\" Then Response.Redirect 1 / "
              "0\n" WORK " %>",
              LIKELY),
          ASP("<% On Error Resume Next\nIf Session(\"u\") = \"\" Then Server.Transfer "
              "\"a.asp\"\n" WORK " %>",
              LIKELY),
          ASP("<% Execute \"Ses\" & \"sion(\"\"u\"\") = 1\"\nIf Session(\"u\") = \"\" Then "
              "Response.End\n" WORK " %>",
              LIKELY),
          ASP("<% Session!u = 1\nIf Session(\"u\") = \"\" Then Response.End\n" WORK " %>",
              LIKELY),
          ASP("<% With Session\n.Contents(\"u\") = 1\nEnd With\nIf Session(\"u\") = \"\" Then "
              "Response.End\n" WORK " %>",
              LIKELY),
          ASP("<% Class R\nPublic Sub [End]\nEnd Sub\nEnd Class\nDim Response\nSet Response = "
              "New R\nIf Session(\"u\") = \"\" Then Response.End\n" WORK " %>",
              LIKELY),
          ASP("<% If Len(Session(\"u\")) = 0 Then Response.End\nFunction Len(a)\nLen = 1\n"
              "End Function\n" WORK " %>",
              LIKELY),
          ASP("<!-- METADATA TYPE=\"typelib\" NAME=\"a\" --><% If theOne = 1 Then\n" WORK
              "End If %>",
              LIKELY));
}

static void branches_of_strangers(void)
{
    CHECK(
        ASP("<% If Session(\"u\") = True Then\n" WORK "Else\nResponse.Write \"no\"\nEnd If %>",
            WEAK),
        ASP("<% If Session(\"u\") = True Then\nResponse.Write \"no\"\nElse\n" WORK "End If %>",
            LIKELY),
        ASP("<% If Request(\"a\") = \"1\" Then\nResponse.Write 1\nElseIf Session(\"u\") <> "
            "\"\" Then\n" WORK "End If %>",
            WEAK),
        ASP("<% If Session(\"u\") <> \"\" Then\nResponse.Write 1\nElseIf "
            "Request(\"a\") = \"1\" Then\n" WORK "End If %>",
            LIKELY),
        ASP("<% Select Case Session(\"role\")\nCase \"a\", \"b\"\n" WORK "Case Else\n"
            "Response.Write \"no\"\nEnd Select %>",
            WEAK),
        ASP("<% Select Case Session(\"role\")\nCase \"a\", \"\"\n" WORK "End Select %>",
            LIKELY),
        ASP("<% Select Case Session(\"role\")\nCase \"a\"\nResponse.Write 1\nCase Else\n" WORK
            "End Select %>",
            LIKELY),
        /* nothing in the page gives it a value */
        ASP("<% If action = \"go\" Then\n" WORK "End If %>", WEAK),
        ASP("<% action = Request(\"a\")\nIf action = \"go\" Then\n" WORK "End If %>", LIKELY));
}

static void procedures(void)
{
    CHECK(
        ASP("<% Sub Go\n" WORK "End Sub\nResponse.Write 1 %>", WEAK),
        ASP("<% Sub Go\n" WORK "End Sub\nGo %>", LIKELY),
        ASP("<% Sub Go\n" WORK "End Sub\nSub Other\nGo\nEnd Sub\nResponse.Write 1 %>", WEAK),
        ASP("<% Sub Go\n" WORK "End Sub\nSub Other\nGo\nEnd Sub\nOther %>", LIKELY),
        ASP("<% Sub Go\n" WORK "End Sub\nSet a = GetRef(\"Go\")\na %>", LIKELY),
        ASP("<% Sub Go\n" WORK "End Sub\nExecute \"G\" & \"o\" %>", LIKELY),
        ASP("<% Class A\nPublic Sub Go\n" WORK "End Sub\nEnd Class\nSet a = New A\na.Go %>",
            LIKELY),
        ASP("<% Class A\nPublic Default Function Go(a)\n" WORK
            "End Function\nEnd Class\nSet a = New A\na 1 %>",
            LIKELY),
        ASP("<% Class A\nPrivate Sub Class_Initialize\n" WORK "End Sub\nEnd Class\nSet a = "
            "New A %>",
            LIKELY),
        ASP("<% Sub Check\nIf Session(\"u\") = \"\" Then\nResponse.Redirect \"a.asp\"\nEnd "
            "If\nEnd Sub\nCheck\n" WORK " %>",
            WEAK),
        ASP("<% Check\n" WORK "Sub Check\nIf Session(\"u\") = \"\" Then Response.End\nEnd "
            "Sub %>",
            WEAK),
        ASP("<% Sub Check\nIf Session(\"u\") = \"\" Then Exit Sub\nEnd Sub\nCheck\n" WORK " %>",
            LIKELY),
        ASP("<% Sub Go\nIf Session(\"u\") = \"\" Then Exit Sub\n" WORK "End Sub\nGo %>", WEAK),
        ASP("<% Go\nIf Session(\"u\") = \"\" Then Response.End\nSub Go\n" WORK "End Sub %>",
            LIKELY),
        ASP("<% If Session(\"u\") = \"\" Then Response.End\nGo\nSub Go\n" WORK "End Sub %>",
            WEAK));
}

static void names_at_which_a_page_fails(void)
{
    CHECK(ASP("<% OpenAll\n" WORK " %>", WEAK), ASP("<% " WORK "OpenAll %>", LIKELY),
          ASP("<% On Error Resume Next\nOpenAll\n" WORK " %>", LIKELY),
          ASP("<% If Request(\"a\") = \"1\" Then OpenAll\n" WORK " %>", LIKELY),
          ASP("<% Sub OpenAll\nEnd Sub\nOpenAll\n" WORK " %>", LIKELY));
}

#define SCRIPT(before, behind)                                                             \
    "<%@ language=jscript %><% " before                                                    \
    "var f = new ActiveXObject(\"Scripting.FileSystemObject\"); var e = new "              \
    "Enumerator(f.GetFolder(Request(\"d\") + \"\").Files); f.DeleteFile(Request(\"x\") + " \
    "\"\"); " behind " %>"

static void checks_in_jscript(void)
{
    CHECK(
        ASP(SCRIPT("", ""), LIKELY),
        ASP(SCRIPT("if (Session(\"u\") != \"yes\")\nResponse.Redirect(\"a.asp\")\nelse\n{\nb = "
                   "1\n}\n",
                   ""),
            WEAK),
        ASP(SCRIPT("if (!Session(\"u\")) { Response.Write(\"no\"); Response.End(); } ", ""),
            WEAK),
        ASP(SCRIPT("if (Session(\"u\") == null || a) Response.End(); ", ""), WEAK),
        ASP(SCRIPT("var u = Session(\"u\"); if (!u) Response.End(); ", ""), WEAK),
        ASP(SCRIPT("if (Session(\"u\")) { ", "}"), WEAK),
        ASP(SCRIPT("function check() { if (!Session(\"u\")) Response.End(); } check(); ", ""),
            WEAK),
        ASP(SCRIPT("function go() { ", "} go();"), LIKELY),
        ASP(SCRIPT("function go() { ", "}"), WEAK),
        ASP(SCRIPT("function go() { ", "} var a = [\"go\"]; this[a[0]]();"), LIKELY),
        ASP(SCRIPT("openAll(); ", ""), WEAK), ASP(SCRIPT("if (a) openAll(); ", ""), LIKELY),
        ASP(SCRIPT("try { openAll(); } catch (e) {} ", ""), LIKELY),
        ASP(SCRIPT("switch (a) { case 1: Response.End(); case 2: ", "}"), LIKELY),
        ASP(SCRIPT("while (a) { Response.End(); } ", ""), LIKELY),
        ASP(SCRIPT("if (!Session(\"u\")) Response.End; ", ""), LIKELY),
        /* a stranger gets past these */
        ASP(SCRIPT("if (Session(\"u\") == \"\") Response.End(); ", ""), LIKELY),
        ASP(SCRIPT("if (Session(\"u\") == \"no\") Response.End(); ", ""), LIKELY),
        ASP(SCRIPT("if (!Session(\"u\") && a) Response.End(); ", ""), LIKELY),
        ASP(SCRIPT("if (!Session(\"u\")) Response.Write(\"no\"); ", ""), LIKELY),
        ASP(SCRIPT("Session(\"u\") = 1; if (!Session(\"u\")) Response.End(); ", ""), LIKELY),
        ASP(SCRIPT("function check() { if (!Session(\"u\")) return; } check(); ", ""), LIKELY),
        ASP(SCRIPT("switch (a) { case 1: Response.End(); case 2: b = 1; } ", ""), LIKELY),
        ASP(SCRIPT("if (!Session(\"u\")) { Response.End(); ", ""), LIKELY));
}

/* One thing that is done to any file of the server, by a few lines. */
static void one_thing(void)
{
    CHECK(ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nResponse.Write "
              "f.OpenTextFile(Request(\"p\")).ReadAll %>",
              LIKELY),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nResponse.Write "
              "f.OpenTextFile(Server.MapPath(Request(\"p\"))).ReadAll %>",
              NONE),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nResponse.Write "
              "f.OpenTextFile(\"c:\\data\\\" & Request(\"p\")).ReadAll %>",
              NONE),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nResponse.Write "
              "f.OpenTextFile(Request(\"p\") & \".txt\").ReadAll %>",
              WEAK),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nf.DeleteFile "
              "Request(\"p\")\nResponse.Write \"gone\" %>",
              LIKELY),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\na = Session(\"u\")\n"
              "f.DeleteFile Request(\"p\")\nResponse.Write \"gone\" %>",
              WEAK),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nIf "
              "Right(Request(\"p\"), 4) = \".pdf\" Then Response.Write "
              "f.OpenTextFile(Request(\"p\")).ReadAll %>",
              WEAK),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nf.DeleteFile "
              "Request(\"p\") %>",
              LIKELY),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\") %><%= "
              "f.OpenTextFile(Request(\"p\")).ReadAll %>",
              LIKELY),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\na = "
              "f.OpenTextFile(Request(\"p\")).ReadAll %>",
              WEAK),
          ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nResponse.Write "
              "f.GetFolder(Request(\"p\")).Files.Count %>",
              WEAK),
          ASP("<!--#include file=\"a.inc\"--><% Set f = "
              "CreateObject(\"Scripting.FileSystemObject\")\nf.DeleteFile Request(\"p\")\n"
              "Response.Write \"gone\" %>",
              WEAK));
}

static void look_at_it(struct bytes page)
{
    struct arena *a = arena_new();
    struct asp_verdict v;
    asp_look(page, ASP_KIND_CLASSIC, a, &v);
    arena_free(a);
}

static void any_damage_is_read(void)
{
    static const char vb[] =
        "<% who = Session(\"u\")\nIf who = \"\" Or Not a(1) Then Response.End Else b = 1\n"
        "Select Case Session(\"r\")\nCase \"a\", \"b\"\nf.DeleteFile Request(\"x\")\n"
        "End Select\nPublic Function Go(c)\nFor i = 1 To 2 : Next\nEnd Function %>";
    static const char js[] =
        "<%@ language=jscript %><% function go(a) { switch (a) { case 1: return; } }\n"
        "if (!Session(\"u\") && b == null) { Response.End() }\nelse try { go() } catch (e) {}\n"
        "f.DeleteFile(Request(\"x\")) %>";
    struct bytes pages[] = {{(const uint8_t *)vb, sizeof vb - 1},
                            {(const uint8_t *)js, sizeof js - 1}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t copy[sizeof vb + sizeof js];
        t_each_prefix(pages[i], look_at_it);
        for (size_t bit = 0; bit < pages[i].n * 8; bit++) {
            memcpy(copy, pages[i].p, pages[i].n);
            copy[bit / 8] ^= (uint8_t)(1U << (bit % 8));
            look_at_it((struct bytes){copy, pages[i].n});
        }
    }
}

int main(void)
{
    T_RUN(items_that_other_files_set);
    T_RUN(names_that_other_files_declare);
    T_RUN(names_beside_texts_that_are_run);
    T_RUN(checks_that_end_the_page);
    T_RUN(checks_that_are_got_round);
    T_RUN(branches_of_strangers);
    T_RUN(procedures);
    T_RUN(names_at_which_a_page_fails);
    T_RUN(checks_in_jscript);
    T_RUN(one_thing);
    T_RUN(any_damage_is_read);
    return t_done();
}
