/* SPDX-License-Identifier: MIT */
/* One table of names for all habits, and one byte at a time. */
#include "tools/common/maps.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned rx, tx;
} names[] = {
  /* ours: direction-what-becomes */
    {"rx-cr-lf",    MAPS_CR_LF,     0           },
    {"rx-lf-cr",    MAPS_LF_CR,     0           },
    {"rx-cr-crlf",  MAPS_CR_CRLF,   0           },
    {"rx-lf-crlf",  MAPS_LF_CRLF,   0           },
    {"rx-cr-drop",  MAPS_CR_DROP,   0           },
    {"rx-lf-drop",  MAPS_LF_DROP,   0           },
    {"rx-bs-del",   MAPS_BS_DEL,    0           },
    {"rx-del-bs",   MAPS_DEL_BS,    0           },
    {"rx-ctrl-hex", MAPS_CTRL_HEX,  0           },
    {"rx-high-hex", MAPS_HIGH_HEX,  0           },
    {"rx-nul-mark", MAPS_NUL_MARK,  0           },
    {"rx-7bit",     MAPS_BIT8,      0           },
    {"tx-cr-lf",    0,              MAPS_CR_LF  },
    {"tx-lf-cr",    0,              MAPS_LF_CR  },
    {"tx-cr-crlf",  0,              MAPS_CR_CRLF},
    {"tx-lf-crlf",  0,              MAPS_LF_CRLF},
    {"tx-cr-drop",  0,              MAPS_CR_DROP},
    {"tx-lf-drop",  0,              MAPS_LF_DROP},
    {"tx-bs-del",   0,              MAPS_BS_DEL },
    {"tx-del-bs",   0,              MAPS_DEL_BS },
    {"tx-upper",    0,              MAPS_UPPER  },
 /* tio: I is received, O is sent */
    {"ICRNL",       MAPS_CR_LF,     0           },
    {"INLCR",       MAPS_LF_CR,     0           },
    {"INLCRNL",     MAPS_LF_CRLF,   0           },
    {"ICRCRNL",     MAPS_CR_CRLF,   0           },
    {"IGNCR",       MAPS_CR_DROP,   0           },
    {"INULSYM",     MAPS_NUL_MARK,  0           },
    {"OCRNL",       0,              MAPS_CR_LF  },
    {"ONLCR",       0,              MAPS_LF_CR  },
    {"ONLCRNL",     0,              MAPS_LF_CRLF},
    {"ODELBS",      0,              MAPS_DEL_BS },
    {"OIGNCR",      0,              MAPS_CR_DROP},
    {"OLTU",        0,              MAPS_UPPER  },
 /* picocom: imap and omap share names, so the direction goes before them */
    {"i:crlf",      MAPS_CR_LF,     0           },
    {"i:crcrlf",    MAPS_CR_CRLF,   0           },
    {"i:igncr",     MAPS_CR_DROP,   0           },
    {"i:lfcr",      MAPS_LF_CR,     0           },
    {"i:lfcrlf",    MAPS_LF_CRLF,   0           },
    {"i:ignlf",     MAPS_LF_DROP,   0           },
    {"i:bsdel",     MAPS_BS_DEL,    0           },
    {"i:delbs",     MAPS_DEL_BS,    0           },
    {"i:spchex",    MAPS_SPACE_HEX, 0           },
    {"i:tabhex",    MAPS_TAB_HEX,   0           },
    {"i:crhex",     MAPS_CR_HEX,    0           },
    {"i:lfhex",     MAPS_LF_HEX,    0           },
    {"i:8bithex",   MAPS_HIGH_HEX,  0           },
    {"i:nrmhex",    MAPS_PRINT_HEX, 0           },
    {"o:crlf",      0,              MAPS_CR_LF  },
    {"o:crcrlf",    0,              MAPS_CR_CRLF},
    {"o:igncr",     0,              MAPS_CR_DROP},
    {"o:lfcr",      0,              MAPS_LF_CR  },
    {"o:lfcrlf",    0,              MAPS_LF_CRLF},
    {"o:ignlf",     0,              MAPS_LF_DROP},
    {"o:bsdel",     0,              MAPS_BS_DEL },
    {"o:delbs",     0,              MAPS_DEL_BS },
};

bool maps_eol_of(const char *name, bool received, enum lines_eol *eol)
{
    static const struct {
        const char *name;
        enum lines_eol eol;
    } ends[] = {
        {"lf",   LINES_LF  },
        {"cr",   LINES_CR  },
        {"crlf", LINES_CRLF},
        {"any",  LINES_ANY },
    };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (strcmp(name, ends[i].name) == 0 && (received || ends[i].eol != LINES_ANY)) {
            *eol = ends[i].eol;
            return true;
        }
    }
    return false;
}

const char *maps_eol_bytes(enum lines_eol eol)
{
    if (eol == LINES_CRLF)
        return "\r\n";
    return eol == LINES_LF ? "\n" : "\r";
}

static bool add_name(struct maps *maps, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0) {
            maps->rx |= names[i].rx;
            maps->tx |= names[i].tx;
            return true;
        }
    }
    return false;
}

bool maps_add(struct maps *maps, const char *list, size_t *at)
{
    struct maps added = *maps;

    *at = 0;
    for (;;) {
        size_t len;

        *at += strspn(list + *at, ", \t");
        len = strcspn(list + *at, ", \t");
        if (len == 0)
            break;
        if (!add_name(&added, list + *at, len))
            return false;
        *at += len;
    }
    *maps = added;
    return true;
}

/* Which flags show a byte in hex. */
static unsigned hex_flag(unsigned char byte)
{
    if (byte == '\r')
        return MAPS_CR_HEX;
    if (byte == '\n')
        return MAPS_LF_HEX;
    if (byte == '\t')
        return MAPS_TAB_HEX;
    if (byte == ' ')
        return MAPS_SPACE_HEX;
    if (byte >= 0x80)
        return MAPS_HIGH_HEX;
    return byte < 0x20 || byte == 0x7f ? MAPS_CTRL_HEX : MAPS_PRINT_HEX;
}

static void apply_cr(unsigned flags, struct bytes *out)
{
    if (flags & MAPS_CR_CRLF)
        bytes_text(out, "\r\n");
    else if (flags & MAPS_CR_LF)
        bytes_byte(out, '\n');
    else if (!(flags & MAPS_CR_DROP))
        bytes_byte(out, '\r');
}

static void apply_lf(unsigned flags, struct bytes *out)
{
    if (flags & MAPS_LF_CRLF)
        bytes_text(out, "\r\n");
    else if (flags & MAPS_LF_CR)
        bytes_byte(out, '\r');
    else if (!(flags & MAPS_LF_DROP))
        bytes_byte(out, '\n');
}

static void apply_byte(unsigned flags, unsigned char byte, struct bytes *out)
{
    if (flags & MAPS_BIT8)
        byte &= 0x7f;
    if (flags & hex_flag(byte))
        bytes_format(out, "[%02x]", byte);
    else if (byte == '\r')
        apply_cr(flags, out);
    else if (byte == '\n')
        apply_lf(flags, out);
    else if (byte == '\b' && (flags & MAPS_BS_DEL))
        bytes_byte(out, 0x7f);
    else if (byte == 0x7f && (flags & MAPS_DEL_BS))
        bytes_byte(out, '\b');
    else if (byte == 0 && (flags & MAPS_NUL_MARK))
        bytes_text(out, "\xe2\x90\x80");
    else if (byte >= 'a' && byte <= 'z' && (flags & MAPS_UPPER))
        bytes_byte(out, byte - 32u);
    else
        bytes_byte(out, byte);
}

void maps_apply(unsigned flags, const void *data, size_t len, struct bytes *out)
{
    const unsigned char *bytes = data;

    if (flags == 0) {
        bytes_add(out, data, len);
        return;
    }
    for (size_t i = 0; i < len; i++)
        apply_byte(flags, bytes[i], out);
}

void maps_send(const struct maps *maps, const void *data, size_t len, struct bytes *out)
{
    const unsigned char *bytes = data;
    const char *eol = maps_eol_bytes(maps->tx_eol);

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\r' || bytes[i] == '\n') {
            maps_apply(maps->tx, eol, strlen(eol), out);
            if (bytes[i] == '\r' && i + 1 < len && bytes[i + 1] == '\n')
                i++;
        } else if (bytes[i] == 0x7f && maps->tx_bs) {
            apply_byte(maps->tx, '\b', out);
        } else {
            apply_byte(maps->tx, bytes[i], out);
        }
    }
}
