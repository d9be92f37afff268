"""Files of trusted keys: whose signatures count, and from when until when.

Version 1 is an object of `format` (`fintech-infra keys`), `version` (1) and `keys`, a list of
objects: `id`, `scheme`, `public` (PEM), `owner`, `validFrom` and, as an option, `validUntil`. A
signature counts where the moment it stands for is in that window. A key that signed is kept in the
file for as long as what it signed has to be verified; it is retired by `validUntil`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from fintech_infra.engine.errors import Problem
from fintech_infra.operations.moments import read_moment, written
from fintech_infra.operations.signing.problems import SigningError, refuse

if TYPE_CHECKING:
    from fintech_infra.operations.signing.library import SSlibKey

FORMAT: Final = "fintech-infra keys"
FORMAT_VERSION: Final = 1
SCHEMES: Final = ("ed25519", "ecdsa-sha2-nistp256")
"""How signatures are made: Ed25519, or ECDSA over P-256 with SHA-256."""

_HINT: Final = "`fintech-infra ledger key` writes an entry as it must be"
_FIELDS: Final = ("id", "scheme", "public", "owner", "validFrom")


@dataclass(frozen=True)
class TrustedKey:
    """A public key, its owner, and the time in which its signatures count.

    `id` is the SHA-256 of the key's DER form (SubjectPublicKeyInfo) in hexadecimal digits, so a
    key cannot be put in the place of another. `valid_until` is the first moment at which it does
    not count any more, None where there is none.
    """

    id: str
    scheme: str
    public: str
    owner: str
    valid_from: datetime
    valid_until: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """Whether a signature counts that stands for the moment `at`."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    @property
    def window(self) -> str:
        """The time in which it counts, in words."""
        until = f" until {written(self.valid_until)}" if self.valid_until else ""
        return f"from {written(self.valid_from)}{until}"


@dataclass(frozen=True)
class TrustedKeys:
    """The keys whose signatures count."""

    keys: tuple[TrustedKey, ...]
    name: str = ""

    @cached_property
    def by_id(self) -> Mapping[str, TrustedKey]:
        """Keys by id."""
        return {key.id: key for key in self.keys}


def read_keys(content: bytes, name: str) -> TrustedKeys:
    """Return the keys in a file; `name` stands in messages.

    Raises:
        SigningError: it is no file of trusted keys, or has mistakes; all are listed.
    """
    try:
        document: Any = json.loads(content)
    except ValueError as error:
        raise refuse(f"is not valid JSON: {error}", name, _HINT) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise refuse(f"is no file of keys: its format is not {FORMAT!r}", name, _HINT)
    if document.get("version") != FORMAT_VERSION:
        given = document.get("version")
        raise refuse(f"has version {given!r}; this release reads {FORMAT_VERSION}", name)
    listed: Any = document.get("keys")
    if not isinstance(listed, list) or not listed:
        raise refuse("has no list of keys", name, _HINT)
    problems = [
        Problem(f"keys[{at}] {fault}", name, hint=_HINT)
        for at, item in enumerate(listed)
        for fault in _faults(item)
    ]
    ids = [item.get("id") for item in listed if isinstance(item, dict)]
    twice = {id_ for id_ in ids if isinstance(id_, str) and ids.count(id_) > 1}
    problems += [Problem(f"the key {id_} is there more than once", name) for id_ in sorted(twice)]
    if problems:
        raise SigningError(problems)
    return TrustedKeys(tuple(_key(item) for item in listed), name)


def keys_document(keys: Iterable[TrustedKey]) -> str:
    """Write keys as the text of a file, for people to read and check in."""
    listed = [
        {
            "id": key.id,
            "scheme": key.scheme,
            "public": key.public,
            "owner": key.owner,
            "validFrom": written(key.valid_from),
            **({"validUntil": written(key.valid_until)} if key.valid_until else {}),
        }
        for key in keys
    ]
    content = {"format": FORMAT, "version": FORMAT_VERSION, "keys": listed}
    return json.dumps(content, indent=2) + "\n"


def _key(item: Mapping[str, Any]) -> TrustedKey:
    until = item.get("validUntil")
    return TrustedKey(
        item["id"],
        item["scheme"],
        item["public"],
        item["owner"],
        read_moment(item["validFrom"]),
        read_moment(until) if until else None,
    )


def _faults(item: Any) -> Iterator[str]:
    """Yield what is wrong with one key of a file."""
    if not isinstance(item, dict):
        yield "is no object"
        return
    entry = cast("Mapping[str, Any]", item)
    missing = [key for key in _FIELDS if not isinstance(entry.get(key), str) or not entry[key]]
    if missing:
        yield f"has no text at {', '.join(missing)}"
        return
    if strange := sorted(set(entry) - {*_FIELDS, "validUntil"}):
        yield f"has {', '.join(strange)}, which no key has"
    yield from _time_faults(entry)
    yield from _identity_faults(entry)


def _time_faults(item: Mapping[str, Any]) -> Iterator[str]:
    moments: list[datetime] = []
    for name in ("validFrom", "validUntil"):
        if item.get(name) is not None:
            try:
                moments.append(read_moment(item[name]))
            except ValueError as error:
                yield f"{name} {error}"
    if moments != sorted(set(moments)):
        yield "ends before it begins: validUntil is not after validFrom"


def _identity_faults(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield in what a key is not the one that its id and scheme say."""
    if item["scheme"] not in SCHEMES:
        yield f"has the scheme {item['scheme']!r}; known are {' and '.join(SCHEMES)}"
        return
    try:
        id_, scheme, _ = facts_of(item["public"])
    except ValueError as error:
        yield f"public {error}"
        return
    if scheme != item["scheme"]:
        yield f"is a key for {scheme}, not for {item['scheme']}"
    if id_ != item["id"]:
        yield f"has the id {item['id']}, but its public key is {id_}"


@lru_cache(maxsize=256)
def facts_of(public: str) -> tuple[str, str, SSlibKey]:
    """The id, the scheme and the verifying form of a public key in PEM.

    Raises:
        ValueError: it is none, or not of a scheme that is known.
    """
    import hashlib

    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_public_key,
    )

    from fintech_infra.operations.signing.library import SSlibKey

    try:
        loaded = load_pem_public_key(public.encode())
        id_ = hashlib.sha256(
            loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).hexdigest()
        key = SSlibKey.from_crypto(loaded, keyid=id_)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"is no public key in PEM: {error}") from None
    if key.scheme not in SCHEMES:
        raise ValueError(f"is a key for {key.scheme}; known are {' and '.join(SCHEMES)}")
    return id_, key.scheme, key
