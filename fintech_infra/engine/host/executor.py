"""Where the SDK's calls to the engine run.

The SDK hands every call to the event loop's default executor. A thread per call costs more than
the call, and lets calls overtake each other; so calls run at once, on the loop's own thread, and
two runs of a program see the same order. Work that the program itself hands to the executor gets
a thread.

A call that first has to wait for code of the program (a transform) cannot wait on the loop's
thread, where that code has to run. It raises `Suspended`, and is made again when the code is done.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

_current = threading.local()


def current_order() -> float:
    """The place of the running call among all calls, in the order in which the SDK made them."""
    return getattr(_current, "order", 0)


class Suspended(Exception):  # noqa: N818 - a request, not an error
    """Raised by a call that wants `work` awaited and to be made again afterwards."""

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        """Take what is to be awaited."""
        super().__init__()
        self.work = work


class CallExecutor(ThreadPoolExecutor):
    """Runs engine calls in place, everything else on threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run calls on the thread of `loop`."""
        super().__init__()
        self._loop = loop
        self._orders = count(1)
        self._suspended: set[asyncio.Task[None]] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run or schedule `fn`; the future it returns is done already if it ran in place."""
        if not str(getattr(fn, "__module__", "")).startswith("pulumi."):
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        self._call(next(self._orders), lambda: fn(*args, **kwargs), future)
        return future

    def _call(self, order: int, call: Callable[[], Any], future: Future[Any]) -> None:
        _current.order = order
        try:
            future.set_result(call())
        except Suspended as suspended:
            task = self._loop.create_task(self._resume(suspended, order, call, future))
            self._suspended.add(task)
            task.add_done_callback(self._suspended.discard)
        except BaseException as error:  # noqa: BLE001 - handed on to whoever awaits the call
            future.set_exception(error)

    async def _resume(
        self, suspended: Suspended, order: int, call: Callable[[], Any], future: Future[Any]
    ) -> None:
        try:
            await suspended.work
        except BaseException as error:  # noqa: BLE001 - handed on to whoever awaits the call
            future.set_exception(error)
        else:
            self._call(order, call, future)
