// build_commands - commands for a card, built as JScript programs do it with the classes of the base
//                  service providers. JScript hands arguments over by value, so it brings the command
//                  that a builder fills, and looks at it through its properties.
// Usage: cscript //nologo build_commands.js READER
// Reference: ISCardISO7816, ISCardCmd, ISCardTypeConv, Microsoft Learn
// SPDX-License-Identifier: MIT

var ISO_CASE_1 = 1;
var ISO_CASE_2 = 2;
var ISO_CASE_3 = 3;
var ISO_CASE_4 = 4;
var E_INVALIDARG = "80070057";
var E_POINTER = "80004003";
var E_ACCESSDENIED = "80070005";

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

function create(name) {
    return succeeds(function () { return new ActiveXObject("ScardManage." + name); },
                    "new ActiveXObject(\"ScardManage." + name + "\")");
}

// A command as one line: header, P3, length, Le, case.
function tell(command) {
    return [command.ClassId, command.InstructionId, command.P1, command.P2, command.P3,
            command.ApduLength, command.LeField, command.Type].join(" ");
}

function is(command, wanted, what) {
    var told = succeeds(function () { return tell(command); }, what + " is looked at");
    expect(told == wanted.join(" "), what + ": " + told);
}

function work() {
    WScript.Echo("the objects");
    var iso = create("CSCardISO7816");
    var command = create("CSCardCmd");
    var data = create("CByteBuffer");
    var converter = create("CSCardTypeConv");
    if (!iso || !command || !data || !converter) return;

    WScript.Echo("commands of the standard");
    succeeds(function () { data.Initialize(2, "\x3F\x00"); }, "a text of a character for each byte");
    succeeds(function () { iso.SelectFile(0, 0, data, 0, command); }, "SelectFile");
    is(command, [0, 0xA4, 0, 0, 2, 7, 0, ISO_CASE_3], "SELECT FILE");
    succeeds(function () { iso.SelectFile(4, 0, data, 256, command); }, "SelectFile, by name");
    is(command, [0, 0xA4, 4, 0, 2, 8, 256, ISO_CASE_4], "SELECT FILE, by name");
    succeeds(function () { iso.ReadBinary(1, 0x80, 16, command); }, "ReadBinary");
    is(command, [0, 0xB0, 1, 0x80, 16, 5, 16, ISO_CASE_2], "READ BINARY");
    succeeds(function () { iso.ManageChannel(0x80, 1, command); }, "ManageChannel");
    is(command, [0, 0x70, 0x80, 1, 0, 4, 0, ISO_CASE_1], "MANAGE CHANNEL");
    fails(function () { iso.PutData(0, 0x42, null, command); }, E_POINTER, "PUT DATA without data");
    fails(function () { iso.GetData(0, 0x42, 70000, command); }, E_INVALIDARG,
          "more bytes than a command can ask for");

    WScript.Echo("commands field by field");
    succeeds(function () { command.BuildCmd(0x80, 0xCA, 1, 2, data, 300); }, "BuildCmd");
    is(command, [0x80, 0xCA, 1, 2, 0, 11, 300, ISO_CASE_4], "a command of extended length");
    succeeds(function () { command.ReplyStatus = 0x6A82; }, "ReplyStatus");
    expect(command.ReplyStatus == 0x6A82, "ReplyStatus is " + command.ReplyStatus.toString(16));
    expect(command.ApduReplyLength == 2, "the reply is " + command.ApduReplyLength + " bytes long");
    fails(function () { return command.AlternateClassId; }, E_ACCESSDENIED,
          "AlternateClassId before it is set");
    succeeds(function () { command.Apdu = command.Apdu; }, "Apdu, to and fro");
    is(command, [0x80, 0xCA, 1, 2, 0, 11, 300, ISO_CASE_4], "the same command");
    succeeds(function () { command.Clear(); }, "Clear");
    expect(command.ApduLength == 0 && command.ApduReply === null, "nothing is left");

    WScript.Echo("conversions");
    var array = succeeds(function () { return converter.ConvertByteBufferToSafeArray(data); },
                         "ConvertByteBufferToSafeArray");
    var copy = succeeds(function () { return converter.ConvertSafeArrayToByteBuffer(array); },
                        "ConvertSafeArrayToByteBuffer");
    succeeds(function () { command.BuildCmd(0, 0xA4, 0, 0, copy); }, "BuildCmd with the copy");
    is(command, [0, 0xA4, 0, 0, 2, 7, 0, ISO_CASE_3], "SELECT FILE with the copy");
}

if (WScript.Arguments.length != 1) {
    WScript.Echo("usage: build_commands.js READER");
    WScript.Quit(2);
}
work();
WScript.Echo(passed + " passed, " + failed + " failed");
WScript.Quit(failed > 0 || passed == 0 ? 1 : 0);
