"""Answers: what a user knows about the cloud and the preview cannot, in a YAML file.

    account: "123456789012"
    region: eu-west-1
    zones:
      eu-west-1: [eu-west-1a, eu-west-1b]
    calls:
      - token: aws:ec2/getVpc:getVpc
        args: {tags: {Name: shared}}        # the call has these among its arguments; optional
        result: {id: vpc-0123456789abcdef0, cidrBlock: 10.20.0.0/16}
    resources:
      - type: aws:acm/certificate:Certificate
        name: "web-*"                       # optional
        outputs: {arn: "arn:aws:acm:eu-west-1:123456789012:certificate/1"}

Names below `args`, `result` and `outputs` are the provider's own (camelCase). The first call that
fits answers; of resources all that fit do, the later over the earlier. What is not answered is
simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from fintech_infra.environment import UNKNOWN

_ACCOUNT_DIGITS: Final = 12


class AnswersError(Exception):
    """The file cannot be used; the message lists every mistake with its place."""

    def __init__(self, mistakes: list[str]) -> None:
        """Keep the mistakes; each names the line or the path it is about."""
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class CallAnswer:
    """What a data source returns when its arguments contain `args`."""

    token: str
    result: Mapping[str, Any]
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class ResourceAnswer:
    """Outputs of the resources of a type whose logical name fits the pattern."""

    type: str
    outputs: Mapping[str, Any]
    name: str = "*"


@dataclass(frozen=True)
class Answers:
    """All answers of a run. Empty ones leave everything to the simulation."""

    account: str = ""
    region: str = ""
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    calls: tuple[CallAnswer, ...] = ()
    resources: tuple[ResourceAnswer, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Answers:
        """Read the file.

        Raises:
            AnswersError: the file cannot be read or something in it is wrong.
        """
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise AnswersError([f"{path}: cannot be read: {error.strerror}"]) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise AnswersError([f"{path}: is not YAML: {_place(error)}"]) from error
        reader = _Reader()
        answers = reader.answers(content if content is not None else {})
        if reader.mistakes:
            raise AnswersError([f"{path}: {mistake}" for mistake in reader.mistakes])
        return answers

    def result(self, token: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the first fitting answer says about a call; empty where none fits."""
        for call in self.calls:
            if call.token == token and _contains(args, call.args):
                return call.result
        return {}

    def outputs(self, type_: str, name: str) -> Mapping[str, Any]:
        """What the answers say about a resource; empty where they say nothing."""
        found: dict[str, Any] = {}
        for resource in self.resources:
            if resource.type == type_ and fnmatchcase(name, resource.name):
                found |= resource.outputs
        return found


def _contains(value: Any, wanted: Any) -> bool:
    """Whether the wanted keys and values are in the value; other keys may be there, too."""
    if value is UNKNOWN:
        return False
    if isinstance(wanted, Mapping):
        return isinstance(value, Mapping) and all(
            key in value and _contains(value[key], item) for key, item in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(value, list)
            and len(value) == len(wanted)
            and all(_contains(a, b) for a, b in zip(value, wanted, strict=True))
        )
    return not isinstance(value, Mapping | list) and value == wanted


def _place(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}: {problem}" if mark else problem


class _Reader:
    """Reads the file's content and collects what is wrong with it."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def answers(self, content: Any) -> Answers:
        keys = ("account", "region", "zones", "calls", "resources")
        found = self._mapping(content, "the file", keys, ())
        return Answers(
            account=self._account(found.get("account", "")),
            region=self._text(found.get("region", ""), "region"),
            zones=self._zones(found.get("zones", {})),
            calls=tuple(self._calls(found.get("calls", []))),
            resources=tuple(self._resources(found.get("resources", []))),
        )

    def _account(self, value: Any) -> str:
        text = str(value) if isinstance(value, int) else value
        if text and not (isinstance(text, str) and text.isdigit() and len(text) == _ACCOUNT_DIGITS):
            self.mistakes.append(f"account: {value!r} is not {_ACCOUNT_DIGITS} digits in quotes")
            return ""
        return text

    def _zones(self, value: Any) -> dict[str, tuple[str, ...]]:
        zones: dict[str, tuple[str, ...]] = {}
        for region, names in self._any_mapping(value, "zones").items():
            if isinstance(names, list) and names and all(isinstance(n, str) for n in names):
                zones[str(region)] = tuple(names)
            else:
                self.mistakes.append(f"zones.{region}: {names!r} is not a list of zone names")
        return zones

    def _calls(self, value: Any) -> Iterator[CallAnswer]:
        for place, item in self._items(value, "calls"):
            found = self._mapping(item, place, ("token", "args", "result"), ("token", "result"))
            yield CallAnswer(
                self._token(found.get("token", ""), f"{place}.token"),
                self._any_mapping(found.get("result", {}), f"{place}.result"),
                self._any_mapping(found.get("args", {}), f"{place}.args"),
            )

    def _resources(self, value: Any) -> Iterator[ResourceAnswer]:
        for place, item in self._items(value, "resources"):
            found = self._mapping(item, place, ("type", "name", "outputs"), ("type", "outputs"))
            yield ResourceAnswer(
                self._token(found.get("type", ""), f"{place}.type"),
                self._any_mapping(found.get("outputs", {}), f"{place}.outputs"),
                self._text(found.get("name", "*"), f"{place}.name"),
            )

    def _items(self, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, list):
            self.mistakes.append(f"{place}: is {_kind(value)}, where a list is wanted")
            return
        for index, item in enumerate(value):
            yield f"{place}[{index}]", item

    def _mapping(
        self, value: Any, place: str, keys: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, Any]:
        found = self._any_mapping(value, place)
        for key in found:
            if key not in keys:
                near = get_close_matches(str(key), keys, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(keys)}"
                self.mistakes.append(f"{place}: does not know {key!r}; {hint}")
        if isinstance(value, Mapping):
            self.mistakes += [f"{place}: lacks {key}" for key in required if key not in found]
        return found

    def _any_mapping(self, value: Any, place: str) -> dict[str, Any]:
        if isinstance(value, Mapping):
            return {str(key): item for key, item in value.items()}
        self.mistakes.append(f"{place}: is {_kind(value)}, where a dictionary is wanted")
        return {}

    def _token(self, value: Any, place: str) -> str:
        text = self._text(value, place)
        if text and text.count(":") != 2:  # noqa: PLR2004 - package, module, name
            self.mistakes.append(
                f"{place}: {text!r} is not a type token such as aws:ec2/getVpc:getVpc"
            )
        return text

    def _text(self, value: Any, place: str) -> str:
        if isinstance(value, str):
            return value
        self.mistakes.append(f"{place}: is {_kind(value)}, where text is wanted")
        return ""


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    return "a list" if isinstance(value, list) else f"{value!r}"
