"""The store in S3, against moto.

moto answers every call. What it does not do: compare a checksum with what is uploaded, answer
conflicts and throttling (told here), or say of a missing object, to GET, that it was deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.ledger.s3_calls import Backoff
from fintech_infra.operations.ledger.s3_search import greatest
from fintech_infra.operations.ledger.s3_store import S3Store
from fintech_infra.operations.ledger.s3_terms import Retention
from fintech_infra.operations.ledger.store import StoreError
from tests.operations.ledger.s3 import (
    ADDRESS,
    BUCKET,
    FaultyClient,
    answer,
    archive,
    loses,
    make_bucket,
    refuses,
    store_of,
)

KEY = "entries/000000000000.json"
NAME = f"ledger/{KEY}"
SLOW = answer("SlowDown", 503)
LOST = ReadTimeoutError(endpoint_url="https://archive.s3.amazonaws.com")


@pytest.fixture
def s3() -> Iterator[Any]:
    with archive() as client:
        yield client


class TestCreate:
    def test_writes_once(self, s3: Any) -> None:
        store = store_of(s3)
        assert store.create(KEY, b"first")
        assert not store.create(KEY, b"second")
        assert store.read(KEY) == b"first"
        assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 1

    def test_locks_encrypts_and_sums(self, s3: Any) -> None:
        store_of(s3).create(KEY, b"hi")
        head = s3.head_object(Bucket=BUCKET, Key=NAME, ChecksumMode="ENABLED")
        assert head["ServerSideEncryption"] == "aws:kms"
        assert head["ObjectLockMode"] == "COMPLIANCE"
        assert head["ChecksumSHA256"] == "j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ="

    def test_what_the_ledger_is_configured_with_comes_first(self, s3: Any) -> None:
        noon = datetime(2030, 1, 1, tzinfo=UTC)
        key = "arn:aws:kms:eu-west-1:111122223333:key/ledger"
        store = store_of(s3, retention=Retention("COMPLIANCE", 3650), kms_key=key, now=lambda: noon)
        store.create(KEY, b"hi")
        head = s3.head_object(Bucket=BUCKET, Key=NAME)
        assert head["ObjectLockRetainUntilDate"] == datetime(2039, 12, 30, tzinfo=UTC)
        assert head["SSEKMSKeyId"] == key

    def test_one_of_two_writers_wins_between_look_and_write(self, s3: Any) -> None:
        other = store_of(s3)

        def overtaken(call: Callable[[], Any]) -> Any:
            assert other.create(KEY, b"theirs")
            return call()

        store = store_of(FaultyClient(s3, put_object=[overtaken]))
        assert not store.create(KEY, b"ours")
        assert store.read(KEY) == b"theirs"

    def test_the_same_bytes_of_two_writers_have_one_winner(self, s3: Any) -> None:
        other = store_of(s3)

        def overtaken(_: Callable[[], Any]) -> Any:
            assert other.create(KEY, b"same")
            raise SLOW

        assert not store_of(FaultyClient(s3, put_object=[overtaken])).create(KEY, b"same")

    def test_an_answer_that_was_lost_is_no_defeat(self, s3: Any) -> None:
        assert store_of(FaultyClient(s3, put_object=[loses(LOST)])).create(KEY, b"ours")

    def test_gives_up_on_a_number_that_was_deleted(self, s3: Any) -> None:
        store = store_of(s3)
        store.create(KEY, b"evidence")
        s3.delete_object(Bucket=BUCKET, Key=NAME)
        with pytest.raises(StoreError, match="was deleted") as caught:
            store.create(KEY, b"forged")
        assert "delete the marker" in caught.value.hint
        assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 1


class TestRetries:
    @pytest.mark.parametrize(
        "error",
        [
            SLOW,
            answer("ConditionalRequestConflict", 409),
            answer("InternalError", 500),
            answer("RequestTimeout"),
            EndpointConnectionError(endpoint_url="https://archive.s3.amazonaws.com"),
            LOST,
        ],
        ids=["slow", "conflict", "internal", "late", "unreachable", "lost"],
    )
    def test_what_passes_is_tried_again(self, s3: Any, error: Exception) -> None:
        client = FaultyClient(s3, put_object=[refuses(error)] * 3)
        assert store_of(client).create(KEY, b"hi")
        assert client.calls.count("put_object") == 4

    def test_pauses_double_up_to_the_most(self, s3: Any) -> None:
        slept: list[float] = []
        backoff = Backoff(attempts=6, first=1, most=5, sleep=slept.append, chance=lambda: 0.5)
        client = FaultyClient(s3, put_object=[refuses(SLOW)] * 5)
        store_of(client, backoff=backoff).create(KEY, b"hi")
        assert slept == [0.5, 1.0, 2.0, 2.5, 2.5]

    def test_gives_up_and_says_that_it_may_be_repeated(self, s3: Any) -> None:
        client = FaultyClient(s3, put_object=[refuses(SLOW)] * 4)
        with pytest.raises(StoreError, match="SlowDown") as caught:
            store_of(client).create(KEY, b"hi")
        assert caught.value.place == f"{ADDRESS}/{KEY}"
        assert "try again" in caught.value.hint
        assert store_of(s3).read(KEY) is None

    def test_a_body_that_breaks_off_is_read_again(self, s3: Any) -> None:
        store_of(s3).create(KEY, b"whole")

        class Torn:
            def read(self) -> bytes:
                raise LOST

        client = FaultyClient(s3, get_object=[lambda _: {"Body": Torn(), "Metadata": {}}])
        assert store_of(client).read(KEY) == b"whole"

    def test_what_does_not_pass_is_not_tried_again(self, s3: Any) -> None:
        client = FaultyClient(s3, put_object=[refuses(answer("AccessDenied", 403))])
        with pytest.raises(StoreError):
            store_of(client).create(KEY, b"hi")
        assert client.calls.count("put_object") == 1


class TestRefusals:
    """What cannot be asked is an error, and never a ledger without entries."""

    @pytest.mark.parametrize(
        ("operation", "ask", "action"),
        [
            ("get_object", lambda store: store.read(KEY), "s3:GetObject"),
            ("head_object", lambda store: store.create(KEY, b""), "s3:GetObject"),
            ("put_object", lambda store: store.create(KEY, b""), "s3:PutObject"),
            ("list_objects_v2", lambda store: list(store.keys("entries/")), "s3:ListBucket"),
            ("list_objects_v2", lambda store: store.last("entries/"), "s3:ListBucket"),
            ("list_object_versions", lambda store: list(store.hidden()), "s3:ListBucketVersions"),
            (
                "get_object_lock_configuration",
                lambda store: store.create(KEY, b""),
                "s3:GetBucketObjectLockConfiguration",
            ),
            (
                "get_bucket_encryption",
                lambda store: store.create(KEY, b""),
                "s3:GetEncryptionConfiguration",
            ),
        ],
    )
    @pytest.mark.parametrize("code", ["AccessDenied", "403"])
    def test_denied(
        self, s3: Any, operation: str, ask: Callable[[S3Store], Any], action: str, code: str
    ) -> None:
        client = FaultyClient(s3, **{operation: [refuses(answer(code, 403))]})
        with pytest.raises(StoreError) as caught:
            ask(store_of(client))
        assert action in caught.value.hint
        assert code in caught.value.message

    def test_no_such_bucket(self, s3: Any) -> None:
        store = store_of(s3, "s3://elsewhere/ledger")
        for ask in (lambda: store.last("entries/"), lambda: store.read(KEY), store.check):
            with pytest.raises(StoreError, match="NoSuchBucket") as caught:
                ask()
            assert "LockedDownBucket" in caught.value.hint

    def test_deleted(self, s3: Any) -> None:
        error = answer("NoSuchKey", 404, {"x-amz-delete-marker": "true"})
        store = store_of(FaultyClient(s3, get_object=[refuses(error)]))
        with pytest.raises(StoreError, match="was deleted"):
            store.read(KEY)

    def test_content_that_is_not_what_its_checksum_says(self, s3: Any) -> None:
        s3.put_object(
            Bucket=BUCKET,
            Key=NAME,
            Body=b"other",
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256="j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ=",
        )
        with pytest.raises(StoreError, match="checksum") as caught:
            store_of(s3).read(KEY)
        assert "versions" in caught.value.hint

    def test_without_credentials(self, s3: Any) -> None:
        client = FaultyClient(s3, get_object=[refuses(NoCredentialsError())])
        with pytest.raises(StoreError, match="credentials") as caught:
            store_of(client).read(KEY)
        assert "log in" in caught.value.hint

    @pytest.mark.parametrize(
        "address",
        ["archive", "s3://", "s3://UPPER", "s3://archive/a b", "s3://archive//x", "s3:/a"],
    )
    def test_addresses(self, address: str) -> None:
        with pytest.raises(StoreError, match="is not the address") as caught:
            S3Store(address, client=object())
        assert "s3://bucket/prefix" in caught.value.hint

    def test_addresses_that_are_one(self) -> None:
        for address in ("s3://archive/ledger", "s3://archive/ledger/"):
            assert S3Store(address, client=object()).place == "s3://archive/ledger"
        assert S3Store("s3://archive", client=object()).place == "s3://archive"


class TestBucket:
    @pytest.mark.parametrize(
        ("made", "wrong"),
        [
            ({"lock": False, "rule": False}, ["no Object Lock"]),
            ({"rule": False}, ["without a default retention"]),
            ({"kms": False}, ["AES256, not a KMS key"]),
            ({"lock": False, "rule": False, "kms": False}, ["no Object Lock", "AES256"]),
        ],
    )
    def test_unfit(self, s3: Any, made: dict[str, bool], wrong: list[str]) -> None:
        make_bucket("unfit", **made)
        with pytest.raises(StoreError) as caught:
            store_of(s3, "s3://unfit").create(KEY, b"hi")
        assert all(part in caught.value.message for part in wrong)
        assert caught.value.hint.count(";") == len(wrong) - 1
        assert "Contents" not in s3.list_objects_v2(Bucket="unfit")

    def test_a_retention_of_its_own_does_without_a_default(self, s3: Any) -> None:
        make_bucket("plain", rule=False)
        store = store_of(s3, "s3://plain", retention=Retention("GOVERNANCE", 1))
        assert store.create(KEY, b"hi")
        assert s3.head_object(Bucket="plain", Key=KEY)["ObjectLockMode"] == "GOVERNANCE"

    @pytest.mark.parametrize(
        "retention", [Retention("GOVERNANCE", 3650), Retention("COMPLIANCE", 364)]
    )
    def test_a_retention_may_not_weaken_the_buckets(self, s3: Any, retention: Retention) -> None:
        with pytest.raises(StoreError, match="weaker than the bucket's own, COMPLIANCE for 365"):
            store_of(s3, retention=retention).create(KEY, b"hi")

    def test_years_count_as_days(self, s3: Any) -> None:
        s3.put_object_lock_configuration(
            Bucket=BUCKET,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 7}},
            },
        )
        with pytest.raises(StoreError, match="GOVERNANCE for 2555 days"):
            store_of(s3, retention=Retention("GOVERNANCE", 2554)).check()

    @pytest.mark.parametrize(("mode", "days"), [("LEGAL", 1), ("COMPLIANCE", 0)])
    def test_retentions_that_are_none(self, mode: Any, days: int) -> None:
        with pytest.raises(ValueError, match="accepted are"):
            Retention(mode, days)

    def test_is_asked_once_and_by_writers_alone(self, s3: Any) -> None:
        client = FaultyClient(s3)
        store = store_of(client)
        store.read(KEY)
        store.last("entries/")
        assert "get_object_lock_configuration" not in client.calls
        store.create(KEY, b"")
        store.create(KEY, b"")
        assert client.calls.count("get_object_lock_configuration") == 1


class TestListing:
    def test_pages(self, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in ("s3_store", "s3_search"):
            monkeypatch.setattr(f"fintech_infra.operations.ledger.{module}.PAGE", 2)
        store = store_of(s3)
        keys = [f"entries/{number:012}.json" for number in range(5)]
        for key in reversed(keys):
            store.create(key, b"{}")
        store.create("index/1/000000000000.json", b"{}")
        s3.put_object(Bucket=BUCKET, Key="ledgers", Body=b"", ChecksumAlgorithm="SHA256")
        assert list(store.keys("entries/")) == keys
        assert len(list(store.keys(""))) == 6
        assert store.last("entries/") == keys[-1]
        assert store.last("checkpoints/") is None
        assert not list(store.remains())

    def test_below_no_prefix(self, s3: Any) -> None:
        store = store_of(s3, f"s3://{BUCKET}")
        store.create(KEY, b"{}")
        assert list(store.keys("entries/")) == [KEY]

    def test_hidden(self, s3: Any) -> None:
        store = store_of(s3)
        for number in range(3):
            store.create(f"entries/{number:012}.json", b"{}")
        assert not list(store.hidden())
        s3.delete_object(Bucket=BUCKET, Key="ledger/entries/000000000001.json")
        s3.put_object(
            Bucket=BUCKET, Key="ledger/entries/000000000002.json", Body=b"forged",
            ChecksumAlgorithm="SHA256",
        )  # fmt: skip
        deleted, overwritten = store.hidden()
        assert deleted.startswith("entries/000000000001.json was deleted")
        assert overwritten == "entries/000000000002.json was written over: it has 2 versions"


def listing(keys: list[str]) -> tuple[Callable[[str, int], list[str]], list[int]]:
    asked: list[int] = []

    def page(after: str, most: int) -> list[str]:
        asked.append(most)
        return [key for key in keys if key > after][:most]

    return page, asked


@given(
    st.sets(st.integers(0, 10**12 - 1)),
    st.integers(0, 5000),
    st.sets(st.sampled_from(["zzz", "9", "000000000007.json.bak", "0", "000000001500.json~"])),
)
def test_the_greatest_key_is_found_whatever_a_vandal_adds(
    strange: set[int], dense: int, names: set[str]
) -> None:
    numbers = {*strange, *range(dense)}
    keys = sorted([*(f"e/{number:012}.json" for number in numbers), *(f"e/{n}" for n in names)])
    page, _ = listing(keys)
    assert greatest("e/", page) == max(keys, default=None)


@pytest.mark.parametrize(("count", "most"), [(999, 1), (1000, 3), (10_000, 12), (100_000, 19)])
def test_the_greatest_key_takes_few_listings(count: int, most: int) -> None:
    page, asked = listing([f"e/{number:012}.json" for number in range(count)])
    assert greatest("e/", page) == f"e/{count - 1:012}.json"
    assert len(asked) <= most
