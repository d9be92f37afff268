"""The resource types that moto or AWS's API models can judge, and how each is created."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.outside.cloud import Rows
from tests.outside.rows.compute import COMPUTE
from tests.outside.rows.cost import COST
from tests.outside.rows.database import DATABASE
from tests.outside.rows.detection import DETECTION
from tests.outside.rows.edge import EDGE
from tests.outside.rows.groups import GROUPS
from tests.outside.rows.identity import IDENTITY
from tests.outside.rows.keys import KEYS
from tests.outside.rows.messaging import MESSAGING
from tests.outside.rows.network import NETWORK
from tests.outside.rows.service import SERVICE
from tests.outside.rows.storage import STORAGE
from tests.outside.rows.watching import WATCHING

ROWS: Final[Rows] = {
    **COMPUTE,
    **COST,
    **DATABASE,
    **DETECTION,
    **EDGE,
    **GROUPS,
    **IDENTITY,
    **KEYS,
    **MESSAGING,
    **NETWORK,
    **SERVICE,
    **STORAGE,
    **WATCHING,
}

_RECONCILED = "the provider removes what is not listed; tests read back what is there"
UNCOVERED: Final[Mapping[str, str]] = {
    "aws:ec2/defaultRouteTable:DefaultRouteTable": "adopting a table without routes needs no call",
    "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive": _RECONCILED,
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": _RECONCILED,
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": _RECONCILED,
}
"""The types that components make and that no row creates, with the reason."""
