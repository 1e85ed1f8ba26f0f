# SPDX-License-Identifier: MIT
"""What a test in the guest cannot do itself it asks for on its serial port ctl: one line each way,
answered with OK or ERR."""
import socket


class Control:
    def __init__(self, loop, path):
        self._loop = loop
        self._commands = {}
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1)
        self._connection = None
        self._rest = b""
        self.log = []  # what was asked and answered
        loop.watch(self._listener, self._accept)

    def add(self, word, call):
        """call(answer, *words) answers now or later: answer("OK", ...)."""
        self._commands[word] = call

    def _accept(self):
        self._loop.forget(self._listener)
        self._connection = self._listener.accept()[0]
        self._loop.watch(self._connection, self._read)

    def _read(self):
        got = self._connection.recv(4096)
        if not got:
            self._loop.forget(self._connection)
            return
        *lines, self._rest = (self._rest + got).split(b"\n")
        for line in lines:
            self._take(line.decode("latin1").strip())

    def _take(self, line):
        def answer(*words):
            text = " ".join(str(word) for word in words)
            self.log.append(f"{line} -> {text}")
            self._connection.sendall(text.encode("latin1") + b"\n")

        words = line.split()
        if not words:
            return
        call = self._commands.get(words[0])
        if call is None:
            answer("ERR", "nobody here knows", words[0])
            return
        try:
            call(answer, *words[1:])
        except (LookupError, TypeError, ValueError, OSError) as error:
            answer("ERR", repr(error))
