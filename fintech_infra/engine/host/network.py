"""Offline means offline: connections of the program to other machines are refused."""

from __future__ import annotations

import sys
import traceback
from typing import Any, Final

from fintech_infra.engine.errors import Problem
from fintech_infra.engine.host.places import Places
from fintech_infra.engine.protocol.registry import Registry

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1", "", None})


class OfflineError(OSError):
    """Raised where the program tries to reach another machine."""


def is_refusal(error: BaseException | None) -> bool:
    """Whether an exception is, or was raised on account of, a refused connection."""
    seen: set[int] = set()  # chains of exceptions can be rings
    while error is not None and id(error) not in seen:
        if isinstance(error, OfflineError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def refuse_network(registry: Registry, places: Places) -> None:
    """Refuse connections from now on, noting the user's line as a problem.

    Loopback stays open: the program serves its transforms there.
    """

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            address: Any = arguments[1]
            host = address[0] if isinstance(address, tuple) else None  # else a local socket file
        elif event == "socket.getaddrinfo":
            host = arguments[0]
        else:
            return
        if isinstance(host, bytes):
            host = host.decode(errors="replace")
        if host in _LOCAL or str(host).startswith("127."):
            return
        stack = traceback.walk_stack(None)
        frames = [(frame.f_code.co_filename, line) for frame, line in stack]
        source = places.nearest([f for f in frames if places.is_users(f[0])])
        registry.problems.append(
            Problem(
                f"the program connects to {host}; an offline preview refuses the network",
                source.file if source else "",
                source.line if source else 0,
                "give the program the value by configuration, or allow it with --allow-network",
            )
        )
        raise OfflineError(f"an offline preview does not connect to {host}")

    sys.addaudithook(hook)
