/* SPDX-License-Identifier: MIT */
/* What SetCommState stored, GetCommState returns, member by member. */
#include "port.h"

static HANDLE port;

static DCB plain(void)
{
    DCB dcb;

    memset(&dcb, 0, sizeof(dcb));
    dcb.DCBlength = sizeof(dcb);
    GetCommState(port, &dcb);
    dcb.BaudRate = 9600;
    dcb.ByteSize = 8;
    dcb.Parity = NOPARITY;
    dcb.StopBits = ONESTOPBIT;
    dcb.fBinary = TRUE;
    dcb.fDtrControl = DTR_CONTROL_ENABLE;
    dcb.fRtsControl = RTS_CONTROL_ENABLE;
    dcb.XonChar = 0x11;
    dcb.XoffChar = 0x13;
    return dcb;
}

static DCB set(const char *line, DCB dcb)
{
    DCB now;

    memset(&now, 0xFF, sizeof(now));
    SAY_BOOL(line, SetCommState(port, &dcb));
    if (!GetCommState(port, &now))
        SAY(say_name(line, "get"), GetLastError());
    return now;
}

static void say_fixed(void)
{
    DCB dcb, now;

    memset(&dcb, 0xFF, sizeof(dcb));
    SAY_BOOL("fixed.get", GetCommState(port, &dcb));
    SAY("fixed.length", dcb.DCBlength);
    SAY("fixed.binary", dcb.fBinary);
    SAY("fixed.parity", dcb.fParity);
    dcb = plain();
    dcb.fBinary = FALSE;
    dcb.fParity = TRUE;
    now = set("fixed.set", dcb);
    SAY("fixed.binary_after", now.fBinary);
    SAY("fixed.parity_after", now.fParity);
    dcb = plain();
    dcb.DCBlength = 0;
    now = set("fixed.no_length", dcb);
    SAY("fixed.no_length_after", now.DCBlength);
}

static void say_speeds(void)
{
    static const DWORD speeds[] = {300, 1200, 2400, 9600, 19200, 38400, 57600, 115200, 230400};

    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
        DCB dcb = plain(), now;
        char line[32];

        snprintf(line, sizeof(line), "speed.%lu", (unsigned long)speeds[i]);
        dcb.BaudRate = speeds[i];
        now = set(line, dcb);
        SAY(say_name(line, "now"), now.BaudRate);
        say_peer(say_name(line, "tty"), peer("settings"));
    }
}

/* A pty takes no other; what is refused elsewhere is another program's matter. */
static void say_formats(void)
{
    static const struct {
        const char *line;
        BYTE size, parity, stop;
    } formats[] = {
        {"8n1", 8, NOPARITY, ONESTOPBIT },
        {"8n2", 8, NOPARITY, TWOSTOPBITS},
    };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        DCB dcb = plain(), now;
        const char *line = say_name("format", formats[i].line);
        char key[32];

        snprintf(key, sizeof(key), "%s", line);
        dcb.ByteSize = formats[i].size;
        dcb.Parity = formats[i].parity;
        dcb.StopBits = formats[i].stop;
        now = set(key, dcb);
        SAY(say_name(key, "size"), now.ByteSize);
        SAY(say_name(key, "parity"), now.Parity);
        SAY(say_name(key, "stop"), now.StopBits);
    }
}

static void say_flow(void)
{
    DCB dcb = plain(), now;

    dcb.fOutX = dcb.fInX = TRUE;
    dcb.XonLim = 100;
    dcb.XoffLim = 200;
    dcb.XonChar = 1;
    dcb.XoffChar = 2;
    now = set("software", dcb);
    SAY("software.out", now.fOutX);
    SAY("software.in", now.fInX);
    SAY("software.xon_lim", now.XonLim);
    SAY("software.xoff_lim", now.XoffLim);
    SAY("software.xon", now.XonChar);
    SAY("software.xoff", now.XoffChar);
    dcb = plain();
    dcb.fOutxCtsFlow = TRUE;
    dcb.fRtsControl = RTS_CONTROL_HANDSHAKE;
    now = set("hardware", dcb);
    SAY("hardware.cts", now.fOutxCtsFlow);
    SAY("hardware.rts", now.fRtsControl);
    SAY("hardware.dtr", now.fDtrControl);
    dcb.fRtsControl = RTS_CONTROL_ENABLE;
    now = set("cts_only", dcb);
    SAY("cts_only.cts", now.fOutxCtsFlow);
    SAY("cts_only.rts", now.fRtsControl);
    set("none", plain());
}

static void say_characters(void)
{
    DCB dcb = plain(), now;

    dcb.ErrorChar = '?';
    dcb.EofChar = 0x1a;
    dcb.EvtChar = '\n';
    dcb.fNull = TRUE;
    dcb.fErrorChar = TRUE;
    now = set("characters", dcb);
    SAY("characters.error", now.ErrorChar);
    SAY("characters.eof", now.EofChar);
    SAY("characters.event", now.EvtChar);
    SAY("characters.null", now.fNull);
    SAY("characters.replace", now.fErrorChar);
    dcb = plain();
    dcb.fAbortOnError = TRUE;
    dcb.fDsrSensitivity = TRUE;
    dcb.fTXContinueOnXoff = TRUE;
    now = set("rest", dcb);
    SAY("rest.abort", now.fAbortOnError);
    SAY("rest.sensitivity", now.fDsrSensitivity);
    SAY("rest.continue", now.fTXContinueOnXoff);
}

int main(void)
{
    port = port_open(0);
    say_fixed();
    say_speeds();
    say_formats();
    say_flow();
    say_characters();
    CloseHandle(port);
    return 0;
}
