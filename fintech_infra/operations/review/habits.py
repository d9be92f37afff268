"""`Habits`: what earlier environments chose, as data that can be kept, merged and learnt on.

What is kept are sets: which resource ever made which choice, and which states had which type.
So nothing counts twice, however often it is learnt, and neither the order of states nor that of
resources matters. Secrets are not in it; URNs and other plain values are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from fintech_infra.environment import Environment
from fintech_infra.operations.review.observations import Key, Kind, Observed, observe

FORMAT: Final = "fintech-infra habits"
"""What a file with habits says it is, under the key `format`."""
FORMAT_VERSION: Final = 1

Choices = dict[str, frozenset[str]]
"""Who ever chose what: `chooser` of the resources, by token."""


def chooser(urn: str) -> str:
    """Who makes a choice: a resource, whatever the stack. Copies of one program choose once.

    >>> chooser("urn:pulumi:prod::payments::aws:s3/bucket:Bucket::logs")
    'payments::aws:s3/bucket:Bucket::logs'
    """
    return urn.partition("::")[2] or urn


class HabitsError(ValueError):
    """Raised for text that holds no habits of this format's version."""


@dataclass(frozen=True, eq=True)
class Habits:
    """What was chosen where, and by whom.

    `states` are digests of what was observed, so that equal states are one; `types` gives the
    states that a type occurred in.
    """

    states: frozenset[str] = frozenset()
    types: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    choices: Mapping[Key, Choices] = field(default_factory=dict[Key, Choices])

    def dumps(self) -> str:
        """Write the habits as JSON text; equal habits give equal text."""
        urns = sorted({urn for made in self.choices.values() for by in made.values() for urn in by})
        states = sorted(self.states)
        number = {name: at for at, name in enumerate(urns)}
        state_number = {name: at for at, name in enumerate(states)}
        return json.dumps(
            {
                "format": FORMAT,
                "version": FORMAT_VERSION,
                "states": states,
                "resources": urns,
                "types": {
                    name: sorted(state_number[state] for state in self.types[name])
                    for name in sorted(self.types)
                },
                "choices": [
                    [*key, {token: sorted(number[urn] for urn in made[token])
                            for token in sorted(made)}]
                    for key, made in sorted(self.choices.items())
                ],
            },
            separators=(",", ":"),
        )  # fmt: skip

    @staticmethod
    def loads(text: str) -> Habits:
        """Read what `dumps` wrote.

        Raises:
            HabitsError: the text is something else, of another version, or was changed by hand.
        """
        try:
            content: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise HabitsError(f"is not JSON: {error}") from None
        if not isinstance(content, dict) or cast("Any", content).get("format") != FORMAT:
            raise HabitsError(f"does not say format {FORMAT!r}")
        return decode(cast("dict[str, Any]", content))


def decode(content: Mapping[str, Any]) -> Habits:
    """Build habits from the object that `Habits.dumps` wrote.

    Raises:
        HabitsError: it is of another version, or was changed by hand.
    """
    if content.get("version") != FORMAT_VERSION:
        raise HabitsError(
            f"has version {content.get('version')!r}; this version reads {FORMAT_VERSION}: "
            "learn it again"
        )
    try:
        urns: list[str] = content["resources"]
        states: list[str] = content["states"]
        return Habits(
            frozenset(states),
            {name: frozenset(states[at] for at in given)
             for name, given in content["types"].items()},
            {(subject, place, Kind(kind)): {token: frozenset(urns[at] for at in by)
                                            for token, by in made.items()}
             for subject, place, kind, made in content["choices"]},
        )  # fmt: skip
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise HabitsError(f"was changed by hand ({type(error).__name__}: {error})") from None


def learn(environments: Iterable[Environment]) -> Habits:
    """Learn what is usual from earlier environments; in which order they come does not matter."""
    states: set[str] = set()
    types: dict[str, set[str]] = {}
    choices: dict[Key, dict[str, set[str]]] = {}
    for environment in environments:
        observed = observe(environment)
        state = _digest(environment, observed)
        if state in states:
            continue
        states.add(state)
        for seen in observed:
            types.setdefault(seen.type, set()).add(state)
            by = chooser(seen.urn)
            for choice in seen.choices:
                made = choices.setdefault(choice.key, {})
                made.setdefault(choice.token, set()).add(by)
    return Habits(
        frozenset(states),
        {name: frozenset(found) for name, found in types.items()},
        {key: {token: frozenset(by) for token, by in made.items()}
         for key, made in choices.items()},
    )  # fmt: skip


def merged(*several: Habits) -> Habits:
    """Several habits as one: as if all had been learnt together."""
    states: set[str] = set()
    types: dict[str, frozenset[str]] = {}
    choices: dict[Key, Choices] = {}
    for habits in several:
        states |= habits.states
        for name, found in habits.types.items():
            types[name] = types.get(name, frozenset()) | found
        for key, made in habits.choices.items():
            known = choices.setdefault(key, {})
            for token, by in made.items():
                known[token] = known.get(token, frozenset()) | by
    return Habits(frozenset(states), types, choices)


def _digest(environment: Environment, observed: Iterable[Observed]) -> str:
    """The identity of a state: what was observed, in whatever order."""
    rows = sorted(
        "\0".join((seen.urn, *choice.key, choice.path, choice.token))
        for seen in observed
        for choice in seen.choices
    )
    name = f"{environment.organization}/{environment.project}/{environment.stack}"
    return hashlib.sha256("\n".join((name, *rows)).encode("utf-8", "replace")).hexdigest()[:32]
