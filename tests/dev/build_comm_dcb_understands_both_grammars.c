/* SPDX-License-Identifier: MIT */
/* BuildCommDCB: what each text sets, that it sets nothing else, and that a text which makes no
 * sense sets nothing at all.  Every text goes through both widths, with and without timeouts, over
 * structures of zeros and of ones. */
#include <stdlib.h>
#include <string.h>

#include <libcomm/serial.h>

#include "harness.h"

#define TEXT_ROOM 128
#define MUTANTS 200000

/* ---- one text in every way ---- */

struct both {
    DCB dcb;
    COMMTIMEOUTS timeouts;
};

enum way { A, W, TIMEOUTS_A, TIMEOUTS_W, WAYS };

static BOOL build(enum way way, const char *text, struct both *both)
{
    WCHAR wide[TEXT_ROOM];
    size_t i = 0;

    do
        wide[i] = (unsigned char)text[i];
    while (text[i++] != '\0');
    SetLastError(ERROR_SUCCESS);
    switch (way) {
    case A:
        return BuildCommDCBA(text, &both->dcb);
    case W:
        return BuildCommDCBW(wide, &both->dcb);
    case TIMEOUTS_A:
        return BuildCommDCBAndTimeoutsA(text, &both->dcb, &both->timeouts);
    case TIMEOUTS_W:
    case WAYS:
        break;
    }
    return BuildCommDCBAndTimeoutsW(wide, &both->dcb, &both->timeouts);
}

static void check_same(const char *text, int fill, const struct both *got,
                       const struct both *expected)
{
    comm_check(memcmp(&got->dcb, &expected->dcb, sizeof got->dcb) == 0, __FILE__, __LINE__,
               "\"%s\" over %02x makes another DCB", text, (unsigned)fill);
    comm_check(memcmp(&got->timeouts, &expected->timeouts, sizeof got->timeouts) == 0, __FILE__,
               __LINE__, "\"%s\" over %02x makes other timeouts", text, (unsigned)fill);
}

/* What a text is expected to do to structures that hold something already. */
typedef void (*apply)(struct both *both);

/* With `expect` NULL the text is to be refused. */
static void check_text(const char *text, apply expect)
{
    static const int fills[] = {0x00, 0xFF};

    for (size_t i = 0; i < ARRAY_LEN(fills); i++)
        for (unsigned way = 0; way < WAYS; way++) {
            struct both got, expected;
            BOOL done;

            memset(&got, fills[i], sizeof got);
            expected = got;
            if (expect != NULL)
                expect(&expected);
            if (way == A || way == W) /* these know nothing of timeouts */
                memset(&expected.timeouts, fills[i], sizeof expected.timeouts);
            done = build((enum way)way, text, &got);
            CHECK_EQ_WHEN(text, done, expect != NULL);
            CHECK_EQ_WHEN(text, GetLastError(),
                          expect != NULL ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER);
            check_same(text, fills[i], &got, &expected);
        }
}

/* ---- the newer grammar ---- */

#define SETS(name, ...)                  \
    static void name(struct both *both)  \
    {                                    \
        both->dcb.StopBits = ONESTOPBIT; \
        __VA_ARGS__;                     \
    }

SETS(nothing_but_stop_bits, (void)0)
SETS(baud_0, both->dcb.BaudRate = 0)
SETS(baud_11, both->dcb.BaudRate = 11)
SETS(baud_9600, both->dcb.BaudRate = 9600)
SETS(baud_4000000000, both->dcb.BaudRate = 4000000000u)
SETS(baud_maxdword, both->dcb.BaudRate = MAXDWORD)
SETS(baud_110, both->dcb.BaudRate = 110; both->dcb.StopBits = TWOSTOPBITS)
SETS(baud_110_stop_1, both->dcb.BaudRate = 110)
SETS(parity_n, both->dcb.Parity = NOPARITY)
SETS(parity_o, both->dcb.Parity = ODDPARITY)
SETS(parity_e, both->dcb.Parity = EVENPARITY)
SETS(parity_m, both->dcb.Parity = MARKPARITY)
SETS(parity_s, both->dcb.Parity = SPACEPARITY)
SETS(data_5, both->dcb.ByteSize = 5)
SETS(data_6, both->dcb.ByteSize = 6)
SETS(data_7, both->dcb.ByteSize = 7)
SETS(data_8, both->dcb.ByteSize = 8)
SETS(stop_15, both->dcb.StopBits = ONE5STOPBITS)
SETS(stop_2, both->dcb.StopBits = TWOSTOPBITS)
SETS(to_on, both->timeouts = (COMMTIMEOUTS){0, 0, 0, 0, 60000})
SETS(to_off, both->timeouts = (COMMTIMEOUTS){0, 0, 0, 0, 0})
SETS(xon_on, both->dcb.fInX = 1; both->dcb.fOutX = 1)
SETS(xon_off, both->dcb.fInX = 0; both->dcb.fOutX = 0)
SETS(odsr_on, both->dcb.fOutxDsrFlow = 1)
SETS(odsr_off, both->dcb.fOutxDsrFlow = 0)
SETS(octs_on, both->dcb.fOutxCtsFlow = 1)
SETS(octs_off, both->dcb.fOutxCtsFlow = 0)
SETS(idsr_on, both->dcb.fDsrSensitivity = 1)
SETS(idsr_off, both->dcb.fDsrSensitivity = 0)
SETS(dtr_off, both->dcb.fDtrControl = DTR_CONTROL_DISABLE)
SETS(dtr_on, both->dcb.fDtrControl = DTR_CONTROL_ENABLE)
SETS(rts_off, both->dcb.fRtsControl = RTS_CONTROL_DISABLE)
SETS(rts_on, both->dcb.fRtsControl = RTS_CONTROL_ENABLE)
SETS(dtr_hs_rts_hs, both->dcb.fDtrControl = 2; both->dcb.fRtsControl = 2)
SETS(dtr_hs_rts_tg, both->dcb.fDtrControl = 2; both->dcb.fRtsControl = 3)
SETS(com1_38400_8, both->dcb.BaudRate = 38400; both->dcb.ByteSize = 8)
SETS(usual, both->dcb.BaudRate = 9600; both->dcb.Parity = NOPARITY; both->dcb.ByteSize = 8)
SETS(everything, both->dcb.BaudRate = 1200; both->dcb.Parity = MARKPARITY; both->dcb.ByteSize = 7;
     both->dcb.StopBits = TWOSTOPBITS; both->timeouts = (COMMTIMEOUTS){0, 0, 0, 0, 60000};
     both->dcb.fInX = 1; both->dcb.fOutX = 1; both->dcb.fOutxDsrFlow = 0;
     both->dcb.fOutxCtsFlow = 1; both->dcb.fDtrControl = 1; both->dcb.fRtsControl = 0;
     both->dcb.fDsrSensitivity = 1)

#define EVERYTHING \
    "COM1: baud=1200 parity=m data=7 stop=2 to=on xon=on odsr=off octs=on dtr=on rts=off idsr=on"

static const struct {
    const char *text;
    apply sets;
} keyed[] = {
    {"baud=0",                           baud_0               },
    {"baud=11",                          baud_11              },
    {"baud=9600",                        baud_9600            },
    {"baud=09600",                       baud_9600            },
    {"baud=4000000000",                  baud_4000000000      },
    {"baud=4294967295",                  baud_maxdword        },
    {"baud=110",                         baud_110             },
    {"BAUD=110",                         baud_110             },
    {"baud=110 stop=1",                  baud_110_stop_1      },
    {"stop=1 baud=110",                  baud_110_stop_1      },
    {"baud=110 baud=9600",               baud_9600            },
    {"baud=9600 baud=110",               baud_110             },
    {"parity=n",                         parity_n             },
    {"parity=o",                         parity_o             },
    {"parity=e",                         parity_e             },
    {"PARITY=E",                         parity_e             },
    {"parity=m",                         parity_m             },
    {"parity=s",                         parity_s             },
    {"data=5",                           data_5               },
    {"data=6",                           data_6               },
    {"data=7",                           data_7               },
    {"data=8",                           data_8               },
    {"data=5 data=8",                    data_8               },
    {"stop=1",                           nothing_but_stop_bits},
    {"stop=1.5",                         stop_15              },
    {"stop=2",                           stop_2               },
    {"to=on",                            to_on                },
    {"to=off",                           to_off               },
    {"to=off to=on",                     to_on                },
    {"xon=on",                           xon_on               },
    {"XON=ON",                           xon_on               },
    {"Xon=oFF",                          xon_off              },
    {"odsr=on",                          odsr_on              },
    {"odsr=off",                         odsr_off             },
    {"octs=on",                          octs_on              },
    {"octs=off",                         octs_off             },
    {"idsr=on",                          idsr_on              },
    {"idsr=off",                         idsr_off             },
    {"dtr=off",                          dtr_off              },
    {"dtr=on",                           dtr_on               },
    {"rts=off",                          rts_off              },
    {"rts=on",                           rts_on               },
    {"dtr=hs rts=hs",                    dtr_hs_rts_hs        },
    {"dtr=hs rts=tg",                    dtr_hs_rts_tg        },
    {"DTR=HS RTS=TG",                    dtr_hs_rts_tg        },
    {"baud=9600 parity=n data=8 stop=1", usual                },
    {"data=8   baud=9600  parity=n",     usual                },
    {"baud=9600 parity=n data=8 ",       usual                },
    {"COM1:baud=38400 data=8",           com1_38400_8         },
    {"com1:baud=38400 data=8",           com1_38400_8         },
    {"COM1 baud=38400 data=8",           com1_38400_8         },
    {"COM12  :  baud=38400 data=8",      com1_38400_8         },
    {"COM1 : xon=on",                    xon_on               },
    {"COM4294967295:xon=on",             xon_on               },
    {"",                                 nothing_but_stop_bits},
    {"COM1:",                            nothing_but_stop_bits},
    {"COM1 ",                            nothing_but_stop_bits},
    {EVERYTHING,                         everything           },
};

static void keys_set_what_they_name_and_stop_bits(void)
{
    for (size_t i = 0; i < ARRAY_LEN(keyed); i++)
        check_text(keyed[i].text, keyed[i].sets);
}

static void stop_bits_are_two_at_110_baud_and_else_one(void)
{
    check_text("baud=110", baud_110);
    check_text("baud=110 stop=1", baud_110_stop_1);
    check_text("baud=9600", baud_9600);
    check_text("xon=on", xon_on);
}

static void a_rate_of_110_that_was_there_before_sets_one_stop_bit(void)
{
    DCB dcb = {.BaudRate = 110, .StopBits = 9};

    CHECK(BuildCommDCBA("data=8", &dcb));
    CHECK_EQ(dcb.StopBits, ONESTOPBIT);
}

static void timeouts_change_only_when_they_are_named(void)
{
    check_text("to=on", to_on);
    check_text("to=off", to_off);
    check_text("baud=9600", baud_9600);
}

static void lines_may_shake_hands(void)
{
    check_text("dtr=hs rts=tg", dtr_hs_rts_tg);
}

/* ---- the older grammar ---- */

static const struct {
    const char *text;
    DWORD baud;
    BYTE parity, data, stop;
    char flow;
} listed[] = {
    {"11,n,8,1",               110,         NOPARITY,    8, ONESTOPBIT,   0  },
    {"30 ,E, 5,1.5",           300,         EVENPARITY,  5, ONE5STOPBITS, 0  },
    {"60, m, 6, 2 ",           600,         MARKPARITY,  6, TWOSTOPBITS,  0  },
    {"12 , o , 7 , 1",         1200,        ODDPARITY,   7, ONESTOPBIT,   0  },
    {"24,s,8,1.5",             2400,        SPACEPARITY, 8, ONE5STOPBITS, 0  },
    {"48,n,8,1,p",             4800,        NOPARITY,    8, ONESTOPBIT,   'p'},
    {"96,N,8,1 , x ",          9600,        NOPARITY,    8, ONESTOPBIT,   'x'},
    {"19,n,8,1",               19200,       NOPARITY,    8, ONESTOPBIT,   0  },
    {"0,M,7,1,P",              0,           MARKPARITY,  7, ONESTOPBIT,   'p'},
    {"57600,S,6,2,x",          57600,       SPACEPARITY, 6, TWOSTOPBITS,  'x'},
    {"4000000000,n,8,1,X",     4000000000u, NOPARITY,    8, ONESTOPBIT,   'x'},
    {"110,n,8,1",              110,         NOPARITY,    8, ONESTOPBIT,   0  },
    {"9600,n,8,1",             9600,        NOPARITY,    8, ONESTOPBIT,   0  },
    {"96,n,8,1,",              9600,        NOPARITY,    8, ONESTOPBIT,   0  },
    {"96,n,08,1 , ",           9600,        NOPARITY,    8, ONESTOPBIT,   0  },
    {"9600,n,5,2",             9600,        NOPARITY,    5, TWOSTOPBITS,  0  },
    {"COM1:9600,n,8,1",        9600,        NOPARITY,    8, ONESTOPBIT,   0  },
    {"COM1  :  57600,S,6,2,x", 57600,       SPACEPARITY, 6, TWOSTOPBITS,  'x'},
    {"com256 96,e,7,1",        9600,        EVENPARITY,  7, ONESTOPBIT,   0  },
};

static void list(struct both *both, size_t i)
{
    bool p = listed[i].flow == 'p', x = listed[i].flow == 'x';

    both->dcb.BaudRate = listed[i].baud;
    both->dcb.Parity = listed[i].parity;
    both->dcb.ByteSize = listed[i].data;
    both->dcb.StopBits = listed[i].stop;
    both->dcb.fInX = both->dcb.fOutX = x;
    both->dcb.fOutxCtsFlow = both->dcb.fOutxDsrFlow = p;
    both->dcb.fDtrControl = p ? DTR_CONTROL_HANDSHAKE : DTR_CONTROL_ENABLE;
    both->dcb.fRtsControl = p ? RTS_CONTROL_HANDSHAKE : RTS_CONTROL_ENABLE;
}

static size_t listed_now; /* check_text() wants a function of one argument */

static void list_now(struct both *both)
{
    list(both, listed_now);
}

static void items_set_format_and_flow_control_and_no_timeouts(void)
{
    for (listed_now = 0; listed_now < ARRAY_LEN(listed); listed_now++)
        check_text(listed[listed_now].text, list_now);
}

static void a_p_at_the_end_is_flow_control_by_all_lines(void)
{
    DCB dcb = {.fInX = 1, .fOutX = 1};

    CHECK(BuildCommDCBA("48,n,8,1,p", &dcb));
    CHECK_EQ(dcb.fOutxCtsFlow, 1);
    CHECK_EQ(dcb.fOutxDsrFlow, 1);
    CHECK_EQ(dcb.fDtrControl, DTR_CONTROL_HANDSHAKE);
    CHECK_EQ(dcb.fRtsControl, RTS_CONTROL_HANDSHAKE);
    CHECK_EQ(dcb.fInX, 0);
    CHECK_EQ(dcb.fOutX, 0);
}

/* ---- neither ---- */

static const char *const nonsense[] = {
    /* the older grammar */
    "96,N,4,1",
    "96,N,9,1",
    "96,N,8,0",
    "96,N,8,3",
    "96,N,8,1.501",
    "96,N,8,1,K",
    "96,N,8,1,xp",
    "96,N,8,1,x,p",

    "96,N,8",
    "96,N,8,",
    "96,N",
    "96,",
    ",",
    ",,,",
    ",n,8,1",
    "96,,8,1",
    "96,n,,1",
    "96,NO,8,1",
    "96,x,8,1",
    "9 6,n,8,1",
    "96,n,8 8,1",
    "-96,n,8,1",
    "+96,n,8,1",
    "96.0,n,8,1",
    "4294967296,n,8,1",
    "96,N,8,1 to=on",
    "96,N,8,1,x to=on",
    " 96,n,8,1",
    "96\t,n,8,1",
    /* the newer one */
    "data=4",
    "data=9",
    "data=",
    "data",
    "data=8x",
    "to=foobar",
    "to=",
    " baud=9600",
    "baud= 9600",
    "baud =9600",
    "baud=",
    "baud",
    "=",
    "=9600",
    "baud=-1",
    "baud=+1",
    "baud=9600x",
    "baud=0x10",
    "baud=4294967296",
    "baud=99999999999999999999999999",
    "baud=9600,data=8",
    "baud=9600 ,",
    "parity=no",
    "parity=x",
    "parity=",
    "stop=1.501",
    "stop=0",
    "stop=3",
    "stop=1.",
    "xon=yes",
    "xon=1",
    "xon=hs",
    "rts=hs2",
    "dtr=tg",
    "idsr=hs",
    "bauds=9600",
    "bau=9600",
    "baud=9600data=8",
    "baud=9600\tdata=8",
    "baud=9600\n",
    "baud=9600=8",
    "foo",
    "data=8 foo=on",
    "data=8 stop=3",
    /* the name */
    "COM",
    "COM1",
    "COM0:",
    "COM0:9600,n,8,1",
    "COM01:9600,n,8,1",
    "COM:9600,n,8,1",
    "COMx:9600,n,8,1",
    "COM-1:9600,n,8,1",
    "COM1,9600,n,8,1",
    "COM1::9600,n,8,1",
    "COM1:COM1:9600,n,8,1",
    "COM1baud=9600",
    " COM1:9600,n,8,1",
    "COM 1:9600,n,8,1",
    "COM4294967296:9600,n,8,1",
    "LPT1:9600,n,8,1",
    "\\\\.\\COM1:9600,n,8,1",
};

static void what_makes_no_sense_changes_nothing(void)
{
    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++)
        check_text(nonsense[i], NULL);
}

static void what_is_not_ascii_makes_no_sense(void)
{
    static const WCHAR fullwidth[] = u"baud=\uFF19600",
                       lone[] = {'d', 'a', 't', 'a', '=', 0xD838, 0}, dotless[] = u"\u0131dsr=on",
                       high[] = {'d', 'a', 't', 'a', '=', 0x138, 0};
    static const WCHAR *const texts[] = {fullwidth, lone, dotless, high};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        DCB dcb = {0};

        SetLastError(ERROR_SUCCESS);
        CHECK(!BuildCommDCBW(texts[i], &dcb));
        CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
        CHECK_EQ(dcb.StopBits | dcb.BaudRate | dcb.ByteSize | dcb.fDsrSensitivity, 0);
    }
}

static void a_pointer_that_is_needed_must_be_there(void)
{
    DCB dcb = {0};

    SetLastError(ERROR_SUCCESS);
    CHECK(!BuildCommDCBA(NULL, &dcb) && GetLastError() == ERROR_INVALID_PARAMETER);
    SetLastError(ERROR_SUCCESS);
    CHECK(!BuildCommDCBW(NULL, &dcb) && GetLastError() == ERROR_INVALID_PARAMETER);
    SetLastError(ERROR_SUCCESS);
    CHECK(!BuildCommDCBA("baud=9600", NULL) && GetLastError() == ERROR_INVALID_PARAMETER);
    SetLastError(ERROR_SUCCESS);
    CHECK(!BuildCommDCBW(u"baud=9600", NULL) && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(BuildCommDCBAndTimeoutsA("baud=9600 to=on", &dcb, NULL));
    CHECK_EQ(dcb.BaudRate, 9600);
}

/* ---- texts nobody thought of ---- */

/* A sound text with a few bytes changed, dropped, doubled or taken from another one. */
static void mutate(char *text)
{
    static const char likely[] = " ,:=.0123456789xpnNoemsbaudCOM\t\x80\xFF";
    size_t len = strlen(text);

    for (unsigned n = 1 + (unsigned)random() % 3; n > 0; n--) {
        size_t at = (size_t)random() % (len + 1);

        switch (random() % 4) {
        case 0: /* another byte */
            text[at] = likely[(size_t)random() % (sizeof likely - 1)];
            break;
        case 1: /* one less */
            if (at < len)
                memmove(text + at, text + at + 1, len - at);
            break;
        case 2: /* one more */
            if (len + 2 < TEXT_ROOM) {
                memmove(text + at + 1, text + at, len + 1 - at);
                text[at] = likely[(size_t)random() % (sizeof likely - 1)];
            }
            break;
        default: /* the end of it is gone */
            text[at] = '\0';
        }
        text[TEXT_ROOM - 1] = '\0';
        len = strlen(text);
    }
}

/* Whether the structures are as they were, or in the ranges that a text can ask for. */
static bool all_or_nothing(BOOL done, const struct both *before, const struct both *after)
{
    DCB rest = after->dcb;

    if (!done)
        return GetLastError() == ERROR_INVALID_PARAMETER &&
               memcmp(before, after, sizeof *before) == 0;
    rest.BaudRate = before->dcb.BaudRate;
    rest.ByteSize = before->dcb.ByteSize;
    rest.Parity = before->dcb.Parity;
    rest.StopBits = before->dcb.StopBits;
    rest.fInX = before->dcb.fInX;
    rest.fOutX = before->dcb.fOutX;
    rest.fOutxCtsFlow = before->dcb.fOutxCtsFlow;
    rest.fOutxDsrFlow = before->dcb.fOutxDsrFlow;
    rest.fDsrSensitivity = before->dcb.fDsrSensitivity;
    rest.fDtrControl = before->dcb.fDtrControl;
    rest.fRtsControl = before->dcb.fRtsControl;
    return memcmp(&rest, &before->dcb, sizeof rest) == 0 && after->dcb.StopBits <= TWOSTOPBITS;
}

static void no_text_does_a_part_of_what_it_says(void)
{
    srandom(20);
    for (size_t i = 0, kept = 0; i < MUTANTS; i++) {
        char text[TEXT_ROOM + 1] = "";
        size_t which = (size_t)random() % (ARRAY_LEN(keyed) + ARRAY_LEN(listed));
        struct both before, narrow, wide;
        BOOL done;

        strcpy(text, which < ARRAY_LEN(keyed) ? keyed[which].text
                                              : listed[which - ARRAY_LEN(keyed)].text);
        mutate(text);
        memset(&before, i % 2 == 0 ? 0x00 : 0xFF, sizeof before);
        narrow = wide = before;
        done = build(TIMEOUTS_A, text, &narrow);
        if (!all_or_nothing(done, &before, &narrow))
            CHECK_EQ_WHEN(text, done, -1);
        if (build(TIMEOUTS_W, text, &wide) != done || memcmp(&narrow, &wide, sizeof wide) != 0)
            CHECK_EQ_WHEN(text, done, -2);
        kept += done != 0;
        if (i + 1 == MUTANTS) /* some of both, or it shows nothing */
            CHECK(kept > MUTANTS / 100 && kept < MUTANTS);
    }
}

COMM_TEST_MAIN(TEST(keys_set_what_they_name_and_stop_bits),
               TEST(stop_bits_are_two_at_110_baud_and_else_one),
               TEST(a_rate_of_110_that_was_there_before_sets_one_stop_bit),
               TEST(timeouts_change_only_when_they_are_named), TEST(lines_may_shake_hands),
               TEST(items_set_format_and_flow_control_and_no_timeouts),
               TEST(a_p_at_the_end_is_flow_control_by_all_lines),
               TEST(what_makes_no_sense_changes_nothing), TEST(what_is_not_ascii_makes_no_sense),
               TEST(a_pointer_that_is_needed_must_be_there),
               TEST(no_text_does_a_part_of_what_it_says))
