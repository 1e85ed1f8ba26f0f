/* SPDX-License-Identifier: MIT */
/* The grammar of SCPI headers and values. */
#ifndef TOOLS_SIM_SCPI_H
#define TOOLS_SIM_SCPI_H

#include <stdbool.h>
#include <stddef.h>

/* Does `header` name `pattern`?  In a pattern capitals are the short form, [:NODE] may be left out:
 * "MEASure:VOLTage[:DC]?" is named by "meas:volt?" and ":MEASURE:VOLTAGE:DC?". */
bool scpi_names(const char *pattern, const char *header, size_t len);
/* The same for a word without nodes: "MINimum". */
bool scpi_word(const char *pattern, const char *word);

/* A decimal number with nothing or blanks behind it. */
bool scpi_number(const char *text, double *number);
/* ON, OFF or a number. */
bool scpi_bool(const char *text, bool *value);

#endif
