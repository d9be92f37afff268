"""Resources as Pulumi writes them, in states and in the steps of plans alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fintech_infra.engine.exported.fields import Fields
from fintech_infra.engine.exported.values import Values
from fintech_infra.engine.protocol.providers import PROVIDER_PREFIX, urn_of
from fintech_infra.engine.protocol.urn import Urn
from fintech_infra.environment import STACK_TYPE, Environment, Options, Resource, Source

_PLACE: Final = re.compile(r"(?:project://)?/*(?P<file>[^#]+)#(?P<line>\d{1,9})(?:,\d+)?")
_URN_PARTS: Final = 4


class Resources:
    """Reads resources and notes mistakes; counts the secrets that only a key would open.

    `masked` says that a secret stands as `[secret]`, as it does in plans.
    """

    def __init__(self, fields: Fields, *, masked: bool = False) -> None:
        """Note mistakes in `fields`."""
        self._fields = fields
        self._masked = masked
        self._homes: dict[tuple[str, str], str] = {}
        self.encrypted = 0

    def resource(self, item: Mapping[str, Any], at: str) -> Resource | None:
        """Read the resource at path `at`; None where it has no proper URN and type."""
        fields = self._fields
        urn = self._urn(fields.text(item, "urn", at, needed=True), at)
        type_ = fields.text(item, "type", at, needed=True)
        if urn is None or not type_:
            return None
        secrets: list[str] = []
        inputs = self._properties(item, "inputs", at, secrets)
        outputs = self._properties(item, "outputs", at, secrets)
        if type_.startswith(PROVIDER_PREFIX):
            inputs, outputs = _decoded_each(inputs), _decoded_each(outputs)
        options = self._options(item, at)
        marked = [f"outputs.{key}" for key in options.additional_secret_outputs if key in outputs]
        return Resource(
            urn=str(urn),
            type=type_,
            name=urn.name,
            inputs=inputs,
            outputs=outputs,
            id=fields.text(item, "id", at),
            custom=fields.flag(item, "custom", at),
            parent=fields.text(item, "parent", at),
            provider=_provider(fields.text(item, "provider", at)),
            dependencies=fields.texts(item, "dependencies", at),
            property_dependencies=fields.text_lists(item, "propertyDependencies", at),
            options=options,
            secrets=tuple(dict.fromkeys((*secrets, *marked))),
            source=_source(fields.text(item, "sourcePosition", at)),
            existing=fields.flag(item, "external", at),
        )

    def environment(self, found: Iterable[Resource]) -> Environment:
        """Return the environment that resources make up, which must be of one stack.

        The project and the stack are those of the URNs; nothing is noted of an empty one.
        """
        resources = tuple(found)
        project, stack = next(iter(self._homes), ("", ""))
        for (other_project, other_stack), at in list(self._homes.items())[1:]:
            here, there = f"{project}/{stack}", f"{other_project}/{other_stack}"
            self._fields.note(f"{at}.urn", f"is of {there}, the resources before it of {here}")
        self._refuse_duplicates(resources)
        root = next((item for item in resources if item.type == STACK_TYPE), None)
        return Environment(
            project=project,
            stack=stack,
            resources=resources,
            outputs=root.outputs if root else {},
            secret_outputs=tuple(_outputs(root.secrets)) if root else (),
        )

    def _refuse_duplicates(self, resources: Iterable[Resource]) -> None:
        seen: set[str] = set()
        for resource in resources:
            if resource.urn in seen:
                self._fields.note("", f"two resources have the URN {resource.urn}")
            seen.add(resource.urn)

    def _urn(self, text: str, at: str) -> Urn | None:
        if not text:
            return None
        if not text.startswith("urn:pulumi:") or len(text.split("::")) < _URN_PARTS:
            self._fields.note(f"{at}.urn", f"{text!r} is no URN of a resource")
            return None
        urn = Urn.parse(text)
        self._homes.setdefault((urn.project, urn.stack), at)
        return urn

    def _properties(
        self, item: Mapping[str, Any], key: str, at: str, secrets: list[str]
    ) -> dict[str, Any]:
        values = Values(self._fields, f"{at}.{key}", masked=self._masked)
        found = values.properties(self._fields.mapping(item, key, at))
        secrets += (f"{key}.{path}" for path in values.secrets)
        self.encrypted += values.encrypted
        return found

    def _options(self, item: Mapping[str, Any], at: str) -> Options:
        fields = self._fields
        return Options(
            protect=fields.flag(item, "protect", at),
            retain_on_delete=fields.flag(item, "retainOnDelete", at),
            delete_before_replace=fields.flag(item, "deleteBeforeReplace", at),
            ignore_changes=fields.texts(item, "ignoreChanges", at),
            replace_on_changes=fields.texts(item, "replaceOnChanges", at),
            additional_secret_outputs=fields.texts(item, "additionalSecretOutputs", at),
            aliases=fields.texts(item, "aliases", at),
            import_id=fields.text(item, "importID", at),
            deleted_with=fields.text(item, "deletedWith", at),
            custom_timeouts=tuple(
                (name, f"{given:g}s" if isinstance(given, int | float) else str(given))
                for name, given in fields.mapping(item, "customTimeouts", at).items()
                if given
            ),
        )


def _outputs(secrets: Iterable[str]) -> Iterator[str]:
    return (path.removeprefix("outputs.") for path in secrets if path.startswith("outputs."))


def _provider(reference: str) -> str:
    """The URN in a reference to a provider, which is `urn::id`."""
    return urn_of(reference) if reference.count("::") >= _URN_PARTS else reference


def _source(position: str) -> Source | None:
    """The line of a program in `project:///infra/data.py#31,4`."""
    found = _PLACE.fullmatch(position)
    return Source(found["file"], int(found["line"])) if found else None


def _decoded_each(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a provider, which are texts for the engine whatever their types."""
    return {key: _decoded(value) for key, value in settings.items()}


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and (value[:1] in {"{", "["} or value in {"true", "false"}):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
