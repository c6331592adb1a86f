// Asked where there is one of: <% <jsp: ${
// Web shells in JSP, by what their text does. Facts: the Java SE API (Runtime, ProcessBuilder,
// ClassLoader, ScriptEngine), the JSP specification (syntax, unicode escapes of Java).

private rule jsp_page
{
    strings:
        $scriptlet = "<%"
        $element = "<jsp:"
        $expression = "${"
        $java = /\bjavax?\.[a-z]{2,12}\.|<%@\s*page\s+(import|language\s*=\s*["']java["'])|\bget(Runtime|Parameter)\b/
        $asp = /<%@\s*(language\s*=|codepage)|<%@\s*page[^>]{0,80}language\s*=\s*["']?(c#|vb)|\b(server\.createobject|response\.write)\b|<!--\s*#include\s/ nocase
    condition:
        filesize < 2MB and ($element or (($scriptlet or $expression) and ($java or not $asp)))
}

rule jsp_runs_request : webshell jsp
{
    meta:
        description = "JSP that starts a process and takes its input from the request"
        level = "critical"
        source = "Java SE: Runtime.exec, ProcessBuilder; Servlet API: ServletRequest"
        match = "<% Runtime.getRuntime().exec(request.getParameter(\"c\")); %>"
        near_miss = "<% long free = Runtime.getRuntime().freeMemory(); String p = request.getParameter(\"page\"); %>"
    strings:
        $exec = /getRuntime\s*\(\s*\)\s*\.\s*exec\s*\(/
        $exec_2 = /[\w)]\s*\.\s*exec\s*\(/
        $runtime = "getRuntime"
        $name = /java\s*\.\s*lang\s*\.\s*Runtime/
        $builder = /new\s+(java\.lang\.)?ProcessBuilder\b|["']java\.lang\.(ProcessBuilder|ProcessImpl|UNIXProcess)/
        $impl = /java\.lang\.(ProcessImpl|UNIXProcess)/
        $request = /getParameter|getHeader|getQueryString|getInputStream|getReader|getCookies|\bparam\b|getAttribute/
    condition:
        jsp_page and $request and ($exec or $builder or $impl or ($exec_2 and ($runtime or $name)))
}

rule jsp_runs_command : webshell jsp
{
    meta:
        description = "JSP that starts a fixed command or a shell"
        level = "high"
        source = "Java SE: Runtime.exec, ProcessBuilder"
        match = "<% Process p = Runtime.getRuntime().exec(\"cmd.exe /c dir\"); %>"
        near_miss = "<% out.print(Runtime.getRuntime().availableProcessors()); %>"
    strings:
        $exec = /getRuntime\s*\(\s*\)\s*\.\s*exec\s*\(|new\s+(java\.lang\.)?ProcessBuilder\b/
        $shell = /cmd(\.exe)?["',\s]|\/bin\/(ba)?sh|powershell|bash -/ nocase
    condition:
        jsp_page and $exec and $shell
}

rule jsp_loads_class : webshell jsp
{
    meta:
        description = "JSP that makes a class out of bytes and runs it"
        level = "critical"
        source = "Java SE: ClassLoader.defineClass, URLClassLoader, Class.newInstance"
        match = "<%! class U extends ClassLoader { Class g(byte[] b) { return super.defineClass(b, 0, b.length); } } %><% request.getReader(); %>"
        near_miss = "<% Class c = Class.forName(\"com.example.Page\"); Object o = c.newInstance(); %>"
    strings:
        $define = /defineClass|defineAnonymousClass|"def"\s*\+\s*"ine/ 
        $bcel = /\$\$BCEL\$\$|com\.sun\.org\.apache\.bcel\.internal\.util\.ClassLoader/
        $templates = /TemplatesImpl|_bytecodes/
        $urlloader = /new\s+(java\.net\.)?URLClassLoader\s*\(/
        $jar = /java\.nio\.file\.Files\.write|createTempFile|getParameter|\.class["']/
        $decode = /BASE64Decoder|Base64|Cipher|getParameter|getReader|getInputStream|getMethod|getHeader|getAttribute/
        $compiler = /JavaCompiler|ToolProvider|com\.sun\.tools\.javac/
    condition:
        jsp_page and (($define and $decode) or $bcel or ($templates and $decode) or
                      ($urlloader and $jar) or ($compiler and $decode))
}

rule jsp_evaluates : webshell jsp
{
    meta:
        description = "JSP that evaluates script, expressions or serialised objects from the request"
        level = "critical"
        source = "Java SE: javax.script, java.beans; EL specification: ELProcessor"
        match = "<% new javax.script.ScriptEngineManager().getEngineByName(\"js\").eval(request.getParameter(\"x\")); %>"
        near_miss = "<script>var engine = eval('1+1');</script><% String x = request.getParameter(\"x\"); %>"
    strings:
        $script = /ScriptEngineManager|getEngineByName|jdk\.jshell|JShell\.builder|NashornScriptEngine/
        $el = /ELProcessor|ExpressionFactory|createValueExpression|proprietaryEvaluate|SpelExpressionParser|OgnlContext|ognl\.|GroovyShell|ELManager|getExpressionFactory/
        $bean = /XMLDecoder|java\.beans\.(Expression|Statement)|new\s+Expression\s*\(/
        $rmi = /InitialContext\s*\(\s*\)\s*\.\s*(do)?[Ll]ookup|JdbcRowSetImpl|setDataSourceName/
        $object = /new\s+(java\.io\.)?ObjectInputStream\s*\(/
        $transform = /org\.apache\.xalan|TransformerFactory/
        $request = /getParameter|getHeader|getInputStream|getReader|\bparam\.|getQueryString|parameterMap/
        $el_direct = /\$\{[^}]{0,300}(getRuntime|forName|getDeclaredConstructor|java\.lang\.|ScriptEngine|pageContext\.(setAttribute|request\.getSession)[^}]{0,80}invoke)/
    condition:
        jsp_page and (($request and ($script or $el or $bean or $rmi or $object)) or $el_direct or
                      ($transform and $request and filesize < 6KB))
}

rule jsp_hides_code : webshell jsp
{
    meta:
        description = "JSP whose Java is written in unicode escapes, entities or bytes"
        level = "high"
        source = "Java language specification 3.3: unicode escapes; JSP documents: XML"
        match = "<% \\u0072\\u0065\\u0071\\u0075\\u0065\\u0073\\u0074.\\u0067\\u0065\\u0074(); %>"
        near_miss = "<% String name = \"M\\u00fcller\"; %>"
    strings:
        $escapes = /(\\u{1,6}00[2-7][0-9a-fA-F]){6}/
        $letters = /\\u{1,6}00[4-7][0-9a-fA-F]/
        $entities = /<jsp:(scriptlet|declaration)>(\s*&#x?[0-9a-fA-F]{2,4};){6}/
        $entities_2 = /(&#x?[0-9a-fA-F]{2,4};){12}/
        $element = "<jsp:scriptlet"
        $bytes = /new\s+String\s*\(\s*new\s+byte\s*\[\s*\]\s*\{\s*\d{2,3}\s*,\s*\d{2,3}\s*,\s*\d{2,3}\s*,/
        $reflect = /getMethod|forName|invoke/
        $blob = /["'](yv66vg|rO0AB|H4sIA)[A-Za-z0-9+\/]{60}/
        $chars = /\(char\)\s*\d{2,3}\s*\+|Character\.toString\s*\(\s*\(char\)|fromCharCode/
    condition:
        jsp_page and ($escapes or (#letters > 3 and filesize < 100KB) or $entities or ($entities_2 and $element) or ($bytes and $reflect) or
                      $blob or ($chars and $reflect))
}

rule jsp_reflects : webshell jsp
{
    meta:
        description = "JSP that calls methods by names that it builds or is given"
        level = "high"
        source = "Java SE: Class.forName, Method.invoke"
        match = "<% Class.forName(request.getParameter(\"c\")).getMethod(request.getParameter(\"m\")).invoke(null); %>"
        near_miss = "<% Class.forName(\"com.mysql.jdbc.Driver\"); %>"
    strings:
        $forname = /(Class\s*\.\s*forName|loadClass)\s*\(/
        $method = /\.\s*get(Declared)?Methods?\s*\(/
        $invoke = /\.\s*invoke\s*\(/
        $request = /getParameter|getHeader|getReader|getInputStream|getCookies|getAttribute/
    condition:
        jsp_page and $forname and $method and $invoke and $request and filesize < 60KB
}

rule jsp_writes_request : webshell jsp
{
    meta:
        description = "JSP that writes what a request brings into a file"
        level = "high"
        source = "Java SE: FileOutputStream, FileWriter, RandomAccessFile"
        match = "<% new java.io.FileOutputStream(request.getParameter(\"f\")).write(request.getParameter(\"t\").getBytes()); %>"
        near_miss = "<% java.io.FileInputStream in = new java.io.FileInputStream(application.getRealPath(\"/a.txt\")); %>"
    strings:
        $write = /new\s+(java\.io\.)?(FileOutputStream|FileWriter|RandomAccessFile|PrintWriter|PrintStream)\s*\(|Files\s*\.\s*write\s*\(|FileHandler\s*\(/
        $request = /getParameter|getInputStream|getReader|getHeader/
        $small = /new\s+(java\.io\.)?(FileOutputStream|FileWriter|RandomAccessFile)\s*\([^;]{0,120}getParameter/
        $upload = "multipart/form-data"
        $path = /getRealPath|request\.getParameter\s*\(\s*["'](f|file|path|p|filename|fileName|z1|dir|name)["']/
    condition:
        jsp_page and ($small or ($write and $request and ($path or $upload) and filesize < 6KB))
}

rule jsp_console : webshell jsp
{
    meta:
        description = "JSP that lists, reads, writes and deletes files as a request says, or asks any database"
        level = "high"
        source = "Java SE: java.io.File, java.sql"
        match = "<% new File(request.getParameter(\"d\")).listFiles(); f.delete(); f.renameTo(g); new FileOutputStream(h); f.canWrite(); f.lastModified(); File.listRoots(); %>"
        near_miss = "<% for (File f : new File(dir).listFiles()) out.print(f.lastModified()); %>"
    strings:
        $a_1 = /\.listFiles\s*\(|\.list\s*\(\s*\)/
        $a_2 = /\.delete\s*\(\s*\)/
        $a_3 = /\.renameTo\s*\(/
        $a_4 = /\.mkdirs?\s*\(/
        $a_5 = /\.(canWrite|canRead|canExecute)\s*\(/
        $a_6 = /new\s+(java\.io\.)?(FileOutputStream|FileWriter|RandomAccessFile)\b/
        $a_7 = /\.lastModified\s*\(/
        $a_8 = /listRoots\s*\(/
        $a_9 = /DriverManager\s*\.\s*getConnection/
        $a_10 = /new\s+(java\.net\.)?(Socket|ServerSocket)\b|SocketChannel/
        $a_11 = /getRealPath|user\.dir|os\.name/
        $request = /getParameter|getHeader/
        $chopper = /z0|z1|z2/ fullword
        $tunnel = /X-CMD|X-TARGET|X-STATUS|Georg/
    condition:
        jsp_page and $request and
        (6 of ($a_*) or ($a_10 and $tunnel) or ($chopper and 3 of ($a_*) and #chopper > 3) or
         ($a_8 and 2 of ($a_*)) or ($a_10 and $a_11 and filesize < 20KB))
}

rule jsp_dumps_database : webshell jsp
{
    meta:
        description = "JSP with a database's address and password in it that reads all its tables"
        level = "high"
        source = "Java SE: java.sql.DriverManager, DatabaseMetaData, ResultSetMetaData"
        match = "<% Connection c = DriverManager.getConnection(\"jdbc:mysql://127.0.0.1/x\", \"u\", \"p\"); ResultSet t = c.getMetaData().getTables(null, null, \"%\", null); new FileWriter(\"d.txt\"); %>"
        near_miss = "<% Connection c = DriverManager.getConnection(url, user, password); ResultSet r = c.createStatement().executeQuery(\"select name from town\"); %>"
    strings:
        $connect = /DriverManager\s*\.\s*getConnection/
        $address = /["']jdbc:[a-z]{2,12}:/
        $tables = /\.getTables\s*\(|user_tables|all_tables|information_schema|getColumnCount\s*\(|getMetaData\s*\(|limit\s*["']\s*\+/
        $out = /new\s+(java\.io\.)?(FileWriter|FileOutputStream|BufferedWriter|OutputStreamWriter)\b|getParameter|\bselect \* from/
    condition:
        jsp_page and filesize < 20KB and all of them
}
