/* SPDX-License-Identifier: MIT */
/* Puts a simulated instrument on an endpoint: a pty, a pipe that listens, one end of a cable. */
#ifndef TOOLS_SIM_SERVE_H
#define TOOLS_SIM_SERVE_H

#include "tools/common/endpoint.h"
#include "tools/common/sim/instrument.h"

struct sim_server;

/* It owns both from now on, also when it gives NULL (no memory).  Whoever comes to an end that
 * listens is served until he goes, and then the next. */
struct sim_server *sim_serve(struct tool_end *end, struct sim *sim);
/* The end is closed; what is pending comes back in the loop. */
void sim_server_close(struct sim_server *server);

#endif
