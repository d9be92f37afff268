"""Which protocols and ports pass an egress firewall at all, as Suricata rules. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

HTTP: Final = 80
HTTPS: Final = 443


def transport_rules(ports: Sequence[int]) -> str:
    """Return the rules that drop everything but TCP to `ports`, before any domain is looked at.

    They drop the first packet already, where the policy's default action lets a connection be
    established to see whom it names, and where it waits for both sides of a connectionless one.
    https://docs.aws.amazon.com/network-firewall/latest/developerguide/suricata-examples.html
    """
    accepted = f"[{','.join(str(port) for port in sorted(ports))}]"
    protocol = 'msg:"protocol other than TCP"; ip_proto:!TCP; sid:1;'
    port = 'msg:"port not accepted"; flow:to_server; sid:2;'
    return (
        f"drop ip any any -> any any ({protocol})\n"
        f"drop tcp $HOME_NET any -> any !{accepted} ({port})"
    )
