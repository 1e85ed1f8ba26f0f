/* SPDX-License-Identifier: MIT */
/* Both grammars of BuildCommDCB: what each text changes in a DCB that was full of ones, or that it
 * is refused and changes nothing. */
#include "port.h"

static const char *const accepted[] = {
    "9600,n,8,1",
    "11,n,8,1",
    "30 ,E, 5,1.5",
    "60, m, 6, 2 ",
    "12 , o , 7 , 1",
    "24,s,8,1.5",
    "48,n,8,1,p",
    "96,N,8,1 , x ",
    "0,M,7,1,P",
    "19,n,8,1",
    "57600,S,6,2,x",
    "4000000000,n,8,1",
    "COM1:9600,n,8,1",
    "COM1  :  57600,S,6,2,x",
    "com1 9600,n,8,1",
    "baud=9600",
    "baud=110",
    "baud=110 stop=1",
    "baud=11",
    "baud=0",
    "baud=4000000000",
    "baud=9600 parity=n data=8 stop=1",
    "BAUD=9600 PARITY=E DATA=7 STOP=2",
    "parity=o",
    "parity=m",
    "parity=s",
    "data=5",
    "data=6",
    "stop=1.5",
    "to=on",
    "to=off",
    "xon=on",
    "xon=off",
    "odsr=on",
    "odsr=off",
    "octs=on",
    "octs=off",
    "dtr=on",
    "dtr=off",
    "rts=on",
    "rts=off",
    "idsr=on",
    "idsr=off",
    "baud=9600  data=8",
    "COM1:baud=38400 data=8",
    "COM1 : xon=on",
    "xon=on dtr=off to=off odsr=on octs=off",
};

static const char *const refused[] = {
    "96,N,4,1",
    "96,N,9,1",
    "96,N,8,0",
    "96,N,8,3",
    "96,N,8,1,K",
    "NO,n,8,1",
    "96,NO,8,1",
    "96,n,8",
    "96,n",
    "data=4",
    "data=9",
    "stop=0",
    "stop=3",
    "stop=1.501",
    "parity=no",
    "parity=x",
    "to=foobar",
    "xon=maybe",
    "dtr=tg",
    " baud=9600",
    "baud= 9600",
    "baud =9600",
    "baud=9600,data=8",
    "baud=",
    "baud=x",
    "96,N,8,1 to=on",
    "foo=1",
    "baud",
    "COM0:9600,n,8,1",
    "COM0:baud=9600",
    " 9600,n,8,1",
    "96,N,8,1,x,x",
    "octs=hs",
    "baud=9600;data=8",
};

static const char *const open_questions[] = {
    "",       "baud=9600 ",       "COM1",
    "COM1:",  "dtr=hs",           "rts=hs",
    "rts=tg", "baud=99999999999", "baud=300 baud=600",
};

/* All members that a text may change, and that no other byte did. */
static void describe(const DCB *dcb, char *text, size_t room)
{
    DCB rest = *dcb;
    unsigned ones = 0;

    rest.BaudRate = 0xFFFFFFFF;
    rest.ByteSize = rest.Parity = rest.StopBits = 0xFF;
    rest.fOutX = rest.fInX = rest.fOutxDsrFlow = rest.fOutxCtsFlow = rest.fDsrSensitivity = 1;
    rest.fDtrControl = rest.fRtsControl = 3;
    rest.DCBlength = 0xFFFFFFFF; /* may be set or not */
    for (size_t i = 0; i < sizeof(rest); i++)
        ones += ((const unsigned char *)&rest)[i] == 0xFF;
    snprintf(text, room, "%lu %u%c%u x%u%u odsr%u octs%u dtr%u rts%u idsr%u %s",
             (unsigned long)dcb->BaudRate, dcb->ByteSize,
             dcb->Parity < 5 ? "noems"[dcb->Parity] : '-', dcb->StopBits, dcb->fOutX, dcb->fInX,
             dcb->fOutxDsrFlow, dcb->fOutxCtsFlow, dcb->fDtrControl, dcb->fRtsControl,
             dcb->fDsrSensitivity, ones == sizeof(rest) ? "only" : "others");
}

static void build(const char *text)
{
    char line[80], value[160];
    DCB dcb;
    BOOL built;
    DWORD error;

    memset(&dcb, 0xFF, sizeof(dcb));
    SetLastError(SAY_KEPT);
    built = BuildCommDCBA(text, &dcb);
    error = GetLastError();
    describe(&dcb, value, sizeof(value));
    snprintf(line, sizeof(line), "<%s>", text);
    for (char *c = line; *c != '\0'; c++) {
        if (*c == ':')
            *c = ';'; /* a colon ends the name of a fact */
    }
    say_bool(line, built, error, 0);
    snprintf(line + strlen(line), sizeof(line) - strlen(line), ".dcb");
    say_line(line, value, "-");
}

static void say_wide(void)
{
    static const WCHAR text[] = {'b', 'a', 'u', 'd', '=', '3', '0', '0', 0};
    char value[160];
    DCB dcb;

    memset(&dcb, 0xFF, sizeof(dcb));
    SAY_BOOL("wide", BuildCommDCBW(text, &dcb));
    describe(&dcb, value, sizeof(value));
    say_line("wide.dcb", value, "-");
}

#define ALL(texts)                                                \
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) \
    build(texts[i])

int main(void)
{
    ALL(accepted);
    ALL(refused);
    ALL(open_questions);
    say_wide();
    return 0;
}
