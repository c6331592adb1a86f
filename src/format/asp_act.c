#include "format/asp_act.h"

struct method {
    uint8_t object, act;
};

enum {
    WAYS = 7,
    HIDDEN_CALL_TOKENS = 1 << 16, /* in which such calls are looked for */
};

/* clang-format off */
#define ON(object, act) {K_##object, A_##act}
static const struct method METHODS[W_WORDS][WAYS] = {
    [W_eval] = {ON(BARE, EVAL), ON(SCRIPTCTL, EVAL), ON(ANY, EVAL)},
    [W_setpassword] = {ON(ANY, ACCOUNT)}, [W_transfer] = {ON(SERVER, SERVER_EXECUTE)},
    [W_executedosapp] = {ON(STARTINFO, START)},
    [W_execute] = {ON(BARE, EVAL), ON(SERVER, SERVER_EXECUTE), ON(ADOCONN, SQL_RUN), ON(ADOCMD, SQL_RUN), ON(SCRIPTCTL, EVAL), ON(HIDDENOBJECT, RUN), ON(SCRIPTHOST, EVAL)},
    [W_registertask] = {ON(ANY, TASK)}, [W_registertaskdefinition] = {ON(ANY, TASK)}, [W_execaction] = {ON(BARE, TASK), ON(ANY, TASK)},
    [W_servicecontroller] = {ON(BARE, SERVICE), ON(ANY, SERVICE)}, [W_stop] = {ON(ADSI, SERVICE)},
    [W_clear] = {ON(EVENTLOG, CLEAR_LOG)}, [W_clearlog] = {ON(ANY, CLEAR_LOG)}, [W_terminate] = {ON(WMI, END_PROGRAM)},
    [W_getprocessbyid] = {ON(PROCESS, PROGRAMS)}, [W_getprocesses] = {ON(PROCESS, PROGRAMS)}, [W_invokeverb] = {ON(ANY, VERB)},
    [W_attachment] = {ON(BARE, ATTACH), ON(ANY, ATTACH)}, [W_addattachment] = {ON(ANY, ATTACH)}, [W_attachfile] = {ON(ANY, ATTACH)},
    [W_uploadfile] = {ON(ANY, SEND_UP)}, [W_gacinstall] = {ON(ANY, LOAD)}, [W_loadmodule] = {ON(ASSEMBLY, LOAD), ON(NONE, LOAD)},
    [W_loadwithpartialname] = {ON(ASSEMBLY, LOAD)}, [W_executeassemblybyname] = {ON(ANY, LOAD)}, [W_createcominstancefrom] = {ON(ANY, LOAD)},
    [W_createinstancefromvirtualpath] = {ON(ANY, SERVER_EXECUTE)}, [W_getcompiledtype] = {ON(ANY, SERVER_EXECUTE)},
    [W_getcompiledpageinstance] = {ON(ANY, SERVER_EXECUTE)}, [W_mappageroute] = {ON(REGISTRAR, REGISTER)},
    [W_commandshellimmediate] = {ON(ADOCONN, RUN)}, [W_commandshellwithresults] = {ON(ADOCONN, RUN)},
    [W_createprocessw] = {ON(BARE, NATIVE), ON(ANY, NATIVE)}, [W_shellexecutew] = {ON(BARE, NATIVE), ON(ANY, NATIVE)},
    [W_shellexecuteexw] = {ON(BARE, NATIVE)}, [W__wsystem] = {ON(BARE, NATIVE)}, [W__popen] = {ON(BARE, NATIVE)}, [W__wpopen] = {ON(BARE, NATIVE)},
    [W_loadlibrarya] = {ON(BARE, NATIVE)}, [W_loadlibraryw] = {ON(BARE, NATIVE)}, [W_loadlibraryex] = {ON(BARE, NATIVE)},
    [W_minidumpwritedump] = {ON(BARE, NATIVE), ON(ANY, NATIVE)}, [W_netuseradd] = {ON(BARE, ACCOUNT), ON(ANY, ACCOUNT)},
    [W_netlocalgroupaddmembers] = {ON(BARE, ACCOUNT), ON(ANY, ACCOUNT)}, [W_loadcontrol] = {ON(BARE, SERVER_EXECUTE), ON(ANY, SERVER_EXECUTE)},
    [W_callwindowproc] = {ON(BARE, NATIVE)}, [W_createfiber] = {ON(BARE, NATIVE)}, [W_enumwindows] = {ON(BARE, NATIVE)},
    [W_enumchildwindows] = {ON(BARE, NATIVE)}, [W_enumsystemlocalesa] = {ON(BARE, NATIVE)}, [W_ntcreatethreadex] = {ON(BARE, NATIVE)},
    [W_mapnetworkdrive] = {ON(ANY, CONNECT)}, [W_udpclient] = {ON(BARE, CONNECT), ON(ANY, CONNECT)}, [W_send] = {ON(SOCKET, CONNECT)},
    [W_namedpipeserverstream] = {ON(BARE, LISTEN), ON(ANY, LISTEN)}, [W_appendalllines] = {ON(FILECLASS, WRITE_ALL)},
    [W_encrypt] = {ON(FILECLASS, TIMES)}, [W_setlastwritetimeutc] = {ON(FILECLASS, TIMES), ON(DIRCLASS, TIMES)},
    [W_setcreationtimeutc] = {ON(FILECLASS, TIMES), ON(DIRCLASS, TIMES)}, [W_setlastaccesstimeutc] = {ON(FILECLASS, TIMES), ON(DIRCLASS, TIMES)},
    [W_setlastaccesstime] = {ON(FILECLASS, TIMES), ON(DIRCLASS, TIMES)},
    [W_deletedirectory] = {ON(VBFILES, DELETE)}, [W_renamefile] = {ON(VBFILES, COPY)}, [W_renamedirectory] = {ON(VBFILES, COPY)},
    [W_copydirectory] = {ON(VBFILES, COPY)}, [W_movedirectory] = {ON(VBFILES, COPY)}, [W_opentextfilewriter] = {ON(VBFILES, OPEN_WRITE)},
    [W_opentextfilereader] = {ON(VBFILES, READ_ALL)}, [W_getfileinfo] = {ON(VBFILES, MAKE)}, [W_rename] = {ON(BARE, COPY)},
    [W_setattr] = {ON(BARE, TIMES)}, [W_dir] = {ON(BARE, LIST), ON(VBFILES, LIST)}, [W_rmdir] = {ON(BARE, DELETE)},
    [W_getallcontent] = {ON(ANY, READ_ALL)}, [W_choosecontent] = {ON(ANY, READ_ALL)},
    [W_savefile] = {ON(POSTED, SAVE_AS)}, [W_sendbinary] = {ON(POSTED, SEND_FILE)}, [W_directory] = {ON(POSTED, LIST)},
    [W_lambda] = {ON(EXPRESSION, EXPRESSION)}, [W_execmethod_] = {ON(WMI, WMI)},
    [W_eval_r] = {ON(BARE, EVAL)}, /* "eval" in copies that a weblog's filter changed */
    [W_ddeinitiate] = {ON(ANY, RUN)},
    [W_servicestart] = {ON(SHELLAPP, RUN)}, [W_servicestop] = {ON(SHELLAPP, RUN)},
    [W_execmethod] = {ON(WMI, WMI)}, [W_execquery] = {ON(WMI, ASK_WMI)},
    [W_executeimmediate] = {ON(ADOCONN, SQL_RUN)}, [W_executewithresults] = {ON(ADOCONN, SQL_RUN)},
    [W_executeglobal] = {ON(BARE, EVAL), ON(ANY, EVAL)},
    [W_executestatement] = {ON(ANY, EVAL)},
    [W_addcode] = {ON(ANY, EVAL)},
    [W_functionconstructor] = {ON(BARE, EVAL)}, [W_constructor] = {ON(ANY, EVAL), ON(BARE, EVAL)},
    [W_parsecontrol] = {ON(ANY, DESERIALISE), ON(BARE, DESERIALISE)},
    [W_transformnode] = {ON(ANY, XSL)}, [W_transformnodetoobject] = {ON(ANY, XSL)},
    [W_invokemethod] = {ON(WMI, WMI)}, [W_system] = {ON(BARE, NATIVE)},
    [W_shellexecutea] = {ON(BARE, NATIVE)}, [W_shellexecuteex] = {ON(BARE, NATIVE)},
    [W_createprocesswithlogonw] = {ON(BARE, NATIVE), ON(ANY, NATIVE)},
    [W_execscript] = {ON(ANY, EVAL)},
    [W_jscriptevaluate] = {ON(ANY, EVAL), ON(BARE, EVAL)},
    [W_addscript] = {ON(ANY, EVAL)},
    [W_invokescript] = {ON(ANY, EVAL)},
    [W_addcommand] = {ON(PSHELL, EVAL)},
    [W_createpipeline] = {ON(PSHELL, EVAL)},
    [W_invoke] = {ON(PSHELL, EVAL), ON(METHOD, INVOKE), ON(ANY, INVOKE)},
    [W_evaluateasync] = {ON(SCRIPTHOST, EVAL)}, [W_evaluate] = {ON(SCRIPTHOST, EVAL)},
    [W_runasync] = {ON(SCRIPTHOST, EVAL)}, [W_create] = {ON(SCRIPTHOST, EVAL), ON(FILECLASS, OPEN_WRITE), ON(WEBREQUEST, FETCH), ON(WMI, WMI), ON(ADSI, ACCOUNT), ON(ANY, PASS)},
    [W_createelement] = {ON(IISADMIN, SITE)},
    [W_createobject] = {ON(ANY, CREATE_OBJECT), ON(BARE, CREATE_OBJECT)},
    [W_activexobject] = {ON(ANY, CREATE_OBJECT), ON(BARE, CREATE_OBJECT)},
    [W_createobjectfromclsid] = {ON(ANY, CREATE_OBJECT)},
    [W_getobject] = {ON(BARE, CREATE_OBJECT)},
    [W_gettypefromprogid] = {ON(ANY, CREATE_OBJECT)},
    [W_gettypefromclsid] = {ON(ANY, CREATE_OBJECT)},
    [W_start] = {ON(PROCESS, START), ON(ADSI, SERVICE)},
    [W_shell] = {ON(BARE, START), ON(NONE, START)},
    [W_processstartinfo] = {ON(ANY, MAKE), ON(BARE, MAKE)},
    [W_run] = {ON(WSHELL, RUN), ON(SCRIPTCTL, EVAL), ON(HIDDENOBJECT, RUN)},
    [W_exec] = {ON(WSHELL, RUN), ON(HIDDENOBJECT, RUN)},
    [W_shellexecute] = {ON(SHELLAPP, SHELL_EXECUTE), ON(HIDDENOBJECT, SHELL_EXECUTE), ON(NONE, SHELL_EXECUTE), ON(BARE, NATIVE)},
    [W_load] = {ON(ASSEMBLY, LOAD), ON(APPDOMAIN, LOAD), ON(XSL, XSL), ON(FORMATTER, DESERIALISE), ON(XMLDOM, XML_LOAD)},
    [W_loadfrom] = {ON(ASSEMBLY, LOAD)}, [W_loadfile] = {ON(ASSEMBLY, LOAD)}, [W_unsafeloadfrom] = {ON(ASSEMBLY, LOAD)},
    [W_loadfromstream] = {ON(ASSEMBLY, LOAD)},
    [W_createinstance] = {ON(ANY, INSTANCE)}, [W_createinstancefrom] = {ON(ANY, INSTANCE)},
    [W_createinstanceandunwrap] = {ON(ANY, INSTANCE)},
    [W_invokemember] = {ON(ANY, INVOKE)}, [W_dynamicinvoke] = {ON(ANY, INVOKE)},
    [W_callbyname] = {ON(BARE, INVOKE)},
    [W_gettype] = {ON(TYPE, GET_TYPE), ON(ASSEMBLY, GET_TYPE), ON(BARE, GET_TYPE)},
    [W_compileassemblyfromsource] = {ON(ANY, COMPILE)}, [W_compileassemblyfromdom] = {ON(ANY, COMPILE)},
    [W_compileassemblyfromfile] = {ON(ANY, COMPILE)},
    [W_deserialize] = {ON(FORMATTER, DESERIALISE), ON(NONE, TYPED)}, [W_unsafedeserialize] = {ON(FORMATTER, DESERIALISE)},
    [W_virtualalloc] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_virtualprotect] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_virtualallocex] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_createthread] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_createremotethread] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_heapcreate] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_writeprocessmemory] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_winexec] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_createprocess] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_createprocessa] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_createprocessasuser] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_getdelegateforfunctionpointer] = {ON(ANY, NATIVE)},
    [W_queueuserapc] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_loadlibrary] = {ON(BARE, NATIVE)},
    [W_writeallbytes] = {ON(FILECLASS, WRITE_ALL), ON(ANY, WRITE_ALL)},
    [W_writealltext] = {ON(FILECLASS, WRITE_ALL), ON(ANY, WRITE_ALL)},
    [W_writealllines] = {ON(FILECLASS, WRITE_ALL)}, [W_appendalltext] = {ON(FILECLASS, WRITE_ALL)},
    [W_createtext] = {ON(FILECLASS, OPEN_WRITE)}, [W_appendtext] = {ON(FILECLASS, OPEN_WRITE)},
    [W_openwrite] = {ON(FILECLASS, OPEN_WRITE)}, [W_open] = {ON(FILECLASS, OPEN), ON(ADOCONN, SQL_OPEN), ON(ADORS, SQL_RUN), ON(HTTP, HTTP_OPEN), ON(SQLCONN, SQL_OPEN), ON(SHELLAPP, SHELL_EXECUTE)},
    [W_openread] = {ON(FILECLASS, READ_ALL), ON(WEBCLIENT, FETCH)},
    [W_streamwriter] = {ON(BARE, OPEN_WRITE), ON(ANY, OPEN_WRITE)}, [W_binarywriter] = {ON(BARE, OPEN_WRITE), ON(ANY, OPEN_WRITE)},
    [W_filestream] = {ON(BARE, OPEN), ON(ANY, OPEN)}, [W_streamreader] = {ON(BARE, OPEN), ON(ANY, OPEN)},
    [W_createtextfile] = {ON(FSO, OPEN_WRITE), ON(FOLDER, OPEN_WRITE), ON(HIDDENOBJECT, OPEN_WRITE)},
    [W_opentextfile] = {ON(FSO, OPEN), ON(HIDDENOBJECT, OPEN)}, [W_openastextstream] = {ON(ANY, OPEN)},
    [W_opentext] = {ON(FILECLASS, READ_ALL)},
    [W_write] = {ON(TEXTFILE, WRITE_TO), ON(WRITER, WRITE_TO), ON(STREAM, WRITE_TO), ON(ADOSTREAM, MAKE), ON(SOCKET, CLEAN), ON(PROCESS, TELL_PROGRAM), ON(WEXEC, TELL_PROGRAM)},
    [W_writeline] = {ON(TEXTFILE, WRITE_TO), ON(WRITER, WRITE_TO), ON(PROCESS, TELL_PROGRAM), ON(WEXEC, TELL_PROGRAM)}, [W_writetext] = {ON(ADOSTREAM, MAKE)},
    [W_writebyte] = {ON(STREAM, WRITE_TO)}, [W_writeasync] = {ON(WRITER, WRITE_TO), ON(STREAM, WRITE_TO)},
    [W_saveas] = {ON(POSTED, SAVE_AS), ON(REQUEST, SAVE_TO_FILE), ON(ANY, SAVE_AS)}, [W_save] = {ON(ADSI, ACCOUNT), ON(POSTED, SAVE_AS), ON(XMLDOM, SAVE_TO_FILE), ON(ADORS, SAVE_TO_FILE)},
    [W_savetofile] = {ON(ANY, SAVE_TO_FILE)},
    [W_copy] = {ON(FILECLASS, COPY), ON(FOLDER, COPY), ON(STRINGCLASS, PASS)}, [W_copyto] = {ON(FILECLASS, COPY)},
    [W_move] = {ON(FILECLASS, COPY), ON(DIRCLASS, COPY), ON(FOLDER, COPY)}, [W_moveto] = {ON(FILECLASS, COPY), ON(FOLDER, COPY)},
    [W_copyfile] = {ON(FSO, COPY), ON(HIDDENOBJECT, COPY), ON(VBFILES, COPY)}, [W_movefile] = {ON(FSO, COPY), ON(VBFILES, COPY)}, [W_copyfolder] = {ON(FSO, COPY)},
    [W_movefolder] = {ON(FSO, COPY)}, [W_copyhere] = {ON(ANY, COPY)}, [W_movehere] = {ON(ANY, COPY)},
    [W_delete] = {ON(FILECLASS, DELETE), ON(DIRCLASS, DELETE), ON(FOLDER, DELETE)},
    [W_deletefile] = {ON(FSO, DELETE), ON(VBFILES, DELETE), ON(POSTED, DELETE)}, [W_deletefolder] = {ON(FSO, DELETE)},
    [W_createfolder] = {ON(FSO, CLEAN)}, [W_createdirectory] = {ON(DIRCLASS, CLEAN)},
    [W_readalltext] = {ON(FILECLASS, READ_ALL), ON(ANY, READ_ALL)}, [W_readallbytes] = {ON(FILECLASS, READ_ALL), ON(VBFILES, READ_ALL)},
    [W_readalllines] = {ON(FILECLASS, READ_ALL)}, [W_readlines] = {ON(FILECLASS, READ_ALL)}, [W_loadfromfile] = {ON(ADOSTREAM, READ_ALL)},
    [W_writefile] = {ON(RESPONSE, SEND_FILE)}, [W_transmitfile] = {ON(RESPONSE, SEND_FILE)},
    [W_getfiles] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST), ON(VBFILES, LIST)}, [W_getdirectories] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST), ON(VBFILES, LIST)},
    [W_getfilesystementries] = {ON(DIRCLASS, LIST)}, [W_getfilesysteminfos] = {ON(FOLDER, LIST)},
    [W_enumeratefiles] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST)}, [W_enumeratedirectories] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST)},
    [W_enumeratefilesysteminfos] = {ON(FOLDER, LIST)},
    [W_getlogicaldrives] = {ON(DIRCLASS, DRIVES), ON(ENVIRONMENT, DRIVES)}, [W_getdrives] = {ON(DRIVES, DRIVES)},
    [W_getfolder] = {ON(FSO, FOLDER), ON(HIDDENOBJECT, FOLDER)}, [W_getdrive] = {ON(FSO, DRIVES)}, [W_namespace] = {ON(SHELLAPP, FOLDER)},
    [W_directoryinfo] = {ON(BARE, FOLDER), ON(ANY, FOLDER)}, [W_getfile] = {ON(FSO, MAKE)},
    [W_fileinfo] = {ON(BARE, MAKE), ON(ANY, MAKE)},
    [W_mappath] = {ON(ANY, MAP), ON(BARE, MAP)},
    [W_getfilename] = {ON(PATHCLASS, PASS_NAME), ON(FSO, PASS_NAME)}, [W_getextension] = {ON(PATHCLASS, CLEAN)},
    [W_getfilenamewithoutextension] = {ON(PATHCLASS, PASS_NAME)}, [W_getdirectoryname] = {ON(PATHCLASS, PASS)},
    [W_getextensionname] = {ON(FSO, CLEAN)},
    [W_executenonquery] = {ON(ANY, SQL_RUN)}, [W_executereader] = {ON(ANY, SQL_RUN)}, [W_executescalar] = {ON(ANY, SQL_RUN)},
    [W_executequery] = {ON(ANY, SQL_RUN)},
    [W_fill] = {ON(SQLADAPTER, SQL_RUN)},
    [W_sqlcommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_oledbcommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_odbccommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_oraclecommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_sqldatasource] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_sqldataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_oledbdataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_odbcdataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_mysqlcommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_mysqldataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_npgsqlcommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_npgsqldataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_sqlitecommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_sqlitedataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_mysqlconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)}, [W_npgsqlconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)},
    [W_sqliteconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)},
    [W_sqlconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)}, [W_oledbconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)},
    [W_odbcconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)},
    [W_connect] = {ON(SOCKET, CONNECT), ON(ADOCONN, SQL_OPEN)}, [W_tcpclient] = {ON(BARE, CONNECT), ON(ANY, CONNECT)},
    [W_beginconnect] = {ON(SOCKET, CONNECT)}, [W_bind] = {ON(SOCKET, CONNECT)},
    [W_downloadstring] = {ON(ANY, FETCH)}, [W_downloaddata] = {ON(ANY, FETCH)}, [W_getstringasync] = {ON(ANY, FETCH)},
    [W_downloadfile] = {ON(ANY, FETCH_FILE)}, [W_uploaddata] = {ON(WEBCLIENT, FETCH)}, [W_uploadstring] = {ON(WEBCLIENT, FETCH)},
    [W_opensubkey] = {ON(ANY, REGISTRY)}, [W_regread] = {ON(ANY, REGISTRY)}, [W_regwrite] = {ON(ANY, REGISTRY)},
    [W_regdelete] = {ON(ANY, REGISTRY)}, [W_getvalue] = {ON(REGISTRY, REGISTRY)}, [W_setvalue] = {ON(REGISTRY, REGISTRY)},
    [W_getvaluenames] = {ON(REGISTRY, REGISTRY)},
    [W_openremotebasekey] = {ON(ANY, REGISTRY)},
    [W_binaryread] = {ON(REQUEST, BINARY_READ)},
    [W_extracttodirectory] = {ON(ANY, UNZIP)},
    [W_executeassembly] = {ON(ANY, LOAD)}, [W_enumeratefilesystementries] = {ON(DIRCLASS, LIST)},
    [W_createengine] = {ON(ANY, ENGINE)}, [W_engine] = {ON(BARE, ENGINE)}, [W_v8scriptengine] = {ON(BARE, ENGINE)},
    [W_createscriptsourcefromstring] = {ON(ANY, EVAL)}, [W_dostring] = {ON(ANY, EVAL)}, [W_runstring] = {ON(ANY, EVAL)},
    [W_runcompile] = {ON(ANY, EVAL)}, [W_readobject] = {ON(FORMATTER, DESERIALISE)},
    [W_resxresourcereader] = {ON(BARE, DESERIALISE), ON(ANY, DESERIALISE)}, [W_parsetext] = {ON(CODEDOM, COMPILE)}, [W_installhelper] = {ON(ANY, LOAD)}, [W_executeshellcommand] = {ON(ANY, RUN)}, [W_executeexcel4macro] = {ON(ANY, EVAL)},
    [W_parsetemplate] = {ON(ANY, DESERIALISE), ON(BARE, DESERIALISE)},
    [W_createfromdirectory] = {ON(ANY, READ_ALL)}, [W_call] = {ON(EXPRESSION, EXPRESSION)}, [W_constant] = {ON(EXPRESSION, PASS)},
    [W_dynamicmethod] = {ON(BARE, MADE_METHOD), ON(ANY, MADE_METHOD)}, [W_deserializeobject] = {ON(ANY, TYPED)},
    [W_xmlserializer] = {ON(BARE, TYPED)}, [W_datacontractserializer] = {ON(BARE, TYPED)},
    [W_replace] = {ON(FILECLASS, COPY)}, [W_setattributes] = {ON(FILECLASS, TIMES)}, [W_filecopy] = {ON(BARE, COPY)},
    [W_kill] = {ON(BARE, DELETE), ON(PROCESS, END_PROGRAM)}, [W_fileopen] = {ON(BARE, OPEN_NUMBER)}, [W_directoryentry] = {ON(BARE, DIRECTORY), ON(ANY, DIRECTORY)}, [W_directorysearcher] = {ON(BARE, SEARCH), ON(ANY, SEARCH)},
    [W_setlastwritetime] = {ON(FILECLASS, TIMES), ON(DIRCLASS, TIMES)}, [W_setcreationtime] = {ON(FILECLASS, TIMES), ON(DIRCLASS, TIMES)},
    [W_objectdataprovider] = {ON(BARE, PROVIDER)}, [W_managementobjectsearcher] = {ON(BARE, ASK_WMI)},
    [W_tcplistener] = {ON(BARE, LISTEN), ON(ANY, LISTEN)}, [W_httplistener] = {ON(BARE, LISTEN), ON(ANY, LISTEN)},
    [W_listen] = {ON(SOCKET, LISTEN)},
    [W_registervirtualpathprovider] = {ON(ANY, REGISTER), ON(BARE, REGISTER)}, [W_registermodule] = {ON(ANY, REGISTER)},
    [W_setcontrollerfactory] = {ON(ANY, REGISTER)},
    [W_add] = {ON(REGISTRAR, REGISTER), ON(ADSI, ACCOUNT), ON(PSHELL, EVAL), ON(PSCOMMAND, CLEAN), ON(IISADMIN, SITE)}, [W_insert] = {ON(REGISTRAR, REGISTER)},
    /* what makes a number or a truth of it, or a path of its own */
    [W_cint] = {ON(BARE, CLEAN)}, [W_clng] = {ON(BARE, CLEAN)}, [W_cbool] = {ON(BARE, CLEAN)}, [W_cdbl] = {ON(BARE, CLEAN)},
    [W_toint32] = {ON(ANY, CLEAN)}, [W_toint16] = {ON(ANY, CLEAN)}, [W_toint64] = {ON(ANY, CLEAN)}, [W_todouble] = {ON(ANY, CLEAN)},
    [W_toboolean] = {ON(ANY, CLEAN)}, [W_todatetime] = {ON(ANY, CLEAN)}, [W_isnumeric] = {ON(BARE, CLEAN)},
    [W_parse] = {ON(FORMATTER, DESERIALISE), ON(ANY, CLEAN)}, [W_len] = {ON(BARE, CLEAN)}, [W_contains] = {ON(ANY, CLEAN)}, [W_indexof] = {ON(ANY, CLEAN)},
    [W_lastindexof] = {ON(ANY, CLEAN)}, [W_startswith] = {ON(ANY, CLEAN)}, [W_endswith] = {ON(ANY, CLEAN)},
    [W_compareto] = {ON(ANY, CLEAN)}, [W_compare] = {ON(ANY, CLEAN)},
    [W_instr] = {ON(BARE, CLEAN)}, [W_instrrev] = {ON(BARE, CLEAN)}, [W_isnullorempty] = {ON(ANY, CLEAN)},
    [W_exists] = {ON(ANY, CLEAN)}, [W_fileexists] = {ON(ANY, CLEAN)}, [W_folderexists] = {ON(ANY, CLEAN)},
    [W_tryparse] = {ON(ANY, CLEAN)}, [W_tryparseexact] = {ON(ANY, CLEAN)}, [W_strcomp] = {ON(BARE, CLEAN)}, [W_equals] = {ON(ANY, PASS)},
    [W_isempty] = {ON(BARE, CLEAN)}, [W_isnull] = {ON(BARE, CLEAN)}, [W_gethashcode] = {ON(ANY, CLEAN)},
    [W_parseint] = {ON(BARE, CLEAN)}, [W_parsefloat] = {ON(BARE, CLEAN)}, [W_isnan] = {ON(BARE, CLEAN)},
    [W_computehash] = {ON(ANY, CLEAN)}, [W_hashpasswordforstoringinconfigfile] = {ON(ANY, CLEAN)},
};
/* clang-format on */

static enum asp_act act_of(const struct asp_call *call)
{
    unsigned want = call->bare ? (unsigned)K_BARE : call->base.object;
    enum asp_act any = A_NONE;
    for (size_t i = 0; i < WAYS && METHODS[call->word][i].act; i++) {
        if (METHODS[call->word][i].object == want)
            return (enum asp_act)METHODS[call->word][i].act;
        if (METHODS[call->word][i].object == K_ANY && !call->bare)
            any = (enum asp_act)METHODS[call->word][i].act;
    }
    return any;
}

bool asp_is_act(enum asp_object object, enum asp_word word)
{
    for (size_t i = 0; i < WAYS && METHODS[word][i].act; i++)
        if (METHODS[word][i].object == object)
            return METHODS[word][i].act != A_CLEAN && METHODS[word][i].act != A_PASS;
    return false;
}

/* Calls that do nothing without another one that is looked for. */
static bool is_common(enum asp_word word)
{
    return word == W_write || word == W_writeline || word == W_writetext || word == W_open ||
           word == W_create || word == W_copy || word == W_bind || word == W_fill ||
           word == W_move || word == W_copyto || word == W_load || word == W_gettype ||
           word == W_getvalue || word == W_constructor || word == W_system ||
           word == W_invokemethod || word == W_parse || word == W_connect || word == W_save ||
           word == W_namespace || word == W_add || word == W_insert || word == W_listen ||
           word == W_call || word == W_constant || word == W_engine || word == W_readobject ||
           word == W_replace || word == W_directoryentry || word == W_stop || word == W_clear ||
           word == W_send || word == W_terminate || word == W_getprocesses ||
           word == W_lambda || word == W_createelement;
}

/* In JScript, this["ev" + "al"]: the word is not there before the strings are joined. */
static bool has_hidden_call(const struct asp_code *code)
{
    size_t n = code->n_tokens < HIDDEN_CALL_TOKENS ? code->n_tokens : HIDDEN_CALL_TOKENS;
    if (asp_has_word(code, W_constructor))
        return true;
    for (size_t i = 1; i < n; i++) {
        const struct asp_token *t = &code->tokens[i];
        if (t->kind == ASP_OPERATOR && t->op == '[' && t->lang == ASP_JSCRIPT &&
            (t[-1].kind != ASP_OPERATOR || t[-1].op == ']' || t[-1].op == ')'))
            return true;
    }
    return false;
}

bool asp_may_act(const struct asp_code *code)
{
    for (size_t i = 1; i < W_WORDS; i++) {
        if (!asp_has_word(code, (enum asp_word)i) || is_common((enum asp_word)i))
            continue;
        enum asp_act act = (enum asp_act)METHODS[i][0].act;
        if (act != A_NONE && act != A_CLEAN && act != A_PASS && act != A_PASS_NAME &&
            act != A_MAP && act != A_WRITE_TO && act != A_SQL_OPEN && act != A_MAKE)
            return true;
    }
    return asp_has_word(code, W_assembly) || asp_has_word(code, W_process) ||
           asp_has_word(code, W_processstartinfo) ||
           asp_has_word(code, W_xslcompiledtransform) || asp_has_word(code, W_xsltransform) ||
           asp_has_word(code, W_socket) || asp_has_word(code, W_dllimport) ||
           asp_has_word(code, W_lib) || asp_has_word(code, W_directory) ||
           asp_has_word(code, W_file) || asp_has_word(code, W_managementclass) ||
           asp_has_word(code, W_registry) || asp_has_word(code, W_directoryentry) ||
           asp_has_word(code, W_machinekeysection) || asp_has_word(code, W_routetable) ||
           asp_has_word(code, W_globalfilters) || asp_has_word(code, W_viewengines) ||
           asp_has_word(code, W_webrequest) || asp_has_word(code, W_appdomain) ||
           asp_has_word(code, W_selectcommand) || asp_has_word(code, W_xamlservices) ||
           asp_has_word(code, W_netdatacontractserializer) ||
           asp_has_word(code, W_expression) || asp_has_word(code, W_fileinfo) ||
           asp_has_word(code, W_servermanager) || asp_has_word(code, W_taskservice) ||
           asp_has_word(code, W_applicationinstance) || asp_has_word(code, W_eventlog) ||
           asp_has_word(code, W_filesystem) || asp_has_word(code, W_connectionstrings) ||
           asp_has_word(code, W_udpclient) || asp_has_word(code, W_userprincipal) ||
           asp_has_word(code, W_xamlreader) || has_hidden_call(code);
}

/* What an administrator's page may let its visitor decide, if he is asked who he is. */
static bool is_work(enum asp_can can)
{
    return can == ASP_PROCESS || can == ASP_WRITE || can == ASP_UPLOAD || can == ASP_READ ||
           can == ASP_BROWSE || can == ASP_DELETE || can == ASP_SQL || can == ASP_TUNNEL ||
           can == ASP_FETCH || can == ASP_REGISTRY || can == ASP_ACCOUNT;
}

void asp_tell(struct asp_findings *f, enum asp_can can, enum asp_sure sure, const char *why,
              const struct asp_value *v, const struct asp_token *at)
{
    f->can |= 1U << can;
    f->reached |= asp_is_reached(at) ? 1U << can : 0;
    if (sure == ASP_LIKELY && !asp_is_reached(at) && is_work(can))
        sure = ASP_WEAK;
    if (f->best[can].sure >= sure)
        return;
    f->best[can] = (struct asp_found){.sure = sure,
                                      .why = why,
                                      .key = v->flags & V_REQ ? v->key : STR(""),
                                      .at = at->p,
                                      .lang = (enum asp_lang)at->lang};
}

void asp_tell_lone(struct asp_findings *f, enum asp_can can, const char *why,
                   const struct asp_value *v, const struct asp_token *at)
{
    if (f->lone[can].sure)
        return;
    f->lone[can] = (struct asp_found){.sure = ASP_LIKELY,
                                      .why = why,
                                      .key = v->flags & V_REQ ? v->key : STR(""),
                                      .at = at->p,
                                      .lang = (enum asp_lang)at->lang};
}

/* The flags of an object that is at a path. */
uint32_t act_path_flags(const struct asp_value *path)
{
    uint32_t flags = path->flags & (V_P_REQ | V_P_LEAD | V_P_MAPPED);
    flags |= path->flags & V_REQ ? (uint32_t)V_P_REQ : 0;
    flags |= path->flags & V_LEAD ? (uint32_t)V_P_LEAD : 0;
    flags |= path->flags & V_MAPPED ? (uint32_t)V_P_MAPPED : 0;
    flags |= path->flags & (V_TAIL | V_HERE | V_CLIENT);
    flags |=
        (path->flags & V_P_PAGE) || ((path->flags & V_KNOWN) && asp_is_page_name(path->text))
            ? (uint32_t)V_P_PAGE
            : 0;
    flags |=
        (path->flags & V_KNOWN) && asp_is_picture_name(path->text) ? (uint32_t)V_P_PICTURE : 0;
    return flags;
}

bool act_is_here(const struct asp_value *path)
{
    size_t n = 0;
    while (n < path->text.n && memchr("./\\~", path->text.p[n], 4))
        n++;
    return (path->flags & V_KNOWN) && n == path->text.n;
}

bool act_is_shell(const struct asp_value *v)
{
    static const char *const names[] = {"cmd",     "powershell", "pwsh", "%comspec%", "wscript",
                                        "cscript", "comspec",    "bash", "rundll32",  "mshta"};
    if (v->flags & V_SHELL)
        return true;
    if (!(v->flags & V_KNOWN))
        return false;
    struct str name = str_trim(str_part(v->text, 0, 260));
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '\\' || name.p[i - 1] == '/') {
            if (name.p[i - 1] == '/' && i > 1 && name.p[i - 2] == ' ')
                continue;
            name = str_part(name, i, name.n);
            break;
        }
    if (name.n && name.p[0] == '"')
        name = str_part(name, 1, name.n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str one = str_of(names[i]);
        char next = name.n > one.n ? name.p[one.n] : ' ';
        if (str_istarts(name, one) && (next == ' ' || next == '.' || next == '"'))
            return true;
    }
    return false;
}

struct asp_value act_arguments(const struct asp_call *call)
{
    struct asp_value all = ASP_NOTHING;
    for (size_t i = 0; i < call->n; i++)
        all = asp_union(&all, &call->arguments[i]);
    return all;
}

bool asp_act(struct asp_findings *f, struct asp_budget *budget, const struct asp_call *call,
             struct asp_value *ret, uint32_t *ret_base_flags)
{
    enum asp_act act = act_of(call);
    *ret_base_flags = 0;
    if (act == A_NONE)
        return false;
    return act_code(f, budget, call, act, ret) || act_file(f, call, act, ret, ret_base_flags) ||
           act_net(f, budget, call, act, ret) || act_system(f, call, act, ret) ||
           act_other(f, call, act, ret, ret_base_flags);
}

void asp_act_set(struct asp_findings *f, const struct asp_value *base, enum asp_word word,
                 const struct asp_value *value, const struct asp_token *at,
                 uint32_t *ret_base_flags)
{
    bool whole;
    *ret_base_flags = 0;
    if (word == W_name)
        act_rename(f, base, value, at);
    act_set_system(f, base, word, value, at);
    switch ((int)word) {
    case W_commandtext:
    case W_selectcommand:
        whole = value->object == K_SQLCMD ? (value->flags & V_SQL) != 0 : act_is_whole(value);
        *ret_base_flags = whole ? V_SQL : 0; /* of a command, its parameters are no statement */
        if (whole)
            act_tell_sql(f, true, (base->flags & V_P_REQ) != 0, value, at);
        return;
    case W_connectionstring:
    case W_activeconnection:
        *ret_base_flags = act_is_request(value) ? V_P_REQ : value->flags & V_P_REQ;
        return;
    case W_path:
        if (base->object == K_POSTED) { /* of a component: where it keeps uploads */
            *ret_base_flags = act_path_flags(value);
            return;
        }
        *ret_base_flags = value->flags & (V_REQ | V_OWN | V_FILE | V_HIDDEN | V_P_REQ);
        return;
    case W_filename:
        *ret_base_flags =
            (value->flags & (V_REQ | V_HIDDEN)) | (act_is_shell(value) ? V_SHELL : 0);
        return;
    default:
        *ret_base_flags = value->flags & (V_REQ | V_OWN | V_FILE | V_HIDDEN | V_LONG |
                                          V_UPLOAD | V_SHELL | V_P_REQ | V_CODE);
        return;
    }
}
