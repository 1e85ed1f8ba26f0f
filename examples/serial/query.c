/* SPDX-License-Identifier: MIT */
/* Asks an instrument: sends each line and prints the line it answers, unless the time for that runs
 * out.  Without a port it asks one that it simulates, at the other end of a cable inside the
 * process. Usage: query [PORT LINE...] */
#include <libcomm/native.h>
#include <libcomm/serial.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_MS 1000 /* for an answer to begin */
#define BYTE_MS 200    /* for it to go on */

static HANDLE open_port(const char *name)
{
    HANDLE port = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    DCB dcb = {.DCBlength = sizeof(dcb)};

    if (port == INVALID_HANDLE_VALUE)
        return port;
    if (GetCommState(port, &dcb) && BuildCommDCBA("baud=9600 parity=n data=8 stop=1", &dcb) &&
        SetCommState(port, &dcb))
        return port;
    CloseHandle(port);
    return INVALID_HANDLE_VALUE;
}

/* One byte, or false when none came in time. */
static bool get_byte(HANDLE port, DWORD patience_ms, char *byte)
{
    COMMTIMEOUTS limits = {0, 0, patience_ms, 0, ANSWER_MS};
    DWORD n = 0;

    return SetCommTimeouts(port, &limits) && ReadFile(port, byte, 1, &n, NULL) && n == 1;
}

/* A line without its end, or false when it did not come, or not whole. */
static bool get_line(HANDLE port, DWORD patience_ms, char *line, size_t room)
{
    size_t len = 0;
    char byte;

    while (get_byte(port, len == 0 ? patience_ms : BYTE_MS, &byte)) {
        if (byte == '\n') {
            line[len] = '\0';
            return true;
        }
        if (byte != '\r' && len + 1 < room)
            line[len++] = byte;
    }
    return false;
}

static bool put_line(HANDLE port, const char *text)
{
    char line[256];
    int len = snprintf(line, sizeof(line), "%s\n", text);
    DWORD n;

    return len > 0 && (size_t)len < sizeof(line) && WriteFile(port, line, (DWORD)len, &n, NULL) &&
           n == (DWORD)len;
}

static bool ask(HANDLE port, const char *question)
{
    char answer[256];

    PurgeComm(port, PURGE_RXCLEAR); /* an answer that came too late is not the one to this */
    if (!put_line(port, question) || !get_line(port, ANSWER_MS, answer, sizeof(answer))) {
        printf("%s: no answer\n", question);
        return false;
    }
    printf("%s: %s\n", question, answer);
    return true;
}

/* ---- the instrument that is simulated ---- */

static DWORD WINAPI be_instrument(void *arg)
{
    HANDLE port = arg;
    char line[256];

    while (get_line(port, 60000, line, sizeof(line)) && strcmp(line, "OFF") != 0) {
        if (strcmp(line, "*IDN?") == 0)
            put_line(port, "Example,Voltmeter,1,1.0");
        else if (strcmp(line, "VOLT?") == 0)
            put_line(port, "1.2345");
        /* and says nothing when it does not understand */
    }
    return 0;
}

static int ask_simulated(void)
{
    HANDLE cable = CommCreateNullModem(0, 0, 0), near, far, instrument;
    char name[2][32];
    DWORD first, second;

    if (cable == NULL || !CommGetNullModemPorts(cable, &first, &second))
        return 1;
    snprintf(name[0], sizeof(name[0]), "\\\\.\\COM%u", first);
    snprintf(name[1], sizeof(name[1]), "\\\\.\\COM%u", second);
    near = open_port(name[0]);
    far = open_port(name[1]);
    instrument = CreateThread(NULL, 0, be_instrument, far, 0, NULL);
    ask(near, "*IDN?");
    ask(near, "VOLT?");
    ask(near, "WHAT?");
    put_line(near, "OFF");
    WaitForSingleObject(instrument, INFINITE);
    CloseHandle(instrument);
    CloseHandle(far);
    CloseHandle(near);
    CloseHandle(cable);
    return 0;
}

int main(int argc, char *argv[])
{
    bool all = true;
    HANDLE port;

    if (argc == 1)
        return ask_simulated();
    port = open_port(argv[1]);
    if (port == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "%s: error %u\n", argv[1], GetLastError());
        return 2;
    }
    for (int i = 2; i < argc; i++)
        all = ask(port, argv[i]) && all;
    CloseHandle(port);
    return all ? 0 : 1;
}
