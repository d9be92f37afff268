"""A small account at run time, command by command: docs/run-time.md, and what the rails do.

What each rail holds is proved in `tests/operations/healing`; here, that the command line does.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from fintech_infra.environment import Environment
from tests.exports import state_of
from tests.operations.run_time.desk import Desk, opened
from tests.operations.run_time.estate import INSTANCE, REGION, Account, Estate
from tests.operations.run_time.night import TAMPERED
from tests.operations.run_time.tampering import WORLD
from tests.operations.tripwires.deployed import OWNED, policy
from tests.operations.tripwires.looking import ACCOUNT, made
from tests.outside.cloud import client

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "run-time.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"(.*?)\s+# exit code (\d)\n(.*)", re.DOTALL)
GROUP = "sg-0a1b2c3d4e5f60718"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
READS = (
    "describe_key",
    "describe_security_group_rules",
    "describe_security_groups",
    "get_event_selectors",
    "get_key_policy",
    "get_key_rotation_status",
    "get_trail",
    "get_trail_status",
)
FRIEND, OTHER = "444455556666", "777788889999"
HEAL = (
    "heal before.json --live --act --key healer.pem --kill-switch-file switch --budget 2 --by carol"
)


class DeadError(BaseException):
    """The healer dies: nothing of it runs after this."""


@pytest.fixture
def shop() -> Iterator[Estate]:
    """A group, a trail and a key as on the page, with the ids that moto gives."""
    with mock_aws():
        ec2, s3, trail = (client(it, REGION) for it in ("ec2", "s3", "cloudtrail"))
        where = {"LocationConstraint": REGION}
        group = ec2.create_security_group(GroupName="shop-orders", Description="Orders")["GroupId"]
        anywhere = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=anywhere)
        s3.create_bucket(Bucket="shop-trail", CreateBucketConfiguration=where)
        trail.create_trail(Name="main", S3BucketName="shop-trail")
        trail.start_logging(Name="main")
        key = client("kms", REGION).create_key(Policy=policy(OWNED))["KeyMetadata"]["KeyId"]
        ids = {GROUP: group, KEY: key}
        yield Estate(Account(client, REGION), Environment("shop", "prod"), ids=ids)
        trail.delete_trail(Name="main")
        s3.delete_bucket(Bucket="shop-trail")


@pytest.fixture
def desk(shop: Estate, tmp_path: Path) -> Iterator[Desk]:
    """A folder with the state of the page, and a kill switch that is armed."""
    with opened(tmp_path, shop.account, shop.clock) as found:
        state = next(it for _, name, it in BLOCK.findall(PAGE) if name == "before.json")
        Path("before.json").write_text(_real(state, shop))
        Path("switch").write_text("armed\n")
        yield found


def _real(text: str, shop: Estate) -> str:
    for given, real in shop.ids.items():
        text = text.replace(given, real)
    return text


def _tampers(shop: Estate) -> None:
    """What the page tells of the night."""
    shop.call("cloudtrail", "stop_logging", Name="main")
    shop.call(
        "ec2",
        "authorize_security_group_ingress",
        GroupId=shop.ids[GROUP],
        IpPermissions=[WORLD],
    )
    shop.call("kms", "disable_key", KeyId=shop.ids[KEY])


def _fates(report: dict[str, Any]) -> dict[str, str]:
    return {it["remedy"]: it["fate"] for it in report["steps"] if it["remedy"]}


def test_the_page_happens_as_it_tells(desk: Desk, shop: Estate) -> None:
    Path("healer.pem").unlink()
    codes: list[str] = []
    told = _real(PAGE.split("## A walk-through")[1].split("\n## ")[0], shop)
    for language, _, block in BLOCK.findall(told):
        if language != "console":
            continue
        for step in block.split("$ ")[1:]:
            program, *words = shlex.split(step.partition("\n")[0], comments=True)
            if program == "aws":
                _by_hand(shop, *words)
                continue
            if words[0] == "drift":
                shop.clock.pass_(minutes=1)
            code, said = STEP.findall(step)[0][1:]
            found, out = desk.run(shlex.join(words))
            assert found == int(code), (words, out, desk.errors)
            assert [line for line in _timeless(said) if line not in _timeless(out)] == []
            codes.append(code)
    assert codes == ["0", "1", "1", "0", "1", "0", "0", "0", "0", "0"]


def _timeless(text: str) -> list[str]:
    """The lines of a text, with every time in them the same."""
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text).splitlines()


def _by_hand(shop: Estate, service: str, operation: str, *words: str) -> None:
    """What the command line of AWS does."""
    options = {
        "".join(part.capitalize() for part in name.removeprefix("--").split("-")): value
        for name, value in zip(words[::2], words[1::2], strict=True)
    }
    given = {
        name: json.loads(value) if value.startswith("[") else value
        for name, value in options.items()
    }
    shop.call(service, operation.replace("-", "_"), **given)


def test_the_page_has_every_tampering_that_was_tried() -> None:
    told = re.findall(
        r"^\| (.+) \| `(\w+)` \| `([\w-]+)`(, then `pulumi`)? \|$", PAGE, re.MULTILINE
    )
    assert told == [
        (case, it.judged, it.way, ", then `pulumi`" * _is_followed(it.way, it.undoes))
        for case, it in TAMPERED.items()
    ]


def _is_followed(way: str, undoes: object) -> bool:
    return way not in {"pulumi", "person"} and undoes is not None


def test_whatever_aws_refuses_is_undecided_and_nothing_is_done(desk: Desk, shop: Estate) -> None:
    for refused in READS:
        shop.account.refuses.clear()
        shop.account.refuses.add(refused)
        assert desk.run("drift before.json --live")[0] == 2, refused
        code, report = desk.told(HEAL)
        assert (code, [it["act"] for it in report["steps"] if it["act"] is not None]) == (2, [])


def test_a_budget_that_is_used_up_stops_half_way_and_says_so(desk: Desk, shop: Estate) -> None:
    _tampers(shop)
    line = HEAL.replace("--budget 2", "--budget 1")
    code, said = desk.run(line)
    assert code == 4
    assert "a rail stopped it" in said
    assert "\ndone: contain close-security-group\n" in said
    assert "\nnot done: contain restart-trail" in said
    shop.clock.pass_(minutes=61)
    code, report = desk.told(line)
    assert (code, _fates(report)["restart-trail"]) == (1, "healed")
    shop.clock.pass_(minutes=61)
    assert _fates(desk.told(line)[1]) == {"keep-key": "approval"}


def test_a_healer_that_comes_between_leaves_alone_what_is_begun(desk: Desk, shop: Estate) -> None:
    _tampers(shop)
    between: list[dict[str, str]] = []
    made: list[str] = []

    def hook(_: str, operation: str) -> None:
        if operation in {"revoke_security_group_ingress", "start_logging"}:
            made.append(operation)
            if not between:
                between.append({})
                between.append(_fates(desk.told(HEAL.replace("carol", "bob"))[1]))

    shop.account.hooks.append(hook)
    fates = _fates(desk.told(HEAL)[1])
    # The first is still at the group; the other heals the trail, and the budget of both is used up.
    assert between[1]["restart-trail"] == "healed"
    assert fates["close-security-group"] == "healed"
    assert fates["restart-trail"] == "nothing"
    assert sorted(made) == ["revoke_security_group_ingress", "start_logging"]
    assert "whole: 4 acts of healing" in desk.run("ledger verify")[1]


def test_a_healer_that_dies_half_way_is_resumed(desk: Desk, shop: Estate) -> None:
    _tampers(shop)

    def dies(_: str, operation: str) -> None:
        if operation == "start_logging":
            raise DeadError

    shop.account.hooks.append(dies)
    with pytest.raises(DeadError):
        desk.run(HEAL)
    shop.account.hooks.clear()
    shop.call("cloudtrail", "stop_logging", Name="main")
    shop.clock.pass_(minutes=61)
    (step,) = [it for it in desk.told(HEAL)[1]["steps"] if it["remedy"] == "restart-trail"]
    assert (step["fate"], step["resumes"]) == ("healed", 2)
    assert "whole: 5 acts of healing" in desk.run("ledger verify")[1]


def _shared(shop: Estate, kind: str, *accounts: str) -> None:
    """A snapshot of a database that is shared."""
    rds = client("rds", REGION)
    if kind == "Snapshot":
        named = {"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.t4g.medium"}
        rds.create_db_instance(**named, Engine="postgres", PubliclyAccessible=False)
        given = {"DBInstanceIdentifier": "orders", "DBSnapshotIdentifier": "orders-kept"}
        rds.create_db_snapshot(**given)
        modify, own = "modify_db_snapshot_attribute", "DBSnapshotIdentifier"
    else:
        user = {"MasterUsername": "root", "MasterUserPassword": "not-a-secret"}
        rds.create_db_cluster(DBClusterIdentifier="orders", Engine="aurora-postgresql", **user)
        given = {"DBClusterIdentifier": "orders", "DBClusterSnapshotIdentifier": "orders-kept"}
        rds.create_db_cluster_snapshot(**given)
        modify, own = "modify_db_cluster_snapshot_attribute", "DBClusterSnapshotIdentifier"
    more = {own: "orders-kept", "AttributeName": "restore", "ValuesToAdd": [*accounts]}
    shop.call("rds", modify, **more)


@pytest.mark.parametrize("kind", ["Snapshot", "ClusterSnapshot"])
def test_a_declared_snapshot_is_taken_back_from_those_it_is_not_declared_for(
    desk: Desk, shop: Estate, kind: str
) -> None:
    _shared(shop, kind, "all", FRIEND)
    type_ = f"aws:rds/{kind[:1].lower()}{kind[1:]}:{kind}"
    own = f"db{kind}Identifier"
    inputs = {own: "orders-kept", "sharedAccounts": [FRIEND]}
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:orders-kept"
    snapshot = made(type_, "kept", inputs, arn, id="orders-kept")
    Path("before.json").write_text(
        json.dumps(state_of(Environment("shop", "prod", resources=(snapshot,))))
    )
    code, report = desk.told(HEAL)
    (step,) = [it for it in report["steps"] if it["remedy"] == "unshare-snapshot"]
    assert (code, step["fate"], step["before"]["shared"]) == (0, "healed", [FRIEND, "all"])
    assert step["after"] == {"exists": True, "shared": [FRIEND]}
    assert desk.run("drift before.json --live")[0] == 0


@pytest.mark.parametrize(
    ("trusted", "judged", "code"),
    [([], "undecided", 2), ([OTHER], "dangerous", 1), ([FRIEND, OTHER], "expected", 0)],
)
def test_a_snapshot_that_is_shared_with_trusted_accounts_is_expected(
    desk: Desk, shop: Estate, trusted: list[str], judged: str, code: int
) -> None:
    _shared(shop, "Snapshot", FRIEND)
    told = client("rds", REGION).describe_db_instances()["DBInstances"][0]
    groups = [it["VpcSecurityGroupId"] for it in told["VpcSecurityGroups"]]
    outputs = {
        "backupRetentionPeriod": told["BackupRetentionPeriod"],
        "publiclyAccessible": told["PubliclyAccessible"],
        "vpcSecurityGroupIds": groups,
    }
    database = made(INSTANCE, "orders", {"identifier": "orders"}, told["DBInstanceArn"], **outputs)
    Path("before.json").write_text(
        json.dumps(state_of(Environment("shop", "prod", resources=(database,))))
    )
    config = {"rds-snapshot-not-public": {"trusted_accounts": trusted}} if trusted else {}
    Path("policy.json").write_text(json.dumps(config))
    found, report = desk.told("drift before.json --live --policy-config policy.json")
    (item,) = report["items"]
    assert (found, item["name"], item["judgement"]) == (code, "orders-kept", judged)
    assert "snapshots that are shared" in report["notes"][0]


def test_a_list_in_a_policy_configuration_holds_texts_or_numbers(desk: Desk) -> None:
    given = {
        "ec2-sg-no-world-admin-ports": {"ports": ["22"]},
        "rds-snapshot-not-public": {"trusted_accounts": FRIEND},
    }
    Path("policy.json").write_text(json.dumps(given))
    assert desk.run("drift before.json before.json --policy-config policy.json")[0] == 2
    assert "ports is ['22'], but must be a list of int, like [22, 3389]" in desk.errors
    assert f"trusted_accounts is '{FRIEND}', but must be a list of str, like []" in desk.errors
    Path("policy.json").write_text(json.dumps({"ec2-sg-no-world-admin-ports": {"ports": [22]}}))
    assert desk.run("drift before.json before.json --policy-config policy.json")[0] == 0
