# SPDX-License-Identifier: MIT
"""The 16550s that every guest has, besides its console ttyS0 and ctl, ttyS1:

    ttyS2        link   the host is at the other end: it sends, counts, breaks, and may stop reading
    ttyS3        mouse  its device sends when DTR and RTS rise, and has CTS, DSR and DCD low
    ttyS4 ttyS5  pair   connected to each other; inputs always on, outputs go nowhere
    ttyS6 ttyS7  wired  a null modem with all its lines (wired.py)
"""
import socket

from wired import Wired


class Link:
    """Commands: send link HEX, break link, pause link, resume link, count link, got link."""

    KEPT = 65536

    def __init__(self, rig):
        self._rig = rig
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(rig.place("link"))
        self._listener.listen(1)
        self._connection = None
        self._paused = False
        self._count = 0
        self._got = b""
        rig.loop.watch(self._listener, self._accept)

    def _accept(self):
        self._rig.loop.forget(self._listener)
        self._connection = self._listener.accept()[0]
        self._rig.loop.watch(self._connection, self._read)

    def _read(self):
        got = self._connection.recv(4096)
        if not got:
            self._rig.loop.forget(self._connection)
        self._count += len(got)
        self._got = (self._got + got)[-self.KEPT :]

    def send(self, answer, octets):
        self._connection.sendall(bytes.fromhex(octets))
        answer("OK")

    def pause(self, answer):
        self._rig.loop.forget(self._connection)
        self._paused = True
        answer("OK")

    def resume(self, answer):
        if self._paused:
            self._rig.loop.watch(self._connection, self._read)
        self._paused = False
        answer("OK")

    def count(self, answer):
        answer("OK", self._count)

    def got(self, answer):
        answer("OK", self._got.hex())
        self._got = b""


class Uarts:
    def __init__(self, rig):
        self._rig = rig
        self._link = Link(rig)
        self._wired = Wired(rig)
        for word in ("send", "pause", "resume", "count", "got"):
            rig.control.add(word, self._on_link(word))
        rig.control.add("break", self._break)

    def arguments(self):
        place = self._rig.place
        yield from ("-chardev", f"socket,id=link,path={place('link')}")
        yield from ("-device", "isa-serial,index=2,chardev=link")
        yield from ("-chardev", "msmouse,id=mouse", "-device", "isa-serial,index=3,chardev=mouse")
        yield from ("-chardev", f"socket,id=x0,path={place('pair')},server=on,wait=off")
        yield from ("-chardev", f"socket,id=x1,path={place('pair')}")
        yield from self._wired.arguments()
        yield from ("-device", "pci-serial-4x,chardev1=x0,chardev2=x1,chardev3=wa,chardev4=wb")

    def environment(self):
        return self._wired.environment()

    def _on_link(self, word):
        def command(answer, port, *words):
            if port != "link":
                raise ValueError(port)
            getattr(self._link, word)(answer, *words)

        return command

    def _break(self, answer, chardev):
        def then(reply):
            answer(*(("OK",) if "return" in reply else ("ERR", reply["error"]["desc"])))

        self._rig.qmp.send("chardev-send-break", then, id=chardev)
