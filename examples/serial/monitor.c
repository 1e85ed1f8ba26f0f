/* SPDX-License-Identifier: MIT */
/* Says what happens on a port: each event, and the lines and errors after it.  Without a port it
 * watches one end of a cable inside the process while it moves the other.
 * Usage: monitor [PORT] */
#include <libcomm/native.h>
#include <libcomm/serial.h>

#include <stdio.h>

static const struct {
    DWORD bit;
    const char *name;
} events[] =
    {
        {EV_RXCHAR,  "RXCHAR" },
        {EV_RXFLAG,  "RXFLAG" },
        {EV_TXEMPTY, "TXEMPTY"},
        {EV_CTS,     "CTS"    },
        {EV_DSR,     "DSR"    },
        {EV_RLSD,    "RLSD"   },
        {EV_BREAK,   "BREAK"  },
        {EV_ERR,     "ERR"    },
        {EV_RING,    "RING"   },
},
  lines[] =
      {
          {MS_CTS_ON, "cts"},
          {MS_DSR_ON, "dsr"},
          {MS_RLSD_ON, "rlsd"},
          {MS_RING_ON, "ring"},
},
  errors[] = {
      {CE_BREAK, "break"},     {CE_FRAME, "frame"}, {CE_RXPARITY, "parity"},
      {CE_OVERRUN, "overrun"}, {CE_RXOVER, "full"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define PRINT(table, word)                      \
    for (size_t i = 0; i < COUNT(table); i++) { \
        if (((word) & (table)[i].bit) != 0)     \
            printf(" %s", (table)[i].name);     \
    }

struct watch {
    HANDLE port, reported; /* set after each report */
};

static void report(HANDLE port, DWORD mask)
{
    DWORD modem = 0, error = 0;
    COMSTAT stat = {0};

    GetCommModemStatus(port, &modem);
    ClearCommError(port, &error, &stat);
    printf("events");
    PRINT(events, mask);
    printf(" | lines");
    PRINT(lines, modem);
    printf(" | errors");
    PRINT(errors, error);
    printf(" | %u unread\n", stat.cbInQue);
    fflush(stdout);
    PurgeComm(port, PURGE_RXCLEAR);
}

/* Until somebody sets the mask to 0, which ends a wait without an event. */
static DWORD WINAPI watch(void *arg)
{
    struct watch *w = arg;
    DWORD mask;

    while (WaitCommEvent(w->port, &mask, NULL) && mask != 0) {
        report(w->port, mask);
        if (w->reported != NULL)
            SetEvent(w->reported);
    }
    return 0;
}

static HANDLE open_port(const char *name)
{
    HANDLE port = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    DCB dcb = {.DCBlength = sizeof(dcb)};

    if (port == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "%s: error %u\n", name, GetLastError());
        return NULL;
    }
    GetCommState(port, &dcb);
    BuildCommDCBA("9600,e,8,1", &dcb);
    dcb.EvtChar = '\n';
    SetCommState(port, &dcb);
    return port;
}

#define ALL (EV_RXCHAR | EV_RXFLAG | EV_CTS | EV_DSR | EV_RLSD | EV_BREAK | EV_ERR | EV_RING)

/* Each step is one event or none; the next waits until that was reported. */
static void move_far_end(struct watch *w, HANDLE cable, HANDLE far, DWORD near_number)
{
    static const DWORD steps[] = {CLRRTS, SETRTS, CLRDTR, SETDTR};
    DWORD n;

    for (size_t i = 0; i < COUNT(steps); i++) {
        EscapeCommFunction(far, steps[i]);
        WaitForSingleObject(w->reported, INFINITE);
    }
    WriteFile(far, "abc", 3, &n, NULL);
    WaitForSingleObject(w->reported, INFINITE);
    CommInjectNullModem(cable, near_number, COMM_INJECT_PULSE_RING, NULL, 1);
    WaitForSingleObject(w->reported, INFINITE);
    CommInjectNullModem(cable, near_number, COMM_INJECT_PARITY, "x", 1);
    WaitForSingleObject(w->reported, INFINITE);
    CommInjectNullModem(cable, near_number, COMM_INJECT_BREAK, NULL, 1);
    WaitForSingleObject(w->reported, INFINITE);
}

static int watch_cable(void)
{
    HANDLE cable = CommCreateNullModem(0, 0, 0), far, watcher;
    struct watch w;
    char name[32];
    DWORD near_number, far_number;

    if (cable == NULL || !CommGetNullModemPorts(cable, &near_number, &far_number))
        return 1;
    snprintf(name, sizeof(name), "\\\\.\\COM%u", near_number);
    w.port = open_port(name);
    snprintf(name, sizeof(name), "\\\\.\\COM%u", far_number);
    far = open_port(name);
    w.reported = CreateEvent(NULL, FALSE, FALSE, NULL);
    SetCommMask(w.port, ALL);
    watcher = CreateThread(NULL, 0, watch, &w, 0, NULL);
    move_far_end(&w, cable, far, near_number);
    SetCommMask(w.port, 0);
    WaitForSingleObject(watcher, INFINITE);
    CloseHandle(watcher);
    CloseHandle(w.reported);
    CloseHandle(far);
    CloseHandle(w.port);
    CloseHandle(cable);
    return 0;
}

int main(int argc, char *argv[])
{
    struct watch w = {NULL, NULL};

    if (argc == 1)
        return watch_cable();
    w.port = open_port(argv[1]);
    if (w.port == NULL || !SetCommMask(w.port, ALL))
        return 1;
    watch(&w); /* for ever, or until the port is unplugged */
    CloseHandle(w.port);
    return 0;
}
