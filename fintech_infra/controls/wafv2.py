"""Controls over web ACLs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import DocumentError
from fintech_infra.environment.relations import companions, managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, reading
from fintech_infra.environment.values import WrongKindError, kind_of, read

WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
WEB_ACL_RULE: Final = "aws:wafv2/webAclRule:WebAclRule"
RULE_GROUP: Final = "aws:wafv2/ruleGroup:RuleGroup"
GROUP_ASSOCIATION: Final = "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation"
LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"

_BASELINE: Final = {
    "AWSManagedRulesCommonRuleSet": "common attacks",
    "AWSManagedRulesKnownBadInputsRuleSet": "known bad inputs",
    "AWSManagedRulesSQLiRuleSet": "SQL injection",
}
_CREDENTIALS: Final = ("authorization", "cookie")

Rule = Mapping[str, Any]


@control(
    on=[WEB_ACL],
    severity=Severity.MEDIUM,
    fix="Add AWS's managed groups for common attacks, known bad inputs and SQL injection with the "
    "override action none; EdgeShield has them.",
    source="PCI DSS 4.0.1 6.4.2; FSBP WAF.10",
    properties=["rules", "ruleJson"],
)
def wafv2_managed_rules_baseline(acl: Resource, environment: Environment) -> Iterator[Fault]:
    """Web ACLs block what AWS's groups for common attacks, bad inputs and SQL injection find.

    A group that only counts sees an attack and lets it in.
    """
    groups = {
        str(group.get("name")): rule
        for rule in _rules(acl, environment)
        if (group := _statement(rule, "managedRuleGroupStatement"))
    }
    for name, what in _BASELINE.items():
        if name not in groups:
            _refuse_if_hidden(acl, environment)
            yield Fault("rules", f"no rule has {name}, so {what} are not looked for")
        elif _counts(groups[name], "overrideAction"):
            yield Fault("rules", f"{name} only counts what it finds")


@control(
    on=[WEB_ACL],
    severity=Severity.MEDIUM,
    fix="Add a rule with a rateBasedStatement that blocks; EdgeShield has one.",
    source="AWS WAF developer guide, Rate-based rule statement",
    properties=["rules", "ruleJson"],
)
def wafv2_rate_limit(acl: Resource, environment: Environment) -> Iterator[Fault]:
    """Web ACLs limit how many requests one client can send.

    Without a limit, guessing passwords and exhausting a service cost an attacker nothing.
    """
    rules = list(_rules(acl, environment))
    rules += [inner for rule in rules for inner in _referred(rule, environment)]
    limits = [rule for rule in rules if _statement(rule, "rateBasedStatement")]
    if any(not _counts(rule, "action") for rule in limits):
        return
    _refuse_if_hidden(acl, environment)
    if limits:
        yield Fault("rules", "the rate-based rules only count requests")
    else:
        yield Fault("rules", "no rule limits the rate of requests")


@control(
    on=[WEB_ACL],
    severity=Severity.MEDIUM,
    fix="Add a WebAclLoggingConfiguration whose redactedFields name the headers authorization and "
    "cookie; EdgeShield does.",
    source="PCI DSS 4.0.1 10.2.1, 8.3.2; FSBP WAF.11",
    properties=["dataProtectionConfig"],
)
def wafv2_logging_redacted(acl: Resource, environment: Environment) -> Iterator[Fault]:
    """Web ACLs log requests, without the headers that hold credentials.

    The log shows who attacked and what got in. Whoever reads an authorization header or a session
    cookie there can act as that user.
    """
    found = companions(environment, acl, "resourceArn", LOGGING)
    if not found:
        yield Fault("", "no logging configuration in this program refers to the web ACL")
        return
    protected = _protected_headers(acl)
    for logging in found:
        with reading(logging.name, ""):
            hidden = protected | _redacted_headers(logging)
        open_ones = [name for name in _CREDENTIALS if name not in hidden]
        if open_ones:
            yield Fault("", f"{logging.name} logs the headers {', '.join(open_ones)}")


def _rules(acl: Resource, environment: Environment) -> Iterator[Rule]:
    """The rules of a web ACL as the provider writes them, wherever they are declared."""
    if acl.is_set("ruleJson"):
        yield from _from_json(acl.value("ruleJson"))
    for _, rule in acl.each("rules"):
        yield rule
    for sidecar in managed_companions(environment, acl, "webAclArn", WEB_ACL_RULE):
        yield sidecar.inputs
    for sidecar in managed_companions(environment, acl, "webAclArn", GROUP_ASSOCIATION):
        yield _as_rule(sidecar)


def _from_json(text: Any) -> list[Rule]:
    """Rules as the API writes them, turned into the provider's spelling.

    Raises:
        DocumentError: they are not JSON, or no list.
    """
    try:
        given: Any = json.loads(text) if isinstance(text, str) else text
    except ValueError as error:
        raise DocumentError("ruleJson", f"ruleJson is not JSON: {error}") from None
    if not isinstance(given, list):
        raise DocumentError("ruleJson", f"ruleJson is {kind_of(given)}, not a list of rules")
    return _uncapitalized(given)


def _uncapitalized(value: Any) -> Any:
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return {key[:1].lower() + key[1:]: _uncapitalized(item) for key, item in entries}
    if isinstance(value, list):
        return [_uncapitalized(item) for item in cast("list[Any]", value)]
    return value


def _as_rule(association: Resource) -> Rule:
    """A rule group that is associated with a web ACL, written as the rule that it amounts to."""
    action = association.value("overrideAction")
    managed = association.value("managedRuleGroup")
    own = association.value("ruleGroupReference")
    rule: dict[str, Any] = {"overrideAction": {"count": {}}} if action == "count" else {}
    if managed:
        rule["statement"] = {"managedRuleGroupStatement": managed}
    if own:
        rule["statement"] = {"ruleGroupReferenceStatement": own}
    return rule


def _referred(rule: Rule, environment: Environment) -> Iterator[Rule]:
    """The rules of the rule group that a rule refers to."""
    reference = _statement(rule, "ruleGroupReferenceStatement")
    if not reference or _counts(rule, "overrideAction"):
        return
    groups = [item for item in environment.of_type(RULE_GROUP) if not item.existing]
    arn = str(reference.get("arn"))
    group = next((item for item in groups if item.outputs.get("arn") == arn), None)
    if group is None:
        raise UndecidedError("rules", f"the rule group {arn} is not in this program")
    with reading(group.name, "rules"):
        yield from (inner for _, inner in group.each("rules"))


def _statement(rule: Rule, kind: str) -> Mapping[str, Any] | None:
    found: Any = read(rule, f"statement.{kind}")
    # Blocks that occur once can be given as a list of one.
    if isinstance(found, list):
        found = cast("list[Any]", found)[0] if found else None
    if found is None or isinstance(found, Mapping):
        return cast("Mapping[str, Any] | None", found)
    raise WrongKindError(f"rules.statement.{kind}", found, "an object")


def _counts(rule: Rule, key: str) -> bool:
    return read(rule, f"{key}.count") is not None


def _refuse_if_hidden(acl: Resource, environment: Environment) -> None:
    refuse_if_hidden(environment, acl, "webAclArn", WEB_ACL_RULE, GROUP_ASSOCIATION)


def _redacted_headers(logging: Resource) -> set[str]:
    found: set[str] = set()
    for path, _ in logging.each("redactedFields"):
        name = logging.value(f"{path}.singleHeader.name")
        if name is not None:
            found.add(str(name).lower())
    return found


def _protected_headers(acl: Resource) -> set[str]:
    """Headers that the web ACL replaces in everything that it shows, logs included."""
    found: set[str] = set()
    for path, _ in acl.each("dataProtectionConfig.dataProtections"):
        if acl.value(f"{path}.field.fieldType") == "SINGLE_HEADER":
            found.update(str(key).lower() for _, key in acl.each(f"{path}.field.fieldKeys"))
    return found


CONTROLS: Final = (wafv2_managed_rules_baseline, wafv2_rate_limit, wafv2_logging_redacted)
