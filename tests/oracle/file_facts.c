/* SPDX-License-Identifier: MIT */
/* Asking about files: type, size, attributes, identity, and a control code nobody knows. */
#include <windows.h>
#include "say.h"

#define UNKNOWN_CODE                                                             \
    ((0x8000u << 16) | (0x900u << 2)) /* a device type and function of no driver \
                                       */

static void say_by_handle(HANDLE f)
{
    BY_HANDLE_FILE_INFORMATION info;
    LARGE_INTEGER size;
    DWORD high = 99;

    SAY_BOOL_ERROR("type", GetFileType(f) == FILE_TYPE_DISK);
    SAY("size", GetFileSize(f, &high));
    SAY("size.high", high);
    size.QuadPart = 99;
    SAY_BOOL("size_ex", GetFileSizeEx(f, &size));
    SAY("size_ex.low", size.u.LowPart);
    SAY_BOOL("information", GetFileInformationByHandle(f, &info));
    SAY("information.size", info.nFileSizeLow);
    SAY("information.size_high", info.nFileSizeHigh);
    SAY("information.links", info.nNumberOfLinks);
    SAY_HEX("information.directory", info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
}

/* A file of more than four gigabytes, all hole. */
static void say_large(HANDLE f)
{
    LARGE_INTEGER size;
    DWORD high = 99;

    size.QuadPart = 0x100000005LL;
    SAY_BOOL("large.seek", SetFilePointerEx(f, size, NULL, FILE_BEGIN));
    SAY_BOOL("large.set_end", SetEndOfFile(f));
    SAY("large.size", GetFileSize(f, &high));
    SAY("large.size.high", high);
    size.QuadPart = 0;
    SAY_BOOL("large.size_ex", GetFileSizeEx(f, &size));
    SAY("large.size_ex.high", size.u.HighPart);
    SAY("large.size_ex.low", size.u.LowPart);
}

static void say_attributes(void)
{
    SAY_HEX("attributes.file", GetFileAttributes("facts") & FILE_ATTRIBUTE_DIRECTORY);
    SAY_BOOL("attributes.missing", GetFileAttributes("missing") != INVALID_FILE_ATTRIBUTES);
    SAY_BOOL("attributes.missing_directory",
             GetFileAttributes("nowhere/file") != INVALID_FILE_ATTRIBUTES);
    SAY_HEX("attributes.directory", GetFileAttributes(".") & FILE_ATTRIBUTE_DIRECTORY);
}

static void say_control(const char *name, DWORD flags)
{
    HANDLE f = open_file("facts", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, flags);
    OVERLAPPED ov = {0};
    DWORD n = 99;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(say_name(name, "unknown"),
             DeviceIoControl(f, UNKNOWN_CODE, NULL, 0, NULL, 0, &n, NULL));
    SAY_BOOL(say_name(name, "unknown_ov"),
             DeviceIoControl(f, UNKNOWN_CODE, NULL, 0, NULL, 0, &n, &ov));
    SAY_WAIT(say_name(name, "unknown_ov.event"), WaitForSingleObject(ov.hEvent, 0));
    CloseHandle(ov.hEvent);
    CloseHandle(f);
}

int main(void)
{
    HANDLE f;
    DWORD n = 99;

    make_file("facts", "0123456789");
    f = open_file("facts", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_by_handle(f);
    say_attributes();
    say_control("control", 0);
    say_control("control_overlapped", FILE_FLAG_OVERLAPPED);
    SAY_BOOL("control_stale",
             DeviceIoControl(stale_handle(), UNKNOWN_CODE, NULL, 0, NULL, 0, &n, NULL));
    say_large(f);
    CloseHandle(f);
    SAY_BOOL("stale.type", GetFileType(stale_handle()) != FILE_TYPE_UNKNOWN);
    SAY_BOOL("stale.size", GetFileSize(stale_handle(), NULL) != INVALID_FILE_SIZE);
    return 0;
}
