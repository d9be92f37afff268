"""`Disguise`: what a change's names and texts are called in what is sent.

A resource is `r1`, a key of the program's is `k1`, a text is `<text #1>`, an ARN `<arn s3 #1>`, the
same one throughout a run; see `Placeholders`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from typing import Final

from fintech_infra.environment import Environment
from fintech_infra.operations.language_model.placeholders import Placeholders
from fintech_infra.operations.review.model.actions import is_service
from fintech_infra.operations.review.model.vocabulary import Vocabulary
from fintech_infra.report.redact import Redaction

SECRET: Final = "<secret>"  # noqa: S105 - what is written in a secret's place
_LONGEST_NUMBER: Final = 8
"""Digits of a number that are sent: enough for a year in seconds, too few for an account id."""
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_KINDS: Final = (
    ("account", re.compile(r"\d{12}")),
    ("email", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")),
    ("url", re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)),
    ("digest", re.compile(r"(?:sha\d+:)?[0-9a-f]{32,128}", re.IGNORECASE)),
    ("domain", re.compile(r"(?:[\w*-]+\.)+[a-z]{2,24}\.?", re.IGNORECASE)),
    ("time", re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?")),
)


class Disguise:
    """The names of one change."""

    def __init__(
        self,
        environments: Sequence[Environment],
        changed: Iterable[tuple[str, str]],
        vocabulary: Vocabulary,
    ) -> None:
        """Name the changed resources `r1`, `r2` and so on, in this order.

        Each is given by the URN that it will have and the one that it had.
        """
        self._environments = environments
        self._redactions = [Redaction(environment) for environment in environments]
        self._vocabulary = vocabulary
        self._placeholders = Placeholders()
        self.called = self._placeholders.called
        self.ids = {
            urn: f"r{number}" for number, urns in enumerate(changed, 1) for urn in urns if urn
        }

    def is_secret(self, text: str) -> bool:
        """Whether there is a secret of either environment in a text."""
        return any(redaction.text(text) != text for redaction in self._redactions)

    def key(self, key: str) -> str:
        """What a key that the program chose is called."""
        return self._placeholders.short("k", key)

    def number(self, value: float) -> object:
        """A number, or what it is called where it is a secret or long enough to name somebody."""
        shown = str(value)
        if self.is_secret(shown):
            return SECRET
        return (
            value if len(shown) <= _LONGEST_NUMBER and shown not in ("inf", "nan") else "<number>"
        )

    def text(self, value: str) -> str:
        """What a text is called: what kind it is, and which of its kind."""
        if self.is_secret(value):
            return SECRET
        if not value or value in _ANYWHERE:
            return value
        urns = [found.urn for each in self._environments for found in each.named(value)]
        if urns:
            return self.resource(urns[0])
        if value.startswith("arn:"):
            return self._arn(value)
        return _network(value, self) or self.called(_kind(value), value)

    def resource(self, urn: str) -> str:
        """What a resource is called where another one refers to it."""
        if urn in self.ids:
            return f"<{self.ids[urn]}>"
        found = next((each.by_urn[urn] for each in self._environments if urn in each.by_urn), None)
        known = found is not None and self._vocabulary.inputs(found.type) is not None
        return self.called(f"resource {found.type}" if found and known else "resource", urn)

    def _arn(self, value: str) -> str:
        parts = value.split(":", 5)
        service = parts[2] if len(parts) > 2 and is_service(parts[2]) else "other"  # noqa: PLR2004 - arn, partition, service
        named = self.called(f"arn {service}", value)
        return f"{named[:-1]}, with a wildcard>" if "*" in value or "?" in value else named


def _kind(value: str) -> str:
    return next((kind for kind, form in _KINDS if form.fullmatch(value)), "text")


def _network(value: str, disguise: Disguise) -> str:
    """The placeholder of an address or a range of them, empty for what is none."""
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return ""
    reach = "private" if network.is_private else "public"
    return disguise.called(f"{reach} ipv{network.version} /{network.prefixlen}", value)
