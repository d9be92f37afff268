"""What every component shares. What these tests do not prove: that an engine honours the options
that children get."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import sns

from fintech_infra.components._component import Component, Problems


class Sensitivity(StrEnum):
    LOW = "low"
    HIGH = "high"


class Reader(TypedDict):
    role: Input[str]
    days: NotRequired[int]


class ParcelArgs(TypedDict):
    owner: str
    topic: NotRequired[Input[str]]
    weight: NotRequired[int]
    ratio: NotRequired[float]
    fragile: NotRequired[bool]
    sensitivity: NotRequired[Sensitivity]
    readers: NotRequired[list[Reader]]
    main_reader: NotRequired[Reader]
    labels: NotRequired[dict[str, str]]


class Parcel(Component):
    """A component with one child."""

    topic: Output[str]
    _seen: ClassVar[Mapping[str, Any]]

    def __init__(self, name: str, args: ParcelArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        topic = sns.Topic(name, opts=self.child())
        self.publish(topic=topic.arn)

    def check(self, args: Any, problems: Problems) -> None:
        Parcel._seen = dict(args)
        if int(args.get("weight", 1)) > 30:
            problems.add("weight", f"is {args['weight']}; accepted are 1 to 30")


def reasons(args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    with pytest.raises(pulumi.InputPropertiesError) as error:
        Parcel("p", args)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_every_mistake_is_in_one_message() -> None:
    wrong: Any = {"wieght": 3, "weight": 31, "sensitivity": "hihg"}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        Parcel("p", wrong)
    assert str(error.value) == (
        "Parcel 'p' cannot be built:\n"
        "  wieght: is not an argument; did you mean 'weight'?\n"
        "  sensitivity: is 'hihg'; did you mean 'high'?\n"
        "  owner: is required\n"
        "  weight: is 31; accepted are 1 to 30"
    )


def test_an_argument_unlike_any_is_answered_with_all_of_them() -> None:
    assert reasons({"owner": "a", "zzz": 1}) == {
        "zzz": "is not an argument; accepted are fragile, labels, main_reader, owner, ratio, "
        "readers, sensitivity, topic, weight"
    }


def test_values_of_the_wrong_type_are_refused_at_any_depth() -> None:
    assert reasons(
        {
            "owner": 7,
            "topic": 7,
            "weight": 1.5,
            "ratio": "x",
            "fragile": "yes",
            "readers": [{"role": "a", "dyas": 1}, {"days": 1}, "b"],
            "main_reader": "c",
            "labels": {"a": 1},
        }
    ) == {
        "owner": "is 7; accepted is text",
        "topic": "is 7; accepted is text",
        "weight": "is 1.5; accepted is a whole number",
        "ratio": "is 'x'; accepted is a number",
        "fragile": "is 'yes'; accepted is true or false",
        "readers[0].dyas": "is not an argument; did you mean 'days'?",
        "readers[1].role": "is required",
        "readers[2]": "is 'b'; accepted is a dict with days, role",
        "main_reader": "is 'c'; accepted is a dict with days, role",
        "labels.a": "is 1; accepted is text",
    }


def test_lists_and_dicts_are_told_from_other_values() -> None:
    assert reasons({"owner": "a", "readers": "b", "labels": ["c"]}) == {
        "readers": "is 'b'; accepted is a list",
        "labels": "is ['c']; accepted is a dict",
    }


def test_an_output_is_refused_where_it_decides_what_is_created(
    deploy: Callable[..., Any],
) -> None:
    found: list[Any] = []
    deploy(lambda: found.append(reasons({"owner": Output.from_input("a")})))
    assert found == [
        {"owner": "is an output; it decides what is created, so a plain value is needed"}
    ]


def test_none_counts_as_missing() -> None:
    assert reasons({"owner": None}) == {"owner": "is required"}


def test_check_sees_only_values_of_the_right_shape() -> None:
    reasons({"owner": "a", "weight": "heavy", "ratio": 1, "fragile": None})
    assert Parcel._seen == {"owner": "a", "ratio": 1, "fragile": None}


def test_a_whole_float_is_a_whole_number(deploy: Callable[..., Any]) -> None:
    args: Any = {"owner": "a", "weight": 3.0}
    found = deploy(lambda: Parcel("p", args))
    assert found.identities == [("aws:sns/topic:Topic", "p"), ("fintech_infra:index:Parcel", "p")]


def test_outputs_may_stand_where_inputs_are_declared(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        later = Output.from_input("a")
        Parcel("p", {"owner": "a", "topic": later, "readers": [{"role": later}]})

    assert len(deploy(program)) == 2


def test_nothing_is_registered_when_arguments_are_wrong(deploy: Callable[..., Any]) -> None:
    registered: list[Any] = []

    def program() -> None:
        with pytest.raises(pulumi.InputPropertiesError):
            Parcel("p", {"owner": "a", "weight": 31})
        registered.append("went on")

    assert list(deploy(program)) == []
    assert registered == ["went on"]


def test_callers_options_reach_children_through_the_parent_only(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        provider = aws.Provider("elsewhere", region="us-east-2")
        options = ResourceOptions(
            protect=True,
            providers=[provider],
            aliases=[pulumi.Alias(name="old")],
            ignore_changes=["tags"],
            retain_on_delete=False,
        )
        Parcel("p", {"owner": "a"}, options)

    found = deploy(program)
    topic = found.one("aws:sns/topic:Topic")
    assert topic.parent == found.one("fintech_infra:index:Parcel").urn
    assert topic.protect is True
    assert "::elsewhere::" in topic.provider
    assert topic.aliases == ()
    assert topic.ignore_changes == ()


def test_outputs_are_published_as_declared(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: Parcel("p", {"owner": "a"}))
    assert found.outputs("p") == {"topic": found.one("aws:sns/topic:Topic").state["arn"]}


def test_an_output_that_is_not_declared_is_a_mistake_of_ours(deploy: Callable[..., Any]) -> None:
    class Careless(Parcel):
        """Declares one output and publishes another."""

        topic: Output[str]

        def publish(self, **outputs: Output[Any]) -> None:
            super().publish(arn=outputs["topic"])

    with pytest.raises(TypeError, match="declared or published, but not both: arn, topic"):
        deploy(lambda: Careless("p", {"owner": "a"}))
