/* SPDX-License-Identifier: MIT */
/* What the text of a query and of an answer tells: whether one is expected, and whether they can
 * belong together. */
#include "tools/common/query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool query_asks(const char *text)
{
    char quote = '\0';

    for (; *text != '\0'; text++) {
        if (quote != '\0')
            quote = *text == quote ? '\0' : quote;
        else if (*text == '"' || *text == '\'')
            quote = *text;
        else if (*text == '?')
            return true;
    }
    return false;
}

static bool is_form(const char *text, const char *form)
{
    size_t len = strlen(form);

    return strncasecmp(text, form, len) == 0 && text[len + strspn(text + len, " \r\n")] == '\0';
}

static bool asks_errors(const char *text)
{
    static const char *const forms[] = {"SYST:ERR?", "SYSTEM:ERROR?", "SYST:ERR:NEXT?",
                                        "SYSTEM:ERROR:NEXT?"};

    text += *text == ':';
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (is_form(text, forms[i]))
            return true;
    }
    return false;
}

/* A number, a comma, a quoted text. */
static bool is_error_answer(const char *answer)
{
    answer += *answer == '+' || *answer == '-';
    if (!isdigit((unsigned char)*answer))
        return false;
    answer += strspn(answer, "0123456789");
    return *answer == ',' && answer[1 + strspn(answer + 1, " ")] == '"';
}

static bool is_identity(const char *answer)
{
    unsigned commas = 0;

    if (answer[0] == '#' || answer[0] == '"')
        return false;
    for (; *answer != '\0'; answer++)
        commas += *answer == ',';
    return commas == 3;
}

int query_fits(const char *text, const char *answer)
{
    if (asks_errors(text))
        return is_error_answer(answer) ? 1 : -1;
    if (is_error_answer(answer))
        return -1;
    if (is_form(text, "*IDN?"))
        return is_identity(answer) ? 1 : -1;
    if (is_form(text, "*OPC?") || is_form(text, "*TST?"))
        return answer[strspn(answer, "+-0123456789")] == '\0' && answer[0] != '\0' ? 0 : -1;
    return 0;
}

bool query_drains(const char *text, const char *answer)
{
    if (!asks_errors(text))
        return !query_asks(text);
    return answer != NULL && is_error_answer(answer) && strtol(answer, NULL, 10) != 0;
}
