# SPDX-License-Identifier: MIT
"""The guest's console: a log of everything, and sorted by the lines that init begins with '@'."""
import pathlib
import re

MARK = re.compile(r"@(up|begin|end|ran|left)\b ?(.*)$")  # the kernel may have said something before it


class Console:
    def __init__(self, out, programs):
        self.path = out / "console.raw"
        self._out = out
        self._open = [pathlib.Path(program).name for program in programs]  # without a result yet
        self._position = 0
        self._rest = b""
        self._lines = []
        self._program = None
        self._said = []
        self._ran = []
        self._times = {}
        for name in self._open:
            (out / f"{name}.status").write_text("the guest never came to it\n")

    def read(self):
        if not self.path.exists():
            return
        with open(self.path, "rb") as file:
            file.seek(self._position)
            got = file.read()
        self._position += len(got)
        *lines, self._rest = (self._rest + got).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace").rstrip("\r"))

    def close(self, stopped):
        self.read()
        self._take(self._rest.decode("utf-8", "replace"))
        if self._program is not None:
            self._end(self._program, "it hung and the guest was stopped" if stopped else "the guest died in it")
        (self._out / "console.log").write_text("".join(f"{line}\n" for line in self._lines))
        (self._out / "ran.txt").write_text("".join(f"{line}\n" for line in self._ran))
        self.path.unlink(missing_ok=True)

    def times(self):
        return ", ".join(f"{what} {when} s" for what, when in self._times.items())

    def _take(self, line):
        self._lines.append(line)
        mark = MARK.search(line)
        if mark is None:
            self._said.append(line)
            return
        what, words = mark.group(1), mark.group(2).split()
        if what in ("up", "left"):
            self._times[what] = words[0]
        elif what == "begin":
            self._program, self._said = words[0], []
        elif what == "ran":
            self._ran.append(mark.group(2))
        elif what == "end":
            self._end(words[0], words[1])

    def _end(self, name, status):
        self._program = None
        (self._out / f"{name}.log").write_text("".join(f"{line}\n" for line in self._said))
        (self._out / f"{name}.status").write_text(f"{status}\n")
