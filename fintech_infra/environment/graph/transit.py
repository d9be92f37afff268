"""Transit gateways: which networks a gateway's route tables join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.values import UnknownValueError

TRANSIT_GATEWAY: Final = "aws:ec2transitgateway/transitGateway:TransitGateway"
TRANSIT_ATTACHMENT: Final = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"
_TABLE: Final = "aws:ec2transitgateway/routeTable:RouteTable"
_ASSOCIATION: Final = "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation"
_PROPAGATION: Final = "aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation"
_ROUTE: Final = "aws:ec2transitgateway/route:Route"
_OWN_TABLE: Final = "the default route table"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The attachments that an attachment can exchange traffic with.

    `missing` says what a preview cannot see, empty where it sees all.
    """

    attachments: tuple[Resource, ...] = ()
    missing: str = ""


def neighbours(attachment: Resource, environment: Environment) -> Neighbours:
    """Return whom the transit gateway of an attachment joins it with, by its route tables."""
    gateways = environment.references(attachment, "transitGatewayId", TRANSIT_GATEWAY)
    others = [
        other
        for gateway in gateways
        for other in environment.referrers(gateway, TRANSIT_ATTACHMENT, "transitGatewayId")
        if other is not attachment
    ]
    if not gateways:
        others = [*_by_same_id(attachment, environment)]
    joined = tuple(
        other for other in others if _are_joined(attachment, other, gateways, environment)
    )
    foreign = not gateways or any(gateway.existing for gateway in gateways)
    missing = "the transit gateway is not in this program: who else is attached is not known"
    return Neighbours(joined, missing if foreign else "")


def _by_same_id(attachment: Resource, environment: Environment) -> Iterator[Resource]:
    given = attachment.inputs.get("transitGatewayId")
    for other in environment.of_type(TRANSIT_ATTACHMENT):
        named = other.inputs.get("transitGatewayId")
        same = isinstance(given, str) and isinstance(named, str) and given == named
        if same and other is not attachment:
            yield other


def _are_joined(
    one: Resource, other: Resource, gateways: tuple[Resource, ...], environment: Environment
) -> bool:
    """Whether the table of either one has a route to the other."""
    return any(
        _leads(left, right, gateways, environment) for left, right in ((one, other), (other, one))
    )


def _leads(
    start: Resource, end: Resource, gateways: tuple[Resource, ...], environment: Environment
) -> bool:
    tables = _tables(start, gateways, environment)
    by_default = _OWN_TABLE in tables and _uses_default(
        end, gateways, "defaultRouteTablePropagation"
    )
    return by_default or any(table in tables for table in _advertised(end, environment))


def _tables(
    attachment: Resource, gateways: tuple[Resource, ...], environment: Environment
) -> set[str]:
    """What routes for an attachment: the tables it is associated with, else the gateway's own."""
    found = {
        table.urn
        for item in environment.referrers(attachment, _ASSOCIATION, "transitGatewayAttachmentId")
        for table in environment.references(item, "transitGatewayRouteTableId", _TABLE)
    }
    default = _uses_default(attachment, gateways, "defaultRouteTableAssociation")
    return found or ({_OWN_TABLE} if default else set())


def _advertised(attachment: Resource, environment: Environment) -> Iterator[str]:
    """The tables that have a route to an attachment, by propagation or by hand."""
    for type_ in (_PROPAGATION, _ROUTE):
        for item in environment.referrers(attachment, type_, "transitGatewayAttachmentId"):
            for table in environment.references(item, "transitGatewayRouteTableId", _TABLE):
                yield table.urn


def _uses_default(attachment: Resource, gateways: tuple[Resource, ...], use: str) -> bool:
    """Whether attachment and gateway leave a use of the default table on, as they do by default."""
    own = f"transitGateway{use[0].upper()}{use[1:]}"
    disabled = any(_text(gateway, use) == "disable" for gateway in gateways)
    return not disabled and _text(attachment, own) != "False"


def _text(resource: Resource, path: str) -> str:
    try:
        return str(resource.value(path))
    except UnknownValueError:
        return ""
