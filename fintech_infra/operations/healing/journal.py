"""The journal of acts in a ledger's store: append-only, chained, signed, and without a lock.

Whoever creates the next number has it. So a healer that has read up to number n, looked at AWS and
decided, knows when its act becomes number n that nobody has begun or ended an act meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from fintech_infra.operations.digest import digest
from fintech_infra.operations.drift.decide import MEMORY
from fintech_infra.operations.healing.acts import (
    ACTS,
    Act,
    Outcome,
    Place,
    act_key,
    number_of,
    read_act,
    statement_of,
)
from fintech_infra.operations.healing.history import View
from fintech_infra.operations.ledger import BrokenLedgerError, RefusedError, Store
from fintech_infra.operations.ledger.append import TOLERANCE
from fintech_infra.operations.moments import cut, written
from fintech_infra.operations.signing import (
    IN_TOTO,
    SignatureError,
    TrustedKeys,
    public_half,
    require_valid,
    sign,
    verify,
)

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import Signer

_MARGIN: Final = timedelta(days=1)
"""How much more than the memory is read, so that the intents of old outcomes are there."""

Made = Callable[[Place], Act]
"""Makes an act for its place."""


def opened(content: bytes, number: int, keys: TrustedKeys) -> Act:
    """The act in an envelope that is kept as number `number`.

    Raises:
        SignatureError: its signature does not count.
        ValueError: it is no act, or not of this number.
    """
    verified = verify(content, keys, IN_TOTO)
    act = read_act(verified)
    if act.number != number:
        raise ValueError(f"holds what was signed as act {act.number}")
    require_valid(verified.keys, act.place.recorded)
    return act


@dataclass
class Journal:
    """The acts in a store. What was read is kept, since it never changes."""

    store: Store
    keys: TrustedKeys
    signer: Signer | None = None
    _acts: dict[int, tuple[Act, str]] = field(default_factory=dict[int, tuple[Act, str]])

    def view(self, now: datetime) -> View:
        """The end of the journal, as far back as it weighs in a decision.

        Raises:
            BrokenLedgerError: it is not what was signed, or a number is missing.
            StoreError: it cannot be read.
        """
        last = self.store.last(ACTS)
        if last is None:
            return View()
        size = self._number(last) + 1
        since, found = now - MEMORY - _MARGIN, list[Act]()
        following: Act | None = None
        for number in range(size - 1, -1, -1):
            act, named = self._read(number)
            if following is not None and following.place.previous != named:
                part = f"act {following.number}"
                raise BrokenLedgerError(part, "does not follow the act before it")
            found.append(act)
            following = act
            if act.place.recorded < since:
                break
        return View(tuple(reversed(found)), size, self._read(size - 1)[1])

    def add(self, view: View, make: Made, now: datetime) -> Act | None:
        """Add an act as the next after a view; None where somebody else has added one.

        Raises:
            RefusedError: the key is not trusted now, or a clock is wrong.
            StoreError: the store cannot be written.
        """
        if self.signer is None:
            raise RefusedError("no key signs what is done", "give --key")
        at = cut(now)
        if view.acts:
            head = view.acts[-1].place
            if head.recorded - at > TOLERANCE:
                raise RefusedError(
                    f"it is {written(at)} here, but act {head.number} was recorded at "
                    f"{written(head.recorded)}",
                    "set the clock of this machine, or verify the ledger if this one is right",
                )
            at = max(at, head.recorded)
        self._check_key(self.signer, at)
        act = make(Place(view.size, view.head, at))
        content = sign(IN_TOTO, statement_of(act), self.signer)
        return act if self.store.create(act_key(view.size), content) else None

    def end(self, outcome: Outcome, clock: Callable[[], datetime]) -> Outcome | None:
        """Record what came of an act; None where another healer has ended or resumed it."""
        while True:
            now = clock()
            view = self.view(now)
            if outcome.intent not in {it.number for it in view.open()}:
                return None
            if self.add(view, lambda place: replace(outcome, place=place), now):
                return outcome

    def _check_key(self, signer: Signer, now: datetime) -> None:
        id_, _, _ = public_half(signer)
        key = self.keys.by_id.get(id_)
        if key is None or not key.is_valid(now):
            counts = f"counts {key.window}" if key else "is not trusted"
            where = self.keys.name or "the file of keys"
            raise RefusedError(
                f"the key {id_} {counts} in {where}",
                "add its public half there; `fintech-infra ledger key --public-of KEY` writes it",
            )

    def _number(self, key: str) -> int:
        number = number_of(key)
        if number is None:
            raise BrokenLedgerError(key, "is no part of a ledger")
        return number

    def _read(self, number: int) -> tuple[Act, str]:
        if number not in self._acts:
            part, content = f"act {number}", self.store.read(act_key(number))
            if content is None:
                raise BrokenLedgerError(part, "is missing, and later ones are there")
            try:
                self._acts[number] = opened(content, number, self.keys), digest(content)
            except (SignatureError, ValueError) as error:
                raise BrokenLedgerError(part, str(error)) from None
        return self._acts[number]
