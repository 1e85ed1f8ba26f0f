/* SPDX-License-Identifier: MIT */
/* Environment, directories, names and the command line; thread local storage. */
#include "harness.h"

#include <libcomm/comm.h>
#include <libcomm/compat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void variables_tell_their_length_or_the_room_they_need(void)
{
    char value[16];
    WCHAR wide[16];

    CHECK(SetEnvironmentVariableA("COMM_TEST_VAR", "h\xC3\xA4t"));
    CHECK_EQ(GetEnvironmentVariableA("COMM_TEST_VAR", value, 16), 4);
    CHECK_EQ(strcmp(value, "h\xC3\xA4t"), 0);
    CHECK_EQ(GetEnvironmentVariableA("COMM_TEST_VAR", value, 5), 4);
    CHECK_EQ(GetEnvironmentVariableA("COMM_TEST_VAR", value, 4), 5);
    CHECK_EQ(GetEnvironmentVariableA("COMM_TEST_VAR", NULL, 0), 5);
    CHECK_EQ(GetEnvironmentVariableW(u"COMM_TEST_VAR", wide, 16), 3);
    CHECK_EQ(wide[1], 0xE4);
    CHECK_EQ(GetEnvironmentVariableW(u"COMM_TEST_VAR", wide, 3), 4);
    CHECK(SetEnvironmentVariableW(u"COMM_TEST_VAR", u"\xD83D\xDE42"));
    CHECK_EQ(strcmp(getenv("COMM_TEST_VAR"), "\xF0\x9F\x99\x82"), 0);
    CHECK(SetEnvironmentVariableW(u"COMM_TEST_VAR", NULL));
    CHECK(getenv("COMM_TEST_VAR") == NULL);
    CHECK_EQ(GetEnvironmentVariableA("COMM_TEST_VAR", value, 16), 0);
    CHECK_EQ(GetLastError(), ERROR_ENVVAR_NOT_FOUND);
    CHECK(!SetEnvironmentVariableA("A=B", "x"));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(SetEnvironmentVariableA("COMM_TEST_VAR", ""));
    SetLastError(99);
    CHECK_EQ(GetEnvironmentVariableA("COMM_TEST_VAR", value, 16), 0);
    CHECK_EQ(GetLastError(), 0); /* there, and empty */
    CHECK(SetEnvironmentVariableA("COMM_TEST_VAR", NULL));
}

static void the_current_directory_can_be_asked_and_changed(void)
{
    char before[512], now[512], expected[512];
    WCHAR wide[512];

    CHECK(GetCurrentDirectoryA(512, before) == strlen(before));
    CHECK(realpath(comm_test_dir(), expected) != NULL);
    CHECK(SetCurrentDirectoryA(comm_test_dir()));
    CHECK(GetCurrentDirectoryA(512, now) == strlen(expected));
    CHECK_EQ(strcmp(now, expected), 0);
    CHECK_EQ(GetCurrentDirectoryA(3, now), strlen(expected) + 1);
    CHECK_EQ(GetCurrentDirectoryW(512, wide), strlen(expected));
    CHECK(!SetCurrentDirectoryA("does-not-exist"));
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    CHECK(!SetCurrentDirectoryW(u"/dev/null"));
    CHECK_EQ(GetLastError(), ERROR_DIRECTORY);
    CHECK(SetCurrentDirectoryA(before));
}

static void temporary_files_are_made_under_free_names(void)
{
    char dir[MAX_PATH], one[MAX_PATH], other[MAX_PATH];
    char long_dir[MAX_PATH];
    struct stat st;
    UINT number;

    setenv("TMPDIR", comm_test_dir(), 1);
    CHECK_EQ(GetTempPathA(MAX_PATH, dir), strlen(comm_test_dir()) + 1);
    CHECK_EQ(dir[strlen(dir) - 1], '/');
    CHECK_EQ(GetTempPathA(2, dir), strlen(comm_test_dir()) + 2);
    unsetenv("TMPDIR");
    CHECK(GetTempPathA(MAX_PATH, dir) == 5 && strcmp(dir, "/tmp/") == 0);

    number = GetTempFileNameA(comm_test_dir(), "prefix", 0, one);
    CHECK(number != 0);
    CHECK(stat(one, &st) == 0 && st.st_size == 0);
    CHECK(strncmp(one + strlen(comm_test_dir()), "/pre", 4) == 0);
    CHECK(GetTempFileNameA(comm_test_dir(), "prefix", 0, other) != 0);
    CHECK(strcmp(one, other) != 0);
    CHECK_EQ(GetTempFileNameA(comm_test_dir(), "pre", number, other), number);
    CHECK_EQ(strcmp(one, other), 0);
    CHECK_EQ(GetTempFileNameA("/does/not/exist", "x", 0, other), 0);
    CHECK_EQ(GetLastError(), ERROR_DIRECTORY);
    memset(long_dir, 'a', sizeof(long_dir) - 1);
    long_dir[sizeof(long_dir) - 1] = '\0';
    CHECK_EQ(GetTempFileNameA(long_dir, "x", 1, other), 0);
    CHECK_EQ(GetLastError(), ERROR_BUFFER_OVERFLOW);
}

static void the_program_knows_its_file(void)
{
    char path[512], self[512], cut[5];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    WCHAR wide[512];

    self[len > 0 ? len : 0] = '\0';
    CHECK_EQ(GetModuleFileNameA(NULL, path, 512), strlen(self));
    CHECK_EQ(strcmp(path, self), 0);
    CHECK_EQ(GetModuleFileNameW(NULL, wide, 512), strlen(self));
    CHECK_EQ(GetModuleFileNameA(NULL, cut, 5), 5);
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    CHECK(strncmp(cut, self, 4) == 0 && cut[4] == '\0');
    CHECK_EQ(GetModuleFileNameA((HMODULE)self, path, 512), 0);
    CHECK_EQ(GetLastError(), ERROR_MOD_NOT_FOUND);
}

static void the_machine_has_a_name_and_processors(void)
{
    char name[MAX_COMPUTERNAME_LENGTH + 1], host[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD size = sizeof(name);
    SYSTEM_INFO info;

    gethostname(host, sizeof(host));
    CHECK(GetComputerNameA(name, &size));
    CHECK_EQ(strcmp(name, host), 0);
    CHECK_EQ(size, strlen(host));
    size = 1;
    CHECK(!GetComputerNameA(name, &size));
    CHECK_EQ(GetLastError(), ERROR_BUFFER_OVERFLOW);
    CHECK_EQ(size, strlen(host) + 1);
    GetSystemInfo(&info);
    CHECK_EQ(info.dwPageSize, sysconf(_SC_PAGESIZE));
    CHECK(info.dwNumberOfProcessors >= 1);
    CHECK((info.dwActiveProcessorMask & 1) == 1);
    CHECK((char *)&info > (char *)info.lpMinimumApplicationAddress);
    CHECK((char *)&info < (char *)info.lpMaximumApplicationAddress);
}

/* The arguments of a test choose its functions, so the program is run again with others and, by
 * this variable, told to say no more than its command line. */
#define SAY_LINE "COMM_TEST_SAY_LINE"

__attribute__((constructor)) static void say_line_if_asked(void)
{
    if (getenv(SAY_LINE) == NULL)
        return;
    printf("%s|%d", GetCommandLineA(), lstrlenW(GetCommandLineW()));
    fflush(stdout);
    _exit(0);
}

static void the_command_line_quotes_what_needs_it(void)
{
    static char zero[] = "prog", plain[] = "a\\b\\", spaced[] = "two words\\", none[] = "",
                marked[] = "say \\\"hi\"";
    static const char expected[] = "prog a\\b\\ \"two words\\\\\" \"\" \"say \\\\\\\"hi\\\"\"|41";
    char *args[] = {zero, plain, spaced, none, marked, NULL};
    char said[200] = "";
    int ends[2], status = -1;
    FILE *from;
    pid_t child;

    CHECK_EQ(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        setenv(SAY_LINE, "1", 1);
        execv("/proc/self/exe", args);
        _exit(127);
    }
    close(ends[1]);
    from = fdopen(ends[0], "r");
    CHECK(fgets(said, sizeof(said), from) != NULL);
    fclose(from);
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    comm_check(strcmp(said, expected) == 0, __FILE__, __LINE__, "the line is %s", said);
    CHECK(GetCommandLineA() == GetCommandLineA());
}

/* ---- thread local storage ---- */

static DWORD slot;

static void *look_and_set(void *arg)
{
    void *first = TlsGetValue(slot);

    TlsSetValue(slot, arg);
    return first == NULL && TlsGetValue(slot) == arg ? arg : NULL;
}

static void each_thread_has_its_own_value(void)
{
    int mine, its;

    slot = TlsAlloc();
    CHECK(slot != TLS_OUT_OF_INDEXES);
    CHECK(TlsSetValue(slot, &mine));
    CHECK(comm_join(comm_spawn(look_and_set, &its)) == &its);
    SetLastError(99);
    CHECK(TlsGetValue(slot) == &mine);
    CHECK_EQ(GetLastError(), 0);
    CHECK(TlsFree(slot));
    CHECK(TlsGetValue(slot) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(!TlsSetValue(slot, &mine));
    CHECK(!TlsFree(slot));
    CHECK(!TlsFree(5000));
    slot = TlsAlloc();
    CHECK(TlsGetValue(slot) == NULL); /* not what was there before */
    CHECK(TlsFree(slot));
}

COMM_TEST_MAIN(TEST(variables_tell_their_length_or_the_room_they_need),
               TEST(the_current_directory_can_be_asked_and_changed),
               TEST(temporary_files_are_made_under_free_names), TEST(the_program_knows_its_file),
               TEST(the_machine_has_a_name_and_processors),
               TEST(the_command_line_quotes_what_needs_it), TEST(each_thread_has_its_own_value))
