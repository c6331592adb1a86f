/* Forms of C#, Visual Basic .NET and JScript through which data flow: each beside one that looks
 * like it, and through which none do. */
#include "asp_t.h"

#define BEGIN "<script runat=server>"
#define END "</script>"
/* A page's code, and the same of a page of an application. */
#define PAGE(code, sure) NET(CS BEGIN code END, sure)
#define SHOPS(code, sure) NET(SHOP BEGIN code END, sure)
#define SHOPVB VB "<%@ Import Namespace=\"Shop.Data\" %>"

static void methods_of_other_types(void)
{
    CHECK(PAGE("static string Turn(this string a) { return a + \" \"; } void Page_Load() { "
               "Process.Start(\"cmd\", Request[\"x\"].Turn()); }",
               CERTAIN),
          SHOPS("static string Turn(this string a) { return \"b\"; } void Page_Load() { "
                "Process.Start(\"tool\", Request[\"x\"].Turn()); }",
                WEAK),
          PAGE("static void Go(this string a, int n) { Process.Start(\"cmd\", a); } void "
               "Page_Load() { Request[\"x\"].Go(1); }",
               CERTAIN),
          SHOPS("static void Go(this string a, string b) { Process.Start(\"tool\", a); } void "
                "Page_Load() { \"x\".Go(Request[\"x\"]); }",
                WEAK));
}

static void generic_functions(void)
{
    CHECK(PAGE("T Same<T>(T a) { return a; } void Page_Load() { Process.Start(\"cmd\", "
               "Same<string>(Request[\"x\"])); }",
               CERTAIN),
          PAGE("void Go<T>(T a) where T : class, new() { Process.Start(\"cmd\", a); } void "
               "Page_Load() { Go(Request[\"x\"]); }",
               CERTAIN),
          SHOPS("T None<T>(T a) { return default(T); } void Page_Load() { "
                "Process.Start(\"tool\", None<string>(Request[\"x\"])); }",
                WEAK));
}

static void patterns(void)
{
    CHECK(
        NET(CS "<% object o = Request[\"x\"]; if (o is string s) Process.Start(\"cmd\", s); %>",
            CERTAIN),
        NET(CS
            "<% if (Request[\"x\"] is { Length: > 0 } s && n > 1) Process.Start(\"cmd\", s); "
            "%>",
            CERTAIN),
        NET(CS
            "<% object o = Request[\"x\"]; switch (o) { case int n: break; case string s when "
            "s.Length > 1: Process.Start(\"cmd\", s); break; } %>",
            CERTAIN),
        NET(SHOP "<% object o = Request[\"x\"]; if (n is string s) Process.Start(\"tool\", s); "
                 "%>",
            WEAK),
        NET(SHOP "<% switch (n) { case string s: Process.Start(\"tool\", s); break; } %>",
            WEAK));
}

static void switches_that_are_values(void)
{
    CHECK(
        NET(CS "<% var a = Request[\"m\"] switch { \"a\" => Request[\"x\"], _ => \"dir\" }; "
               "Process.Start(\"cmd\", a); %>",
            CERTAIN),
        NET(CS "<% var a = Request[\"x\"] switch { var s when s.Length > 1 => s, _ => \"dir\" "
               "}; Process.Start(\"cmd\", a); %>",
            CERTAIN),
        NET(SHOP "<% var a = Request[\"m\"] switch { \"a\" => \"b\", { Length: 2 } => \"c\", _ "
                 "=> \"dir\" }; Process.Start(\"tool\", a); %>",
            WEAK));
}

static void lists_of_arguments(void)
{
    CHECK(PAGE("void Go(params string[] a) { Process.Start(\"cmd\", string.Join(\" \", a)); } "
               "void Page_Load() { Go(\"x\", \"y\", Request[\"x\"]); }",
               CERTAIN),
          SHOPS("void Go(params string[] a) { Process.Start(a[0]); } void Page_Load() { "
                "Go(\"tool\", Request[\"x\"]); }",
                WEAK),
          NET(VB BEGIN "\nSub Go(ParamArray a() As String)\nProcess.Start(\"cmd\", a(1))\nEnd "
                       "Sub\nSub Page_Load()\nGo(\"y\", Request(\"x\"))\nEnd Sub\n" END,
              CERTAIN));
}

static void named_arguments(void)
{
    CHECK(
        NET(CS "<% File.WriteAllText(contents: Request[\"x\"], path: Request[\"p\"]); %>",
            LIKELY),
        NET(SHOP "<% Process.Start(arguments: Request[\"x\"], fileName: \"tool\"); %>", WEAK),
        NET(VB "<% Process.Start(fileName:=\"cmd\", arguments:=Request(\"x\")) %>", CERTAIN),
        NET(SHOPVB "<% Process.Start(fileName:=\"tool\", arguments:=Request(\"x\")) %>", WEAK));
}

static void tuples(void)
{
    CHECK(
        NET(CS "<% var (e, a) = (\"cmd\", Request[\"x\"]); Process.Start(e, a); %>", CERTAIN),
        NET(CS "<% string e, a; (e, a) = (\"cmd\", Request[\"x\"]); Process.Start(e, a); %>",
            CERTAIN),
        NET(SHOP "<% var (e, a) = (\"tool\", Request[\"x\"]); Process.Start(e, \"b\"); %>",
            WEAK),
        PAGE(
            "(string e, string a) Two() { return (\"cmd\", Request[\"x\"]); } void Page_Load() "
            "{ var (e, a) = Two(); Process.Start(e, a); }",
            CERTAIN),
        SHOPS("(string e, string a) Two() { return (\"tool\", \"b\"); } void Page_Load() { var "
              "(e, a) = Two(); Process.Start(e, a); }",
              WEAK));
}

static void functions_that_are_kept(void)
{
    CHECK(
        PAGE("void Go(object a) { Process.Start(\"cmd\", (string)a); } void Page_Load() { new "
             "Thread(new ParameterizedThreadStart(Go)).Start(Request[\"x\"]); }",
             CERTAIN),
        SHOPS("void Go(object a) { Process.Start(\"tool\", \"b\"); } void Page_Load() { new "
              "Thread(Go).Start(Request[\"x\"]); }",
              WEAK),
        NET(CS "<% var d = new Dictionary<string, Action<string>> { { \"a\", a => "
               "Process.Start(\"cmd\", a) }, { \"b\", a => Show(a) } }; "
               "d[\"a\"](Request[\"x\"]); %>",
            CERTAIN),
        NET(CS "<% var d = new Dictionary<string, Action<string>>(); d[\"a\"] = a => "
               "Process.Start(\"cmd\", a); d[Request[\"m\"]](Request[\"x\"]); %>",
            CERTAIN),
        PAGE("Func<string, Process> Make() { return a => Process.Start(\"cmd\", a); } void "
             "Page_Load() { Make()(Request[\"x\"]); }",
             CERTAIN),
        SHOPS("Func<string, string> Make() { return a => a; } void Page_Load() { "
              "Make()(Request[\"x\"]); Process.Start(\"tool\"); }",
              WEAK),
        PAGE(
            "event Action<string> Done; void Page_Load() { Done += a => Process.Start(\"cmd\", "
            "a); Done(Request[\"x\"]); }",
            CERTAIN),
        NET(CS "<% Request[\"x\"].Split('|').Select(Process.Start).ToList(); %>", CERTAIN),
        NET(CS "<% names.Select(Process.Start).ToList(); var a = Request[\"x\"]; %>", LIKELY),
        NET(CS "<% Expression<Action<string>> e = a => Process.Start(\"cmd\", a); "
               "e.Compile()(Request[\"x\"]); %>",
            CERTAIN));
}

/* The first name of a page is not the name of its functions without one. */
static void the_first_name(void)
{
    CHECK(
        NET(CS "<% Request.Form.AllKeys.ToList().ForEach(k => Process.Start(\"cmd\", "
               "Request.Form[k])); %>",
            CERTAIN),
        NET(SHOP "<% Keys.ToList().ForEach(k => Process.Start(\"tool\", Keys[k])); %>", WEAK));
}

static void texts_that_are_built(void)
{
    CHECK(
        NET(CS "<% var b = new StringBuilder(); b.Append(\"/c \").Append(Request[\"x\"]); "
               "Process.Start(\"cmd\", b.ToString()); %>",
            CERTAIN),
        NET(CS "<% var b = new StringBuilder(); b.Append(Request[\"x\"]); "
               "new SqlCommand(b.ToString(), c).ExecuteReader(); %>",
            LIKELY),
        NET(CS "<% var b = new StringBuilder(\"select a from b where c = \"); "
               "b.Append(Request[\"x\"]); new SqlCommand(b.ToString(), c).ExecuteReader(); %>",
            WEAK),
        NET(CS "<% var b = new StringBuilder(); b.Append(\"exec xp_cmdshell '\"); "
               "b.Append(Request[\"x\"]); new SqlCommand(b.ToString(), c).ExecuteReader(); %>",
            CERTAIN));
}

static void texts_with_values_in_them(void)
{
    CHECK(
        NET(CS "<% Process.Start(\"cmd\", $\"\"\"/c \"{Request[\"x\"]}\" \"\"\"); %>", CERTAIN),
        NET(SHOP "<% Process.Start(\"tool\", $$\"\"\"/c {Request[\"x\"]} {{n}} \"\"\"); %>",
            WEAK),
        NET(CS
            "<% var a = \"\"\"\"a \"\"\" b\"\"\"\"; Process.Start(\"cmd\", Request[\"x\"]); %>",
            CERTAIN),
        NET(VB "<% Process.Start(\"cmd\", $\"/c {Request(\"x\")} \"\"a\"\"\") %>", CERTAIN),
        NET(SHOPVB "<% Process.Start(\"tool\", $\"/c {{Request}} {n}\") %>", WEAK),
        NET(VB "<% Process.Start(\"cmd\", Left$(Request(\"x\"), 9)) %>", CERTAIN));
}

static void queries(void)
{
    CHECK(
        NET(CS "<% var q = from a in Request[\"x\"].Split('|') let b = a.Trim() where b != "
               "\"\" orderby b select b; Process.Start(\"cmd\", q.First()); %>",
            CERTAIN),
        NET(SHOP "<% var q = from a in Request[\"x\"].Split('|') join b in names on a equals b "
                 "select b; Process.Start(\"tool\", q.First()); %>",
            WEAK),
        NET(VB
            "<% Dim q = From a In Request(\"x\").Split(\"|\"c)\nWhere a <> \"\"\nSelect a\nFor "
            "Each c In q\nProcess.Start(\"cmd\", c)\nNext %>",
            CERTAIN),
        NET(SHOPVB
            "<% Dim q = From a In names Where a <> Request(\"x\") Select a\nFor Each c In "
            "q\nProcess.Start(\"tool\", c)\nNext %>",
            WEAK));
}

static void values_by_reference(void)
{
    CHECK(NET(CS "<% if (Unpack(Request[\"x\"], out var s)) Process.Start(\"cmd\", s); %>",
              CERTAIN),
          NET(SHOP "<% if (DateTime.TryParseExact(Request[\"x\"], \"d\", f, g, out var s)) "
                   "Process.Start(\"tool\", \"-d \" + s); %>",
              WEAK),
          NET(VB "<% Dim d = New Dictionary(Of String, String)\nDim v As String = "
                 "Nothing\nd.Add(\"a\", Request(\"x\"))\nIf d.TryGetValue(\"a\", v) Then "
                 "Process.Start(\"cmd\", v) %>",
              CERTAIN));
}

static void readers_in_functions(void)
{
    CHECK(
        PAGE("string Take() { return new StreamReader(Request.InputStream).ReadToEnd(); } void "
             "Page_Load() { Process.Start(\"cmd\", Take()); }",
             CERTAIN),
        SHOPS("string Take() { return new StreamReader(path).ReadToEnd(); } void Page_Load() { "
              "Process.Start(\"tool\", Take()); }",
              WEAK));
}

static void functions_of_visual_basic(void)
{
    CHECK(
        NET(VB "<% Dim go = Sub(a As String) Process.Start(\"cmd\", a)\ngo(Request(\"x\")) %>",
            CERTAIN),
        NET(VB BEGIN "\nSub Page_Load()\nDim go = Sub(a)\nProcess.Start(\"cmd\", a)\nEnd "
                     "Sub\ngo(Request(\"x\"))\nEnd Sub\n" END,
            CERTAIN),
        NET(SHOPVB
            "<% Dim go = Sub(a As String) Process.Start(\"tool\")\ngo(Request(\"x\")) %>",
            WEAK),
        NET(VB "<% names.ForEach(Sub(a) Process.Start(\"cmd\", Request(a))) %>", CERTAIN),
        NET(VB BEGIN "\nIterator Function Words() As IEnumerable(Of String)\nYield "
                     "Request(\"x\")\nEnd Function\nSub Page_Load()\nFor Each w In "
                     "Words()\nProcess.Start(\"cmd\", w)\nNext\nEnd Sub\n" END,
            CERTAIN),
        NET(VB BEGIN "\nSub Go(a As Object)\nProcess.Start(\"cmd\", a)\nEnd Sub\nSub "
                     "Page_Load()\nDim t As New Thread(AddressOf Go)\nt.Start(Request(\"x\"))\n"
                     "End Sub\n" END,
            CERTAIN));
}

static void objects_of_visual_basic(void)
{
    CHECK(NET(VB
              "<% Dim p As New Process With {.StartInfo = New ProcessStartInfo With {.FileName "
              "= \"cmd\", .Arguments = Request(\"x\")}}\np.Start() %>",
              CERTAIN),
          NET(VB "<% Dim o = New With {.A = Request(\"x\")}\nProcess.Start(\"cmd\", o.A) %>",
              CERTAIN),
          NET(SHOPVB
              "<% Process.Start(New ProcessStartInfo With {.FileName = \"tool\", .Arguments "
              "= \"a\"}) %>",
              WEAK));
}

static void functions_of_jscript(void)
{
    CHECK(
        ASP("<%@ Language=JScript %><% String(Request(\"x\")).replace(/.+/, function (a) { "
            "return eval(a); }); %>",
            CERTAIN),
        ASP("<%@ Language=JScript %><% String(Request(\"x\")).replace(/.+/, eval); %>",
            CERTAIN),
        ASP("<%@ Language=JScript %><% eval.call(null, Request(\"x\") + \"\"); %>", CERTAIN),
        ASP("<%@ Language=JScript %><% eval.apply(null, [Request(\"x\") + \"\"]); %>", CERTAIN),
        ASP("<%@ Language=JScript %><% [][\"constructor\"][\"constructor\"](Request(\"x\"))(); "
            "%>",
            CERTAIN),
        ASP("<%@ Language=JScript %><% String(Request(\"x\")).replace(/.+/, function (a) { "
            "return Number(a); }); %>",
            NONE),
        ASP("<%@ Language=JScript %><% (function () { var a = 1; })(); var a = Request(\"x\"); "
            "(function () { var a = \"b = 1\"; eval(a); })(); %>",
            WEAK));
}

static void parts_of_patterns(void)
{
    CHECK(
        NET(CS "<% if (Request[\"x\"].Split('|') is [var e, var a]) Process.Start(\"cmd\", a); "
               "%>",
            CERTAIN),
        NET(CS "<% if (Request is { QueryString: var q }) Process.Start(\"cmd\", q[\"x\"]); %>",
            CERTAIN),
        NET(CS "<% foreach (var (k, v) in new[] { (\"a\", Request[\"x\"]) }) "
               "Process.Start(\"cmd\", v); %>",
            CERTAIN),
        NET(SHOP "<% foreach (var (k, v) in names) Process.Start(\"tool\", v); var a = "
                 "Request[\"x\"]; %>",
            WEAK));
}

static void arguments_by_their_names(void)
{
    CHECK(
        PAGE("void Go(string a = \"dir\", string b = null) { Process.Start(\"cmd\", b); } void "
             "Page_Load() { Go(b: Request[\"x\"]); }",
             CERTAIN),
        SHOPS("void Go(string a = \"b\", string b = null) { Process.Start(\"tool\", b); } void "
              "Page_Load() { Go(b: \"c\", a: Request[\"x\"]); }",
              WEAK),
        NET(VB BEGIN "\nSub Go(a As String, Optional b As String = \"c\")\n"
                     "Process.Start(\"cmd\", b)\nEnd Sub\nSub Page_Load()\nGo(\"d\", "
                     "b:=Request(\"x\"))\nEnd Sub\n" END,
            CERTAIN));
}

static void functions_in_lists(void)
{
    CHECK(NET(CS
              "<% var f = new List<Action<string>>(); f.Add(a => Process.Start(\"cmd\", a)); "
              "f[0](Request[\"x\"]); %>",
              CERTAIN),
          NET(CS "<% Func<string, Task> go = async a => { Process.Start(\"cmd\", a); }; await "
                 "go(Request[\"x\"]); %>",
              CERTAIN),
          PAGE("Action<string> Go => a => Process.Start(\"cmd\", a); void Page_Load() { "
               "Go(Request[\"x\"]); }",
               CERTAIN),
          NET(CS "<% Context?.Request?.Form?[\"x\"]?.Split('|')?.ToList()?.ForEach(a => "
                 "Process.Start(\"cmd\", a)); %>",
              CERTAIN),
          SHOPS("Action<string> Go => a => Show(a); void Page_Load() { Go(Request[\"x\"]); "
                "Process.Start(\"tool\"); }",
                WEAK));
}

static void statements_of_visual_basic(void)
{
    CHECK(NET(VB "<% Using r As New StreamReader(Request.InputStream)\nProcess.Start(\"cmd\", "
                 "r.ReadToEnd())\nEnd Using %>",
              CERTAIN),
          NET(SHOPVB "<% Using r As New StreamReader(path)\nProcess.Start(\"tool\", "
                     "r.ReadToEnd())\nEnd Using %>",
              WEAK),
          NET(VB "<% Dim a() As String = {\"b\", Request(\"x\")}\nProcess.Start(\"cmd\", a(1)) "
                 "%>",
              CERTAIN),
          NET(VB "<% GetType(Process).GetMethod(\"Start\", New Type() {GetType(String)})"
                 ".Invoke(Nothing, New Object() {Request(\"x\")}) %>",
              CERTAIN),
          NET(SHOPVB "<% GetType(Report).GetMethod(\"Start\").Invoke(Nothing, New Object() "
                     "{Request(\"x\")}) %>",
              WEAK),
          NET(VB BEGIN "\nPublic Property C As String\nSub Page_Load()\nMe.C = "
                       "Request(\"x\")\nGo()\nEnd Sub\nSub Go()\nProcess.Start(\"cmd\", "
                       "C)\nEnd Sub\n" END,
              CERTAIN),
          NET(VB BEGIN "\nModule M\n<Extension()> Public Sub Go(a As "
                       "String)\nProcess.Start(\"cmd\", a)\nEnd Sub\nEnd Module\nSub "
                       "Page_Load()\nDim c As String = Request(\"x\")\nc.Go()\nEnd Sub\n" END,
              CERTAIN),
          NET(VB "<% FileOpen(1, Server.MapPath(\"a.aspx\"), OpenMode.Output) %>", LIKELY),
          NET(VB "<% FileOpen(1, Server.MapPath(\"a.txt\"), OpenMode.Output) %>", WEAK));
}

/* What leads the number of a character does not lead the text. */
static void texts_of_numbers(void)
{
    CHECK(ASP("<% Function D(s)\nFor i = 1 To Len(s) Step 2\nD = D & Chr(\"&H\" & Mid(s, i, "
              "2))\nNext\nEnd Function\nExecute D(Request(\"x\")) %>",
              CERTAIN),
          ASP("<!--#include file=a.asp--><% Function D(s)\nFor i = 1 To Len(s) Step 2\nD = D & "
              "(\"&H\" & Mid(s, i, 2))\nNext\nEnd Function\nExecute D(Request(\"x\")) %>",
              WEAK));
}

static void functions_under_other_names(void)
{
    CHECK(
        ASP("<%@ Language=JScript %><% var f = Function; f(Request(\"x\") + \"\")(); %>",
            CERTAIN),
        ASP("<%@ Language=JScript %><% var b = a instanceof Function; b = Request(\"x\"); %>",
            NONE),
        ASP("<%@ Language=JScript %><% var o = {}; o.e = eval; o.e(Request(\"x\") + \"\"); %>",
            CERTAIN),
        ASP("<%@ Language=JScript %><% var x = function () { return Request(\"x\") + \"\"; "
            "}(); "
            "eval(x); %>",
            CERTAIN));
}

/* What is written to a stream around another one. */
static void streams_around_streams(void)
{
#define UNPACK(into)                                                                           \
    "byte[] D(string a) { var s = new MemoryStream(); var t = new MemoryStream(); using (var " \
    "c = "                                                                                     \
    "new CryptoStream(" into ", k, CryptoStreamMode.Write)) { var b = "                        \
    "Convert.FromBase64String(a); c.Write(b, 0, 9); } return s.ToArray(); } void Page_Load() " \
    "{ "                                                                                       \
    "Assembly.Load(D(Request[\"x\"])); }"
    CHECK(PAGE(UNPACK("s"), CERTAIN), SHOPS(UNPACK("t"), WEAK),
          NET(CS "<% var s = new MemoryStream(); var w = new StreamWriter(s); "
                 "w.Write(Request[\"x\"]); Process.Start(\"cmd\", "
                 "Encoding.UTF8.GetString(s.ToArray())); %>",
              CERTAIN),
          NET(CS "<% var s = new MemoryStream(); await Context.Request.Body.CopyToAsync(s); "
                 "Assembly.Load(s.ToArray()); %>",
              CERTAIN));
#undef UNPACK
}

static void properties_that_are_set(void)
{
    CHECK(
        PAGE("class R { string c; public string C { get { return c; } set { c = value; } } "
             "public void Go() { Process.Start(\"cmd\", c); } } void Page_Load() { var r = new "
             "R "
             "{ C = Request[\"x\"] }; r.Go(); }",
             CERTAIN),
        PAGE("string C { set { Process.Start(\"cmd\", value); } } void Page_Load() { C = "
             "Request[\"x\"]; }",
             CERTAIN),
        SHOPS("string c; string C { get { return c; } set { d = value; } } void Page_Load() { "
              "this.C = Request[\"x\"]; Process.Start(\"tool\", c); }",
              WEAK),
        NET(VB BEGIN "\nPrivate m As String\nProperty C As String\nGet\nReturn m\nEnd "
                     "Get\nSet(value As String)\nm = value\nEnd Set\nEnd Property\nSub "
                     "Page_Load()\nC = Request(\"x\")\nProcess.Start(\"cmd\", m)\nEnd "
                     "Sub\n" END,
            CERTAIN));
}

/* What begins and does not end. */
static void nonsense(void)
{
    CHECK(NET(CS
              "<% var (a, b = (c; if (x is { s) switch (x) { case a when: } x switch { => , %>",
              NONE),
          NET(CS "<% Eval($\"\"\"a {b); %>", WEAK),
          NET(VB "<% Dim a = Sub(b\nDim q = From a In\nDim f = Function(\n) %>", NONE),
          NET(CS "<% case string s: var b = s.c.d; File.Delete(s.e); %>", LIKELY),
          NET(CS "<% Process.Start(from a in x where select join on equals); %>", LIKELY));
}

int main(void)
{
    T_RUN(methods_of_other_types);
    T_RUN(generic_functions);
    T_RUN(patterns);
    T_RUN(switches_that_are_values);
    T_RUN(lists_of_arguments);
    T_RUN(named_arguments);
    T_RUN(tuples);
    T_RUN(functions_that_are_kept);
    T_RUN(the_first_name);
    T_RUN(texts_that_are_built);
    T_RUN(texts_with_values_in_them);
    T_RUN(queries);
    T_RUN(values_by_reference);
    T_RUN(readers_in_functions);
    T_RUN(functions_of_visual_basic);
    T_RUN(objects_of_visual_basic);
    T_RUN(functions_of_jscript);
    T_RUN(parts_of_patterns);
    T_RUN(arguments_by_their_names);
    T_RUN(functions_in_lists);
    T_RUN(statements_of_visual_basic);
    T_RUN(texts_of_numbers);
    T_RUN(functions_under_other_names);
    T_RUN(streams_around_streams);
    T_RUN(properties_that_are_set);
    T_RUN(nonsense);
    return t_done();
}
