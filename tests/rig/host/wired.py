# SPDX-License-Identifier: MIT
"""The null modem between two 16550s.  QEMU has the slaves of two ptys for its ports; lineshim.c,
loaded into it, keeps their modem lines in shared memory, and what is here carries bytes, lines and
breaks from the one to the other.

A null modem connects RTS to the other's CTS, and DTR to its DSR and DCD.  A test may cut the lines
(`lines cross|cut`), hold inputs of an end (`lines hold A|B MASK LEVELS`, MS_* in hexadecimal: those in
the mask are as in the levels, the others cross), let one change for a while and back again
(`lines pulse A|B MASK MILLISECONDS`), hold up what an end sends (`lines stall A|B`, `lines flow A|B`),
and ask what an end was told (`lines get A|B`, `params A|B`)."""
import mmap
import os
import struct
import termios
import tty

DTR, RTS, CTS, DCD, RI, DSR = 2, 4, 0x20, 0x40, 0x80, 0x100  # TIOCM_*
LINES = {"dtr": DTR, "rts": RTS, "cts": CTS, "dsr": DSR, "dcd": DCD, "ri": RI}
MODEM_STATUS = {0x10: CTS, 0x20: DSR, 0x40: RI, 0x80: DCD}  # MS_*
TICK_S = 0.003
ROOM = 4096  # bytes under way

# Words of an end in the shared memory, of lineshim.c.
OUTPUTS, INPUTS, BREAKS, _, CFLAG, SPEED, _, _ = range(8)


def from_modem_status(word):
    return sum(bit for ms, bit in MODEM_STATUS.items() if int(word, 16) & ms)


class End:
    def __init__(self, memory, index):
        self._memory = memory
        self._offset = index * 32
        self.master, self._slave = os.openpty()  # the slave stays open, lest the master hang up
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)
        self.held = 0  # inputs that are as in `levels`, whatever the other end does
        self.levels = 0
        self.breaks = 0
        self.stalled = False  # nobody takes what it sends
        self.pending = b""  # for this end

    def __getitem__(self, word):
        return struct.unpack_from("<I", self._memory, self._offset + 4 * word)[0]

    def __setitem__(self, word, value):
        struct.pack_into("<I", self._memory, self._offset + 4 * word, value)

    def parameters(self):
        flags, speed = self[CFLAG], self[SPEED]
        rates = {getattr(termios, n): n[1:] for n in dir(termios) if n[0] == "B" and n[1:].isdigit()}
        bits = {termios.CS5: 5, termios.CS6: 6, termios.CS7: 7, termios.CS8: 8}
        parity = ("O" if flags & termios.PARODD else "E") if flags & termios.PARENB else "N"
        stop = 2 if flags & termios.CSTOPB else 1
        return f"{rates.get(speed, speed)} {bits[flags & termios.CSIZE]}{parity}{stop}"

    def lines(self):
        levels = self[OUTPUTS] | self[INPUTS]
        return " ".join(f"{name}={int(bool(levels & bit))}" for name, bit in LINES.items())


class Wired:
    def __init__(self, rig):
        self._rig = rig
        self._path = rig.place("lines")
        with open(self._path, "wb") as file:
            file.truncate(4096)
        with open(self._path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 4096)
        self._ends = [End(self._memory, 0), End(self._memory, 1)]
        self._crossed = True
        for end, other in self._both_ways():
            rig.loop.watch(end.master, lambda end=end, other=other: self._carry(end, other))
        rig.loop.every(TICK_S, self._tick)
        rig.control.add("lines", self._lines)
        rig.control.add("params", lambda answer, end: answer("OK", self._end(end).parameters()))

    def arguments(self):
        for name, end in zip(("wa", "wb"), self._ends):
            yield from ("-chardev", f"serial,id={name},path={end.path}")

    def environment(self):
        paths = ":".join(end.path for end in self._ends)
        return {"LD_PRELOAD": self._rig.options.lineshim, "LINESHIM": f"{self._path}:{paths}"}

    def _both_ways(self):
        return (self._ends, self._ends[::-1])

    def _end(self, name):
        return self._ends["AB".index(name)]

    def _carry(self, end, other):
        """From one end's master to the other's; what does not fit waits for the next tick."""
        if len(other.pending) < ROOM and not end.stalled:
            try:
                other.pending += os.read(end.master, ROOM)
            except OSError:
                pass
        self._deliver(other)

    def _deliver(self, end):
        try:
            end.pending = end.pending[os.write(end.master, end.pending) :] if end.pending else b""
        except BlockingIOError:
            pass

    def _tick(self):
        for index, (end, other) in enumerate(self._both_ways()):
            self._deliver(end)
            crossed = 0
            if self._crossed:
                crossed |= CTS if other[OUTPUTS] & RTS else 0
                crossed |= DSR | DCD if other[OUTPUTS] & DTR else 0
            end[INPUTS] = crossed & ~end.held | end.levels & end.held
            breaks = other[BREAKS]
            if breaks != other.breaks and self._crossed:
                self._rig.qmp.send("chardev-send-break", id=("wa", "wb")[index])
            other.breaks = breaks

    def _stall(self, end, stalled):
        other = self._ends[end is self._ends[0]]
        if stalled and not end.stalled:
            self._rig.loop.forget(end.master)
        elif end.stalled and not stalled:
            self._rig.loop.watch(end.master, lambda: self._carry(end, other))
        end.stalled = stalled

    def _pulse(self, answer, end, bits, milliseconds):
        before = end.held, end.levels

        def back():
            end.held, end.levels = before
            self._tick()
            answer("OK")

        end.held, end.levels = end.held | bits, end[INPUTS] ^ bits
        self._tick()
        self._rig.loop.after(milliseconds / 1000, back)

    def _lines(self, answer, what, *words):
        if what in ("cross", "cut"):
            self._crossed = what == "cross"
            for end in self._ends:
                end.held = 0
        elif what == "hold":
            end = self._end(words[0])
            end.held, end.levels = (from_modem_status(word) for word in words[1:3])
        elif what == "pulse":
            self._pulse(answer, self._end(words[0]), from_modem_status(words[1]), int(words[2]))
            return
        elif what in ("stall", "flow"):
            self._stall(self._end(words[0]), what == "stall")
        elif what == "get":
            answer("OK", self._end(words[0]).lines())
            return
        else:
            raise ValueError(what)
        self._tick()
        answer("OK")
