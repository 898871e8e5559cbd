/*
 * simcard_pcsc_check - the simulated card through a real resource manager, from a client's side.
 * Layer: tests (uses libpcsclite and simcard's control port; no code of ours).
 * Run by simcard_pcsc_check.sh, which starts the daemon and the card:
 *   simcard_pcsc_check READER-PART CONTROL-PORT T0|T1
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <winscard.h>

#define BIG_READ_LEN   30000
#define SHORT_READ_LEN 250
#define EVENT_WAIT_MS  15000

static SCARDCONTEXT context;
static SCARDHANDLE card;
static DWORD protocol;
static char reader[MAX_READERNAME];
static unsigned passed, failed;

static void expect(bool condition, const char *what)
{
    printf("%s: %s\n", condition ? "ok" : "FAILED", what);
    if (condition)
        passed++;
    else
        failed++;
}

/* Something without which nothing more can be learned. */
static void require(bool condition, const char *what, LONG code)
{
    if (condition) return;
    printf("FAILED: %s: %s\n%u passed, %u failed\n", what, pcsc_stringify_error(code), passed,
           failed + 1);
    exit(1);
}

/* --- control port --- */

static int open_control(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    require(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0,
            "connecting to the control port", SCARD_S_SUCCESS);
    return fd;
}

static const char *control(int fd, const char *line)
{
    static char answer[300];
    char text[300];
    size_t len = 0;
    int text_len = snprintf(text, sizeof(text), "%s\n", line);
    if (write(fd, text, (size_t)text_len) != text_len) return "";
    while (len < sizeof(answer) - 1 && read(fd, answer + len, 1) == 1 && answer[len] != '\n')
        len++;
    answer[len] = 0;
    return answer;
}

/* --- reader and card --- */

static void find_reader(const char *part)
{
    char names[4096];
    DWORD len = sizeof(names);
    LONG code = SCardListReaders(context, NULL, names, &len);
    require(code == SCARD_S_SUCCESS, "SCardListReaders", code);
    for (const char *name = names; *name; name += strlen(name) + 1)
        if (strstr(name, part) && !reader[0] && strlen(name) < sizeof(reader))
            memcpy(reader, name, strlen(name) + 1);
    require(reader[0] != 0, "finding the virtual reader", SCARD_E_UNKNOWN_READER);
}

/* Waits until the reader's state has (or lacks) the card; no sleeping, the daemon tells. */
static bool wait_for_card(bool is_wanted)
{
    SCARD_READERSTATE state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };
    for (;;)
    {
        LONG code = SCardGetStatusChange(context, EVENT_WAIT_MS, &state, 1);
        if (code != SCARD_S_SUCCESS) return false;
        bool is_there = state.dwEventState & SCARD_STATE_PRESENT;
        bool is_settled = !(state.dwEventState & SCARD_STATE_MUTE);
        if (is_there == is_wanted && is_settled) return true;
        state.dwCurrentState = state.dwEventState;
    }
}

static void connect_card(DWORD wanted_protocol)
{
    LONG code = SCardConnect(context, reader, SCARD_SHARE_SHARED,
                             SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
    require(code == SCARD_S_SUCCESS, "SCardConnect", code);
    expect(protocol == wanted_protocol, "the protocol of the ATR is in use");
}

/* Sends a command; the answer's data stays in `answer`. Returns the status word, 0 on failure. */
static uint8_t answer[70000];
static DWORD answer_len;

static unsigned transmit(const uint8_t *command, size_t len)
{
    const SCARD_IO_REQUEST *pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    answer_len = sizeof(answer);
    LONG code = SCardTransmit(card, pci, command, len, NULL, answer, &answer_len);
    if (code != SCARD_S_SUCCESS || answer_len < 2)
    {
        printf("# transmit: %s, %lu bytes\n", pcsc_stringify_error(code), answer_len);
        answer_len = 0;
        return 0;
    }
    answer_len -= 2;
    return (unsigned)(answer[answer_len] << 8 | answer[answer_len + 1]);
}

#define SEND(...)                                                                                  \
    transmit((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static uint8_t pattern_byte(uint32_t i)
{
    return (uint8_t)(i ^ (i >> 8) * 5);
}

static bool is_pattern(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != pattern_byte((uint32_t)i)) return false;
    return true;
}

static bool select_path(uint8_t p2)
{
    static const uint8_t path[] = { 0x7F, 0x10, 0x6F, 0x03 };
    uint8_t command[5 + sizeof(path)] = { 0x00, 0xA4, 0x08, p2, sizeof(path) };
    memcpy(command + 5, path, sizeof(path));
    unsigned sw = transmit(command, sizeof(command));
    if (protocol == SCARD_PROTOCOL_T0 && sw >> 8 == 0x61)
        sw = SEND(0x00, 0xC0, 0x00, 0x00, (uint8_t)sw);
    return sw == 0x9000;
}

static void read_short(void)
{
    static uint8_t whole[BIG_READ_LEN];
    expect(select_path(0x0C), "SELECT by path, nothing back");
    size_t have = 0;
    while (have < sizeof(whole))
    {
        size_t wanted = sizeof(whole) - have;
        if (wanted > SHORT_READ_LEN) wanted = SHORT_READ_LEN;
        unsigned sw = SEND(0x00, 0xB0, (uint8_t)(have >> 8), (uint8_t)have, (uint8_t)wanted);
        if (sw != 0x9000 || answer_len != wanted) break;
        memcpy(whole + have, answer, wanted);
        have += wanted;
    }
    expect(have == sizeof(whole) && is_pattern(whole, have), "30000 bytes in short READ BINARYs");
}

static void read_extended(void)
{
    unsigned sw = SEND(0x00, 0xB0, 0x00, 0x00, 0x00, BIG_READ_LEN >> 8, BIG_READ_LEN & 0xFF);
    expect(sw == 0x9000 && answer_len == BIG_READ_LEN && is_pattern(answer, answer_len),
           "30000 bytes in one extended READ BINARY");
}

/* T=0: the extended command travels in an ENVELOPE, its answer in GET RESPONSEs. */
static void read_enveloped(void)
{
    static uint8_t whole[BIG_READ_LEN];
    size_t have = 0;
    unsigned sw = SEND(0x00, 0xC2, 0x00, 0x00, 7, 0x00, 0xB0, 0x00, 0x00, 0x00, BIG_READ_LEN >> 8,
                       BIG_READ_LEN & 0xFF);
    if (sw == 0x9000) sw = SEND(0x00, 0xC2, 0x00, 0x00, 0x00);
    while (sw >> 8 == 0x61)
    {
        sw = SEND(0x00, 0xC0, 0x00, 0x00, (uint8_t)sw);
        if (answer_len > sizeof(whole) - have) break;
        memcpy(whole + have, answer, answer_len);
        have += answer_len;
    }
    expect(sw == 0x9000 && have == sizeof(whole) && is_pattern(whole, have),
           "30000 bytes by ENVELOPE and GET RESPONSE");
}

static void check_transport(bool is_t0)
{
    if (is_t0)
    {
        unsigned sw = SEND(0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00);
        expect(sw >> 8 == 0x61, "T=0: SELECT announces its answer with 61xx");
        uint8_t len = (uint8_t)sw;
        sw = SEND(0x00, 0xC0, 0x00, 0x00, 0x00);
        expect(sw == (0x6C00u | len), "T=0: a wrong Le is corrected with 6Cxx");
        sw = SEND(0x00, 0xC0, 0x00, 0x00, len);
        expect(sw == 0x9000 && answer_len == len && answer[0] == 0x62, "T=0: GET RESPONSE");
    }
    else
    {
        unsigned sw = SEND(0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00, 0x00);
        expect(sw == 0x9000 && answer_len > 2 && answer[0] == 0x62, "T=1: SELECT answers at once");
        sw = SEND(0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00);
        expect(sw == 0x9000 && answer_len == 0, "T=1: no Le, no data");
    }
    expect(SEND(0x00, 0x20, 0x00, 0x01, 0x04, '9', '9', '9', '9') == 0x63C2, "a wrong PIN: 63C2");
    expect(SEND(0x00, 0x20, 0x00, 0x01, 0x04, '1', '2', '3', '4') == 0x9000, "the right PIN: 9000");
    expect(SEND(0x00, 0x84, 0x00, 0x00, 0x08) == 0x9000 && answer_len == 8, "GET CHALLENGE");
}

static void check_removal(int control_fd)
{
    expect(strcmp(control(control_fd, "remove"), "ok removed") == 0, "control: remove");
    expect(wait_for_card(false), "the reader sees the removal");
    BYTE atr[MAX_ATR_SIZE];
    DWORD atr_len = sizeof(atr);
    LONG code = SCardStatus(card, NULL, NULL, NULL, NULL, atr, &atr_len);
    expect(code == SCARD_W_REMOVED_CARD, "the handle's card is gone");
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    expect(strncmp(control(control_fd, "insert"), "ok", 2) == 0, "control: insert");
    expect(wait_for_card(true), "the reader sees the card again");
}

static void check_reset_clears(DWORD wanted_protocol)
{
    connect_card(wanted_protocol);
    expect(SEND(0x00, 0x20, 0x00, 0x01, 0x04, '1', '2', '3', '4') == 0x9000, "the right PIN again");
    expect(SEND(0x00, 0x20, 0x00, 0x01) == 0x9000, "it is verified");
    LONG code =
        SCardReconnect(card, SCARD_SHARE_SHARED, wanted_protocol, SCARD_RESET_CARD, &protocol);
    expect(code == SCARD_S_SUCCESS, "reset");
    expect(SEND(0x00, 0x20, 0x00, 0x01) == 0x63C3, "after the reset it is not");
}

static void check_odd_answers(int control_fd)
{
    expect(strcmp(control(control_fd, "hostile one-byte next=1"), "ok") == 0, "control: hostile");
    answer_len = sizeof(answer);
    const uint8_t command[] = { 0x00, 0x84, 0x00, 0x00, 0x08 };
    const SCARD_IO_REQUEST *pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    LONG code = SCardTransmit(card, pci, command, sizeof(command), NULL, answer, &answer_len);
    expect(code != SCARD_S_SUCCESS || answer_len < 2, "one byte is no answer");
    SCardReconnect(card, SCARD_SHARE_SHARED, protocol, SCARD_RESET_CARD, &protocol);
    expect(SEND(0x00, 0x84, 0x00, 0x00, 0x08) == 0x9000, "the next one is honest");
    expect(strcmp(control(control_fd, "hostile off"), "ok") == 0, "control: hostile off");
    expect(strncmp(control(control_fd, "count"), "ok apdus=", 9) == 0, "control: count");
    expect(strncmp(control(control_fd, "status"), "ok inserted power=on", 20) == 0,
           "control: status");
    expect(strncmp(control(control_fd, "nonsense"), "error ", 6) == 0, "control: nonsense");
}

/* A card that leaves in the middle of an answer. */
static void check_close(int control_fd, DWORD wanted_protocol)
{
    expect(strcmp(control(control_fd, "hostile close next=1"), "ok") == 0, "control: close");
    /* vpcd hands on what there is, as if it were whole. */
    unsigned sw = SEND(0x00, 0x84, 0x00, 0x00, 0x08);
    expect(sw != 0x9000 || answer_len != 8, "half an answer is not the whole");
    expect(wait_for_card(false), "the reader sees that the card has left");
    expect(strncmp(control(control_fd, "status"), "ok removed power=off", 20) == 0,
           "control: it is removed");
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    expect(strncmp(control(control_fd, "insert"), "ok", 2) == 0, "control: insert it again");
    expect(wait_for_card(true), "it is back");
    connect_card(wanted_protocol);
    expect(SEND(0x00, 0x84, 0x00, 0x00, 0x08) == 0x9000, "and answers");
}

static unsigned long apdu_count(int control_fd)
{
    unsigned long count = 0;
    return sscanf(control(control_fd, "count"), "ok apdus=%lu", &count) == 1 ? count : 0;
}

/* A card that gives no answer at all: pulling it ends the wait. */
static void check_mute(int control_fd, uint16_t control_port, DWORD wanted_protocol)
{
    expect(strcmp(control(control_fd, "hostile mute next=1"), "ok") == 0, "control: mute");
    unsigned long before = apdu_count(control_fd);
    pid_t child = fork();
    if (child == 0)
    {
        int fd = open_control(control_port);
        while (apdu_count(fd) == before)
            continue;
        _exit(strcmp(control(fd, "remove"), "ok removed") != 0);
    }
    /* A success of no bytes from vpcd, a failure from other readers: never a status word. */
    expect(SEND(0x00, 0x84, 0x00, 0x00, 0x08) == 0, "no answer before the card is pulled");
    int status = -1;
    expect(child > 0 && waitpid(child, &status, 0) == child && status == 0, "it was pulled");
    expect(wait_for_card(false), "the reader sees it");
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    expect(strncmp(control(control_fd, "insert"), "ok", 2) == 0, "control: insert once more");
    expect(wait_for_card(true), "it is back again");
    connect_card(wanted_protocol);
    expect(SEND(0x00, 0x84, 0x00, 0x00, 0x08) == 0x9000, "and has found its voice");
}

/* Quirks given to a card in its reader; the last of them does not outlast reset-state. */
static void check_quirks(int control_fd)
{
    expect(strncmp(control(control_fd, "quirk verify-query 6A88"), "ok", 2) == 0, "control: quirk");
    expect(SEND(0x00, 0x20, 0x00, 0x01) == 0x6A88, "the card has it");
    expect(strncmp(control(control_fd, "quirk answer 84 at-most 1"), "ok", 2) == 0,
           "control: another quirk");
    expect(SEND(0x00, 0x84, 0x00, 0x00, 0x08) == 0x9000 && answer_len == 1, "the card has both");
    expect(SEND(0x00, 0x20, 0x00, 0x01) == 0x6A88, "both of them");
    expect(strncmp(control(control_fd, "quirk purple"), "error ", 6) == 0, "control: no quirk");
    expect(SEND(0x00, 0x20, 0x00, 0x01) == 0x6A88, "which changes nothing");
    expect(strncmp(control(control_fd, "reset-state"), "ok", 2) == 0, "control: no more quirks");
    expect(SEND(0x00, 0x20, 0x00, 0x01) == 0x63C3, "the card has none");
}

static void check_state_is_restored(int control_fd)
{
    expect(SEND(0x00, 0x20, 0x00, 0x01, 0x04, '9', '9', '9', '9') == 0x63C2, "a try is spent");
    expect(strncmp(control(control_fd, "reset-state"), "ok", 2) == 0, "control: reset-state");
    expect(SEND(0x00, 0x20, 0x00, 0x01) == 0x63C3, "it is given back");
    expect(SEND(0x00, 0x20, 0x00, 0x01, 0x04, '9', '9', '9', '9') == 0x63C2, "a try, to be saved");
}

int main(int argc, char **argv)
{
    if (argc != 4)
    {
        fprintf(stderr, "usage: %s READER-PART CONTROL-PORT T0|T1\n", argv[0]);
        return 2;
    }
    bool is_t0 = strcmp(argv[3], "T0") == 0;
    DWORD wanted_protocol = is_t0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    require(code == SCARD_S_SUCCESS, "SCardEstablishContext", code);
    find_reader(argv[1]);
    int control_fd = open_control((uint16_t)atoi(argv[2]));
    expect(wait_for_card(true), "a card is in the reader");
    connect_card(wanted_protocol);
    check_transport(is_t0);
    read_short();
    if (is_t0)
        read_enveloped();
    else
        read_extended();
    check_removal(control_fd);
    check_reset_clears(wanted_protocol);
    check_odd_answers(control_fd);
    check_close(control_fd, wanted_protocol);
    check_mute(control_fd, (uint16_t)atoi(argv[2]), wanted_protocol);
    check_quirks(control_fd);
    check_state_is_restored(control_fd);
    expect(strncmp(control(control_fd, "quit"), "ok", 2) == 0, "control: quit");
    close(control_fd);
    expect(wait_for_card(false), "the reader sees that the card has ended");
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
