"""What makes the arguments of SelfHealing wrong together. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

from fintech_infra.components._healing.declared import declared_problems
from fintech_infra.components._healing.remediations import KNOWN, HealingRisk, Remediation

LEAST_PER_HOUR: Final = 1
MOST_PER_HOUR: Final = 20
"""More of them in an hour are no incident, but a deployment. The functions refuse more, too."""
DEFAULT_PER_HOUR: Final = 5

LEAST_APPROVAL_MINUTES: Final = 5
MOST_APPROVAL_MINUTES: Final = 1440
"""A day: what was judged longer ago than that has to be judged again."""
DEFAULT_APPROVAL_MINUTES: Final = 60

MOST_CONFIG_RULES: Final = 10
"""An event pattern takes 2,048 characters, and the name of a Config rule up to 128.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html"""

MOST_DEPLOYERS: Final = 10
"""The environment of a function takes 4 KB in all.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_LONGEST: Final = 64 - len("-close-security-group-config") - len("-1a2b3c4")
"""What the name of the longest rule, of 64 characters, leaves.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONFIG_RULE: Final = re.compile(r"[\w-]{1,128}")
_ROLE: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

Problem = tuple[str, str]


class HealingRuleArgs(TypedDict):
    """That a remediation is enabled, and who decides about it."""

    remediation: Remediation
    """The remediation."""
    risk: NotRequired[HealingRisk]
    """Who decides: `auto`, `approve` or `notify`. Default: `auto` for `restart-trail`,
    `close-security-group`, `block-bucket`, `unshare-snapshot` and `enable-detector`; `approve` for
    `keep-key`, `quarantine-instance` and `stop-task`; `notify` for `ask-for-reapply`, which never
    changes anything itself. `auto` is refused for `keep-key` and `stop-task`."""
    config_rules: NotRequired[list[str]]
    """Names of AWS Config rules, up to 10, that start it, too, when they find a resource
    noncompliant: for `restart-trail`, `close-security-group`, `block-bucket` and
    `enable-detector`. Default: none."""


def risks_of(rules: Sequence[Mapping[str, Any]] | None) -> dict[Remediation, HealingRisk]:
    """Return the enabled remediations with their risks; all with their own where none are given."""
    if rules is None:
        return {remediation: known.risk for remediation, known in KNOWN.items()}
    found: dict[Remediation, HealingRisk] = {}
    for rule in rules:
        remediation = Remediation(rule["remediation"])
        found[remediation] = HealingRisk(rule.get("risk", KNOWN[remediation].risk))
    return found


def healing_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the component `name`."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        yield (
            "name",
            (
                f"is {name!r}; accepted are up to {_LONGEST} letters, digits and '-', a letter "
                "first, because names of rules and buckets begin with it"
            ),
        )
    yield from _range(args, "max_actions_per_hour", LEAST_PER_HOUR, MOST_PER_HOUR)
    yield from _range(args, "approval_minutes", LEAST_APPROVAL_MINUTES, MOST_APPROVAL_MINUTES)
    yield from _rule_problems(args.get("rules"))
    yield from _text_problems(args)
    enabled = frozenset(risks_of(args.get("rules")))
    yield from declared_problems(args.get("declared", []), enabled)
    if "quarantine_vpc_id" in args and Remediation.QUARANTINE_INSTANCE not in enabled:
        reason = f"is for {Remediation.QUARANTINE_INSTANCE}, which is not among `rules`"
        yield "quarantine_vpc_id", reason


def _range(args: Mapping[str, Any], key: str, least: int, most: int) -> Iterator[Problem]:
    if key in args and not least <= args[key] <= most:
        yield key, f"is {args[key]}; accepted are {least} to {most}"


def _rule_problems(rules: Sequence[Mapping[str, Any]] | None) -> Iterator[Problem]:
    if rules is not None and not rules:
        yield "rules", "is empty, so nothing would be healed; leave it out to enable everything"
    seen: set[Remediation] = set()
    for index, rule in enumerate(rules or []):
        path, remediation = f"rules[{index}]", Remediation(rule["remediation"])
        if remediation in seen:
            yield f"{path}.remediation", f"is {remediation}, which is there already"
        seen.add(remediation)
        yield from _risk_problems(path, remediation, rule.get("risk"))
        yield from _config_problems(path, remediation, rule.get("config_rules", []))


def _risk_problems(path: str, remediation: Remediation, risk: str | None) -> Iterator[Problem]:
    if remediation is Remediation.ASK_FOR_REAPPLY and risk not in {None, HealingRisk.NOTIFY}:
        yield f"{path}.risk", f"is {risk}; {remediation} only ever notifies"
    elif KNOWN[remediation].sensitive and risk == HealingRisk.AUTO:
        yield (
            f"{path}.risk",
            (
                f"is auto; {remediation} touches keys or destroys data, so accepted are approve "
                "and notify"
            ),
        )


def _config_problems(
    path: str, remediation: Remediation, names: Sequence[str]
) -> Iterator[Problem]:
    if names and not KNOWN[remediation].config_type:
        able = ", ".join(sorted(key for key, known in KNOWN.items() if known.config_type))
        yield f"{path}.config_rules", f"cannot start {remediation}; accepted for {able}"
    if len(names) > MOST_CONFIG_RULES:
        yield f"{path}.config_rules", f"has {len(names)}; accepted are up to {MOST_CONFIG_RULES}"
    for index, name in enumerate(names):
        if not _CONFIG_RULE.fullmatch(name):
            yield f"{path}.config_rules[{index}]", f"is {name!r}, no name of a Config rule"


def _text_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    deployers = args.get("deployer_role_arns", [])
    if len(deployers) > MOST_DEPLOYERS:
        yield "deployer_role_arns", f"has {len(deployers)}; accepted are up to {MOST_DEPLOYERS}"
    for index, role in enumerate(deployers):
        if isinstance(role, str) and not _ROLE.fullmatch(role):
            yield (
                f"deployer_role_arns[{index}]",
                (
                    f"is {role!r}; accepted are ARNs of roles, such as "
                    "'arn:aws:iam::111122223333:role/deploy'"
                ),
            )
    bucket = args.get("ledger_bucket")
    if isinstance(bucket, str) and not _BUCKET.fullmatch(bucket):
        yield "ledger_bucket", f"is {bucket!r}, no name of a bucket"
