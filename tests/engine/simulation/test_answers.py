"""Answers: what is accepted, what is refused and how, and which answer fits a question."""

from pathlib import Path

import pytest

from fintech_infra.engine.simulation.answers import (
    Answers,
    AnswersError,
    CallAnswer,
    ResourceAnswer,
)
from fintech_infra.environment import UNKNOWN

WHOLE = """
account: "210987654321"
region: eu-central-1
zones:
  eu-central-1: [eu-central-1a, eu-central-1c]
calls:
  - token: aws:ec2/getVpc:getVpc
    args: {tags: {Name: shared}}
    result: {id: vpc-1}
  - token: aws:ec2/getVpc:getVpc
    result: {id: vpc-2}
resources:
  - type: aws:sns/topic:Topic
    outputs: {owner: someone}
  - type: aws:sns/topic:Topic
    name: "audit-*"
    outputs: {owner: auditor}
"""


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return _load(tmp_path, WHOLE)


def _load(folder: Path, text: str) -> Answers:
    path = folder / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    return Answers.load(path)


def _mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(AnswersError) as caught:
        _load(folder, text)
    return [
        mistake.removeprefix(f"{folder / 'answers.yaml'}: ") for mistake in caught.value.mistakes
    ]


def test_everything_in_the_file_is_read(answers: Answers) -> None:
    assert answers == Answers(
        account="210987654321",
        region="eu-central-1",
        zones={"eu-central-1": ("eu-central-1a", "eu-central-1c")},
        calls=(
            CallAnswer("aws:ec2/getVpc:getVpc", {"id": "vpc-1"}, {"tags": {"Name": "shared"}}),
            CallAnswer("aws:ec2/getVpc:getVpc", {"id": "vpc-2"}),
        ),
        resources=(
            ResourceAnswer("aws:sns/topic:Topic", {"owner": "someone"}),
            ResourceAnswer("aws:sns/topic:Topic", {"owner": "auditor"}, "audit-*"),
        ),
    )


def test_an_empty_file_answers_nothing(tmp_path: Path) -> None:
    assert _load(tmp_path, "") == Answers()


def test_the_first_call_whose_arguments_are_contained_answers(answers: Answers) -> None:
    args = {"tags": {"Name": "shared", "Team": "x"}, "state": "available"}
    assert answers.result("aws:ec2/getVpc:getVpc", args) == {"id": "vpc-1"}
    assert answers.result("aws:ec2/getVpc:getVpc", {"default": True}) == {"id": "vpc-2"}
    assert answers.result("aws:ec2/getSubnet:getSubnet", args) == {}


def test_an_unknown_argument_fits_no_answer_that_asks_for_it(answers: Answers) -> None:
    args = {"tags": {"Name": UNKNOWN}}
    assert answers.result("aws:ec2/getVpc:getVpc", args) == {"id": "vpc-2"}


def test_lists_among_the_arguments_fit_item_by_item() -> None:
    wanted = {"filters": [{"name": "vpc-id"}]}
    answers = Answers(calls=(CallAnswer("a:b:c", {"x": 1}, wanted),))
    assert answers.result("a:b:c", {"filters": [{"name": "vpc-id", "values": ["v"]}]}) == {"x": 1}
    assert answers.result("a:b:c", {"filters": []}) == {}


def test_a_later_answer_about_a_resource_goes_over_an_earlier(answers: Answers) -> None:
    assert answers.outputs("aws:sns/topic:Topic", "audit-log") == {"owner": "auditor"}
    assert answers.outputs("aws:sns/topic:Topic", "orders") == {"owner": "someone"}
    assert answers.outputs("aws:sqs/queue:Queue", "orders") == {}


def test_all_mistakes_are_reported_together_with_their_places(tmp_path: Path) -> None:
    text = """
acount: "1"
account: 12
zones: {eu-west-1: eu-west-1a}
calls:
  - token: getVpc
    result: []
  - args: {}
resources: {}
"""
    assert _mistakes(tmp_path, text) == [
        "the file: does not know 'acount'; did you mean account?",
        "account: 12 is not 12 digits in quotes",
        "zones.eu-west-1: 'eu-west-1a' is not a list of zone names",
        "calls[0].token: 'getVpc' is not a type token such as aws:ec2/getVpc:getVpc",
        "calls[0].result: is a list, where a dictionary is wanted",
        "calls[1]: lacks token",
        "calls[1]: lacks result",
        "resources: is {}, where a list is wanted",
    ]


def test_a_file_that_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    assert _mistakes(tmp_path, "account: 1\nzones: [\n") == [
        "is not YAML: line 3: expected the node content, but found '<stream end>'"
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(AnswersError) as caught:
        Answers.load(path)
    assert caught.value.mistakes == (f"{path}: cannot be read: No such file or directory",)


def test_a_file_that_is_a_list_is_refused(tmp_path: Path) -> None:
    assert _mistakes(tmp_path, "- 1") == ["the file: is a list, where a dictionary is wanted"]
