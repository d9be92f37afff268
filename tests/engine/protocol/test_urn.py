"""URNs and aliases, as Pulumi's engine works them out (`pkg/resource/deploy/step_generator.go`)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import alias_pb2

from fintech_infra.engine.protocol.urn import Urn, alias_urns, child_urn

_STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
_SHELF = "urn:pulumi:dev::shop::acme:index:Shelf::shelf"
_CHILD = "urn:pulumi:dev::shop::acme:index:Shelf$acme:index:Box::shelf-box"

_words = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters="-_/."))
_types = st.lists(st.sampled_from(["aws:s3/bucket:Bucket", "acme:index:Box", "a:b:C"]), min_size=1)


@given(stack=_words, project=_words, types=_types, name=st.text())
def test_a_urn_taken_apart_and_put_together_is_the_same(
    stack: str, project: str, types: list[str], name: str
) -> None:
    urn = Urn(stack, project, tuple(types), name)
    assert Urn.parse(str(urn)) == urn


def test_a_name_may_hold_what_separates_the_parts() -> None:
    assert Urn.parse(child_urn("dev", "shop", "", "a:b:C", "x::y$z")).name == "x::y$z"


def test_the_stack_adds_nothing_to_the_chain_of_types() -> None:
    top = child_urn("dev", "shop", _STACK, "acme:index:Shelf", "shelf")
    assert top == _SHELF
    assert child_urn("dev", "shop", top, "acme:index:Box", "shelf-box") == _CHILD


def _alias(**fields: Any) -> alias_pb2.Alias:
    return alias_pb2.Alias(spec=alias_pb2.Alias.Spec(**fields))


def test_an_alias_changes_only_what_it_names() -> None:
    own = [
        alias_pb2.Alias(urn="urn:pulumi:dev::shop::a:b:C::given"),
        _alias(name="old"),
        _alias(type="acme:index:Chest"),
        _alias(stack="prod"),
        _alias(project="mall"),
        _alias(noParent=True),
        _alias(parentUrn="urn:pulumi:dev::shop::acme:index:Rack::rack"),
        _alias(parentUrn=_STACK),
    ]
    chain = "acme:index:Shelf$acme:index:Box"
    assert alias_urns(_CHILD, _SHELF, own, ()) == (
        "urn:pulumi:dev::shop::a:b:C::given",
        f"urn:pulumi:dev::shop::{chain}::old",
        "urn:pulumi:dev::shop::acme:index:Shelf$acme:index:Chest::shelf-box",
        f"urn:pulumi:prod::shop::{chain}::shelf-box",
        f"urn:pulumi:dev::mall::{chain}::shelf-box",
        "urn:pulumi:dev::shop::acme:index:Box::shelf-box",
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::shelf-box",
    )


def test_a_child_named_after_its_parent_was_renamed_with_it() -> None:
    former = ["urn:pulumi:dev::shop::acme:index:Shelf::board"]
    assert alias_urns(_CHILD, _SHELF, (), former) == (
        "urn:pulumi:dev::shop::acme:index:Shelf$acme:index:Box::board-box",
    )


def test_aliases_of_a_parent_and_of_its_child_are_combined() -> None:
    former = ["urn:pulumi:dev::shop::acme:index:Rack::shelf"]
    assert alias_urns(_CHILD, _SHELF, [_alias(name="lid")], former) == (
        "urn:pulumi:dev::shop::acme:index:Shelf$acme:index:Box::lid",
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::shelf-box",
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::lid",
    )


def test_a_child_of_a_parent_from_another_project_is_looked_for_in_this_one() -> None:
    former = ["urn:pulumi:dev::mall::acme:index:Rack::shelf"]
    assert alias_urns(_CHILD, _SHELF, (), former) == (
        "urn:pulumi:dev::shop::acme:index:Rack$acme:index:Box::shelf-box",
    )


def test_a_resource_is_no_alias_of_itself() -> None:
    assert alias_urns(_CHILD, _SHELF, [_alias(name="shelf-box")], ()) == ()
