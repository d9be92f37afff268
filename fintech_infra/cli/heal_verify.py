"""The acts' part of `fintech-infra ledger verify`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fintech_infra.cli.ledger_opening import open_store, told

if TYPE_CHECKING:
    from fintech_infra.operations.healing.verify import Verified
    from fintech_infra.operations.ledger import Reader


def has_acts(place: str) -> bool:
    """Whether a place has acts of healing, with or without deployments."""
    from fintech_infra.operations.healing.acts import ACTS

    store = open_store(place)
    with told():
        return store.last(ACTS) is not None


def verified(reader: Reader, now: datetime) -> Verified | None:
    """All acts of a ledger, verified; None where there are none."""
    from fintech_infra.operations.healing.acts import ACTS
    from fintech_infra.operations.healing.verify import verify_acts

    if reader.store.last(ACTS) is None:
        return None
    return verify_acts(reader.store, reader.keys, now)


def lines(found: Verified | None) -> Iterator[str]:
    """Yield what is said of them."""
    if found is None:
        return
    yield from (f"broken: {fault}" for fault in found.faults)
    if not found.faults:
        yield f"whole: {found.size} acts of healing"
    if found.open:
        listed = ", ".join(map(str, found.open))
        yield f"note: acts without an outcome: {listed}; the next run of heal looks at them"


def document(found: Verified | None) -> dict[str, Any] | None:
    """The same as JSON values."""
    if found is None:
        return None
    faults = [{"act": it.number, "part": it.part, "message": it.message} for it in found.faults]
    return {"size": found.size, "faults": faults, "open": list(found.open)}
