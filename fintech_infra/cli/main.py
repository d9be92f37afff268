"""Entry point of the `fintech-infra` command.

Exit codes: 0 clean, 1 findings that block, 2 could not decide, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

from fintech_infra.cli.failure import Failure, print_failure

VERBS: Final[Mapping[str, str]] = {
    "preview": "preview",
    "check": "check",
    "controls": "catalogue",
    "frameworks": "frameworks",
    "parity": "parity",
    "gate": "gate",
    "ledger": "ledger",
    "review": "review",
    "drift": "drift",
    "heal": "heal",
    "canary": "canary",
    "rightsize": "rightsize",
    "diagnose": "diagnose",
    "traffic": "traffic",
}
"""The modules of the verbs, each imported when it is asked for: start-up time is felt."""


class _Version(argparse.Action):
    """Looks the version up only when asked: reading package metadata takes time."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata

        print(metadata.version("fintech_infra"))
        parser.exit()


def parser(verb: str = "") -> argparse.ArgumentParser:
    """The command line's grammar, of one verb where it is known; also what its page is made of."""
    root = argparse.ArgumentParser(
        prog="fintech-infra",
        description="Preview Pulumi environments offline, hold them to controls, judge what runs.",
        epilog="exit codes: 0 clean, 1 findings that block, 2 could not decide, 130 interrupted",
    )
    root.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    verbs = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in [verb] if verb in VERBS else VERBS:
        import_module(f"fintech_infra.cli.{VERBS[name]}").add_to(verbs)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    options = parser(next(iter(words), "")).parse_args(words)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    except Failure as failure:
        print_failure(failure, debug=bool(getattr(options, "debug", False)))
        return 2
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        sys.stderr.close()
        return 0
    except Exception as error:
        if getattr(options, "debug", False):
            raise
        print(
            f"error: {type(error).__name__}: {error}\n"
            "  this is a fault of fintech-infra itself; --debug shows where",
            file=sys.stderr,
        )
        return 2


if __name__ == "__main__":
    sys.exit(main())
