"""`waived`: an option that lets a control stay violated by a resource, until a day.

For programs in Python. In other languages, and for what a remote component makes, the project's
`waivers.yaml` says the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pulumi
from pulumi import ResourceOptions, ResourceTransformationArgs, ResourceTransformationResult

from fintech_infra.components._component import PACKAGE

_TYPE: Final = f"{PACKAGE}:index:Waiver"
_REASON_LENGTH: Final = 20


class _Marker(pulumi.ComponentResource):
    """Says in preview, policy pack and state alike that something is waived; makes nothing."""

    def __init__(self, name: str, said: Mapping[str, Any], opts: ResourceOptions) -> None:
        super().__init__(_TYPE, name, said, opts)
        self.said = said
        self.register_outputs(dict(said))


def waived(
    control: str,
    *,
    reason: str,
    owner: str,
    approver: str,
    created: str,
    expires: str,
    ticket: str = "",
    resource: str = "",
    path: str = "",
    stacks: Sequence[str] = (),
    undecided: bool = False,
    opts: ResourceOptions | None = None,
) -> ResourceOptions:
    """Return options for a resource that may violate `control` until the day `expires`.

    The finding stays visible as waived, with who answers for it. On the day after `expires` it
    counts again. Neither the resource nor anything in a component changes by it; a component
    `fintech_infra:index:Waiver`, which makes nothing, stands beside it.

    Args:
        control: Id of the control.
        reason: Why that is acceptable until then, in a sentence.
        owner: Who mends it, or asks again.
        approver: Who accepts the risk; somebody else than the owner.
        created: First day on which it holds, such as `2026-11-01`.
        expires: Last day on which it holds. A finding says where that is too far off: after 90
            days in production, 30 for a critical control, 365 elsewhere.
        ticket: Where the risk is tracked.
        resource: On a component, what in it may violate the control: a shell-style pattern of
            `type::name`, as in `aws:s3/bucket:Bucket::pay-logs`, or of URNs where it begins with
            `urn:`. It has to narrow the name down. A resource by itself needs none.
        path: Property path; only what is found there or below may stay.
        stacks: Shell-style patterns of the stacks that it is for. Default: all.
        undecided: Whether it is also for what a preview could not decide.
        opts: The resource's other options.

    Raises:
        ValueError: arguments are wrong; all are listed.
    """
    given: dict[str, Any] = {
        "control": control,
        "reason": reason,
        "owner": owner,
        "approver": approver,
        "created": created,
        "expires": expires,
        "ticket": ticket,
        "resource": resource,
        "path": path,
        "stacks": list(stacks) if isinstance(stacks, list | tuple) else stacks,
        "undecided": undecided,
    }
    problems = [*_shapes(given), *_meaning(given)]
    if problems:
        raise ValueError(
            "\n".join([f"waived({control!r}) cannot be:", *(f"  {item}" for item in problems)])
        )
    said = {key: value for key, value in given.items() if value}

    return ResourceOptions.merge(opts, ResourceOptions(transformations=[_Mark(said)]))


@dataclass(frozen=True, eq=False)
class _Mark:
    """Registers the marker of a waiver before the resource whose option it is."""

    said: Mapping[str, Any]

    def __call__(self, args: ResourceTransformationArgs) -> ResourceTransformationResult | None:
        own = args.opts.transformations or []
        # Children inherit transformations; the waiver is for what has the option itself.
        if self not in own:
            return None
        self._check(args, [item for item in own if isinstance(item, _Mark)])
        type_ = re.sub(r"[:/]", "-", args.type_)
        marker = _Marker(
            f"{args.name}-{type_}-{_slug(self.said)}",
            {**self.said, "ofType": args.type_, "ofName": args.name},
            # A resource that is protected shall not keep its waiver alive.
            ResourceOptions(parent=args.opts.parent, protect=False),
        )
        # What judges resources one by one must have seen the marker first. An empty list that
        # comes after it makes the resource wait, and leaves no dependency in the state.
        after = ResourceOptions(depends_on=marker.urn.apply(lambda _: []))
        return ResourceTransformationResult(args.props, ResourceOptions.merge(args.opts, after))

    def _check(self, args: ResourceTransformationArgs, marks: "Sequence[_Mark]") -> None:
        control = self.said["control"]
        if isinstance(args.resource, pulumi.ComponentResource) and "resource" not in self.said:
            raise ValueError(
                f"waived({control!r}) on the component {args.name!r} has to say what in it may "
                "violate the control: pass resource=, as in "
                "resource='aws:s3/bucket:Bucket::pay-logs'"
            )
        if [_slug(mark.said) for mark in marks].count(_slug(self.said)) > 1:
            raise ValueError(
                f"waived({control!r}) is there twice on {args.name!r} for the same; keep one, or "
                "tell them apart by path= or resource="
            )


def _slug(said: Mapping[str, Any]) -> str:
    """What tells the waivers of one resource apart: several may be of one control."""
    parts = (said["control"], said.get("resource", ""), said.get("path", ""))
    return "-".join(re.sub(r"[^\w.*]+", "-", part).strip("-") for part in parts if part)


def _shapes(given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        if name == "undecided":
            if not isinstance(value, bool):
                yield f"{name} is {value!r}, but must be True or False"
        elif name == "stacks":
            if not _are_texts(value):
                yield f"{name} is {value!r}, but must be a list of texts, as in ['prod', 'prod-*']"
        elif not isinstance(value, str):
            yield f"{name} is {value!r}, but must be text that is known when the program runs"
        elif not value.strip() and name not in {"ticket", "resource", "path"}:
            yield f"{name} is empty"


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(it, str) and it.strip() for it in value)


def _meaning(given: Mapping[str, Any]) -> Iterator[str]:
    reason, owner, approver = (given[name] for name in ("reason", "owner", "approver"))
    if isinstance(reason, str) and 0 < len(" ".join(reason.split())) < _REASON_LENGTH:
        yield (
            f"reason is {reason!r}, which has fewer than {_REASON_LENGTH} letters; say in a "
            "sentence why the risk is acceptable until it expires"
        )
    if _same(owner, approver):
        yield (
            f"approver is {approver!r}, who is the owner as well; let somebody accept the risk who "
            "does not gain from it"
        )
    days = {name: _day(given[name]) for name in ("created", "expires")}
    for name, day in days.items():
        if day is None and isinstance(given[name], str) and given[name].strip():
            yield f"{name} is {given[name]!r}, which is no date such as 2026-11-30"
    created, expires = days.values()
    if created and expires and expires <= created:
        yield f"expires on {expires}, which is not after {created}, when it was created"


def _same(one: Any, other: Any) -> bool:
    if not (isinstance(one, str) and isinstance(other, str) and one.strip()):
        return False
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _day(value: Any) -> date | None:
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
