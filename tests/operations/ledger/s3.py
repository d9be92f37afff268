"""A simulated bucket for ledgers, and clients of it that fail as they are told to."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from fintech_infra.operations.ledger.s3_calls import Backoff
from fintech_infra.operations.ledger.s3_store import S3Store

REGION: Final = "eu-west-1"
BUCKET: Final = "archive"
ADDRESS: Final = f"s3://{BUCKET}/ledger"
CREDENTIALS: Final = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}

Fault = Callable[[Callable[[], Any]], Any]
"""What a client does in place of a call: it may make the call, fail, or both."""


@cache
def client_of(service: Literal["iam", "kms", "s3"]) -> Any:
    """A client, made once: that takes longer than what most tests do with it."""
    config = Config(retries={"total_max_attempts": 1})
    make: Any = boto3.client
    return make(service, region_name=REGION, config=config, **CREDENTIALS)


def make_bucket(
    name: str = BUCKET, *, lock: bool = True, rule: bool = True, kms: bool = True
) -> Any:
    s3 = client_of("s3")
    s3.create_bucket(
        Bucket=name,
        ObjectLockEnabledForBucket=lock,
        CreateBucketConfiguration={"LocationConstraint": REGION},
    )
    if rule:
        days = {"Mode": "COMPLIANCE", "Days": 365}
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": days}}
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=configuration)
    if kms:
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/ledger"}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
    return s3


@contextmanager
def archive() -> Generator[Any]:
    """A bucket that is fit to keep a ledger, and a client of it."""
    with mock_aws():
        yield make_bucket()


def store_of(client: Any, address: str = ADDRESS, **given: Any) -> S3Store:
    """A store that waits for nothing."""
    backoff = given.pop("backoff", Backoff(attempts=4, sleep=lambda _: None, chance=lambda: 1.0))
    return S3Store(address, client=client, backoff=backoff, **given)


class FaultyClient:
    """A client whose calls of an operation meet its faults in turn, and then work."""

    def __init__(self, client: Any, **faults: list[Fault]) -> None:
        self._client = client
        self._faults = faults
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def made(**given: Any) -> Any:
            self.calls.append(name)
            waiting = self._faults.get(name)
            if not waiting:
                return call(**given)
            return waiting.pop(0)(lambda: call(**given))

        return made


def answer(code: str, status: int = 400, headers: Mapping[str, str] | None = None) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "as told"},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers or {}},
    }
    return ClientError(response, "PutObject")


def refuses(error: Exception) -> Fault:
    """Fails before the call."""

    def fault(_: Callable[[], Any]) -> Any:
        raise error

    return fault


def loses(error: Exception) -> Fault:
    """Makes the call and fails afterwards: its answer is lost."""

    def fault(call: Callable[[], Any]) -> Any:
        call()
        raise error

    return fault
