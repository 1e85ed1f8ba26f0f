/* SPDX-License-Identifier: MIT */
/* CreateFile of ports: by number or path, as a character device, with what each access allows, and
 * fresh each time. */
#include <string.h>

#include "port.h"

static HANDLE named(const char *name)
{
    return CreateFileA(name, READ_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
}

static void cannot_be_opened(const char *name, DWORD error)
{
    SetLastError(0xC0DE);
    CHECK_EQ_WHEN(name, (intptr_t)named(name), (intptr_t)INVALID_HANDLE_VALUE);
    CHECK_EQ_WHEN(name, GetLastError(), error);
}

static void a_number_that_is_nobodys_is_not_found(void)
{
    cannot_be_opened("COM99", ERROR_FILE_NOT_FOUND);
    cannot_be_opened("\\\\.\\COM99", ERROR_FILE_NOT_FOUND);
    cannot_be_opened("\\\\.\\COM4000000000", ERROR_FILE_NOT_FOUND);
}

/* What is written to the handle comes out at the other end. */
static void leads_there(struct port *port, const char *name, HANDLE handle)
{
    DWORD count = 0;

    if (!CHECK_EQ_WHEN(name, handle != INVALID_HANDLE_VALUE, true))
        return;
    CHECK(WriteFile(handle, name, (DWORD)strlen(name), &count, NULL));
    CHECK(port_expect(port, name, strlen(name)));
    CHECK(CloseHandle(handle));
}

static void all_spellings_of_a_number_open_the_port(struct port *port)
{
    static const char *const spellings[] = {
        "COM1", "com1", "COM1:", "\\\\.\\COM1", "//./COM1", "\\\\.\\com1"};

    CHECK(CommMapPort(1, port->pty.path));
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
        leads_there(port, spellings[i], named(spellings[i]));
    CHECK(CommMapPort(1, NULL));
}

static void a_number_above_nine_wants_its_prefix(struct port *port)
{
    CHECK(CommMapPort(10, port->pty.path));
    cannot_be_opened("COM10", ERROR_FILE_NOT_FOUND);
    leads_there(port, "\\\\.\\COM10", named("\\\\.\\COM10"));
    CHECK(CommMapPort(10, NULL));
}

static void opening_by_number_is_opening_by_name(struct port *port)
{
    CHECK(CommMapPort(1, port->pty.path));
    leads_there(port, "OpenCommPort", OpenCommPort(1, READ_WRITE, 0));
    port->near = OpenCommPort(1, GENERIC_READ, FILE_FLAG_OVERLAPPED);
    CHECK(port->near != INVALID_HANDLE_VALUE);
    cannot_be_opened("\\\\.\\COM1", ERROR_ACCESS_DENIED);
    CHECK(CommMapPort(1, NULL));
    SetLastError(0xC0DE);
    CHECK_EQ((intptr_t)OpenCommPort(99, READ_WRITE, 0), (intptr_t)INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
}

static void a_port_is_a_character_device(struct port *port)
{
    LARGE_INTEGER size = {.QuadPart = 5};

    port_open(port, 0);
    CHECK_EQ(GetFileType(port->near), FILE_TYPE_CHAR);
    CHECK(GetFileSizeEx(port->near, &size));
    CHECK_EQ(size.QuadPart, 0);
}

static void dispositions_other_than_existing_are_refused(struct port *port)
{
    static const DWORD wrong[] = {CREATE_NEW, CREATE_ALWAYS, TRUNCATE_EXISTING};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        SetLastError(0xC0DE);
        CHECK(CreateFileA(port->name, READ_WRITE, 0, NULL, wrong[i], 0, NULL) ==
              INVALID_HANDLE_VALUE);
        CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    }
    port->near = CreateFileA(port->name, READ_WRITE, 0, NULL, OPEN_ALWAYS, 0, NULL);
    CHECK(port->near != INVALID_HANDLE_VALUE);
}

/* Every call of control works, whatever the access. */
static void can_be_asked(HANDLE handle)
{
    DWORD mask = 77, errors = 77;
    DCB dcb;

    CHECK(GetCommState(handle, &dcb));
    CHECK(SetCommState(handle, &dcb));
    CHECK(SetCommMask(handle, EV_RXCHAR));
    CHECK(GetCommMask(handle, &mask));
    CHECK_EQ(mask, EV_RXCHAR);
    CHECK(ClearCommError(handle, &errors, NULL));
    CHECK(PurgeComm(handle, PURGE_RXCLEAR));
}

static void a_handle_does_what_it_was_opened_for(struct port *port)
{
    static const struct {
        DWORD access;
        bool reads, writes;
    } kinds[] = {
        {GENERIC_READ,  true,  false},
        {GENERIC_WRITE, false, true },
        {0,             false, false},
        {READ_WRITE,    true,  true },
    };
    DWORD count = 77;
    char c;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        port_open_for(port, kinds[i].access, 0);
        port_read_times(port, MAXDWORD, 0, 0);
        if (kinds[i].writes)
            CHECK(WriteFile(port->near, "x", 1, &count, NULL));
        else
            CHECK_FAILS(WriteFile(port->near, "x", 1, &count, NULL), ERROR_ACCESS_DENIED);
        CHECK_EQ(count, kinds[i].writes);
        if (kinds[i].reads)
            CHECK(ReadFile(port->near, &c, 1, &count, NULL));
        else
            CHECK_FAILS(ReadFile(port->near, &c, 1, &count, NULL), ERROR_ACCESS_DENIED);
        can_be_asked(port->near);
        port_shut(port);
    }
}

static void is_fresh(struct port *port)
{
    DWORD errors = 77, mask = 77;
    COMSTAT stat;

    memset(&stat, 0x55, sizeof stat);
    CHECK(ClearCommError(port->near, &errors, &stat));
    CHECK_EQ(errors, 0);
    CHECK_EQ(stat.cbInQue, 0);
    CHECK_EQ(stat.cbOutQue, 0);
    CHECK(GetCommMask(port->near, &mask));
    CHECK_EQ(mask, 0);
}

static void what_was_sent_before_the_open_is_not_there(struct port *port)
{
    port_send(port, "early", 5);
    port_open(port, FILE_FLAG_OVERLAPPED);
    is_fresh(port);
    port_deliver(port, "late", 4);
    CHECK_EQ(port_queued(port), 4);
}

static void nothing_is_left_of_the_one_before(struct port *port)
{
    COMMTIMEOUTS times;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR | EV_ERR));
    port_read_times(port, 1, 2, 3);
    port_deliver(port, "unread", 6);
    port_shut(port);
    port_open(port, FILE_FLAG_OVERLAPPED);
    is_fresh(port);
    memset(&times, 0x55, sizeof times);
    CHECK(GetCommTimeouts(port->near, &times));
    CHECK_EQ(times.ReadIntervalTimeout, 0);
    CHECK_EQ(times.ReadTotalTimeoutMultiplier, 0);
    CHECK_EQ(times.ReadTotalTimeoutConstant, 0);
    CHECK_EQ(times.WriteTotalTimeoutMultiplier, 0);
    CHECK_EQ(times.WriteTotalTimeoutConstant, 0);
}

PORT_TEST_MAIN(TEST(a_number_that_is_nobodys_is_not_found),
               ON_PTY(all_spellings_of_a_number_open_the_port),
               ON_PTY(a_number_above_nine_wants_its_prefix),
               ON_PTY(opening_by_number_is_opening_by_name), ON_BOTH(a_port_is_a_character_device),
               ON_BOTH(dispositions_other_than_existing_are_refused),
               ON_BOTH(a_handle_does_what_it_was_opened_for),
               ON_MADE_UP(what_was_sent_before_the_open_is_not_there),
               ON_BOTH(nothing_is_left_of_the_one_before))
