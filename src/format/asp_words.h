/* asp_words.h - the names in script that mean something to us, in lower case and in order.
 *
 * ASP_WORDS(W) calls W(name) for each. asp_word finds the number of a name.
 */
#pragma once

#include "base/str.h"

/* clang-format off */
#define ASP_WORDS(W) \
    W(_popen) W(_wpopen) W(_wsystem) W(abs) W(abstract) W(accept) W(accepttypes)             \
    W(actionresult) W(activator)                                                             \
    W(activeconnection) W(activexobject) W(activitysurrogateselector) W(add)                 \
    W(addattachment) W(addcode)                                                              \
    W(addcommand) W(adddefaults) W(addmember) W(addobject) W(addrange) W(addressof)          \
    W(addscript) W(adduser) W(addwithvalue) W(aes) W(aggregate) W(alias) W(allkeys)          \
    W(allowhtml) W(and)                                                                      \
    W(andalso) W(anonymousid) W(anonymoususerpass) W(appdomain) W(append) W(appendalllines)  \
    W(appendalltext)                                                                         \
    W(appendtext)                                                                            \
    W(application) W(application4) W(applicationinstance) W(applicationpath) W(apply)        \
    W(apprelativecurrentexecutionfilepath) W(arguments) W(arguments4) W(array)               \
    W(arraylist) W(as) W(asc) W(ascb) W(ascii) W(asciiencoding) W(ascw) W(assembly)          \
    W(assemblybuilder) W(assemblyloadcontext) W(async) W(asyncresult) W(atob) W(attachfile)  \
    W(attachment) W(attributes)                                                              \
    W(authentication) W(authorize) W(await) W(base64) W(base64tostream) W(begin_connect)     \
    W(beginconnect) W(begininvoke) W(beginreceive) W(begintransaction) W(bigendianunicode)   \
    W(binaryformatter) W(binaryread) W(binaryreader) W(binarywrite) W(binarywriter)          \
    W(bind) W(binder) W(bindingflags) W(blockcopy) W(body) W(break) W(browser) W(bulkcopy)   \
    W(by)                                                                                    \
    W(byref) W(byte) W(byval) W(call) W(callbyname) W(callwindowproc) W(case) W(cast)        \
    W(catch) W(cbool) W(cbyte) W(cdbl) W(changedatabase) W(char) W(charat) W(charcodeat)     \
    W(charset) W(chdir) W(checkboxlist) W(checked) W(choosecontent) W(chr) W(chrb) W(chrw)   \
    W(cint) W(class)                                                                         \
    W(classid) W(classname) W(clear) W(clearlog) W(clng) W(close) W(cmdtext)                 \
    W(codecompileunit)                                                                       \
    W(codedomprovider) W(codesnippetcompileunit) W(combine) W(command) W(commandargument)    \
    W(commandbehavior) W(commandname) W(commands) W(commandshellimmediate)                   \
    W(commandshellwithresults) W(commandtext) W(compare) W(compareto)                        \
    W(compile) W(compileassemblyfromdom) W(compileassemblyfromfile)                          \
    W(compileassemblyfromsource) W(compilerparameters) W(computehash) W(concat) W(connect)   \
    W(connection) W(connectionstring) W(connectionstrings) W(connectserver) W(const)         \
    W(constant) W(constructor)                                                               \
    W(contains) W(containskey) W(contentencoding) W(contentlength) W(contenttype)            \
    W(context) W(continue) W(controllerbuilder) W(controls) W(convert) W(cookies) W(copy)    \
    W(copydirectory)                                                                         \
    W(copyfile) W(copyfolder) W(copyhere) W(copymemory) W(copyto) W(copytoasync) W(count)    \
    W(create)                                                                                \
    W(createcominstancefrom)                                                                 \
    W(createcommand) W(createdecryptor) W(createdelegate) W(createdirectory)                 \
    W(createelement) W(createengine) W(createfiber) W(createfolder) W(createfromdirectory)   \
    W(createinstance) W(createinstanceandunwrap) W(createinstancefrom)                       \
    W(createinstancefromvirtualpath) W(createobject)                                         \
    W(createobjectex) W(createobjectfromclsid) W(createpipeline) W(createprocess)            \
    W(createprocessa) W(createprocessasuser) W(createprocessw) W(createprocesswithlogonw)    \
    W(createprocesswithtoken) W(createremotethread) W(createscriptsourcefromstring)          \
    W(createtext) W(createtextfile) W(createthread) W(createtype) W(creationtime)            \
    W(creationtimeutc) W(cryptostream)                                                       \
    W(csharpcodeprovider) W(csharpscript) W(csharpsyntaxtree) W(cstr) W(ctype) W(current)    \
    W(currentdomain) W(currentexecutionfilepath) W(datacontractserializer) W(dataset)        \
    W(datatype) W(datecreated) W(ddeinitiate) W(declare) W(decodeuricomponent)               \
    W(decryptionkey)                                                                         \
    W(default) W(default_) W(defineassembly) W(definedynamicassembly) W(definemethod)        \
    W(deflatestream) W(delegate) W(delete) W(deletedirectory) W(deletefile) W(deletefolder)  \
    W(deleteobject)                                                                          \
    W(des) W(deserialize) W(deserializeobject) W(dim) W(dir) W(directcast) W(directory)      \
    W(directoryentry) W(directoryinfo) W(directorysearcher) W(dllimport) W(do)               \
    W(docallback) W(document) W(documentelement) W(domain) W(dos_start) W(dostring)          \
    W(double) W(downloaddata) W(downloadfile) W(downloadstring) W(driveinfo) W(drives)       \
    W(dropdownlist) W(dynamic) W(dynamicinvoke) W(dynamicmethod) W(dynamicmoduleutility)     \
    W(each) W(element) W(else) W(elseif) W(emit) W(encoding) W(encrypt) W(end) W(endif)      \
    W(endreceive)                                                                            \
    W(endswith) W(engine) W(entrypoint) W(enum) W(enumchildwindows)                          \
    W(enumeratedirectories) W(enumeratefiles) W(enumeratefilesystementries)                  \
    W(enumeratefilesysteminfos) W(enumsystemlocalesa) W(enumwindows) W(environment)          \
    W(environmentvariable) W(equals) W(erase) W(eval) W(eval_r) W(evaluate)                  \
    W(evaluateasync)                                                                         \
    W(evaluator) W(event) W(eventlog) W(exec) W(execaction) W(execmethod) W(execmethod_)     \
    W(execquery) W(execscript)                                                               \
    W(execute)                                                                               \
    W(executeassembly) W(executeassemblybyname) W(executedosapp) W(executeexcel4macro)       \
    W(executeglobal)                                                                         \
    W(executeimmediate)                                                                      \
    W(executenonquery) W(executequery) W(executereader) W(executescalar)                     \
    W(executeshellcommand) W(executestatement) W(executewithresults) W(executexmlreader)     \
    W(exists) W(exists_)                                                                     \
    W(exit) W(expandenvironmentstrings) W(expression) W(expressions) W(extern) W(extract)    \
    W(extracttodirectory) W(false) W(file) W(filebytes) W(filecontent) W(filecopy)           \
    W(fileexists) W(fileinfo) W(filename) W(fileopen) W(filepath) W(files) W(filestream)     \
    W(filesystem)                                                                            \
    W(filesystemobject) W(fileupload) W(fill) W(fillschema) W(filter) W(final) W(finally)    \
    W(findcontrol) W(fix) W(fixed) W(flush) W(folderexists) W(for) W(foreach) W(form)        \
    W(format) W(formatter) W(formsauthentication) W(freefile) W(friend) W(from)              \
    W(frombase64string) W(fromchar) W(fromcharcode) W(fromhexstring) W(ftpwebrequest)        \
    W(func) W(function) W(functionconstructor) W(gacinstall) W(get) W(getallcontent)         \
    W(getasciistring) W(getasync)                                                            \
    W(getbufferedinputstream) W(getbufferlessinputstream) W(getbytearrayasync) W(getbytes)   \
    W(getcallback) W(getchars) W(getclientcertificate) W(getcompiledpageinstance)            \
    W(getcompiledtype) W(getconstructor)                                                     \
    W(getdelegateforfunctionpointer) W(getdirectories) W(getdirectory) W(getdirectoryname)   \
    W(getdrive) W(getdrives) W(getenumerator) W(getenvironmentvariable)                      \
    W(getexporteddtypes) W(getextension) W(getextensionmethod) W(getextensionname)           \
    W(getfield) W(getfile) W(getfileinfo) W(getfilename) W(getfilenamewithoutextension)      \
    W(getfiles)                                                                              \
    W(getfilesystementries) W(getfilesysteminfos) W(getfolder) W(getfullpath)                \
    W(gethashcode) W(getilgenerator) W(getlastwritetime) W(getlength) W(getlogicaldrives)    \
    W(getmethod) W(getmethods) W(getobject) W(getparameter) W(getparentpath)                 \
    W(getprocaddress) W(getprocessbyid) W(getprocesses) W(getproperty)                       \
    W(getrandomfilename) W(getref) W(getrequeststream) W(getresponse) W(getresponsestream)   \
    W(getstream) W(getstring) W(getstringasync) W(getsubkeynames) W(gettempfilename)         \
    W(gettemppath) W(gettype) W(gettypefromclsid) W(gettypefromprogid) W(gettypes)           \
    W(getuploadfile) W(getvalue) W(getvaluenames) W(getvalues) W(global) W(globalassembly)   \
    W(globalfilters) W(globalthis) W(goto) W(group) W(gzipstream) W(handles)                 \
    W(hashalgorithm)                                                                         \
    W(hashdata) W(hashpasswordforstoringinconfigfile) W(hasrows) W(headers) W(heapcreate)    \
    W(hex) W(hexadecimal) W(hexencode) W(hiddenfield) W(html) W(htmldecode) W(htmlencode)    \
    W(htmlinputfile) W(htmlinputhidden) W(htmlinputtext) W(htmlselect) W(htmltextarea)       \
    W(httpclient) W(httpcontext) W(httpfilecollection) W(httpget) W(httplistener)            \
    W(httpmethod) W(httppost) W(httppostedfile) W(httprequest) W(httputility)                \
    W(httpwebrequest) W(iactionresult) W(identity) W(if) W(iif) W(ilgenerator)               \
    W(implements) W(import) W(imports) W(in) W(include) W(indexof) W(inherits)               \
    W(innertext) W(input) W(inputbox) W(inputstream) W(insert) W(installhelper)              \
    W(instanceof) W(instancesof) W(instr) W(instrrev) W(int) W(interface) W(intern)          \
    W(internal) W(into) W(invoke) W(invokecommand) W(invokemember) W(invokemethod)           \
    W(invokescript) W(invokeverb)                                                            \
    W(ipaddress) W(ipendpoint) W(is) W(isajaxrequest) W(isapp) W(isaspx)                     \
    W(isauthenticated) W(isdigit) W(isempty) W(isinrole) W(islocal) W(isnan) W(isnot)        \
    W(isnull) W(isnullorempty) W(isnumeric) W(isready) W(issecureconnection) W(item)         \
    W(items) W(jarray) W(javascriptserializer) W(jobject) W(join) W(js)                      \
    W(jscriptcodeprovider) W(jscriptevaluate) W(jsevaluator) W(jsonconvert)                  \
    W(jsondocument) W(jsonresult) W(jtoken) W(keys) W(kill) W(killprocess) W(lambda)         \
    W(languageprovider) W(lastaccesstime) W(lastaccesstimeutc) W(lastindexof)                \
    W(lastwritetime) W(lastwritetimeutc) W(latecall) W(lateget) W(lbound) W(lcase) W(left)   \
    W(len) W(length) W(let) W(lib) W(like) W(listbox) W(listen) W(load) W(loadassembly)      \
    W(loadcontrol)                                                                           \
    W(loaddata) W(loadfile) W(loadfrom) W(loadfromfile) W(loadfromstream) W(loadhtml)        \
    W(loadlibrary) W(loadlibrarya) W(loadlibraryex) W(loadlibraryw) W(loadmodule)            \
    W(loadwithpartialname) W(loadxml) W(lock)                                                \
    W(logonuseridentity) W(lookupaccount) W(loop)                                            \
    W(losformatter) W(lower) W(ltrim) W(machinekeysection) W(mailmessage)                    \
    W(makegenerictype) W(managedinstallerclass) W(managementbaseobject) W(managementclass)   \
    W(managementobject) W(managementobjectsearcher) W(mapnetworkdrive) W(mappageroute)       \
    W(mappath)                                                                               \
    W(marshal) W(math) W(md5) W(memorystream) W(methodbuilder) W(methodinfo) W(mid)          \
    W(midb) W(minidumpwritedump) W(mkdir) W(mod) W(mode) W(move) W(movedirectory)            \
    W(movefile) W(movefolder)                                                                \
    W(movehere)                                                                              \
    W(movenext) W(moveto) W(mscorlib) W(my) W(mysqlcommand) W(mysqlconnection)               \
    W(mysqldataadapter) W(name) W(namedpipeserverstream) W(namedvalue)                       \
    W(namespace)                                                                             \
    W(namespace_) W(nativesocket) W(netdatacontractserializer) W(netlocalgroupaddmembers)    \
    W(netuseradd) W(networkcredential)                                                       \
    W(networkstream) W(new) W(next) W(nextresult) W(nodetype) W(nodetypedvalue)              \
    W(nodevalue) W(not) W(nothing) W(npgsqlcommand) W(npgsqlconnection)                      \
    W(npgsqldataadapter) W(ntcreatethreadex) W(null) W(number) W(object)                     \
    W(objectcreationhandling) W(objectdataprovider) W(objectstateformatter) W(oct)           \
    W(odbccommand) W(odbcconnection) W(odbcdataadapter) W(of) W(oledbcommand)                \
    W(oledbconnection) W(oledbdataadapter) W(on) W(onget) W(onpost) W(opcodes) W(open)       \
    W(openastextstream) W(openbasekey) W(openread) W(openremotebasekey)                      \
    W(opensharedmemory) W(opensubkey) W(opentext) W(opentextfile) W(opentextfilereader)      \
    W(opentextfilewriter) W(openwrite)                                                       \
    W(operationcontract) W(operationcontractattribute) W(operator) W(option) W(optional)     \
    W(or) W(oraclecommand) W(oracleconnection) W(orderby) W(orelse) W(out) W(outputstream)   \
    W(override) W(padleft) W(page) W(param) W(paramarray) W(params) W(parentfolder)          \
    W(parentwindow)                                                                          \
    W(parse) W(parsecontrol) W(parseexact) W(parsefloat) W(parseint) W(parsetemplate)        \
    W(parsetext) W(password) W(path) W(pathinfo) W(physicalapplicationpath)                  \
    W(physicalpath) W(pipeline) W(position) W(postedfile) W(powershell) W(preserve)          \
    W(private) W(process) W(processid) W(processrequest) W(processstartinfo) W(property)     \
    W(protected) W(prototype) W(public) W(push) W(qstring) W(query) W(querystring)           \
    W(queueuserapc) W(radiobuttonlist) W(rawurl) W(rc4) W(read) W(readalbytes) W(readall)    \
    W(readallbytes) W(readalllines) W(readalltext) W(readasync) W(readblock) W(readbyte)     \
    W(readline) W(readlines) W(readobject) W(readonly) W(readtext) W(readtoend)              \
    W(readtoendasync) W(readxml) W(receive) W(redim) W(redirectstandardoutput) W(ref)        \
    W(regdelete) W(regex) W(region) W(registermodule) W(registertask)                        \
    W(registertaskdefinition) W(registertypelib)                                             \
    W(registervirtualpathprovider) W(registry) W(registrykey) W(regread) W(regwrite)         \
    W(rem) W(remove) W(removeat) W(rename) W(renamedirectory) W(renamefile) W(replace)       \
    W(request) W(requestcontext) W(requestform)                                              \
    W(requesttype) W(requestvalidation) W(resourcereader) W(response)                        \
    W(responsebinarywrite) W(responsebody) W(responsestream) W(responsetext)                 \
    W(responsewrite) W(responsewritefile) W(result) W(resume) W(resxresourcereader)          \
    W(resxresourceset) W(return) W(reverse) W(right) W(rijndaelmanaged) W(rmdir)             \
    W(rolesprincipal) W(rootfolder) W(routedata) W(routetable) W(rtlmovememory) W(rtrim)     \
    W(run) W(runasync) W(runat) W(runcompile) W(runscript) W(runspace) W(runspacefactory)    \
    W(runspaceinvoke) W(runstring) W(save) W(saveas) W(savechanges) W(savefile)              \
    W(savetofile)                                                                            \
    W(script) W(scriptcontrol) W(scriptengine) W(sealed) W(securestring) W(select)           \
    W(selectcommand) W(selecteditem) W(selectedvalue) W(self) W(send) W(sendasync)           \
    W(sendbinary)                                                                            \
    W(serialize) W(server) W(servermanager) W(servervariables) W(servicecontroller)          \
    W(servicestart)                                                                          \
    W(servicestop) W(session)                                                                \
    W(sessionstate) W(set) W(setattr) W(setattribute) W(setattributes)                       \
    W(setcontrollerfactory)                                                                  \
    W(setcreationtime) W(setcreationtimeutc) W(setdata) W(setfield) W(setinfo)               \
    W(setinterval)                                                                           \
    W(setlastaccesstime) W(setlastaccesstimeutc) W(setlastwritetime) W(setlastwritetimeutc)  \
    W(setpassword) W(setrequestheader)                                                       \
    W(settimeout) W(settingspropertyvalue) W(setvalue) W(shared) W(shell) W(shellexecute)    \
    W(shellexecutea) W(shellexecuteex) W(shellexecuteexw) W(shellexecutew) W(shellwindows)   \
    W(simpletyperesolver) W(size)                                                            \
    W(sizeof) W(sleep) W(slice) W(smtpclient) W(soapformatter) W(socket) W(space)            \
    W(spawninstance_) W(split) W(sqlcommand) W(sqlconn) W(sqlconnection) W(sqldataadapter)   \
    W(sqldatasource) W(sqlitecommand) W(sqliteconnection) W(sqlitedataadapter)               \
    W(sqltransaction) W(stackalloc) W(standarderror) W(standardinput)                        \
    W(standardoutput) W(start) W(start2) W(startinfo) W(startswith) W(statement) W(static)   \
    W(staticvar) W(stdout) W(step) W(stop) W(strcomp) W(stream) W(streamreader)              \
    W(streamwriter)                                                                          \
    W(string) W(stringbuilder) W(stringreader) W(strreverse) W(sub) W(subfolders)            \
    W(substr) W(substrb) W(substring) W(swbemlocator) W(switch) W(symmetricalgorithm)        \
    W(system) W(targetmethod) W(taskservice) W(tcpclient) W(tcplistener) W(terminate)        \
    W(text) W(text4) W(textarea)                                                             \
    W(textbox) W(textfieldparser) W(then) W(this) W(throw) W(to) W(toarray) W(toascii)       \
    W(tobase64string) W(tobase64transform) W(toboolean) W(tobyte) W(tochar) W(tochararray)   \
    W(todatetime) W(todouble) W(toint16) W(toint32) W(toint64) W(tolower) W(tolowercase)     \
    W(toolstrip) W(top) W(tostring) W(tostringfast) W(totalbytes) W(totalseconds)            \
    W(toupper) W(touppercase) W(transfer) W(transform) W(transformblock)                     \
    W(transformfinalblock) W(transformnode) W(transformnodetoobject) W(transmitfile)         \
    W(trim) W(trimend) W(trimstart) W(tripledes) W(true) W(try) W(trycast) W(trygetvalue)    \
    W(tryparse) W(tryparseexact) W(type) W(typebuilder) W(typecast) W(typeid) W(typename)    \
    W(typenamehandling) W(typeof) W(ubound) W(ucase) W(udpclient) W(unescape) W(unicode)     \
    W(unprotect) W(unsafe) W(unsafedeserialize) W(unsafeloadfrom) W(until) W(unvalidated)    \
    W(unzip) W(uploaddata) W(uploadfile) W(uploadstring) W(uploadvalues) W(url)              \
    W(urldecode) W(urldecodetobytes) W(urlencode) W(urlreferrer) W(user) W(useragent)        \
    W(userhostaddress) W(userhostname) W(useridentity) W(userlanguages) W(username)          \
    W(userprincipal) W(useshellexecute) W(using) W(utf32) W(utf7) W(utf8) W(utf8encoding)    \
    W(v8scriptengine) W(val) W(validationkey) W(value) W(valueof)                            \
    W(valueproviderfactories) W(values) W(var) W(variable) W(vbcodeprovider) W(vbcrlf)       \
    W(vbnewline) W(verb) W(viewengines) W(viewstate) W(virtual) W(virtualalloc)              \
    W(virtualallocex) W(virtualpathprovider) W(virtualprotect) W(virtualprotectex) W(void)   \
    W(vsa) W(vsaengine) W(waitforexit) W(wamuserpass) W(wbemscripting) W(webclient)          \
    W(webget)                                                                                \
    W(webhandler) W(webinvoke) W(webmethod) W(webrequest) W(webservice) W(weekday) W(wend)   \
    W(where)                                                                                 \
    W(while) W(win32_process) W(window) W(windowsidentity) W(winexec) W(winhttpreq)          \
    W(winmgmts) W(with) W(withevents) W(workingdirectory) W(write) W(writeallbytes)          \
    W(writealllines) W(writealltext) W(writeasync) W(writebyte) W(writefile) W(writeline)    \
    W(writeprocessmemory) W(writestartdocument) W(writetext) W(writetofile) W(wshnetwork)    \
    W(wshshell) W(wshshellclass)                                                             \
    W(xamlreader) W(xamlservices) W(xdocument) W(xelement) W(xmldocument) W(xmlhttp)         \
    W(xmlreader) W(xmlserializer) W(xmltextreader) W(xor) W(xpathdocument)                   \
    W(xslcompiledtransform) W(xsltransform) W(xsltsettings) W(yield) W(zipfile)
/* clang-format on */

enum asp_word {
    W_NONE, /* a name of the page's own */
#define ASP_WORD(name) W_##name,
    ASP_WORDS(ASP_WORD)
#undef ASP_WORD
        W_WORDS,
};

/* The word that a name in lower case is; W_NONE if it is none. */
enum asp_word asp_word(struct str name);

/* Its name. */
struct str asp_word_name(enum asp_word word);
