"""The change between two environments: what happens to each resource, and which values differ."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.environment import UNKNOWN, Asset, Environment, Options, Resource
from fintech_infra.operations.change import (
    Change,
    Op,
    Replacement,
    ResourceChange,
    between,
    defaults_of,
    ops_of,
)
from fintech_infra.operations.change.replacing import ROWS
from fintech_infra.operations.change.stateful import STATEFUL
from fintech_infra.operations.gate.facts.weak import GUARDIANS, GUARDS

_GUARDED = {*GUARDIANS, *(guard.type for guard in GUARDS)}

DATABASE = "aws:rds/instance:Instance"
BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
FUNCTION = "aws:lambda/function:Function"


def resource(
    type_: str, name: str, inputs: Mapping[str, Any] | None = None, **more: Any
) -> Resource:
    urn = more.pop("urn", f"urn:pulumi:prod::shop::{type_}::{name}")
    return Resource(urn, type_, name, inputs or {}, **more)


def shop(*resources: Resource) -> Environment:
    return Environment("shop", "prod", resources=resources)


def change(before: Resource | None, after: Resource | None, **more: Any) -> Change:
    was, now = ([item] if item else [] for item in (before, after))
    return between(shop(*was), shop(*now), **more)


def only(before: Resource | None, after: Resource | None, **more: Any) -> ResourceChange:
    (found,) = change(before, after, **more).resources
    return found


def lines(found: ResourceChange) -> list[tuple[str, Any, Any]]:
    return [(item.place, item.old, item.new) for item in found.differences]


def test_what_stays_as_it_is_is_not_in_the_change() -> None:
    bucket = resource(BUCKET, "logs", {"tags": {"a": "b"}, "ports": [1, 2]})
    assert change(bucket, replace(bucket, outputs={"arn": "arn:other"})).resources == ()


def test_resources_are_created_updated_and_deleted() -> None:
    bucket = resource(BUCKET, "logs", {"tags": {"owner": "pay"}})
    assert only(None, bucket).op is Op.CREATED
    assert only(bucket, None).op is Op.DELETED
    updated = only(bucket, replace(bucket, inputs={"tags": {"owner": "ops"}, "acl": "private"}))
    assert updated.op is Op.UPDATED
    assert lines(updated) == [("acl", None, "private"), ("tags.owner", "pay", "ops")]


def test_components_the_stack_and_what_is_only_read_are_no_changes() -> None:
    group = resource("acme:x:Group", "g", custom=False)
    read = resource(BUCKET, "theirs", existing=True)
    assert between(shop(), shop(group, read)).resources == ()
    hidden = resource("acme:x:Remote", "r", custom=False, opaque=True)
    assert only(None, hidden).op is Op.CREATED


def test_differences_lie_in_documents_too_and_their_layout_does_not_count() -> None:
    old = resource(POLICY, "p", {"policy": '{"Statement": [{"Action": "s3:Get*"}], "V": 1}'})
    same = replace(old, inputs={"policy": '{"V":1,"Statement":[{"Action":"s3:Get*"}]}'})
    assert change(old, same).resources == ()
    wider = replace(old, inputs={"policy": '{"V":1,"Statement":[{"Action":"s3:*"}]}'})
    assert lines(only(old, wider)) == [("policy.Statement[0].Action", "s3:Get*", "s3:*")]


def test_a_number_spelt_as_text_and_the_same_code_elsewhere_are_no_difference() -> None:
    old = resource(FUNCTION, "f", {"memory": 128, "on": True, "code": Asset("archive", "/a", "12")})
    new = {"memory": "128", "on": "true", "code": Asset("archive", "/b", "12")}
    assert change(old, replace(old, inputs=new)).resources == ()
    new["code"] = Asset("archive", "/a", "13")
    assert [item.path for item in only(old, replace(old, inputs=new)).differences] == ["code"]


def test_an_unknown_value_is_a_difference_unless_it_is_the_same_unknown() -> None:
    known = resource(BUCKET, "logs", {"acl": "private"})
    unknown = replace(known, inputs={"acl": UNKNOWN}, property_dependencies={"acl": ("u::a",)})
    assert only(known, unknown).op is Op.UPDATED
    assert change(unknown, unknown).resources == ()
    other = replace(unknown, property_dependencies={"acl": ("u::b",)})
    assert only(unknown, other).op is Op.UPDATED
    hidden = replace(unknown, secrets=("inputs.acl",))
    assert only(hidden, hidden).differences[0].is_secret


def test_what_a_program_says_to_ignore_is_no_difference() -> None:
    old = resource(BUCKET, "logs", {"tags": {"seen": "1"}, "acl": "private"})
    ignoring = Options(ignore_changes=("tags.*", "acl"))
    new = replace(old, inputs={"tags": {"seen": "2"}, "acl": "public"}, options=ignoring)
    assert change(old, new).resources == ()


def test_guarding_options_are_differences() -> None:
    old = resource(BUCKET, "logs", options=Options(protect=True))
    assert lines(only(old, replace(old, options=Options()))) == [("opts.protect", True, False)]


def test_an_alias_makes_a_rename_and_its_absence_a_loss() -> None:
    old = resource(DATABASE, "orders", {"engine": "postgres"})
    renamed = resource(
        DATABASE, "ledger", {"engine": "postgres"}, options=Options(aliases=(old.urn,))
    )
    found = only(old, renamed)
    assert (found.op, found.is_renamed, found.was) == (Op.UPDATED, True, old.urn)
    assert found.replacement is Replacement.NO
    lost = between(shop(old), shop(replace(renamed, options=Options())))
    assert [item.op for item in lost.resources] == [Op.CREATED, Op.DELETED]


def test_a_move_under_a_parent_by_alias_is_a_rename() -> None:
    old = resource(BUCKET, "logs")
    urn = f"urn:pulumi:prod::shop::acme:x:Group${BUCKET}::logs"
    moved = resource(BUCKET, "logs", urn=urn, options=Options(aliases=(old.urn,)))
    assert only(old, moved).is_renamed


def test_ids_of_the_cloud_against_those_of_a_preview_are_no_differences() -> None:
    def with_ids(role: str, name: str, policy: str) -> Environment:
        arn = f"arn:aws:iam::1:role/{role}"
        return shop(
            resource("aws:iam/role:Role", "r", {}, id=role, outputs={"arn": arn, "name": role}),
            resource(
                FUNCTION,
                "f",
                {"role": arn, "p": json.dumps({"A": f"{arn}/*"}), "n": name, "s": policy},
            ),
        )

    assert between(with_ids("r-1a2b", "n", "s"), with_ids("r-sim", "n", "s")).resources == ()
    (found,) = between(with_ids("r-1a2b", "n", "s"), with_ids("r-sim", "m", "s")).resources
    assert lines(found) == [("n", "n", "m")]


def test_numbers_of_the_cloud_are_translated_and_versions_are_not() -> None:
    def numbered(vpce: str, version: str, wanted: str) -> Environment:
        outputs = {"vpceIds": [f"vpce-{vpce}"], "version": version}
        return shop(
            resource("aws:x/y:Y", "y", {}, id=f"y-{vpce}", outputs=outputs),
            resource(FUNCTION, "f", {"doc": f'{{"vpce-{vpce}": 1}}', "version": wanted}),
        )

    old = numbered("0123456789abc", "15.31", "15.31")
    assert between(old, numbered("fedcba9876543", "15.32", "15.31")).resources == ()
    (found,) = between(old, numbered("fedcba9876543", "15.32", "15.32")).resources
    assert lines(found) == [("version", "15.31", "15.32")]


def test_a_name_that_the_program_gives_is_no_such_id() -> None:
    def named(name: str) -> Environment:
        return shop(
            resource(BUCKET, "logs", {"bucket": name}, id=name, outputs={"bucket": name}),
            resource(POLICY, "p", {"bucket": name}),
        )

    found = between(named("shop-logs"), named("shop-trail")).resources
    assert [(item.type, item.op) for item in found] == [
        (BUCKET, Op.REPLACED),
        (POLICY, Op.UPDATED),
    ]


def test_what_a_provider_fills_in_is_no_difference() -> None:
    old = resource(BUCKET, "logs", {"bucket": "logs-1a2b", "forceDestroy": False})
    new = resource(BUCKET, "logs", {})
    filled = {old.urn: frozenset({"bucket", "forceDestroy"})}
    assert change(old, new, defaults=(filled, {})).resources == ()
    assert only(old, new).op is Op.REPLACED


def test_defaults_are_read_from_states_and_plans() -> None:
    inputs = {"__defaults": ["bucket"], "rules": [{"__defaults": ["a"], "a": 1}], "bucket": "x"}
    state = {"deployment": {"resources": [{"urn": "u", "inputs": inputs}]}}
    plan = {"steps": [{"op": "same", "newState": {"urn": "u", "inputs": inputs}}]}
    backend = {"checkpoint": {"latest": state["deployment"]}}
    for content in (state, plan, backend):
        assert defaults_of(content) == {"u": {"bucket", "rules[0].a"}}
    assert defaults_of(["nothing"]) == ops_of({"steps": "no"}) == {}


def test_a_plan_is_certain() -> None:
    steps = ("create", "update", "replace", "create-replacement", "delete", "same", "read")
    ops = ops_of({"steps": [{"op": op, "urn": op} for op in steps]})
    assert list(ops.values()) == [
        Op.CREATED,
        Op.UPDATED,
        Op.REPLACED,
        Op.REPLACED,
        Op.DELETED,
        None,
        None,
    ]
    old = resource(DATABASE, "orders", {"engine": "postgres", "password": UNKNOWN})
    new = replace(old, inputs={"engine": "mysql", "password": UNKNOWN})
    said = only(old, new, ops={new.urn: Op.UPDATED})
    assert (said.op, said.replacement, said.is_certain) == (Op.UPDATED, Replacement.NO, True)
    said = only(old, replace(old, inputs={"tags": {}}), ops={new.urn: Op.REPLACED})
    assert (said.op, said.replacement) == (Op.REPLACED, Replacement.CERTAIN)


def test_a_plan_that_keeps_a_resource_settles_what_is_not_known_but_hides_no_difference() -> None:
    old = resource(DATABASE, "orders", {"password": UNKNOWN}, secrets=("inputs.password",))
    assert only(old, old).op is Op.UPDATED
    assert change(old, old, ops={old.urn: None}).resources == ()
    other = replace(old, inputs={"engine": "mysql"})
    assert only(old, other, ops={old.urn: None}).op is Op.REPLACED


@pytest.mark.parametrize(
    ("type_", "before", "after", "expected"),
    [
        (DATABASE, {"engine": "postgres"}, {"engine": "mysql"}, Replacement.CERTAIN),
        (DATABASE, {"kmsKeyId": "a"}, {"kmsKeyId": UNKNOWN}, Replacement.POSSIBLE),
        (DATABASE, {"identifier": "a"}, {"identifier": "b"}, Replacement.POSSIBLE),
        (DATABASE, {"instanceClass": "a"}, {"instanceClass": "b"}, Replacement.NO),
        (DATABASE, {"region": "a"}, {"region": "b"}, Replacement.CERTAIN),
        ("aws:mq/broker:Broker", {"tags": {"a": "1"}}, {}, Replacement.POSSIBLE),
        (FUNCTION, {"runtime": "a"}, {"runtime": "b"}, Replacement.NO),
    ],
)
def test_replacement_is_judged_by_the_table(
    type_: str, before: dict[str, Any], after: dict[str, Any], expected: Replacement
) -> None:
    found = only(resource(type_, "x", before), resource(type_, "x", after))
    assert found.replacement is expected
    assert bool(found.replacing) == (expected is not Replacement.NO)
    assert (found.op is Op.REPLACED) == (expected is Replacement.CERTAIN)


def test_replace_on_changes_forces_a_replacement() -> None:
    old = resource(FUNCTION, "f", {"tags": {"a": "1"}})
    asked = Options(replace_on_changes=("tags",))
    assert only(old, replace(old, inputs={"tags": {"a": "2"}}, options=asked)).op is Op.REPLACED


def test_a_provider_that_leads_elsewhere_may_replace_what_is_its() -> None:
    def at(region: str, version: str) -> Environment:
        provider = resource("pulumi:providers:aws", f"default_{version}", {"region": region})
        return shop(provider, resource(DATABASE, "orders", {}, provider=provider.urn))

    assert between(at("eu-west-1", "7_1"), at("eu-west-1", "7_2")).resources == ()
    moved = {
        item.type: item for item in between(at("eu-west-1", "7"), at("us-east-1", "7")).resources
    }
    assert moved[DATABASE].replacement is Replacement.POSSIBLE
    assert moved[DATABASE].replacing == ("opts.provider",)


def test_tables_name_types_and_inputs_that_there_are() -> None:
    types = {*ROWS, *STATEFUL, *_GUARDED}
    for type_ in types:
        module = import_module(f"pulumi_aws.{type_.split(':')[1].partition('/')[0]}")
        assert getattr(module, type_.rpartition(":")[2])
    schemas = Schemas()
    wrong: dict[str, set[str]] = {}
    for type_ in types:
        found = schemas.resource(type_)
        known = set(found.inputs.fields) if found and found.inputs else set[str]()
        row = ROWS.get(type_)
        paths = [guard.path for guard in GUARDS if guard.type == type_]
        named = {*(row.forcing if row else ()), *(row.doubtful if row else ()), *paths}
        missing = {re.split(r"[.\[]", path)[0] for path in named} - known
        if missing or not known:
            wrong[type_] = missing
    assert not wrong
    assert all(item.source.startswith("https://") for item in (*ROWS.values(), *GUARDS))
