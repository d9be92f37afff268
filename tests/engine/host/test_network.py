"""Offline means offline: no name is looked up and no connection made, whatever the library."""

from collections.abc import Callable

import pytest

from fintech_infra.environment import Environment

_HINT = "give the program the value by configuration, or allow it with --allow-network"

_WAYS = {
    "a socket": (
        """
        import socket
        socket.create_connection(("192.0.2.1", 443), timeout=1)
        """,
        "192.0.2.1",
    ),
    "a name": (
        """
        import socket
        address = socket.gethostbyname_ex if False else socket.getaddrinfo
        address("example.com", 443)
        """,
        "example.com",
    ),
    "a library that wraps errors": (
        """
        from urllib.request import urlopen
        urlopen("https://example.com/zones.json", timeout=1)
        """,
        "example.com",
    ),
    "an error that is caught": (
        """
        import socket
        try:
            socket.create_connection(("example.com", 443), timeout=1)
        except OSError:
            pass
        """,
        "example.com",
    ),
    "an async client": (
        """
        import asyncio
        import pulumi
        async def main():
            await asyncio.open_connection("192.0.2.1", 80)
        pulumi.run(main)
        """,
        "192.0.2.1",
    ),
}
_LINES = {
    "a socket": 2,
    "a name": 3,
    "a library that wraps errors": 2,
    "an error that is caught": 3,
    "an async client": 4,
}


@pytest.mark.parametrize("way", _WAYS)
def test_a_connection_is_refused_at_the_line_that_asks_for_it(
    way: str, refuse: Callable[..., list[tuple[str, str, str]]]
) -> None:
    program, host = _WAYS[way]
    message = f"the program connects to {host}; an offline preview refuses the network"
    assert refuse(program) == [(f"__main__.py:{_LINES[way]}", message, _HINT)]


def test_the_machine_itself_may_be_reached(run: Callable[..., Environment]) -> None:
    environment = run(
        """
        import socket
        import pulumi
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname())
        pulumi.export("families", [socket.getaddrinfo("localhost", 80)[0][4][1]])
        """
    )
    assert environment.outputs == {"families": [80]}


def test_the_network_can_be_allowed(run: Callable[..., Environment]) -> None:
    environment = run(
        """
        import socket
        import pulumi
        try:
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
        except OSError as error:
            assert "offline preview" not in str(error)
        pulumi.export("done", True)
        """,
        allow_network=True,
    )
    assert environment.outputs == {"done": True}
