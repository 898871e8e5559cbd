/*
 * service_test - the resource manager stops and comes back while programs are attached.
 * Layer: tests. Needs the registered server, a card, and somebody who carries out orders: a line
 * "order: stop service" on standard output is answered by "done" on standard input.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

static bool order(const char *what)
{
    char line[64] = "";

    printf("order: %s\n", what);
    fflush(stdout);
    return fgets(line, sizeof(line), stdin) && strncmp(line, "done", 4) == 0;
}

static bool says_no_service(HRESULT hr)
{
    if (hr == (HRESULT)SCARD_E_NO_SERVICE || hr == (HRESULT)SCARD_E_SERVICE_STOPPED) return true;
    printf("gave %08lx\n", (unsigned long)hr);
    return false;
}

/* Detached before the service went, attached after it came back: none of them pays for what the
 * process kept of the old one. */
static void detached_over_a_restart(BSTR reader)
{
    ISCardManage *managers[4];

    check_context("detached over a restart");
    for (int i = 0; i < 4; i++)
    {
        managers[i] = client_manage();
        check_hr(ISCardManage_AttachByIFD(managers[i], reader, SHARED), S_OK);
    }
    for (int i = 0; i < 4; i++)
        check_hr(ISCardManage_Detach(managers[i]), S_OK);
    check(order("stop service") && order("start service") && simcard_wait(true));
    for (int i = 0; i < 4; i++)
        check_hr(ISCardManage_AttachByIFD(managers[i], reader, SHARED), S_OK);
    for (int i = 0; i < 4; i++)
        check_int(ISCardManage_Release(managers[i]), 0);
}

int main(void)
{
    BSTR reader = SysAllocString(test_reader());
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol;
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD active;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (!check(simcard_wait(true))) return check_finish();
    ISCardManage *by_name = client_manage(), *by_handle = client_manage(), *late = client_manage();
    check_hr(ISCardManage_AttachByIFD(by_name, reader, SHARED), S_OK);
    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    check_int(SCardConnectW(context, reader, SCARD_SHARE_SHARED, 3, &card, &active), 0);
    check_hr(ISCardManage_AttachByHandle(by_handle, card), S_OK);
    check_hr(ISCardManage_SCardLock(by_name), S_OK);

    check_context("service stopped");
    if (!check(order("stop service"))) return check_finish();
    check(says_no_service(ISCardManage_Status(by_name, &state, &protocol)));
    check_int(state, 0);
    check(says_no_service(ISCardManage_Reconnect(by_name)));
    check(says_no_service(ISCardManage_SCardLock(by_name)));
    check(FAILED(ISCardManage_Status(by_handle, &state, &protocol)));
    check(FAILED(ISCardManage_Reconnect(by_handle)));
    check(says_no_service(ISCardManage_AttachByIFD(late, reader, SHARED)));

    check_context("service back");
    if (!check(order("start service")) || !check(simcard_wait(true))) return check_finish();
    check_hr(ISCardManage_Reconnect(by_name), S_OK);
    check_hr(ISCardManage_Status(by_name, &state, &protocol), S_OK);
    check_int(state, SPECIFICMODE);
    check_int(protocol, T1);
    check_hr(ISCardManage_SCardLock(by_name), S_OK);
    check_hr(ISCardManage_SCardUnlock(by_name, LEAVE), S_OK);
    check_hr(ISCardManage_SCardUnlock(by_name, LEAVE), SCARD_E_NOT_TRANSACTED);
    /* The client's handle died with the service; only the client can get another. */
    check(FAILED(ISCardManage_Reconnect(by_handle)));
    check_hr(ISCardManage_Detach(by_handle), S_OK);
    check_hr(ISCardManage_AttachByIFD(late, reader, SHARED), S_OK);
    check_hr(ISCardManage_Detach(by_name), S_OK);

    check_int(ISCardManage_Release(by_name), 0);
    check_int(ISCardManage_Release(by_handle), 0);
    check_int(ISCardManage_Release(late), 0);
    SCardReleaseContext(context);
    detached_over_a_restart(reader);
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
