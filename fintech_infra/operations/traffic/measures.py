"""The measures against a spike, as remediations of their own: they set the numbers they are told.

A remediation of `functions.remediation` restores what is declared for good. A measure stands for a
time, so these are in a registry of their own, which nothing deploys. Its `Declared.settings` are
`to` (the numbers to set, by name), `from` (those that have to be there before) and `why`. Taking
back is the same measure with both turned round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.functions.remediation.model import (
    Clients,
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    Step,
    UnknownEventError,
    conforms,
    report,
    restore,
)
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.traffic.collect import web_acl
from fintech_infra.operations.traffic.model import LIMIT_RATES, LIMIT_TASKS

LEAST: Final = 10
"""The least limit of a rate-based rule, as the API's model has it (`RateLimit`):
https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""
_PARTS: Final = 4
"""Further down than to a quarter of what was found, or up than to four times, nothing goes."""
_MOST: Final = "MaxCapacity"
_ECS: Final = "ecs"
_TASKS: Final = "ecs:service:DesiredCount"
_NAMED: Final = ("Name", "Scope", "Id")

Numbers = Mapping[str, int]


def tightened(found: Numbers, first: Numbers | None = None) -> dict[str, int]:
    """Half of each limit; no less than WAF takes, and than a quarter of what was found at first.

    >>> tightened({"address": 2000, "login": 15}), tightened({"address": 1000}, {"address": 2000})
    ({'address': 1000, 'login': 10}, {'address': 500})
    >>> tightened({"address": 500}, {"address": 2000})
    {'address': 500}
    """
    floor = {name: -(-(first or {}).get(name, 0) // _PARTS) for name in found}
    return {name: min(it, max(LEAST, it // 2, floor[name])) for name, it in found.items()}


def widened(found: Numbers, first: Numbers | None = None) -> dict[str, int]:
    """Twice each number; no more than four times what was found at first.

    >>> widened({"MaxCapacity": 4}), widened({"MaxCapacity": 8}, {"MaxCapacity": 3})
    ({'MaxCapacity': 8}, {'MaxCapacity': 12})
    """
    most = {name: _PARTS * (first or found).get(name, it) for name, it in found.items()}
    return {name: max(it, min(2 * it, most[name])) for name, it in found.items()}


def told(why: str, of: Numbers, to: Numbers) -> Declared:
    """What a measure is told: the numbers to set in place of others, and why."""
    return Declared(settings={"why": why, "from": dict(of), "to": dict(to)})


def numbers_of(facts: Facts) -> dict[str, int]:
    """The numbers in what a measure found; none where there is nothing."""
    return dict(facts.get("numbers", {}))


def said(numbers: Mapping[str, int | None]) -> str:
    """Numbers in words.

    >>> said({"address": 1000, "login": None})
    'address 1000, login gone'
    """
    return ", ".join(f"{key} {'gone' if it is None else it}" for key, it in numbers.items())


def whole(access: Access, region: str, step: Step) -> dict[str, Any]:
    """All parameters of a call: WAF takes a web ACL whole, and plans have but what changes in it.

    So neither reports nor the journal have what rules look for, which may be a secret header. The
    lock token of the plan holds the rest to what was there when it was made.

    Raises:
        UnreadError: the web ACL cannot be read, or was changed since.
    """
    given = step.parameters
    if step.operation != "update_web_acl":
        return dict(given)
    named = {name: given[name] for name in _NAMED}
    found = access.ask("wafv2", "get_web_acl", region=region, **named) or {}
    if found["LockToken"] != given["LockToken"]:
        message = "the web ACL was changed since it was looked at"
        raise UnreadError("wafv2:UpdateWebACL", "WAFOptimisticLockException", message)
    model = access.client("wafv2", region).meta.service_model.operation_model("UpdateWebACL")
    # What is empty is left out: WAF tells it as such, and does not take it as such.
    kept = {
        key: it for key, it in found["WebACL"].items() if key in model.input_shape.members and it
    }
    limits = {it["Name"]: it["Statement"]["RateBasedStatement"]["Limit"] for it in given["Rules"]}
    rules = [_limited(rule, limits) for rule in found["WebACL"]["Rules"]]
    return {**kept, **given, "Rules": rules}


def _limited(rule: Mapping[str, Any], limits: Numbers) -> dict[str, Any]:
    if rule["Name"] not in limits:
        return dict(rule)
    rated = {**rule["Statement"]["RateBasedStatement"], "Limit": limits[rule["Name"]]}
    return {**rule, "Statement": {"RateBasedStatement": rated}}


def _observe_acl(clients: Clients, _: Occurrence, arn: str) -> Facts:
    client = clients("wafv2")
    try:
        found = client.get_web_acl(**web_acl(arn).named)
    except client.exceptions.WAFNonexistentItemException:
        return {"exists": False}
    # Rules of rule groups are not those of the web ACL: other web ACLs may have them too.
    limits = {
        str(rule["Name"]): int(rule["Statement"]["RateBasedStatement"]["Limit"])
        for rule in found["WebACL"].get("Rules", ())
        if "RateBasedStatement" in rule.get("Statement", {})
    }
    return {"exists": True, "numbers": limits, "lock": str(found["LockToken"])}


def _plan_acl(_: Occurrence, arn: str, declared: Declared | None, facts: Facts) -> Plan:
    acl = web_acl(arn)
    what = f"web ACL {acl.name}"
    if plan := _unfit(what, "no rate-based rule of its own", declared, facts):
        return plan
    settings = declared.settings if declared else {}
    to: Numbers = settings["to"]
    if min(to.values()) < LEAST:
        return report(f"{what}: no limit can be less than {LEAST}, told is {said(to)}")
    rules = [
        {"Name": name, "Statement": {"RateBasedStatement": {"Limit": it}}}
        for name, it in sorted(to.items())
    ]
    step = Step(
        "wafv2", "update_web_acl", {**acl.named, "LockToken": facts["lock"], "Rules": rules}
    )
    return restore(settings["why"], step)


def _observe_tasks(clients: Clients, _: Occurrence, service: str) -> Facts:
    found = clients("application-autoscaling").describe_scalable_targets(
        ServiceNamespace=_ECS, ResourceIds=[service], ScalableDimension=_TASKS
    )["ScalableTargets"]
    if not found:
        return {"exists": False}
    return {"exists": True, "numbers": {_MOST: int(found[0][_MOST])}}


def _plan_tasks(_: Occurrence, service: str, declared: Declared | None, facts: Facts) -> Plan:
    if plan := _unfit(service, "no number of tasks", declared, facts):
        return plan
    settings = declared.settings if declared else {}
    named = {"ServiceNamespace": _ECS, "ResourceId": service, "ScalableDimension": _TASKS}
    # What is not given stays as it is:
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
    step = Step("application-autoscaling", "register_scalable_target", {**named, **settings["to"]})
    return restore(settings["why"], step)


def _unfit(what: str, lacks: str, declared: Declared | None, facts: Facts) -> Plan | None:
    """The plan where the numbers are not those to be changed, None where they are."""
    if not facts["exists"]:
        return report(f"{what} is not there, or has {lacks}")
    if declared is None:
        return report(f"{what} has {said(numbers_of(facts)) or lacks}, and nothing is told")
    to, of = declared.settings["to"], declared.settings["from"]
    if not to:
        return report(f"{what} has {lacks}")
    found = numbers_of(facts)
    now = {name: found.get(name) for name in to}
    if now == to:
        return conforms(f"{what}: {said(now)}, as told")
    if now != of:
        return report(f"{what}: {said(now)}, and not {said(of)}; somebody has changed that")
    return None


def _subject(happened: Occurrence) -> str:
    raise UnknownEventError(f"{happened.name}: measures are told their subject")


REMEDIATIONS: Final = {
    it.name: it
    for it in (
        Remediation(
            name=LIMIT_RATES,
            subject=_subject,
            observe=_observe_acl,
            plan=_plan_acl,
            operations=(("wafv2", "update_web_acl"),),
        ),
        Remediation(
            name=LIMIT_TASKS,
            subject=_subject,
            observe=_observe_tasks,
            plan=_plan_tasks,
            operations=(("application-autoscaling", "register_scalable_target"),),
        ),
    )
}
"""Every measure by its name: the ARN of a web ACL is the subject of the first, and a service of
ECS as `service/CLUSTER/NAME` of the second."""
