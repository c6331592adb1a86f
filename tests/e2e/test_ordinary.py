#!/usr/bin/env python3
"""Servers that are as they should be: Exchange with other makers' products, a developer's machine,
SharePoint. Nothing that is said of them is above low, and nothing is a way back in.

usage: test_ordinary.py ASSAY GEN
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[2])
import configuration as gen  # noqa: E402
import planted  # noqa: E402

assay = os.path.abspath(sys.argv[1])
V15 = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"
EXCHANGE = "C/Program Files/Microsoft/Exchange Server/V15/"
TOKEN = ", Version=4.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
NATIVE = {
    "RewriteModule": "%SystemRoot%\\system32\\inetsrv\\rewrite.dll",
    "ApplicationRequestRouting": "%ProgramFiles%\\IIS\\Application Request Routing\\requestRouter.dll",
    "AspNetCoreModuleV2": "%ProgramFiles%\\IIS\\Asp.Net Core Module\\V2\\aspnetcorev2.dll",
    "CorsModule": "%ProgramFiles%\\IIS\\CORS\\iiscors.dll",
    "FastCgiModule": "%windir%\\System32\\inetsrv\\iisfcgi.dll",
    "iisnode": "%programfiles%\\iisnode\\iisnode.dll",
    "OneAgent": "C:\\Program Files\\dynatrace\\oneagent\\agent\\lib64\\oneagentiis.dll",
    "DuoIIS": "C:\\Program Files\\Duo Security\\DuoIIS\\DuoIISModule.dll",
    "cafe_exppw": V15 + "FrontEnd\\HttpProxy\\bin\\exppw.dll",
    "kerbauth": V15 + "Bin\\kerbauth.dll",
    "ModSecurity IIS (64bits)": "%SystemRoot%\\System32\\inetsrv\\ModSecurityIIS.dll",
    "ShibNative": "C:\\opt\\shibboleth-sp\\lib64\\shibboleth\\iis7_shib.dll",
}
FOLDERS = {
    "/owa": V15 + "FrontEnd\\HttpProxy\\owa", "/shop": "D:\\websites\\shop", "/files": "\\\\nas01\\share",
    "/_layouts": "C:\\Program Files\\Common Files\\Microsoft Shared\\Web Server Extensions\\15\\TEMPLATE\\LAYOUTS",
    "/dev": "C:\\Users\\dev\\source\\repos\\App\\App",
    "/ClientWebService": "C:\\Program Files\\Update Services\\WebServices\\ClientWebService",
}
MANAGED = {
    "ProxyModule": "Microsoft.Exchange.HttpProxy.ProxyModule, Microsoft.Exchange.FrontEndHttpProxy" + TOKEN,
    "OutputCache": "System.Web.Caching.OutputCacheModule",
}
HANDLERS = ('<add name="php" path="*.php" verb="*" modules="FastCgiModule" scriptProcessor="C:\\Program Files\\PHP'
            '\\v7.4\\php-cgi.exe" /><add name="svc" path="*.svc" verb="*" type="System.ServiceModel.Activation.'
            f'HttpHandler, System.ServiceModel.Activation{TOKEN}" />')
REWRITE = ('<rewrite><rules><rule name="s"><match url="(.*)" /><action type="Redirect" url="https://{HTTP_HOST}/{R:1}" />'
           '</rule><rule name="EEMS M1.1 PowerShell - inbound"><match url=".*" /><conditions><add input="'
           '{UrlDecode:{REQUEST_URI}}" pattern="(?=.*autodiscover)(?=.*powershell)" /></conditions><action '
           'type="AbortRequest" /></rule><rule name="api"><match url="api/(.*)" /><action type="Rewrite" '
           'url="http://localhost:5000/{R:1}" /></rule></rules></rewrite>')
AGENTS = {
    "ScanMail Routing Agent": ("TrendMicro.SMEX.hookE12.SMEXTransportAgentFactory",
                               "C:\\Program Files\\Trend Micro\\Smex\\hookE12TransportAgent.dll"),
    "SMSMSERoutingAgent": ("Symantec.MailSecurity.Transport.Factory",
                           "C:\\Program Files\\Symantec\\SMSMSE\\7.9\\Server\\SMSMSERoutingAgent.dll"),
    "Kaspersky": ("KasperskyLab.Kse.Interceptors.Factory",
                  "C:\\Program Files (x86)\\Kaspersky Lab\\Kaspersky Security 9.0\\kseti.dll"),
    "DkimSigner": ("Exchange.DkimSigner.DkimSigningRoutingAgentFactory",
                   "C:\\Program Files\\Exchange DkimSigner\\ExchangeDkimSigner.dll"),
}
TASKS = {
    "Microsoft/Windows/Defrag/ScheduledDefrag": ("%windir%\\system32\\defrag.exe", "-c -h -k -g -$"),
    "GoogleUpdateTaskMachineCore": ("C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe", "/c"),
    "Clean logs": ("powershell.exe", '-NoProfile -ExecutionPolicy Bypass -File "C:\\Scripts\\Clean.ps1"'),
    "Mailbox report": ("powershell.exe", '-NoProfile -Command "Add-PSSnapin Microsoft.Exchange.Management.PowerShell.'
                       'SnapIn; Get-MailboxStatistics | Export-Csv C:\\Reports\\mbx.csv"'),
    "win-acme renew": ("C:\\Program Files\\win-acme\\wacs.exe", "--baseuri https://acme-v02.api.letsencrypt.org/"),
    "IIS logs": ("cmd.exe", '/c forfiles /p C:\\inetpub\\logs\\LogFiles /s /m *.log /d -30 /c "cmd /c del @path"'),
    "OneDrive Standalone Update Task": ("%localappdata%\\Microsoft\\OneDrive\\OneDriveStandaloneUpdater.exe", ""),
    "Maker update": ("C:\\ProgramData\\Maker\\UpdateService\\update.exe", ""),
}
RECORDED = [  # by Amcache
    "c:\\windows\\system32\\svchost.exe", "c:\\windows\\temp\\mpsigstub.exe", "c:\\users\\public\\downloads\\putty.exe",
    "c:\\windows\\temp\\exchangesetup\\exsetup.exe", "c:\\programdata\\maker\\updateservice\\update.exe",
    "c:\\inetpub\\wwwroot\\wp\\php\\php-cgi.exe", "c:\\windows\\helppane.exe", "c:\\temp\\netscan.exe",
    "c:\\program files\\microsoft\\exchange server\\v15\\clientaccess\\owa\\auth\\owaauth.dll"]
APP = "C/Users/dev/source/repos/App/App/"
PAGES = {
    "C/inetpub/wwwroot/iisstart.htm": "<html></html>",
    "C/inetpub/wwwroot/web.config": '<?xml version="1.0"?><configuration><system.webServer><httpRedirect '
                                    'enabled="true" destination="/owa" /></system.webServer></configuration>',
    "C/inetpub/wwwroot/shop/search.asp":
        '<%\nset c=Server.CreateObject("ADODB.Connection")\nc.Open Application("dsn")\nset r=c.Execute("select * from '
        'p where n=\'" & Replace(Request("q"),"\'","\'\'") & "\'")\nResponse.Write r("n")\n%>',
    "C/inetpub/wwwroot/wp/index.php":
        "<?php define('WP_USE_THEMES', true); require __DIR__ . '/wp-blog-header.php';",
    "C/inetpub/wwwroot/wss/VirtualDirectories/80/_layouts/15/start.aspx":
        '<%@ Page Language="C#" Inherits="Microsoft.SharePoint.ApplicationPages.StartPage, Microsoft.SharePoint" %>',
    APP + "Default.aspx": '<%@ Page Language="C#" CodeBehind="Default.aspx.cs" Inherits="App._Default" %><html></html>',
    APP + "Upload.ashx":
        '<%@ WebHandler Language="C#" Class="Up" %>\nusing System.Web; using System.IO; public class Up : IHttpHandler '
        '{ public void ProcessRequest(HttpContext c) { var f = c.Request.Files[0]; f.SaveAs(Path.Combine(c.Server.MapPath('
        '"~/App_Data"), Path.GetFileName(f.FileName))); } public bool IsReusable { get { return false; } } }',
    APP + "Web.config":
        '<configuration><system.web><compilation debug="true" /><machineKey validationKey="AutoGenerate,IsolateApps" />'
        '</system.web><system.webServer><modules><add name="ErrorLog" type="Elmah.ErrorLogModule, Elmah" /><add '
        'name="Own" type="App.Module, App" /></modules><handlers><add name="t" path="Telerik.Web.UI.WebResource.axd" '
        'verb="*" type="Telerik.Web.UI.WebResource" /></handlers></system.webServer></configuration>',
    "C/Scripts/Backup.ps1": "New-MailboxExportRequest -Mailbox $m -FilePath \\\\nas\\pst\\x.pst\n",
}


def lay_out(folder):
    def put(name, content):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def adds(table, key):
        return "".join(f'<add name="{n}" {key}="{v}" />' for n, v in table.items())

    put("C/Windows/System32/inetsrv/config/applicationHost.config", gen.application_host(
        native=adds(NATIVE, "image"), managed=adds(MANAGED, "type"), rewrite=REWRITE, handler=HANDLERS,
        vdir="".join(f'<virtualDirectory path="{p}" physicalPath="{q}" />' for p, q in FOLDERS.items())))
    put(EXCHANGE + "TransportRoles/Shared/agents.config", gen.agents("".join(
        f'<agent name="{n}" baseType="Microsoft.Exchange.Data.Transport.Routing.RoutingAgent" classFactory="{f}" '
        f'assemblyPath="{a}" enabled="true" />' for n, (f, a) in AGENTS.items())))
    for name, (command, arguments) in TASKS.items():
        put("C/Windows/System32/Tasks/" + name, gen.task(command, arguments))
    put(planted.AMCACHE, planted.amcache(*RECORDED, old="C:\\Windows\\explorer.exe"))
    for name, content in PAGES.items():
        put(name, content)
    for name in ("C/Program Files/IIS/Application Request Routing/requestRouter.dll",
                 "C/Windows/System32/inetsrv/rewrite.dll"):
        put(name, gen.program(name=name.rsplit("/", 1)[1], exports=["RegisterModule"], signed=True))


with tempfile.TemporaryDirectory() as work:
    lay_out(pathlib.Path(work))
    run = subprocess.run([assay, "scan", "--format", "json", work], capture_output=True)
    told = json.loads(run.stdout)
problems = [f"{f['rule']['level']}: {f['rule']['title']}: {f['where']['path']}" for f in told["findings"]
            if f["rule"]["level"] not in ("low", "informational")]
problems += [f"gap: {g['path']}: {g['why']}" for g in told["gaps"]]
problems += [f"{c['id']}: {axis} is {c[axis]['state']}" for h in told["hosts"] for c in h["campaigns"]
             for axis in ("entry", "backdoor", "action", "loss") if c[axis]["state"] != "not_assessable"]
if run.returncode != 3:
    problems.append(f"exit status {run.returncode}")
for problem in problems:
    print("FAILED:", problem)
print(f"{len(told['findings'])} findings, {len(problems)} problems")
sys.exit(1 if problems else 0)
