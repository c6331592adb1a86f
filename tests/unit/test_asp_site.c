/* Pages that belong to no application, and what is told of those that do. */
#include "asp_t.h"

#define BEGIN "<script runat=server>"
#define END "</script>"
#define FORM "<asp:FileUpload id=f runat=server />"

static void programs_that_are_started(void)
{
    CHECK(
        NET(CS "<% Process.Start(\"cmd.exe\", \"/c hostname\"); %>", LIKELY),
        NET(SHOP "<% Process.Start(\"cmd.exe\", \"/c hostname\"); %>", WEAK),
        NET("<%@ WebHandler Language=\"C#\" Class=\"H\" %>using Shop.Media; class H { void "
            "ProcessRequest(HttpContext c) { Process.Start(\"convert.exe\"); } }",
            WEAK),
        NET("<%@ WebHandler Language=\"C#\" Class=\"H\" %>using System.Web; class H { void "
            "ProcessRequest(HttpContext c) { using (var a = new Pen()) { "
            "Process.Start(\"convert.exe\"); } } }",
            LIKELY),
        NET(VB "<%@ Import Namespace=\"Shop.Media\" %><% Process.Start(\"a.exe\") %>", WEAK),
        NET(CS "<%@ Reference Page=\"other.aspx\" %><% Process.Start(\"a.exe\"); %>", WEAK),
        NET(CS "<%@ Register TagPrefix=\"s\" Namespace=\"Shop.Controls\" Assembly=\"Shop\" "
               "%><% Process.Start(\"a.exe\"); %>",
            WEAK),
        NET(CS "<%@ Import Namespace=\"System.IO\" %><% Process.Start(\"a.exe\"); %>", LIKELY),
        NET(CS "<%@ Import Namespace=\"P=System.Diagnostics.Process\" %><% "
               "Process.Start(\"a.exe\"); %>",
            LIKELY),
        {"<%@ Language=VBScript %><% CreateObject(\"WScript.Shell\").Run \"a.exe\" %>",
         ASP_KIND_OTHER, ASP_WEAK},
        ASP("<% CreateObject(\"WScript.Shell\").Run \"a.exe\" %>", WEAK));
}

static void who_is_asked_for(void)
{
    CHECK(NET(CS "<% if (User.IsInRole(\"a\")) Process.Start(\"a.exe\"); %>", WEAK),
          NET(CS "<% if (Session[\"who\"] != null) Process.Start(\"a.exe\"); %>", WEAK),
          NET(CS "<% Session[\"who\"] = 1; if (Session[\"who\"] != null) "
                 "Process.Start(\"a.exe\"); %>",
              LIKELY),
          NET(CS "<% Process.Start(ConfigurationManager.AppSettings[\"tool\"]); %>", WEAK),
          NET(CS "<% if (User.IsInRole(\"a\")) Process.Start(\"cmd\", Request[\"x\"]); %>",
              CERTAIN));
}

static void uploads_with_their_form(void)
{
    CHECK(NET(CS BEGIN
              "void U() { f.SaveAs(Server.MapPath(\"~/up/\") + f.FileName); }" END FORM,
              LIKELY),
          NET(SHOP BEGIN
              "void U() { f.SaveAs(Server.MapPath(\"~/up/\") + f.FileName); }" END FORM,
              WEAK),
          NET(CS BEGIN "void U() { if (f.FileName.EndsWith(\".jpg\")) "
                       "f.SaveAs(Server.MapPath(\"~/up/\") + f.FileName); }" END FORM,
              WEAK),
          NET(CS BEGIN
              "void U() { f.SaveAs(Server.MapPath(\"~/up/\") + f.FileName + \".txt\"); }" END
                  FORM,
              WEAK),
          NET(CS BEGIN "void U() { Request.Files[0].SaveAs(Server.MapPath(\"~/up/\") + "
                       "Request.Files[0].FileName); }" END,
              WEAK),
          NET(CS BEGIN "void U() { Request.Files[0].SaveAs(Server.MapPath(\"~/up/\") + "
                       "Request.Files[0].FileName); }" END
                       "<form enctype=\"multipart/form-data\"><input type=file name=a></form>",
              LIKELY));
}

static void files_that_are_written(void)
{
    CHECK(
        NET(CS "<% using (var f = File.OpenWrite(Request[\"p\"])) { "
               "Request.InputStream.CopyTo(f); } %>",
            LIKELY),
        NET(CS "<% using (var f = File.OpenWrite(\"a.log\")) { Request.InputStream.CopyTo(f); "
               "} %>",
            WEAK),
        NET(CS "<% Request.InputStream.CopyTo(memory); File.Exists(\"a\"); %>", NONE),
        NET(CS "<% File.WriteAllBytes(\"c:\\\\a.dll\", Decode(\"0102030405060708090a0b\")); "
               "%>" BEGIN "byte[] Decode(string a) { return Turn(a); }" END,
            LIKELY),
        NET(CS "<% new WebClient().DownloadFile(\"http://a/b\", \"c:\\\\a.exe\"); %>", LIKELY),
        NET(CS "<% new WebClient().DownloadFile(\"http://a/b\", \"c:\\\\a.jpg\"); %>", WEAK),
        NET(CS "<% File.Delete(Server.MapPath(\"~/up/\") + Request[\"x\"]); %>", LIKELY),
        NET(CS "<% File.Delete(Server.MapPath(\"~/up/a.tmp\")); %>", WEAK),
        NET(CS "<% new DirectoryInfo(Request[\"x\"]).Delete(true); %>", LIKELY),
        NET(CS "<% new DirectoryInfo(\"c:\\\\temp\\\\a\").Delete(true); %>", WEAK),
        NET(CS "<% Response.Write(File.ReadAllText(Server.MapPath(\"~/web.config\"))); %>",
            LIKELY),
        NET(CS "<% Response.Write(File.ReadAllText(Server.MapPath(\"~/news.txt\"))); %>", WEAK),
        NET(VB "<%\nFileOpen(1, Request(\"p\"), OpenMode.Output)\n%>", LIKELY),
        NET(VB "<%\nFileOpen(1, \"a.log\", OpenMode.Append)\n%>", WEAK));
}

static void files_that_are_moved_and_found(void)
{
    CHECK(
        NET(CS "<% File.Move(Server.MapPath(\"a.txt\"), Server.MapPath(\"a.aspx\")); %>",
            LIKELY),
        NET(CS "<% File.Move(Server.MapPath(\"a.txt\"), Server.MapPath(\"a.old\")); %>", WEAK),
        NET(CS "<% foreach (string a in Directory.GetFiles(place)) File.Delete(a); %>", LIKELY),
        NET(SHOP "<% foreach (string a in Directory.GetFiles(place)) File.Delete(a); %>", WEAK),
        NET(CS "<% foreach (string a in Directory.GetFiles(\"d:\\\\\")) Response.Write(a); %>",
            LIKELY),
        NET(CS "<% foreach (string a in Directory.GetFiles(place)) Response.Write(a); %>",
            WEAK),
        NET(CS "<% foreach (string a in Directory.GetLogicalDrives()) Response.Write(a); %>",
            LIKELY),
        NET(SHOP "<% foreach (string a in Directory.GetLogicalDrives()) Response.Write(a); %>",
            WEAK),
        NET(CS "<% File.WriteAllText(Request.PhysicalPath + \".as\" + \"px\", \"a\"); %>",
            LIKELY),
        NET(CS "<% File.WriteAllText(Request.PhysicalPath + \".tx\" + \"t\", \"a\"); %>", WEAK),
        NET(CS "<% File.WriteAllText(\"a.dat\", Request[\"password\"]); %>", LIKELY),
        NET(CS "<% File.WriteAllText(\"a.dat\", Request[\"comment\"]); %>", WEAK));
}

static void code_of_its_own_making(void)
{
    CHECK(NET(JS "<% eval(make()); %>", LIKELY), NET(CS "<%# Eval(column) %>", WEAK),
          NET(CS "<% new CSharpCodeProvider().CompileAssemblyFromSource(p, text); %>", LIKELY),
          NET(SHOP "<% new CSharpCodeProvider().CompileAssemblyFromSource(p, text); %>", WEAK),
          NET(CS "<% Assembly.Load(bytes); %>", LIKELY),
          NET(CS "<% Assembly.Load(\"System.Web\"); %>", WEAK),
          NET(CS "<% CSharpSyntaxTree.ParseText(Request[\"x\"]); %>", CERTAIN),
          NET(CS "<% Names.ParseText(Request[\"x\"]); %>", NONE));
}

static void databases_that_are_named(void)
{
    CHECK(NET(CS "<% new SqlConnection(\"server=\" + Request[\"s\"]); %>" BEGIN
                 "void A() { command.ExecuteReader(); }" END,
              LIKELY),
          NET(CS "<% new SqlConnection(\"server=a\"); %>" BEGIN
                 "void A() { command.ExecuteReader(); }" END,
              WEAK),
          NET(CS "<% var c = new SqlCommand(\"select ?\", a); "
                 "c.Parameters.Add(Request[\"x\"]); adapter.SelectCommand = c; %>",
              WEAK),
          NET(CS "<% var c = new SqlCommand(Request[\"x\"], a); adapter.SelectCommand = c; %>",
              LIKELY),
          NET(CS "<% new SqlDataSource(Request[\"c\"], Request[\"x\"]); %>", CERTAIN));
}

static void accounts_that_are_made(void)
{
    CHECK(NET(CS "<% var u = new UserPrincipal(context, \"a\", \"b\", true); u.Save(); %>",
              LIKELY),
          NET(CS "<% var u = UserPrincipal.FindByIdentity(context, \"a\"); %>", NONE),
          NET(CS "<% var d = new DirectoryEntry(\"WinNT://a/b\"); d.Invoke(\"SetPassword\", "
                 "\"c\"); d.CommitChanges(); %>",
              NONE));
}

static void arguments_by_reference(void)
{
    CHECK(
        NET(SHOP BEGIN "void G(out string a) { a = Request[\"x\"]; } void Page_Load() { string "
                       "s; G(out s); Process.Start(\"cmd\", s); }" END,
            CERTAIN),
        NET(SHOP BEGIN "void G(out string a) { a = Request[\"x\"]; } void Page_Load() { "
                       "G(out var s); Process.Start(\"cmd\", s); }" END,
            CERTAIN),
        NET(SHOP BEGIN "void G(string a) { a = Request[\"x\"]; } void Page_Load() { string "
                       "s = \"/c date\"; G(s); Process.Start(\"cmd\", s); }" END,
            WEAK),
        NET(SHOP BEGIN "IEnumerable<string> G() { yield return Request[\"x\"]; } void "
                       "Page_Load() { foreach (var s in G()) Process.Start(\"cmd\", s); }" END,
            CERTAIN));
}

int main(void)
{
    T_RUN(programs_that_are_started);
    T_RUN(who_is_asked_for);
    T_RUN(uploads_with_their_form);
    T_RUN(files_that_are_written);
    T_RUN(files_that_are_moved_and_found);
    T_RUN(code_of_its_own_making);
    T_RUN(databases_that_are_named);
    T_RUN(accounts_that_are_made);
    T_RUN(arguments_by_reference);
    return t_done();
}
