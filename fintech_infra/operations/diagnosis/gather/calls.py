"""Reads what was changed from CloudTrail: whoever did it, by whatever means."""

from __future__ import annotations

import re
import time
from typing import Final

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.aws.call import Call
from fintech_infra.operations.aws.trail import Pause, calls, home_of
from fintech_infra.operations.diagnosis.gather.asked import Asked, Found, unread
from fintech_infra.operations.diagnosis.model import Change, ChangeKind, Part

_KINDS: Final = (
    (ChangeKind.SECRET, r"secretsmanager:(Rotate|Put|Update)Secret"),
    (ChangeKind.PERMISSION, r"(iam|sso|sts):|:\w*(Policy|Grant|Permission)\b"),
    (ChangeKind.SCALING, r"(application-)?autoscaling:|:\w*(Capacity|Scal(ing|able))\w*"),
    (ChangeKind.FAILOVER, r":(Failover|Reboot|Restart|TestFailover|Promote|Switchover)"),
    (ChangeKind.DEPLOYMENT, r"ecs:(Update|Create)Service|lambda:(UpdateFunctionCode|UpdateAlias)"),
    (ChangeKind.DEPLOYMENT, r"(codedeploy|elasticbeanstalk|apprunner|apigateway):\w*Deployment"),
    (ChangeKind.NETWORK, r"(elasticloadbalancing|globalaccelerator|network-firewall):"),
    (ChangeKind.NETWORK, r"(route53|route53resolver|wafv2):"),
    (ChangeKind.NETWORK, r"ec2:\w*(SecurityGroup|Route|NetworkAcl|Subnet|Vpc|Gateway|Address)"),
    (ChangeKind.CONFIGURATION, r":(Modify|Update|Put|Set|Change|Enable|Disable|Reset)"),
)
"""The first that is found in `service:Operation` decides."""

_SCALER: Final = "application-autoscaling"
_SERVICE: Final = "ecs:UpdateService"
_RESIZES: Final = frozenset({"cluster", "service", "desiredCount"})
"""Parameters of an update of a service that leaves its version alone."""


def kind_of(call: Call) -> ChangeKind:
    """What kind of change a call is."""
    named = f"{call.service}:{call.name}"
    if call.via.startswith(_SCALER) or (named == _SERVICE and _is_resize(call)):
        return ChangeKind.SCALING
    return next((kind for kind, words in _KINDS if re.search(words, named)), ChangeKind.CALL)


def called(access: Access, asked: Asked, pause: Pause = time.sleep) -> Found:
    """The calls that changed something before and during the incident.

    Calls that were refused changed nothing and are left out. What is of no region, such as IAM, is
    recorded in another one, which is asked as well.
    """
    regions = dict.fromkeys((access.region, home_of("iam", access.region)))
    changes: list[Change] = []
    failed = []
    for region in regions:
        try:
            found = calls(access, asked.earliest, asked.end, region=region, pause=pause)
            changes += [_change(it) for it in found if not it.error]
        except UnreadError as error:
            failed.append(unread(Part.CHANGES, f"CloudTrail in {region}", error))
    return Found(changes=tuple(changes), unread=tuple(failed))


def _change(call: Call) -> Change:
    about = ", ".join(call.resources) or "nothing that it names"
    through = f" through {call.via}" if call.via else ""
    says = f"{call.service}:{call.name} on {about}{through}"
    actor = f"{call.actor} ({call.session})" if call.session else call.actor
    return Change(call.time, kind_of(call), call.resources, says, "CloudTrail", actor)


def _is_resize(call: Call) -> bool:
    return "desiredCount" in call.parameters and set(call.parameters) <= _RESIZES
