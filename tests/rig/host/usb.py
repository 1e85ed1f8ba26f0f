# SPDX-License-Identifier: MIT
"""QEMU's own FTDI adapter on a UHCI bus, which the host can pull out and put in again.

Commands: usb unplug, usb plug, each answered once the machine has seen it; usb count, how many bytes the
adapter has sent.  What it sends is read always: QEMU stands still while nobody does."""
import socket


class Usb:
    DEVICE = {"driver": "usb-serial", "id": "ftdi", "chardev": "usb", "serial": "RIGQ", "port": "1", "always-plugged": True}
    BUSY_FOR = 5.0  # seconds, for the chardev of a device that is on its way out

    def __init__(self, rig):
        self._rig = rig
        self._path = rig.place("usb")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._path)
        self._listener.listen(1)
        self._count = 0
        self._connection = None
        rig.loop.watch(self._listener, self._accept)
        rig.control.add("usb", lambda answer, what: self._commands[what](answer))
        self._commands = {"unplug": self._unplug, "plug": self._plug, "count": self._tell}

    def arguments(self):
        yield from ("-device", "piix3-usb-uhci,id=uhci")
        yield from ("-chardev", f"socket,id=usb,path={self._path}")
        yield from ("-device", "usb-serial,id=ftdi,chardev=usb,serial=RIGQ,port=1,always-plugged=on")

    def environment(self):
        return {}

    def _accept(self):
        self._rig.loop.forget(self._listener)
        self._connection = self._listener.accept()[0]
        self._rig.loop.watch(self._connection, self._read)

    def _read(self):
        got = self._connection.recv(65536)
        if not got:
            self._rig.loop.forget(self._connection)
        self._count += len(got)

    def _tell(self, answer):
        answer("OK", self._count)

    def _unplug(self, answer):
        self._rig.qmp.once("DEVICE_DELETED", lambda: answer("OK"))
        self._rig.qmp.send("device_del", id="ftdi")

    def _plug(self, answer, tries=100):
        def then(reply):
            if "return" in reply:
                answer("OK")
            elif tries > 0:  # the device that went is not quite gone
                self._rig.loop.after(self.BUSY_FOR / 100, lambda: self._plug(answer, tries - 1))
            else:
                answer("ERR", reply["error"]["desc"])

        self._rig.qmp.send("device_add", then, **self.DEVICE)
