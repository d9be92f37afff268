"""Projects on disk: which one, which stack, and what is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fintech_infra.engine import PreviewError
from fintech_infra.engine.project import choose_stack, load_project, read_yaml

Write = Callable[..., Path]
_MAIN = {"__main__.py": "pass\n"}


def _problems(caught: pytest.ExceptionInfo[PreviewError], root: Path) -> list[tuple[str, ...]]:
    return [
        (p.place.replace(str(root), "ROOT"), p.message.replace(str(root), "ROOT"), p.hint)
        for p in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("files", "program"),
    [
        ({"Pulumi.yaml": "name: shop\nruntime: python\n", **_MAIN}, "."),
        ({"Pulumi.yml": "name: shop\nruntime: {name: python}\n", **_MAIN}, "."),
        ({"Pulumi.json": '{"name": "shop", "runtime": "python"}', **_MAIN}, "."),
        (
            {"Pulumi.yaml": "name: shop\nruntime: python\nmain: src/\n", "src/__main__.py": ""},
            "src",
        ),
        (
            {"Pulumi.yaml": "name: shop\nruntime: python\nmain: infra.py\n", "infra.py": ""},
            "infra.py",
        ),
    ],
)
def test_a_project_is_found_from_any_folder_in_it(
    files: dict[str, str], program: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "deep/er").mkdir(parents=True)
    project = load_project(tmp_path / "deep/er")
    assert (project.root, project.name) == (tmp_path, "shop")
    assert project.program == (tmp_path / program).resolve()


def test_a_project_names_its_environment_and_the_folder_of_its_stacks(
    write_project: Write,
) -> None:
    root = write_project(
        {
            "Pulumi.yaml": """
                name: shop
                runtime: {name: python, options: {virtualenv: ../env}}
                stackConfigDir: stacks
            """,
            "stacks/Pulumi.prod.yaml": "",
            "stacks/Pulumi.prod-eu.yml": "",
            "stacks/Pulumi.yaml": "",
            **_MAIN,
        }
    )
    project = load_project(root)
    assert project.virtualenv == root.parent / "env"
    assert list(project.stacks()) == ["prod-eu", "prod"]


def test_uv_and_poetry_projects_have_their_environment_beside_them(write_project: Write) -> None:
    runtime = "name: shop\nruntime: {name: python, options: {toolchain: uv}}\n"
    root = write_project({"Pulumi.yaml": runtime, **_MAIN})
    assert load_project(root).virtualenv == root / ".venv"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("name: [shop\n", [("ROOT/Pulumi.yaml:2", "is not valid YAML: while parsing", "")]),
        ("- shop\n", [("ROOT/Pulumi.yaml", "must hold a mapping, not list", "")]),
        (
            "name: shop\nruntime: nodejs\n",
            [
                (
                    "ROOT/Pulumi.yaml",
                    "is a nodejs project; only those in Python run offline",
                    "preview it with the Pulumi CLI, which runs every language",
                )
            ],
        ),
        (
            "description: nothing\nmain: src\nconfig: [a]\n",
            [
                ("ROOT/Pulumi.yaml", "needs a `name`", "add a line such as name: payments"),
                ("ROOT/Pulumi.yaml", "needs a `runtime`", "add the line runtime: python"),
                ("ROOT/Pulumi.yaml", "main: src does not exist", ""),
                ("ROOT/Pulumi.yaml", "config: must be a mapping of configuration keys", ""),
            ],
        ),
        (
            "name: shop\nruntime: python\n",
            [
                (
                    "ROOT/Pulumi.yaml",
                    ". has no __main__.py, so there is no program to run",
                    "add __main__.py, or let main: name the program's file or folder",
                )
            ],
        ),
    ],
)
def test_every_mistake_of_a_project_file_is_reported(
    text: str, problems: list[tuple[str, ...]], write_project: Write
) -> None:
    root = write_project({"Pulumi.yaml": text})
    with pytest.raises(PreviewError) as caught:
        load_project(root)
    found = _problems(caught, root)
    assert [place for place, _, _ in found] == [place for place, _, _ in problems]
    for (_, message, hint), (_, wanted, wanted_hint) in zip(found, problems, strict=True):
        assert message.startswith(wanted)
        assert hint == wanted_hint


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PreviewError) as caught:
        load_project(tmp_path)
    assert _problems(caught, tmp_path) == [
        (
            "",
            "no Pulumi.yaml in ROOT or in a folder above it",
            "run inside a Pulumi project, or name one with --cwd",
        )
    ]
    with pytest.raises(PreviewError, match="gone is not a folder"):
        load_project(tmp_path / "gone")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(PreviewError, match="cannot be read: "):
        read_yaml(tmp_path / "Pulumi.yaml")


def test_the_stack_is_the_one_named_selected_or_only(write_project: Write) -> None:
    root = write_project({"Pulumi.dev.yaml": "", **_MAIN})
    project = load_project(root)
    assert choose_stack(project, None) == "dev"
    assert choose_stack(project, "acme/shop/dev") == "dev"
    (root / "Pulumi.prod.yaml").write_text("")
    assert choose_stack(project, None, "prod") == "prod"
    assert choose_stack(project, "dev", "prod") == "dev"


def test_a_project_without_stack_files_has_any_stack(write_project: Write) -> None:
    project = load_project(write_project(_MAIN))
    assert choose_stack(project, None) == "dev"
    assert choose_stack(project, "anything") == "anything"


def test_an_unknown_or_unclear_stack_is_refused(write_project: Write) -> None:
    root = write_project({"Pulumi.dev.yaml": "", "Pulumi.staging.yaml": "", **_MAIN})
    project = load_project(root)
    with pytest.raises(PreviewError) as caught:
        choose_stack(project, "stagin")
    assert _problems(caught, root) == [
        (
            "ROOT",
            "project shop has no stack 'stagin': there is no Pulumi.stagin.yaml",
            "did you mean staging? its stacks are dev, staging",
        )
    ]
    with pytest.raises(PreviewError) as caught:
        choose_stack(project, None)
    assert _problems(caught, root) == [
        (
            "ROOT",
            "project shop has several stacks: dev, staging",
            "name one, as in: fintech-infra preview dev",
        )
    ]
