/* SPDX-License-Identifier: MIT */
/* DeviceIoControl: an operation like any other.  What a code means, only the device knows; which
 * rights it takes, the code itself says. */
#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

/* The access bits of a control code (CTL_CODE), as rights a handle must have. */
static uint32_t rights_needed(uint32_t code)
{
    uint32_t access = code >> 14, rights = 0;

    if ((access & FILE_READ_ACCESS) != 0)
        rights |= FILE_READ_DATA;
    if ((access & FILE_WRITE_ACCESS) != 0)
        rights |= FILE_WRITE_DATA;
    return rights;
}

static bool may(HANDLE handle, uint32_t code)
{
    struct ci_obj *obj = ci_handle_get(handle, NULL, rights_needed(code));

    if (obj == NULL)
        return false;
    ci_obj_put(obj);
    return true;
}

static bool control(const struct ci_request *request)
{
    if (request->ov == NULL && request->count == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (!may(request->handle, request->code)) {
        if (request->count != NULL)
            *request->count = 0;
        return false;
    }
    return ci_issue(request);
}

BOOL DeviceIoControl(HANDLE handle, DWORD code, void *in, DWORD in_len, void *out, DWORD out_len,
                     DWORD *count, OVERLAPPED *ov)
{
    struct ci_request request = {
        .handle = handle,
        .kind = CI_OP_IOCTL,
        .lane = CI_LANE_CONTROL,
        .ov = ov,
        .buf = in,
        .len = in_len,
        .code = code,
        .out = out,
        .out_len = out_len,
        .count = count,
    };

    CI_TRACED_BOOL(control(&request), "DeviceIoControl %s %08x", ci_trace_handle(handle), code);
}
