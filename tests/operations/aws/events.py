"""Events as CloudTrail's look-up tells them, after its documentation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/operations"
GROUP = "sg-0a1b2c3d4e5f60718"


def event(
    name: str = "AuthorizeSecurityGroupIngress",
    *,
    minutes: int = 5,
    identity: Mapping[str, Any] | None = None,
    service: str = "ec2",
    parameters: Mapping[str, Any] | None = None,
    resources: tuple[str, ...] = (GROUP,),
    **record: Any,
) -> dict[str, Any]:
    moment = NOW - timedelta(minutes=minutes)
    told = {
        "eventVersion": "1.11",
        "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15",
        "userIdentity": identity or ASSUMED,
        "requestParameters": parameters,
        "readOnly": False,
        **record,
    }
    return {
        "EventId": f"{name}-{minutes}",
        "EventName": name,
        "EventSource": f"{service}.amazonaws.com",
        "EventTime": moment,
        "ReadOnly": "true" if told["readOnly"] else "false",
        "Username": "ada",
        "Resources": [{"ResourceType": "AWS::X", "ResourceName": it} for it in resources],
        "CloudTrailEvent": json.dumps(told),
    }


ASSUMED = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:ada@example.com",
    "arn": "arn:aws:sts::111122223333:assumed-role/operations/ada@example.com",
    "accountId": "111122223333",
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "arn": ROLE, "userName": "operations"},
        "sourceIdentity": "ada",
    },
}
