"""Controls over Network Firewall and DNS Firewall, case by case."""

from __future__ import annotations

from typing import Any

import pytest

FIREWALL = "aws:networkfirewall/firewall:Firewall"
POLICY = "aws:networkfirewall/firewallPolicy:FirewallPolicy"
GROUP = "aws:networkfirewall/ruleGroup:RuleGroup"
LOGGING = "aws:networkfirewall/loggingConfiguration:LoggingConfiguration"
CONFIG = "aws:route53/resolverFirewallConfig:ResolverFirewallConfig"
RULE = "aws:route53/resolverFirewallRule:ResolverFirewallRule"
ASSOCIATION = (
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation"
)
REMOTE = "acme:index:Site"
OPAQUE = {"opaque": True, "custom": False, "outputs": {}, "id": ""}

F = (FIREWALL, "f", {"deleteProtection": True})
STRICT = {
    "statelessDefaultActions": ["aws:forward_to_sfe"],
    "statelessFragmentDefaultActions": ["aws:forward_to_sfe"],
    "statefulDefaultActions": ["aws:drop_established", "aws:alert_established"],
    "statefulEngineOptions": {"ruleOrder": "STRICT_ORDER", "streamExceptionPolicy": "DROP"},
}
ORDER = "firewallPolicy.statefulEngineOptions.ruleOrder"


def logs(*kinds: Any, arn: str = "arn:aws:s3:::f") -> Any:
    sent = [{"logType": kind} for kind in kinds]
    return (
        LOGGING,
        "l",
        {"firewallArn": arn, "loggingConfiguration": {"logDestinationConfigs": sent}},
    )


def policy(**changed: Any) -> list[Any]:
    return [(POLICY, "p", {"firewallPolicy": STRICT | changed})]


DROPS: list[tuple[str, list[Any], list[str]]] = [
    ("everything", [F, logs("ALERT", "FLOW")], []),
    (
        "can be deleted",
        [(FIREWALL, "f", {}), logs("ALERT", "FLOW")],
        ["violated f deleteProtection"],
    ),
    ("no log", [F], ["violated f"]),
    ("the log of another firewall", [F, logs("ALERT", "FLOW", arn="x")], ["violated f"]),
    ("flows only", [F, logs("FLOW")], ["violated f"]),
    ("a kind of log not known", [F, logs("ALERT", "?")], ["undecided f"]),
    ("a log in a component unseen", [F, (REMOTE, "r", {"arn": "?f"}, OPAQUE)], ["undecided f"]),
    (
        "protection not known",
        [(FIREWALL, "f", {"deleteProtection": "?"}), logs("ALERT", "FLOW")],
        ["undecided f deleteProtection"],
    ),
    ("a strict policy", policy(), []),
    (
        "a stateless policy that drops",
        [
            (
                POLICY,
                "p",
                {
                    "firewallPolicy": {
                        "statelessDefaultActions": ["aws:drop"],
                        "statelessFragmentDefaultActions": ["aws:drop"],
                    }
                },
            )
        ],
        [],
    ),
    (
        "fragments pass",
        policy(statelessFragmentDefaultActions=["aws:pass"]),
        ["violated p firewallPolicy.statelessFragmentDefaultActions[0]"],
    ),
    (
        "packets pass beside a custom action",
        policy(statelessDefaultActions=["metric", "aws:pass"]),
        ["violated p firewallPolicy.statelessDefaultActions[1]"],
    ),
    (
        "action order",
        policy(statefulEngineOptions={"ruleOrder": "DEFAULT_ACTION_ORDER"}),
        [f"violated p {ORDER}"],
    ),
    ("no engine options", policy(statefulEngineOptions=None), [f"violated p {ORDER}"]),
    (
        "alerts only",
        policy(statefulDefaultActions=["aws:alert_strict"]),
        ["violated p firewallPolicy.statefulDefaultActions"],
    ),
    (
        "goes on after a break",
        policy(
            statefulEngineOptions={
                "ruleOrder": "STRICT_ORDER",
                "streamExceptionPolicy": "CONTINUE",
            }
        ),
        ["violated p firewallPolicy.statefulEngineOptions.streamExceptionPolicy"],
    ),
    (
        "a default not known",
        policy(statefulDefaultActions="?"),
        ["undecided p firewallPolicy.statefulDefaultActions"],
    ),
]


def source(**rules: Any) -> list[Any]:
    return [(GROUP, "g", {"ruleGroup": {"rulesSource": rules}})]


def allowed(*targets: str) -> list[Any]:
    return source(rulesSourceList={"generatedRulesType": "ALLOWLIST", "targets": list(targets)})


def stateful(action: str, **header: Any) -> list[Any]:
    return source(statefulRules=[{"action": action, "header": header}])


def stateless(action: str, *destinations: str) -> list[Any]:
    ends = [{"addressDefinition": end} for end in destinations]
    rule = {"actions": [action], "matchAttributes": {"destinations": ends}}
    return source(statelessRulesAndCustomActions={"statelessRules": [{"ruleDefinition": rule}]})


def suricata(*lines: str) -> list[Any]:
    return source(rulesString="\n".join(lines))


LISTED = "violated g ruleGroup.rulesSource.rulesSourceList.targets"
HEADER = "violated g ruleGroup.rulesSource.statefulRules[0].header"
TEXT = "violated g ruleGroup.rulesSource.rulesString"
STATELESS = (
    "violated g ruleGroup.rulesSource.statelessRulesAndCustomActions.statelessRules[0]"
    ".ruleDefinition.actions"
)

PASSES: list[tuple[str, list[Any], list[str]]] = [
    ("domains", allowed("api.example.com", ".example.org"), []),
    ("a top-level domain", allowed("example.com", ".com"), [f"{LISTED}[1]"]),
    ("everything by asterisk", allowed("*"), [f"{LISTED}[0]"]),
    (
        "a top-level domain denied",
        source(rulesSourceList={"generatedRulesType": "DENYLIST", "targets": [".zip"]}),
        [],
    ),
    ("a domain not known", allowed("?"), [f"{LISTED.replace('violated', 'undecided')}[0]"]),
    ("one port", stateful("PASS", destination="ANY", destinationPort="443"), []),
    ("one network", stateful("PASS", destination="203.0.113.0/24", destinationPort="ANY"), []),
    ("every port", stateful("PASS", destination="0.0.0.0/0", destinationPort="ANY"), [HEADER]),
    ("every port dropped", stateful("DROP", destination="ANY", destinationPort="ANY"), []),
    ("stateless, forwarded", stateless("aws:forward_to_sfe", "0.0.0.0/0"), []),
    ("stateless, to a network", stateless("aws:pass", "10.0.0.0/8"), []),
    ("stateless, to the internet", stateless("aws:pass", "10.0.0.0/8", "0.0.0.0/0"), [STATELESS]),
    ("stateless, to anything", stateless("aws:pass"), [STATELESS]),
    ("a name in TLS", suricata('pass tls any any -> any any (tls.sni; content:"a.b"; sid:1;)'), []),
    ("handshakes", suricata("pass tcp any any -> any any (flow:not_established; sid:1;)"), []),
    ("one port in text", suricata("pass tcp $HOME_NET any -> $EXTERNAL_NET 443 (sid:1;)"), []),
    (
        "everything in text",
        suricata("# all", "pass ip $HOME_NET any -> $EXTERNAL_NET any (sid:1;)"),
        [TEXT],
    ),
    (
        "everything in the other place",
        [(GROUP, "g", {"rules": "pass tcp any any -> any any (sid:1;)"})],
        ["violated g rules"],
    ),
    ("a drop", suricata("drop ip any any -> any any (sid:1;)"), []),
    ("text not known", source(rulesString="?"), [TEXT.replace("violated", "undecided")]),
]

KEYS: list[tuple[str, list[Any], list[str]]] = [
    ("its own", [(GROUP, "g", {"encryptionConfiguration": {"type": "CUSTOMER_KMS"}})], []),
    ("none", [F], ["violated f encryptionConfiguration.type"]),
    (
        "that of AWS",
        [(POLICY, "p", {"encryptionConfiguration": {"type": "AWS_OWNED_KMS_KEY"}})],
        ["violated p encryptionConfiguration.type"],
    ),
    (
        "not known",
        [(POLICY, "p", {"encryptionConfiguration": {"type": "?"}})],
        ["undecided p encryptionConfiguration.type"],
    ),
]

NAMES: list[tuple[str, list[Any], list[str]]] = [
    ("closed by default", [(CONFIG, "c", {"resourceId": "vpc-1"})], []),
    ("closed", [(CONFIG, "c", {"firewallFailOpen": "DISABLED"})], []),
    ("open", [(CONFIG, "c", {"firewallFailOpen": "ENABLED"})], ["violated c firewallFailOpen"]),
    ("not known", [(CONFIG, "c", {"firewallFailOpen": "?"})], ["undecided c firewallFailOpen"]),
    ("a rule that blocks", [(RULE, "r", {"action": "BLOCK"})], []),
    ("a rule that allows a list", [(RULE, "r", {"action": "ALLOW"})], []),
    ("a rule that reports", [(RULE, "r", {"action": "ALERT"})], ["violated r action"]),
    (
        "a heuristic that allows",
        [(RULE, "r", {"action": "ALLOW", "dnsThreatProtection": "DGA"})],
        ["violated r action"],
    ),
    ("fixed", [(ASSOCIATION, "a", {"mutationProtection": "ENABLED"})], []),
    ("loose by default", [(ASSOCIATION, "a", {})], ["violated a mutationProtection"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("networkfirewall-default-drop", *case) for case in DROPS),
    *(("networkfirewall-no-broad-pass", *case) for case in PASSES),
    *(("networkfirewall-cmk", *case) for case in KEYS),
    *(("route53-dns-firewall-enforced", *case) for case in NAMES),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_firewall_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_messages_say_what_is_missing(messages: Any) -> None:
    assert messages("networkfirewall-default-drop", [F, logs()]) == [
        "no log of this program gets the firewall's ALERT and FLOW"
    ]
    assert messages(
        "networkfirewall-no-broad-pass", suricata("", "pass ip any any -> any any ()")
    ) == ["line 2 passes every port of every address"]
