"""What verbs that ask AWS, or depend on the time, have in common."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.aws import Access


def add_access(group: Any, region: str = "region that is asked") -> None:
    """Add the options that say which account of AWS is asked."""
    group.add_argument(
        "--profile", metavar="NAME", default="", help="profile of the AWS configuration"
    )
    group.add_argument("--region", metavar="REGION", default="", help=region)


def access_of(options: argparse.Namespace, region: str = "") -> Access:
    """The way to AWS that the options name; `region` counts where they name none.

    Raises:
        Failure: there is none.
    """
    from fintech_infra.operations.aws import NoAccessError, connect

    try:
        return connect(options.region or region, options.profile)
    except NoAccessError as error:
        raise Failure([Problem(error.message, hint=error.hint)]) from error


def moment_of(given: str, option: str = "--now") -> datetime:
    """The moment that an option names, the present one where it is empty.

    Raises:
        Failure: it is none.
    """
    from fintech_infra.operations.moments import now, read_moment

    try:
        return read_moment(given) if given else now()
    except ValueError as error:
        raise Failure([Problem(f"{option} {error}")]) from error
