"""Who wrote a change: what git says of its commits."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fintech_infra.operations.gate.approvals import AuthorsError, authors_of

Commit = Callable[..., None]


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Make commits in a repository at `tmp_path`."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", tmp_path], check=True)

    def make(author: str, committer: str = "", message: str = "change") -> None:
        for role, who in (("AUTHOR", author), ("COMMITTER", committer or author)):
            monkeypatch.setenv(f"GIT_{role}_NAME", who)
            monkeypatch.setenv(f"GIT_{role}_EMAIL", f"{who}@example.com")
        command = ["git", "commit", "--quiet", "--allow-empty", "-m", message]
        subprocess.run(command, cwd=tmp_path, check=True)

    return make


def test_authors_committers_and_co_authors_have_written_it(tmp_path: Path, commit: Commit) -> None:
    commit("zoe")
    commit("ada", message="x\n\nCo-authored-by: Bob <bob@example.com>\nCo-Authored-By: Eve <eve@x>")
    commit("ada", committer="carl")
    assert authors_of("HEAD~2..HEAD", tmp_path) == (
        "ada <ada@example.com>",
        "carl <carl@example.com>",
        "Bob <bob@example.com>",
        "Eve <eve@x>",
    )


def test_a_mailmap_renames_nobody(tmp_path: Path, commit: Commit) -> None:
    (tmp_path / ".mailmap").write_text("Somebody <s@example.com> <ada@example.com>\n", "utf-8")
    commit("zoe")
    commit("ada")
    assert authors_of("HEAD~1..HEAD", tmp_path) == ("ada <ada@example.com>",)


def test_a_replaced_commit_hides_nobody(tmp_path: Path, commit: Commit) -> None:
    commit("zoe")
    commit("ada")
    commit("bob")
    subprocess.run(["git", "replace", "HEAD~1", "HEAD~2"], cwd=tmp_path, check=True)
    assert "ada <ada@example.com>" in authors_of("HEAD", tmp_path)


@pytest.mark.parametrize(
    ("revisions", "said"),
    [
        ("HEAD..HEAD", "has no commit"),
        ("origin/main..HEAD", "--commits: git says fatal"),
        ("--output=x", "--commits: git says fatal"),
    ],
)
def test_what_git_does_not_tell_is_an_error(
    tmp_path: Path, commit: Commit, revisions: str, said: str
) -> None:
    commit("ada")
    with pytest.raises(AuthorsError) as raised:
        authors_of(revisions, tmp_path)
    assert said in raised.value.problem.message
    assert not (tmp_path / "x").exists()


def test_a_history_that_is_cut_short_may_lack_an_author(tmp_path: Path, commit: Commit) -> None:
    for name in ("zoe", "ada", "bob", "carl"):
        commit(name)
    clone = tmp_path / "clone"
    command = ["git", "clone", "--quiet", "--depth=3", f"file://{tmp_path}", clone]
    subprocess.run(command, check=True)
    with pytest.raises(AuthorsError, match="cut short"):
        authors_of("HEAD~1..HEAD", clone)


def test_without_git_nobody_is_taken_for_the_author(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AuthorsError, match="git cannot be run"):
        authors_of("HEAD", tmp_path)
