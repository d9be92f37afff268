"""What an approval says, what it is asked for, and what came of reading one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

PAYLOAD_TYPE: Final = "application/vnd.fintech-infra.approval+json"
"""The DSSE payload type of an approval, so that no other signed document passes for one."""
LIFETIME: Final = timedelta(hours=24)
"""How long an approval holds unless it says otherwise."""
LONGEST: Final = timedelta(days=7)
"""The longest that an approval may hold, unless the file of approvers says otherwise."""
SKEW: Final = timedelta(minutes=5)
"""How far the clock of an approver may be ahead."""
OVERRIDE_PEOPLE: Final = 2
"""How many people at least have to override what is blocked."""


class Fault(StrEnum):
    """Why an approval does not count."""

    UNREADABLE = "unreadable"
    UNKNOWN_KEY = "unknown-key"
    BAD_SIGNATURE = "bad-signature"
    IMPOSTOR = "impostor"
    KEY_REVOKED = "key-revoked"
    KEY_NOT_VALID = "key-not-valid"
    OTHER_DECISION = "other-decision"
    OTHER_STACK = "other-stack"
    AHEAD = "ahead"
    EXPIRED = "expired"
    TOO_LONG = "too-long"
    NOT_IN_GROUP = "not-in-group"
    GROUP_NOT_ASKED = "group-not-asked"
    OVERRIDE = "override"
    AUTHOR = "author"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's word that one decision may go out.

    `decision` is the digest of the decision, as `sha256:` and hexadecimal digits; `project` and
    `stack` are those it is for. `group` is the group that the approver speaks for. `override` says
    that it is for a decision that is blocked, in an emergency. `created` and `expires` are in UTC,
    to the millisecond; it holds from the first until just before the second. `nonce` makes two
    approvals of the same differ.
    """

    approver: str
    group: str
    decision: str
    project: str
    stack: str
    reason: str
    created: datetime
    expires: datetime
    nonce: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of an approver.

    It counts from the day `since` to the day `until`, both included and in UTC, and from the day
    `revoked` on for nothing, whenever the approval says that it was made: who has stolen a key can
    write any time.
    """

    id: str
    public: str
    since: date
    until: date
    revoked: date | None = None

    def counts(self, at: datetime) -> bool:
        """Whether it counts at a moment."""
        day = at.astimezone(UTC).date()
        return self.since <= day <= self.until and not self.is_revoked(at)

    def is_revoked(self, at: datetime) -> bool:
        """Whether it is revoked at a moment."""
        return self.revoked is not None and at.astimezone(UTC).date() >= self.revoked


@dataclass(frozen=True, slots=True)
class Approver:
    """Who may approve: a person, or a role whose key its members share.

    `identities` are the addresses and names under which the person, or each member of the role,
    writes changes. A role has one voice, and none where a member has written the change.
    """

    name: str
    groups: tuple[str, ...]
    identities: tuple[str, ...]
    keys: tuple[Key, ...]
    is_role: bool = False


@dataclass(frozen=True, slots=True)
class Approvers:
    """Everybody who may approve. No identity and no key is in two of them.

    No approval counts that holds for more than `longest`.
    """

    every: tuple[Approver, ...]
    longest: timedelta = LONGEST

    def holder(self, key_id: str) -> tuple[Approver, Key] | None:
        """Who holds a key, and the key; None where nobody does."""
        for approver in self.every:
            for key in approver.keys:
                if key.id == key_id:
                    return approver, key
        return None

    def members(self, group: str) -> Iterator[Approver]:
        """Yield who may speak for a group."""
        return (item for item in self.every if group in item.groups)


Need = tuple[str, int]
"""A group, and how many of it have to approve."""


@dataclass(frozen=True, slots=True)
class Question:
    """What approvals are asked for: one decision, in what matters to them.

    `required` are the groups and how many of each have to approve; a person fills one place only.
    `override` is the group and number that may override `block`, None where nobody may.
    """

    digest: str
    project: str
    stack: str
    outcome: Literal["auto", "approve", "block"]
    required: tuple[Need, ...] = ()
    override: Need | None = None
    reasons: tuple[str, ...] = ()

    @property
    def is_override(self) -> bool:
        """Whether only an override lets it out."""
        return self.outcome == "block"

    @property
    def needs(self) -> tuple[Need, ...]:
        """Who has to approve, an override included: at least two people, whatever the rules say."""
        if not self.is_override:
            return self.required
        if self.override is None:
            return ()
        group, count = self.override
        return ((group, max(count, OVERRIDE_PEOPLE)), *self.required)


@dataclass(frozen=True, slots=True)
class Paper:
    """What was read of one file that was handed in as an approval.

    `key` is the id of the key that signed `approval`. Where it cannot be trusted, `fault` says why
    and `detail` in words.
    """

    name: str
    approval: Approval | None = None
    key: str = ""
    fault: Fault | None = None
    detail: str = ""
