/* What flows where in server script: each way beside one that looks like it and is none. */
#include "asp_t.h"
#include "base/buf.h"

static void follows_methods_that_are_not_called_yet(void)
{
    CHECK(NET(CS "<% Func<string,string,Process> go = Process.Start; go(\"cmd\", "
                 "Request[\"c\"]); %>",
              CERTAIN),
          NET(CS "<% Func<string,string> go = Path.GetFileName; go(Request[\"c\"]); %>", NONE),
          ASP("<% Sub Go(s)\n Execute s\nEnd Sub\nSet f = GetRef(\"Go\")\nf Request(\"x\") %>",
              CERTAIN),
          ASP("<% Sub Go(s)\n Execute \"a = 1\"\nEnd Sub\nSet f = GetRef(\"Go\")\nf "
              "Request(\"x\") %>",
              WEAK));
}

static void follows_calls_by_name(void)
{
    CHECK(NET(VB "<% CallByName(CreateObject(\"WScript.Shell\"), \"Run\", CallType.Method, "
                 "Request(\"x\")) %>",
              CERTAIN),
          NET(VB "<% CallByName(CreateObject(\"WScript.Shell\"), \"Title\", CallType.Method, "
                 "Request(\"x\")) %>",
              NONE),
          NET(JS "<% this[\"ev\" + \"al\"](Request.Item[\"x\"], \"unsafe\"); %>", CERTAIN),
          NET(JS "<% this[\"na\" + \"me\"](Request.Item[\"x\"], \"unsafe\"); %>", NONE));
}

static void functions_of_text(void)
{
    CHECK(NET(JS "<% var f = new Function(Request.Item[\"x\"]); f(); %>", CERTAIN),
          NET(JS "<% \"\".constructor.constructor(Request[\"x\"])(); %>", CERTAIN),
          NET(JS "<% var f = function (a) { return a; }; f(Request.Item[\"x\"]); %>", NONE),
          NET(JS "<% var f = function (a) { eval(a); }; f(Request.Item[\"x\"]); %>", CERTAIN),
          NET(JS "<% var f = {E: eval}; f.E(String(Request.Form(\"x\"))); %>", CERTAIN));
}

static void native_functions_by_other_names(void)
{
    CHECK(
        NET(CS
            "<script runat=server>[DllImport(\"kernel32\", EntryPoint = \"WinExec\")] static "
            "extern int Q(string c, int n); void Page_Load() { Q(Request[\"c\"], 0); "
            "}</script>",
            CERTAIN),
        NET(CS
            "<script runat=server>[DllImport(\"user32\", EntryPoint = \"MessageBeep\")] static "
            "extern int Q(string c, int n); void Page_Load() { Q(Request[\"c\"], 0); "
            "}</script>",
            NONE),
        NET(VB
            "<script runat=server>\nDeclare Function Q Lib \"kernel32\" Alias \"WinExec\" (c "
            "As "
            "String, n As Integer) As Integer\nSub Page_Load()\nQ(Request(\"c\"), 0)\nEnd Sub\n"
            "</script>",
            CERTAIN));
}

static void fields_and_properties_of_the_page_s_classes(void)
{
    CHECK(ASP("<% Class C\nPublic s\nPublic Sub Go()\nExecute s\nEnd Sub\nEnd Class\n"
              "Set o = New C\no.s = Request(\"x\")\no.Go %>",
              CERTAIN),
          ASP("<% Class C\nPrivate m\nPublic Property Let Code(v)\nm = v\nEnd Property\nPublic "
              "Sub "
              "Go()\nExecute m\nEnd Sub\nEnd Class\nSet o = New C\no.Code = "
              "Request(\"x\")\no.Go %>",
              CERTAIN),
          ASP("<% Class C\nPublic s\nPublic t\nPublic Sub Go()\nExecute \"a=1\"\nEnd Sub\nEnd "
              "Class\n"
              "Set o = New C\no.t = Request(\"x\")\no.Go %>",
              WEAK));
}

/* A function gives what it is given: not what another call gave it. */
static void calls_do_not_mix(void)
{
    CHECK(ASP("<% Function f(v)\nf = Trim(v)\nEnd Function\na = f(Request(\"x\"))\n"
              "Execute f(\"b = 1\" & n) %>",
              LIKELY), /* a few lines; but not what the request says */
          ASP("<% Function f(v)\nf = Trim(v)\nEnd Function\na = f(\"b = 1\")\n"
              "Execute f(Request(\"x\")) %>",
              CERTAIN),
          ASP("<% Sub s(ByRef v)\nv = Request(\"x\")\nEnd Sub\nDim q\ns q\nExecute q %>",
              CERTAIN),
          ASP("<% Sub s(ByRef v)\nw = Request(\"x\")\nEnd Sub\nDim q\ns q\nExecute q %>",
              LIKELY));
}

/* x.Split(",") of an unknown x is not "," in pieces. */
static void methods_work_on_their_object(void)
{
    CHECK(NET(CS "<% string q = Request[\"q\"]; File.WriteAllText(q.Split('|')[0], "
                 "q.Split('|')[1]); %>",
              LIKELY),
          NET(CS "<% string q = n; File.WriteAllText(q.Split('|')[0], q.Split('|')[1]); %>",
              WEAK));
}

static void arguments_that_begin_with_a_dot(void)
{
    CHECK(
        ASP("<% With Request\n Eval .Form(\"x\")\nEnd With %>", CERTAIN),
        ASP("<% With Rules\n Eval .Form(\"x\")\nEnd With %>", WEAK),
        NET(VB
            "<script runat=server>\nSub Page_Load()\nDim p = New Process()\nWith p.StartInfo\n"
            " .FileName = \"cmd.exe\"\n .Arguments = \"/c \" & Request.Form(\"z\")\nEnd With\n"
            "p.Start()\nEnd Sub\n</script>",
            CERTAIN));
}

static void odd_ways_to_write(void)
{
    CHECK(
        ASP("<% Execute _ ' note\n Request(\"x\") %>", CERTAIN),
        ASP("<% Execute ' note\n Request(\"x\") %>", NONE),
        NET("<% If Request.Files.Count <> 0 Then Request.Files(0).SaveAs(Server.MapPath("
            "Request(\xe2\x80\x9c"
            "f\xe2\x80\x9d))) %>",
            LIKELY),
        ASP("<script runat=server language=vbscript><!--\nExecute Request(\"x\")\n--></script>",
            CERTAIN),
        ASP("<%@ Language=JScript %><% eval(Request(\"x\")()); %>", CERTAIN),
        ASP("<% execute request.cookies(\"a\")(\"b\") %>", CERTAIN));
}

/* A constant out of which a loop takes what is run. */
static void text_that_is_hidden(void)
{
    CHECK(ASP("<% s = \"101,120,101,99,117,116,101,32,120\"\nFor Each c In Split(s, \",\")\n"
              "t = t & Chr(c)\nNext\nExecute t %>",
              WEAK),
          ASP("<% s = \"1,2\"\nFor Each c In Split(s, \",\")\nt = \"a = \" & c\nExecute "
              "t\nNext %>",
              WEAK),
          ASP("<% Execute \"n = \" & Mid(\"abcdefghijklmnopqrstuvwxyz\", i, 1) %>", WEAK));
}

static void databases_that_run_commands(void)
{
    CHECK(NET(CS "<% var q = new SqlCommand(\"exec master..xp_cmdshell '\" + Request[\"c\"] + "
                 "\"'\", c); "
                 "q.ExecuteNonQuery(); %>",
              CERTAIN),
          NET(CS
              "<% var q = new SqlCommand(\"exec shop..find '\" + Request[\"c\"] + \"'\", c); "
              "q.ExecuteNonQuery(); %>",
              WEAK),
          NET(CS "<% var q = new SqlCommand(\"select 1 where a = @i\", c); "
                 "q.Parameters.AddWithValue(\"@i\", Request[\"id\"]); q.ExecuteReader(); %>",
              WEAK),
          ASP("<% Set r = CreateObject(\"ADODB.Recordset\")\nr.Open sql, c\n"
              "r.AbsolutePage = Request(\"page\")\nExecute r.Fields(0).Name & \" = 1\" %>",
              WEAK));
}

static void files_that_are_written_for_others(void)
{
    CHECK(
        ASP("<% Set x = CreateObject(\"Microsoft.XMLHTTP\")\nx.Open \"GET\", Request(\"u\"), "
            "False\n"
            "x.Send\nSet s = CreateObject(\"ADODB.Stream\")\ns.Open\ns.Write x.ResponseBody\n"
            "s.SaveToFile Request(\"p\"), 2 %>",
            LIKELY),
        ASP("<% Set x = CreateObject(\"Microsoft.XMLHTTP\")\nx.Open \"GET\", u, False\n"
            "x.Send\nSet s = CreateObject(\"ADODB.Stream\")\ns.Open\ns.Write x.ResponseBody\n"
            "s.SaveToFile \"c:\\data\\feed.xml\", 2 %>",
            WEAK),
        ASP("<% Set t = "
            "CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"c:\\n.vbs\")\n"
            "t.Write \"x\"\nCreateObject(\"WScript.Shell\").Run \"c:\\n.vbs\" %>",
            LIKELY),
        ASP("<% Set t = "
            "CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"c:\\n.txt\")\n"
            "t.Write \"x\"\nCreateObject(\"WScript.Shell\").Run \"c:\\b.exe\" %>",
            WEAK),
        NET(HANDLER
            "public class H : IHttpHandler { public void ProcessRequest(HttpContext c) { "
            "StreamWriter f = File.CreateText(c.Server.MapPath(\"r.aspx\")); "
            "f.Write(\"<!--#include file='q.txt' -->\"); } }",
            LIKELY),
        NET(CS
            "<script runat=server>void U(object s, EventArgs e) { f.PostedFile.SaveAs(p.Text + "
            "\"\\\\\" + f.FileName); }</script><asp:FileUpload id=f runat=server "
            "/><asp:TextBox "
            "id=p runat=server />",
            LIKELY),
        NET(SHOP "<script runat=server>void U(object s, EventArgs e) { f.PostedFile.SaveAs("
                 "Server.MapPath(\"~/up/\") + f.FileName); }</script><asp:FileUpload id=f "
                 "runat=server "
                 "/>",
            WEAK));
}

static void what_other_services_of_the_server_are_asked(void)
{
    CHECK(
        ASP("<% Set x = CreateObject(\"Microsoft.XMLHTTP\")\n"
            "x.Open \"GET\", \"http://127.0.0.1:\" & Request(\"port\") & \"/a\", True\nx.Send "
            "%>",
            LIKELY),
        ASP("<% Set x = CreateObject(\"Microsoft.XMLHTTP\")\n"
            "x.Open \"GET\", \"http://127.0.0.1/find?q=\" & Request(\"q\"), True\nx.Send %>",
            WEAK),
        NET(CS "<% var p = new IPEndPoint(IPAddress.Parse(Request[\"t\"]), 80); Socket s = new "
               "Socket(a, b, c); s.Connect(p); %>",
            LIKELY),
        NET(CS "<% Socket s = new Socket(a, b, c); s.Connect(\"192.0.2.1\", "
               "int.Parse(Request[\"p\"])); %>",
            WEAK),
        NET(CS
            "<% var m = new ManagementClass(\"Win32_Process\"); m.InvokeMethod(\"Create\", new "
            "object[] {Request[\"c\"], null}); %>",
            CERTAIN));
}

static void programs_in_constants(void)
{
    CHECK(
        NET(CS
            "<% "
            "Assembly.Load(Convert.FromBase64String(\"TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAA"
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAAA4fug4AtAnNIbgBTM0h\")); %>",
            LIKELY),
        NET(CS "<% Assembly.Load(\"Example.Core\").GetType(\"Example.Core.Start\"); %>", WEAK));
}

static void pictures_that_are_included(void)
{
    CHECK(ASP("<!--#include file=\"up/a.jpg\"-->", LIKELY),
          ASP("<!--#include file=\"up/a.inc\"-->", NONE),
          ASP("<!--#include file=\"conn.asp\"--><!--#include file=\"logo.gif\"-->", WEAK));
}

/* What a loop adds up is not what its first turn gives; a text that is made without one is known. */
static void loops_add_up(void)
{
    CHECK(ASP("<% i = 1\nt = \")\"\"x\"\"(tseuqer etucexe\"\nDo While i <= Len(t)\ns = Mid(t, "
              "i, 1) & s\n"
              "i = i + 1\nLoop\nExecute s %>",
              CERTAIN),
          ASP("<% s = \"a\"\ns = s & \" = 1\"\nExecute s %>", WEAK),
          ASP("<% Function H(s)\nFor i = 1 To Len(s) Step 2\nH = H & Chr(CLng(\"&H\" & Mid(s, "
              "i, 2)))\n"
              "Next\nEnd Function\nExecute H(Request(\"x\")) %>",
              CERTAIN),
          ASP("<% For i = 1 To 9\nn = n + CLng(Request(\"x\"))\nNext\nExecute \"a = \" & n %>",
              WEAK),
          NET(CS "<% string h = Request[\"d\"]; byte[] b = new byte[h.Length / 2]; for (int i "
                 "= 0; i < "
                 "b.Length; i++) b[i] = Convert.ToByte(h.Substring(i * 2, 2), 16); "
                 "Assembly.Load(b); %>",
              CERTAIN));
}

static void branches_take_nothing_away(void)
{
    CHECK(ASP("<% p = Request(\"p\")\nIf p = \"\" Then p = Server.MapPath(\".\")\n"
              "Set f = CreateObject(\"Scripting.FileSystemObject\")\nFor Each x In "
              "f.GetFolder(p).Files\nResponse.Write x.Name\nNext\nf.DeleteFile p %>",
              LIKELY),
          ASP("<% p = Server.MapPath(Request(\"p\"))\n"
              "Set f = CreateObject(\"Scripting.FileSystemObject\")\nFor Each x In "
              "f.GetFolder(p).Files\nResponse.Write x.Name\nNext %>",
              WEAK),
          ASP("<% p = Request(\"p\")\nSet f = CreateObject(\"Scripting.FileSystemObject\")\n"
              "For Each x In f.GetFolder(p).Files\nResponse.Write x.Name\nNext %>",
              LIKELY)); /* it only lists, but any folder */
}

/* What classic ASP does without the language's own functions for it. */
static void classic_pages(void)
{
    CHECK(
        ASP("<% Class c\nPublic Default Property Get v(n)\nv = Request(n)\nEnd Property\nEnd "
            "Class\nSet o = New c\nExecute o(\"a\") %>",
            CERTAIN),
        ASP("<% Class c\nPublic Property Get v(n)\nv = Request(n)\nEnd Property\nEnd "
            "Class\nSet o = New c\nExecute o(\"a\") %>",
            LIKELY), /* not its default property: but a few lines */
        ASP("<% Set c = GetObject(\"WinNT://.\")\nSet u = c.Create(\"user\", Request(\"u\"))\n"
            "u.SetPassword Request(\"p\") %>",
            LIKELY),
        ASP("<% Server.Execute Request(\"p\") %>", LIKELY),
        ASP("<% Server.Execute \"/inc/\" & Request(\"p\") %>", WEAK),
        ASP("<% GetObject(\"script:\" & Request(\"u\")) %>", CERTAIN),
        ASP("<% Set e = GetObject(\"script:\" & Server.MapPath(\"e.wsc\")) %>", NONE),
        ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nExecute "
            "f.OpenTextFile(Server.MapPath(\"a.jpg\")).ReadAll %>",
            LIKELY),
        ASP("<% Set f = CreateObject(\"Scripting.FileSystemObject\")\nExecute "
            "f.OpenTextFile(Server.MapPath(\"a.inc\")).ReadAll %>",
            WEAK),
        ASP("<% Set h = CreateObject(\"MSXML2.ServerXMLHTTP\")\nh.Open \"GET\", "
            "Request(\"u\"), "
            "False\nh.Send\nResponse.Write h.ResponseText %>",
            LIKELY),
        ASP("<% Set h = CreateObject(\"MSXML2.ServerXMLHTTP\")\nh.Open \"GET\", "
            "\"http://a/?q=\" & Request(\"u\"), False\nh.Send %>",
            WEAK),
        ASP("<% Class c\nSub a(s)\nSet f = CreateObject(\"Scripting.FileSystemObject\")\n"
            "f.DeleteFile Request(s)\nf.CopyFile Request(s), Request(\"t\")\nEnd Sub\nEnd "
            "Class "
            "%>",
            WEAK));
}

static void elements_are_variables(void)
{
    CHECK(
        ASP("<% Dim o(3, 1)\no(0, 0) = \"Scripting.FileSystemObject\"\no(1, 0) = "
            "\"WScript.Shell\"\n"
            "o(2, 0) = \"ADODB.Stream\"\nCreateObject(o(1, 0)).Run Request(\"c\") %>",
            CERTAIN),
        ASP("<% Dim o(3)\no(0) = Request(\"x\")\no(1) = \"a = 1\"\nExecute o(1) %>", WEAK),
        ASP("<% Dim o(3)\no(0) = Request(\"x\")\no(1) = \"a = 1\"\nExecute o(n) %>", CERTAIN));
}

static void uploads_beside_the_page(void)
{
    CHECK(
        NET(CS "<script runat=server>void U(object s, EventArgs e) { "
               "f.SaveAs(Server.MapPath(\".\") + "
               "\"\\\\\" + f.FileName); }</script><asp:FileUpload id=f runat=server />",
            LIKELY),
        NET(SHOP "<script runat=server>void U(object s, EventArgs e) { "
                 "f.SaveAs(Server.MapPath(\".\") + "
                 "\"\\\\up\\\\\" + f.FileName); }</script><asp:FileUpload id=f runat=server />",
            WEAK),
        NET(CS
            "<script runat=server>void U(object s, EventArgs e) { "
            "f.SaveAs(Server.MapPath(\".\") + "
            "\"\\\\\" + f.FileName + \".jpg\"); }</script><asp:FileUpload id=f runat=server />",
            WEAK),
        ASP("<% Execute Request.ServerVariables(\"HTTP_USER_AGENT\") %>", CERTAIN),
        ASP("<% Execute \"a = \" & Len(Request.ServerVariables(\"HTTP_USER_AGENT\")) %>",
            WEAK));
}

/* Encoded script counts characters: of two bytes in some code pages. Copies whose controls became
 * blanks are read as well. */
static void encoded_script(void)
{
    CHECK(ASP("<%#@~^HAAAAA==a{J\x81@\x81@\x82"
              "AE=+X+m!Y\x7f<D\x7f;;+kYcE0J#AAAAAA==^#~@%>",
              CERTAIN),
          ASP("<%#@~^MQAAAA==G   <nMDKD<M+k;: <U+XY@#@& 6+1;Y <D 5;+kYvJV+UnSxE#AAAAAA==^#~@%>",
              CERTAIN),
          ASP("<%#@~^MAAAAA==G   <nMDKD<M+k;: <U+XY@#@& 7+1;Y <D 5;+kYvJV+UnSxE#AAAAAA==^#~@%>",
              NONE));
}

/* As many functions of one name as there are calls of it: the looking up of them has an end. */
static void a_name_that_is_declared_often(void)
{
    enum { TIMES = 20000 };
    struct buf page = buf_new((size_t)1 << 22);
    struct arena *a = arena_new();
    struct asp_verdict v;
    buf_add_str(&page, STR("<% Execute Request(\"x\")\n"));
    for (int i = 0; i < TIMES; i++)
        buf_add_str(&page, STR("Sub a\na\nEnd Sub\n"));
    buf_add_str(&page, STR("%>"));
    asp_look(str_bytes(buf_str(&page)), ASP_KIND_CLASSIC, a, &v);
    T_EQ(v.sure, ASP_CERTAIN);
    T_OK(v.cut);
    arena_free(a);
    buf_free(&page);
}

int main(void)
{
    T_RUN(follows_methods_that_are_not_called_yet);
    T_RUN(follows_calls_by_name);
    T_RUN(functions_of_text);
    T_RUN(native_functions_by_other_names);
    T_RUN(fields_and_properties_of_the_page_s_classes);
    T_RUN(calls_do_not_mix);
    T_RUN(methods_work_on_their_object);
    T_RUN(arguments_that_begin_with_a_dot);
    T_RUN(odd_ways_to_write);
    T_RUN(text_that_is_hidden);
    T_RUN(databases_that_run_commands);
    T_RUN(files_that_are_written_for_others);
    T_RUN(what_other_services_of_the_server_are_asked);
    T_RUN(programs_in_constants);
    T_RUN(loops_add_up);
    T_RUN(branches_take_nothing_away);
    T_RUN(classic_pages);
    T_RUN(elements_are_variables);
    T_RUN(uploads_beside_the_page);
    T_RUN(encoded_script);
    T_RUN(pictures_that_are_included);
    T_RUN(a_name_that_is_declared_often);
    return t_done();
}
