/*
 * locate_dialog - the window in which somebody picks a card, or inserts it.
 * Layer: com (calls card).
 * SPDX-License-Identifier: MIT
 */
#include "com/locate_dialog.h"

#include "com/module.h"

/* The readers are not any more what the window shows; wParam: result of the wait. */
#define MESSAGE_LOOK (WM_APP + 1)

/* How long the waiting thread gets to notice that it shall end, before it is told again. */
#define STOP_PATIENCE_MS 20

/* A reader's line: its name, the card's, and what joins them. */
#define LINE_CHARS_MAX (2 * PCSC_READER_NAME_MAX + 64)

struct locate_dialog
{
    struct card_search *search;
    const WCHAR *title;
    bool takes_first_card;

    HWND window;
    HANDLE waiter;
    HANDLE has_looked; /* lets the waiter wait again */
    volatile LONG is_over;

    scm_result result;
    size_t index;
};

static DWORD WINAPI wait_for_readers(void *argument)
{
    struct locate_dialog *dialog = argument;

    while (!InterlockedCompareExchange(&dialog->is_over, 0, 0))
    {
        scm_result result = card_search_wait(dialog->search);
        if (InterlockedCompareExchange(&dialog->is_over, 0, 0)) break;
        PostMessageW(dialog->window, MESSAGE_LOOK, (WPARAM)(ULONG)result, 0);
        WaitForSingleObject(dialog->has_looked, INFINITE);
    }
    return 0;
}

static void stop_waiting(struct locate_dialog *dialog)
{
    InterlockedExchange(&dialog->is_over, 1);
    SetEvent(dialog->has_looked);
    if (!dialog->waiter) return;
    do
        card_search_stop(dialog->search);
    while (WaitForSingleObject(dialog->waiter, STOP_PATIENCE_MS) == WAIT_TIMEOUT);
    CloseHandle(dialog->waiter);
    dialog->waiter = NULL;
}

static void end_dialog(struct locate_dialog *dialog, scm_result result)
{
    dialog->result = result;
    EndDialog(dialog->window, 1);
}

static const WCHAR *presence_text(enum card_presence presence)
{
    switch (presence)
    {
    case CARD_PRESENCE_NO_CARD:
        return L"no card";
    case CARD_PRESENCE_MUTE:
        return L"the card does not answer";
    case CARD_PRESENCE_OTHER:
        return L"another card";
    case CARD_PRESENCE_TAKEN:
        return L"in use by another program";
    default:
        return L"this card can be used";
    }
}

static int append_utf8(WCHAR *line, int at, const char *utf8)
{
    int room = LINE_CHARS_MAX - at;
    int chars = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, line + at, room);
    return chars > 0 ? at + chars - 1 : at;
}

static int append(WCHAR *line, int at, const WCHAR *text)
{
    lstrcpynW(line + at, text, LINE_CHARS_MAX - at);
    return at + lstrlenW(line + at);
}

/* "Reader: card name (what about it)" */
static void describe(const struct card_reader_state *state, WCHAR line[LINE_CHARS_MAX])
{
    int at = append_utf8(line, 0, state->reader_name);

    at = append(line, at, L": ");
    if (state->card_name[0])
    {
        at = append_utf8(line, at, state->card_name);
        at = append(line, at, L" (");
    }
    at = append(line, at, presence_text(state->presence));
    if (state->card_name[0]) append(line, at, L")");
}

static bool can_be_chosen(const struct locate_dialog *dialog, LRESULT index)
{
    return index >= 0 && (size_t)index < card_search_count(dialog->search) &&
           card_search_at(dialog->search, (size_t)index).presence == CARD_PRESENCE_FITS;
}

static LRESULT chosen_line(const struct locate_dialog *dialog)
{
    return SendDlgItemMessageW(dialog->window, LOCATE_DIALOG_READERS, LB_GETCURSEL, 0, 0);
}

static void enable_choice(const struct locate_dialog *dialog)
{
    EnableWindow(GetDlgItem(dialog->window, IDOK), can_be_chosen(dialog, chosen_line(dialog)));
}

/* The lines of the list and the sentence above it, from what the search has seen. */
static void show(struct locate_dialog *dialog)
{
    HWND readers = GetDlgItem(dialog->window, LOCATE_DIALOG_READERS);
    size_t count = card_search_count(dialog->search), first = count;
    WCHAR line[LINE_CHARS_MAX];

    SendMessageW(readers, LB_RESETCONTENT, 0, 0);
    for (size_t i = 0; i < count; i++)
    {
        struct card_reader_state state = card_search_at(dialog->search, i);
        describe(&state, line);
        SendMessageW(readers, LB_ADDSTRING, 0, (LPARAM)line);
        if (first == count && state.presence == CARD_PRESENCE_FITS) first = i;
    }
    if (first < count) SendMessageW(readers, LB_SETCURSEL, first, 0);
    SetDlgItemTextW(dialog->window, LOCATE_DIALOG_GUIDANCE,
                    count == 0      ? L"Plug a smart card reader in."
                    : first < count ? L"Choose the card to use."
                                    : L"Insert the card.");
    enable_choice(dialog);
    if (first < count && dialog->takes_first_card)
    {
        dialog->index = first;
        end_dialog(dialog, HR_OK);
    }
}

static void begin(struct locate_dialog *dialog, HWND window)
{
    dialog->window = window;
    if (dialog->title && dialog->title[0]) SetWindowTextW(window, dialog->title);
    show(dialog);
    if (dialog->result == HR_OK) return; /* over already */
    dialog->waiter = CreateThread(NULL, 0, wait_for_readers, dialog, 0, NULL);
    if (!dialog->waiter) end_dialog(dialog, HR_OUTOFMEMORY);
}

static void look(struct locate_dialog *dialog, scm_result result)
{
    if (!result_failed(result)) result = card_search_look(dialog->search);
    if (result_failed(result))
        end_dialog(dialog, result);
    else
        show(dialog);
    SetEvent(dialog->has_looked);
}

static void choose(struct locate_dialog *dialog)
{
    LRESULT line = chosen_line(dialog);

    if (!can_be_chosen(dialog, line)) return;
    dialog->index = (size_t)line;
    end_dialog(dialog, HR_OK);
}

static void on_command(struct locate_dialog *dialog, UINT control, UINT code)
{
    switch (control)
    {
    case IDOK:
        choose(dialog);
        break;
    case IDCANCEL:
        end_dialog(dialog, SC_W_CANCELLED_BY_USER);
        break;
    case LOCATE_DIALOG_READERS:
        if (code == LBN_SELCHANGE) enable_choice(dialog);
        if (code == LBN_DBLCLK) choose(dialog);
        break;
    }
}

static INT_PTR CALLBACK dialog_procedure(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    struct locate_dialog *dialog = (struct locate_dialog *)GetWindowLongPtrW(window, DWLP_USER);

    switch (message)
    {
    case WM_INITDIALOG:
        SetWindowLongPtrW(window, DWLP_USER, lparam);
        begin((struct locate_dialog *)lparam, window);
        return TRUE;
    case WM_COMMAND:
        if (dialog) on_command(dialog, LOWORD(wparam), HIWORD(wparam));
        return TRUE;
    case MESSAGE_LOOK:
        if (dialog && !dialog->is_over) look(dialog, (scm_result)(LONG)wparam);
        return TRUE;
    case WM_DESTROY:
        /* Also where somebody else ends the window. */
        if (dialog) stop_waiting(dialog);
        return FALSE;
    }
    return FALSE;
}

scm_result locate_dialog_run(struct card_search *search, const WCHAR *title, bool takes_first_card,
                             size_t *index)
{
    struct locate_dialog dialog = { .search = search,
                                    .title = title,
                                    .takes_first_card = takes_first_card,
                                    .result = SC_W_CANCELLED_BY_USER };

    *index = 0;
    dialog.has_looked = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (!dialog.has_looked) return HR_OUTOFMEMORY;
    INT_PTR ended = DialogBoxParamW(com_module(), MAKEINTRESOURCEW(LOCATE_DIALOG_ID),
                                    GetActiveWindow(), dialog_procedure, (LPARAM)&dialog);
    stop_waiting(&dialog);
    CloseHandle(dialog.has_looked);
    /* A service, or Wine without a display: nobody would see a window. */
    if (ended == -1) return SC_E_UNSUPPORTED_FEATURE;
    *index = dialog.index;
    return dialog.result;
}
