/* SPDX-License-Identifier: MIT */
/* BuildCommDCB: two languages for the same thing.  The newer one is what MODE takes
 * (`baud=9600 parity=n`), the older one what it took in DOS (`96,n,8,1`); a comma tells them apart.
 * All is done to a copy, which counts only if all of the text made sense. */
#include <string.h>

#include <libcomm/serial.h>

#include "libcomm/dev/path.h"
#include "libcomm/dev/serial/words.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

#define TIMED_WRITE_MS 60000 /* what `to=on` means */

struct draft {
    DCB dcb;
    COMMTIMEOUTS timeouts;
    bool baud_given, stop_given, timeouts_given;
};

/* ---- values ---- */

static bool take_baud(struct draft *draft, struct ci_word value)
{
    uint32_t baud;

    if (!ci_word_number(value, &baud))
        return false;
    draft->dcb.BaudRate = baud;
    draft->baud_given = true;
    return true;
}

static bool take_parity(struct draft *draft, struct ci_word value)
{
    int parity = ci_word_choice(value, "n o e m s");

    draft->dcb.Parity = (BYTE)parity;
    return parity >= 0;
}

static bool take_data(struct draft *draft, struct ci_word value)
{
    uint32_t bits;

    if (!ci_word_number(value, &bits) || bits < 5 || bits > 8)
        return false;
    draft->dcb.ByteSize = (BYTE)bits;
    return true;
}

static bool take_stop(struct draft *draft, struct ci_word value)
{
    int stop = ci_word_choice(value, "1 1.5 2");

    draft->dcb.StopBits = (BYTE)stop;
    draft->stop_given = true;
    return stop >= 0;
}

static bool take_timeouts(struct draft *draft, struct ci_word value)
{
    int on = ci_word_choice(value, "off on");

    draft->timeouts = (COMMTIMEOUTS){.WriteTotalTimeoutConstant = on == 1 ? TIMED_WRITE_MS : 0};
    draft->timeouts_given = true;
    return on >= 0;
}

/* Bit-fields have no address, so each flag is set by a function of its own. */
static bool take_xon(struct draft *draft, struct ci_word value)
{
    int on = ci_word_choice(value, "off on");

    draft->dcb.fInX = draft->dcb.fOutX = on == 1;
    return on >= 0;
}

static bool take_odsr(struct draft *draft, struct ci_word value)
{
    int on = ci_word_choice(value, "off on");

    draft->dcb.fOutxDsrFlow = on == 1;
    return on >= 0;
}

static bool take_octs(struct draft *draft, struct ci_word value)
{
    int on = ci_word_choice(value, "off on");

    draft->dcb.fOutxCtsFlow = on == 1;
    return on >= 0;
}

static bool take_idsr(struct draft *draft, struct ci_word value)
{
    int on = ci_word_choice(value, "off on");

    draft->dcb.fDsrSensitivity = on == 1;
    return on >= 0;
}

static bool take_dtr(struct draft *draft, struct ci_word value)
{
    int control = ci_word_choice(value, "off on hs");

    draft->dcb.fDtrControl = (unsigned)control & 3u;
    return control >= 0;
}

static bool take_rts(struct draft *draft, struct ci_word value)
{
    int control = ci_word_choice(value, "off on hs tg");

    draft->dcb.fRtsControl = (unsigned)control & 3u;
    return control >= 0;
}

/* ---- key=value ---- */

static const struct key {
    const char *name;
    bool (*take)(struct draft *draft, struct ci_word value);
} keys[] = {
    {"baud",   take_baud    },
    {"parity", take_parity  },
    {"data",   take_data    },
    {"stop",   take_stop    },
    {"to",     take_timeouts},
    {"xon",    take_xon     },
    {"odsr",   take_odsr    },
    {"octs",   take_octs    },
    {"dtr",    take_dtr     },
    {"rts",    take_rts     },
    {"idsr",   take_idsr    },
};

static bool take_item(struct draft *draft, struct ci_word name, struct ci_word value)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (ci_word_is(name, keys[i].name))
            return keys[i].take(draft, value);
    return false;
}

static bool parse_keys(struct draft *draft, const char *text)
{
    while (*(text = ci_skip_spaces(text)) != '\0') {
        struct ci_word name = ci_word_take(&text, " ="), value;

        if (*text++ != '=')
            return false;
        value = ci_word_take(&text, " ");
        if (!take_item(draft, name, value))
            return false;
    }
    /* the one setting that is never left alone; teletypes at 110 had two */
    if (!draft->stop_given)
        draft->dcb.StopBits =
            draft->baud_given && draft->dcb.BaudRate == CBR_110 ? TWOSTOPBITS : ONESTOPBIT;
    return true;
}

/* ---- baud,parity,data,stop[,x|p] ---- */

/* DOS looked at two digits. */
static DWORD unabbreviated(DWORD baud)
{
    static const struct {
        DWORD baud, meant;
    } rates[] = {
        {11, 110  },
        {30, 300  },
        {60, 600  },
        {12, 1200 },
        {24, 2400 },
        {48, 4800 },
        {96, 9600 },
        {19, 19200},
    };

    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        if (rates[i].baud == baud)
            return rates[i].meant;
    return baud;
}

static bool take_old_baud(struct draft *draft, struct ci_word value)
{
    if (!take_baud(draft, value))
        return false;
    draft->dcb.BaudRate = unabbreviated(draft->dcb.BaudRate);
    return true;
}

/* No word, even behind a comma: neither kind of flow control. */
static bool take_flow(struct draft *draft, struct ci_word value)
{
    bool x = ci_word_is(value, "x"), p = ci_word_is(value, "p");

    draft->dcb.fInX = draft->dcb.fOutX = x;
    draft->dcb.fOutxCtsFlow = draft->dcb.fOutxDsrFlow = p;
    draft->dcb.fDtrControl = p ? DTR_CONTROL_HANDSHAKE : DTR_CONTROL_ENABLE;
    draft->dcb.fRtsControl = p ? RTS_CONTROL_HANDSHAKE : RTS_CONTROL_ENABLE;
    return x || p || value.len == 0;
}

/* The next item, with the spaces around it and the comma behind it gone. */
static struct ci_word item_take(const char **text, bool *more)
{
    struct ci_word item;

    *text = ci_skip_spaces(*text);
    item = ci_word_take(text, " ,");
    *text = ci_skip_spaces(*text);
    *more = **text == ',';
    *text += *more;
    return item;
}

static bool parse_items(struct draft *draft, const char *text)
{
    static bool (*const take[])(struct draft *, struct ci_word) = {take_old_baud, take_parity,
                                                                   take_data, take_stop};
    bool more = true;

    for (size_t i = 0; i < sizeof take / sizeof take[0]; i++)
        if (!more || !take[i](draft, item_take(&text, &more)))
            return false;
    if (!more)
        return *text == '\0' && take_flow(draft, (struct ci_word){NULL, 0});
    return take_flow(draft, item_take(&text, &more)) && !more && *text == '\0';
}

/* ---- either ---- */

/* Behind `COM1 : `, if the text begins like that; NULL: like nothing that makes sense. */
static const char *behind_name(const char *text)
{
    struct ci_word com = {text, strnlen(text, 3)}, number;
    uint32_t port;

    if (!ci_word_is(com, "com"))
        return *text != ' ' ? text : NULL;
    text += com.len;
    number = ci_word_take(&text, " :");
    if (!ci_word_number(number, &port) || number.at[0] == '0' || *text == '\0')
        return NULL;
    text = ci_skip_spaces(text);
    return *text == ':' ? ci_skip_spaces(text + 1) : text;
}

static bool parse(struct draft *draft, const char *text)
{
    text = behind_name(text);
    if (text == NULL)
        return false;
    return strchr(text, ',') != NULL ? parse_items(draft, text) : parse_keys(draft, text);
}

static BOOL build(const char *text, DCB *dcb, COMMTIMEOUTS *timeouts)
{
    struct draft draft;

    if (text == NULL || dcb == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    draft = (struct draft){.dcb = *dcb};
    if (!parse(&draft, text))
        return ci_fail(ERROR_INVALID_PARAMETER);
    *dcb = draft.dcb;
    if (timeouts != NULL && draft.timeouts_given)
        *timeouts = draft.timeouts;
    return TRUE;
}

BOOL BuildCommDCBAndTimeoutsA(const char *text, DCB *dcb, COMMTIMEOUTS *timeouts)
{
    return build(text, dcb, timeouts);
}

BOOL BuildCommDCBAndTimeoutsW(const WCHAR *text, DCB *dcb, COMMTIMEOUTS *timeouts)
{
    char *narrow;
    BOOL done;

    if (text == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    narrow = ci_path_narrow(text);
    if (narrow == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    done = build(narrow, dcb, timeouts);
    ci_sys_free(narrow);
    return done;
}

BOOL BuildCommDCBA(const char *text, DCB *dcb)
{
    return build(text, dcb, NULL);
}

BOOL BuildCommDCBW(const WCHAR *text, DCB *dcb)
{
    return BuildCommDCBAndTimeoutsW(text, dcb, NULL);
}
