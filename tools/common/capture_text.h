/* SPDX-License-Identifier: MIT */
/* The line formats of a capture. */
#ifndef TOOLS_COMMON_CAPTURE_TEXT_H
#define TOOLS_COMMON_CAPTURE_TEXT_H

#include "tools/common/capture.h"

void capture_text_record(struct capture *capture, const struct ring_record *record);
void capture_text_end(struct capture *capture);

#endif
