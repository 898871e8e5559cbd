// attach_client - a program as a customer would write it in JScript: late bound, errors as exceptions.
//                 JScript hands arguments over by value, so it takes objects as the value of a call.
// Usage: cscript //nologo attach_client.js READER
// Reference: ISCardManage, Microsoft Learn
// SPDX-License-Identifier: MIT

var SHARED = 2;
var LEAVE = 0;
var SCARD_E_INVALID_HANDLE = "80100003";
var SCARD_E_UNKNOWN_READER = "80100009";
var SCARD_E_NOT_TRANSACTED = "80100016";

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

function work(reader) {
    WScript.Echo("the server");
    var manage = succeeds(function () { return new ActiveXObject("ScardManage.SCardManage"); },
                          "new ActiveXObject(\"ScardManage.SCardManage\")");
    if (manage === null) return;

    WScript.Echo("before a card is attached");
    fails(function () { manage.SCardLock(); }, SCARD_E_INVALID_HANDLE, "SCardLock");
    fails(function () { manage.AttachByIFD("No such reader 7", SHARED); }, SCARD_E_UNKNOWN_READER,
          "AttachByIFD, a reader that is not there");

    WScript.Echo("attached to \"" + reader + "\"");
    succeeds(function () { manage.AttachByIFD(reader, SHARED); }, "AttachByIFD");
    succeeds(function () { manage.SCardLock(); }, "SCardLock");
    succeeds(function () { manage.SCardUnlock(LEAVE); }, "SCardUnlock");
    fails(function () { manage.SCardUnlock(LEAVE); }, SCARD_E_NOT_TRANSACTED,
          "SCardUnlock without a lock");
    succeeds(function () { manage.Reconnect(); }, "Reconnect");

    WScript.Echo("services of the card");
    var files = succeeds(function () { return manage.CreateFileAccess(); }, "CreateFileAccess");
    expect(files !== null && typeof files == "object", "it is an object");
    succeeds(function () { return manage.CreateCHVerification(); }, "CreateCHVerification");
    succeeds(function () { return manage.CreateCardAuth(); }, "CreateCardAuth");

    WScript.Echo("the end");
    succeeds(function () { manage.Detach(); }, "Detach");
    fails(function () { manage.Detach(); }, SCARD_E_INVALID_HANDLE, "Detach, once more");
}

if (WScript.Arguments.length != 1) {
    WScript.Echo("usage: attach_client.js READER");
    WScript.Quit(2);
}
work(WScript.Arguments(0));
WScript.Echo(passed + " passed, " + failed + " failed");
WScript.Quit(failed > 0 || passed == 0 ? 1 : 0);
