# SPDX-License-Identifier: MIT
# Two FT232R adapters on a null-modem cable (guest/vftdi/): ftdi_sio, with all lines, line errors, and
# bytes that take their time.
set(ftdi_files)
foreach(rules IN LISTS COMM_UDEV_RULES)
  get_filename_component(name "${rules}" NAME)
  list(APPEND ftdi_files "${rules}=/lib/udev/rules.d/${name}")
endforeach()
list(APPEND ftdi_files
  "${CMAKE_CURRENT_LIST_DIR}/adapters.rules=/etc/udev/rules.d/60-adapters.rules"
  "${CMAKE_CURRENT_LIST_DIR}/brltty.rules=/lib/udev/rules.d/90-brltty.rules"
  "${CMAKE_CURRENT_LIST_DIR}/udev.prepare=/rig/udev.prepare")
set(rig_adapter_files "${ftdi_files}")

comm_rig_suite(ftdi UDEV
  MODULES ftdi_sio vhci-hcd
  TARGETS vftdi
  FILES ${rig_adapter_files}
  ENVIRONMENT
    LIBCOMM_TEST_PORTS=/dev/serial/by-serial/0403:6001:RIGA:00,/dev/serial/by-serial/0403:6001:RIGB:00
  PREPARE "${CMAKE_CURRENT_LIST_DIR}/ftdi.prepare"
  TIME 240
  PROGRAMS
    an_adapter_is_set_as_asked
    damaged_bytes_of_an_adapter_are_what_they_were
    output_of_an_adapter_takes_its_time
    flow_control_of_an_adapter_holds_and_releases
    lines_of_an_adapter_are_events
    an_adapter_hurries_when_it_is_asked
    a_flush_waits_for_what_was_written
    a_full_type_ahead_stops_the_peer
    a_held_write_ends_as_its_timeouts_say
    a_port_says_what_it_is
    a_purge_does_what_its_flags_say
    a_request_keeps_the_timeouts_it_began_with
    a_wait_for_an_event_ends_once
    an_error_can_stop_everything
    bytes_are_filtered_as_the_settings_say
    closing_a_port_ends_everything
    escape_functions_drive_the_lines
    events_are_edges
    every_byte_passes_as_it_is
    ports_answer_like_any_file
    reads_and_writes_are_served_in_order
    reads_end_as_their_timeouts_say
    requests_at_ports_follow_the_rules_of_files
    the_status_counts_what_is_queued
    the_transmitter_says_when_it_is_empty
    # these plug adapters in again, which then have another speed than the tests above expect
    udev_names_every_adapter
    adapters_that_are_alike_are_not_mixed_up)
