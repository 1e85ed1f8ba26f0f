/* SPDX-License-Identifier: MIT */
/* COMMCONFIG, the size it must have, and the defaults of ports by name. */
#include "port.h"

static HANDLE port;
static COMMCONFIG config;

static void say_get(const char *line, DWORD size)
{
    DWORD room = size;

    memset(&config, 0xEE, sizeof(config));
    SAY_BOOL(line, GetCommConfig(port, &config, &room));
    SAY(say_name(line, "room"), room);
}

static void say_set(void)
{
    say_get("whole", sizeof(config));
    SAY("whole.version", config.wVersion);
    SAY("whole.subtype", config.dwProviderSubType);
    SAY("whole.provider_size", config.dwProviderSize);
    SAY("whole.dcb_length", config.dcb.DCBlength);
    config.dcb.BaudRate = 19200;
    SAY_BOOL("set", SetCommConfig(port, &config, sizeof(config)));
    say_get("again", sizeof(config));
    SAY("again.speed", config.dcb.BaudRate);
    say_get("larger", sizeof(config) + 10);
    say_get("short", sizeof(config) - 1);
    say_get("nothing", 0);
    SAY_BOOL("set_short", SetCommConfig(port, &config, 10));
}

static void say_default(const char *line, const char *name, DWORD size)
{
    DWORD room = size;

    SAY_BOOL(say_name("default", line), GetDefaultCommConfigA(name, &config, &room));
    if (room < sizeof(config))
        SAY(say_name("default", line), room);
}

static void say_defaults(void)
{
    DWORD room = sizeof(config);

    say_default("empty", "", sizeof(config));
    say_default("zero", "com0", sizeof(config));
    say_default("colon", "com42:", sizeof(config));
    say_default("prefix", "\\\\.\\com42", sizeof(config));
    say_default("other", "lpt1", sizeof(config));
    say_default("null_name", NULL, sizeof(config));
    SAY_BOOL("default.null_config", GetDefaultCommConfigA("com42", NULL, &room));
    SAY_BOOL("default.null_size", GetDefaultCommConfigA("com42", &config, NULL));
    SAY_BOOL("set_default.null_name", SetDefaultCommConfigA(NULL, &config, sizeof(config)));
    SAY_BOOL("set_default.null_config", SetDefaultCommConfigA("com42", NULL, sizeof(config)));
}

int main(void)
{
    port = port_open(0);
    say_set();
    say_defaults();
    CloseHandle(port);
    return 0;
}
