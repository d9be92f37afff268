"""What carries a healing plan out, as the options say: rails, ways to act, who runs it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fintech_infra.cli import drifting
from fintech_infra.cli.failure import Failure
from fintech_infra.cli.heal_options import Given, by_whom
from fintech_infra.cli.ledger_opening import told
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.aws import Access
    from fintech_infra.operations.healing import Container, Healer, Pulumi
    from fintech_infra.operations.healing.switch import Switch


def healer(options: argparse.Namespace, given: Given, judged: drifting.Judged) -> Healer:
    """What carries the plan out, as the options say.

    Raises:
        Failure: there is no way to ask AWS for the kill switch.
    """
    from fintech_infra.operations.healing import Container
    from fintech_infra.operations.healing.reapply import find

    access, why = _access(options, judged.access)
    pulumi = find(Path(options.cwd), options.pulumi_timeout * 60.0)
    return healer_with(options, given, Container(access) if access else None, pulumi, why)


def healer_with(
    options: argparse.Namespace,
    given: Given,
    container: Container | None,
    pulumi: Pulumi,
    why: str = "",
) -> Healer:
    """What acts with a container and Pulumi, within the rails that the options name.

    `why` says why AWS cannot be asked, where there is no container.

    Raises:
        Failure: there is no way to ask AWS for the kill switch.
    """
    import time

    from fintech_infra.operations.healing import Healer, Rails
    from fintech_infra.operations.ledger.surroundings import builder_of
    from fintech_infra.operations.moments import now

    access = container.access if container else None
    rails = Rails(not options.act, None, options.budget, timedelta(minutes=options.lease))
    return Healer(
        rails,
        container,
        pulumi,
        _switch(options, access, why),
        given.journal,
        now,
        time.sleep,
        by_whom(options),
        options.invocation or builder_of(os.environ).invocation,
        given.consents,
        why,
    )


def _access(options: argparse.Namespace, known: Access | None) -> tuple[Access | None, str]:
    """AWS, or why it cannot be asked."""
    from fintech_infra.operations.aws import NoAccessError, connect

    if known:
        return known, ""
    try:
        return connect(options.region, options.profile), ""
    except NoAccessError as error:
        return None, f"AWS cannot be asked: {error.message}; {error.hint}"


def _switch(options: argparse.Namespace, access: Access | None, why: str) -> Switch:
    from fintech_infra.operations.healing.switch import in_file, in_parameter

    if options.kill_switch_file:
        return in_file(Path(options.kill_switch_file))
    if not options.kill_switch:
        return lambda: None
    if access is None:
        raise Failure([Problem(f"--kill-switch {options.kill_switch}: {why}")])
    return in_parameter(access, options.kill_switch)


@contextmanager
def unbroken(healer: Healer) -> Generator[None]:
    """Tell what goes wrong with the journal as the command tells its failures."""
    from fintech_infra.operations.ledger import BrokenLedgerError

    try:
        with told():
            yield
    except BrokenLedgerError as error:
        place = healer.journal.store.place if healer.journal else ""
        hint = "fintech-infra ledger verify goes over all of it; nothing is done until it is whole"
        raise Failure([Problem(str(error), place, hint=hint)]) from error
