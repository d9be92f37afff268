"""The page about S3: its bucket is made by the component, and its policy is enough, and no more.

moto asks the role's policy before each call. What it does not do: tell apart the permissions to
ask for a bucket's configuration, which it takes for listing, or ask for those of KMS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.engine import preview
from fintech_infra.operations.ledger.s3_store import S3Store
from fintech_infra.operations.ledger.store import StoreError
from tests.operations.ledger.s3 import BUCKET, REGION, archive, client_of, store_of

PAGE: Final = Path(__file__).parents[3] / "docs" / "ledger-s3.md"
KEY: Final = "entries/000000000000.json"


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return found


def as_pipeline(do: Callable[[Any], None], without: str = "") -> None:
    """Do something with a client of S3 that has the policy of the page, but for an action."""
    policy = json.loads(block("json"))
    for statement in policy["Statement"]:
        statement["Action"] = [item for item in statement["Action"] if item != without]
    policy["Statement"] = [item for item in policy["Statement"] if item["Action"]]
    with archive():
        iam = client_of("iam")
        iam.create_user(UserName="pipeline")
        iam.put_user_policy(
            UserName="pipeline", PolicyName="ledger", PolicyDocument=json.dumps(policy)
        )
        key = iam.create_access_key(UserName="pipeline")["AccessKey"]
        s3 = boto3.client(
            "s3",
            region_name=REGION,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        set_initial_no_auth_action_count(0)(do)(s3)


def use(store: S3Store) -> None:
    assert store.create(KEY, b"{}")
    assert not store.create(KEY, b"{}")
    assert store.read(KEY) == b"{}"
    assert store.last("entries/") == KEY
    assert list(store.keys("")) == [KEY]
    assert not list(store.hidden())


def test_the_policy_is_enough() -> None:
    as_pipeline(lambda s3: use(store_of(s3)))


@pytest.mark.parametrize(
    ("action", "ask"),
    [
        ("s3:GetObject", lambda store: store.read(KEY)),
        ("s3:PutObject", lambda store: store.create(KEY, b"{}")),
        ("s3:ListBucket", lambda store: store.last("entries/")),
        ("s3:ListBucketVersions", lambda store: list(store.hidden())),
    ],
)
def test_without_one_of_its_actions_the_ledger_says_so(
    action: str, ask: Callable[[S3Store], Any]
) -> None:
    def do(s3: Any) -> None:
        with pytest.raises(StoreError) as caught:
            ask(store_of(s3))
        assert action in caught.value.hint

    as_pipeline(do, without=action)


def test_the_policy_lets_nobody_delete_or_write_elsewhere() -> None:
    def do(s3: Any) -> None:
        store_of(s3).create(KEY, b"{}")
        kept, other = {"Bucket": BUCKET, "Key": f"ledger/{KEY}"}, {"Bucket": BUCKET, "Key": "other"}
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(**kept)
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_object(**other, Body=b"", ChecksumAlgorithm="SHA256")
        assert store_of(s3).read(KEY) == b"{}"

    as_pipeline(do)


def test_the_bucket_of_the_page_has_no_findings(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: ledger\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(f"config:\n  aws:region: {REGION}\n")
    (tmp_path / "__main__.py").write_text(block("python"))
    environment = preview(tmp_path, "prod").environment
    assert evaluate(environment, CONTROLS).findings == ()
    (statement,) = (
        statement
        for resource in environment.of_type("aws:s3/bucketPolicy:BucketPolicy")
        for statement in json.loads(str(resource.value("policy")))["Statement"]
        if statement["Sid"] == "OnlyNewEntries"
    )
    assert statement["Resource"].endswith("/ledger/*")
    assert statement["Condition"] == {"Null": {"s3:if-none-match": ["true"]}}
