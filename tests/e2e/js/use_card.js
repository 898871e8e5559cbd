// use_card - a card used as JScript programs do with the classes of the base service providers:
//            connect, build, transact, evaluate; a walk through its files; a PIN. JScript hands
//            arguments over by value, so it brings the command that is filled and sent.
// Usage: cscript //nologo use_card.js READER
// Reference: ISCard, ISCardISO7816, ISCardDatabase, Microsoft Learn
// SPDX-License-Identifier: MIT

var SHARED = 2;
var T0_OR_T1 = 3;
var LEAVE = 0;
var RESET = 1;
var E_INVALIDARG = "80070057";
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

function create(name) {
    return succeeds(function () { return new ActiveXObject("ScardManage." + name); },
                    "new ActiveXObject(\"ScardManage." + name + "\")");
}

// A buffer with these bytes; a text has a character for each.
function buffer(text) {
    var made = new ActiveXObject("ScardManage.CByteBuffer");
    made.Initialize(text.length, text);
    return made;
}

var card, iso, command;

// Builds a command, sends it, and evaluates the status word.
function answers(build, wanted, what) {
    succeeds(function () {
        build();
        card.Transaction(command);
    }, what);
    expect(command.ReplyStatus == wanted, "the status is " + command.ReplyStatus.toString(16));
}

function select(by, path, wanted, what) {
    answers(function () { iso.SelectFile(by, 12, buffer(path), 0, command); }, wanted, what);
}

// The beginning of the reply, by a command whose header it becomes.
function reply(length) {
    var from = command.ApduReply, probe = new ActiveXObject("ScardManage.CSCardCmd"), text = "";
    for (var i = 0; i < length; i += 4) {
        var slice = new ActiveXObject("ScardManage.CByteBuffer");
        from.CopyTo(slice, 4);
        probe.Apdu = slice;
        text += String.fromCharCode(probe.ClassId, probe.InstructionId, probe.P1, probe.P2);
    }
    return text;
}

function walk() {
    WScript.Echo("a walk through its files");
    answers(function () { iso.SelectFile(0, 0, buffer("\x3F\x00"), 256, command); }, 0x9000,
            "SELECT the MF");
    expect(command.ApduReplyLength > 2, "a description of " + command.ApduReplyLength + " bytes");
    select(2, "\x2F\x00", 0x9000, "SELECT EF.DIR");
    var records = 0;
    do {
        iso.ReadRecord(records + 1, 4, 0, command);
        card.Transaction(command);
    } while (command.ReplyStatus == 0x9000 && records++ < 20);
    expect(records >= 1 && command.ReplyStatus == 0x6A83, records + " records");
    select(1, "\x7F\x10", 0x9000, "SELECT a DF");
    select(2, "\x6F\x01", 0x9000, "SELECT an EF");
    answers(function () { iso.ReadBinary(0, 0, 12, command); }, 0x9000, "READ BINARY");
    expect(command.ApduReplyLength == 14, "a reply of " + command.ApduReplyLength + " bytes");
    expect(reply(12) == "Hello from a", "it says " + reply(12));
    select(2, "\x12\x34", 0x6A82, "SELECT a file that is not there");
}

function pin() {
    WScript.Echo("a PIN");
    select(2, "\x6F\x02", 0x9000, "SELECT a protected EF");
    answers(function () { iso.ReadBinary(0, 0, 8, command); }, 0x6982, "READ BINARY before it");
    answers(function () { iso.Verify(1, buffer("4321"), command); }, 0x63C2, "VERIFY, wrong");
    answers(function () { iso.Verify(1, buffer("1234"), command); }, 0x9000, "VERIFY");
    answers(function () { iso.ReadBinary(0, 0, 8, command); }, 0x9000, "READ BINARY");
    expect(reply(8) == "This was", "it says " + reply(8));
}

function work(reader) {
    WScript.Echo("the objects");
    card = create("CSCard");
    iso = create("CSCardISO7816");
    command = create("CSCardCmd");
    var database = create("CSCardDatabase");
    if (!card || !iso || !command || !database) return;
    var readers = succeeds(function () { return new VBArray(database.ListReaders(0)).toArray(); },
                           "ListReaders");
    expect(readers && ("|" + readers.join("|") + "|").indexOf("|" + reader + "|") >= 0,
           "\"" + reader + "\" is one of them");

    WScript.Echo("connected");
    fails(function () { card.Detach(LEAVE); }, SCARD_E_INVALID_HANDLE, "Detach before all");
    fails(function () { card.AttachByReader("No such reader 7", SHARED, T0_OR_T1); },
          SCARD_E_UNKNOWN_READER, "AttachByReader, a reader that is not there");
    succeeds(function () { card.AttachByReader(reader, SHARED, T0_OR_T1); }, "AttachByReader");
    expect(card.Status == 5 || card.Status == 6, "its state is " + card.Status);
    expect(card.Protocol == 1 || card.Protocol == 2, "its protocol is " + card.Protocol);
    fails(function () { card.Transaction(command); }, E_INVALIDARG, "Transaction of nothing");
    succeeds(function () { card.LockSCard(); }, "LockSCard");
    walk();
    pin();

    WScript.Echo("the end");
    succeeds(function () { card.UnlockSCard(LEAVE); }, "UnlockSCard");
    fails(function () { card.UnlockSCard(LEAVE); }, SCARD_E_NOT_TRANSACTED, "UnlockSCard, again");
    succeeds(function () { card.ReAttach(SHARED, RESET); }, "ReAttach, resetting the card");
    succeeds(function () { card.Detach(LEAVE); }, "Detach");
    expect(card.CardHandle == 0, "no handle any more");
}

if (WScript.Arguments.length != 1) {
    WScript.Echo("usage: use_card.js READER");
    WScript.Quit(2);
}
work(WScript.Arguments(0));
WScript.Echo(passed + " passed, " + failed + " failed");
WScript.Quit(failed > 0 || passed == 0 ? 1 : 0);
