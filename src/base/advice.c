/*
 * advice - what to do about a result: one table.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#include "base/advice.h"

#include <stddef.h>

#include "base/text.h"

struct advice
{
    scm_result result;
    const char *method; /* NULL: any */
    const char *text;
};

/* The first row that fits is taken: rows for one method stand before those for all. */
/* clang-format off */

/* ISCard's own default is T=0 alone. */
#define ADVICE_OTHER_PROTOCOL \
      "Ask for both protocols, T0 and T1 (3): a card that has T=1 only refuses T0, which is what " \
      "AttachByReader takes where none is given. Or another program uses the card with another one."
#define ADVICE_OTHER_PROTOCOL_OR_MUTE \
      "Ask for both protocols, T0 and T1 (3), if only one was; else see that the card is the right " \
      "way round and its contacts are clean."
#define ADVICE_OTHER_PROTOCOL_OR_READER \
      "Ask for both protocols, T0 and T1 (3), if only one was; else the reader cannot talk to this " \
      "card: try another reader."

static const struct advice advices[] = {
    { HR_INVALIDARG, "AttachByIFD",
      "Give a reader's name as SCardListReaders tells it, and EXCLUSIVE (1) or SHARED (2)." },
    { HR_INVALIDARG, "AttachByReader",
      "Give a reader's name as SCardListReaders tells it, EXCLUSIVE (1) or SHARED (2), and the "
      "protocols T0 (1), T1 (2), both (3) or RAW (255)." },
    { HR_INVALIDARG, "AttachByHandle",
      "Give a handle that SCardConnect returned in this process and that is still connected." },
    { HR_INVALIDARG, "SCardUnlock",
      "Give LEAVE (0), RESET (1), UNPOWER (2) or EJECT (3)." },
    { HR_INVALIDARG, "UnlockSCard",
      "Give LEAVE (0), RESET (1), UNPOWER (2) or EJECT (3)." },
    { HR_INVALIDARG, "Detach",
      "Give LEAVE (0), RESET (1), UNPOWER (2) or EJECT (3)." },
    { HR_INVALIDARG, "ReAttach",
      "Give EXCLUSIVE (1) or SHARED (2), and LEAVE (0), RESET (1) or UNPOWER (2)." },
    { HR_INVALIDARG, "Transaction",
      "Build a command in the ISCardCmd first: BuildCmd, Apdu, or a method of ISCardISO7816." },
    { HR_INVALIDARG, "FindCard",
      "Give EXCLUSIVE (1) or SHARED (2), the protocols T0 (1), T1 (2), both (3) or RAW (255), and "
      "the flags 0, SC_DLG_MINIMAL_UI (1), SC_DLG_NO_UI (2) or SC_DLG_FORCE_UI (4)." },
    { SC_E_UNSUPPORTED_FEATURE, "FindCard",
      "Insert the card first and search with SC_DLG_NO_UI (2): no window can be shown here, or this "
      "system keeps no database of cards." },
    { HR_INVALIDARG, "CreateInterface",
      "Give the id of an interface, or one of the names ISCardManage, ISCardFileAccess, "
      "ISCardVerify, ISCardAuth." },
    { HR_NOINTERFACE, "CreateInterface",
      "This provider has ISCardManage, ISCardFileAccess, ISCardVerify and ISCardAuth." },
    { HR_INVALIDARG, "ChangeCode",
      "Give the old and the new PIN, whose PIN it is (SC_FL_IHV_GLOBAL, SC_FL_IHV_LOCAL) and its "
      "number." },
    { HR_INVALIDARG, "Verify",
      "Give the PIN, whose PIN it is (SC_FL_IHV_GLOBAL, SC_FL_IHV_LOCAL) and its number." },
    { HR_INVALIDARG, "Unblock",
      "Give the unblocking code as a number, or 0 where the rights for it are there already." },
    { HR_INVALIDARG, "put_Apdu",
      "Give header, Lc and data, Le, as far as the command has them, as ISO/IEC 7816-4 writes them." },
    { HR_INVALIDARG, "BuildCmd",
      "Give up to 65535 bytes of data, and for Le 0 to 65536." },
    { HR_INVALIDARG, "Encapsulate",
      "Give a whole command, and its case (1 to 4)." },
    { HR_INVALIDARG, "put_Nad",
      "Give two different addresses from 0 to 7, or 0 for none." },
    { HR_INVALIDARG, "ConvertSafeArrayToByteBuffer",
      "Give an array of one dimension that holds bytes." },
    { HR_INVALIDARG, "FreeIStreamMemoryPtr",
      "Give a stream over memory, and each pointer that GetAtIStreamMemory gave for it once." },
    { HR_ACCESSDENIED, "get_AlternateClassId",
      "Set it first: until then the class of the command is used." },
    { HR_ACCESSDENIED, "get_ReplyNad",
      "Send the command first, on T=1." },
    { HR_POINTER, "CreateInterface",
      "Give the address of a variable for the result, and the id or the name of an interface." },
    { HR_POINTER, NULL,
      "Give the address of a variable for every result and an object for every buffer." },
    { HR_NOTIMPL, NULL,
      "This version of the provider does not have this service." },
    { SC_E_INVALID_HANDLE, NULL,
      "Attach to a card first with ISCardManage's AttachByIFD, ISCard's AttachByReader or "
      "AttachByHandle; a handle given to AttachByHandle must stay connected." },
    { SC_E_FILE_NOT_FOUND, NULL,
      "Compare the path with the card's files: Directory lists them, GetCurrentDir tells where a "
      "relative path begins." },
    { SC_E_DIR_NOT_FOUND, NULL,
      "Compare the path with the card's directories: Directory lists them, GetCurrentDir tells "
      "where a relative path begins." },
    { SC_E_NO_FILE, NULL,
      "Give the path of an elementary file; for directories there is ChangeDir." },
    { SC_E_NO_DIR, NULL,
      "Give the path of a directory; for files there is Open." },
    { SC_W_SECURITY_VIOLATION, NULL,
      "Present the PIN that the card wants for this, or authenticate: ISCardVerify, ISCardAuth." },
    { SC_E_BAD_SEEK, NULL,
      "Seek between the beginning of the file and its end." },
    { SC_W_EOF, NULL,
      "There is nothing left to read; Seek goes back." },
    { SC_E_UNKNOWN_READER, NULL,
      "Compare the name with those that SCardListReaders tells, and see that the reader is "
      "plugged in." },
    { SC_E_NO_READERS_AVAILABLE, NULL,
      "Plug a reader in and see that its driver is installed." },
    { SC_E_READER_UNAVAILABLE, NULL,
      "Plug the reader in again, then call Reconnect (ISCard: ReAttach)." },
    { SC_E_NO_SMARTCARD, NULL,
      "Insert a card and try again." },
    { SC_E_SHARING_VIOLATION, NULL,
      "Another program uses the card, or another object of yours holds it: close that one or end its "
      "lock, or attach SHARED if it does so too." },
    { SC_E_NOT_READY, NULL,
      "The card is still busy with an earlier command: try again, or take it out and insert it "
      "again." },
    /* Who asks for one protocol gets one of these for a card that has only the other: which of them
     * depends on who used the card before, and on the resource manager. */
    { SC_E_PROTO_MISMATCH, "AttachByReader", ADVICE_OTHER_PROTOCOL },
    { SC_E_PROTO_MISMATCH, "FindCard", ADVICE_OTHER_PROTOCOL },
    { SC_E_PROTO_MISMATCH, "ReAttach",
      "The card in the reader now has another protocol: Detach, and attach again with T0 and T1 (3)." },
    { SC_E_PROTO_MISMATCH, NULL,
      "The card is in use with another protocol, through another program or the client's own handle; "
      "close it there and attach again." },
    { SC_E_UNSUPPORTED_FEATURE, "AttachByReader", ADVICE_OTHER_PROTOCOL },
    { SC_E_COMM_DATA_LOST, NULL,
      "Try once more; a card with which this happens every time does not answer as ISO/IEC 7816-4 has "
      "it, and \"scmtool record\" shows what it does." },
    { SC_E_CANCELLED, NULL,
      "Attach to the card again, and let calls return before the attachment is ended." },
    { SC_E_UNKNOWN_CARD, NULL,
      "Compare the name with those that ISCardDatabase's ListCards tells." },
    { SC_W_CANCELLED_BY_USER, "FindCard",
      "Search again when the user has a card." },
    { SC_E_NO_SERVICE, NULL,
      "Start the smart card service (Windows: SCardSvr; Linux: pcscd); in Wine see that "
      "winscard.dll can reach it." },
    { SC_E_SERVICE_STOPPED, NULL,
      "Start the smart card service again, then call Reconnect (ISCard: ReAttach)." },
    { SC_E_NOT_TRANSACTED, NULL,
      "Call SCardLock first (ISCard: LockSCard): every unlock ends one lock." },
    { SC_E_CANT_DISPOSE, NULL,
      "Use LEAVE, RESET or UNPOWER with this reader." },
    { SC_W_RESET_CARD, NULL,
      "Another program reset the card; call Reconnect (ISCard: ReAttach), then begin again." },
    { SC_W_REMOVED_CARD, NULL,
      "Insert the card again, then call Reconnect (ISCard: ReAttach)." },
    { SC_W_UNPOWERED_CARD, NULL,
      "Call Reconnect (ISCard: ReAttach), then begin again." },
    { SC_W_UNRESPONSIVE_CARD, "AttachByReader", ADVICE_OTHER_PROTOCOL_OR_MUTE },
    { SC_W_UNRESPONSIVE_CARD, "FindCard", ADVICE_OTHER_PROTOCOL_OR_MUTE },
    { SC_W_UNRESPONSIVE_CARD, NULL,
      "See that the card is the right way round and its contacts are clean." },
    { SC_W_WRONG_CHV, ADVICE_METHOD_OF_PUK,
      "Ask the holder for the right PUK before you try again: each wrong one costs a try, and a "
      "blocked PUK cannot be given its tries back." },
    { SC_W_CHV_BLOCKED, ADVICE_METHOD_OF_PUK,
      "This PUK cannot be used again; who issued the card can say what is left to do." },
    { SC_W_WRONG_CHV, NULL,
      "Ask the holder for the right PIN before you try again: each wrong one costs a try." },
    { SC_W_CHV_BLOCKED, NULL,
      "The PIN can be used again after Unblock, or ChangeCode with SC_FL_REPLACE and the unblocking "
      "code." },
    { SC_W_CARD_NOT_AUTHENTICATED, NULL,
      "Call ISCardVerify's Verify with the holder's PIN." },
    { SC_E_INVALID_CHV, NULL,
      "The card has no PIN of this number here; see the card's description, and the current "
      "directory for local PINs." },
    { SC_W_CANCELLED_BY_USER, NULL,
      "The holder cancelled; nothing was sent to the card. Ask before you try again." },
    { SC_E_TIMEOUT, NULL,
      "Ask the holder to type the PIN at the reader while it waits, and try again." },
    { SC_W_UNSUPPORTED_CARD, "AttachByReader", ADVICE_OTHER_PROTOCOL_OR_READER },
    { SC_W_UNSUPPORTED_CARD, "FindCard", ADVICE_OTHER_PROTOCOL_OR_READER },
    { SC_W_UNSUPPORTED_CARD, NULL,
      "The reader cannot talk to this card; try another reader." },
};
/* clang-format on */

const char *advice_for(const char *method, scm_result result)
{
    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
    {
        if (advices[i].result != result) continue;
        if (!advices[i].method || string_equal(advices[i].method, method)) return advices[i].text;
    }
    return NULL;
}
