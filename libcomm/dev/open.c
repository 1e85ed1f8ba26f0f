/* SPDX-License-Identifier: MIT */
/* The public door: checks what every kind of file has in common, then hands the request to whoever
 * claims the name. */
#include "libcomm/dev/open.h"

#include <libcomm/comm.h>

#include "libcomm/dev/path.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

static const struct ci_opener *openers; /* set before main, then read only */

void ci_opener_register(struct ci_opener *opener)
{
    opener->next = openers;
    openers = opener;
}

static HANDLE refuse(uint32_t error)
{
    ci_fail(error);
    return INVALID_HANDLE_VALUE;
}

#define SHARES (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define WRITING (GENERIC_WRITE | GENERIC_ALL | FILE_WRITE_DATA)

static uint32_t request_error(const struct ci_open *request)
{
    if (request->name == NULL || request->name[0] == '\0')
        return ERROR_PATH_NOT_FOUND;
    if (request->disposition < CREATE_NEW || request->disposition > TRUNCATE_EXISTING)
        return ERROR_INVALID_PARAMETER;
    if ((request->share & ~(uint32_t)SHARES) != 0)
        return ERROR_INVALID_PARAMETER;
    if (request->disposition == TRUNCATE_EXISTING && (request->access & WRITING) == 0)
        return ERROR_INVALID_PARAMETER;
    return 0;
}

static HANDLE open_file(const struct ci_open *request)
{
    uint32_t error = request_error(request);

    if (error != 0)
        return refuse(error);
    for (const struct ci_opener *opener = openers; opener != NULL; opener = opener->next)
        if (opener->claims(request->name))
            return opener->open(request);
    return ci_disk_open(request);
}

HANDLE CreateFileA(const char *name, DWORD access, DWORD share, SECURITY_ATTRIBUTES *security,
                   DWORD disposition, DWORD flags, HANDLE template_file)
{
    struct ci_open request = {name, access, share, disposition, flags, security};

    (void)template_file; /* its extended attributes would be copied; there are none */
    CI_TRACED_HANDLE(open_file(&request), "CreateFile %s access %08x share %u disposition %u",
                     name == NULL ? "(null)" : name, access, share, disposition);
}

static HANDLE open_wide(const WCHAR *name, struct ci_open *request)
{
    char *narrow = name == NULL ? NULL : ci_path_narrow(name);
    HANDLE handle;

    if (name != NULL && narrow == NULL)
        return refuse(ERROR_NOT_ENOUGH_MEMORY);
    request->name = narrow;
    handle = open_file(request);
    if (__builtin_expect(ci_tracing, 0))
        ci_trace_handle_result(handle, "CreateFile %s access %08x share %u disposition %u",
                               narrow == NULL ? "(null)" : narrow, request->access, request->share,
                               request->disposition);
    ci_sys_free(narrow);
    return handle;
}

HANDLE CreateFileW(const WCHAR *name, DWORD access, DWORD share, SECURITY_ATTRIBUTES *security,
                   DWORD disposition, DWORD flags, HANDLE template_file)
{
    struct ci_open request = {NULL, access, share, disposition, flags, security};

    (void)template_file;
    return open_wide(name, &request);
}
