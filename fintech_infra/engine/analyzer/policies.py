"""What a pack's policies are, how they are configured, and what they report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.engine.analyzer.schema import faults

LEVELS: Final = ("advisory", "mandatory", "remediate", "disabled")

_ALL: Final = "all"
_LEVEL_KEY: Final = "enforcementLevel"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of a pack, with the level and the settings in force.

    `severity` is critical, high, medium, low, or empty where the policy does not say. `framework`
    is a compliance framework's name and the reference in it, empty where the policy names none.
    `of_stack` policies judge the stack as a whole, others each resource. `schema` describes what
    may be set.
    """

    name: str
    title: str
    description: str
    level: str
    severity: str = ""
    fix: str = ""
    url: str = ""
    framework: tuple[str, str] = ("", "")
    of_stack: bool = False
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def enabled(self) -> bool:
        """Whether the pack runs it."""
        return self.level != "disabled"

    @property
    def blocks(self) -> bool:
        """Whether a violation stops a deployment."""
        return self.level in {"mandatory", "remediate"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a configuration says about one policy: a level, where given, and settings."""

    level: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One report of a policy. An empty `urn` means the whole stack.

    `undecided` marks that the policy could not be run, because it needs a value that is not known.
    """

    policy: str
    urn: str
    level: str
    message: str
    undecided: bool = False


def read_choices(content: Mapping[str, Any]) -> tuple[dict[str, Choice], list[str]]:
    """Read a policy configuration in Pulumi's form; the second result lists what is wrong with it.

    Names of policies, and `all`, lead to a level, or to an object of `enforcementLevel` and
    settings.
    """
    choices: dict[str, Choice] = {}
    problems: list[str] = []
    for name, given in content.items():
        settings = dict(given) if isinstance(given, Mapping) else {_LEVEL_KEY: given}
        level = settings.pop(_LEVEL_KEY, None)
        if level in LEVELS or (level is None and isinstance(given, Mapping)):
            choices[name] = Choice(level or "", settings)
        else:
            problems.append(
                f"{name}: {level!r} is no enforcement level; they are {', '.join(LEVELS)}"
            )
    return choices, problems


def policies_of(info: analyzer_pb2.AnalyzerInfo) -> tuple[Policy, ...]:
    """The policies of a pack as it configures them itself: defaults, then its initial choices."""
    # A choice without a level counts as advisory, as in the engine: the protocol's zero.
    initial = {
        name: Choice(_level(config.enforcementLevel), _plain(config.properties))
        for name, config in info.initialConfig.items()
    }
    return configured([_policy(item) for item in info.policies], initial)


def configured(
    policies: tuple[Policy, ...] | list[Policy], choices: Mapping[str, Choice]
) -> tuple[Policy, ...]:
    """Return the policies with `choices` on top, as the engine puts them: first those for `all`."""
    general = choices.get(_ALL, Choice()).level
    found: list[Policy] = []
    for policy in policies:
        own = choices.get(policy.name, Choice())
        level = own.level or general or policy.level
        found.append(replace(policy, level=level, settings={**policy.settings, **own.settings}))
    return tuple(found)


def wrong_settings(policy: Policy) -> list[str]:
    """What is wrong with the settings in force, as the engine checks them."""
    return [f"{policy.name}: {fault}" for fault in faults(policy.settings, policy.schema)]


def unknown_settings(policy: Policy) -> Iterator[str]:
    """Say which settings are none that the policy describes. The engine passes them on."""
    described: Mapping[str, Any] = policy.schema.get("properties") or {}
    for name in policy.settings if described else ():
        if name not in described:
            near = get_close_matches(name, described, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(described)}"
            yield f"{policy.name}: {name!r} is no setting that the policy describes; {hint}"


def configuration(policies: tuple[Policy, ...]) -> analyzer_pb2.ConfigureAnalyzerRequest:
    """The message that configures a pack: every policy, with all its settings."""
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for policy in policies:
        entry = request.policyConfig[policy.name]
        entry.enforcementLevel = analyzer_pb2.EnforcementLevel.Value(policy.level.upper())
        entry.properties.update(dict(policy.settings))
    return request


def diagnostic_of(item: analyzer_pb2.AnalyzeDiagnostic, urn: str) -> Diagnostic:
    """A message's diagnostic about `urn`."""
    could_not_run = f"can't run policy '{item.policyName}' from policy pack '"
    level = _level(item.enforcementLevel)
    undecided = item.message.startswith(could_not_run)
    return Diagnostic(item.policyName, urn, level, item.message, undecided)


def _policy(item: analyzer_pb2.PolicyInfo) -> Policy:
    properties = _plain(item.configSchema.properties)
    severity = analyzer_pb2.PolicySeverity.Name(item.severity).rpartition("_")[2].lower()
    defaults = {
        name: described["default"]
        for name, described in properties.items()
        if isinstance(described, Mapping) and "default" in described
    }
    return Policy(
        name=item.name,
        title=item.displayName or item.description.partition("\n")[0] or item.name,
        description=item.description,
        level=_level(item.enforcementLevel),
        severity="" if severity == "unspecified" else severity,
        fix=item.remediation_steps,
        url=item.url,
        framework=(item.framework.name, item.framework.reference),
        of_stack=item.policy_type == analyzer_pb2.POLICY_TYPE_STACK,
        schema={
            "type": "object",
            "properties": properties,
            "required": list(item.configSchema.required),
        },
        settings=defaults,
    )


def _level(level: analyzer_pb2.EnforcementLevel.ValueType) -> str:
    return analyzer_pb2.EnforcementLevel.Name(level).lower()


def _plain(message: Any) -> dict[str, Any]:
    return json_format.MessageToDict(message)
