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
  PROGRAMS
    udev_names_every_adapter
    adapters_that_are_alike_are_not_mixed_up
    an_adapter_is_set_as_asked
    damaged_bytes_of_an_adapter_are_what_they_were
    output_of_an_adapter_takes_its_time
    flow_control_of_an_adapter_holds_and_releases
    lines_of_an_adapter_are_events
    an_adapter_hurries_when_it_is_asked)
