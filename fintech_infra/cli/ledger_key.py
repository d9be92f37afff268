"""`fintech-infra ledger key`: make a key that signs, and trust it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.ledger_opening import KEYS_FILE, moment, open_keys, told
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.signing import TrustedKeys

_EXAMPLES: Final = """\
examples:
  fintech-infra ledger key --private ledger.pem --owner deploy-pipeline
  fintech-infra ledger key --public-of arn:aws:kms:eu-central-1:111122223333:key/... \\
      --owner deploy-pipeline
  fintech-infra ledger key --public-of ledger.pem --owner gate --keys approver-keys.json

The private half stays out of version control; the file of trusted keys is checked in. A key is
retired by hand, with "validUntil" in that file; what it signed before stays good.
"""


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "key",
        help="make an Ed25519 key, or take one that exists, and trust it",
        description="Make an Ed25519 key in a file that its owner alone may read, and add its "
        "public half to the file of trusted keys. Or add the public half of a key that exists.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = verb.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--private", metavar="FILE", default="", help="make a key in this new file (mode 600)"
    )
    which.add_argument(
        "--public-of",
        metavar="KEY",
        default="",
        help="a PEM file, env:NAME, or the ARN of a key of AWS KMS",
    )
    verb.add_argument("--owner", metavar="NAME", required=True, help="who signs with it")
    verb.add_argument(
        "--valid-from", type=moment, metavar="TIME", help="since when it counts (default: now)"
    )
    verb.add_argument(
        "--valid-until", type=moment, metavar="TIME", help="when it ceases to (default: never)"
    )
    verb.add_argument(
        "--keys",
        metavar="FILE",
        default=KEYS_FILE,
        help=f"trusted keys to add it to (default: {KEYS_FILE})",
    )
    verb.add_argument("--debug", action="store_true", help="show stack traces of errors")
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make or take the key, and add it to the trusted ones."""
    from fintech_infra.operations.moments import now
    from fintech_infra.operations.signing import (
        TrustedKey,
        generate_key,
        keys_document,
        open_signer,
        public_half,
    )

    attempts = Attempts()
    known = attempts.of(lambda: _known(options.keys))
    attempts.of(lambda: check_writable(options.keys, "--keys"))
    since = options.valid_from or now()
    attempts.of(lambda: _check_window(since, options.valid_until))
    attempts.settle()
    if known is None:  # settled: it is there
        raise Failure(())
    with told():
        if options.private:
            id_, scheme, public = generate_key(Path(options.private))
            print(f"made {options.private}: keep it secret, and out of version control")
        else:
            id_, scheme, public = public_half(open_signer(options.public_of))
    if id_ in known.by_id:
        raise Failure([Problem(f"the key {id_} is there already", options.keys)])
    key = TrustedKey(id_, scheme, public, options.owner, since, options.valid_until)
    write_whole(options.keys, keys_document((*known.keys, key)), "--keys")
    print(f"trusted in {options.keys}: {id_} ({scheme}, {options.owner}, {key.window})")
    return 0


def _known(path: str) -> TrustedKeys:
    """The keys in a file; none where there is no such file."""
    from fintech_infra.operations.signing import TrustedKeys

    return open_keys(path) if Path(path).exists() else TrustedKeys((), path)


def _check_window(since: Any, until: Any) -> None:
    if until is not None and until <= since:
        raise Failure([Problem("--valid-until is not after --valid-from")])
