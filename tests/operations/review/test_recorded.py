"""A ledger as the history of a review: what was signed is learnt from, and nothing else."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from moto import mock_aws

from fintech_infra.cli import review
from fintech_infra.cli.failure import Failure
from fintech_infra.cli.ledger_opening import open_store
from fintech_infra.environment import Environment, codec
from fintech_infra.operations.digest import digest, environment_document
from fintech_infra.operations.ledger import Basis, DirectoryStore, Reader, Result, Stack, append
from fintech_infra.operations.ledger.layout import checkpoint_key, entry_key, object_key
from fintech_infra.operations.review.recorded import Recorded, recorded
from fintech_infra.operations.signing import TrustedKeys
from fintech_infra.operations.signing.keys import keys_document
from tests.operations.ledger.s3 import ADDRESS, make_bucket
from tests.operations.ledger.samples import NAME, deployment, signer, trusted
from tests.operations.review.usual_samples import KEY, edited, history, state

SHOP = Stack("organization", "shop", "prod")
STATES = history(7)
Say = Callable[..., tuple[int, str, str]]


def record(
    place: Path | str,
    number: int,
    environment: Environment,
    stack: Stack = SHOP,
    *,
    seed: int = 1,
    result: Result = Result.SUCCEEDED,
    basis: Basis = Basis.STATE,
) -> None:
    """Record the deployment of an environment as the ledger's verb does."""
    document = environment_document(environment)
    made = deployment(
        number, stack, environment=digest(document), result=result, basis=basis,
        builder=replace(deployment(number).builder, invocation=f"run-{number}"),
    )  # fmt: skip
    reader = Reader(open_store(str(place)), trusted(1, 2))
    at = made.ended + timedelta(minutes=1)
    append(reader, made, [document], signer(seed), clock=lambda: at, name=NAME)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A ledger of seven deployments."""
    for number, environment in enumerate(STATES):
        record(tmp_path / "ledger", number, environment)
    return tmp_path / "ledger"


def read(place: Path, keys: TrustedKeys | None = None, of: Environment | None = None) -> Recorded:
    return recorded(Reader(DirectoryStore(place), keys or trusted(1, 2)), of or state(7))


def documents(environments: tuple[Environment, ...]) -> list[bytes]:
    return [environment_document(item) for item in environments]


def test_the_environments_of_a_stack_are_read_oldest_first(place: Path) -> None:
    found = read(place)
    assert documents(found.environments) == documents(tuple(STATES))
    assert found.broken == ()


def test_other_stacks_are_not_read_and_named(place: Path) -> None:
    record(place, 7, state(50), Stack("organization", "shop", "dev"))
    record(place, 8, state(51), Stack("organization", "bank", "prod"))
    assert len(read(place).environments) == 7
    found = read(place, of=replace(state(), project="else"))
    assert found.environments == ()
    assert found.stacks == (
        "organization/bank/prod", "organization/shop/dev", "organization/shop/prod"
    )  # fmt: skip


def test_an_organization_counts_where_both_name_one(tmp_path: Path) -> None:
    record(tmp_path, 0, state(0), Stack("acme", "shop", "prod"))
    assert len(read(tmp_path, of=state()).environments) == 1
    assert len(read(tmp_path, of=replace(state(), organization="acme")).environments) == 1
    assert read(tmp_path, of=replace(state(), organization="other")).environments == ()


def test_what_was_deployed_twice_counts_once(place: Path) -> None:
    record(place, 7, STATES[3])
    assert len(read(place).environments) == 7


@pytest.mark.parametrize(("basis", "known"), [(Basis.STATE, 8), (Basis.PLAN, 7)])
def test_a_failed_deployment_counts_by_what_it_left_behind(
    place: Path, basis: Basis, known: int
) -> None:
    record(place, 7, state(9), result=Result.FAILED, basis=basis)
    assert len(read(place).environments) == known


def test_an_entry_that_was_edited_is_told_and_not_learnt_from(place: Path) -> None:
    path = place / entry_key(3)
    envelope = json.loads(path.read_bytes())
    envelope["payload"] = envelope["payload"][:-8] + "AAAAAAA="
    path.write_text(json.dumps(envelope), "utf-8")
    found = read(place)
    assert documents(found.environments) == documents((*STATES[:3], *STATES[4:]))
    assert len(found.broken) == 1
    assert found.broken[0].startswith("entry 3 ")


def test_an_environment_that_was_edited_or_is_gone_is_told_and_not_learnt_from(
    place: Path,
) -> None:
    (edited_one, gone) = (
        place / object_key(digest(environment_document(STATES[at]))) for at in (2, 5)
    )
    edited_one.write_bytes(edited_one.read_bytes().replace(b"400", b"1"))
    gone.unlink()
    found = read(place)
    kept = (*STATES[:2], *STATES[3:5], STATES[6])
    assert documents(found.environments) == documents(kept)
    assert "entry 2 " in found.broken[0]
    assert "was changed" in found.broken[0]
    assert "entry 5 " in found.broken[1]
    assert "is missing" in found.broken[1]


def test_a_signature_of_a_key_that_is_not_trusted_does_not_count(place: Path) -> None:
    record(place, 7, state(9), seed=2)
    (place / checkpoint_key(8)).unlink()
    found = read(place, trusted(1))
    assert len(found.environments) == 7
    assert [message.split(" ")[:2] for message in found.broken] == [["entry", "7"]]


def test_an_entry_that_the_next_one_does_not_follow_is_not_learnt_from(
    place: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    for number in range(3):
        record(other, number, state(20 + number))
    (place / entry_key(2)).write_bytes((other / entry_key(2)).read_bytes())
    found = read(place)
    assert any("entry 2 is not the one that entry 3 followed" in it for it in found.broken)
    assert documents((state(22),))[0] not in documents(found.environments)


def test_where_a_sealed_entry_is_gone_none_counts(place: Path) -> None:
    (place / entry_key(6)).unlink()
    found = read(place)
    assert found.environments == ()
    assert "is missing" in found.broken[0]
    assert "no entry counts" in found.broken[0]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Review a key that is no longer rotated, with keys and a history."""
    keys = tmp_path / "keys.json"
    keys.write_text(keys_document(trusted(1, 2).keys), "utf-8")
    (tmp_path / "before.json").write_text(codec.dumps(state(7), format=codec.FORMAT), "utf-8")

    def off(inputs: dict[str, object]) -> None:
        inputs["enableKeyRotation"] = False

    after = edited(state(7), KEY, "c", off)
    (tmp_path / "after.json").write_text(codec.dumps(after, format=codec.FORMAT), "utf-8")

    def call(*words: str | Path) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        review.add_to(parser.add_subparsers())
        sides = [str(tmp_path / name) for name in ("before.json", "after.json")]
        given = ["review", *sides, "--keys", str(keys), *map(str, words)]
        code = review.run(parser.parse_args(given))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_the_verb_learns_from_a_ledger(place: Path, say: Say) -> None:
    record(place, 7, state(7))  # which BEFORE is: it counts once
    code, out, err = say("--history", place)
    assert (code, err) == (0, "")
    assert "enableKeyRotation is false, which it never was before" in out
    assert "in 8 earlier states, 8 kms.Key chose true (8)" in out


def test_the_verb_tells_what_is_broken_and_goes_on(place: Path, say: Say) -> None:
    (place / object_key(digest(environment_document(STATES[1])))).write_bytes(b"{}")
    code, out, err = say("--history", place)
    assert code == 0
    assert "in 7 earlier states" in out
    assert err.startswith(f"warning: {place}: entry 1 ")
    assert err.endswith("; not learnt from\n")


def test_a_ledger_without_the_stack_is_told(tmp_path: Path, say: Say) -> None:
    record(tmp_path / "ledger", 0, state(), Stack("organization", "bank", "prod"))
    _, out, err = say("--history", tmp_path / "ledger")
    assert "no deployment of shop/prod; its stacks: organization/bank/prod" in err
    assert "cannot say yet" in out


def test_a_ledger_that_has_before_alone_has_the_stack(tmp_path: Path, say: Say) -> None:
    record(tmp_path / "ledger", 0, state(7))
    _, out, err = say("--history", tmp_path / "ledger")
    assert err == ""
    assert "cannot say yet: 1 earlier state" in out


def test_an_address_of_a_bucket_is_a_ledger(say: Say) -> None:
    with mock_aws():
        make_bucket()
        with pytest.raises(Failure) as caught:
            say("--history", ADDRESS)
        for number, environment in enumerate(STATES):
            record(ADDRESS, number, environment)
        code, out, err = say("--history", ADDRESS)
    assert "there is no ledger" in caught.value.problems[0].message
    assert "--history" in caught.value.problems[0].hint
    assert (code, err) == (0, "")
    assert "in 8 earlier states, 8 kms.Key chose true (8)" in out


def test_a_ledger_without_keys_cannot_be_read(place: Path, say: Say) -> None:
    with pytest.raises(Failure) as caught:
        say("--history", place, "--keys", place / "nowhere.json")
    (problem,) = caught.value.problems
    assert "cannot be read" in problem.message
    assert "--keys" in problem.hint
