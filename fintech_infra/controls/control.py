"""What a control is, and the two ways to write one.

A control is a pure function from one resource (or one resource and the environment around it) to
the faults it finds. No fault means compliant. Reading a value that no preview can know ends the
function undecided, never compliant.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.environment.graph import Chain


class Severity(StrEnum):
    """How much harm a violation can do, most harmful first."""

    CRITICAL = "critical"
    """Data or control of the account is exposed."""
    HIGH = "high"
    """One more mistake exposes it, or evidence is lost."""
    MEDIUM = "medium"
    """A safeguard that a framework asks for is missing."""
    LOW = "low"
    """Good practice."""

    @property
    def rank(self) -> int:
        """0 for the most harmful; for sorting and thresholds."""
        return list(Severity).index(self)


class Scope(StrEnum):
    """Where a control applies."""

    ALL = "all"
    PROD = "prod"
    """Only in production environments."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a resource: where (a property path) and what, in one sentence.

    `undecided` marks that the control could not tell; the message then says what is missing.
    `chain` is the path through the environment that proves the fault, where there is one.
    """

    path: str
    message: str
    undecided: bool = False
    chain: Chain = ()


Remedy = Callable[..., Mapping[str, Any]]
"""From a resource that violates a control to the inputs that mend it, by property path; nothing
where this resource cannot be mended so. The path of an input that is to be taken away has None.
Keyword arguments are parameters of the control; in a control they have its defaults."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of a control that an organisation may set, and its default."""

    name: str
    type: type
    default: Any


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that must hold.

    `id` never changes. `title` is one sentence that states the fact that holds; `why` says what
    goes wrong otherwise; `fix` names the component or the setting that solves it; `source` is
    where the requirement comes from, beside the frameworks, which map requirements to controls.
    """

    id: str
    title: str
    why: str
    fix: str
    severity: Severity
    on: tuple[str, ...]
    check: Callable[..., Iterable[Fault]]
    relational: bool = False
    scope: Scope = Scope.ALL
    source: str = ""
    parameters: tuple[Parameter, ...] = ()
    properties: tuple[str, ...] = field(default=())
    """Input names that decide the verdict, for the documentation and the catalogue's own test."""
    blocks: bool | None = None
    """Whether a violation blocks, where that does not follow from the severity: a policy of a pack
    is mandatory or advisory, whatever the threshold."""
    remedy: Remedy | None = None
    """The fix, where one is safe and unique: it replaces no resource, cuts nobody off who should
    be let in, and needs no decision."""

    @property
    def description(self) -> str:
        """What holds and what goes wrong otherwise, as one paragraph."""
        return f"{self.title} {self.why}"

    @property
    def service(self) -> str:
        """The part of the id before the first dash."""
        return self.id.partition("-")[0]


def control(
    *,
    on: Iterable[str],
    severity: Severity,
    fix: str,
    source: str = "",
    scope: Scope = Scope.ALL,
    properties: Iterable[str] = (),
    remedy: Remedy | None = None,
) -> Callable[[Callable[..., Iterable[Fault]]], Control]:
    """Make a control of a function.

    The id comes from the function's name, the title and the reason from its docstring (first
    line and paragraph below). A function with one positional argument judges a resource by
    itself; with two, the second is the environment. Keyword-only arguments are parameters.

    Raises:
        TypeError: the function's signature or docstring is not of that form.
    """

    def make(check: Callable[..., Iterable[Fault]]) -> Control:
        title, _, why = inspect.cleandoc(check.__doc__ or "").partition("\n")
        signature = inspect.signature(check, eval_str=True).parameters.values()
        positional = [p for p in signature if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        parameters = tuple(
            Parameter(p.name, type(p.default), p.default)
            for p in signature
            if p.kind is inspect.Parameter.KEYWORD_ONLY
        )
        name: str = getattr(check, "__name__", "")
        if not title.endswith(".") or not why.strip() or len(positional) not in {1, 2}:
            raise TypeError(
                f"{name}: a control is a function of (resource) or (resource, environment) whose "
                "docstring has a first line that ends with a full stop, and a reason below it"
            )
        return Control(
            id=name.replace("_", "-"),
            title=title,
            why=" ".join(why.split()),
            fix=fix,
            severity=severity,
            on=tuple(on),
            check=check,
            relational=len(positional) > 1,
            scope=scope,
            source=source,
            properties=tuple(properties),
            remedy=remedy and _with_defaults(remedy, parameters),
            parameters=parameters,
        )

    return make


def _with_defaults(remedy: Remedy, parameters: Iterable[Parameter]) -> Remedy:
    taken = inspect.signature(remedy).parameters
    defaults = {item.name: item.default for item in parameters if item.name in taken}
    return partial(remedy, **defaults) if defaults else remedy


def expects(
    id: str,  # noqa: A002 - the field's name everywhere else
    *,
    on: Iterable[str],
    path: str,
    equals: Any,
    title: str,
    why: str,
    fault: str,
    severity: Severity,
    fix: str,
    source: str = "",
    scope: Scope = Scope.ALL,
    absent_is: bool = False,
    remediable: bool = False,
) -> Control:
    """Make a control of one fact: the input at `path` equals `equals`.

    `absent_is` says whether a missing input counts as equal, where the provider's own default is
    the value wanted. `fault` is the sentence a finding says. `remediable` says that setting the
    input on a live resource is safe.
    """

    def remedy(_: Resource) -> Mapping[str, Any]:
        return {path: equals}

    def check(resource: Resource) -> Iterator[Fault]:
        found = resource.value(path)
        if (found is None and not absent_is) or (found is not None and found != equals):
            yield Fault(path, fault)

    return Control(
        id=id,
        title=title,
        why=why,
        fix=fix,
        severity=severity,
        on=tuple(on),
        check=check,
        scope=scope,
        source=source,
        properties=(path,),
        remedy=remedy if remediable else None,
    )


NO_PARAMETERS: Final[Mapping[str, Any]] = {}
