"""Controls over Network Firewall: what passes where no rule matches, logs, protection, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control, expects
from fintech_infra.controls.remedies import setting
from fintech_infra.environment import Environment, Resource, read
from fintech_infra.environment.network import is_world
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import decided_first, reading

FIREWALL: Final = "aws:networkfirewall/firewall:Firewall"
POLICY: Final = "aws:networkfirewall/firewallPolicy:FirewallPolicy"
RULE_GROUP: Final = "aws:networkfirewall/ruleGroup:RuleGroup"
LOGGING: Final = "aws:networkfirewall/loggingConfiguration:LoggingConfiguration"

_STATELESS: Final = ("statelessDefaultActions", "statelessFragmentDefaultActions")
_LOGS: Final = frozenset({"ALERT", "FLOW"})
_ORDER: Final = "firewallPolicy.statefulEngineOptions.ruleOrder"
_BREAKS: Final = "firewallPolicy.statefulEngineOptions.streamExceptionPolicy"
_STATEFUL: Final = "firewallPolicy.statefulDefaultActions"


@control(
    on=[FIREWALL, POLICY],
    severity=Severity.MEDIUM,
    fix="Use STRICT_ORDER and a default action that drops, send alerts and flows to a log, and set "
    "deleteProtection; EgressFirewall does.",
    source="FSBP NetworkFirewall.2, NetworkFirewall.4, NetworkFirewall.5, NetworkFirewall.9",
    properties=["firewallPolicy", "deleteProtection"],
    remedy=setting({"deleteProtection": True}, FIREWALL),
)
def networkfirewall_default_drop(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Network firewalls drop what no rule passes, log alerts and flows, and resist deletion.

    A firewall that passes what it does not know stops only what somebody thought of, and one that
    keeps no log or can be deleted by one call is not there when it counts.
    """
    if resource.type == POLICY:
        yield from decided_first((_stateless_faults(resource), _stateful_faults(resource)))
    else:
        yield from decided_first((_deletion_faults(resource), _log_faults(resource, environment)))


def _stateless_faults(policy: Resource) -> Iterator[Fault]:
    for key in _STATELESS:
        for path, action in policy.each(f"firewallPolicy.{key}"):
            if action == "aws:pass":
                what = "fragments" if "Fragment" in key else "packets"
                yield Fault(path, f"{what} that match no stateless rule pass")


def _stateful_faults(policy: Resource) -> Iterator[Fault]:
    if policy.value(_BREAKS) == "CONTINUE":
        yield Fault(_BREAKS, "connections that break midstream go on without inspection")
    if not _reaches_stateful_engine(policy):
        return
    if policy.value(_ORDER) != "STRICT_ORDER":
        yield Fault(_ORDER, "in action order, packets pass that no rule drops")
    elif not any(str(action).startswith("aws:drop") for _, action in policy.each(_STATEFUL)):
        yield Fault(_STATEFUL, "packets that match no stateful rule pass")


def _reaches_stateful_engine(policy: Resource) -> bool:
    forwarded = any(
        action == "aws:forward_to_sfe"
        for key in _STATELESS
        for _, action in policy.each(f"firewallPolicy.{key}")
    )
    return forwarded or policy.is_set("firewallPolicy.statefulRuleGroupReferences")


def _deletion_faults(firewall: Resource) -> Iterator[Fault]:
    if firewall.value("deleteProtection") is not True:
        yield Fault("deleteProtection", "one call deletes the firewall")


def _log_faults(firewall: Resource, environment: Environment) -> Iterator[Fault]:
    found: set[str] = set()
    for logging in companions(environment, firewall, "firewallArn", LOGGING):
        with reading(logging.name, ""):
            for _, sent in logging.each("loggingConfiguration.logDestinationConfigs"):
                found.add(str(read(sent, "logType")))
    if missing := sorted(_LOGS - found):
        yield Fault("", f"no log of this program gets the firewall's {' and '.join(missing)}")


@control(
    on=[RULE_GROUP],
    severity=Severity.HIGH,
    fix="Name the domains, addresses and ports that are needed; EgressFirewall passes declared "
    "domains on port 443 only.",
    source="PCI DSS 4.0.1 1.3.2; AWS Network Firewall developer guide, Stateful rule groups",
    properties=["ruleGroup", "rules"],
)
def networkfirewall_no_broad_pass(group: Resource) -> Iterator[Fault]:
    """No rule passes traffic to the whole internet.

    Rules that pass are looked at before the default action, so one that passes everything makes a
    default that drops worth nothing.
    """
    source = "ruleGroup.rulesSource"
    yield from decided_first(
        (
            _listed_faults(group, f"{source}.rulesSourceList"),
            _stateful_rule_faults(group, f"{source}.statefulRules"),
            _stateless_rule_faults(
                group, f"{source}.statelessRulesAndCustomActions.statelessRules"
            ),
            _suricata_faults(group, f"{source}.rulesString"),
            _suricata_faults(group, "rules"),
        )
    )


def _listed_faults(group: Resource, path: str) -> Iterator[Fault]:
    if group.value(f"{path}.generatedRulesType") == "ALLOWLIST":
        for at, target in group.each(f"{path}.targets"):
            if "." not in str(target).strip(".*"):
                yield Fault(at, f"{target!r} passes every domain below a top-level domain")


def _stateful_rule_faults(group: Resource, path: str) -> Iterator[Fault]:
    for at, _ in group.each(path):
        if str(group.value(f"{at}.action")).upper() == "PASS":
            target = str(group.value(f"{at}.header.destination") or "ANY")
            port = str(group.value(f"{at}.header.destinationPort") or "ANY").upper()
            if _is_internet(target) and port == "ANY":
                yield Fault(f"{at}.header", "every port of every address passes")


def _stateless_rule_faults(group: Resource, path: str) -> Iterator[Fault]:
    for at, _ in group.each(path):
        actions = f"{at}.ruleDefinition.actions"
        if not any(action == "aws:pass" for _, action in group.each(actions)):
            continue
        ends = f"{at}.ruleDefinition.matchAttributes.destinations"
        found = [str(group.value(f"{end}.addressDefinition")) for end, _ in group.each(ends)]
        if not found or any(map(_is_internet, found)):
            yield Fault(actions, "every address is reached without stateful inspection")


_PASS: Final = re.compile(
    r"^\s*pass\s+(?:ip|tcp|udp|tls|http)\s+\S+\s+\S+\s+(?:->|<>)\s+(\S+)\s+any\s*\((.*)\)\s*$",
    re.IGNORECASE,
)
# Whatever looks into the packet, or lets no more than a handshake or a keep-alive through.
_NARROWING: Final = re.compile(
    r"content:|pcre:|tls\.|ssl_|http\.|ja3|ja4|geoip:|ip_proto:|dsize:\s*0|not_established|"
    r"tcp\.flags|to_client|xbits:|flowbits:\s*isset|aws_",
    re.IGNORECASE,
)


def _suricata_faults(group: Resource, path: str) -> Iterator[Fault]:
    for number, line in enumerate(str(group.value(path) or "").splitlines(), start=1):
        found = _PASS.match(line)
        if found and _is_internet(found[1]) and not _NARROWING.search(found[2]):
            yield Fault(path, f"line {number} passes every port of every address")


def _is_internet(address: str) -> bool:
    return address.upper() in {"ANY", "$EXTERNAL_NET", "!$HOME_NET"} or is_world(address)


networkfirewall_cmk = expects(
    "networkfirewall-cmk",
    on=[FIREWALL, POLICY, RULE_GROUP],
    path="encryptionConfiguration.type",
    equals="CUSTOMER_KMS",
    title="Firewalls, their policies and rule groups are encrypted with a customer-managed key.",
    why="The rules say what the network reaches; with a key of one's own, reading them leaves a "
    "trace and can be ended.",
    fault="the firewall's data is encrypted with a key that AWS owns",
    severity=Severity.LOW,
    fix="Set encryptionConfiguration to CUSTOMER_KMS with a key; EgressFirewall does.",
    source="AWS Network Firewall developer guide, Encryption at rest with AWS KMS",
)

CONTROLS: Final = (
    networkfirewall_default_drop,
    networkfirewall_no_broad_pass,
    networkfirewall_cmk,
)
