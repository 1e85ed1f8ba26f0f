# SPDX-License-Identifier: MIT
"""QEMU's machine protocol: commands are answered in order, events come whenever they like."""
import json
import socket


class Qmp:
    def __init__(self, loop, path):
        """Listens; QEMU connects."""
        self._loop = loop
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1)
        self._connection = None
        self._rest = b""
        self._waiting = []  # whom to tell of answers, oldest first
        self._unsent = []  # before QEMU connected
        self._events = {}
        loop.watch(self._listener, self._accept)

    def send(self, command, then=None, **arguments):
        """then(answer): a dictionary with `return`, or with `error`."""
        line = json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n"
        self._waiting.append(then)
        if self._connection is None:
            self._unsent.append(line)
        else:
            self._connection.sendall(line)

    def once(self, event, call):
        """call() when an event of that name comes next."""
        self._events.setdefault(event, []).append(call)

    def _accept(self):
        self._loop.forget(self._listener)
        self._connection = self._listener.accept()[0]
        self._loop.watch(self._connection, self._read)
        self._waiting.insert(0, None)
        self._connection.sendall(b'{"execute": "qmp_capabilities"}\n' + b"".join(self._unsent))

    def _read(self):
        got = self._connection.recv(65536)
        if not got:
            self._loop.forget(self._connection)
            return
        *lines, self._rest = (self._rest + got).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, message):
        if "event" in message:
            for call in self._events.pop(message["event"], []):
                call()
        elif "QMP" not in message:
            then = self._waiting.pop(0)
            if then is not None:
                then(message)
