"""Who is matched with whom, and why."""

from __future__ import annotations

from fintech_infra.operations.parity import compare
from tests.operations.parity.samples import Row, lines, made

BUCKET, QUEUE, SUBNET = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:ec2/subnet:Subnet"


def why(reference: list[Row], other: list[Row]) -> dict[str, str]:
    """By the name in the reference, or else in the other one: with what it matches, and why."""
    pair = compare(made("prod", reference), made("dev", other), ())
    return {
        it.any.name: f"{it.other.name if it.other and it.reference else 'nobody'}: {it.why}"
        for it in pair.matches
        if it.any.custom
    }


def test_the_same_path_and_name_match_whatever_the_physical_name() -> None:
    rows: list[Row] = [("pay", BUCKET, "logs", {"bucketPrefix": "logs-{stack}"})]
    assert why(rows, rows) == {"logs": "logs: the same path and name"}


def test_the_word_of_the_environment_is_no_part_of_a_name() -> None:
    rows: list[Row] = [("pay-{stack}", BUCKET, "{stack}-logs", {})]
    assert why(rows, rows) == {
        "prod-logs": "dev-logs: the same name without the environment's word"
    }


def test_other_words_for_the_same_environment_count_as_well() -> None:
    found = why([("", BUCKET, "production-logs", {})], [("", BUCKET, "development-logs", {})])
    assert found["production-logs"].startswith("development-logs: the same name without")


def test_the_only_one_of_its_type_under_the_same_parent_matches() -> None:
    found = why([("pay", BUCKET, "receipts", {})], [("pay", BUCKET, "xyz", {})])
    assert found == {"receipts": "xyz: the only one of its type under the same parent"}


def test_names_within_a_renamed_component_match() -> None:
    found = why(
        [
            ("pay", BUCKET, "pay-a", {}),
            ("pay", BUCKET, "pay-logs", {}),
            ("pay", QUEUE, "pay-q", {}),
        ],
        [
            ("buy", BUCKET, "buy-a", {}),
            ("buy", BUCKET, "buy-logs", {}),
            ("buy", QUEUE, "buy-q", {}),
        ],
    )
    assert found == {
        "pay-a": "buy-a: the same name within its parent",
        "pay-logs": "buy-logs: the same name within its parent",
        "pay-q": "buy-q: the same name within its parent",
    }


def test_one_that_was_renamed_matches_the_nearest_within_reach() -> None:
    inputs = {"forceDestroy": False, "objectLockEnabled": True}
    found = why(
        [("", BUCKET, "logs", {}), ("", BUCKET, "payment-records", inputs)],
        [("", BUCKET, "logs", {}), ("", BUCKET, "payment-record", inputs)],
    )
    assert found["payment-records"] == (
        "payment-record: renamed: the nearest of 1 without a counterpart, distance 0.02"
    )


def test_what_is_too_far_apart_is_not_matched_and_says_how_far() -> None:
    found = why(
        [("", BUCKET, "logs", {}), ("", BUCKET, "records", {"forceDestroy": False})],
        [("", BUCKET, "logs", {}), ("", BUCKET, "exports", {"acl": "private"})],
    )
    assert found["records"] == (
        "nobody: the nearest candidate, exports, is at distance 0.71; the most is 0.35"
    )
    assert "nobody" in found["exports"]


def test_another_type_or_another_parent_is_another_thing() -> None:
    assert why([("pay", BUCKET, "logs", {})], [("pay", QUEUE, "logs", {})])["logs"] == (
        "nobody: nothing of its type under the same parent"
    )


def test_a_match_is_one_to_one() -> None:
    pair = compare(
        made("prod", [("", BUCKET, "log-one", {}), ("", BUCKET, "log-two", {})]),
        made("dev", [("", BUCKET, "log-on", {})]),
        (),
    )
    assert lines(pair.differences) == ["resource log-two"]


def zones(letters: str, **inputs: object) -> list[Row]:
    subnets: list[Row] = [("net", SUBNET, f"net-{it}", dict(inputs)) for it in letters]
    named = [f"@net-{it}" for it in letters]
    return [*subnets, ("net", QUEUE, "q", {"subnets": named})]


def test_a_set_with_fewer_members_differs_in_its_count_only() -> None:
    pair = compare(made("prod", zones("abc")), made("dev", zones("ab")), ())
    (found,) = pair.differences
    assert (found.aspect, found.sizes) == ("count", (3, 2))
    assert found.message == "net-#: 3 in prod, 2 in dev"
    assert found.match.why == "one more of the set net-#; compared with net-a"


def test_one_more_member_that_is_set_up_otherwise_is_found() -> None:
    more = [*zones("ab"), ("net", SUBNET, "net-c", {"mapPublicIpOnLaunch": True})]
    pair = compare(made("prod", more), made("dev", zones("ab")), ())
    assert "setting net-c mapPublicIpOnLaunch" in lines(pair.differences)


def test_what_refers_to_a_part_of_a_set_differs() -> None:
    fewer = [*zones("ab")[:2], ("net", QUEUE, "q", {"subnets": ["@net-a"]})]
    pair = compare(made("prod", zones("ab")), made("dev", fewer), ())
    assert lines(pair.differences) == ["setting q subnets"]
