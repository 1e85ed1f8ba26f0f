/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_PIPES_H
#define LIBCOMM_PIPES_H

/*
 * Named and anonymous pipes.  A pipe is opened by CreateFile under \\.\pipe\NAME and is read,
 * written, flushed, cancelled and closed like any other file; this header has what is only for
 * pipes.  Names are found without regard to case, by every process of the same user
 * (LIBCOMM_PIPE_DIR changes where).
 */

#include <libcomm/comm.h>

COMM_BEGIN_DECLS

#define PIPE_ACCESS_INBOUND 0x00000001
#define PIPE_ACCESS_OUTBOUND 0x00000002
#define PIPE_ACCESS_DUPLEX 0x00000003

#define PIPE_WAIT 0x00000000
#define PIPE_NOWAIT 0x00000001
#define PIPE_READMODE_BYTE 0x00000000
#define PIPE_READMODE_MESSAGE 0x00000002
#define PIPE_TYPE_BYTE 0x00000000
#define PIPE_TYPE_MESSAGE 0x00000004
#define PIPE_ACCEPT_REMOTE_CLIENTS 0x00000000
#define PIPE_REJECT_REMOTE_CLIENTS 0x00000008
#define PIPE_CLIENT_END 0x00000000
#define PIPE_SERVER_END 0x00000001
#define PIPE_UNLIMITED_INSTANCES 255

#define NMPWAIT_USE_DEFAULT_WAIT 0x00000000
#define NMPWAIT_NOWAIT 0x00000001
#define NMPWAIT_WAIT_FOREVER 0xFFFFFFFF

/* ---- the server's side ---- */

/* INVALID_HANDLE_VALUE on failure.  The new instance listens at once: a client may open it before
 * ConnectNamedPipe is called.  Buffer sizes are exact quotas of unread bytes. */
COMM_API HANDLE WINAPI CreateNamedPipeA(LPCSTR lpName, DWORD dwOpenMode, DWORD dwPipeMode,
                                        DWORD nMaxInstances, DWORD nOutBufferSize,
                                        DWORD nInBufferSize, DWORD nDefaultTimeOut,
                                        LPSECURITY_ATTRIBUTES lpSecurityAttributes)
    COMM_NAME(CreateNamedPipeA);
COMM_API HANDLE WINAPI CreateNamedPipeW(LPCWSTR lpName, DWORD dwOpenMode, DWORD dwPipeMode,
                                        DWORD nMaxInstances, DWORD nOutBufferSize,
                                        DWORD nInBufferSize, DWORD nDefaultTimeOut,
                                        LPSECURITY_ATTRIBUTES lpSecurityAttributes)
    COMM_NAME(CreateNamedPipeW);
/* FALSE with 535 says that a client is there already: a success that signals nothing. */
COMM_API BOOL WINAPI ConnectNamedPipe(HANDLE hNamedPipe, LPOVERLAPPED lpOverlapped)
    COMM_NAME(ConnectNamedPipe);
/* Discards what either end has not read yet; call FlushFileBuffers before to have it read. */
COMM_API BOOL WINAPI DisconnectNamedPipe(HANDLE hNamedPipe) COMM_NAME(DisconnectNamedPipe);

/* ---- the client's side ---- */

/* TRUE promises nothing: somebody else may be faster.  2 at once when there is no such pipe. */
COMM_API BOOL WINAPI WaitNamedPipeA(LPCSTR lpNamedPipeName, DWORD nTimeOut)
    COMM_NAME(WaitNamedPipeA);
COMM_API BOOL WINAPI WaitNamedPipeW(LPCWSTR lpNamedPipeName, DWORD nTimeOut)
    COMM_NAME(WaitNamedPipeW);
/* Opens, waiting once if it must, transacts and closes. */
COMM_API BOOL WINAPI CallNamedPipeA(LPCSTR lpNamedPipeName, LPVOID lpInBuffer, DWORD nInBufferSize,
                                    LPVOID lpOutBuffer, DWORD nOutBufferSize, LPDWORD lpBytesRead,
                                    DWORD nTimeOut) COMM_NAME(CallNamedPipeA);
COMM_API BOOL WINAPI CallNamedPipeW(LPCWSTR lpNamedPipeName, LPVOID lpInBuffer, DWORD nInBufferSize,
                                    LPVOID lpOutBuffer, DWORD nOutBufferSize, LPDWORD lpBytesRead,
                                    DWORD nTimeOut) COMM_NAME(CallNamedPipeW);

/* ---- either side ---- */

/* Writes one message and reads the answer, as one operation; the end must read messages (230) and
 * have nothing unread (231). */
COMM_API BOOL WINAPI TransactNamedPipe(HANDLE hNamedPipe, LPVOID lpInBuffer, DWORD nInBufferSize,
                                       LPVOID lpOutBuffer, DWORD nOutBufferSize,
                                       LPDWORD lpBytesRead, LPOVERLAPPED lpOverlapped)
    COMM_NAME(TransactNamedPipe);
/* Never blocks and takes nothing. */
COMM_API BOOL WINAPI PeekNamedPipe(HANDLE hNamedPipe, LPVOID lpBuffer, DWORD nBufferSize,
                                   LPDWORD lpBytesRead, LPDWORD lpTotalBytesAvail,
                                   LPDWORD lpBytesLeftThisMessage) COMM_NAME(PeekNamedPipe);

/* The mode has both bits, read mode and wait mode.  The collection parameters are for remote pipes,
 * which there are none of: 87 unless NULL. */
COMM_API BOOL WINAPI SetNamedPipeHandleState(HANDLE hNamedPipe, LPDWORD lpMode,
                                             LPDWORD lpMaxCollectionCount,
                                             LPDWORD lpCollectDataTimeout)
    COMM_NAME(SetNamedPipeHandleState);
COMM_API BOOL WINAPI GetNamedPipeHandleStateA(HANDLE hNamedPipe, LPDWORD lpState,
                                              LPDWORD lpCurInstances, LPDWORD lpMaxCollectionCount,
                                              LPDWORD lpCollectDataTimeout, LPSTR lpUserName,
                                              DWORD nMaxUserNameSize)
    COMM_NAME(GetNamedPipeHandleStateA);
COMM_API BOOL WINAPI GetNamedPipeHandleStateW(HANDLE hNamedPipe, LPDWORD lpState,
                                              LPDWORD lpCurInstances, LPDWORD lpMaxCollectionCount,
                                              LPDWORD lpCollectDataTimeout, LPWSTR lpUserName,
                                              DWORD nMaxUserNameSize)
    COMM_NAME(GetNamedPipeHandleStateW);
COMM_API BOOL WINAPI GetNamedPipeInfo(HANDLE hNamedPipe, LPDWORD lpFlags, LPDWORD lpOutBufferSize,
                                      LPDWORD lpInBufferSize, LPDWORD lpMaxInstances)
    COMM_NAME(GetNamedPipeInfo);

/* Who is at the ends.  The values persist after the peer is gone. */
COMM_API BOOL WINAPI GetNamedPipeClientProcessId(HANDLE Pipe, PULONG ClientProcessId)
    COMM_NAME(GetNamedPipeClientProcessId);
COMM_API BOOL WINAPI GetNamedPipeServerProcessId(HANDLE Pipe, PULONG ServerProcessId)
    COMM_NAME(GetNamedPipeServerProcessId);
COMM_API BOOL WINAPI GetNamedPipeClientSessionId(HANDLE Pipe, PULONG ClientSessionId)
    COMM_NAME(GetNamedPipeClientSessionId);
COMM_API BOOL WINAPI GetNamedPipeServerSessionId(HANDLE Pipe, PULONG ServerSessionId)
    COMM_NAME(GetNamedPipeServerSessionId);
/* Every client is local: FALSE with 229, or 1168 without a client. */
COMM_API BOOL WINAPI GetNamedPipeClientComputerNameA(HANDLE Pipe, LPSTR ClientComputerName,
                                                     ULONG ClientComputerNameLength)
    COMM_NAME(GetNamedPipeClientComputerNameA);
COMM_API BOOL WINAPI GetNamedPipeClientComputerNameW(HANDLE Pipe, LPWSTR ClientComputerName,
                                                     ULONG ClientComputerNameLength)
    COMM_NAME(GetNamedPipeClientComputerNameW);
/* The calling thread acts as the sender of what was read last, which for another user takes
 * CAP_SETUID and CAP_SETGID (else 1314); TRUE is never returned without effect. */
COMM_API BOOL WINAPI ImpersonateNamedPipeClient(HANDLE hNamedPipe)
    COMM_NAME(ImpersonateNamedPipeClient);
COMM_API BOOL WINAPI RevertToSelf(void) COMM_NAME(RevertToSelf);

/* ---- anonymous pipes ---- */

/* Two synchronous ends of a byte pipe; nSize is its quota, 0 means 4096. */
COMM_API BOOL WINAPI CreatePipe(PHANDLE hReadPipe, PHANDLE hWritePipe,
                                LPSECURITY_ATTRIBUTES lpPipeAttributes, DWORD nSize)
    COMM_NAME(CreatePipe);

#ifdef UNICODE
#define CreateNamedPipe CreateNamedPipeW
#define WaitNamedPipe WaitNamedPipeW
#define CallNamedPipe CallNamedPipeW
#define GetNamedPipeHandleState GetNamedPipeHandleStateW
#define GetNamedPipeClientComputerName GetNamedPipeClientComputerNameW
#else
#define CreateNamedPipe CreateNamedPipeA
#define WaitNamedPipe WaitNamedPipeA
#define CallNamedPipe CallNamedPipeA
#define GetNamedPipeHandleState GetNamedPipeHandleStateA
#define GetNamedPipeClientComputerName GetNamedPipeClientComputerNameA
#endif

COMM_END_DECLS

#endif
