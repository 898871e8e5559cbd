// idioms - the manners of programs in JScript: numbers and texts that are objects, fractions, undefined,
//          names in any form, errors as objects.
// Usage: cscript //nologo idioms.js READER        the card is the sample card, as it was at first
// Reference: "JScript", ISCardFileAccess, ISCardCmd, IByteBuffer, Microsoft Learn
// SPDX-License-Identifier: MIT

var SHARED = 2, BY_ID = 1;
var SCARD_E_FILE_NOT_FOUND = -2146435036;

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

// What the call gives is this text.
function gives(what, call, wanted) {
    try {
        var value = call();
        expect(String(value) == String(wanted), what + ": " + value);
    } catch (error) {
        expect(false, what + ": " + error.number + " " + error.description);
    }
}

// The call throws an error of which this is true.
function refuses(what, call, holds) {
    try {
        call();
        expect(false, what + ": no error");
    } catch (error) {
        expect(holds(error), what + " is refused: " + error.number + " " + error.description);
    }
}

function bufferOf(bytes, count) {
    var buffer = new ActiveXObject("ScardManage.CByteBuffer");
    buffer.Initialize(count, bytes);
    return buffer;
}

function digits(buffer) {
    var size = buffer.Seek(0, 2, 0);
    buffer.Seek(0, 0);
    return buffer.Read("0x", size, 0);
}

function work(reader) {
    var manage = new ActiveXObject("ScardManage.SCardManage");
    WScript.Echo("texts and numbers that are objects");
    gives("AttachByIFD", function () { return manage.AttachByIFD(new String(reader), new Number(SHARED)); },
          undefined);
    var files = manage.CreateFileAccess();
    gives("Open", function () { return files.Open(new Number(BY_ID), new String("7F10\\6F01")) > 0; }, true);
    gives("bytes of a text", function () { return digits(bufferOf(new String("abc"), 3)); }, "0x616263");
    gives("bytes of digits", function () { return digits(bufferOf(new String("0xC1C2"), 2)); }, "0xC1C2");
    gives("bytes of an array", function () { return digits(bufferOf(new Array(1, new Number(2), 3), 3)); },
          "0x010203");
    gives("bytes of an array with a hole", function () { return digits(bufferOf([1, , 3], 3)); }, "0x010003");
    gives("bytes of an array of nothing", function () { return digits(bufferOf(new Array(2), 2)); }, "0x0000");
    gives("bytes of arguments",
          function () { return (function () { return digits(bufferOf(arguments, 2)); })(0xC1, 0xC2); }, "0xC1C2");
    refuses("bytes of a function", function () { bufferOf(function (a, b) {}, 2); },
            function (error) { return error.number != 0; });
    refuses("bytes of a collection", function () { bufferOf(WScript.Arguments, 1); },
            function (error) { return error.number != 0; });

    WScript.Echo("other values");
    gives("a number as a text", function () { return files.Open("1", "7F10\\6F01") > 0; }, true);
    gives("undefined for what comes out",
          function () { return digits(files.Read(files.Open(BY_ID, "7F10\\6F01"), 5, undefined, 0)); },
          "0x48656C6C6F");
    refuses("undefined for a path", function () { files.ChangeDir(BY_ID, undefined); },
            function (error) { return /E_INVALIDARG/.test(error.description); });
    refuses("too few arguments", function () { files.Open(BY_ID); }, function (error) { return error.number != 0; });
    var command = new ActiveXObject("ScardManage.CSCardCmd");
    gives("a fraction", function () { command.P1 = 7.6; return command.P1; }, 8);
    gives("null and undefined for no object", function () {
        command.BuildCmd(0, 0xA4, 0, 0, null, 5);
        var length = command.ApduLength;
        command.BuildCmd(0, 0xA4, 0, 0, undefined, 5);
        return length + " " + command.ApduLength;
    }, "5 5");
    refuses("no byte", function () { command.P1 = 256; }, function (error) { return error.number != 0; });

    WScript.Echo("names, and errors");
    gives("a member by its text", function () { return files["GetCurrentDir"](); }, "3F00");
    gives("other capitals", function () { return files.getcurrentdir(); }, "3F00");
    gives("with", function () { with (files) return GetCurrentDir(); }, "3F00");
    gives("a method like a property", function () { return files.GetCurrentDir; }, "3F00");
    refuses("a file that is not there", function () { files.Open(BY_ID, "6FFF"); }, function (error) {
        return error instanceof Error && error.number == SCARD_E_FILE_NOT_FOUND &&
               error.message == error.description && /6FFF/.test(error.message);
    });
    refuses("a name that is wrong", function () { files.Opne(BY_ID, "6F01"); },
            function (error) { return (error.number & 0xFFFF) == 438; });
    manage.Detach();
}

if (WScript.Arguments.length != 1) {
    WScript.Echo("usage: idioms.js READER");
    WScript.Quit(2);
}
try {
    work(WScript.Arguments(0));
} catch (error) {
    expect(false, "no more errors: " + error.number + " " + error.description);
}
WScript.Echo(passed + " passed, " + failed + " failed");
WScript.Quit(failed > 0 || passed == 0 ? 1 : 0);
