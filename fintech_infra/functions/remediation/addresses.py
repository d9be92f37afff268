"""Tells address ranges of the internet from those that somebody operates. Pure."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Final

WORLD_PREFIX: Final = {4: 7, 6: 15}
"""Length of the longest prefix that is still no network of anybody's own, by version of IP."""

_UNIQUE_LOCAL: Final = ip_network("fc00::/7")
"""The one private block as wide: https://www.rfc-editor.org/rfc/rfc4193"""


def is_world(cidr: str) -> bool:
    """Whether a range is the internet: everything, or a public block too wide to be anyone's own.

    >>> [is_world(cidr) for cidr in ("0.0.0.0/0", "::/0", "128.0.0.0/1", "10.0.0.0/8", "fc00::/8")]
    [True, True, True, False, False]
    """
    network = ip_network(cidr, strict=False)
    if network.prefixlen > WORLD_PREFIX[network.version]:
        return False
    private = network.network_address in _UNIQUE_LOCAL
    return not (private and network.prefixlen >= _UNIQUE_LOCAL.prefixlen)
