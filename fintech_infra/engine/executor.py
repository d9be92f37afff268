"""Where the SDK's calls to the engine run.

The SDK hands every call to the event loop's default executor. A thread per call costs more than
the call, and lets calls overtake each other; so calls run at once, on the loop's own thread. Only
when the program has registered callbacks (transforms, hooks), which the engine must call back on
the loop while a call is open, do calls get threads. Work that the program itself hands to the
executor always gets one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

from fintech_infra.engine import _sdk

_current = threading.local()


def current_order() -> int:
    """The place of the running call among all calls, in the order in which the SDK made them."""
    return getattr(_current, "order", 0)


class CallExecutor(ThreadPoolExecutor):
    """Runs engine calls in place, everything else on threads."""

    def __init__(self) -> None:
        """Allow as many calls to wait for callbacks at once as a program plausibly has."""
        super().__init__(max_workers=64)
        self._orders = count(1)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run or schedule `fn`; the future it returns is done already if it ran in place."""
        order = next(self._orders)
        is_call = str(getattr(fn, "__module__", "")).startswith("pulumi.")
        if not is_call:
            return super().submit(fn, *args, **kwargs)
        if _sdk.serves_callbacks():
            return super().submit(_ordered, order, fn, *args, **kwargs)
        future: Future[Any] = Future()
        try:
            future.set_result(_ordered(order, fn, *args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed on to whoever awaits the call
            future.set_exception(error)
        return future


def _ordered(order: int, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    _current.order = order
    return fn(*args, **kwargs)
