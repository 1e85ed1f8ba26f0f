/* SPDX-License-Identifier: MIT */
/* LIBCOMM_TRACE=1: each call in Windows vocabulary with its result, on standard error.  And in
 * debug builds: misuse by the program, named with the call that did it.  Off, a call pays one
 * predictable branch. */
#ifndef CI_PLAT_TRACE_H
#define CI_PLAT_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/types.h>

extern bool ci_tracing; /* set before main, then read only */

/* Each prints "what -> result", with the last error where the result means failure. */
void ci_trace_bool(bool result, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ci_trace_handle_result(HANDLE result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ci_trace_dword(uint32_t result, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Something a user should know and no call reports; printed only when tracing. */
void ci_trace_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How a handle is shown: "event 0x4", "COM3 0x8".  A few buffers per thread, used in turn. */
const char *ci_trace_handle(HANDLE handle);
const char *ci_trace_ms(uint32_t ms);
/* How a handle gets its words; the layer that knows handles provides it. */
extern void (*ci_trace_describe)(HANDLE handle, char *text, size_t room);

/* The program did something that is never right.  Debug builds say so; others say nothing. */
#ifdef NDEBUG
#define ci_trace_misuse(...) ((void)0)
#else
void ci_trace_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
/* How often a debug build has complained. */
unsigned ci_trace_misuses(void);

/* The last statement of an entry point: makes the call, says so when tracing, returns. */
#define CI_TRACED_BOOL(call, ...)                  \
    do {                                           \
        bool ci_result = (call);                   \
        if (__builtin_expect(ci_tracing, 0))       \
            ci_trace_bool(ci_result, __VA_ARGS__); \
        return ci_result;                          \
    } while (0)
#define CI_TRACED_HANDLE(call, ...)                         \
    do {                                                    \
        HANDLE ci_result = (call);                          \
        if (__builtin_expect(ci_tracing, 0))                \
            ci_trace_handle_result(ci_result, __VA_ARGS__); \
        return ci_result;                                   \
    } while (0)
#define CI_TRACED_DWORD(call, ...)                  \
    do {                                            \
        uint32_t ci_result = (call);                \
        if (__builtin_expect(ci_tracing, 0))        \
            ci_trace_dword(ci_result, __VA_ARGS__); \
        return ci_result;                           \
    } while (0)

#endif
