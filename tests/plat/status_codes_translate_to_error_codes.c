/* SPDX-License-Identifier: MIT */
/* The tables between errno, NTSTATUS and Win32 error codes, row by row, with the numbers written
 * out: the constants of the headers are under test as well. */
#include <errno.h>

#include <libcomm/comm.h>

#include "harness.h"
#include "libcomm/plat/error.h"

static const struct {
    const char *when;
    uint32_t constant, status, error;
} statuses[] = {
    {"BUFFER_OVERFLOW",           STATUS_BUFFER_OVERFLOW,           0x80000005, 234 },
    {"NO_MORE_FILES",             STATUS_NO_MORE_FILES,             0x80000006, 18  },
    {"HANDLES_CLOSED",            STATUS_HANDLES_CLOSED,            0x8000000A, 676 },
    {"NO_MORE_ENTRIES",           STATUS_NO_MORE_ENTRIES,           0x8000001A, 259 },
    {"UNSUCCESSFUL",              STATUS_UNSUCCESSFUL,              0xC0000001, 31  },
    {"NOT_IMPLEMENTED",           STATUS_NOT_IMPLEMENTED,           0xC0000002, 1   },
    {"INVALID_INFO_CLASS",        STATUS_INVALID_INFO_CLASS,        0xC0000003, 87  },
    {"INFO_LENGTH_MISMATCH",      STATUS_INFO_LENGTH_MISMATCH,      0xC0000004, 24  },
    {"ACCESS_VIOLATION",          STATUS_ACCESS_VIOLATION,          0xC0000005, 998 },
    {"INVALID_HANDLE",            STATUS_INVALID_HANDLE,            0xC0000008, 6   },
    {"INVALID_PARAMETER",         STATUS_INVALID_PARAMETER,         0xC000000D, 87  },
    {"NO_SUCH_DEVICE",            STATUS_NO_SUCH_DEVICE,            0xC000000E, 433 },
    {"NO_SUCH_FILE",              STATUS_NO_SUCH_FILE,              0xC000000F, 2   },
    {"INVALID_DEVICE_REQUEST",    STATUS_INVALID_DEVICE_REQUEST,    0xC0000010, 1   },
    {"END_OF_FILE",               STATUS_END_OF_FILE,               0xC0000011, 38  },
    {"NO_MEMORY",                 STATUS_NO_MEMORY,                 0xC0000017, 8   },
    {"ACCESS_DENIED",             STATUS_ACCESS_DENIED,             0xC0000022, 5   },
    {"BUFFER_TOO_SMALL",          STATUS_BUFFER_TOO_SMALL,          0xC0000023, 122 },
    {"OBJECT_TYPE_MISMATCH",      STATUS_OBJECT_TYPE_MISMATCH,      0xC0000024, 6   },
    {"INVALID_PARAMETER_MIX",     STATUS_INVALID_PARAMETER_MIX,     0xC0000030, 87  },
    {"OBJECT_NAME_INVALID",       STATUS_OBJECT_NAME_INVALID,       0xC0000033, 123 },
    {"OBJECT_NAME_NOT_FOUND",     STATUS_OBJECT_NAME_NOT_FOUND,     0xC0000034, 2   },
    {"OBJECT_NAME_COLLISION",     STATUS_OBJECT_NAME_COLLISION,     0xC0000035, 183 },
    {"OBJECT_PATH_NOT_FOUND",     STATUS_OBJECT_PATH_NOT_FOUND,     0xC000003A, 3   },
    {"DATA_OVERRUN",              STATUS_DATA_OVERRUN,              0xC000003C, 1117},
    {"DATA_ERROR",                STATUS_DATA_ERROR,                0xC000003E, 23  },
    {"SHARING_VIOLATION",         STATUS_SHARING_VIOLATION,         0xC0000043, 32  },
    {"QUOTA_EXCEEDED",            STATUS_QUOTA_EXCEEDED,            0xC0000044, 1816},
    {"MUTANT_NOT_OWNED",          STATUS_MUTANT_NOT_OWNED,          0xC0000046, 288 },
    {"SEMAPHORE_LIMIT_EXCEEDED",  STATUS_SEMAPHORE_LIMIT_EXCEEDED,  0xC0000047, 298 },
    {"THREAD_IS_TERMINATING",     STATUS_THREAD_IS_TERMINATING,     0xC000004B, 5   },
    {"FILE_LOCK_CONFLICT",        STATUS_FILE_LOCK_CONFLICT,        0xC0000054, 33  },
    {"LOCK_NOT_GRANTED",          STATUS_LOCK_NOT_GRANTED,          0xC0000055, 33  },
    {"DELETE_PENDING",            STATUS_DELETE_PENDING,            0xC0000056, 5   },
    {"RANGE_NOT_LOCKED",          STATUS_RANGE_NOT_LOCKED,          0xC000007E, 158 },
    {"DISK_FULL",                 STATUS_DISK_FULL,                 0xC000007F, 112 },
    {"INSUFFICIENT_RESOURCES",    STATUS_INSUFFICIENT_RESOURCES,    0xC000009A, 1450},
    {"DEVICE_DATA_ERROR",         STATUS_DEVICE_DATA_ERROR,         0xC000009C, 23  },
    {"DEVICE_NOT_CONNECTED",      STATUS_DEVICE_NOT_CONNECTED,      0xC000009D, 1167},
    {"MEDIA_WRITE_PROTECTED",     STATUS_MEDIA_WRITE_PROTECTED,     0xC00000A2, 19  },
    {"DEVICE_NOT_READY",          STATUS_DEVICE_NOT_READY,          0xC00000A3, 21  },
    {"INSTANCE_NOT_AVAILABLE",    STATUS_INSTANCE_NOT_AVAILABLE,    0xC00000AB, 231 },
    {"PIPE_NOT_AVAILABLE",        STATUS_PIPE_NOT_AVAILABLE,        0xC00000AC, 231 },
    {"PIPE_BUSY",                 STATUS_PIPE_BUSY,                 0xC00000AE, 231 },
    {"INVALID_PIPE_STATE",        STATUS_INVALID_PIPE_STATE,        0xC00000AD, 230 },
    {"INVALID_READ_MODE",         STATUS_INVALID_READ_MODE,         0xC00000B4, 230 },
    {"PIPE_DISCONNECTED",         STATUS_PIPE_DISCONNECTED,         0xC00000B0, 233 },
    {"PIPE_CLOSING",              STATUS_PIPE_CLOSING,              0xC00000B1, 232 },
    {"PIPE_EMPTY",                STATUS_PIPE_EMPTY,                0xC00000D9, 232 },
    {"PIPE_CONNECTED",            STATUS_PIPE_CONNECTED,            0xC00000B2, 535 },
    {"PIPE_LISTENING",            STATUS_PIPE_LISTENING,            0xC00000B3, 536 },
    {"IO_TIMEOUT",                STATUS_IO_TIMEOUT,                0xC00000B5, 121 },
    {"FILE_IS_A_DIRECTORY",       STATUS_FILE_IS_A_DIRECTORY,       0xC00000BA, 5   },
    {"NOT_SUPPORTED",             STATUS_NOT_SUPPORTED,             0xC00000BB, 50  },
    {"NETWORK_BUSY",              STATUS_NETWORK_BUSY,              0xC00000BF, 54  },
    {"INVALID_USER_BUFFER",       STATUS_INVALID_USER_BUFFER,       0xC00000E8, 1784},
    {"TOO_MANY_OPENED_FILES",     STATUS_TOO_MANY_OPENED_FILES,     0xC000011F, 4   },
    {"CANCELLED",                 STATUS_CANCELLED,                 0xC0000120, 995 },
    {"CANNOT_DELETE",             STATUS_CANNOT_DELETE,             0xC0000121, 5   },
    {"FILE_CLOSED",               STATUS_FILE_CLOSED,               0xC0000128, 6   },
    {"LOCAL_DISCONNECT",          STATUS_LOCAL_DISCONNECT,          0xC000013B, 64  },
    {"REMOTE_DISCONNECT",         STATUS_REMOTE_DISCONNECT,         0xC000013C, 64  },
    {"REMOTE_RESOURCES",          STATUS_REMOTE_RESOURCES,          0xC000013D, 51  },
    {"INVALID_CONNECTION",        STATUS_INVALID_CONNECTION,        0xC0000140, 59  },
    {"PIPE_BROKEN",               STATUS_PIPE_BROKEN,               0xC000014B, 109 },
    {"INVALID_DEVICE_STATE",      STATUS_INVALID_DEVICE_STATE,      0xC0000184, 22  },
    {"IO_DEVICE_ERROR",           STATUS_IO_DEVICE_ERROR,           0xC0000185, 1117},
    {"POSSIBLE_DEADLOCK",         STATUS_POSSIBLE_DEADLOCK,         0xC0000194, 1131},
    {"INVALID_BUFFER_SIZE",       STATUS_INVALID_BUFFER_SIZE,       0xC0000206, 1784},
    {"INVALID_ADDRESS_COMPONENT", STATUS_INVALID_ADDRESS_COMPONENT, 0xC0000207, 1214},
    {"CONNECTION_DISCONNECTED",   STATUS_CONNECTION_DISCONNECTED,   0xC000020C, 64  },
    {"CONNECTION_RESET",          STATUS_CONNECTION_RESET,          0xC000020D, 64  },
    {"NOT_FOUND",                 STATUS_NOT_FOUND,                 0xC0000225, 1168},
    {"HANDLE_NOT_CLOSABLE",       STATUS_HANDLE_NOT_CLOSABLE,       0xC0000235, 6   },
    {"CONNECTION_REFUSED",        STATUS_CONNECTION_REFUSED,        0xC0000236, 1225},
    {"CONNECTION_ACTIVE",         STATUS_CONNECTION_ACTIVE,         0xC000023B, 1230},
    {"NETWORK_UNREACHABLE",       STATUS_NETWORK_UNREACHABLE,       0xC000023C, 1231},
    {"HOST_UNREACHABLE",          STATUS_HOST_UNREACHABLE,          0xC000023D, 1232},
    {"PORT_UNREACHABLE",          STATUS_PORT_UNREACHABLE,          0xC000023F, 1234},
    {"REQUEST_ABORTED",           STATUS_REQUEST_ABORTED,           0xC0000240, 1235},
    {"CONNECTION_ABORTED",        STATUS_CONNECTION_ABORTED,        0xC0000241, 1236},
    {"DEVICE_REMOVED",            STATUS_DEVICE_REMOVED,            0xC00002B6, 1617},
    {"OBJECT_PATH_SYNTAX_BAD",    STATUS_OBJECT_PATH_SYNTAX_BAD,    0xC000003B, 161 },
    {"PRIVILEGE_NOT_HELD",        STATUS_PRIVILEGE_NOT_HELD,        0xC0000061, 1314},
    {"ILLEGAL_FUNCTION",          STATUS_ILLEGAL_FUNCTION,          0xC00000AF, 1   },
    {"BAD_NETWORK_PATH",          STATUS_BAD_NETWORK_PATH,          0xC00000BE, 53  },
    {"CANNOT_IMPERSONATE",        STATUS_CANNOT_IMPERSONATE,        0xC000010D, 1368},
    {"INVALID_LOCK_RANGE",        STATUS_INVALID_LOCK_RANGE,        0xC00001A1, 307 },
    {"NAME_TOO_LONG",             STATUS_NAME_TOO_LONG,             0xC0000106, 206 },
    {"NOT_SAME_DEVICE",           STATUS_NOT_SAME_DEVICE,           0xC00000D4, 17  },
    {"DIRECTORY_NOT_EMPTY",       STATUS_DIRECTORY_NOT_EMPTY,       0xC0000101, 145 },
};

static void every_warning_and_error_status_has_its_error_code(void)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        CHECK_EQ_WHEN(statuses[i].when, statuses[i].constant, statuses[i].status);
        CHECK_EQ_WHEN(statuses[i].when, ci_status_error(statuses[i].status), statuses[i].error);
    }
}

static void success_and_information_are_no_errors(void)
{
    static const struct {
        const char *when;
        uint32_t constant, status;
    } cases[] = {
        {"SUCCESS",                STATUS_SUCCESS,                0         },
        {"WAIT_0",                 STATUS_WAIT_0,                 0         },
        {"ABANDONED_WAIT_0",       STATUS_ABANDONED_WAIT_0,       0x80      },
        {"USER_APC",               STATUS_USER_APC,               0xC0      },
        {"TIMEOUT",                STATUS_TIMEOUT,                0x102     },
        {"PENDING",                STATUS_PENDING,                0x103     },
        {"SERIAL_MORE_WRITES",     STATUS_SERIAL_MORE_WRITES,     0x40000008},
        {"SERIAL_COUNTER_TIMEOUT", STATUS_SERIAL_COUNTER_TIMEOUT, 0x4000000C},
        {"unknown information",    0x4BADBAD0,                    0x4BADBAD0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_EQ_WHEN(cases[i].when, cases[i].constant, cases[i].status);
        CHECK_EQ_WHEN(cases[i].when, ci_status_error(cases[i].status), 0);
    }
}

static void an_unknown_status_is_carried_where_it_can_be(void)
{
    static const struct {
        const char *when;
        uint32_t status, error;
    } cases[] = {
        {"nobody knows it",                       0xC000BAD0, 317       },
        {"nobody knows the warning",              0x8000BAD0, 317       },
        {"it is the program's own error",         0xE0001234, 0xE0001234},
        {"it is the program's own warning",       0xA0001234, 0xA0001234},
        {"an error code in an NTSTATUS",          0xC0010005, 5         },
        {"an error code in an HRESULT",           0x80070005, 5         },
        {"success in an error is still an error", 0xC0010000, 317       },
        {"the lowest error",                      0xC0000000, 317       },
        {"the highest status",                    0xFFFFFFFF, 0xFFFFFFFF},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        CHECK_EQ_WHEN(cases[i].when, ci_status_error(cases[i].status), cases[i].error);
}

static const struct {
    const char *when;
    enum ci_domain domain;
    int errnum;
    uint32_t status;
} errnos[] = {
    {"EAGAIN",          CI_DOM_STREAM, EAGAIN,          0xC00000A3},
    {"EWOULDBLOCK",     CI_DOM_SOCKET, EWOULDBLOCK,     0xC00000A3},
    {"EPIPE, socket",   CI_DOM_SOCKET, EPIPE,           0xC000020D},
    {"EPIPE, pipe",     CI_DOM_STREAM, EPIPE,           0xC00000B1},
    {"reset, socket",   CI_DOM_SOCKET, ECONNRESET,      0xC000020D},
    {"reset, pipe",     CI_DOM_STREAM, ECONNRESET,      0xC000014B},
    {"ECONNABORTED",    CI_DOM_SOCKET, ECONNABORTED,    0xC0000241},
    {"ECONNREFUSED",    CI_DOM_SOCKET, ECONNREFUSED,    0xC0000236},
    {"ETIMEDOUT",       CI_DOM_SOCKET, ETIMEDOUT,       0xC00000B5},
    {"ENOTCONN",        CI_DOM_SOCKET, ENOTCONN,        0xC0000140},
    {"ENOTCONN, pipe",  CI_DOM_STREAM, ENOTCONN,        0xC00000B0},
    {"EISCONN",         CI_DOM_SOCKET, EISCONN,         0xC000023B},
    {"ESHUTDOWN",       CI_DOM_SOCKET, ESHUTDOWN,       0xC00000B0},
    {"EHOSTUNREACH",    CI_DOM_SOCKET, EHOSTUNREACH,    0xC000023D},
    {"EHOSTDOWN",       CI_DOM_SOCKET, EHOSTDOWN,       0xC000023D},
    {"ENETUNREACH",     CI_DOM_SOCKET, ENETUNREACH,     0xC000023C},
    {"ENETDOWN",        CI_DOM_SOCKET, ENETDOWN,        0xC00000BF},
    {"EADDRINUSE",      CI_DOM_SOCKET, EADDRINUSE,      0xC0000043},
    {"EADDRNOTAVAIL",   CI_DOM_SOCKET, EADDRNOTAVAIL,   0xC0000207},
    {"EMSGSIZE",        CI_DOM_SOCKET, EMSGSIZE,        0x80000005},
    {"EAFNOSUPPORT",    CI_DOM_SOCKET, EAFNOSUPPORT,    0xC00000BB},
    {"EPROTONOSUPPORT", CI_DOM_SOCKET, EPROTONOSUPPORT, 0xC00000BB},
    {"ENOTSOCK",        CI_DOM_SOCKET, ENOTSOCK,        0xC0000008},
    {"EIO, tty",        CI_DOM_TTY,    EIO,             0xC0000120},
    {"ENODEV, tty",     CI_DOM_TTY,    ENODEV,          0xC0000120},
    {"ENXIO, tty",      CI_DOM_TTY,    ENXIO,           0xC0000120},
    {"EBUSY, tty",      CI_DOM_TTY,    EBUSY,           0xC0000022},
    {"EIO, file",       CI_DOM_FILE,   EIO,             0xC0000185},
    {"ENODEV, file",    CI_DOM_FILE,   ENODEV,          0xC00002B6},
    {"ENXIO, stream",   CI_DOM_STREAM, ENXIO,           0xC00002B6},
    {"EBUSY, file",     CI_DOM_FILE,   EBUSY,           0xC0000043},
    {"ETXTBSY",         CI_DOM_FILE,   ETXTBSY,         0xC0000043},
    {"EBADF",           CI_DOM_FILE,   EBADF,           0xC0000008},
    {"EFAULT",          CI_DOM_FILE,   EFAULT,          0xC0000005},
    {"EINVAL",          CI_DOM_FILE,   EINVAL,          0xC000000D},
    {"ENOSPC",          CI_DOM_FILE,   ENOSPC,          0xC000007F},
    {"EDQUOT",          CI_DOM_FILE,   EDQUOT,          0xC000007F},
    {"EFBIG",           CI_DOM_FILE,   EFBIG,           0xC000007F},
    {"EROFS",           CI_DOM_FILE,   EROFS,           0xC00000A2},
    {"EACCES",          CI_DOM_FILE,   EACCES,          0xC0000022},
    {"EPERM",           CI_DOM_SYSTEM, EPERM,           0xC0000022},
    {"ENOENT",          CI_DOM_FILE,   ENOENT,          0xC0000034},
    {"ENOTDIR",         CI_DOM_FILE,   ENOTDIR,         0xC000003A},
    {"ELOOP",           CI_DOM_FILE,   ELOOP,           0xC000003B},
    {"ENAMETOOLONG",    CI_DOM_FILE,   ENAMETOOLONG,    0xC0000106},
    {"EEXIST",          CI_DOM_FILE,   EEXIST,          0xC0000035},
    {"EISDIR",          CI_DOM_FILE,   EISDIR,          0xC00000BA},
    {"ENOTEMPTY",       CI_DOM_FILE,   ENOTEMPTY,       0xC0000101},
    {"EXDEV",           CI_DOM_FILE,   EXDEV,           0xC00000D4},
    {"EMFILE",          CI_DOM_FILE,   EMFILE,          0xC000011F},
    {"ENFILE",          CI_DOM_SYSTEM, ENFILE,          0xC000011F},
    {"ENOMEM, file",    CI_DOM_FILE,   ENOMEM,          0xC000009A},
    {"ENOMEM, system",  CI_DOM_SYSTEM, ENOMEM,          0xC0000017},
    {"EAGAIN, system",  CI_DOM_SYSTEM, EAGAIN,          0xC0000017},
    {"ENOBUFS",         CI_DOM_SOCKET, ENOBUFS,         0xC000009A},
    {"ENOLCK",          CI_DOM_FILE,   ENOLCK,          0xC000009A},
    {"ENOTSUP",         CI_DOM_FILE,   ENOTSUP,         0xC00000BB},
    {"EOPNOTSUPP",      CI_DOM_SOCKET, EOPNOTSUPP,      0xC00000BB},
    {"ENOSYS",          CI_DOM_SYSTEM, ENOSYS,          0xC00000BB},
    {"ENOTTY",          CI_DOM_STREAM, ENOTTY,          0xC0000010},
    {"ESPIPE",          CI_DOM_STREAM, ESPIPE,          0xC0000010},
    {"EDEADLK",         CI_DOM_FILE,   EDEADLK,         0xC0000194},
    {"ECANCELED",       CI_DOM_FILE,   ECANCELED,       0xC0000120},
};

static void every_errno_has_its_status(void)
{
    for (size_t i = 0; i < ARRAY_LEN(errnos); i++)
        CHECK_EQ_WHEN(errnos[i].when, ci_errno_status(errnos[i].domain, errnos[i].errnum),
                      errnos[i].status);
}

static void a_failed_call_translates_in_one_step(void)
{
    CHECK_EQ(ci_errno_error(CI_DOM_FILE, ENOENT), 2);
    CHECK_EQ(ci_errno_error(CI_DOM_STREAM, EPIPE), 232);
    CHECK_EQ(ci_errno_error(CI_DOM_SOCKET, EPIPE), 64);
    CHECK_EQ(ci_errno_error(CI_DOM_SYSTEM, ENOMEM), 8);
}

/* Whatever the kernel says, in whatever domain, ends as a failure that has a text, never as
 * success. */
static void no_errno_is_lost_on_the_way(void)
{
    static const enum ci_domain domains[] = {CI_DOM_FILE, CI_DOM_STREAM, CI_DOM_SOCKET, CI_DOM_TTY,
                                             CI_DOM_SYSTEM};

    for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
        for (int errnum = 1; errnum <= EHWPOISON; errnum++) {
            uint32_t status = ci_errno_status(domains[i], errnum);
            uint32_t error = ci_status_error(status);
            bool unassigned = errnum == 41 || errnum == 58; /* Linux left these numbers out */

            CHECK(error != ERROR_SUCCESS && error != ERROR_MR_MID_NOT_FOUND);
            CHECK(unassigned || ci_error_text(error) != NULL);
            if (ci_errno_of(status) != 0)
                CHECK_EQ(ci_errno_of(error), errnum);
        }
    }
    CHECK_EQ(ci_errno_of(ci_errno_status(CI_DOM_FILE, ESTALE)), ESTALE);
    CHECK_EQ(ci_errno_of(0xC0000120), 0);
    CHECK_EQ(ci_errno_of(ERROR_IO_PENDING), 0);
}

static void *set_and_get(void *arg)
{
    uint32_t *seen = arg;

    seen[0] = GetLastError();
    SetLastError(11);
    seen[1] = GetLastError();
    return NULL;
}

static void the_last_error_belongs_to_its_thread(void)
{
    uint32_t seen[2] = {99, 99};

    SetLastError(ERROR_IO_PENDING);
    comm_join(comm_spawn(set_and_get, seen));
    CHECK_EQ(seen[0], 0);
    CHECK_EQ(seen[1], 11);
    CHECK_EQ(GetLastError(), 997);
}

static void failing_sets_the_last_error_and_is_false(void)
{
    CHECK(!ci_fail(ERROR_NOT_OWNER));
    CHECK_EQ(GetLastError(), 288);
    ci_set_last_error(ERROR_TOO_MANY_POSTS);
    CHECK_EQ(GetLastError(), 298);
    SetLastError(0xE0001234); /* a program may keep codes of its own here */
    CHECK_EQ(ci_last_error(), 0xE0001234);
}

COMM_TEST_MAIN(TEST(every_warning_and_error_status_has_its_error_code),
               TEST(success_and_information_are_no_errors),
               TEST(an_unknown_status_is_carried_where_it_can_be), TEST(every_errno_has_its_status),
               TEST(a_failed_call_translates_in_one_step), TEST(no_errno_is_lost_on_the_way),
               TEST(the_last_error_belongs_to_its_thread),
               TEST(failing_sets_the_last_error_and_is_false))
