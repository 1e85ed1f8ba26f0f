/* SPDX-License-Identifier: MIT */
/* What a program asks about the machine it runs on: processors, pages, the host's name. */
#include <errno.h>
#include <string.h>

#include <libcomm/compat.h>

#include "libcomm/compat/out.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"

#if defined(__x86_64__)
#define ARCHITECTURE PROCESSOR_ARCHITECTURE_AMD64
#elif defined(__aarch64__)
#define ARCHITECTURE PROCESSOR_ARCHITECTURE_ARM64
#else
#define ARCHITECTURE PROCESSOR_ARCHITECTURE_UNKNOWN
#endif

#define HIGHEST_ADDRESS 0x7FFFFFFFFFFFu /* 47 bits: what x86-64 and arm64 give a process */

_Static_assert(sizeof(SYSTEM_INFO) == 48, "SYSTEM_INFO");

VOID WINAPI GetSystemInfo(LPSYSTEM_INFO lpSystemInfo)
{
    size_t page = ci_sys_page_size();
    uint32_t processors = (uint32_t)ci_sys_ncpu();

    *lpSystemInfo = (SYSTEM_INFO){
        .wProcessorArchitecture = ARCHITECTURE,
        .dwPageSize = (DWORD)page,
        .lpMinimumApplicationAddress = (void *)(uintptr_t)0x10000, /* vm.mmap_min_addr */
        .lpMaximumApplicationAddress = (void *)(uintptr_t)(HIGHEST_ADDRESS - page),
        .dwActiveProcessorMask = processors < 64 ? ((DWORD_PTR)1 << processors) - 1 : ~(DWORD_PTR)0,
        .dwNumberOfProcessors = processors,
        .dwAllocationGranularity = (DWORD)page,
    };
}

VOID WINAPI GetNativeSystemInfo(LPSYSTEM_INFO lpSystemInfo)
{
    GetSystemInfo(lpSystemInfo);
}

static bool computer_name(void *buffer, LPDWORD size, bool wide)
{
    char name[MAX_COMPUTERNAME_LENGTH + 1];
    uint32_t units;

    if (size == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (ci_sys_hostname(name, sizeof(name)) != 0)
        return ci_fail(ERROR_GEN_FAILURE);
    units = ci_out_text(name, buffer, *size, wide);
    if (units >= *size) { /* the room that is needed, the NUL counted */
        *size = units;
        return ci_fail(ERROR_BUFFER_OVERFLOW);
    }
    *size = units;
    return true;
}

BOOL WINAPI GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize)
{
    return computer_name(lpBuffer, nSize, false);
}

BOOL WINAPI GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize)
{
    return computer_name(lpBuffer, nSize, true);
}
