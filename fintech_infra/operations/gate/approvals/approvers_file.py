"""The file of those who may approve: YAML or JSON, read strictly, every mistake with its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from fintech_infra.controls.yaml_marks import line_of
from fintech_infra.engine.errors import Problem
from fintech_infra.operations.gate.approvals.model import LONGEST, Approver, Approvers, Key
from fintech_infra.operations.gate.approvals.people import names_of
from fintech_infra.operations.gate.reading import Nodes, Reading
from fintech_infra.operations.signing.keys import facts_of

_APPROVER: Final = ("name", "groups", "keys")
_IDENTITIES: Final = ("identities", "members")
_MOST_HOURS: Final = 24 * 90
_KEY: Final = ("publicKey", "since", "until")


class ApproversError(Exception):
    """The file is written wrongly; every mistake is in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; the message lists them."""
        super().__init__("\n".join(f"{item.place}: {item.message}" for item in problems))
        self.problems = tuple(problems)


def read_approvers(path: Path) -> Approvers:
    """Read the file of those who may approve.

    Raises:
        ApproversError: it cannot be read, or is written wrongly.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise ApproversError([Problem(f"cannot be read: {said}", str(path))]) from error
    return read_text(text, str(path))


def read_text(text: str, shown: str) -> Approvers:
    """Read the text of such a file, which reports name as `shown`; see `read_approvers`."""
    reading = _Approvers(Reading(shown))
    found = reading.document(text)
    if reading.source.problems:
        raise ApproversError(sorted(reading.source.problems, key=lambda item: item.line))
    return found


@dataclass(slots=True)
class _Approvers:
    """What has been read so far. `taken` says who has a name or a key, and in which line."""

    source: Reading
    taken: dict[str, tuple[object, int]] = field(default_factory=dict[str, tuple[object, int]])

    def document(self, text: str) -> Approvers:
        root = self.source.document(text)
        if self.source.problems:
            return Approvers(())
        top = self.source.mapping(root, "the file", ("version", "approvers"), ("longestHours",))
        self.source.version(top)
        hours = self.source.whole(top, "longestHours", "the file", _MOST_HOURS)
        return Approvers(
            tuple(self._approver(node) for node in self.source.items(top, "approvers", "the file")),
            timedelta(hours=hours) if hours else LONGEST,
        )

    def _approver(self, node: Any) -> Approver:
        nodes = self.source.mapping(node, "an approver", _APPROVER, _IDENTITIES)
        name = self.source.text(nodes, "name", "an approver")
        what = f"the approver {name}" if name else "an approver"
        identities = self._identities(nodes, what, line_of(node))
        self._alone((("name " + text, node) for text in sorted(_all_names(name, identities))), what)
        return Approver(
            name,
            self.source.texts(nodes, "groups", what),
            identities,
            tuple(
                key
                for item in self.source.items(nodes, "keys", what)
                if (key := self._key(item, what)) is not None
            ),
            is_role="members" in nodes,
        )

    def _identities(self, nodes: Nodes, what: str, line: int) -> tuple[str, ...]:
        """Under which names somebody writes: of the person, or of all who share a role's key."""
        given = [name for name in _IDENTITIES if name in nodes]
        if len(given) != 1:
            said = "has identities and members" if given else "lacks 'identities'"
            self.source.wrong(
                line,
                f"{what} {said}",
                "a person has identities, the addresses and names in their commits; "
                "a role has members, those of everybody who can use its key",
            )
            return ()
        return self.source.texts(nodes, given[0], what)

    def _key(self, node: Any, what: str) -> Key | None:
        what = f"a key of {what}"
        nodes = self.source.mapping(node, what, _KEY, ("id", "revoked"))
        since, until, revoked = (
            self.source.day(nodes, name, what) for name in ("since", "until", "revoked")
        )
        public = self.source.text(nodes, "publicKey", what)
        id_ = self._key_id(nodes, public, what)
        if since and until and since > until:
            self.source.wrong(
                line_of(nodes["until"]), f"{what} is valid from {since} to {until}, which is never"
            )
        if not (id_ and since and until):
            return None
        return Key(id_, public, since, until, revoked)

    def _key_id(self, nodes: Nodes, public: str, what: str) -> str:
        """The id of a public key, which the file may repeat so that people can compare it."""
        if not public:
            return ""
        node = nodes["publicKey"]
        try:
            id_, *_ = facts_of(public)
        except ValueError as error:
            self.source.wrong(line_of(node), f"publicKey of {what} {error}")
            return ""
        written = self.source.text(nodes, "id", what)
        if written and written != id_:
            self.source.wrong(
                line_of(nodes["id"]), f"id of {what} is {written}, and its public key has {id_}"
            )
        self._alone([(f"key {id_}", node)], what)
        return id_

    def _alone(self, texts: Iterable[tuple[str, Any]], what: str) -> None:
        """Note what two of them have: somebody with two voices could approve alone."""
        mine = object()  # a YAML alias stands for one node in two places
        for text, node in texts:
            owner, line = self.taken.setdefault(text, (mine, line_of(node)))
            if owner is not mine:
                self.source.wrong(
                    line_of(node),
                    f"{what} has the {text}, which line {line} has as well",
                    "one person is one approver, by name or as a member of a role, with all keys",
                )


def _all_names(name: str, identities: Iterable[str]) -> set[str]:
    return {text for one in (name, *identities) for text in names_of(one)}
