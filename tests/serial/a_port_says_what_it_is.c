/* SPDX-License-Identifier: MIT */
/* The size of the type-ahead and how it grows, the properties of a port, and its settings as a
 * COMMCONFIG. */
#include "waits.h"

#include <stdio.h>

/* ---- the type-ahead ---- */

static DWORD room_of(const struct port *port)
{
    COMMPROP properties;

    CHECK(GetCommProperties(port->near, &properties));
    return properties.dwCurrentRxQueue;
}

static void limits_are_odd(DCB *dcb)
{
    dcb->XonLim = 100;
    dcb->XoffLim = 200;
}

static const struct {
    const char *when;
    DWORD in, out;
    DWORD room, xon, xoff; /* then */
} sizes[] = {
    {"it is to be smaller",   10,     10,     4096,   100,   200  },
    {"it is to be as it is",  4096,   0,      4096,   100,   200  },
    {"it is to be nothing",   0,      0,      4096,   100,   200  },
    {"it is to be bigger",    100000, 0,      100000, 50000, 12500},
    {"output does not count", 10,     100000, 100000, 50000, 12500},
};

static void a_type_ahead_grows_with_what_is_in_it_and_never_shrinks(struct port *port)
{
    DCB dcb;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(room_of(port), 4096);
    port_change(port, limits_are_odd);
    port_deliver(port, "kept", 4);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const char *when = sizes[i].when;

        CHECK_EQ_WHEN(when, SetupComm(port->near, sizes[i].in, sizes[i].out), TRUE);
        CHECK_EQ_WHEN(when, room_of(port), sizes[i].room);
        CHECK(GetCommState(port->near, &dcb));
        CHECK_EQ_WHEN(when, dcb.XonLim, sizes[i].xon);
        CHECK_EQ_WHEN(when, dcb.XoffLim, sizes[i].xoff);
        CHECK_EQ_WHEN(when, port_queued(port), 4);
    }
    expect_queued("it has grown", port, "kept", 4);
}

static void the_new_room_is_there_to_be_used(struct port *port)
{
    static char bytes[20000], got[sizeof bytes];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 13);
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_deliver(port, bytes, 4000);
    CHECK(SetupComm(port->near, sizeof bytes, 0));
    port_deliver(port, bytes + 4000, sizeof bytes - 4000);
    CHECK_EQ(errors_of(port), 0);
    CHECK_EQ(port_queued(port), sizeof bytes);
    read_queued(port, got, sizeof bytes);
    CHECK_EQ(memcmp(got, bytes, sizeof bytes), 0);
}

static void the_mark_of_a_full_one_grows_too(struct port *port)
{
    static char bytes[13000];

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetupComm(port->near, 16000, 0));
    CHECK(SetCommMask(port->near, EV_RX80FULL));
    port_deliver(port, bytes, 12999);
    CHECK_EQ(latched(port), 0);
    port_deliver(port, bytes, 1);
    CHECK_EQ(latched(port), EV_RX80FULL);
}

static void more_than_there_is_memory_for_is_refused(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_FAILS(SetupComm(port->near, 0xFFFFFFFF, 0), ERROR_NO_SYSTEM_RESOURCES);
    CHECK_EQ(room_of(port), 4096);
}

/* ---- properties ---- */

static void the_properties_are_those_of_a_serial_driver(struct port *port)
{
    COMMPROP p;

    memset(&p, 0xEE, sizeof p);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(GetCommProperties(port->near, &p));
    CHECK_EQ(p.wPacketLength, 64);
    CHECK_EQ(p.wPacketVersion, 2);
    CHECK_EQ(p.dwServiceMask, SP_SERIALCOMM);
    CHECK_EQ(p.dwMaxTxQueue, 0);
    CHECK_EQ(p.dwMaxRxQueue, 0);
    CHECK_EQ(p.dwMaxBaud, BAUD_USER);
    CHECK_EQ(p.dwProvSubType, PST_RS232);
    CHECK_EQ(p.dwProvCapabilities, 0xFF);
    CHECK_EQ(p.dwSettableParams, 0x7F);
    CHECK_EQ(p.dwSettableBaud, 0x1007FFFF);
    CHECK_EQ(p.wSettableData, 0x0F);
    CHECK_EQ(p.wSettableStopParity, 0x1F07);
    CHECK_EQ(p.dwCurrentTxQueue, 0);
    CHECK_EQ(p.dwCurrentRxQueue, 4096);
    CHECK_FAILS(GetCommProperties(port->near, NULL), ERROR_INVALID_PARAMETER);
}

/* ---- configurations ---- */

static void a_configuration_needs_room_and_has_the_settings_in_it(struct port *port)
{
    static const DWORD small[] = {0, 28, 51};
    COMMCONFIG config;
    DWORD size;
    DCB dcb;

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(small); i++) {
        size = small[i];
        CHECK_FAILS(GetCommConfig(port->near, &config, &size), ERROR_INSUFFICIENT_BUFFER);
        CHECK_EQ(size, 52);
    }
    CHECK(GetCommConfig(port->near, &config, &size));
    CHECK_EQ(size, 52);
    CHECK_EQ(config.dwSize, 52);
    CHECK_EQ(config.wVersion, 1);
    CHECK_EQ(config.dwProviderSubType, PST_RS232);
    CHECK_EQ(config.dwProviderOffset, 0);
    CHECK_EQ(config.dwProviderSize, 0);
    CHECK(GetCommState(port->near, &dcb));
    CHECK_EQ(memcmp(&config.dcb, &dcb, sizeof dcb), 0);
    config.dcb.BaudRate = 57600;
    CHECK_FAILS(SetCommConfig(port->near, &config, 51), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetCommConfig(port->near, NULL, 52), ERROR_INVALID_PARAMETER);
    CHECK(GetCommState(port->near, &dcb));
    CHECK(dcb.BaudRate != 57600);
    CHECK(SetCommConfig(port->near, &config, 52));
    CHECK(GetCommState(port->near, &dcb));
    CHECK_EQ(dcb.BaudRate, 57600);
    CHECK_FAILS(GetCommConfig(port->near, NULL, &size), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetCommConfig(port->near, &config, NULL), ERROR_INVALID_PARAMETER);
}

static void a_default_configuration_is_asked_for_by_a_plain_name(struct port *port)
{
    static const char *const wrong[] = {"", "com0", "com", "nonsense", "\\\\.\\COM1"};
    char name[32], colon[sizeof name + 1];
    COMMCONFIG config;
    DWORD size = sizeof config;

    snprintf(name, sizeof name, "com%u", port->number);
    snprintf(colon, sizeof colon, "%s:", name);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_FAILS(GetDefaultCommConfigA(wrong[i], &config, &size), ERROR_BADKEY);
    CHECK_FAILS(GetDefaultCommConfigA(colon, &config, &size), ERROR_BADKEY);
    CHECK_FAILS(GetDefaultCommConfigA(NULL, &config, &size), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetDefaultCommConfigA(name, NULL, &size), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetDefaultCommConfigA(name, &config, NULL), ERROR_INVALID_PARAMETER);
    size = 51;
    CHECK_FAILS(GetDefaultCommConfigA(name, &config, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK(size >= 52);
    size = sizeof config;
    CHECK(GetDefaultCommConfigA(name, &config, &size));
    CHECK_EQ(size, 52);
    CHECK_EQ(config.dcb.BaudRate, 9600);
    CHECK_EQ(config.dcb.ByteSize, 8);
    CHECK_EQ(config.dcb.Parity, NOPARITY);
    CHECK_EQ(config.dcb.StopBits, ONESTOPBIT);
    CHECK_EQ(config.dcb.fBinary, TRUE);
}

PORT_TEST_MAIN(ON_BOTH(a_type_ahead_grows_with_what_is_in_it_and_never_shrinks),
               ON_BOTH(the_new_room_is_there_to_be_used), ON_BOTH(the_mark_of_a_full_one_grows_too),
               ON_BOTH(more_than_there_is_memory_for_is_refused),
               ON_BOTH(the_properties_are_those_of_a_serial_driver),
               ON_BOTH(a_configuration_needs_room_and_has_the_settings_in_it),
               ON_CABLE(a_default_configuration_is_asked_for_by_a_plain_name))
