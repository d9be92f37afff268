"""Facts about the repository as a whole: what is pinned, what is published, what must not leak.

They do not prove that the pinned set installs: `make setup` does, with the hashes.
"""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")
LONGEST_MODULE = 300

_HASHED_PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.]+)(?: ; [^-]*?)?(?: --hash=sha256:[0-9a-f]{64})+"
)
# Where people and build machines keep their checkouts.
_HOME_PATH = re.compile(r"(?<![\w.*})-])/(?:home|Users|root|work|builds)/[\w.-]+")


def _logical_lines(lock: str) -> list[str]:
    """The requirements of a lock, each with its hashes on one line; comments left out."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    lines = (" ".join(line.split("#")[0].split()) for line in text.splitlines())
    return [line for line in lines if line]


def _pins(lock: str) -> dict[str, str]:
    matches = (_HASHED_PIN.fullmatch(line) for line in _logical_lines(lock))
    return {match["name"]: match["version"] for match in matches if match}


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file that is in the repository, or would be with the next commit."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip(f"not a git checkout: {listing.stderr.decode().strip()}")
    paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def _texts(files: list[Path]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in files:
        try:
            texts[str(path.relative_to(ROOT))] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return texts


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    lines = _logical_lines(lock)

    assert lines
    assert [line for line in lines if not _HASHED_PIN.fullmatch(line)] == []


@pytest.mark.parametrize(
    "line",
    [
        "pulumi>=3 --hash=sha256:" + "0" * 64,
        "pulumi==3.272.0",
        "pulumi==3.272.0 --hash=md5:" + "0" * 32,
        "pulumi @ file:pulumi.whl --hash=sha256:" + "0" * 64,
        "--index-url internal --hash=sha256:" + "0" * 64,
    ],
)
def test_a_line_that_is_not_a_hashed_pin_is_recognised(line: str) -> None:
    assert _HASHED_PIN.fullmatch(line) is None


def test_no_requirements_file_names_a_host(files: list[Path]) -> None:
    texts = _texts([path for path in files if path.match("requirements*.txt")])

    assert {*LOCKS} <= {*texts}
    assert [name for name, text in texts.items() if "://" in text] == []


def test_both_locks_pin_the_same_versions() -> None:
    runtime, development = (_pins(lock) for lock in LOCKS)

    assert {name: development.get(name) for name in runtime} == runtime


def test_the_lock_satisfies_what_the_project_asks_for() -> None:
    pins = _pins("requirements.txt")
    asked = [Requirement(str(text)) for text in _project()["dependencies"]]

    unmet = [
        str(requirement)
        for requirement in asked
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    ]

    assert len(asked) == 8
    assert unmet == []


def test_no_file_holds_a_path_of_somebodys_machine(files: list[Path]) -> None:
    found = [
        (name, match.group())
        for name, text in _texts(files).items()
        for match in _HOME_PATH.finditer(text)
    ]

    assert found == []


def test_no_module_is_too_long_to_be_read_at_once(files: list[Path]) -> None:
    tests = ROOT / "tests"
    modules = _texts([p for p in files if p.suffix == ".py" and not p.is_relative_to(tests)])
    lengths = {name: len(text.splitlines()) for name, text in modules.items()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}
    assert "fintech_infra/__init__.py" in lengths


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    package = ROOT / "fintech_infra"
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert names == {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "fintech_infra/py.typed" in names


def test_the_wheel_names_the_command_and_the_licence(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    information = f"fintech_infra-{_project()['version']}.dist-info"
    with ZipFile(wheel) as archive:
        commands = archive.read(f"{information}/entry_points.txt").decode()
        licence = archive.read(f"{information}/licenses/LICENSE").decode()

    assert "fintech-infra = fintech_infra.cli.main:main" in commands.splitlines()
    assert licence == (ROOT / "LICENSE").read_text("utf-8")


@pytest.mark.xdist_group("one")
def test_what_looks_at_one_program_runs_in_one_process(request: pytest.FixtureRequest) -> None:
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("only where tests are spread over processes by group")
    assert request.node.nodeid.endswith("@one")
