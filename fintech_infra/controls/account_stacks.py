"""Telling the stacks that are the baseline of an account, which have to declare what guards it.

Most stacks are applications in an account whose baseline is another stack: that they declare no
detector says nothing. So what an account needs once is judged where it is declared, and its absence
only in the stacks that the parameter `account_stacks` names, as in `foundation/*`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from fintech_infra.controls.control import Fault
from fintech_infra.environment import Environment
from fintech_infra.environment.undecided import UndecidedError


def missing(
    environment: Environment, account_stacks: Iterable[str], types: Iterable[str], what: str
) -> Iterator[Fault]:
    """Yield the fault of an account's baseline that declares none of `types`, called `what`.

    `account_stacks` are patterns of `<project>/<stack>`. Resources that are only read count: the
    account has them.

    Raises:
        UndecidedError: `what` may be inside a component whose contents no preview can see.
    """
    own = f"{environment.project}/{environment.stack}"
    if not any(fnmatchcase(own, pattern) for pattern in account_stacks):
        return
    if any(True for _ in environment.of_type(*types)):
        return
    if hidden := next((item for item in environment.resources if item.opaque), None):
        raise UndecidedError("", f"{what} may be inside {hidden.name}, which no preview can see")
    yield Fault("", f"{own} is the baseline of an account and declares no {what}")
