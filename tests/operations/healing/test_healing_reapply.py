"""Re-applying with a pretended `pulumi` that changes files, fails or hangs; and its approval."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest

from fintech_infra.operations.drift import Kind, Tier
from fintech_infra.operations.gate.approvals import Approval, Approver, Approvers, Key
from fintech_infra.operations.gate.approvals import sign as sign_for_the_gate
from fintech_infra.operations.healing import (
    Done,
    Fate,
    Healed,
    Healer,
    Journal,
    Pulumi,
    Rails,
    Result,
    Task,
    verify_acts,
)
from fintech_infra.operations.healing import approvals as healing
from fintech_infra.operations.healing.reapply import find, told
from fintech_infra.operations.signing import public_half
from tests.operations.drift.refreshed import GROUP, judged, resource, shop
from tests.operations.healing.shop import Clock
from tests.operations.ledger.samples import START, MemoryStore, signer, trusted

URN = f"urn:pulumi:prod::shop::{GROUP}::db"
ARGUMENTS = ("up", "--refresh", "--stack", "prod", "--target", URN)
TASK = Task(
    Kind.REAPPLY,
    Tier.APPROVE,
    "Apply what the program declares.",
    "shop",
    "prod",
    ((URN, "ingress"),),
    subject=URN,
    arguments=ARGUMENTS,
)
PRETENDED = """\
#!/bin/sh
echo "$@" >> calls
case "$1" in
  preview)
    [ -f applied ] && exit 0
    echo "error: no changes were expected but changes were proposed"; exit 255 ;;
  up) touch applied ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    write(tmp_path, PRETENDED)
    return tmp_path


def write(folder: Path, script: str) -> None:
    command = folder / "bin" / "pulumi"
    command.write_text(script)
    command.chmod(0o755)


def called(folder: Path) -> list[str]:
    calls = folder / "calls"
    return calls.read_text().splitlines() if calls.exists() else []


class Bench:
    """A healer that only applies."""

    def __init__(self, folder: Path, seconds: float = 30.0) -> None:
        self.clock, self.store, self.switch = Clock(), MemoryStore(), "armed"
        self.pulumi = find(folder, seconds)
        self.rails = Rails(dry_run=False)
        self.papers: list[bytes] = []

    @cached_property
    def proposal(self) -> healing.Proposal:

        waiting = self.healer(Rails()).take(TASK)
        document = healing.proposal_of([waiting], "shop", "prod", "platform")
        return healing.read_proposal(json.dumps(document).encode(), "proposal.json")

    def healer(self, rails: Rails | None = None) -> Healer:
        journal = Journal(self.store, trusted(), signer())
        made = Healer(
            rails or self.rails,
            None,
            self.pulumi,
            lambda: self.switch,
            journal,
            self.clock,
            lambda _: None,
            "carol",
        )
        if rails is None and self.papers:
            proposal = self.proposal
            papers = [healing.read(it, "paper", APPROVERS) for it in self.papers]
            ruling = healing.ruling_of(proposal, papers, APPROVERS, ["carol"], self.clock())
            made.consents = healing.consents(proposal, ruling)
        return made

    def approve(self, by: str = "ada", group: str = "platform", decision: str = "") -> None:
        now = self.clock()
        approval = Approval(
            by,
            group,
            decision or self.proposal.question.digest,
            "shop",
            "prod",
            "Seen with the platform team.",
            now,
            now + timedelta(hours=1),
            "1" * 32,
        )
        self.papers.append(healing.sign(approval, signer(3 if by == "ada" else 4)))

    def take(self) -> Done:
        return self.healer().take(TASK)

    def results(self) -> list[Result]:
        found = verify_acts(self.store, trusted(), self.clock())
        assert found.faults == ()
        return [getattr(it, "result", None) for it in found.acts][1::2]  # pyright: ignore[reportReturnType]


def approver(name: str, seed: int) -> Approver:
    id_, _, public = public_half(signer(seed))
    key = Key(id_, public, START.date(), (START + timedelta(days=90)).date())
    return Approver(name, ("platform",), (f"{name}@example.com",), (key,))


APPROVERS = Approvers((approver("ada", 3), approver("carol", 4)))


def test_what_is_not_approved_runs_nothing(folder: Path) -> None:
    bench = Bench(folder)
    done = bench.take()
    assert done.ruling.fate is Fate.APPROVAL
    assert called(folder) == []
    before = shop(resource(GROUP, "db", {"ingress": []}))
    report = Healed(judged(before, before), (done,), dry_run=False)
    assert report.exit_code == 3


def test_what_is_approved_is_applied_once(folder: Path) -> None:
    bench = Bench(folder)
    bench.approve()
    done = bench.take()
    assert done.ruling.fate is Fate.HEALED
    words, plain = " ".join(ARGUMENTS[1:]), "--non-interactive --color never"
    look = f"preview {words} --expect-no-changes {plain}"
    assert called(folder) == [look, f"up {words} --yes {plain}", look]
    assert bench.take().ruling.fate is Fate.NOTHING
    assert bench.results() == [Result.HEALED]
    (folder / "applied").unlink()
    spent = bench.take().ruling
    assert spent.fate is not Fate.ACT
    assert "healed once already" in spent.reason


def test_who_runs_it_cannot_approve_it(folder: Path) -> None:
    bench = Bench(folder)
    bench.approve("carol")
    assert bench.take().ruling.fate is Fate.APPROVAL


def test_an_approval_of_the_gate_does_not_count(folder: Path) -> None:
    bench = Bench(folder)
    approval = Approval(
        "ada",
        "platform",
        bench.proposal.question.digest,
        "shop",
        "prod",
        "Seen with the platform team.",
        bench.clock(),
        bench.clock() + timedelta(hours=1),
        "1" * 32,
    )
    bench.papers.append(sign_for_the_gate(approval, signer(3)))
    assert bench.take().ruling.fate is Fate.APPROVAL


@pytest.mark.parametrize("changes", [{"decision": "sha256:" + "0" * 64}, {"group": "risk"}])
def test_an_approval_of_something_else_does_not_count(
    folder: Path, changes: dict[str, str]
) -> None:
    bench = Bench(folder)
    bench.approve(**changes)
    assert bench.take().ruling.fate is Fate.APPROVAL
    assert called(folder) == []


def test_an_approval_ends(folder: Path) -> None:
    bench = Bench(folder)
    bench.approve()
    bench.clock.pass_(hours=1)
    assert bench.take().ruling.fate is Fate.APPROVAL


def test_a_proposal_that_was_edited_is_refused(folder: Path) -> None:
    from fintech_infra.engine.errors import PreviewError

    waiting = Bench(folder).healer(Rails()).take(TASK)
    document = healing.proposal_of([waiting], "shop", "prod", "platform")
    document["steps"][0]["resources"] = ["urn:other"]
    with pytest.raises(PreviewError, match="changed after it was written"):
        healing.read_proposal(json.dumps(document).encode(), "proposal.json")


def test_pulumi_that_fails_is_recorded_without_secrets(folder: Path) -> None:
    bench = Bench(folder)
    bench.approve()
    write(
        folder,
        PRETENDED.replace("touch applied", "echo 'error: db password=hunter2 refused'; exit 1"),
    )
    done = bench.take()
    assert done.ruling.fate is Fate.LEFT
    assert done.error == "exit code 1: error: db [secret] refused"
    assert bench.results() == [Result.FAILED]


def test_a_preview_that_fails_decides_nothing(folder: Path) -> None:
    bench = Bench(folder)
    bench.approve()
    write(folder, "#!/bin/sh\necho 'error: no such stack'; exit 255\n")
    done = bench.take()
    assert done.ruling.fate is Fate.UNDECIDED
    assert "no such stack" in done.ruling.reason
    assert bench.store.content == {}


def test_pulumi_that_hangs_is_stopped(folder: Path) -> None:
    bench = Bench(folder, seconds=0.2)
    bench.approve()
    write(folder, PRETENDED.replace("touch applied", "exec sleep 5"))
    assert bench.take().error == "it was stopped after 0.2 s"


def test_without_pulumi_it_is_left_open(folder: Path) -> None:
    bench = Bench(folder)
    bench.approve()
    bench.pulumi = Pulumi("", folder)
    done = bench.take()
    assert done.ruling.fate is Fate.UNDECIDED
    assert "pulumi is not on the PATH" in done.ruling.reason


def test_a_switch_that_is_off_applies_nothing(folder: Path) -> None:
    bench = Bench(folder)
    bench.approve()
    bench.switch = "off"
    assert bench.take().ruling.fate is Fate.RAIL
    assert [it.split()[0] for it in called(folder)] == ["preview"]


def test_what_pulumi_says_is_kept_short() -> None:
    assert len(told("x" * 10_000)) == 2000
    assert told("\n".join(map(str, range(100)))).splitlines()[0] == "80"
    assert "PRIVATE" not in told(
        "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"
    )
