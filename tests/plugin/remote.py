"""Resources as the classes of a generated SDK register them: the engine has a plugin build them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi.provider.experimental.util import camel_case


class Remote(ComponentResource):
    """A resource by the schema's names."""

    def __init__(
        self,
        token: str,
        name: str,
        properties: Mapping[str, Any],
        outputs: Iterable[str],
        opts: ResourceOptions | None = None,
    ) -> None:
        """Register it; `outputs` names those that the program may read."""
        # As generated classes do: what is to be read is named among the properties.
        given = {**dict.fromkeys(outputs), **properties}
        super().__init__(token, name, given, opts, remote=True)

    def output(self, name: str) -> Output[Any]:
        """Return the output of this name."""
        return self.__dict__[name]


def stand_ins(schema: Any) -> dict[str, type[Remote]]:
    """A class for every component of the package schema, by its name.

    It takes arguments and has outputs by the names of Python, so that programs which were written
    for the package run with it.
    """
    return {
        token.rpartition(":")[2]: _stand_in(schema, token, resource)
        for token, resource in schema["resources"].items()
    }


def _stand_in(schema: Any, token: str, resource: Any) -> type[Remote]:
    class StandIn(Remote):
        def __init__(
            self, name: str, args: Mapping[str, Any], opts: ResourceOptions | None = None
        ) -> None:
            given = _renamed(args, resource["inputProperties"], schema)
            super().__init__(token, name, given, resource["properties"], opts)

        def __getattr__(self, name: str) -> Output[Any]:
            if camel_case(name) not in resource["properties"]:
                raise AttributeError(name)
            return self.output(camel_case(name))

    return StandIn


def _renamed(args: Mapping[str, Any], properties: Any, schema: Any) -> dict[str, Any]:
    """Arguments by the schema's names. Keys of maps are not names, and stay."""
    return {
        camel_case(key): _value(value, properties[camel_case(key)], schema)
        for key, value in args.items()
    }


def _value(value: Any, spec: Any, schema: Any) -> Any:
    if isinstance(value, list):
        return [_value(item, spec["items"], schema) for item in value]
    if not isinstance(value, dict):
        return value
    if "additionalProperties" in spec:
        inner = spec["additionalProperties"]
        return {key: _value(item, inner, schema) for key, item in value.items()}
    declared = schema["types"][spec["$ref"].removeprefix("#/types/")]
    return _renamed(value, declared["properties"], schema)
