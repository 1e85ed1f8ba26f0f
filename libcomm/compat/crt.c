/* SPDX-License-Identifier: MIT */
/* _beginthreadex and its kin.  glibc needs nothing set up per thread, so they are CreateThread with
 * errno instead of the last error; only _beginthread has a handle to close at the end. */
#include <errno.h>

#include <libcomm/comm.h>
#include <libcomm/compat_crt.h>

#include "libcomm/plat/sys.h"

/* What _beginthread hands to its thread. */
struct start {
    _beginthread_proc_type run;
    void *argument;
    HANDLE handle;
};

static __thread HANDLE own_handle; /* of a thread from _beginthread: closed by it as it ends */

static void set_errno(DWORD error)
{
    errno = error == ERROR_ACCESS_DENIED       ? EACCES
            : error == ERROR_INVALID_PARAMETER ? EINVAL
                                               : EAGAIN;
}

uintptr_t _beginthreadex(void *security, unsigned stack_size,
                         _beginthreadex_proc_type start_address, void *arglist, unsigned initflag,
                         unsigned *thrdaddr)
{
    HANDLE thread;

    if (start_address == NULL) {
        errno = EINVAL;
        return 0;
    }
    thread = CreateThread(security, stack_size, start_address, arglist, initflag, thrdaddr);
    if (thread == NULL)
        set_errno(GetLastError());
    return (uintptr_t)thread;
}

COMM_NORETURN void _endthreadex(unsigned retval)
{
    ExitThread(retval);
}

COMM_NORETURN void _endthread(void)
{
    if (own_handle != NULL)
        CloseHandle(own_handle);
    ExitThread(0);
}

static DWORD WINAPI start_run(void *memory)
{
    struct start start = *(struct start *)memory;

    ci_sys_free(memory);
    own_handle = start.handle;
    start.run(start.argument);
    _endthread();
}

uintptr_t _beginthread(_beginthread_proc_type start_address, unsigned stack_size, void *arglist)
{
    struct start *start = start_address != NULL ? ci_sys_alloc(sizeof(*start)) : NULL;
    HANDLE thread;

    if (start == NULL) {
        errno = start_address == NULL ? EINVAL : ENOMEM;
        return (uintptr_t)-1;
    }
    thread = CreateThread(NULL, stack_size, start_run, start, CREATE_SUSPENDED, NULL);
    if (thread == NULL) {
        set_errno(GetLastError());
        ci_sys_free(start);
        return (uintptr_t)-1;
    }
    *start = (struct start){.run = start_address, .argument = arglist, .handle = thread};
    ResumeThread(thread);
    return (uintptr_t)thread;
}
