// file_access - files and codes of a card as a program in JScript uses them: browses, reads, writes and
//               reads back, presents a wrong PIN and the right one. JScript hands arguments over by
//               value: it says null where something comes out, and takes it as the value of the call.
// Usage: cscript //nologo file_access.js READER      the card is the sample card, as it was at first
// Reference: ISCardFileAccess, ISCardVerify, Microsoft Learn
// SPDX-License-Identifier: MIT

var SHARED = 2;
var BY_NAME = 0, BY_ID = 1, BY_SHORT_ID = 2;
var DIRECTORIES = 0, ALL_FILES = 2;
var FROM_BEGINNING = 0;
var GLOBAL_CODE = 0x80, CHECK_ONLY = 0x8000;
var SCARD_E_FILE_NOT_FOUND = "80100024";
var SCARD_E_WRITE_TOO_MANY = "80100028";
var SCARD_W_SECURITY_VIOLATION = "8010006a";
var SCARD_W_WRONG_CHV = "8010006b";
var SCARD_W_EOF = "8010006d";
var SCARD_W_CARD_NOT_AUTHENTICATED = "8010006f";

var passed = 0;
var failed = 0;

function expect(holds, what) {
    if (holds) {
        passed++;
        WScript.Echo("  ok      " + what);
    } else {
        failed++;
        WScript.Echo("  FAILED  " + what);
    }
}

// The code of an error as eight hexadecimal digits.
function code(error) {
    var number = error.number;
    if (number < 0) number += 4294967296;
    return ("00000000" + number.toString(16)).slice(-8);
}

function succeeds(action, what) {
    try {
        var value = action();
        expect(true, what);
        return value;
    } catch (error) {
        expect(false, what + ": " + code(error) + " " + error.description);
        return null;
    }
}

function fails(action, wanted, what) {
    try {
        action();
        expect(false, what + ": no error");
    } catch (error) {
        expect(code(error) == wanted, what + ": " + code(error) + " (" + error.description + ")");
        expect(String(error.description).length > 10, "the description says something");
    }
}

function bufferWith(text) {
    var buffer = new ActiveXObject("ScardManage.CByteBuffer");
    buffer.Initialize(text.length, text);
    return buffer;
}

// Up to `wanted` bytes from where the file stands, a character for each.
function readText(files, handle, wanted) {
    var buffer = files.Read(handle, wanted, null, 0);
    var bytes = new VBArray(buffer.Read(null, wanted, 0)).toArray();
    var text = "";
    for (var i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]);
    return text;
}

function listOf(files, kind) {
    return new VBArray(files.Directory(kind)).toArray().join(" ");
}

function work(reader) {
    var handle;

    WScript.Echo("the card");
    var manage = succeeds(function () { return new ActiveXObject("ScardManage.SCardManage"); },
                          "new ActiveXObject(\"ScardManage.SCardManage\")");
    succeeds(function () { manage.AttachByIFD(reader, SHARED); }, "AttachByIFD");
    var files = succeeds(function () { return manage.CreateFileAccess(); }, "CreateFileAccess");
    var verify = succeeds(function () { return manage.CreateCHVerification(); },
                          "CreateCHVerification");
    if (!files || !verify) return;

    WScript.Echo("browsing");
    expect(files.GetCurrentDir() == "3F00", "it begins at " + files.GetCurrentDir());
    var list = succeeds(function () { return listOf(files, DIRECTORIES); }, "Directory");
    expect(list == "7F10 7F20", "directories: " + list);
    succeeds(function () { files.ChangeDir(BY_ID, "7F10"); }, "ChangeDir");
    expect(files.GetCurrentDir() == "3F00\\7F10", "we are in " + files.GetCurrentDir());
    list = succeeds(function () { return listOf(files, ALL_FILES); }, "Directory");
    expect(list !== null && list.split(" ").length == 12, "files: " + list);
    fails(function () { files.Open(BY_ID, "6FFF"); }, SCARD_E_FILE_NOT_FOUND,
          "Open, a file that is not there");

    WScript.Echo("reading");
    handle = succeeds(function () { return files.Open(BY_ID, "6F01"); }, "Open");
    var text = succeeds(function () { return readText(files, handle, 28); }, "Read");
    expect(text == "Hello from a simulated card.", "it says: " + text);
    succeeds(function () { files.Seek(handle, 64, FROM_BEGINNING); }, "Seek");
    fails(function () { readText(files, handle, 1); }, SCARD_W_EOF, "Read at the end");

    WScript.Echo("writing");
    files.Seek(handle, 0, FROM_BEGINNING);
    succeeds(function () { files.Write(handle, 7, bufferWith("JScript"), 0); }, "Write");
    files.Seek(handle, 0, FROM_BEGINNING);
    text = succeeds(function () { return readText(files, handle, 11); }, "Read");
    expect(text == "JScriptrom ", "read back: " + text);
    files.Seek(handle, 60, FROM_BEGINNING);
    fails(function () { files.Write(handle, 7, bufferWith("JScript"), 0); },
          SCARD_E_WRITE_TOO_MANY, "Write beyond the end");
    files.Seek(handle, 0, FROM_BEGINNING);
    succeeds(function () { files.Write(handle, 7, bufferWith("Hello f"), 0); },
             "Write, what was there before");
    succeeds(function () { files.Close(handle); }, "Close");

    WScript.Echo("behind the code");
    // Whatever programs before us have proved.
    succeeds(function () { verify.ResetSecurityState(0); }, "ResetSecurityState");
    handle = succeeds(function () { return files.Open(BY_SHORT_ID, "2"); },
                      "Open by a short identifier");
    fails(function () { readText(files, handle, 22); }, SCARD_W_SECURITY_VIOLATION,
          "Read without the code");
    fails(function () { verify.Verify(bufferWith("4321"), GLOBAL_CODE, 1); }, SCARD_W_WRONG_CHV,
          "Verify, a wrong PIN");
    fails(function () { verify.Verify(null, GLOBAL_CODE + CHECK_ONLY, 1); },
          SCARD_W_CARD_NOT_AUTHENTICATED, "Verify, how many tries are left");
    succeeds(function () { verify.Verify(bufferWith("1234"), GLOBAL_CODE, 1); },
             "Verify, the right code");
    text = succeeds(function () { return readText(files, handle, 22); }, "Read with the code");
    expect(text == "This was behind PIN 1.", "it says: " + text);
    files.Close(handle);
    succeeds(function () { verify.ResetSecurityState(0); }, "ResetSecurityState");
    succeeds(function () { manage.Detach(); }, "Detach");
}

if (WScript.Arguments.length != 1) {
    WScript.Echo("usage: file_access.js READER");
    WScript.Quit(2);
}
work(WScript.Arguments(0));
WScript.Echo(passed + " passed, " + failed + " failed");
WScript.Quit(failed > 0 || passed == 0 ? 1 : 0);
