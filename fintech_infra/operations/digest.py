"""Canonical JSON, and digests of environments, files and folders.

Canonical JSON is RFC 8785: the same value is the same bytes wherever it is written, so that a
digest can be recomputed by anybody. Its numbers are doubles, as in Pulumi's own protocol; an
integer that no double holds exactly is rounded to the nearest one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fintech_infra.environment import Environment, Resource

_ALGORITHM: Final = "sha256"
_EXACT: Final = 2**53 - 1
"""Greatest integer below which doubles hold all."""
_NOT_CONTENT: Final = frozenset({"__pycache__", ".git", ".venv", "venv", "node_modules"})


def canonical(value: Any) -> bytes:
    """Write a JSON value (RFC 8785) as UTF-8; mappings and tuples count as objects and lists.

    >>> canonical({"b": 1.0, "a": (True, None)})
    b'{"a":[true,null],"b":1}'

    Raises:
        ValueError: it is no JSON value: a number that is not finite, a text with half a character,
            a key that is no text, an object of another kind.
    """
    import rfc8785

    return rfc8785.dumps(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, int) and abs(value) > _EXACT:
        return _double(value)
    return value


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError("a number is greater than a double can hold") from None


def digest(content: bytes) -> str:
    """The SHA-256 of bytes, named.

    >>> digest(b"")[:23]
    'sha256:e3b0c44298fc1c14'
    """
    return f"{_ALGORITHM}:{hashlib.sha256(content).hexdigest()}"


def file_digest(path: Path) -> str:
    """The digest of a file's content.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return f"{_ALGORITHM}:{hashlib.file_digest(file, _ALGORITHM).hexdigest()}"


def folder_digest(root: Path) -> str:
    """The digest of all files in a folder: of the canonical object from relative path to digest.

    What tools leave behind (bytecode, virtual environments, the history) is no content.

    Raises:
        OSError: a file cannot be read, or the folder does not exist.
    """
    if not root.is_dir():
        raise NotADirectoryError(20, "is not a folder", str(root))
    files = {
        path.relative_to(root).as_posix(): file_digest(path)
        for path in root.rglob("*")
        if path.is_file() and not _NOT_CONTENT.intersection(path.relative_to(root).parts)
    }
    return digest(canonical(files))


def environment_digest(environment: Environment) -> str:
    """The digest of `environment_document`, which says what counts."""
    return digest(environment_document(environment))


def environment_document(environment: Environment) -> bytes:
    """An environment as canonical JSON that the format of saved environments reads back.

    What a deployment brings about counts: resources, values, options, dependencies, outputs. What
    does not count: the order of resources and of sets, the line in the program, diagnostics.

    Secrets count as unknown, at their paths: neither the document nor its digest tells anything
    about them, not even to somebody who guesses. A secret whose value alone changes leaves the
    digest as it is; a value that becomes secret, or ceases to be, changes it.

    Raises:
        ValueError: a value has no JSON form, such as a text with half a character.
    """
    from fintech_infra.environment.codec import FORMAT, dumps
    from fintech_infra.report.cleared import without_secrets

    cleared = without_secrets(environment)
    plain = replace(
        cleared,
        resources=tuple(map(_settled, sorted(cleared.resources, key=lambda item: item.urn))),
        secret_outputs=_as_set(cleared.secret_outputs),
        diagnostics=(),
    )
    return canonical(json.loads(dumps(plain, format=FORMAT)))


def _settled(resource: Resource) -> Resource:
    """A resource without what says where it was written and in which order."""
    options = resource.options
    return replace(
        resource,
        source=None,
        dependencies=_as_set(resource.dependencies),
        property_dependencies={
            key: _as_set(urns) for key, urns in resource.property_dependencies.items()
        },
        secrets=_as_set(resource.secrets),
        options=replace(
            options,
            ignore_changes=_as_set(options.ignore_changes),
            replace_on_changes=_as_set(options.replace_on_changes),
            additional_secret_outputs=_as_set(options.additional_secret_outputs),
            aliases=_as_set(options.aliases),
            custom_timeouts=tuple(sorted(options.custom_timeouts)),
        ),
    )


def _as_set(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))
