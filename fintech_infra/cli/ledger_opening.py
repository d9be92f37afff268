"""What the verbs of `ledger` open: the store, the trusted keys, moments and files."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.ledger import Reader, Store
    from fintech_infra.operations.signing import TrustedKeys

KEYS_FILE: Final = "ledger-keys.json"
_BUCKET: Final = "s3://"


def new_verb(verbs: Any, name: str, summary: str, text: str, examples: str) -> Any:
    """Add a verb of `ledger`, with the options that all of them have but `key`."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=summary,
        description=text,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_ledger(verb)
    return verb


def add_ledger(verb: argparse.ArgumentParser) -> None:
    """Add the options that say which ledger is meant, and whose signatures count."""
    group = verb.add_argument_group("which ledger")
    group.add_argument(
        "--ledger",
        metavar="PLACE",
        default="ledger",
        help="folder, or s3://BUCKET/PREFIX under Object Lock (default: ledger)",
    )
    group.add_argument(
        "--keys",
        metavar="FILE",
        default=KEYS_FILE,
        help=f"trusted keys (default: {KEYS_FILE})",
    )
    group.add_argument("--debug", action="store_true", help="show stack traces of errors")


def open_store(place: str) -> Store:
    """Return the store at a place.

    Raises:
        Failure: it is no place of a store.
    """
    with told():
        if place.startswith(_BUCKET):
            from fintech_infra.operations.ledger.s3_store import S3Store

            return S3Store(place)
        from fintech_infra.operations.ledger import DirectoryStore

        return DirectoryStore(place)


def open_ledger(options: argparse.Namespace, *, existing: bool = True) -> Reader:
    """Return the ledger that the options name.

    Raises:
        Failure: the keys or the store cannot be read, or there is no ledger and there must be one.
    """
    from fintech_infra.operations.ledger import Reader

    attempts = Attempts()
    keys = attempts.of(lambda: open_keys(options.keys))
    store = attempts.of(lambda: open_store(options.ledger))
    if store and existing:
        attempts.of(lambda: _check_there(store))
    attempts.settle()
    if keys is None or store is None:  # settled: both are there
        raise Failure(())
    return Reader(store, keys)


def _check_there(store: Store) -> None:
    from fintech_infra.operations.ledger.layout import CHECKPOINTS, ENTRIES

    with told():
        if store.last(ENTRIES) is None and store.last(CHECKPOINTS) is None:
            hint = "name it with --ledger; `fintech-infra ledger record` makes one"
            raise Failure([Problem("there is no ledger", store.place, hint=hint)])


def open_keys(path: str) -> TrustedKeys:
    """Return the keys in a file.

    Raises:
        Failure: it cannot be read, or has mistakes; all are listed.
    """
    from fintech_infra.operations.signing import read_keys

    hint = "name it with --keys; `fintech-infra ledger key` makes one"
    content = read_bytes(path, hint)
    with told():
        return read_keys(content, path)


def read_bytes(path: str, hint: str = "") -> bytes:
    """The content of a file.

    Raises:
        Failure: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Failure([Problem(f"cannot be read: {error.strerror}", path, hint=hint)]) from error


def moment(text: str) -> datetime:
    """A moment on the command line; `now` is one, too.

    Raises:
        ArgumentTypeError: it is none.
    """
    from fintech_infra.operations.moments import now, read_moment

    try:
        return now() if text == "now" else read_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


@contextmanager
def told() -> Generator[None]:
    """Tell what goes wrong with stores, keys and records as the command tells its failures."""
    from fintech_infra.operations.ledger import ProofError, RefusedError, StoreError
    from fintech_infra.operations.signing import SigningError

    try:
        yield
    except StoreError as error:
        raise Failure([Problem(error.message, error.place, hint=error.hint)]) from error
    except SigningError as error:
        raise Failure(error.problems) from error
    except RefusedError as error:
        raise Failure([Problem(error.message, hint=error.hint)]) from error
    except ProofError as error:
        raise Failure([Problem(str(error))]) from error
