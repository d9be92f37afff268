"""Values as tokens that can be counted: equal choices look equal, whoever made them.

A name, an id or an ARN of something in the same environment stands for what it refers to. Of other
ARNs the name is left out; their account and region count by themselves, for the whole history. A
version is a number with words around it: a later one is no new choice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import ARN_PARTS
from fintech_infra.environment.network import is_world

_LONGEST: Final = 120
_SHORTEST: Final = 4
_FIGURES: Final = 9
_WIDE: Final = {4: 16, 6: 48}
"""Prefix lengths below which a range is worth telling by its width."""
_ACCOUNT: Final = re.compile(r"(?<![0-9A-Za-z])\d{12}(?![0-9A-Za-z])")
_REGION: Final = re.compile(
    r"(?<![a-z0-9])(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-[a-z]{4,9}-\d(?![0-9])"
)
_ARN: Final = re.compile(r"arn:[a-z*-]+:[^:]*:[^:]*:[^:]*:.+", re.DOTALL)
_CIDR: Final = re.compile(r"[0-9a-fA-F.:]+/\d{1,3}")
_NUMBER: Final = re.compile(r"-?\d{1,11}(?:\.\d{1,9})?")
_DIGITS: Final = re.compile(r"\d+")
_OPAQUE: Final = re.compile(r"[0-9a-f]{7,}", re.IGNORECASE)
_SIZES: Final = {"nano": 0.125, "micro": 0.25, "small": 0.5, "medium": 1, "large": 2}
_MACHINE: Final = re.compile(
    r"((?:db\.|cache\.|ml\.)?[a-z][a-z0-9-]{1,9})\.(nano|micro|small|medium|large|\d{0,2}xlarge)"
)
_VERSIONED: Final = re.compile(r"version|runtime|platform|engine|family", re.IGNORECASE)
# Numbers that name something: ten times as much is nothing but another.
_NOMINAL: Final = re.compile(r"(?:^|[a-z])port$|priority$|ruleno$|version$|^id$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """One countable form of a value; `place` is added to the property's own.

    `of` names a pool that the whole history shares, such as all accounts; it is empty for what
    belongs to the property.
    """

    text: str
    place: str = ""
    of: str = ""


def tokens(value: Any, leaf: str, environment: Environment) -> Iterator[Token]:
    """Yield the tokens of a leaf value; `leaf` is the last name of its property path."""
    if isinstance(value, bool) or value is None:
        yield Token(json.dumps(value))
    elif isinstance(value, int | float):
        yield Token(f"{value:g}" if isinstance(value, float) else str(value))
    elif isinstance(value, str):
        yield from _of_text(value, leaf, environment)


def _of_text(text: str, leaf: str, environment: Environment) -> Iterator[Token]:
    named = reference(text, environment)
    if named:
        yield Token(named)
        return
    own = own_account(environment)
    for account in sorted(set(_ACCOUNT.findall(text))):
        yield Token("its own" if account == own else account, of="account")
    yield from (Token(region, of="region") for region in sorted(set(_REGION.findall(text))))
    if _ARN.fullmatch(text):
        yield Token(arn_shape(text))
    elif _CIDR.fullmatch(text) and (scope := address_scope(text)):
        yield Token(str(ip_network(text, strict=False)))
        yield Token(scope, place="~scope")
    elif machine := _MACHINE.fullmatch(text):
        yield Token(machine[1], place="~family")
        yield Token(str(_steps(machine[2])), place="~size")
    elif leaf != "description":
        yield Token(_shortened(text))


def _steps(size: str) -> float:
    """The size of a machine as AWS doubles it: `large` is 2, each `xlarge` 4."""
    number = size.removesuffix("xlarge")
    if number != size:
        return 4 * int(number or 1)
    return _SIZES[size]


@lru_cache(maxsize=65_536)
def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:20]}"


@lru_cache(maxsize=8)
def own_account(environment: Environment) -> str:
    """The account that most ARNs of an environment's resources are of, empty where none has one."""
    arns = (resource.outputs.get("arn") for resource in environment.resources)
    found = (
        text.split(":", ARN_PARTS - 1)[4] for text in arns if isinstance(text, str)
        if text.count(":") >= ARN_PARTS - 1
    )  # fmt: skip
    counted = Counter(account for account in found if account.isdigit())
    return min(counted, key=lambda account: (-counted[account], account), default="")


def is_identity(text: str) -> bool:
    """Whether a text can name one resource, unlike a region or an account, which many have."""
    return len(text) >= _SHORTEST and not _REGION.fullmatch(text) and not _ACCOUNT.fullmatch(text)


def owner_of(identity: str, environment: Environment) -> Resource | None:
    """The resource that an identity is of, in whatever order they come.

    Others may have it, too: the settings of a bucket its name, a target what it leads to.
    """
    found = environment.named(identity)
    return min(found, key=lambda item: (item.id != identity, item.type, item.urn), default=None)


def reference(text: str, environment: Environment) -> str:
    """What a value refers to in its environment: `<type>`, nothing where it is no identity.

    What follows an identity stays only as far as it is a pattern: `<aws:s3/bucket:Bucket>/*`.
    """
    if not is_identity(text):
        return ""
    found = owner_of(text, environment)
    if found:
        return f"<{found.type}>"
    if not text.startswith("arn:"):
        return ""
    for cut in ("/", ":"):
        head = text
        while cut in head:
            head = head.rpartition(cut)[0]
            found = owner_of(head, environment)
            if found:
                tail = text[len(head) :]
                return f"<{found.type}>{tail if tail in {'/*', ':*'} else cut + '...'}"
    return ""


@lru_cache(maxsize=16_384)
def arn_shape(arn: str) -> str:
    """An ARN without account, region and name; what AWS itself owns keeps its name.

    >>> arn_shape("arn:aws:kms:eu-west-1:111122223333:key/1a2b")
    'arn:kms:key/...'
    >>> arn_shape("arn:aws:iam::aws:policy/ReadOnlyAccess")
    'arn:iam:aws:policy/ReadOnlyAccess'
    >>> arn_shape("arn:aws:iam::111122223333:root"), arn_shape("arn:aws:s3:::*")
    ('arn:iam:root', 'arn:s3:*')
    """
    parts = arn.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        return "*" if arn.endswith("*") else arn
    service, account, rest = parts[2], parts[4], parts[5]
    if account == "aws":
        return f"arn:{service}:aws:{rest}"
    if rest in {"*", "root"}:
        return f"arn:{service}:{rest}"
    head = re.split(r"[/:]", rest, maxsplit=1)
    kind = head[0] if len(head) > 1 else ""
    wild = "*" if rest.endswith("*") else "..."
    return f"arn:{service}:{kind}/{wild}" if kind else f"arn:{service}:{wild}"


@lru_cache(maxsize=4096)
def address_scope(cidr: str) -> str:
    """How wide an address range is: the internet, a public or a private range by its size.

    >>> [address_scope(text) for text in ("0.0.0.0/0", "10.0.0.0/8", "10.1.2.0/24", "8.8.8.8/32")]
    ['the internet', 'a private range of /8', 'a private range', 'a public range']
    """
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return ""
    if is_world(cidr):
        return "the internet"
    wide = network.prefixlen < _WIDE[network.version]
    size = f" of /{network.prefixlen}" if wide else ""
    return f"a {'private' if network.is_private else 'public'} range{size}"


def size_of(token: str, leaf: str) -> float | None:
    """The number that a token is, None for what is none or only names something.

    >>> size_of("400", "retentionInDays"), size_of("443", "fromPort"), size_of("0", "timeout")
    (400.0, None, None)
    """
    if not _NUMBER.fullmatch(token) or _NOMINAL.search(leaf):
        return None
    size = float(token)
    return size if size > 0 else None


def version_of(token: str, leaf: str) -> tuple[str, tuple[int, ...]] | None:
    """A version as its words and its numbers, None for what is an id or no version by its name.

    >>> version_of("python3.13", "runtime"), version_of("3.13", "fromPort")
    (('python#.#', (3, 13)), None)
    """
    is_version = _VERSIONED.search(leaf) and _DIGITS.search(token)
    if not is_version or token.startswith(("<", "arn:", "sha256:")):
        return None
    if any(re.search(r"\d", run) and not run.isdigit() for run in _OPAQUE.findall(token)):
        return None
    numbers = tuple(int(found) for found in _DIGITS.findall(token) if len(found) <= _FIGURES)
    return _DIGITS.sub("#", token), numbers
