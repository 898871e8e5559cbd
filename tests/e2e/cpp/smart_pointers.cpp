/*
 * smart_pointers - a client as C++ programs of 1998 and later are written, by smart pointers as #import
 *                  makes them out of both type libraries: files, a PIN, a command built and sent, and
 *                  what an exception says.
 * Layer: a client. The headers are made by import.pl. The card is the sample card, as it was at first,
 * and is left so.
 * Usage: smart_pointers.exe READER
 * Reference: "The #import directive", _com_ptr_t, _com_error, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include <cstdio>
#include <cstring>
#include <string>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scardmanage.tlh"
#include "scardssp.tlh"

static unsigned passed, failed;

static void expect(bool holds, const std::string &what)
{
    std::printf("  %s  %s\n", holds ? "ok    " : "FAILED", what.c_str());
    std::fflush(stdout);
    (holds ? passed : failed)++;
}

static std::string text_of(const _bstr_t &text)
{
    char bytes[1024] = "";
    const wchar_t *wide = text;
    if (wide) WideCharToMultiByte(CP_UTF8, 0, wide, -1, bytes, sizeof(bytes), NULL, NULL);
    return bytes;
}

/* The call throws this, with a description in which `part` is. */
template <typename Call>
static void expect_error(HRESULT wanted, const char *part, const char *what, Call call)
{
    char number[16];
    try
    {
        call();
        expect(false, std::string(what) + ": no exception");
    }
    catch (const _com_error &error)
    {
        std::string said = text_of(error.Description());
        std::snprintf(number, sizeof(number), "%08lX", (unsigned long)error.Error());
        expect(error.Error() == wanted && said.find(part) != std::string::npos,
               std::string(what) + ": " + number + " " + said);
    }
}

template <typename Buffer> static std::string rest_of(const Buffer &buffer)
{
    BYTE bytes[256];
    LONG got = 0;
    buffer->Seek(0, STREAM_SEEK_SET);
    buffer->Read(bytes, sizeof(bytes), &got);
    return std::string((const char *)bytes, (size_t)got);
}

static SCARDSSPLib::IByteBufferPtr buffer_with(const std::string &bytes)
{
    SCARDSSPLib::IByteBufferPtr buffer(__uuidof(SCARDSSPLib::CByteBuffer));
    buffer->Initialize((LONG)bytes.size(), (BYTE *)bytes.data());
    return buffer;
}

static std::string read_file(ScardManageLib::ISCardFileAccessPtr files, const wchar_t *path)
{
    using namespace ScardManageLib;
    HSCARD_FILE file = files->Open(SC_TYPE_BY_ID, path);
    IByteBufferPtr buffer;
    LONG count = 64;
    files->Read(file, &count, &buffer, SC_FL_NO_FLAGS);
    files->Close(file);
    return rest_of(buffer).substr(0, (size_t)count);
}

static void use_files(const wchar_t *reader)
{
    using namespace ScardManageLib;
    ISCardManagePtr manage(__uuidof(SCardManage));
    ISCardManagePtr by_name(L"ScardManage.SCardManage");
    SCARD_STATES state = ABSENT;
    SCARD_PROTOCOLS protocol = RAW;

    expect(manage != by_name && by_name, "by class id, and by ProgID");
    expect_error(SCARD_E_INVALID_HANDLE, "SCardLock", "SCardLock before anything is attached",
                 [&] { manage->SCardLock(); });
    expect_error(SCARD_E_UNKNOWN_READER, "No such reader", "AttachByIFD of no reader",
                 [&] { manage->AttachByIFD(L"No such reader", SHARED); });
    manage->AttachByIFD(reader, SHARED);
    manage->Status(&state, &protocol);
    expect(state >= NEGOTIABLEMODE && protocol != RAW, "Status");

    ISCardFileAccessPtr files = manage->CreateFileAccess();
    ISCardVerifyPtr verify = manage->CreateCHVerification();
    expect(text_of(files->GetCurrentDir()) == "3F00", text_of(files->GetCurrentDir()));
    SAFEARRAY *names = files->Directory(SC_TYPE_ALL_FILES);
    LONG last = -1;
    SafeArrayGetUBound(names, 1, &last);
    expect(last == 4, "Directory gives five files");
    SafeArrayDestroy(names);
    expect(read_file(files, L"7F10\\6F01").substr(0, 28) == "Hello from a simulated card.", "Read");
    expect_error(SCARD_E_FILE_NOT_FOUND, "6FFF", "Open of no file",
                 [&] { files->Open(SC_TYPE_BY_ID, L"7F10\\6FFF"); });

    /* The buffer's interface is one, though either library has a smart pointer for it. */
    IByteBufferPtr pin = buffer_with("1234"), wrong = buffer_with("4321");
    LONG reference = 1;
    verify->ResetSecurityState(SC_FL_NO_FLAGS);
    expect_error(SCARD_W_SECURITY_VIOLATION, "6982", "a file behind the PIN",
                 [&] { read_file(files, L"7F10\\6F02"); });
    expect_error(SCARD_W_WRONG_CHV, "Tries left: 2", "a wrong PIN",
                 [&] { verify->Verify(wrong, SC_FL_IHV_GLOBAL, &reference); });
    verify->Verify(pin, SC_FL_IHV_GLOBAL, &reference);
    expect(read_file(files, L"7F10\\6F02").substr(0, 22) == "This was behind PIN 1.", "the PIN");
    verify->ResetSecurityState(SC_FL_NO_FLAGS);

    /* A smart pointer asks for the other interfaces itself. */
    ISCardFileAccessPtr again =
        manage->CreateInterface((GUID *)&__uuidof(ISCardFileAccess), L"", NULL);
    expect(again && text_of(again->GetCurrentDir()) == "3F00", "CreateInterface");
    IDispatchPtr dispatch = again;
    expect((bool)dispatch, "IDispatch of the same");
    again.Release();
    manage->Detach();
    expect_error(SCARD_E_INVALID_HANDLE, "GetCurrentDir", "after Detach",
                 [&] { files->GetCurrentDir(); });
}

static void use_card(const wchar_t *reader)
{
    using namespace SCARDSSPLib;
    ISCardPtr card(__uuidof(CSCard));
    ISCardISO7816Ptr iso(__uuidof(CSCardISO7816));
    ISCardCmdPtr command(__uuidof(CSCardCmd));
    ISCardTypeConvPtr conversions(__uuidof(CSCardTypeConv));

    card->AttachByReader(reader, SHARED, (SCARD_PROTOCOLS)(T0 | T1));
    expect(rest_of(card->GetAtr()).size() > 1, "the ATR");
    iso->SelectFile(0, 0, buffer_with(std::string("\x3F\0", 2)), 0, &command.GetInterfacePtr());
    expect(rest_of(command->GetApdu()) == std::string("\0\xA4\0\0\x02\x3F\0", 7),
           "SELECT is built");
    card->Transaction(&command.GetInterfacePtr());
    expect(command->GetReplyStatus() == 0x9000 || command->GetReplyStatusSW1() == 0x61, "and sent");
    command->PutP2(0x0C);
    expect(command->GetP2() == 0x0C, "a property is set");
    expect_error(E_POINTER, "UpdateBinary", "no data",
                 [&] { iso->UpdateBinary(0, 0, NULL, &command.GetInterfacePtr()); });
    BYTEARRAY *bytes = conversions->ConvertByteBufferToByteArray(buffer_with("abc"));
    expect(bytes->dwSize == 3 && std::memcmp(bytes->pbyData, "abc", 3) == 0, "a BYTEARRAY");
    CoTaskMemFree(bytes->pbyData);
    CoTaskMemFree(bytes);
    expect(conversions->SizeOfIStream(buffer_with("abcd")->GetStream()).QuadPart == 4, "a stream");
    card->Detach(LEAVE);

    ISCardDatabasePtr database(__uuidof(CSCardDatabase));
    SAFEARRAY *readers = database->ListReaders(0);
    LONG last = -1;
    SafeArrayGetUBound(readers, 1, &last);
    expect(last >= 0, "readers");
    SafeArrayDestroy(readers);
}

int main(int argc, char **argv)
{
    if (argc != 2)
    {
        std::fprintf(stderr, "usage: smart_pointers READER\n");
        return 2;
    }
    CoInitialize(NULL);
    try
    {
        std::wstring reader(argv[1], argv[1] + std::strlen(argv[1]));
        use_files(reader.c_str());
        use_card(reader.c_str());
    }
    catch (const _com_error &error)
    {
        expect(false, "no other exception: " + text_of(error.Description()));
    }
    CoUninitialize();
    std::printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
