"""Who wrote a change, and who fills which of the places that a decision asks for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from email.utils import parseaddr

from fintech_infra.operations.gate.approvals.model import Approver, Need


def same(text: str) -> str:
    """A name or an address in the form in which two of them are compared.

    >>> same(" Ada@Example.com ") == same("ada@example.com")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def names_of(author: str) -> Set[str]:
    """What an author goes by: the whole text, and the name and the address in it.

    >>> sorted(names_of("Ada L <ada@example.com>"))
    ['ada l', 'ada l <ada@example.com>', 'ada@example.com']
    """
    # What is in the brackets counts, whatever else an address parser makes of the text.
    name, bracket, rest = author.rpartition("<")
    parts = {author, *parseaddr(author)}
    if bracket:
        parts |= {name, rest.partition(">")[0]}
    return {same(part) for part in parts} - {""}


def known_as(approver: Approver) -> Set[str]:
    """All that an approver goes by."""
    return {part for name in (approver.name, *approver.identities) for part in names_of(name)}


def wrote(approver: Approver, authors: Iterable[str]) -> str:
    """The author that an approver is, as it was given; empty where it is none of them."""
    known = known_as(approver)
    return next((author for author in authors if names_of(author) & known), "")


def places(voices: Mapping[str, Set[str]], needs: Sequence[Need]) -> dict[str, str]:
    """Give each voice one place at most, so that as many places as can be are filled.

    `voices` are the groups that each approver speaks for. Returns the group whose place each
    approver fills; who is left over is not in it.

    >>> places({"ada": {"risk", "sre"}, "bob": {"risk"}}, [("risk", 1), ("sre", 1)])
    {'ada': 'sre', 'bob': 'risk'}
    """
    slots = [group for group, count in needs for _ in range(count)]
    taken: dict[int, str] = {}
    for name in sorted(voices):
        _seat(name, slots, voices, taken, set())
    return {name: slots[slot] for slot, name in sorted(taken.items(), key=lambda item: item[1])}


def _seat(
    name: str,
    slots: Sequence[str],
    voices: Mapping[str, Set[str]],
    taken: dict[int, str],
    tried: set[int],
) -> bool:
    """Seat one voice, moving those that sit already where they can sit elsewhere."""
    for slot, group in enumerate(slots):
        if slot in tried or group not in voices[name]:
            continue
        tried.add(slot)
        if slot not in taken or _seat(taken[slot], slots, voices, taken, tried):
            taken[slot] = name
            return True
    return False
