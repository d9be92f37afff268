"""Wrong programs: one clear message each, at the user's own line.

Wrong projects are in `test_project`, wrong configuration in `test_config`, the network in
`test_network`, transforms that fail in `test_transforms`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.engine import Preview, PreviewError, preview

Refuse = Callable[..., list[tuple[str, str, str]]]

_BUCKET = "aws:s3/bucket:Bucket"
_QUEUE = "aws:sqs/queue:Queue"
_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)


def test_all_wrong_inputs_of_a_program_are_reported_together(refuse: Refuse) -> None:
    problems = refuse(
        """
        import pulumi
        from pulumi_aws import Provider, s3, sqs

        bucket = s3.Bucket("ledger", versioning={"enable": True})
        queue = sqs.Queue("work", policy={"Version": "2012-10-17"}, delay_seconds="soon")
        page = s3.BucketObjectv2("page", bucket=bucket.id, source=pulumi.FileAsset("gone.html"))
        rules = s3.BucketServerSideEncryptionConfiguration("rules", bucket=bucket.id, rules=[
            {"apply_server_side_encryption_by_default": {"kms_key": "x"}},
        ])
        again = s3.Bucket("ledger", opts=pulumi.ResourceOptions(depends_on=[bucket]))
        read = s3.Bucket.get("ledger", "acme-ledger", opts=pulumi.ResourceOptions(depends_on=again))
        east = Provider("east", default_tags={"tag": {"team": "east"}}, assume_roles=[
            {"role_arn": "arn:aws:iam::210987654321:role/deploy"},
        ])
        """
    )
    default = "rules[0].applyServerSideEncryptionByDefault"
    twice = "give each a name of its own, or another parent"
    assert sorted(problems) == sorted(
        [
            (
                "__main__.py:4",
                f"{_BUCKET} 'ledger': versioning has no input 'enable'",
                "did you mean enabled?",
            ),
            (
                "__main__.py:5",
                f"{_QUEUE} 'work': policy is a dictionary, where a string is wanted",
                "json.dumps makes a string of it",
            ),
            (
                "__main__.py:5",
                f"{_QUEUE} 'work': delaySeconds is a string, where a number is wanted",
                "",
            ),
            (
                "__main__.py:6",
                (
                    "aws:s3/bucketObjectv2:BucketObjectv2 'page': source names the file gone.html, "
                    "which does not exist"
                ),
                "",
            ),
            (
                "__main__.py:7",
                f"{_ENCRYPTION} 'rules': {default} has no input 'kms_key'",
                "it takes kms_master_key_id, sse_algorithm",
            ),
            (
                "__main__.py:7",
                f"{_ENCRYPTION} 'rules': {default} lacks sse_algorithm",
                f"sse_algorithm is required in {default}",
            ),
            (
                "__main__.py:10",
                f"{_BUCKET} 'ledger' is declared twice, first at __main__.py:4",
                twice,
            ),
            (
                "__main__.py:11",
                f"{_BUCKET} 'ledger' is declared twice, first at __main__.py:4",
                twice,
            ),
            (
                "__main__.py:12",
                "pulumi:providers:aws 'east': defaultTags has no input 'tag'",
                "did you mean tags?",
            ),
        ]
    )


_ALONE = {
    "an input that the class does not have": (
        """
        from pulumi_aws import s3
        bucket = s3.Bucket("ledger", force_destory=True)
        """,
        (
            "__main__.py:2",
            "Bucket 'ledger' has no input 'force_destory'",
            "did you mean force_destroy?",
        ),
    ),
    "a required input that is missing": (
        """
        from pulumi_aws import s3
        policy = s3.BucketPolicy(
            "policy", policy="{}")
        """,
        ("__main__.py:2", "BucketPolicy 'policy' needs the input 'bucket'", "add bucket=..."),
    ),
    "an input of a kind that the SDK cannot send": (
        """
        from pulumi_aws import s3
        bucket = s3.Bucket("ledger", tags=["a", "b"])
        """,
        (
            "__main__.py:2",
            (
                f"{_BUCKET} 'ledger': tags: AssertionError: Unexpected type. Expected 'list' got "
                "'typing.Mapping[str, typing.Union[str, collections.abc.Awaitable[str], "
                "pulumi.output.Output[NoneType]]]'"
            ),
            "",
        ),
    ),
    "a module that raises": (
        """
        def total(amounts):
            return sum(amounts) / len(amounts)

        total([])
        """,
        ("__main__.py:2", "ZeroDivisionError: division by zero", ""),
    ),
    "a refusal by the program's own hand": (
        """
        import pulumi
        raise pulumi.RunError("the ledger needs two regions")
        """,
        ("__main__.py:2", "the ledger needs two regions", ""),
    ),
    "an apply that raises": (
        """
        import pulumi
        box = pulumi.ComponentResource("acme:index:Box", "box")
        box.urn.apply(
            lambda urn: urn["name"]
        )
        """,
        ("__main__.py:4", "TypeError: string indices must be integers, not 'str'", ""),
    ),
    "an input whose apply raises": (
        """
        import pulumi
        from pulumi_aws import sqs
        queue = sqs.Queue("queue", name=pulumi.Output.from_input("x").apply(lambda x: int(x)))
        """,
        ("__main__.py:3", "ValueError: invalid literal for int() with base 10: 'x'", ""),
    ),
    "an async function that raises": (
        """
        import asyncio
        import pulumi

        async def look_up():
            await asyncio.sleep(0)
            raise KeyError("vpc")

        pulumi.export("vpc", pulumi.Output.from_input(look_up()))
        """,
        ("__main__.py:6", "KeyError: 'vpc'", ""),
    ),
    "an async entry point that raises": (
        """
        import pulumi

        async def main():
            raise RuntimeError("no zones")

        pulumi.run(main)
        """,
        ("__main__.py:4", "RuntimeError: no zones", ""),
    ),
    "sys.exit": (
        """
        import sys
        sys.exit(3)
        """,
        (
            "__main__.py:2",
            "the program ended itself with sys.exit(3)",
            "a Pulumi program ends by reaching its end; raise an error to stop a deployment",
        ),
    ),
    "a module that is not installed": (
        """
        import no_such_package.deep
        """,
        (
            "__main__.py:1",
            "imports no_such_package, which is not installed where the preview runs",
            "install it there, for instance with: pip install no-such-package",
        ),
    ),
    "a syntax error": (
        """
        def broken(:
            pass
        """,
        ("__main__.py:1", "is not valid Python: invalid syntax", ""),
    ),
    "configuration that is missing": (
        """
        import pulumi
        size = pulumi.Config().require_int("size")
        """,
        (
            "__main__.py:2",
            "Missing required configuration variable 'shop:size'",
            "set it with --config shop:size=VALUE or in the stack's file",
        ),
    ),
    "a cycle of dependencies": (
        """
        from pulumi import ComponentResource, ResourceOptions

        class Box(ComponentResource):
            def __init__(self, name, opts=None):
                super().__init__("acme:index:Box", name, None, opts)

        outer = Box("outer")
        inner = Box("inner", ResourceOptions(parent=outer, depends_on=[outer]))
        """,
        (
            "__main__.py:8",
            (
                "RuntimeError: We have detected a circular dependency involving a resource of type "
                "acme:index:Box named inner.\nPlease review any `depends_on`, `parent` or other "
                "dependency relationships between your resources to ensure no cycles have been "
                "introduced in your program."
            ),
            "",
        ),
    ),
    "an error that the program logs": (
        """
        import pulumi
        pulumi.log.error("the quota is used up")
        """,
        ("", "the quota is used up", ""),
    ),
}


@pytest.mark.parametrize("case", _ALONE)
def test_a_program_that_fails_says_where_and_why(case: str, refuse: Refuse) -> None:
    program, problem = _ALONE[case]
    assert refuse(program) == [problem]


def test_an_error_in_another_module_is_placed_in_that_module(refuse: Refuse) -> None:
    files = {
        "Pulumi.yaml": "name: shop\nruntime: python\nmain: src\n",
        "src/__main__.py": "import estate.tables\n",
        "src/estate/__init__.py": "",
        "src/estate/tables.py": "NAMES = {}\nNAMES['ledger']\n",
    }
    assert refuse(files) == [("src/estate/tables.py:2", "KeyError: 'ledger'", "")]


def test_a_program_that_hangs_is_ended_at_the_line_where_it_hangs(refuse: Refuse) -> None:
    program = """
        import pulumi
        count = 0
        while True:
            count += 1
        """
    ((place, message, hint),) = refuse(program, time_limit=1.0)
    assert place in {"__main__.py:3", "__main__.py:4"}
    assert message == "the program did not end within 1 seconds"
    assert hint == "mend the loop or wait named here, or allow more with --timeout"


def test_a_program_that_waits_for_ever_in_an_async_function_is_ended(refuse: Refuse) -> None:
    program = """
        import asyncio
        import pulumi
        async def never():
            await asyncio.Event().wait()
        pulumi.export("never", pulumi.Output.from_input(never()))
        """
    ((_, message, _),) = refuse(program, time_limit=1.0)
    assert message == "the program did not end within 1 seconds"


def test_a_program_that_kills_its_process_is_noticed(refuse: Refuse, tmp_path: Path) -> None:
    assert refuse("import os\nos._exit(7)\n") == [
        (
            str(tmp_path),
            "the interpreter that runs the program ended early (exit code 7)",
            "its own words are above; a program must not end the process (os._exit)",
        )
    ]


def test_what_a_program_prints_does_not_disturb_its_preview(
    run_whole: Callable[..., Preview], capfd: pytest.CaptureFixture[str]
) -> None:
    done = run_whole("import os\nprint('printed')\nos.write(1, b'written')\n")
    assert [resource.name for resource in done.environment.resources] == ["shop-dev"]
    assert sorted(done.timings) == ["import", "program", "simulation"]
    out, err = capfd.readouterr()
    assert out == ""
    assert "printed" in err
    assert "written" in err


def test_an_error_keeps_its_trace_for_whoever_asks(run_whole: Callable[..., Any]) -> None:
    with pytest.raises(PreviewError) as caught:
        run_whole("raise ValueError('x')\n")
    (problem,) = caught.value.problems
    assert problem.trace.startswith("Traceback (most recent call last):\n")
    assert problem.trace.endswith("ValueError: x\n")
    assert str(caught.value) == "__main__.py:1: ValueError: x"


def test_the_program_runs_with_the_projects_own_interpreter(
    write_project: Callable[..., Path],
) -> None:
    root = write_project(
        {
            "Pulumi.yaml": "name: shop\nruntime: {name: python, options: {virtualenv: env}}\n",
            "__main__.py": "",
            "env/bin/python": f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n',
        }
    )
    (root / "env/bin/python").chmod(0o755)
    with pytest.raises(PreviewError) as caught:
        preview(root, "dev")
    (problem,) = caught.value.problems
    assert problem.message.startswith("Pulumi's Python SDK is not installed in ")
    assert "virtualenv:" in problem.hint
