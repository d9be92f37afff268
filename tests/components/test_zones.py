import pytest

from fintech_infra.components._zones import letter_of, region_of, slot_of, zone_problems


def test_a_zone_has_a_letter_a_slot_and_a_region():
    assert letter_of("ap-northeast-1d") == "d"
    assert slot_of("us-gov-west-1a") == 0
    assert slot_of("us-east-1f") == 5
    assert region_of(["us-gov-west-1a", "us-gov-west-1b"]) == "us-gov-west-1"


def test_what_is_no_zone_has_no_letter():
    with pytest.raises(ValueError, match="'eu-west-1' is not an availability zone"):
        letter_of("eu-west-1")


@pytest.mark.parametrize(
    "zones",
    [
        ["eu-west-1a", "eu-west-1b"],
        ["us-east-1f", "us-east-1a", "us-east-1c"],
        ["us-gov-west-1a", "us-gov-west-1b"],
    ],
)
def test_zones_of_one_region_are_accepted_in_any_order(zones: list[str]):
    assert list(zone_problems(zones, 2, 4)) == []


def test_every_mistake_in_a_list_of_zones_is_named():
    accepted = "accepted are 2 to 4 zones of one region, such as 'eu-west-1a'"
    assert list(zone_problems(["eu-west-1", "us-west-2-lax-1a", "eu-west-1i"], 2, 4)) == [
        f"'eu-west-1' is not an availability zone; {accepted}",
        f"'us-west-2-lax-1a' is not an availability zone; {accepted}",
        f"'eu-west-1i' is not an availability zone; {accepted}",
    ]
    assert list(zone_problems(["eu-west-1a", "eu-west-1a"], 2, 4)) == [
        "'eu-west-1a' is repeated; name each zone once",
        f"1 given; {accepted}",
    ]
    assert list(zone_problems(["eu-west-1a", "eu-north-1a"], 2, 4)) == [
        f"lie in different regions (eu-north-1, eu-west-1); {accepted}"
    ]
    assert list(zone_problems([f"us-east-1{letter}" for letter in "abcde"], 2, 4)) == [
        f"5 given; {accepted}"
    ]
