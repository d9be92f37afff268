"""Deciding what can be decided before saying that the rest cannot."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from fintech_infra.environment.values import UnknownValueError

T = TypeVar("T")


class UndecidedError(UnknownValueError):
    """Raised when a relation leads to something that a preview cannot see into."""

    def __init__(self, path: str, reason: str) -> None:
        """Say why; `path` is the property whose relation it is, empty for the resource itself."""
        super().__init__(path)
        self.args = (reason,)


@contextmanager
def reading(owner: str, path: str) -> Generator[None]:
    """Read another resource's inputs: what is not known there leaves `path` undecided.

    Raises:
        UndecidedError: a value of `owner` was needed and is not known before deployment.
    """
    try:
        yield
    except UndecidedError as error:
        raise UndecidedError(error.path or path, str(error)) from None
    except UnknownValueError as error:
        reason = f"{error.path or 'a value'} of {owner} {error.reason}"
        raise UndecidedError(path, reason) from None


def decided_first(parts: Iterable[Iterable[T]]) -> Iterator[T]:
    """Yield all that the parts have to say, then raise the first unknown that stopped one of them.

    One value that is not known yet then hides nothing that stands beside it.

    Raises:
        UnknownValueError: a part needed a value that is not known before deployment.
    """
    unknown: UnknownValueError | None = None
    for part in parts:
        try:
            yield from part
        except UnknownValueError as error:
            unknown = unknown or error
    if unknown is not None:
        raise unknown
