"""The plan that says what should be done about one unit of drift. Nothing here does it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, walk
from fintech_infra.environment.network import is_world
from fintech_infra.operations.change import Difference, Replacement, is_stateful
from fintech_infra.operations.drift.judge import is_ignored
from fintech_infra.operations.drift.model import Judgement, Kind, Step, Tier
from fintech_infra.operations.drift.pictures import Pictures, Unit
from fintech_infra.operations.gate.facts.wording import Words
from fintech_infra.report.encoding import encode
from fintech_infra.report.redact import MASK

_CLOSING: Final = "close-security-group"
_UNSHARING: Final = "unshare-snapshot"

CONTAINS: Final = {
    ("aws:ec2/securityGroup:SecurityGroup", "ingress"): _CLOSING,
    ("aws:ec2/securityGroupRule:SecurityGroupRule", "cidrBlocks"): _CLOSING,
    ("aws:ec2/securityGroupRule:SecurityGroupRule", "ipv6CidrBlocks"): _CLOSING,
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cidrIpv4"): _CLOSING,
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cidrIpv6"): _CLOSING,
    **{
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", path): "block-bucket"
        for path in (
            "",
            "blockPublicAcls",
            "blockPublicPolicy",
            "ignorePublicAcls",
            "restrictPublicBuckets",
        )
    },
    ("aws:cloudtrail/trail:Trail", "enableLogging"): "restart-trail",
    ("aws:guardduty/detector:Detector", "enable"): "enable-detector",
    ("aws:kms/key:Key", "isEnabled"): "keep-key",
    **{
        (type_, path): _UNSHARING
        for type_ in ("aws:rds/snapshot:Snapshot", "aws:rds/clusterSnapshot:ClusterSnapshot")
        for path in ("", "sharedAccounts")
    },
    ("aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission", ""): _UNSHARING,
}
"""The typed remediation that takes a danger away, by type and property; an empty property is the
resource as a whole. See `fintech_infra.functions.remediation.remedies`."""

SENSITIVE: Final = frozenset({"keep-key"})
"""Remediations that a person approves each time."""

_HARMLESS: Final = (Judgement.EXPECTED, Judgement.COSMETIC)


def steps_of(
    unit: Unit, judgement: Judgement, seen: int, found: Pictures, words: Words
) -> tuple[Step, ...]:
    """The plan for a unit, in the order in which its steps are to be taken.

    Drift that was seen before goes one tier up: what sets the property again has to be found
    before anybody fights it.
    """
    steps = [*_steps(unit, judgement, found, words)]
    if not seen or judgement in _HARMLESS:
        return tuple(steps)
    if all(step.kind is not Kind.ASK for step in steps):
        says = "Find who or what sets it again and again, before it is applied again."
        at = sum(step.kind is Kind.CONTAIN for step in steps)
        steps.insert(at, Step(Kind.ASK, Tier.PERSON, says))
    return tuple(replace(step, tier=step.tier.raised) for step in steps)


def _steps(unit: Unit, judgement: Judgement, found: Pictures, words: Words) -> Iterator[Step]:
    if judgement is Judgement.EXPECTED:
        return
    if judgement is Judgement.DANGEROUS:
        yield from _contain(unit)
    if judgement is Judgement.COSMETIC:
        yield from _adopt(unit, words)
        return
    why = _why_ask(unit, judgement)
    if why:
        yield Step(Kind.ASK, Tier.PERSON, why)
    else:
        says = "Apply what the program declares."
        yield Step(Kind.REAPPLY, Tier.APPROVE, says, command(unit, found))
    if judgement is Judgement.RELEVANT:
        yield from _adopt(unit, words)


def _contain(unit: Unit) -> Iterator[Step]:
    remedy = CONTAINS.get((unit.change.type, unit.path))
    if remedy == _CLOSING and not any(map(_opens, unit.differences)):
        return
    if remedy == _UNSHARING and unit.change.after is None:
        return
    if remedy:
        tier = Tier.APPROVE if remedy in SENSITIVE else Tier.AUTO
        yield Step(Kind.CONTAIN, tier, f"The remediation {remedy} takes the danger away at once.")


def _opens(item: Difference) -> bool:
    """Whether a difference lets the internet in: no other rule is what the remediation closes."""
    ranges = (leaf for _, leaf in walk(item.new) if isinstance(leaf, str) and "/" in leaf)
    return any(map(is_world, ranges))


def _why_ask(unit: Unit, judgement: Judgement) -> str:
    if judgement is Judgement.UNDECIDED:
        return "Look at what is there: what it means cannot be told from the files."
    if unit.change.before is None:
        return (
            "Take it away by hand or declare it: no program has it, so pulumi up leaves it alone."
        )
    if any(is_ignored(unit, item.path) for item in unit.differences):
        return "Decide who owns it: pulumi up leaves it as it is, because of ignore_changes."
    if not unit.declared:
        return "Undo it by hand or declare it: pulumi up leaves alone what no program declares."
    if not is_stateful(unit.change.type):
        return ""
    if unit.change.after is None:
        return "Find out what became of the data: a new resource would not have it."
    if unit.change.replacement is not Replacement.NO:
        return "Decide how the data is kept: applying it may replace what holds them."
    return ""


def command(unit: Unit, found: Pictures) -> str:
    """The command that makes Pulumi restore a resource, for a POSIX shell.

    What depends on it is applied as well where it has to be made anew, and where it has children.
    `--refresh` makes Pulumi look at what is there, and not at what it remembers.
    """
    change = unit.change
    is_more = change.after is None or bool(found.before.children(change.urn))
    parts = ["pulumi up --refresh --stack", quoted(found.live.stack)]
    parts += ["--target", quoted(change.was or change.urn)]
    return " ".join((*parts, *(["--target-dependents"] if is_more else [])))


def quoted(text: str) -> str:
    """A word for a POSIX shell, in quotes wherever it holds more than letters and digits.

    >>> print(quoted("prod"), quoted("urn:pulumi:prod::shop::a:b/c:D$e:f/g:H::logs"))
    prod 'urn:pulumi:prod::shop::a:b/c:D$e:f/g:H::logs'
    """
    if text.isascii() and text.isalnum():
        return text
    found = shlex.quote(text)
    return found if found.startswith("'") else f"'{found}'"


def _adopt(unit: Unit, words: Words) -> Iterator[Step]:
    source = unit.change.resource.source
    where = f" at {source}" if source else " in the program"
    if unit.change.after is None:
        says = f"Or take {unit.change.resource.name} out{where}, if it is gone for good."
        yield Step(Kind.ADOPT, Tier.PERSON, words.text(says))
        return
    values = [it for it in unit.differences if not is_ignored(unit, it.path)]
    if values and all(map(_is_sayable, values)):
        changes = "; ".join(_said(it, words) for it in values)
        yield Step(Kind.ADOPT, Tier.PERSON, f"Or make it intended{where}: {changes}.")


def _is_sayable(item: Difference) -> bool:
    hidden = item.is_secret or item.new == MASK if item.new is not UNKNOWN else True
    return not hidden and not any(leaf is UNKNOWN for _, leaf in walk(item.new))


def _said(item: Difference, words: Words) -> str:
    if item.new is None:
        return f"leave {words.text(item.path)} out"
    return words.text(f"set {item.path} to {_json(item.new)}")


def _json(value: Any) -> str:
    return json.dumps(encode(value), ensure_ascii=False)
