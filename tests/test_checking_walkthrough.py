"""What docs/checking.md tells happens as it tells it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from fintech_infra.cli.main import main

COMMAND = re.compile(r"^\$ fintech-infra (.*?)\s+# exit code (\d)", re.MULTILINE)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "checking.md"


def test_a_stack_adopts_the_controls_as_the_page_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _, told = PAGE.read_text("utf-8").split("## Adopting the controls")
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    monkeypatch.chdir(tmp_path)
    program, codes = "", list[str]()
    for language, block in re.findall(r"```(python|console)\n(.*?)```", told, re.DOTALL):
        if language == "python":
            program += block
            (tmp_path / "__main__.py").write_text(program)
            continue
        for command, code in COMMAND.findall(block):
            assert main(shlex.split(command)) == int(code), command
            codes.append(code)
    assert codes == ["1", "0", "1"]
    assert "tcp port 5432" in capfd.readouterr().out
