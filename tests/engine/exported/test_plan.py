"""Plans: what a deployment would leave behind, and what only the deployment can know."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.environment import UNKNOWN, Diagnostic, Environment
from tests.exports import UNKNOWN_TEXT, plan_of

Read = Callable[[Any], Environment]
Refused = Callable[[Any], list[str]]

URN = "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::data"
DATA = {
    "urn": URN,
    "type": "aws:s3/bucket:Bucket",
    "custom": True,
    "inputs": {"acl": "public-read", "bucket": "data-1", "__defaults": ["bucket"]},
}
DEPLOYED = DATA | {
    "id": "data-1",
    "outputs": {"arn": "arn:aws:s3:::data-1", "acl": "private", "policy": "[secret]", "etag": "1"},
}


def step(op: str, new: Any = DATA, old: Any = None, **more: Any) -> dict[str, Any]:
    states = {"newState": new, "oldState": old}
    return {"op": op, "urn": URN, **{k: v for k, v in states.items() if v}, **more}


def plan(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for item in steps:
        counts[item["op"]] = counts.get(item["op"], 0) + 1
    return {"config": {}, "steps": [*steps], "duration": 1, "changeSummary": counts, **more}


def test_the_plan_of_a_new_stack_is_judged_as_the_program(
    shop: Environment, read_json: Read
) -> None:
    found = read_json(plan_of(shop))
    assert (found.project, found.stack) == ("shop", "prod")
    (wild,) = found.of_type("aws:iam/policy:Policy")
    assert wild.inputs["policy"] is UNKNOWN
    assert wild.secrets == ("inputs.policy",)
    (bucket, *_) = found.of_type("aws:s3/bucket:Bucket")
    assert (bucket.id, bucket.outputs["acl"]) == ("", "public-read")
    assert bucket.outputs["arn"] is UNKNOWN
    judged = {(f.control.id, f.resource.urn) for f in evaluate(found, CONTROLS).findings}
    assert {(f.control.id, f.resource.urn) for f in evaluate(shop, CONTROLS).findings} <= judged


@pytest.mark.parametrize("op", ["create", "replace", "create-replacement", "import-replacement"])
def test_what_is_made_anew_has_nothing_of_what_was_there(read_json: Read, op: str) -> None:
    (found,) = read_json(plan(step(op, DATA, DEPLOYED))).resources
    assert found.id == ""
    assert found.outputs["arn"] is UNKNOWN
    assert "etag" not in found.outputs


@pytest.mark.parametrize("op", ["same", "refresh"])
def test_what_stays_keeps_its_outputs(read_json: Read, op: str) -> None:
    (found,) = read_json(plan(step(op, DATA, DEPLOYED))).resources
    assert found.inputs == {"acl": "public-read", "bucket": "data-1"}
    assert (found.id, found.outputs["arn"]) == ("data-1", "arn:aws:s3:::data-1")
    assert found.outputs["policy"] is UNKNOWN
    assert found.secrets == ("outputs.policy",)


def test_what_an_update_changes_is_not_known_from_before(read_json: Read) -> None:
    diff = {"acl": {"kind": "update"}, "etag.x": {"kind": "update"}}
    updated = step("update", DATA, DEPLOYED, diffReasons=["acl"], detailedDiff=diff)
    (found,) = read_json(plan(updated)).resources
    assert (found.id, found.outputs["acl"]) == ("data-1", "public-read")
    assert found.outputs["etag"] is UNKNOWN
    assert found.outputs["arn"] == "arn:aws:s3:::data-1"


def test_what_goes_away_is_not_judged(read_json: Read) -> None:
    other = DATA | {"urn": URN.replace("data", "other")}
    gone = ("delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace")
    steps = [step(op, None, DEPLOYED) for op in gone]
    found = read_json(plan(*steps, step("same", other | {"delete": True}), step("create", other)))
    assert [item.name for item in found.resources] == ["other"]


def test_a_replacement_in_three_steps_is_one_resource(read_json: Read) -> None:
    steps = (
        step("create-replacement", DATA, DEPLOYED),
        step("replace", DATA, DEPLOYED),
        step("refresh", DEPLOYED, DEPLOYED),
        step("delete-replaced", None, DEPLOYED),
    )
    (found,) = read_json(plan(*steps)).resources
    assert found.id == ""


def test_a_plan_without_what_stays_is_refused(refused: Refused) -> None:
    partial = plan(step("create"), changeSummary={"create": 1, "same": 7})
    (said,) = refused(partial)
    assert said == (
        "steps: leave out 7 resources that stay as they are, and what refers to them cannot be "
        "judged without them"
    )


def test_a_plan_that_leaves_nothing_is_no_clean_plan(refused: Refused) -> None:
    assert refused(plan(step("delete", None, DEPLOYED))) == [
        "steps: leave no resources behind, so there is nothing to judge"
    ]
    assert refused({"changeSummary": {}}) == [
        "steps: leave no resources behind, so there is nothing to judge"
    ]


def test_a_step_without_its_state_is_told(refused: Refused) -> None:
    assert refused(plan(step("create", None), {"op": "", "urn": URN}, step("create"))) == [
        f"steps[0].newState: is missing, though the step is to create {URN}",
        "steps[1].op: is missing",
    ]


def test_what_the_preview_had_to_say_comes_along(read_json: Read) -> None:
    said = [
        {"severity": "info#err", "message": "\x1b[31mTraceback\x1b[0m\n"},
        {"severity": "warning", "message": "deprecated", "urn": URN},
        {"severity": "error", "message": "failed"},
        {"severity": "info", "message": ""},
    ]
    found = read_json(plan(step("create"), diagnostics=said))
    assert found.diagnostics == (
        Diagnostic("info", "Traceback"),
        Diagnostic("warning", "deprecated", URN),
        Diagnostic("error", "failed"),
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"changeSummary": {}}, "the preview did not end, so resources may be missing"),
        ({"maybeCorrupt": True}, "Pulumi says that the state may be corrupt"),
    ],
)
def test_a_preview_that_did_not_end_well_is_an_error(
    read_json: Read, more: dict[str, Any], message: str
) -> None:
    found = read_json(plan(step("create")) | more)
    assert found.diagnostics == (Diagnostic("error", message),)


def test_a_stream_of_events_is_named(refused: Refused) -> None:
    events = b'{"sequence":0,"timestamp":1,"preludeEvent":{}}\n{"sequence":1}\n'
    assert refused(events) == ["is a stream of engine events, one a line"]


def update_plan(*steps: str, **goal: Any) -> dict[str, Any]:
    whole = {
        "type": "aws:s3/bucket:Bucket",
        "name": "data",
        "custom": True,
        "inputDiff": {"adds": {"__defaults": ["acl"], "acl": "private", "tags": UNKNOWN_TEXT}},
        "outputDiff": {},
        "provider": "urn:pulumi:prod::shop::pulumi:providers:aws::default_7::" + UNKNOWN_TEXT,
        "customTimeouts": {},
        "ignoreChanges": ["tags"],
    }
    made = {"goal": whole | goal, "steps": [*steps], "state": {"acl": "private", "id": ""}}
    return {"manifest": {}, "config": {}, "resourcePlans": {URN: made}}


def test_the_saved_plan_of_a_new_stack_is_read(read_json: Read) -> None:
    (found,) = read_json(update_plan("create")).resources
    assert (found.urn, found.id, found.inputs["acl"]) == (URN, "", "private")
    assert found.inputs["tags"] is UNKNOWN
    assert found.outputs["arn"] is UNKNOWN
    assert "id" not in found.outputs
    assert found.provider.endswith("::default_7")
    assert found.options.ignore_changes == ("tags",)


@pytest.mark.parametrize("steps", [("same",), ("update",), ("create", "delete"), ()])
def test_a_saved_plan_of_changes_is_refused(refused: Refused, steps: tuple[str, ...]) -> None:
    (said,) = refused(update_plan(*steps))
    assert said == (
        "resourcePlans: 1 of 1 are of resources that are there already, of which an update plan "
        "has only what changes"
    )
    assert refused({"manifest": {}, "resourcePlans": {}}) == [
        "resourcePlans: create no resources, so there is nothing to judge"
    ]


def test_a_plan_with_unknown_values_leaves_them_open(shop: Environment, read_json: Read) -> None:
    text = json.dumps(plan_of(shop)).replace('"public-read"', json.dumps(UNKNOWN_TEXT))
    found = evaluate(read_json(json.loads(text)), CONTROLS).findings
    assert {item.verdict for item in found if item.control.id == "s3-acl-not-public"} == {
        "undecided"
    }
