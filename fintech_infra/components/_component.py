"""What every component shares: its type token, the check of its arguments, options for children."""

import typing
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import ResourceOptions

from fintech_infra.components._shape import record_mistakes

PACKAGE = "fintech_infra"


class Problems:
    """Mistakes in a component's arguments, collected so that all are reported at once."""

    def __init__(self, component: str, name: str) -> None:
        """Start with none, for the component of this class name and resource name."""
        self.name = name
        self._subject = f"{component} {name!r}"
        self._found: list[pulumi.InputPropertyErrorDetails] = []

    def add(self, path: str, reason: str) -> None:
        """Note that the argument at `path` is wrong; `reason` says what is given and accepted."""
        self._found.append({"property_path": path, "reason": reason})

    def raise_if_any(self) -> None:
        """Raise one error that lists every mistake.

        Raises:
            pulumi.InputPropertiesError: at least one mistake was noted.
        """
        if self._found:
            lines = [f"{self._subject} cannot be built:"]
            lines += [f"  {item['property_path']}: {item['reason']}" for item in self._found]
            raise pulumi.InputPropertiesError("\n".join(lines), self._found)


class Component(pulumi.ComponentResource):
    """A component of this package.

    Its arguments are checked before anything is registered. Its children are made with
    `self.child()`, which parents them to the component: providers and `protect` reach them
    through the parent, and the caller's options reach nothing else.
    """

    def __init__(
        self, name: str, args: Mapping[str, Any], opts: ResourceOptions | None = None
    ) -> None:
        """Check `args` and register the component.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all are listed.
        """
        component = type(self).__name__
        problems = Problems(component, name)
        wrong = record_mistakes(args, _arguments(type(self)))
        for path, reason in (item for found in wrong.values() for item in found):
            problems.add(path, reason)
        right = {key: _whole(value) for key, value in args.items() if key not in wrong}
        self.check(right, problems)
        problems.raise_if_any()
        super().__init__(f"{PACKAGE}:index:{component}", name, None, opts)

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note what is wrong with the values of `args`, beyond their shape.

        Runs before anything is registered. Arguments that are missing, unknown or of the wrong
        type are noted already and are not in `args`, so it reads with `args.get`. Values declared
        as `Input` may be outputs, which cannot be checked here.
        """

    def publish(self, **outputs: pulumi.Output[Any]) -> None:
        """Set the component's outputs as attributes and register them. The last thing it does.

        Raises:
            TypeError: not exactly the outputs are given that the class declares.
        """
        declared = {key for key in type(self).__annotations__ if not key.startswith("_")}
        if wrong := declared ^ outputs.keys():
            raise TypeError(f"declared or published, but not both: {', '.join(sorted(wrong))}")
        for key, value in outputs.items():
            setattr(self, key, value)
        self.register_outputs(dict(outputs))

    def child(self, *, depends_on: Any = None, **options: Any) -> ResourceOptions:
        """Return options for a child of this component."""
        return ResourceOptions(parent=self, depends_on=depends_on, **options)


def _whole(value: Any) -> Any:
    """Write whole numbers as such: from programs in other languages they arrive as floats."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in typing.cast("Any", value).items()}
    if isinstance(value, list):
        return [_whole(item) for item in typing.cast("list[Any]", value)]
    return value


def _arguments(component: type[Component]) -> Any:
    """The TypedDict that declares a component's arguments."""
    return typing.get_type_hints(component.__init__)["args"]
