#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots one suite's guest and sorts what it says into one directory:

    console.log       all of it          NAME.log     what program NAME said
    ctl.log           what it asked for  NAME.status  its exit status, or why there is none
    qemu.log          QEMU's own words   ran.txt      the test functions that passed

The guest itself is one more NAME, the_guest_comes_to_its_end.  Status 0: it was booted, and what came
of it is there; `result` tells of each NAME.  77: it cannot be booted here, with the reason.

On a busy machine RIG_PATIENCE, a number, multiplies what time it has."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from console import Console
from control import Control
from loop import Loop
from qmp import Qmp
from uarts import Uarts

RIG = pathlib.Path(__file__).resolve().parents[1]
PASSED = 1  # QEMU's status when the guest left with 0
SKIPPED = 77
GUEST = "the_guest_comes_to_its_end"
KERNEL_ARGUMENTS = (
    "console=ttyS0,115200 quiet loglevel=3 panic=-1 8250.nr_uarts=16"
    " mitigations=off tsc=reliable nokaslr"
)


def device_of(name):
    """A further device is a file beside this one, with a class of that name."""
    return getattr(__import__(name), name.capitalize())


class Rig:
    """What devices are given: the loop, the way to QEMU and to the guest, and a place for sockets."""

    def __init__(self, options, directory):
        self.options = options
        self._directory = directory
        self.loop = Loop()
        self.qmp = Qmp(self.loop, self.place("qmp"))
        self.control = Control(self.loop, self.place("ctl"))
        self.devices = [Uarts(self)] + [device_of(name)(self) for name in options.devices]

    def place(self, name):
        return os.path.join(self._directory, name)

    def command(self, kernel, initrd, console):
        yield from ("qemu-system-x86_64", "-M", "pc", "-accel", "tcg", "-m", "256")
        yield from ("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot")
        yield from ("-kernel", kernel, "-initrd", initrd, "-append", KERNEL_ARGUMENTS)
        yield from ("-device", "isa-debug-exit,iobase=0xf4,iosize=4")
        yield from ("-qmp", f"unix:{self.place('qmp')}")
        yield from ("-chardev", f"file,id=con,path={console}")
        yield from ("-device", "isa-serial,index=0,chardev=con")
        yield from ("-chardev", f"socket,id=ctl,path={self.place('ctl')}")
        yield from ("-device", "isa-serial,index=1,chardev=ctl")
        for device in self.devices:
            yield from device.arguments()

    def environment(self):
        environment = dict(os.environ)
        for device in self.devices:
            environment.update(device.environment())
        return environment


def skip(reason):
    print(f"skip  {reason}")
    sys.exit(SKIPPED)


def find_kernel():
    for tool in ("qemu-system-x86_64", "busybox", "cpio"):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed; ./dev rig installs it")
    got = subprocess.run([RIG / "get-kernel"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if got.returncode == SKIPPED:
        skip(got.stderr.strip().removeprefix("skip").strip())
    if got.returncode != 0:
        sys.exit(f"get-kernel: {got.stderr}")
    return pathlib.Path(got.stdout.strip())


def udev_of(kernel):
    """udev with the rules it comes with, as mkinitrd wants files; the suite's commands start it."""
    rules = kernel / "lib" / "udev" / "rules.d"
    yield f"{kernel / 'bin' / 'udevadm'}=/bin/udevadm"
    for name in ("50-udev-default.rules", "60-serial.rules"):
        yield f"{rules / name}=/lib/udev/rules.d/{name}"


def pack(options, kernel, directory):
    """The guest's root directory, with what init wants to know as /rig."""
    suite = pathlib.Path(directory, "suite")
    suite.mkdir()
    names = [pathlib.Path(program).name for program in options.programs]
    (suite / "programs").write_text("".join(f"{options.limit} {name}\n" for name in names))
    (suite / "modules").write_text(" ".join(options.modules) + "\n")
    (suite / "environment").write_text("".join(f"export '{e}'\n" for e in options.environment))
    if options.prepare:
        shutil.copy(options.prepare, suite / "prepare")
    initrd = os.path.join(directory, "initrd.gz")
    files = options.programs + options.files + (list(udev_of(kernel)) if options.udev else [])
    subprocess.run([RIG / "mkinitrd", kernel, suite, initrd, *files], check=True)
    return initrd


def run(options, kernel, initrd, directory):
    """QEMU's exit status, or None if it had to be stopped."""
    rig = Rig(options, directory)
    console = Console(options.out, options.programs)
    image = kernel / "boot" / f"vmlinuz-{(kernel / 'KERNEL').read_text().strip()}"
    began = time.monotonic()
    with open(options.out / "qemu.log", "wb") as log:
        qemu = subprocess.Popen(  # it ends in time even if we do not
            ["timeout", "-k", "5", str(options.time + 20), *rig.command(image, initrd, console.path)],
            env=rig.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    rig.loop.every(0.05, console.read)
    rig.loop.run_while(lambda: qemu.poll() is None and time.monotonic() < began + options.time)
    stopped = qemu.poll() is None
    if stopped:
        qemu.terminate()  # `timeout` passes it on
    qemu.wait()
    console.close(stopped)
    (options.out / "ctl.log").write_text("".join(f"{line}\n" for line in rig.control.log))
    print(f"guest: {console.times()}; {time.monotonic() - began:.1f} s in all")
    return None if stopped else qemu.returncode


def tell_of_guest(out, status):
    text, verdict = "", "0"
    if status != PASSED:
        text = (out / "qemu.log").read_text(errors="replace")
        text += "\n".join((out / "console.log").read_text(errors="replace").splitlines()[-60:]) + "\n"
        verdict = "it did not end in time" if status is None else f"it died: QEMU's status is {status}"
    (out / f"{GUEST}.log").write_text(text)
    (out / f"{GUEST}.status").write_text(verdict + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="directory, made anew")
    parser.add_argument("--lineshim", required=True, help="the library for QEMU")
    parser.add_argument("--time", type=float, default=120, help="seconds for all of it")
    parser.add_argument("--limit", type=int, default=60, help="seconds for one program")
    parser.add_argument("--modules", nargs="*", default=[], help="of the kernel, to load")
    parser.add_argument("--devices", nargs="*", default=[], help="further ones, files beside this")
    parser.add_argument("--environment", nargs="*", default=[], help="NAME=VALUE for the programs")
    parser.add_argument("--files", nargs="*", default=[], help="FILE[=PLACE] to have in the guest")
    parser.add_argument("--udev", action="store_true", help="have udev in the guest")
    parser.add_argument("--prepare", help="shell commands before the first program")
    parser.add_argument("--programs", nargs="+", required=True, help="to run, in this order")
    options = parser.parse_args()
    patience = float(os.environ.get("RIG_PATIENCE", "1"))
    options.time, options.limit = options.time * patience, int(options.limit * patience)

    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    kernel = find_kernel()
    with tempfile.TemporaryDirectory(prefix="rig.") as directory:  # short: sockets live in it
        status = run(options, kernel, pack(options, kernel, directory), directory)
    tell_of_guest(options.out, status)
    return 0


if __name__ == "__main__":
    sys.exit(main())
