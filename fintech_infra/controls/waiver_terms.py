"""Controls over waivers: what has to hold for a violation to be let stand.

Their subjects are not resources of a program but the waivers themselves, which
`fintech_infra.controls.waivers.apply` hands to them together with what they cover.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.waivers.model import WAIVER_TYPE
from fintech_infra.environment import Resource

_CM6: Final = "NIST SP 800-53 CM-6 c; SOC 2 CC8.1"


@control(
    on=[WAIVER_TYPE],
    severity=Severity.MEDIUM,
    fix="Mend what it was for and delete it, or have it approved anew with new dates.",
    source=_CM6,
    properties=["expires"],
)
def waiver_not_expired(waiver: Resource) -> Iterator[Fault]:
    """Waivers have not expired.

    What was accepted until a day is not accepted after it. An expired waiver lets nothing stand
    any more; left in place it looks as if somebody still answered for it.
    """
    expires = waiver.value("expires")
    if expires < waiver.value("today"):
        yield Fault("expires", f"expired after {expires}; it lets nothing stand any more")


@control(
    on=[WAIVER_TYPE],
    severity=Severity.MEDIUM,
    fix="Set created to the day of the approval.",
    source=_CM6,
    properties=["created"],
)
def waiver_not_postdated(waiver: Resource) -> Iterator[Fault]:
    """Waivers were created on the day of the run, or before it.

    One that begins in the future has an end further off than the maximum allows. Until it begins it
    lets nothing stand.
    """
    created = waiver.value("created")
    if created > waiver.value("today"):
        yield Fault("created", f"begins on {created} only; until then it lets nothing stand")


@control(
    on=[WAIVER_TYPE],
    severity=Severity.HIGH,
    fix="Bring expires nearer to created, and renew the approval when it comes up.",
    source=_CM6,
    properties=["created", "expires"],
)
def waiver_short_lived(
    waiver: Resource, *, critical_days: int = 30, production_days: int = 90, days: int = 365
) -> Iterator[Fault]:
    """Waivers end within 90 days in production, within 30 for a critical control.

    A risk is accepted by people who know it, for as long as they do. The maximum is 365 days
    elsewhere; the least that applies counts.
    """
    most = {days: "any control"}
    if waiver.value("production"):
        most[production_days] = "any control in production"
    if waiver.value("severity") == Severity.CRITICAL:
        most[critical_days] = "a critical control"
    allowed, given = min(most), waiver.value("days")
    if given > allowed:
        yield Fault("expires", f"holds for {given} days; the most for {most[allowed]} is {allowed}")


@control(
    on=[WAIVER_TYPE],
    severity=Severity.MEDIUM,
    fix="Correct the pattern, name the stacks it is for, or delete the waiver.",
    source=_CM6,
    properties=["resource"],
)
def waiver_matched(waiver: Resource) -> Iterator[Fault]:
    """Waivers name resources that there are.

    A pattern that is for nothing lets through whatever comes to fit it one day, unseen by whoever
    approved it. A typing error in it means that what was approved is not what is waived.
    """
    if waiver.value("judged") and waiver.value("matched") == 0:
        yield Fault(
            "resource",
            f"{waiver.value('control')} judges nothing that {waiver.value('resource')} fits",
        )
    elif waiver.value("judged") and waiver.value("matched") < 0:
        yield Fault(
            "resource",
            "may be for what is in a component whose contents no preview can see",
            undecided=True,
        )


@control(
    on=[WAIVER_TYPE],
    severity=Severity.MEDIUM,
    fix="Delete the waiver; where other stacks still need it, name these under stacks.",
    source=_CM6,
    properties=["control", "resource"],
)
def waiver_used(waiver: Resource) -> Iterator[Fault]:
    """Waivers let something stand.

    One that is left over after the violation was mended lets the same violation come back without
    anybody's approval.
    """
    if waiver.value("judged") and waiver.value("matched") > 0 and not waiver.value("found"):
        yield Fault("", f"what it is for does not violate {waiver.value('control')}")


@control(
    on=[WAIVER_TYPE],
    severity=Severity.MEDIUM,
    fix="Write one waiver for each resource, or a narrower pattern.",
    source=_CM6,
    properties=["resource"],
)
def waiver_narrow(waiver: Resource, *, maximum: int = 5) -> Iterator[Fault]:
    """Waivers let five resources at most stand.

    Whoever approves a pattern approves what fits it today. The more it covers, the less anybody
    has looked at each, and the easier something worse slips in.
    """
    covered = waiver.value("covered")
    if covered > maximum:
        yield Fault("resource", f"lets {covered} resources stand; the most is {maximum}")


CONTROLS: Final = (
    waiver_not_expired,
    waiver_not_postdated,
    waiver_short_lived,
    waiver_matched,
    waiver_used,
    waiver_narrow,
)
