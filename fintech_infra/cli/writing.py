"""Reports and output files: the options for them; a file is written whole, or not at all."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import Problem


def add_report(verb: argparse.ArgumentParser, *formats: str, about: str = "") -> Any:
    """Add the options that say how a report is said, and return their group.

    The first format is the default; `about` says more of them.
    """
    said = verb.add_argument_group("how it is said")
    text = f"default: {formats[0]}" + (f"; {about}" if about else "")
    said.add_argument("--format", choices=formats, default=formats[0], help=text)
    said.add_argument(
        "--output", metavar="FILE", default="", help="write the report to a file, whole or not"
    )
    said.add_argument("--debug", action="store_true", help="show stack traces of errors")
    return said


def hand_over(said: str, outcome: str, options: argparse.Namespace) -> None:
    """Print a report, or write it to the file that the options name and say what it comes to.

    Raises:
        Failure: the file cannot be written; what was there stays.
    """
    if not options.output:
        sys.stdout.write(said)
        return
    write_whole(options.output, said)
    print(f"{outcome}: wrote {options.output}", file=sys.stderr)


def check_writable(path: str, option: str = "--output") -> None:
    """Fail before the work rather than after it, where the file of an option cannot be written.

    Raises:
        Failure: its folder does not exist or refuses files, or the path is a folder.
    """
    if not path:
        return
    target = Path(path)
    reason = ""
    if target.is_dir():
        reason = "is a folder"
    elif not target.parent.is_dir():
        reason = f"cannot be written: the folder {target.parent} does not exist"
    elif not os.access(target.parent, os.W_OK):
        reason = f"cannot be written: no permission in the folder {target.parent}"
    elif target.exists() and not os.access(target, os.W_OK):
        reason = "cannot be written: no permission"
    if reason:
        raise Failure(
            [Problem(f"{option} {path} {reason}", hint="name a file in a folder that exists")]
        )


def write_whole(path: str, text: str, option: str = "--output") -> None:
    """Write a file in one step: readers see the old one or the new one, never a part.

    Raises:
        Failure: the file cannot be written; what was there stays.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise Failure([Problem(f"{option} {path} cannot be written: {error.strerror}")]) from error
