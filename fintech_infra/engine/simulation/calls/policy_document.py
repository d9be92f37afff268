"""`aws.iam.get_policy_document`: the document that the provider would write, to the byte.

Follows the Terraform AWS provider (`internal/service/iam/policy_model.go`): a lone element stands
by itself, several are sorted downwards, statements of sources come first and overrides replace
those with the same Sid. Two blocks of principals of one type are joined in the order given; the
provider joins them in the order of a hash.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.calls.call import Call, CallError
from fintech_infra.environment import UNKNOWN, walk

_VERSIONS: Final = ("2008-10-17", "2012-10-17")
_EFFECTS: Final = ("Allow", "Deny")
_SID: Final = re.compile(r"[a-zA-Z0-9]*")
_ORDER: Final = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
)

Statement = dict[str, Any]


def policy_document(call: Call) -> dict[str, Any]:
    """The result of the call; its JSON is unknown where an argument is.

    Raises:
        CallError: the provider would refuse the arguments; all mistakes are in the message.
    """
    args = call.args
    echoed = {
        name: args.get(name)
        for name in (
            "overrideJson",
            "overridePolicyDocuments",
            "policyId",
            "sourceJson",
            "sourcePolicyDocuments",
            "statements",
            "version",
        )
    }
    if any(leaf is UNKNOWN for _, leaf in walk(dict(args))):
        return {**echoed, "json": UNKNOWN, "minifiedJson": UNKNOWN, "id": UNKNOWN}
    mistakes: list[str] = []
    document = _document(args, mistakes)
    if mistakes:
        raise CallError("aws.iam.get_policy_document: " + "\n".join(mistakes))
    text = _escaped(json.dumps(document, indent=2, ensure_ascii=False))
    return {
        **echoed,
        "json": text,
        "minifiedJson": _escaped(json.dumps(document, separators=(",", ":"), ensure_ascii=False)),
        "id": str(zlib.crc32(text.encode())),
    }


def _document(args: Mapping[str, Any], mistakes: list[str]) -> dict[str, Any]:
    merged: dict[str, Any] = {"Version": "", "Id": "", "Statement": []}
    sids: set[str] = set()
    sources = [args.get("sourceJson"), *(args.get("sourcePolicyDocuments") or [])]
    for source in _parsed(sources, "source_policy_documents", mistakes):
        _refuse_repeated(source["Statement"], sids, "source_policy_documents", mistakes)
        _merge(merged, source)
    _merge(merged, _own(args, mistakes))
    overrides = [args.get("overrideJson"), *(args.get("overridePolicyDocuments") or [])]
    for override in _parsed(overrides, "override_policy_documents", mistakes):
        _merge(merged, override)
    return {key: value for key, value in merged.items() if value}


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    into["Id"] = other["Id"] or into["Id"]
    into["Version"] = max(into["Version"], other["Version"])
    for statement in other["Statement"]:
        sid = statement.get("Sid")
        same = [i for i, old in enumerate(into["Statement"]) if sid and old.get("Sid") == sid]
        if same:
            into["Statement"][same[0]] = statement
        else:
            into["Statement"].append(statement)


def _own(args: Mapping[str, Any], mistakes: list[str]) -> dict[str, Any]:
    version = args.get("version") or _VERSIONS[1]
    if version not in _VERSIONS:
        mistakes.append(f"version is {version!r}; accepted: {' and '.join(_VERSIONS)}")
    statements = [
        _statement(item, f"statements[{index}]", version, mistakes)
        for index, item in enumerate(args.get("statements") or [])
    ]
    _refuse_repeated(statements, set(), "statements", mistakes)
    return {"Version": version, "Id": args.get("policyId") or "", "Statement": statements}


def _refuse_repeated(
    statements: Iterable[Statement], seen: set[str], place: str, mistakes: list[str]
) -> None:
    for statement in statements:
        sid = statement.get("Sid")
        if sid and sid in seen:
            mistakes.append(f"{place}: the Sid {sid!r} is there twice; each must be unique")
        elif sid:
            seen.add(sid)


def _statement(item: Mapping[str, Any], place: str, version: str, mistakes: list[str]) -> Statement:
    effect, sid = item.get("effect") or _EFFECTS[0], item.get("sid") or ""
    if effect not in _EFFECTS:
        mistakes.append(f"{place}.effect is {effect!r}; accepted: {' and '.join(_EFFECTS)}")
    if not _SID.fullmatch(sid):
        mistakes.append(f"{place}.sid is {sid!r}; only letters and digits are accepted")
    variables = _Variables(version, place, mistakes)
    statement = {
        "Sid": sid,
        "Effect": effect,
        "Action": _strings(item.get("actions")),
        "NotAction": _strings(item.get("notActions")),
        "Resource": variables.replaced(_strings(item.get("resources"))),
        "NotResource": variables.replaced(_strings(item.get("notResources"))),
        "Principal": _principals(item.get("principals"), variables),
        "NotPrincipal": _principals(item.get("notPrincipals"), variables),
        "Condition": _conditions(item.get("conditions"), variables),
    }
    return _ordered(statement)


def _ordered(statement: Mapping[str, Any]) -> Statement:
    return {key: statement[key] for key in _ORDER if statement.get(key)}


def _strings(values: Iterable[Any] | None) -> Any:
    """One string by itself; several, each once, sorted downwards."""
    found = sorted({_text(value) for value in values or ()}, reverse=True)
    return found[0] if len(found) == 1 else found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


class _Variables:
    """Turns `&{...}` into the policy variables that it stands for."""

    def __init__(self, version: str, place: str, mistakes: list[str]) -> None:
        self._version = version
        self._place = place
        self._mistakes = mistakes

    def replaced(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.replaced(item) for item in value]
        if "&{" in value and self._version == _VERSIONS[0]:
            self._mistakes.append(
                f"{self._place}: {value!r} has a variable, which version {_VERSIONS[0]} has not"
            )
        return value.replace("&{", "${")


def _principals(blocks: Iterable[Mapping[str, Any]] | None, variables: _Variables) -> Any:
    pairs = [
        (str(block["type"]), variables.replaced(_strings(block["identifiers"])))
        for block in blocks or ()
    ]
    return _joined_principals(pairs)


def _joined_principals(pairs: list[tuple[str, Any]]) -> Any:
    if len(pairs) == 1 and pairs[0][0] == "*" and pairs[0][1] in ("*", ["*"]):
        return "*"
    joined: dict[str, Any] = {}
    for type_, identifiers in pairs:
        known = joined.get(type_)
        if known is None and isinstance(identifiers, str):
            joined[type_] = identifiers
            continue
        before = known if isinstance(known, list) else [known] if known else []
        after = [identifiers] if isinstance(identifiers, str) else sorted(identifiers, reverse=True)
        joined[type_] = before + after
    return dict(sorted(joined.items()))


def _conditions(blocks: Iterable[Mapping[str, Any]] | None, variables: _Variables) -> Any:
    triples = [
        (str(b["test"]), str(b["variable"]), [variables.replaced(_text(v)) for v in b["values"]])
        for b in blocks or ()
    ]
    return _joined_conditions(triples)


def _joined_conditions(triples: Iterable[tuple[str, str, list[str]]]) -> dict[str, Any]:
    joined: dict[str, dict[str, Any]] = {}
    for test, variable, values in triples:
        joined.setdefault(test, {}).setdefault(variable, []).extend(values)
    return {
        test: {
            variable: values[0] if len(values) == 1 else values
            for variable, values in sorted(variables.items())
        }
        for test, variables in sorted(joined.items())
    }


def _parsed(
    texts: Iterable[str | None], place: str, mistakes: list[str]
) -> Iterable[dict[str, Any]]:
    for index, text in enumerate(text for text in texts if text):
        try:
            content = json.loads(text)
            statements = content.get("Statement") or []
            yield {
                "Version": content.get("Version") or "",
                "Id": content.get("Id") or "",
                "Statement": [
                    _reread(item)
                    for item in (statements if isinstance(statements, list) else [statements])
                ],
            }
        except (ValueError, AttributeError, TypeError) as error:
            mistakes.append(f"{place}[{index}]: is not a policy document in JSON: {error}")


def _reread(item: Mapping[str, Any]) -> Statement:
    """A statement of another document, written as the provider writes it again."""
    statement = dict(item)
    for key in ("Principal", "NotPrincipal"):
        if key in item:
            statement[key] = _reread_principal(item[key])
    if "Condition" in item:
        statement["Condition"] = _joined_conditions(
            (test, variable, [_text(v) for v in (values if isinstance(values, list) else [values])])
            for test, variables in item["Condition"].items()
            for variable, values in variables.items()
        )
    return _ordered(statement)


def _reread_principal(value: Any) -> Any:
    if isinstance(value, str):
        return _joined_principals([("*", ["*"])])
    return _joined_principals(list(value.items()))


def _escaped(text: str) -> str:
    """Go's JSON encoder writes these so that the text can stand in a web page."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
