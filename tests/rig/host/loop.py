# SPDX-License-Identifier: MIT
"""One thread that waits for descriptors and for times, so that nothing on the host ever blocks: QEMU
stands still while somebody does not read what it writes."""
import heapq
import itertools
import selectors
import time


class Loop:
    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._timers = []  # (time, number, call)
        self._numbers = itertools.count()

    def watch(self, what, readable):
        """Calls readable() whenever there is something to read, or the end."""
        self._selector.register(what, selectors.EVENT_READ, readable)

    def forget(self, what):
        try:
            self._selector.unregister(what)
        except (KeyError, ValueError):
            pass

    def after(self, seconds, call):
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), call))

    def every(self, seconds, call):
        def again():
            call()
            self.after(seconds, again)

        again()

    def run_while(self, going):
        while going():
            left = max(0, self._timers[0][0] - time.monotonic()) if self._timers else None
            for key, _ in self._selector.select(left):
                key.data()
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()
