"""Controls over EKS, case by case."""

from __future__ import annotations

from typing import Any

import pytest

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
SECRETS = {"provider": {"keyArn": KEY}, "resources": ["secrets"]}
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
MODE = "accessConfig.authenticationMode"
CREATOR = "accessConfig.bootstrapClusterCreatorAdminPermissions"
ENTRIES = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}


def cluster(**inputs: Any) -> list[Any]:
    return [(CLUSTER, "c", inputs)]


def nodes(**inputs: Any) -> list[Any]:
    return [(NODES, "n", inputs)]


def network(**config: Any) -> list[Any]:
    return cluster(vpcConfig=config)


PUBLIC = "vpcConfig.endpointPublicAccess"

ENDPOINTS: list[tuple[str, list[Any], list[str]]] = [
    ("private", network(endpointPublicAccess=False, endpointPrivateAccess=True), []),
    ("by default", network(), [f"violated c {PUBLIC}"]),
    ("limited", network(publicAccessCidrs=["203.0.113.0/24"]), [f"violated c {PUBLIC}"]),
    ("not known", network(endpointPublicAccess="?"), [f"undecided c {PUBLIC}"]),
]
GUARDED: list[tuple[str, list[Any], list[str]]] = [
    ("both", cluster(encryptionConfig=SECRETS, enabledClusterLogTypes=LOGS), []),
    ("neither", cluster(), ["violated c encryptionConfig", "violated c enabledClusterLogTypes"]),
    (
        "some logs",
        cluster(encryptionConfig=SECRETS, enabledClusterLogTypes=["api"]),
        ["violated c enabledClusterLogTypes"],
    ),
    (
        "nothing encrypted",
        cluster(
            encryptionConfig={"provider": {"keyArn": KEY}, "resources": []},
            enabledClusterLogTypes=LOGS,
        ),
        ["violated c encryptionConfig.resources"],
    ),
    (
        "a key not known yet",
        cluster(
            encryptionConfig={"provider": {"keyArn": "?"}, "resources": ["secrets"]},
            enabledClusterLogTypes=LOGS,
        ),
        [],
    ),
    (
        "logs not known",
        cluster(encryptionConfig=SECRETS, enabledClusterLogTypes="?"),
        ["undecided c enabledClusterLogTypes"],
    ),
]
VERSIONS: list[tuple[str, list[Any], list[str]]] = [
    ("supported", cluster(version="1.35") + nodes(version="1.35"), []),
    ("old", cluster(version="1.29"), ["violated c version"]),
    ("old nodes", nodes(version="1.9"), ["violated n version"]),
    ("not a version", cluster(version="latest"), ["violated c version"]),
    ("kept supported", cluster(upgradePolicy={"supportType": "STANDARD"}), []),
    ("left to age", cluster(), ["violated c version"]),
    ("nodes as their cluster", nodes(), []),
    ("not known", cluster(version="?"), ["undecided c version"]),
]
ACCESS: list[tuple[str, list[Any], list[str]]] = [
    ("entries", cluster(accessConfig=ENTRIES), []),
    ("by default", cluster(), [f"violated c {MODE}", f"violated c {CREATOR}"]),
    (
        "both ways",
        cluster(accessConfig=ENTRIES | {"authenticationMode": "API_AND_CONFIG_MAP"}),
        [f"violated c {MODE}"],
    ),
    ("mode not known", cluster(accessConfig=ENTRIES | {"authenticationMode": "?"}),
     [f"undecided c {MODE}"]),
    ("an administrator", [(POLICY, "p", {"policyArn": ADMIN, "principalArn": "?"})], []),
    ("nodes without SSH", nodes(), []),
    (
        "nodes with SSH from a group",
        nodes(remoteAccess={"ec2SshKey": "k", "sourceSecurityGroupIds": ["sg-1"]}),
        [],
    ),
    (
        "nodes with SSH from anywhere",
        nodes(remoteAccess={"ec2SshKey": "k"}),
        ["violated n remoteAccess.sourceSecurityGroupIds"],
    ),
    ("nodes, whether with SSH not known", nodes(remoteAccess="?"), ["undecided n remoteAccess"]),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("eks-endpoint-private", *case) for case in ENDPOINTS),
    *(("eks-secrets-and-logs", *case) for case in GUARDED),
    *(("eks-version-supported", *case) for case in VERSIONS),
    *(("eks-access-entries-only", *case) for case in ACCESS),
]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (["203.0.113.0/24"], []),
        (["203.0.113.0/24", "0.0.0.0/0"], ["violated c vpcConfig.publicAccessCidrs[1]"]),
        ([], ["violated c vpcConfig.publicAccessCidrs"]),
    ],
)
def test_outside_production_named_networks_may_reach_the_api(
    ranges: list[str], expected: list[str], judged: Any
) -> None:
    resources = network(publicAccessCidrs=ranges)

    assert judged("eks-endpoint-private", resources, stack="dev") == expected


def test_where_administrators_are_named_others_are_none(judged: Any) -> None:
    approved = "arn:aws:iam::111122223333:role/platform"
    resources = [
        (POLICY, "own", {"policyArn": ADMIN, "principalArn": approved}),
        (POLICY, "other", {"policyArn": ADMIN, "principalArn": f"{approved}-2"}),
        (POLICY, "viewer", {"policyArn": "x/AmazonEKSViewPolicy", "principalArn": "y"}),
        (POLICY, "later", {"policyArn": ADMIN, "principalArn": "?"}),
    ]

    assert judged("eks-access-entries-only", resources, administrators=(approved,)) == [
        "undecided later principalArn",
        "violated other principalArn",
    ]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_cluster_or_what_belongs_to_it_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)
