# SPDX-License-Identifier: MIT
# Adapters that come and go, on ftdi_sio (QEMU's own, which the host pulls out, and the virtual pair) and
# on cdc_acm (a gadget of the guest's own kernel, whose other end is ttyGS0).
comm_rig_suite(usb UDEV
  MODULES uhci_hcd ftdi_sio cdc_acm dummy_hcd usb_f_acm vhci-hcd
  DEVICES usb
  TARGETS vftdi
  FILES ${rig_adapter_files} "${CMAKE_CURRENT_LIST_DIR}/ftdi.prepare=/rig/ftdi.prepare"
  ENVIRONMENT
    "LIBCOMM_TEST_PLUGS=qemu acm vftdi"
    LIBCOMM_TEST_PORTS=/dev/serial/by-serial/1209:0001:RIG0001:00,/dev/ttyGS0
  PREPARE "${CMAKE_CURRENT_LIST_DIR}/usb.prepare"
  LIMIT 120
  TIME 240
  PROGRAMS
    a_driver_is_believed_in_what_it_cannot
    an_unplugged_adapter_ends_everything)
