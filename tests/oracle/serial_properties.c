/* SPDX-License-Identifier: MIT */
/* What a port says it can do, and the size of its type-ahead. */
#include "port.h"

static HANDLE port;

static void say_properties(const char *line)
{
    COMMPROP prop;

    memset(&prop, 0, sizeof(prop));
    prop.wPacketLength = sizeof(prop);
    SAY_BOOL(line, GetCommProperties(port, &prop));
    SAY(say_name(line, "length"), prop.wPacketLength);
    SAY(say_name(line, "version"), prop.wPacketVersion);
    SAY_HEX(say_name(line, "service"), prop.dwServiceMask);
    SAY_HEX(say_name(line, "max_tx"), prop.dwMaxTxQueue);
    SAY_HEX(say_name(line, "max_rx"), prop.dwMaxRxQueue);
    SAY_HEX(say_name(line, "max_baud"), prop.dwMaxBaud);
    SAY_HEX(say_name(line, "subtype"), prop.dwProvSubType);
    SAY_HEX(say_name(line, "capabilities"), prop.dwProvCapabilities);
    SAY_HEX(say_name(line, "params"), prop.dwSettableParams);
    SAY_HEX(say_name(line, "baud"), prop.dwSettableBaud);
    SAY_HEX(say_name(line, "data"), prop.wSettableData);
    SAY_HEX(say_name(line, "stop_parity"), prop.wSettableStopParity);
    SAY(say_name(line, "tx"), prop.dwCurrentTxQueue);
    SAY(say_name(line, "rx"), prop.dwCurrentRxQueue);
}

static void say_setup(const char *line, DWORD in, DWORD out)
{
    COMMPROP prop;

    memset(&prop, 0, sizeof(prop));
    SAY_BOOL(line, SetupComm(port, in, out));
    GetCommProperties(port, &prop);
    SAY(say_name(line, "rx"), prop.dwCurrentRxQueue);
}

int main(void)
{
    port = port_open(0);
    say_properties("fresh");
    say_setup("smaller", 1024, 1024);
    say_setup("larger", 16384, 0);
    say_setup("back", 4096, 4096);
    say_setup("nothing", 0, 0);
    SAY_BOOL("null", GetCommProperties(port, NULL));
    CloseHandle(port);
    return 0;
}
