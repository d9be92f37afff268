"""States: what was deployed is judged as what was declared, and nothing else passes for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.environment import UNKNOWN, Asset, Environment, Options, Resource, Source
from tests.exports import SECRET, SIGNATURE, UNKNOWN_TEXT, state_of

Read = Callable[[Any], Environment]
Refused = Callable[[Any], list[str]]

URN = "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::data"
BUCKET = {"urn": URN, "type": "aws:s3/bucket:Bucket", "custom": True}


def state(*resources: dict[str, Any], **deployment: Any) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": [*resources], **deployment}}


def findings(environment: Environment) -> set[tuple[str, ...]]:
    return {
        (item.control.id, item.resource.urn, item.verdict, item.path)
        for item in evaluate(environment, CONTROLS).findings
    }


def declared(resource: Resource) -> Resource:
    """A resource as a state can tell of it: what is null is absent."""
    outputs = {key: value for key, value in resource.outputs.items() if value is not None}
    options = replace(resource.options, delete_before_replace=False)
    secrets = tuple(sorted(resource.secrets))
    return replace(resource, outputs=outputs, opaque=False, options=options, secrets=secrets)


def as_rows(environment: Environment) -> list[str]:
    return [repr(declared(item)) for item in environment.resources]


def test_a_deployed_stack_is_judged_as_the_program_that_declared_it(
    shop: Environment, read_json: Read
) -> None:
    found = read_json(state_of(shop, show_secrets=True))
    assert (found.project, found.stack) == ("shop", "prod")
    assert as_rows(found) == as_rows(shop)
    assert (found.outputs, found.secret_outputs) == (shop.outputs, ("password",))
    assert findings(found) == findings(shop)
    assert found.diagnostics == ()


def test_an_encrypted_secret_is_undecided_and_never_a_pass(
    shop: Environment, read_json: Read
) -> None:
    found = read_json(state_of(shop))
    (wild,) = found.of_type("aws:iam/policy:Policy")
    assert wild.inputs["policy"] is UNKNOWN
    assert {"inputs.policy", "outputs.policy"} <= set(wild.secrets)
    said = {item[0]: item[2] for item in findings(found) if item[1] == wild.urn}
    assert said["iam-policy-no-admin-star"] == "undecided"
    (note,) = found.diagnostics
    assert note.severity == "info"
    assert "pulumi stack export --show-secrets" in note.message
    judged = {item[:2] for item in findings(found)}
    assert {item[:2] for item in findings(shop)} <= judged


def test_whatever_is_hidden_leaves_its_violation_open(shop: Environment, read_json: Read) -> None:
    violated = [
        item
        for item in evaluate(shop, CONTROLS).findings
        if item.verdict == "violated" and item.path.partition(".")[0] in item.resource.inputs
    ]
    assert len(violated) > 3
    order = {item.urn: at for at, item in enumerate(shop.resources)}
    for finding in violated:
        exported = state_of(shop)
        top = finding.path.partition(".")[0].partition("[")[0]
        inputs = exported["deployment"]["resources"][order[finding.resource.urn]]["inputs"]
        inputs[top] = {SIGNATURE: SECRET, "ciphertext": "v1:AAAA:BBBB"}
        left = evaluate(read_json(exported), [finding.control]).findings
        assert finding.resource.urn in {item.resource.urn for item in left}, finding


def test_resources_that_leave_are_told_of_and_not_judged(read_json: Read) -> None:
    topic = {"urn": URN.replace("data", "t"), "type": "aws:sns/topic:Topic", "custom": True}
    found = read_json(
        state(
            BUCKET | {"initErrors": ["timed out"]},
            BUCKET | {"delete": True},
            topic | {"pendingReplacement": True},
            pending_operations=[{"type": "creating", "resource": {"urn": "urn:x"}}],
        )
    )
    assert [item.urn for item in found.resources] == [URN]
    assert [(item.severity, item.message, item.urn) for item in found.diagnostics] == [
        ("warning", "was not set up completely: timed out", URN),
        (
            "warning",
            "aws:s3/bucket:Bucket data waits for its deletion: it still exists, and was not judged",
            "",
        ),
        (
            "warning",
            "aws:sns/topic:Topic t was deleted and not made anew yet, so it was not judged",
            "",
        ),
        (
            "warning",
            "an update was interrupted while creating urn:x: what it left is not judged",
            "",
        ),
    ]


def test_options_come_along(read_json: Read) -> None:
    (found,) = read_json(
        state(
            BUCKET
            | {
                "protect": True,
                "retainOnDelete": True,
                "ignoreChanges": ["tags"],
                "replaceOnChanges": ["acl"],
                "additionalSecretOutputs": ["arn", "absent"],
                "aliases": ["urn:old", None],
                "importID": "data-1",
                "deletedWith": "urn:vpc",
                "customTimeouts": {"create": 1800, "delete": 0},
                "sourcePosition": "project:///infra/data.py#31,4",
                "provider": "urn:pulumi:prod::shop::pulumi:providers:aws::paris::0b1c",
                "external": True,
                "viewOf": "urn:stack",
                "outputs": {"arn": "arn:aws:s3:::data"},
                "somethingNewer": {"x": 1},
            }
        )
    ).resources
    assert found.options == Options(
        protect=True,
        retain_on_delete=True,
        ignore_changes=("tags",),
        replace_on_changes=("acl",),
        additional_secret_outputs=("arn", "absent"),
        aliases=("urn:old",),
        import_id="data-1",
        deleted_with="urn:vpc",
        custom_timeouts=(("create", "1800s"),),
    )
    assert found.source == Source("infra/data.py", 31)
    assert found.provider == "urn:pulumi:prod::shop::pulumi:providers:aws::paris"
    assert (found.existing, found.secrets) == (True, ("outputs.arn",))


def special(signature: str, **fields: Any) -> dict[str, Any]:
    return {SIGNATURE: signature, **fields}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (3.0, 3),
        (0.5, 0.5),
        ([None, {"a": None}], [None, {"a": None}]),
        (special(SECRET, plaintext='{"a": [1]}'), {"a": [1]}),
        (special("c44067f5952c0a294b673a41bacd8c17", path="a.zip", hash="00"),
         Asset("file", "a.zip", "00")),
        (special("c44067f5952c0a294b673a41bacd8c17", uri="https://a", hash="00"),
         Asset("remote", "https://a", "00")),
        (special("c44067f5952c0a294b673a41bacd8c17", text="x", hash="00"), Asset("text", "", "00")),
        (special("0def7320c3a5731c473e5ecbe6d01bc7", path="a", hash="00"),
         Asset("archive", "a", "00")),
        (special("0def7320c3a5731c473e5ecbe6d01bc7", assets={"b": {}, "a": {}}, hash="00"),
         Asset("archive", "", "00", ("a", "b"))),
        (special("5cf8f73096256a8f31e491e813e4eb8e", urn="urn:x", id="vpc-1"), "vpc-1"),
        (special("5cf8f73096256a8f31e491e813e4eb8e", urn="urn:x", id=""), "urn:x"),
        (special("d0e6a833031e9bbcd3f4e8bde6ca49a4", value=[1], dependencies=["urn:x"]), [1]),
        (special("7eb310220ed6211bd6f147f2a75bfbb6", value="90071992547409931"),
         90071992547409931),
    ],
)  # fmt: skip
def test_values_are_what_they_stand_for(read_json: Read, written: Any, value: Any) -> None:
    (found,) = read_json(state(BUCKET | {"inputs": {"x": written}})).resources
    assert found.inputs == {"x": value}
    assert type(found.inputs["x"]) is type(value)


@pytest.mark.parametrize(
    "written",
    [
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        special("d0e6a833031e9bbcd3f4e8bde6ca49a4", secret=True),
        special("803fd3297a5875dc03ca845dda5d2a98", value="/w=="),
        special("5cf8f73096256a8f31e491e813e4eb8e", urn="urn:x", id=UNKNOWN_TEXT),
        special(SECRET, plaintext=json.dumps(UNKNOWN_TEXT)),
    ],
)
def test_what_is_not_known_stays_unknown(read_json: Read, written: Any) -> None:
    (found,) = read_json(state(BUCKET | {"inputs": {"x": [written]}})).resources
    assert found.inputs["x"][0] is UNKNOWN


def test_a_secret_inside_of_a_list_has_its_path(read_json: Read) -> None:
    written = {"rules": [{"token": special(SECRET, plaintext='"abcd"')}], "__defaults": ["x"]}
    (found,) = read_json(state(BUCKET | {"inputs": written})).resources
    assert found.inputs == {"rules": [{"token": "abcd"}]}
    assert found.secrets == ("inputs.rules[0].token",)


def test_a_newer_state_and_a_backends_own_file_are_read_alike(
    shop: Environment, read_json: Read
) -> None:
    exported = state_of(shop)
    newer = {**exported, "version": 4, "features": ["views", "hooks"]}
    checkpoint = {
        "version": 3,
        "checkpoint": {"stack": "organization/shop/prod", "latest": exported["deployment"]},
    }
    assert (
        as_rows(read_json(exported)) == as_rows(read_json(newer)) == as_rows(read_json(checkpoint))
    )


def test_all_mistakes_are_told_with_their_paths(refused: Refused) -> None:
    faulty = {
        "urn": "data", "type": "aws:s3/bucket:Bucket", "protect": "yes", "dependencies": [1],
        "inputs": [], "outputs": {"a": special(SECRET), "b": special("00"), "c": 1e999},
    }  # fmt: skip
    wrong = state(
        {"custom": True},
        7,  # pyright: ignore[reportArgumentType] - that is the mistake
        BUCKET | faulty,
        BUCKET | faulty | {"urn": URN},
        BUCKET,
        BUCKET | {"urn": URN.replace("prod", "dev")},
    )
    text = json.dumps(wrong).replace("Infinity", "1e999").encode()
    at = "deployment.resources"
    assert refused(text) == [
        f"{at}[0].urn: is missing",
        f"{at}[0].type: is missing",
        f"{at}[1]: is a number, but must be an object",
        f"{at}[2].urn: 'data' is no URN of a resource",
        f"{at}[3].inputs: is a list, but must be an object",
        f"{at}[3].outputs.a: is a secret with neither a ciphertext nor a plaintext",
        f"{at}[3].outputs.b: has the signature '00', which this version does not know",
        f"{at}[3].outputs.c: is a number beyond all bounds",
        f"{at}[3].protect: is text, but must be true or false",
        f"{at}[3].dependencies: must hold texts only",
        f"{at}[5].urn: is of shop/dev, the resources before it of shop/prod",
        f"two resources have the URN {URN}",
    ]


def test_thousands_of_mistakes_are_counted(refused: Refused) -> None:
    said = refused(state(*({"urn": ""} for _ in range(500))))
    assert len(said) == 21
    assert said[-1] == "and 980 more such mistakes"


@pytest.mark.parametrize("version", [0, 1, 2, 5, "3", None, True])
def test_other_versions_are_refused(refused: Refused, version: Any) -> None:
    (said,) = refused({"version": version, "deployment": {"resources": [BUCKET]}})
    assert said == f"version: is {version!r}; this version of fintech-infra reads 3 and 4"


@pytest.mark.parametrize("deployment", [None, {}, {"resources": []}, {"resources": None}])
def test_a_stack_without_resources_is_no_clean_stack(refused: Refused, deployment: Any) -> None:
    assert refused({"version": 3, "deployment": deployment}) == [
        "deployment: holds no resources, so there is nothing to judge"
    ]


def test_a_deep_value_is_refused_and_does_not_end_the_process(refused: Refused) -> None:
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    (said,) = refused(state(BUCKET | {"inputs": {"x": deep}}))
    assert said.endswith("is nested more than 100 levels deep")
    assert refused(b'{"version":' + b"[" * 100_000) == [
        "is nested too deeply to be a state or a plan"
    ]


def test_reading_changes_nothing_in_the_document(shop: Environment, read_json: Read) -> None:
    exported = state_of(shop)
    before = copy.deepcopy(exported)
    read_json(exported)
    assert exported == before
