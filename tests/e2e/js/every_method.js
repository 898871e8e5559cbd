// every_method - every method of every interface, called as JScript can: arrays and hexadecimal digits
//                go in, what comes out is the value of the call.
// Usage: cscript //nologo every_method.js READER      the card is the sample card, as it was at first
// Reference: the pages of all interfaces, Microsoft Learn
// SPDX-License-Identifier: MIT

var SHARED = 2, LEAVE = 0, T0_OR_T1 = 3;
var BY_ID = 1, ALL_FILES = 2, ALL_PROPERTIES = 0x2000;
var GLOBAL_CODE = 0x80;
var NO_DIALOG = 2;
var E_NOTIMPL = "80004001", E_POINTER = "80004003";
var SCARD_E_INVALID_VALUE = "80100011";

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

// A call that succeeds, and gives `wanted` where that is given.
function calls(member, action, wanted) {
    WScript.Echo("called " + member);
    try {
        var value = action();
        if (wanted === undefined) expect(true, member);
        else expect(String(value) == String(wanted), member + ": " + value);
        return value;
    } catch (error) {
        expect(false, member + ": " + code(error) + " " + error.description);
        return null;
    }
}

// A property that is set to this, and then has this value.
function sets(member, set, get, wanted) {
    calls(member + "=", set);
    calls(member, get, wanted);
}

// A call that fails with this code.
function refuses(member, action, wanted) {
    WScript.Echo("called " + member);
    try {
        action();
        expect(false, member + ": no error");
    } catch (error) {
        expect(code(error) == wanted,
               member + " is refused: " + code(error) + " " + error.description);
    }
}

function create(name) {
    return new ActiveXObject("ScardManage." + name);
}

function list(array) {
    return new VBArray(array).toArray();
}

function bufferOf(digits) {
    var buffer = create("CByteBuffer");
    buffer.Initialize(digits.length / 2, "0x" + digits);
    return buffer;
}

// All bytes of a buffer as digits.
function digits(buffer) {
    var size = buffer.Seek(0, 2, 0);
    buffer.Seek(0, 0);
    return size == 0 ? "" : buffer.Read("0x", size, 0).substr(2);
}

// The rows of a table as one line.
function table(rows) {
    var told = [];
    rows = list(rows);
    for (var i = 0; i < rows.length; i++) {
        var row = list(rows[i]);
        told.push(row[0].toString(16) + "=" + row[1]);
    }
    return told.join(" ");
}

function buffers() {
    var buffer = create("CByteBuffer"), other = create("CByteBuffer");
    other.Initialize(1, "0x00");
    calls("IByteBuffer.Initialize", function () { buffer.Initialize(4, "0x80FF0041"); });
    calls("IByteBuffer.Initialize", function () { other.Initialize(3, [0x3F, 0, 255]); });
    expect(digits(other) == "3F00FF", "an array of numbers: " + digits(other));
    calls("IByteBuffer.Seek", function () { return buffer.Seek(1, 0, 0); }, 1);
    calls("IByteBuffer.Read", function () { return buffer.Read("0x", 2, 0); }, "0xFF00");
    calls("IByteBuffer.Read", function () { return list(buffer.Read(null, 9, 0)).join(","); }, "65");
    calls("IByteBuffer.Write", function () { return buffer.Write("0xAABB", 2, 0); }, 2);
    expect(digits(buffer) == "80FF0041AABB", "bytes are added: " + digits(buffer));
    calls("IByteBuffer.SetSize", function () { buffer.SetSize(3); });
    calls("IByteBuffer.Stat", function () { return list(buffer.Stat(null, 1))[1]; }, 3);
    buffer.Seek(0, 0);
    var clone = calls("IByteBuffer.Clone", function () { return buffer.Clone(null); });
    expect(digits(clone) == "80FF00", "the clone: " + digits(clone));
    other.Seek(0, 0);
    calls("IByteBuffer.CopyTo", function () { return list(buffer.CopyTo(other, 2, 0, 0)).join(); },
          "2,2");
    expect(digits(other) == "80FFFF", "copied: " + digits(other));
    calls("IByteBuffer.Commit", function () { buffer.Commit(0); });
    calls("IByteBuffer.Revert", function () { buffer.Revert(); });
    refuses("IByteBuffer.LockRegion", function () { buffer.LockRegion(0, 1, 1); }, "80030001");
    refuses("IByteBuffer.UnlockRegion", function () { buffer.UnlockRegion(0, 1, 1); }, "80030001");
    var stream = calls("IByteBuffer.Stream", function () { return buffer.Stream; });
    calls("IByteBuffer.Stream=", function () { other.Stream = stream; });
    expect(digits(other) == "80FF00", "the same stream: " + digits(other));
}

function conversions() {
    var conv = create("CSCardTypeConv"), buffer = bufferOf("80FF00");
    calls("ISCardTypeConv.ConvertByteArrayToByteBuffer",
          function () { return digits(conv.ConvertByteArrayToByteBuffer("0xC1C2", 2)); }, "C1C2");
    var bytes = calls("ISCardTypeConv.ConvertByteBufferToByteArray",
                      function () { return conv.ConvertByteBufferToByteArray(buffer); });
    calls("ISCardTypeConv.ConvertSafeArrayToByteBuffer",
          function () { return digits(conv.ConvertSafeArrayToByteBuffer(bytes)); }, "80FF00");
    expect(digits(conv.ConvertSafeArrayToByteBuffer([1, 254])) == "01FE", "an array of numbers");
    bytes = calls("ISCardTypeConv.ConvertByteBufferToSafeArray",
                  function () { return conv.ConvertByteBufferToSafeArray(buffer); });
    expect(digits(conv.ConvertSafeArrayToByteBuffer(bytes)) == "80FF00", "and back");
    bytes = calls("ISCardTypeConv.CreateByteArray", function () { return conv.CreateByteArray(2); });
    expect(digits(conv.ConvertSafeArrayToByteBuffer(bytes)) == "0000", "two zeros");
    bytes = calls("ISCardTypeConv.CreateSafeArray", function () { return conv.CreateSafeArray(3); });
    expect(digits(conv.ConvertSafeArrayToByteBuffer(bytes)) == "000000", "three zeros");
    calls("ISCardTypeConv.CreateByteBuffer",
          function () { return digits(conv.CreateByteBuffer(2)); }, "0000");
    bytes = calls("ISCardTypeConv.GetAtIStreamMemory",
                  function () { return conv.GetAtIStreamMemory(buffer.Stream); });
    expect(digits(conv.ConvertSafeArrayToByteBuffer(bytes)) == "80FF00", "the stream's bytes");
    // A script has a copy of the memory, and nothing to give back.
    refuses("ISCardTypeConv.FreeIStreamMemoryPtr",
            function () { conv.FreeIStreamMemoryPtr(buffer.Stream, null); }, E_POINTER);
    calls("ISCardTypeConv.SizeOfIStream", function () { return conv.SizeOfIStream(buffer.Stream); },
          3);
}

function commands() {
    var command = create("CSCardCmd"), data = bufferOf("3F00");
    calls("ISCardCmd.BuildCmd", function () { command.BuildCmd(0, 0xA4, 1, 2, data, 16); });
    calls("ISCardCmd.Apdu", function () { return digits(command.Apdu); }, "00A40102023F0010");
    calls("ISCardCmd.ApduLength", function () { return command.ApduLength; }, 8);
    sets("ISCardCmd.ClassId", function () { command.ClassId = 0x80; },
         function () { return command.ClassId; }, 128);
    sets("ISCardCmd.InstructionId", function () { command.InstructionId = 0xCA; },
         function () { return command.InstructionId; }, 0xCA);
    sets("ISCardCmd.P1", function () { command.P1 = 3; }, function () { return command.P1; }, 3);
    sets("ISCardCmd.P2", function () { command.P2 = 4; }, function () { return command.P2; }, 4);
    calls("ISCardCmd.P3", function () { return command.P3; }, 2);
    calls("ISCardCmd.LeField", function () { return command.LeField; }, 16);
    calls("ISCardCmd.Type", function () { return command.Type; }, 4);
    sets("ISCardCmd.Data", function () { command.Data = bufferOf("AABB"); },
         function () { return digits(command.Data); }, "AABB");
    sets("ISCardCmd.ApduReply", function () { command.ApduReply = bufferOf("018F9000"); },
         function () { return digits(command.ApduReply); }, "018F9000");
    calls("ISCardCmd.ApduReplyLength", function () { return command.ApduReplyLength; }, 4);
    sets("ISCardCmd.ApduReplyLength", function () { command.ApduReplyLength = 3; },
         function () { return command.ApduReplyLength; }, 3);
    sets("ISCardCmd.ReplyStatus", function () { command.ReplyStatus = 0x6A82; },
         function () { return command.ReplyStatus; }, 0x6A82);
    calls("ISCardCmd.ReplyStatusSW1", function () { return command.ReplyStatusSW1; }, 0x6A);
    calls("ISCardCmd.ReplyStatusSW2", function () { return command.ReplyStatusSW2; }, 0x82);
    sets("ISCardCmd.Nad", function () { command.Nad = 0x12; },
         function () { return command.Nad; }, 0x12);
    sets("ISCardCmd.ReplyNad", function () { command.ReplyNad = 0x21; },
         function () { return command.ReplyNad; }, 0x21);
    sets("ISCardCmd.AlternateClassId", function () { command.AlternateClassId = 0xC0; },
         function () { return command.AlternateClassId; }, 0xC0);
    calls("ISCardCmd.Encapsulate", function () { command.Encapsulate(bufferOf("00A40000"), 1); });
    calls("ISCardCmd.Clear", function () { command.Clear(); return command.ApduLength; }, 0);
    calls("ISCardCmd.Apdu=", function () { command.Apdu = bufferOf("00B00000"); });
    expect(command.InstructionId == 0xB0, "a command as it is: " + command.InstructionId);
}

function builders() {
    var iso = create("CSCardISO7816"), data = bufferOf("AABB");
    function builds(member, action, wanted) {
        calls("ISCardISO7816." + member, function () { return digits(action().Apdu); }, wanted);
    }
    // A null becomes a new command, which is the value.
    builds("AppendRecord", function () { return iso.AppendRecord(8, data, null); }, "00E2000802AABB");
    builds("EraseBinary", function () { return iso.EraseBinary(1, 2, data, null); },
           "000E010202AABB");
    builds("ExternalAuthenticate",
           function () { return iso.ExternalAuthenticate(1, 2, data, null); }, "0082010202AABB");
    builds("GetChallenge", function () { return iso.GetChallenge(8, null); }, "0084000008");
    builds("GetData", function () { return iso.GetData(1, 2, 4, null); }, "00CA010204");
    builds("GetResponse", function () { return iso.GetResponse(0, 0, 4, null); }, "00C0000004");
    builds("InternalAuthenticate",
           function () { return iso.InternalAuthenticate(1, 2, data, 8, null); },
           "0088010202AABB08");
    builds("ManageChannel", function () { return iso.ManageChannel(0x80, 1, null); }, "00708001");
    builds("PutData", function () { return iso.PutData(1, 2, data, null); }, "00DA010202AABB");
    builds("ReadBinary", function () { return iso.ReadBinary(1, 2, 4, null); }, "00B0010204");
    builds("ReadRecord", function () { return iso.ReadRecord(1, 4, 16, null); }, "00B2010410");
    builds("SelectFile", function () { return iso.SelectFile(0, 0, data, 0, null); },
           "00A4000002AABB");
    builds("UpdateBinary", function () { return iso.UpdateBinary(1, 2, data, null); },
           "00D6010202AABB");
    builds("UpdateRecord", function () { return iso.UpdateRecord(1, 4, data, null); },
           "00DC010402AABB");
    builds("Verify", function () { return iso.Verify(1, data, null); }, "0020000102AABB");
    builds("WriteBinary", function () { return iso.WriteBinary(1, 2, data, null); },
           "00D0010202AABB");
    builds("WriteRecord", function () { return iso.WriteRecord(1, 4, data, null); },
           "00D2010402AABB");
    calls("ISCardISO7816.SetDefaultClassId", function () { iso.SetDefaultClassId(0x80); });
    expect(digits(iso.GetChallenge(8, null).Apdu) == "8084000008", "the class is another");
}

function baseCard(reader) {
    var database = create("CSCardDatabase"), locate = create("CSCardLocate");
    var card = create("CSCard"), again = create("CSCard"), iso = create("CSCardISO7816");
    var names = calls("ISCardDatabase.ListReaders",
                      function () { return list(database.ListReaders(0)); });
    expect((" " + names.join(" , ") + " ").indexOf(" " + reader + " ") >= 0, "our reader is there");
    calls("ISCardDatabase.ListReaderGroups",
          function () { return list(database.ListReaderGroups(0)).length > 0; }, true);
    calls("ISCardDatabase.ListCards",
          function () { return list(database.ListCards(null, [], 0)).length >= 0; }, true);
    refuses("ISCardDatabase.ListCardInterfaces",
            function () { database.ListCardInterfaces("No such card"); }, "8010000d");
    refuses("ISCardDatabase.GetProviderCardId",
            function () { database.GetProviderCardId("No such card"); }, "8010000d");

    calls("ISCard.AttachByReader", function () { card.AttachByReader(reader, SHARED, T0_OR_T1); });
    calls("ISCard.Atr", function () { return digits(card.Atr).substr(0, 2); }, "3B");
    calls("ISCard.Context", function () { return card.Context != 0; }, true);
    calls("ISCard.Protocol", function () { return card.Protocol > 0; }, true);
    calls("ISCard.Status", function () { return card.Status >= 5; }, true);
    calls("ISCard.LockSCard", function () { card.LockSCard(); });
    var command = iso.GetChallenge(8, null);
    calls("ISCard.Transaction", function () { card.Transaction(command); });
    expect(command.ReplyStatus == 0x9000, "the card answers " + command.ReplyStatus.toString(16));
    calls("ISCard.UnlockSCard", function () { card.UnlockSCard(LEAVE); });
    calls("ISCard.ReAttach", function () { card.ReAttach(SHARED, LEAVE); });
    var handle = calls("ISCard.CardHandle", function () { return card.CardHandle; });
    calls("ISCard.AttachByHandle", function () { again.AttachByHandle(handle); });
    again.Detach(LEAVE);
    var manage = create("SCardManage");
    card.AttachByReader(reader, SHARED, T0_OR_T1);
    calls("ISCardManage.AttachByHandle", function () { manage.AttachByHandle(card.CardHandle); });
    manage.Detach();
    card = create("CSCard");
    card.AttachByReader(reader, SHARED, T0_OR_T1);
    calls("ISCard.Detach", function () { card.Detach(LEAVE); });

    calls("ISCardLocate.ConfigureCardNameSearch",
          function () { locate.ConfigureCardNameSearch([], null, "", NO_DIALOG); });
    handle = calls("ISCardLocate.FindCard",
                   function () { return locate.FindCard(SHARED, T0_OR_T1, 0); });
    card = create("CSCard");
    card.AttachByHandle(handle);
    card.Detach(LEAVE);
    calls("ISCardLocate.ConfigureCardGuidSearch", function () {
        locate.ConfigureCardGuidSearch(["{4029DD8A-5902-11D0-B84C-00C04FD424B9}"], null, "", NO_DIALOG);
    });
}

function files(manage) {
    var files = calls("ISCardManage.CreateFileAccess",
                      function () { return manage.CreateFileAccess(); });
    var verify = calls("ISCardManage.CreateCHVerification",
                       function () { return manage.CreateCHVerification(); });
    var pin = bufferOf("31323334");
    calls("ISCardFileAccess.ChangeDir", function () { files.ChangeDir(BY_ID, "7F10"); });
    calls("ISCardFileAccess.GetCurrentDir", function () { return files.GetCurrentDir(); },
          "3F00\\7F10");
    calls("ISCardFileAccess.Directory",
          function () { return list(files.Directory(ALL_FILES)).length; }, 12);
    var handle = calls("ISCardFileAccess.Open", function () { return files.Open(BY_ID, "6F01"); });
    calls("ISCardFileAccess.Read",
          function () { return digits(files.Read(handle, 5, null, 0)); }, "48656C6C6F");
    calls("ISCardFileAccess.Seek", function () { files.Seek(handle, 0, 0); });
    calls("ISCardFileAccess.Write", function () { files.Write(handle, 1, bufferOf("48"), 0); });
    var all = calls("ISCardFileAccess.GetFileCapabilities",
                    function () { return table(files.GetFileCapabilities(null, null, ALL_PROPERTIES)); });
    expect(all !== null, "capabilities: " + all);
    all = calls("ISCardFileAccess.GetProperties", function () {
        return table(files.GetProperties(BY_ID, "6F01", null, null, ALL_PROPERTIES));
    });
    expect(/83=6F01/.test(all), "all properties: " + all);
    calls("ISCardFileAccess.GetProperties",
          function () { return table(files.GetProperties(BY_ID, "6F01", [0x83], 0, 0)); }, "83=6F01");
    calls("ISCardFileAccess.GetProperties",
          function () { return table(files.GetProperties(BY_ID, "6F01", "83", 0, 0)); }, "83=6F01");
    calls("ISCardFileAccess.Close", function () { files.Close(handle); });

    calls("ISCardVerify.Verify", function () { verify.Verify(pin, GLOBAL_CODE, 1); });
    calls("ISCardFileAccess.Create", function () {
        files.Create(BY_ID, "6F77", [[0x82, "01"], [0x80, [0, 4]], ["8A", 5]], 0, 0, bufferOf("C1C2C3C4"));
    });
    handle = files.Open(BY_ID, "6F77");
    expect(digits(files.Read(handle, 4, null, 0)) == "C1C2C3C4", "what was created is read");
    files.Close(handle);
    calls("ISCardFileAccess.Invalidate", function () { files.Invalidate("6F77", 0); });
    calls("ISCardFileAccess.Rehabilitate", function () { files.Rehabilitate("6F77", 0); });
    calls("ISCardFileAccess.SetProperties",
          function () { files.SetProperties(BY_ID, "6F77", [[0x8A, "04"]], 0, 0); });
    calls("ISCardFileAccess.SetProperties",
          function () { files.SetProperties(BY_ID, "6F77", "8A0105", 0, 0); });
    calls("ISCardFileAccess.Delete", function () { files.Delete(BY_ID, "6F77", 0); });
    refuses("ISCardFileAccess.Initialize", function () { files.Initialize(null); }, E_NOTIMPL);

    calls("ISCardVerify.ChangeCode",
          function () { verify.ChangeCode(pin, pin, GLOBAL_CODE + 0x800, 1); });
    refuses("ISCardVerify.Unblock", function () { verify.Unblock(0, 0, 99); },
            SCARD_E_INVALID_VALUE);
    calls("ISCardVerify.ResetSecurityState", function () { verify.ResetSecurityState(0); });
    refuses("ISCardVerify.Initialize", function () { verify.Initialize(null); }, E_NOTIMPL);
}

function keys(manage) {
    var auth = calls("ISCardManage.CreateCardAuth", function () { return manage.CreateCardAuth(); });
    calls("ISCardAuth.GetChallenge",
          function () { return digits(auth.GetChallenge(0, null, 8, null)).length; }, 16);
    refuses("ISCardAuth.APP_Auth", function () { auth.APP_Auth(99, null, null); }, E_POINTER);
    refuses("ISCardAuth.ICC_Auth", function () { auth.ICC_Auth(99, null, 8, null); },
            E_POINTER);
    refuses("ISCardAuth.User_Auth", function () { auth.User_Auth(99, null, 8, null); },
            E_POINTER);
    refuses("ISCardAuth.Initialize", function () { auth.Initialize(null); }, E_NOTIMPL);
}

function work(reader) {
    buffers();
    conversions();
    commands();
    builders();
    baseCard(reader);
    var manage = create("SCardManage");
    calls("ISCardManage.AttachByIFD", function () { manage.AttachByIFD(reader, SHARED); });
    calls("ISCardManage.Status",
          function () { var told = list(manage.Status(null, null)); return told[0] >= 5 && told[1] > 0; },
          true);
    calls("ISCardManage.SCardLock", function () { manage.SCardLock(); });
    calls("ISCardManage.SCardUnlock", function () { manage.SCardUnlock(LEAVE); });
    calls("ISCardManage.Reconnect", function () { manage.Reconnect(); });
    var made = calls("ISCardManage.CreateInterface", function () {
        return manage.CreateInterface("{4029DD8A-5902-11D0-B84C-00C04FD424B9}", "", null);
    });
    expect(made !== null && made.GetCurrentDir() == "3F00", "an interface by its id as text");
    files(manage);
    keys(manage);
    calls("ISCardManage.Detach", function () { manage.Detach(); });
}

if (WScript.Arguments.length != 1) {
    WScript.Echo("usage: every_method.js READER");
    WScript.Quit(2);
}
try {
    work(WScript.Arguments(0));
} catch (error) {
    expect(false, "no more errors: " + code(error) + " " + error.description + " " + error.message);
}
WScript.Echo(passed + " passed, " + failed + " failed");
WScript.Quit(failed > 0 || passed == 0 ? 1 : 0);
