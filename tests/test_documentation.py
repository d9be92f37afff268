"""What the documents show works: programs, commands, links."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from fintech_infra.cli.main import parser
from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.engine import preview
from fintech_infra.engine.simulation.answers import Answers

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("policy_pack/*.md")]
    if ".venv" not in path.parts
]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_the_components_in_the_readme_preview_clean(tmp_path: Path) -> None:
    program, *_ = _blocks(ROOT / "README.md", "python")
    (tmp_path / "Pulumi.yaml").write_text("name: readme\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-central-1\n")
    (tmp_path / "__main__.py").write_text(program)
    assert evaluate(preview(tmp_path, "prod").environment, CONTROLS).findings == ()


def test_the_library_use_in_the_readme_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec(_blocks(ROOT / "README.md", "python")[1], {})
    assert capsys.readouterr().out.splitlines() == [
        "critical ec2-sg-no-world-admin-ports render tcp port 22 is open to 0.0.0.0/0",
        "high iam-policy-kms-decrypt-scoped render kms:Decrypt allowed with every key",
        (
            "medium ec2-sg-world-ingress-approved-ports render tcp port 22, not approved, is open "
            "to 0.0.0.0/0"
        ),
        "low ec2-sg-rule-described render nothing says what this is for",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_shown_commands_are_accepted_and_links_lead_somewhere(page: Path) -> None:
    for block in _blocks(page, "console"):
        for line in block.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words[:1] == ["fintech-infra"]:
                parser().parse_args(words[1:])
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_policies_that_are_configured_in_the_packs_document_exist() -> None:
    (shown,) = _blocks(ROOT / "policy_pack" / "README.md", "json")
    assert set(json.loads(shown)) <= {control.id for control in CONTROLS}


def test_make_targets_named_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text("utf-8")))
    assert named >= {"preview", "test", "check"}
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_answers_file_that_is_shown_is_accepted(tmp_path: Path) -> None:
    (shown,) = _blocks(ROOT / "docs" / "answers.md", "yaml")
    file = tmp_path / "answers.yaml"
    file.write_text(shown)
    answers = Answers.load(file)
    assert answers.account == "123456789012"
    assert answers.result("aws:ec2/getVpc:getVpc", {"tags": {"Name": "shared", "x": "y"}}) == {
        "id": "vpc-0123456789abcdef0",
        "cidrBlock": "10.20.0.0/16",
    }
