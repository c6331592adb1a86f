#include "format/asp_value.h"

/* clang-format off */
static const uint8_t OBJECTS[W_WORDS] = {
    [W_request] = K_REQUEST, [W_httprequest] = K_REQUEST, [W_httppostedfile] = K_POSTED,
    [W_response] = K_RESPONSE, [W_server] = K_SERVER, [W_httpcontext] = K_CONTEXT,
    [W_session] = K_SESSION, [W_application] = K_SESSION, [W_viewstate] = K_SESSION,
    [W_textbox] = K_CONTROL, [W_hiddenfield] = K_CONTROL, [W_htmlinputtext] = K_CONTROL,
    [W_htmlinputhidden] = K_CONTROL, [W_htmltextarea] = K_CONTROL, [W_dropdownlist] = K_CONTROL,
    [W_htmlselect] = K_CONTROL, [W_listbox] = K_CONTROL, [W_fileupload] = K_POSTED,
    [W_htmlinputfile] = K_POSTED, [W_fileinfo] = K_FILECLASS, [W_file] = K_FILECLASS,
    [W_directory] = K_DIRCLASS, [W_directoryinfo] = K_FOLDER, [W_driveinfo] = K_DRIVES,
    [W_process] = K_PROCESS, [W_processstartinfo] = K_STARTINFO, [W_streamwriter] = K_WRITER,
    [W_binarywriter] = K_WRITER, [W_filestream] = K_STREAM, [W_memorystream] = K_READER,
    [W_streamreader] = K_READER, [W_binaryreader] = K_READER, [W_stringreader] = K_READER,
    [W_xmltextreader] = K_READER, [W_xmlreader] = K_READER, [W_gzipstream] = K_READER,
    [W_deflatestream] = K_READER, [W_cryptostream] = K_READER, [W_path] = K_PATHCLASS,
    [W_assembly] = K_ASSEMBLY, [W_appdomain] = K_APPDOMAIN, [W_currentdomain] = K_APPDOMAIN,
    [W_assemblyloadcontext] = K_ASSEMBLY,
    [W_csharpsyntaxtree] = K_CODEDOM, [W_csharpcodeprovider] = K_CODEDOM, [W_vbcodeprovider] = K_CODEDOM,
    [W_jscriptcodeprovider] = K_CODEDOM, [W_codedomprovider] = K_CODEDOM,
    [W_activator] = K_ACTIVATOR, [W_type] = K_TYPE, [W_methodinfo] = K_METHOD,
    [W_sqlconnection] = K_SQLCONN, [W_oledbconnection] = K_SQLCONN,
    [W_odbcconnection] = K_SQLCONN, [W_oracleconnection] = K_SQLCONN,
    [W_sqlcommand] = K_SQLCMD, [W_oledbcommand] = K_SQLCMD, [W_odbccommand] = K_SQLCMD,
    [W_oraclecommand] = K_SQLCMD, [W_sqldataadapter] = K_SQLADAPTER,
    [W_oledbdataadapter] = K_SQLADAPTER, [W_odbcdataadapter] = K_SQLADAPTER,
    [W_mysqlconnection] = K_SQLCONN, [W_mysqlcommand] = K_SQLCMD, [W_mysqldataadapter] = K_SQLADAPTER,
    [W_npgsqlconnection] = K_SQLCONN, [W_npgsqlcommand] = K_SQLCMD, [W_npgsqldataadapter] = K_SQLADAPTER,
    [W_sqliteconnection] = K_SQLCONN, [W_sqlitecommand] = K_SQLCMD, [W_sqlitedataadapter] = K_SQLADAPTER,
    [W_socket] = K_SOCKET, [W_tcpclient] = K_SOCKET, [W_udpclient] = K_SOCKET,
    [W_tcplistener] = K_SOCKET, [W_webclient] = K_WEBCLIENT, [W_httpclient] = K_WEBCLIENT,
    [W_webrequest] = K_WEBREQUEST, [W_httpwebrequest] = K_WEBREQUEST,
    [W_ftpwebrequest] = K_WEBREQUEST,
    [W_losformatter] = K_FORMATTER, [W_binaryformatter] = K_FORMATTER,
    [W_objectstateformatter] = K_FORMATTER, [W_soapformatter] = K_FORMATTER,
    [W_netdatacontractserializer] = K_FORMATTER, [W_xamlreader] = K_FORMATTER,
    [W_xslcompiledtransform] = K_XSL, [W_xsltransform] = K_XSL,
    [W_registry] = K_REGISTRY, [W_registrykey] = K_REGISTRY, [W_convert] = K_CONVERT,
    [W_encoding] = K_ENCODING, [W_asciiencoding] = K_ENCODING, [W_utf8encoding] = K_ENCODING,
    [W_string] = K_STRINGCLASS, [W_marshal] = K_MARSHAL, [W_powershell] = K_PSHELL,
    [W_runspacefactory] = K_PSHELL, [W_runspace] = K_PSHELL, [W_pipeline] = K_PSHELL,
    [W_runspaceinvoke] = K_PSHELL,
    [W_vsaengine] = K_SCRIPTHOST, [W_csharpscript] = K_SCRIPTHOST,
    [W_managementclass] = K_WMI, [W_managementobject] = K_WMI,
    [W_managementobjectsearcher] = K_WMI, [W_environment] = K_ENVIRONMENT,
    [W_expression] = K_EXPRESSION, [W_xamlservices] = K_FORMATTER,
    [W_routetable] = K_REGISTRAR, [W_globalfilters] = K_REGISTRAR, [W_viewengines] = K_REGISTRAR,
    [W_valueproviderfactories] = K_REGISTRAR, [W_controllerbuilder] = K_REGISTRAR,
    [W_applicationinstance] = K_REGISTRAR, [W_filesystem] = K_VBFILES, [W_taskservice] = K_SCHEDULER,
    [W_servermanager] = K_IISADMIN, [W_eventlog] = K_EVENTLOG, [W_wshshell] = K_WSHELL,
    [W_wshshellclass] = K_WSHELL, [W_directorysearcher] = K_SEARCHER,
    [W_userprincipal] = K_ADSI, [W_stringbuilder] = K_BUILDER, [W_math] = K_MATH, [W_regex] = K_REGEX,
};
/* clang-format on */

enum asp_object asp_object_of_word(enum asp_word word)
{
    return (unsigned)word < W_WORDS ? (enum asp_object)OBJECTS[word] : K_NONE;
}

/* Parts of program ids and class ids, longest sense first. Source: the classes' registration */
enum asp_object asp_object_of_id(struct str id)
{
    static const struct {
        const char *part;
        enum asp_object object;
    } ids[] = {
        {"wscript.shell", K_WSHELL},
        {"72c24dd5-d70a-438b-8a42-98424b88afb8", K_WSHELL},
        {"f935dc22-1cf0-11d0-adb9-00c04fd58a0b", K_WSHELL},
        {"shell.application", K_SHELLAPP},
        {"13709620-c279-11ce-a49e-444553540000", K_SHELLAPP},
        {"shell.explorer", K_SHELLAPP},
        {"9ba05972-f6a8-11cf-a442-00a0c90a8f39", K_SHELLAPP},
        {"c08afd90-f2a1-11d1-8455-00a0c91f3880", K_SHELLAPP},
        {"scripting.filesystemobject", K_FSO},
        {"0d43fe01-f093-11cf-8940-00a0c9054228", K_FSO},
        {"adodb.stream", K_ADOSTREAM},
        {"00000566-0000-0010-8000-00aa006d2ea4", K_ADOSTREAM},
        {"adodb.connection", K_ADOCONN},
        {"00000514-0000-0010-8000-00aa006d2ea4", K_ADOCONN},
        {"adodb.recordset", K_ADORS},
        {"adodb.command", K_ADOCMD},
        {"scriptcontrol", K_SCRIPTCTL},
        {"0e59f1d5-1fbe-11d0-8ff2-00a0d10038bc", K_SCRIPTCTL},
        {"xmlhttp", K_HTTP},
        {"winhttp", K_HTTP},
        {"xmldom", K_XMLDOM},
        {"domdocument", K_XMLDOM},
        {"winmgmts", K_WMI},
        {"wbemscripting", K_WMI},
        {"htmlfile", K_SCRIPTCTL},
        {"scripting.dictionary", K_DICTIONARY},
        {"winnt://", K_ADSI},
        {"iis://", K_ADSI},
        {"iisnamespace", K_ADSI},
        {"schedule.service", K_SCHEDULER},
        {"sqldmo.sqlserver", K_ADOCONN},
        {"persits.upload", K_POSTED},
        {"softartisans.fileup", K_POSTED},
        {"chili.upload", K_POSTED},
        {"lyfupload.", K_POSTED},
        {"dundas.upload", K_POSTED},
        {"smartupload", K_POSTED},
        {"aspexec.", K_STARTINFO},
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (str_ifind(str_part(id, 0, 256), str_of(ids[i].part), 0) != SIZE_MAX)
            return ids[i].object;
    return K_NONE;
}
