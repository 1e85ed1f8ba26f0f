/* SPDX-License-Identifier: MIT */
/* The thread's last error, and the three tables between errno, NTSTATUS and Win32 error codes.
 * Whoever needs a new code adds it to types.h and one row here. */
#include "libcomm/plat/error.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <libcomm/comm.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* initial-exec: one load and no call, which GetLastError after every ReadFile deserves. */
static __thread uint32_t last_error __attribute__((tls_model("initial-exec")));

/* Lowest first, because a lookup halves the table. */
static const struct error_code {
    uint32_t code;
    const char *name;
    const char *text;
} codes[] = {
#define CODE(number, sentence)    \
    {                             \
        number, #number, sentence \
    }
    CODE(ERROR_SUCCESS, "The operation completed successfully."),
    CODE(ERROR_INVALID_FUNCTION, "This kind of object does not support the function."),
    CODE(ERROR_FILE_NOT_FOUND, "There is nothing of that name."),
    CODE(ERROR_PATH_NOT_FOUND, "A directory on the way to that name does not exist."),
    CODE(ERROR_TOO_MANY_OPEN_FILES, "No more files can be opened."),
    CODE(ERROR_ACCESS_DENIED, "Access is denied."),
    CODE(ERROR_INVALID_HANDLE, "The handle is not valid for this call."),
    CODE(ERROR_NOT_ENOUGH_MEMORY, "There is not enough memory for this call."),
    CODE(ERROR_INVALID_ACCESS, "The access code is not valid."),
    CODE(ERROR_INVALID_DATA, "The data is not valid."),
    CODE(ERROR_OUTOFMEMORY, "There is not enough memory left to finish."),
    CODE(ERROR_NOT_SAME_DEVICE, "The two names lie on different file systems."),
    CODE(ERROR_NO_MORE_FILES, "There are no more files."),
    CODE(ERROR_WRITE_PROTECT, "The medium is write-protected."),
    CODE(ERROR_NOT_READY, "The device is not ready."),
    CODE(ERROR_BAD_COMMAND, "The device does not accept the command in its present state."),
    CODE(ERROR_CRC, "The data is damaged."),
    CODE(ERROR_BAD_LENGTH, "The length does not match what the command expects."),
    CODE(ERROR_SEEK, "The position cannot be reached."),
    CODE(ERROR_WRITE_FAULT, "The device could not be written to."),
    CODE(ERROR_READ_FAULT, "The device could not be read from."),
    CODE(ERROR_GEN_FAILURE, "The device or the thread is not working."),
    CODE(ERROR_SHARING_VIOLATION, "The file is in use in a way that excludes this one."),
    CODE(ERROR_LOCK_VIOLATION, "Another handle has locked a part of that range."),
    CODE(ERROR_HANDLE_EOF, "The end of the file has been reached."),
    CODE(ERROR_HANDLE_DISK_FULL, "There is no space left for the file."),
    CODE(ERROR_NOT_SUPPORTED, "The request is not supported."),
    CODE(ERROR_REM_NOT_LIST, "The remote system does not answer."),
    CODE(ERROR_BAD_NETPATH, "The network path was not found."),
    CODE(ERROR_NETWORK_BUSY, "The network is busy or down."),
    CODE(ERROR_DEV_NOT_EXIST, "The device no longer exists."),
    CODE(ERROR_UNEXP_NET_ERR, "An unexpected network error occurred."),
    CODE(ERROR_NETNAME_DELETED, "The connection is gone."),
    CODE(ERROR_FILE_EXISTS, "The file exists."),
    CODE(ERROR_INVALID_PARAMETER, "A parameter is not valid."),
    CODE(ERROR_BROKEN_PIPE, "The other end of the pipe has been closed."),
    CODE(ERROR_OPEN_FAILED, "The file or device cannot be opened."),
    CODE(ERROR_BUFFER_OVERFLOW, "The name is too long for the buffer."),
    CODE(ERROR_DISK_FULL, "There is no space left on the file system."),
    CODE(ERROR_CALL_NOT_IMPLEMENTED, "The function does not exist on this system."),
    CODE(ERROR_SEM_TIMEOUT, "The time for the operation ran out."),
    CODE(ERROR_INSUFFICIENT_BUFFER, "The buffer is too small for the result."),
    CODE(ERROR_INVALID_NAME, "The name is not well-formed."),
    CODE(ERROR_MOD_NOT_FOUND, "The module was not found."),
    CODE(ERROR_PROC_NOT_FOUND, "The procedure was not found."),
    CODE(ERROR_NEGATIVE_SEEK, "The position would lie before the beginning of the file."),
    CODE(ERROR_SEEK_ON_DEVICE, "This device has no positions."),
    CODE(ERROR_DIR_NOT_EMPTY, "The directory is not empty."),
    CODE(ERROR_NOT_LOCKED, "That range is not locked."),
    CODE(ERROR_BAD_PATHNAME, "The path is not well-formed."),
    CODE(ERROR_BUSY, "The resource is in use."),
    CODE(ERROR_ALREADY_EXISTS, "Something of that name exists already."),
    CODE(WAIT_IO_COMPLETION, "The wait ended because a completion routine ran."),
    CODE(ERROR_ENVVAR_NOT_FOUND, "There is no environment variable of that name."),
    CODE(ERROR_FILENAME_EXCED_RANGE, "The name is too long."),
    CODE(ERROR_PIPE_LOCAL, "The pipe is local."),
    CODE(ERROR_BAD_PIPE, "The state of the pipe does not allow this."),
    CODE(ERROR_PIPE_BUSY, "All instances of the pipe are busy."),
    CODE(ERROR_NO_DATA, "The pipe is being closed."),
    CODE(ERROR_PIPE_NOT_CONNECTED, "There is no process on the other end of the pipe."),
    CODE(ERROR_MORE_DATA, "More data is available."),
    CODE(ERROR_NO_WORK_DONE, "The call had nothing to do."),
    CODE(WAIT_TIMEOUT, "The wait ended because its time ran out."),
    CODE(ERROR_NO_MORE_ITEMS, "There are no more items."),
    CODE(ERROR_DIRECTORY, "The name is not that of a directory."),
    CODE(ERROR_NOT_OWNER, "The caller does not own the mutex it tried to release."),
    CODE(ERROR_TOO_MANY_POSTS, "The release would exceed the maximum count of the semaphore."),
    CODE(ERROR_DELETE_PENDING, "The file is about to be deleted."),
    CODE(ERROR_INVALID_LOCK_RANGE, "The range to lock is not valid."),
    CODE(ERROR_MR_MID_NOT_FOUND, "There is no message text for that number."),
    CODE(ERROR_NO_SUCH_DEVICE, "There is no such device."),
    CODE(ERROR_INVALID_ADDRESS, "The address is not valid."),
    CODE(ERROR_PIPE_CONNECTED, "A process is already on the other end of the pipe."),
    CODE(ERROR_PIPE_LISTENING, "The pipe waits for a process to open the other end."),
    CODE(ERROR_HANDLES_CLOSED, "The handles were closed."),
    CODE(ERROR_ABANDONED_WAIT_0, "The completion port was closed during the wait."),
    CODE(ERROR_USER_APC, "A routine queued to the thread ran."),
    CODE(ERROR_OPERATION_ABORTED, "The operation was cancelled, or its thread exited."),
    CODE(ERROR_IO_INCOMPLETE, "The overlapped operation is not finished yet."),
    CODE(ERROR_IO_PENDING, "The overlapped operation is in progress."),
    CODE(ERROR_NOACCESS, "The memory at that address cannot be accessed."),
    CODE(ERROR_INVALID_FLAGS, "The flags are not valid."),
    CODE(ERROR_BADKEY, "The key or the port of that name is not known."),
    CODE(ERROR_NO_UNICODE_TRANSLATION, "The text has no counterpart in the other encoding."),
    CODE(ERROR_IO_DEVICE, "The device reported an input or output error."),
    CODE(ERROR_SERIAL_NO_DEVICE, "No serial device was found."),
    CODE(ERROR_MORE_WRITES, "Another write ended the serial request."),
    CODE(ERROR_COUNTER_TIMEOUT, "The serial counter did not reach zero in time."),
    CODE(ERROR_POSSIBLE_DEADLOCK, "Waiting here would never end."),
    CODE(ERROR_DEVICE_NOT_CONNECTED, "The device is not connected."),
    CODE(ERROR_NOT_FOUND, "There is no such operation or element."),
    CODE(ERROR_INVALID_NETNAME, "The network name or address is not well-formed."),
    CODE(ERROR_CANCELLED, "The user cancelled the operation."),
    CODE(ERROR_CONNECTION_REFUSED, "The remote system refused the connection."),
    CODE(ERROR_CONNECTION_INVALID, "There is no such network connection."),
    CODE(ERROR_CONNECTION_ACTIVE, "The connection exists already."),
    CODE(ERROR_NETWORK_UNREACHABLE, "The network cannot be reached."),
    CODE(ERROR_HOST_UNREACHABLE, "The remote system cannot be reached."),
    CODE(ERROR_PORT_UNREACHABLE, "Nobody serves that port on the remote system."),
    CODE(ERROR_REQUEST_ABORTED, "The request was aborted."),
    CODE(ERROR_CONNECTION_ABORTED, "The local system aborted the connection."),
    CODE(ERROR_PRIVILEGE_NOT_HELD, "The caller lacks a privilege this needs."),
    CODE(ERROR_CANNOT_IMPERSONATE,
         "Nothing has been read from the pipe yet, so its client cannot be impersonated."),
    CODE(ERROR_NO_SYSTEM_RESOURCES, "The system has too few resources left for this call."),
    CODE(ERROR_TIMEOUT, "The operation was not finished in the time allowed."),
    CODE(ERROR_DEVICE_REMOVED, "The device has been removed."),
    CODE(ERROR_INVALID_USER_BUFFER, "The buffer given is not valid for the operation."),
    CODE(ERROR_NOT_ENOUGH_QUOTA, "The quota is too small for this call."),
#undef CODE
};

/* Warnings and errors only: what is less severe is no failure and needs no row.  Lowest first. */
static const struct {
    uint32_t status;
    uint32_t error;
} statuses[] = {
    {STATUS_BUFFER_OVERFLOW,           ERROR_MORE_DATA           },
    {STATUS_NO_MORE_FILES,             ERROR_NO_MORE_FILES       },
    {STATUS_HANDLES_CLOSED,            ERROR_HANDLES_CLOSED      },
    {STATUS_NO_MORE_ENTRIES,           ERROR_NO_MORE_ITEMS       },
    {STATUS_UNSUCCESSFUL,              ERROR_GEN_FAILURE         },
    {STATUS_NOT_IMPLEMENTED,           ERROR_INVALID_FUNCTION    },
    {STATUS_INVALID_INFO_CLASS,        ERROR_INVALID_PARAMETER   },
    {STATUS_INFO_LENGTH_MISMATCH,      ERROR_BAD_LENGTH          },
    {STATUS_ACCESS_VIOLATION,          ERROR_NOACCESS            },
    {STATUS_INVALID_HANDLE,            ERROR_INVALID_HANDLE      },
    {STATUS_INVALID_PARAMETER,         ERROR_INVALID_PARAMETER   },
    {STATUS_NO_SUCH_DEVICE,            ERROR_NO_SUCH_DEVICE      },
    {STATUS_NO_SUCH_FILE,              ERROR_FILE_NOT_FOUND      },
    {STATUS_INVALID_DEVICE_REQUEST,    ERROR_INVALID_FUNCTION    },
    {STATUS_END_OF_FILE,               ERROR_HANDLE_EOF          },
    {STATUS_NO_MEMORY,                 ERROR_NOT_ENOUGH_MEMORY   },
    {STATUS_ACCESS_DENIED,             ERROR_ACCESS_DENIED       },
    {STATUS_BUFFER_TOO_SMALL,          ERROR_INSUFFICIENT_BUFFER },
    {STATUS_OBJECT_TYPE_MISMATCH,      ERROR_INVALID_HANDLE      },
    {STATUS_INVALID_PARAMETER_MIX,     ERROR_INVALID_PARAMETER   },
    {STATUS_OBJECT_NAME_INVALID,       ERROR_INVALID_NAME        },
    {STATUS_OBJECT_NAME_NOT_FOUND,     ERROR_FILE_NOT_FOUND      },
    {STATUS_OBJECT_NAME_COLLISION,     ERROR_ALREADY_EXISTS      },
    {STATUS_OBJECT_PATH_NOT_FOUND,     ERROR_PATH_NOT_FOUND      },
    {STATUS_OBJECT_PATH_SYNTAX_BAD,    ERROR_BAD_PATHNAME        },
    {STATUS_DATA_OVERRUN,              ERROR_IO_DEVICE           },
    {STATUS_DATA_ERROR,                ERROR_CRC                 },
    {STATUS_SHARING_VIOLATION,         ERROR_SHARING_VIOLATION   },
    {STATUS_QUOTA_EXCEEDED,            ERROR_NOT_ENOUGH_QUOTA    },
    {STATUS_MUTANT_NOT_OWNED,          ERROR_NOT_OWNER           },
    {STATUS_SEMAPHORE_LIMIT_EXCEEDED,  ERROR_TOO_MANY_POSTS      },
    {STATUS_THREAD_IS_TERMINATING,     ERROR_ACCESS_DENIED       },
    {STATUS_FILE_LOCK_CONFLICT,        ERROR_LOCK_VIOLATION      },
    {STATUS_LOCK_NOT_GRANTED,          ERROR_LOCK_VIOLATION      },
    {STATUS_DELETE_PENDING,            ERROR_ACCESS_DENIED       },
    {STATUS_PRIVILEGE_NOT_HELD,        ERROR_PRIVILEGE_NOT_HELD  },
    {STATUS_RANGE_NOT_LOCKED,          ERROR_NOT_LOCKED          },
    {STATUS_DISK_FULL,                 ERROR_DISK_FULL           },
    {STATUS_INSUFFICIENT_RESOURCES,    ERROR_NO_SYSTEM_RESOURCES },
    {STATUS_DEVICE_DATA_ERROR,         ERROR_CRC                 },
    {STATUS_DEVICE_NOT_CONNECTED,      ERROR_DEVICE_NOT_CONNECTED},
    {STATUS_MEDIA_WRITE_PROTECTED,     ERROR_WRITE_PROTECT       },
    {STATUS_DEVICE_NOT_READY,          ERROR_NOT_READY           },
    {STATUS_INSTANCE_NOT_AVAILABLE,    ERROR_PIPE_BUSY           },
    {STATUS_PIPE_NOT_AVAILABLE,        ERROR_PIPE_BUSY           },
    {STATUS_INVALID_PIPE_STATE,        ERROR_BAD_PIPE            },
    {STATUS_PIPE_BUSY,                 ERROR_PIPE_BUSY           },
    {STATUS_ILLEGAL_FUNCTION,          ERROR_INVALID_FUNCTION    },
    {STATUS_PIPE_DISCONNECTED,         ERROR_PIPE_NOT_CONNECTED  },
    {STATUS_PIPE_CLOSING,              ERROR_NO_DATA             },
    {STATUS_PIPE_CONNECTED,            ERROR_PIPE_CONNECTED      },
    {STATUS_PIPE_LISTENING,            ERROR_PIPE_LISTENING      },
    {STATUS_INVALID_READ_MODE,         ERROR_BAD_PIPE            },
    {STATUS_IO_TIMEOUT,                ERROR_SEM_TIMEOUT         },
    {STATUS_FILE_IS_A_DIRECTORY,       ERROR_ACCESS_DENIED       },
    {STATUS_NOT_SUPPORTED,             ERROR_NOT_SUPPORTED       },
    {STATUS_BAD_NETWORK_PATH,          ERROR_BAD_NETPATH         },
    {STATUS_NETWORK_BUSY,              ERROR_NETWORK_BUSY        },
    {STATUS_NOT_SAME_DEVICE,           ERROR_NOT_SAME_DEVICE     },
    {STATUS_PIPE_EMPTY,                ERROR_NO_DATA             },
    {STATUS_INVALID_USER_BUFFER,       ERROR_INVALID_USER_BUFFER },
    {STATUS_DIRECTORY_NOT_EMPTY,       ERROR_DIR_NOT_EMPTY       },
    {STATUS_NAME_TOO_LONG,             ERROR_FILENAME_EXCED_RANGE},
    {STATUS_CANNOT_IMPERSONATE,        ERROR_CANNOT_IMPERSONATE  },
    {STATUS_TOO_MANY_OPENED_FILES,     ERROR_TOO_MANY_OPEN_FILES },
    {STATUS_CANCELLED,                 ERROR_OPERATION_ABORTED   },
    {STATUS_CANNOT_DELETE,             ERROR_ACCESS_DENIED       },
    {STATUS_FILE_CLOSED,               ERROR_INVALID_HANDLE      },
    {STATUS_LOCAL_DISCONNECT,          ERROR_NETNAME_DELETED     },
    {STATUS_REMOTE_DISCONNECT,         ERROR_NETNAME_DELETED     },
    {STATUS_REMOTE_RESOURCES,          ERROR_REM_NOT_LIST        },
    {STATUS_INVALID_CONNECTION,        ERROR_UNEXP_NET_ERR       },
    {STATUS_PIPE_BROKEN,               ERROR_BROKEN_PIPE         },
    {STATUS_INVALID_DEVICE_STATE,      ERROR_BAD_COMMAND         },
    {STATUS_IO_DEVICE_ERROR,           ERROR_IO_DEVICE           },
    {STATUS_POSSIBLE_DEADLOCK,         ERROR_POSSIBLE_DEADLOCK   },
    {STATUS_INVALID_LOCK_RANGE,        ERROR_INVALID_LOCK_RANGE  },
    {STATUS_INVALID_BUFFER_SIZE,       ERROR_INVALID_USER_BUFFER },
    {STATUS_INVALID_ADDRESS_COMPONENT, ERROR_INVALID_NETNAME     },
    {STATUS_CONNECTION_DISCONNECTED,   ERROR_NETNAME_DELETED     },
    {STATUS_CONNECTION_RESET,          ERROR_NETNAME_DELETED     },
    {STATUS_NOT_FOUND,                 ERROR_NOT_FOUND           },
    {STATUS_HANDLE_NOT_CLOSABLE,       ERROR_INVALID_HANDLE      },
    {STATUS_CONNECTION_REFUSED,        ERROR_CONNECTION_REFUSED  },
    {STATUS_CONNECTION_ACTIVE,         ERROR_CONNECTION_ACTIVE   },
    {STATUS_NETWORK_UNREACHABLE,       ERROR_NETWORK_UNREACHABLE },
    {STATUS_HOST_UNREACHABLE,          ERROR_HOST_UNREACHABLE    },
    {STATUS_PORT_UNREACHABLE,          ERROR_PORT_UNREACHABLE    },
    {STATUS_REQUEST_ABORTED,           ERROR_REQUEST_ABORTED     },
    {STATUS_CONNECTION_ABORTED,        ERROR_CONNECTION_ABORTED  },
    {STATUS_DEVICE_REMOVED,            ERROR_DEVICE_REMOVED      },
};

#define FILES (1u << CI_DOM_FILE)
#define STREAMS (1u << CI_DOM_STREAM)
#define SOCKETS (1u << CI_DOM_SOCKET)
#define TTYS (1u << CI_DOM_TTY)
#define SYSTEM (1u << CI_DOM_SYSTEM)
#define ANY (FILES | STREAMS | SOCKETS | TTYS | SYSTEM)

/* The first row that fits wins, so the special stands before the general. */
static const struct {
    int errnum;
    unsigned domains;
    uint32_t status;
} errnos[] = {
    {EAGAIN,          SYSTEM,  STATUS_NO_MEMORY                }, /* a limit of threads or of locked memory */
    {EAGAIN,          ANY,     STATUS_DEVICE_NOT_READY         },
    {EPIPE,           SOCKETS, STATUS_CONNECTION_RESET         },
    {EPIPE,           ANY,     STATUS_PIPE_CLOSING             },
    {ESHUTDOWN,       ANY,     STATUS_PIPE_DISCONNECTED        },
    {ECONNRESET,      STREAMS, STATUS_PIPE_BROKEN              }, /* a unix socket closed with data unread */
    {ECONNRESET,      ANY,     STATUS_CONNECTION_RESET         },
    {ENOTCONN,        STREAMS, STATUS_PIPE_DISCONNECTED        },
    {ENOTCONN,        ANY,     STATUS_INVALID_CONNECTION       },
    {ECONNABORTED,    ANY,     STATUS_CONNECTION_ABORTED       },
    {ECONNREFUSED,    ANY,     STATUS_CONNECTION_REFUSED       },
    {EISCONN,         ANY,     STATUS_CONNECTION_ACTIVE        },
    {ETIMEDOUT,       ANY,     STATUS_IO_TIMEOUT               },
    {EHOSTUNREACH,    ANY,     STATUS_HOST_UNREACHABLE         },
    {EHOSTDOWN,       ANY,     STATUS_HOST_UNREACHABLE         },
    {ENETUNREACH,     ANY,     STATUS_NETWORK_UNREACHABLE      },
    {ENETDOWN,        ANY,     STATUS_NETWORK_BUSY             },
    {EADDRINUSE,      ANY,     STATUS_SHARING_VIOLATION        },
    {EADDRNOTAVAIL,   ANY,     STATUS_INVALID_ADDRESS_COMPONENT},
    {EMSGSIZE,        ANY,     STATUS_BUFFER_OVERFLOW          },
    {EIO,             TTYS,    STATUS_CANCELLED                }, /* the port is gone, and with it what was pending */
    {ENODEV,          TTYS,    STATUS_CANCELLED                },
    {ENXIO,           TTYS,    STATUS_CANCELLED                },
    {EBUSY,           TTYS,    STATUS_ACCESS_DENIED            }, /* a port in use is refused, never shared */
    {EIO,             ANY,     STATUS_IO_DEVICE_ERROR          },
    {ENODEV,          ANY,     STATUS_DEVICE_REMOVED           },
    {ENXIO,           ANY,     STATUS_DEVICE_REMOVED           },
    {EBUSY,           ANY,     STATUS_SHARING_VIOLATION        },
    {ETXTBSY,         ANY,     STATUS_SHARING_VIOLATION        },
    {EBADF,           ANY,     STATUS_INVALID_HANDLE           },
    {ENOTSOCK,        ANY,     STATUS_INVALID_HANDLE           },
    {EFAULT,          ANY,     STATUS_ACCESS_VIOLATION         },
    {EINVAL,          ANY,     STATUS_INVALID_PARAMETER        },
    {ENOSPC,          SYSTEM,  STATUS_INSUFFICIENT_RESOURCES   }, /* epoll's limit of watched descriptors */
    {ENOSPC,          ANY,     STATUS_DISK_FULL                },
    {EDQUOT,          ANY,     STATUS_DISK_FULL                },
    {EFBIG,           ANY,     STATUS_DISK_FULL                },
    {EROFS,           ANY,     STATUS_MEDIA_WRITE_PROTECTED    },
    {EACCES,          ANY,     STATUS_ACCESS_DENIED            },
    {EPERM,           ANY,     STATUS_ACCESS_DENIED            },
    {ENOENT,          ANY,     STATUS_OBJECT_NAME_NOT_FOUND    },
    {ENOTDIR,         ANY,     STATUS_OBJECT_PATH_NOT_FOUND    },
    {ELOOP,           ANY,     STATUS_OBJECT_PATH_SYNTAX_BAD   },
    {ENAMETOOLONG,    ANY,     STATUS_NAME_TOO_LONG            },
    {EEXIST,          ANY,     STATUS_OBJECT_NAME_COLLISION    },
    {EISDIR,          ANY,     STATUS_FILE_IS_A_DIRECTORY      },
    {ENOTEMPTY,       ANY,     STATUS_DIRECTORY_NOT_EMPTY      },
    {EXDEV,           ANY,     STATUS_NOT_SAME_DEVICE          },
    {EMFILE,          ANY,     STATUS_TOO_MANY_OPENED_FILES    },
    {ENFILE,          ANY,     STATUS_TOO_MANY_OPENED_FILES    },
    {ENOMEM,          SYSTEM,  STATUS_NO_MEMORY                },
    {ENOMEM,          ANY,     STATUS_INSUFFICIENT_RESOURCES   },
    {ENOBUFS,         ANY,     STATUS_INSUFFICIENT_RESOURCES   },
    {ENOLCK,          ANY,     STATUS_INSUFFICIENT_RESOURCES   },
    {ETOOMANYREFS,    ANY,     STATUS_INSUFFICIENT_RESOURCES   }, /* descriptors on their way */
    {EOPNOTSUPP,      ANY,     STATUS_NOT_SUPPORTED            }, /* ENOTSUP is the same number */
    {ENOSYS,          ANY,     STATUS_NOT_SUPPORTED            },
    {EAFNOSUPPORT,    ANY,     STATUS_NOT_SUPPORTED            },
    {EPROTONOSUPPORT, ANY,     STATUS_NOT_SUPPORTED            },
    {ENOTTY,          ANY,     STATUS_INVALID_DEVICE_REQUEST   },
    {ESPIPE,          ANY,     STATUS_INVALID_DEVICE_REQUEST   },
    {EDEADLK,         ANY,     STATUS_POSSIBLE_DEADLOCK        },
    {ECANCELED,       ANY,     STATUS_CANCELLED                },
};

DWORD WINAPI GetLastError(void)
{
    return last_error;
}

VOID WINAPI SetLastError(DWORD dwErrCode)
{
    last_error = dwErrCode;
}

uint32_t ci_last_error(void)
{
    return last_error;
}

void ci_set_last_error(uint32_t win32_error)
{
    last_error = win32_error;
}

bool ci_fail(uint32_t win32_error)
{
    last_error = win32_error;
    return false;
}

uint32_t ci_status_error(uint32_t ntstatus)
{
    size_t low = 0, high = ARRAY_LEN(statuses);
    uint32_t family = ntstatus >> 16, number = ntstatus & 0xFFFFu;

    if (!NT_WARNING(ntstatus) && !NT_ERROR(ntstatus))
        return ERROR_SUCCESS;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (statuses[middle].status == ntstatus)
            return statuses[middle].error;
        if (statuses[middle].status < ntstatus)
            low = middle + 1;
        else
            high = middle;
    }
    if ((ntstatus & 0x20000000u) != 0) /* the customer range: it means what its maker says */
        return ntstatus;
    if ((family == 0xC001u || family == 0x8007u) && number != 0)
        return number;
    return ERROR_MR_MID_NOT_FOUND;
}

uint32_t ci_errno_status(enum ci_domain domain, int errnum)
{
    for (size_t i = 0; i < ARRAY_LEN(errnos); i++)
        if (errnos[i].errnum == errnum && (errnos[i].domains & (1u << domain)) != 0)
            return errnos[i].status;
    return CI_STATUS_ERRNO | ((uint32_t)errnum & 0xFFFu);
}

uint32_t ci_errno_error(enum ci_domain domain, int errnum)
{
    return ci_status_error(ci_errno_status(domain, errnum));
}

int ci_errno_of(uint32_t status_or_error)
{
    return (status_or_error & ~0xFFFu) == CI_STATUS_ERRNO ? (int)(status_or_error & 0xFFFu) : 0;
}

static const struct error_code *code_find(uint32_t error)
{
    size_t low = 0, high = ARRAY_LEN(codes);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (codes[middle].code == error)
            return &codes[middle];
        if (codes[middle].code < error)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *ci_error_name(uint32_t error)
{
    const struct error_code *found = code_find(error);

    return found != NULL ? found->name : NULL;
}

const char *ci_error_text(uint32_t error)
{
    const struct error_code *found = code_find(error);

    if (found != NULL)
        return found->text;
    if (ci_errno_of(error) == 0)
        return NULL;
#ifdef __GLIBC__
    return strerrordesc_np(ci_errno_of(error)); /* English in every locale */
#else
    return strerror(ci_errno_of(error)); /* a constant in musl */
#endif
}
