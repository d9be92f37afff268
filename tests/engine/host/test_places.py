"""Which of the frames that the SDK sends is the user's own line."""

from pathlib import Path

import pytest

from fintech_infra import engine
from fintech_infra.engine.host.places import Places
from fintech_infra.environment import Source

_ROOT = Path("/srv/lib/python/shop")
_PLACES = Places(_ROOT / "src", _ROOT)
_SDK = "/usr/lib/python3.11/site-packages/pulumi/resource.py"
_OURS = str(Path(engine.__file__).parent / "worker.py")


@pytest.mark.parametrize(
    ("frames", "source"),
    [
        ([], None),
        ([(_SDK, 3), ("<string>", 1), (_OURS, 9)], None),
        ([(_SDK, 3), (f"{_ROOT}/src/net.py", 5), (f"{_ROOT}/src/__main__.py", 7)], "src/net.py:5"),
        ([(f"{_ROOT}/shared/net.py", 5), (f"{_ROOT}/src/__main__.py", 7)], "src/__main__.py:7"),
        ([(_SDK, 1), (f"{_ROOT}/shared/net.py", 5)], "shared/net.py:5"),
        ([(f"file://{_ROOT}/src/a%20b.py", 4)], "src/a b.py:4"),
        ([(f"{_ROOT}/.venv/lib/python3.11/site-packages/x.py", 1)], None),
        ([("/srv/other/x.py", 1)], None),
        ([("relative.py", 1)], None),
    ],
)
def test_the_users_nearest_line_is_found(frames: list[tuple[str, int]], source: str | None) -> None:
    found = _PLACES.nearest(frames)
    assert (str(found) if found else None) == source


def test_a_source_is_shown_relative_to_the_project() -> None:
    assert _PLACES.nearest([(f"{_ROOT}/src/a/b.py", 2)]) == Source("src/a/b.py", 2)


def test_only_files_of_the_project_are_the_users() -> None:
    files = [f"{_ROOT}/src/a.py", f"{_ROOT}/b.py", _SDK, _OURS]
    assert [_PLACES.is_users(file) for file in files] == [True, True, False, False]
