# SPDX-License-Identifier: MIT
# Two 16550s that are connected to each other, without lines: whatever a port does with bytes.
comm_rig_suite(pair
  ENVIRONMENT LIBCOMM_TEST_PORTS=/dev/ttyS4,/dev/ttyS5
  TARGETS quicken
  TIME 240
  PREPARE "${CMAKE_CURRENT_LIST_DIR}/pair.prepare"
  PROGRAMS
    a_held_write_ends_as_its_timeouts_say
    a_port_has_one_user
    a_port_is_opened_by_its_name
    a_request_keeps_the_timeouts_it_began_with
    every_byte_passes_as_it_is
    reads_and_writes_are_served_in_order
    reads_end_as_their_timeouts_say
    requests_at_ports_follow_the_rules_of_files
    settings_belong_to_an_open_port
    a_port_needs_nobody_who_waits
    a_request_at_a_port_ends_once
    closing_a_port_ends_everything
    ports_answer_like_any_file
    a_flush_waits_for_what_was_written
    a_full_type_ahead_stops_the_peer
    a_held_transmitter_waits
    a_port_says_what_it_is
    a_purge_does_what_its_flags_say
    a_wait_for_an_event_ends_once
    an_error_can_stop_everything
    an_immediate_character_goes_first
    bytes_are_filtered_as_the_settings_say
    damaged_input_is_told_of_once
    escape_functions_drive_the_lines
    events_are_edges
    no_event_is_missed
    the_status_counts_what_is_queued
    the_transmitter_says_when_it_is_empty
    what_goes_wrong_at_a_port_is_said)
