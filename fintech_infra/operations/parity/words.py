"""The words by which an environment differs from another in name only."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fintech_infra.environment import Environment

STACK: Final = "{stack}"
ACCOUNT: Final = "{account}"
REGION: Final = "{region}"
INDEX: Final = "#"
"""Stands for the zone's letter or the number in the names of an indexed set."""

_FAMILIES: Final = (
    frozenset({"dev", "development"}),
    frozenset({"stage", "staging", "stg"}),
    frozenset({"prod", "production", "prd"}),
)
"""Words that mean the same environment; which one a stack is called by says nothing."""
_ARN: Final = re.compile(r"arn:[\w-]+:[\w-]+:([\w-]*):(\d{12})?:")
_INDEX: Final = re.compile(r"(?<=[-_])(?:[a-f]|\d{1,2})(?=[-_]|$)")


def pattern_of(name: str) -> str:
    """A name with the index of an indexed set taken out.

    >>> pattern_of("payments-nat-c-app-c"), pattern_of("worker-12"), pattern_of("ledger")
    ('payments-nat-#-app-#', 'worker-#', 'ledger')
    """
    return _INDEX.sub(INDEX, name)


def index_of(name: str) -> str:
    """The index in a name, empty where it has none.

    >>> index_of("payments-data-b"), index_of("ledger")
    ('b', '')
    """
    found = _INDEX.search(name)
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class _Facts:
    account: str
    region: str


class Words:
    """The words of one environment: its stack, its account, its region."""

    def __init__(self, environment: Environment) -> None:
        """Find them; account and region are those that most ARNs of its resources name."""
        self._environment = environment
        self.stack = environment.stack
        named = {self.stack, *_family(self.stack)} - {""}
        self._names = _word(named) if named else None
        # In a text, a word such as stage has other meanings.
        self._stack = _word({self.stack}) if self.stack else None

    @cached_property
    def _facts(self) -> _Facts:
        accounts: Counter[str] = Counter()
        regions: Counter[str] = Counter()
        for resource in self._environment.resources:
            for value in (resource.outputs.get("arn"), resource.id):
                found = _ARN.match(value) if isinstance(value, str) else None
                if found:
                    regions.update(filter(None, (found[1],)))
                    accounts.update(filter(None, (found[2],)))
        return _Facts(_most(accounts), _most(regions))

    @property
    def account(self) -> str:
        """The account, empty where nothing says so."""
        return self._facts.account

    @property
    def region(self) -> str:
        """The region, empty where nothing says so."""
        return self._facts.region

    @cached_property
    def _place(self) -> re.Pattern[str] | None:
        facts = self._facts
        parts = [re.escape(facts.region)] if facts.region else []
        parts += [rf"(?<!\d){facts.account}(?!\d)"] if facts.account else []
        return re.compile("|".join(parts)) if parts else None

    def name(self, text: str) -> str:
        """The name of a resource without the words of the environment."""
        return self._names.sub(STACK, text) if self._names else text

    def text(self, text: str) -> str:
        """A text without the stack, the account and the region."""
        place = self._place
        if place is not None:
            account = self._facts.account
            text = place.sub(lambda it: ACCOUNT if it[0] == account else REGION, text)
        return self._stack.sub(STACK, text) if self._stack else text


def _family(stack: str) -> frozenset[str]:
    parts = set(re.split(r"[-_.]", stack.lower()))
    return next((family for family in _FAMILIES if family & parts), frozenset())


def _word(words: set[str]) -> re.Pattern[str]:
    choice = "|".join(map(re.escape, sorted(words, key=lambda it: (-len(it), it))))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{choice})(?![A-Za-z0-9])", re.IGNORECASE)


def _most(counts: Counter[str]) -> str:
    """The commonest, of several the first in the alphabet: the order of resources says nothing."""
    return min(counts, key=lambda word: (-counts[word], word), default="")
