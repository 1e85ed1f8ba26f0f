# SPDX-License-Identifier: MIT
# Two 16550s as a null modem with all its lines.
comm_rig_suite(wired
  PROGRAMS the_host_answers)
