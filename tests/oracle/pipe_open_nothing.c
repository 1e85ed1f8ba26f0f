/* SPDX-License-Identifier: MIT */
/* A client that asks for no access at all: it takes the instance and may look, but not touch. */
#include <windows.h>
#include "say.h"

int main(void)
{
    HANDLE server, client;
    char name[64], buf[16] = "abc";
    DWORD n = 99, state = 99, flags = 99, mode = PIPE_NOWAIT;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_nothing_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 64, 64, 0, NULL);
    SAY_HANDLE("open", client, open_file(name, 0, OPEN_EXISTING, 0));
    SAY_BOOL("connect", ConnectNamedPipe(server, NULL));
    SAY_BOOL("server.write", WriteFile(server, buf, 3, &n, NULL));
    SAY_BOOL("read", ReadFile(client, buf, sizeof(buf), &n, NULL));
    SAY_BOOL("write", WriteFile(client, buf, 3, &n, NULL));
    SAY_BOOL("write_nothing", WriteFile(client, buf, 0, &n, NULL));
    SAY_BOOL("peek", PeekNamedPipe(client, buf, sizeof(buf), &n, NULL, NULL));
    SAY_BOOL("flush", FlushFileBuffers(client));
    SAY_BOOL("state", GetNamedPipeHandleState(client, &state, NULL, NULL, NULL, NULL, 0));
    SAY_HEX("state.bits", state);
    SAY_BOOL("info", GetNamedPipeInfo(client, &flags, NULL, NULL, NULL));
    SAY_HEX("info.flags", flags);
    SAY_BOOL("set_state", SetNamedPipeHandleState(client, &mode, NULL, NULL));
    SAY_WAIT("wait", WaitForSingleObject(client, 0));
    SAY_BOOL("close", CloseHandle(client));
    SAY_BOOL("server.connect", ConnectNamedPipe(server, NULL));
    SAY_BOOL("server.disconnect", DisconnectNamedPipe(server));
    CloseHandle(server);
    return 0;
}
