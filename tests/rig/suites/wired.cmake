# SPDX-License-Identifier: MIT
# Two 16550s as a null modem with all its lines.
comm_rig_suite(wired
  ENVIRONMENT LIBCOMM_TEST_PORTS=/dev/ttyS6,/dev/ttyS7 LIBCOMM_TEST_LINES=1
  TARGETS quicken
  LIMIT 180
  TIME 360
  PREPARE "${CMAKE_CURRENT_LIST_DIR}/wired.prepare"
  PROGRAMS
    the_host_answers
    lines_of_a_driver_are_events
    outputs_reach_the_peer
    a_16550_is_set_as_asked
    a_driver_that_is_held_lets_go
    flow_control_loses_nothing
    a_held_transmitter_waits
    an_immediate_character_goes_first
    bytes_are_filtered_as_the_settings_say
    every_byte_passes_as_it_is
    lines_that_change_are_events)
