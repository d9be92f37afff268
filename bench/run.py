"""Measure previews of `prod` and of generated programs, Checkov on the same resources, and the
policy pack over the protocol.

Quote ratios, not seconds: both sides run alternately on the same machine in the same sitting.
Checkov is installed into an environment of its own below `bench/`, never beside the project.
"""

from __future__ import annotations

import argparse
import keyword
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import model
import pack
from fintech_infra.engine import preview as engine_preview

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CHECKOV = HERE / ".checkov"
CHECKOV_RELEASE = "checkov==3.3.30"
PHASE = re.compile(r"(\w+) (\d+\.\d+) s")


def preview(folder: Path, stack: str) -> tuple[float, dict[str, float]]:
    """Wall seconds of one preview with all controls, and seconds per phase."""
    command = [
        str(Path(sys.executable).with_name("fintech-infra")), "preview", stack,
        "--cwd", str(folder), "--debug", "--allow-undecided",
    ]  # fmt: skip
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    if done.returncode not in {0, 1}:  # 1: findings, which the generated programs have
        raise RuntimeError(done.stderr)
    line = next(line for line in done.stderr.splitlines() if line.startswith("phases:"))
    return wall, {name: float(seconds) for name, seconds in PHASE.findall(line)}


def imports(modules: Sequence[str]) -> float:
    """Wall seconds of an interpreter that only imports the SDK modules.

    The SDK loads a module when something is asked of it, so something is.
    """
    code = "import pulumi, pulumi_aws\n" + "\n".join(
        f'getattr(pulumi_aws.{name}, "x", 0)' for name in modules
    )
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def checkov(plan: Path) -> float:
    """Wall seconds of Checkov on a plan."""
    command = [
        str(CHECKOV / "bin" / "checkov"), "--file", str(plan), "--framework", "terraform_plan",
        "--compact", "--quiet", "--soft-fail", "--skip-download",
    ]  # fmt: skip
    environment = {**os.environ, "LOG_LEVEL": "ERROR", "BC_SKIP_MAPPING": "TRUE"}
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=environment)
    return time.perf_counter() - started


def install_checkov() -> None:
    """Install Checkov once."""
    if not (CHECKOV / "bin" / "checkov").exists():
        print("installing Checkov for comparison into bench/.checkov", flush=True)
        venv.create(CHECKOV, with_pip=True, clear=True)
        pip = [str(CHECKOV / "bin" / "python"), "-m", "pip", "install", "--quiet", CHECKOV_RELEASE]
        subprocess.run(pip, check=True)


def row(name: str, walls: Sequence[float], phases: Sequence[Mapping[str, float]]) -> str:
    """One line of the table: median wall and median seconds per phase."""
    split = "  ".join(
        f"{phase} {statistics.median(run[phase] for run in phases):.2f}"
        for phase in ("import", "program", "simulation", "controls", "report")
    )
    return f"{name:<20} {statistics.median(walls):6.2f} s   {split}"


def alternately(
    runs: int, folder: Path, stack: str, other: Callable[[], float] | None
) -> tuple[float, list[float]]:
    """Preview and run the other side in turns, print the preview's row.

    Returns the median wall seconds of the previews and how many times as long the other side took,
    run by run.
    """
    walls: list[float] = []
    phases: list[dict[str, float]] = []
    ratios: list[float] = []
    for _ in range(runs):
        wall, phase = preview(folder, stack)
        walls.append(wall)
        phases.append(phase)
        if other is not None:
            ratios.append(other() / wall)
    print(row(f"{folder.name} {stack}", walls, phases), flush=True)
    return statistics.median(walls), ratios


def used_modules() -> list[str]:
    """The SDK modules that `preview prod` takes resources and data sources from."""
    environment = engine_preview(ROOT, "prod").environment
    types = {resource.type for resource in environment.resources if resource.package == "aws"}
    names = {type_.split(":")[1].partition("/")[0] for type_ in types}
    # The SDK writes `lambda` with an underscore, because it is a keyword.
    return sorted(f"{name}_" if keyword.iskeyword(name) else name for name in names)


def bench_prod(runs: int) -> None:
    """`preview prod` against the imports it needs."""
    modules = used_modules()
    _, ratios = alternately(runs, ROOT, "prod", lambda: imports(modules))
    ratio = 1 / statistics.median(ratios)
    print(f"  {ratio:.2f} times as long as importing its {len(modules)} SDK modules")


def bench_sizes(sizes: Sequence[int], runs: int, *, compare: bool) -> None:
    """Generated programs of several sizes, each against Checkov on the same resources."""
    medians: dict[int, float] = {}
    for size in sizes:
        cells = size // model.CELL_SIZE
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / f"{size} resources"
            folder.mkdir()
            for file, text in model.program(cells).items():
                (folder / file).write_text(text, "utf-8")
            plan = folder / "plan.json"
            plan.write_text(model.plan(cells), "utf-8")
            other = partial(checkov, plan) if compare else None
            medians[size], ratios = alternately(runs, folder, "dev", other)
        if ratios:
            ratio = statistics.median(ratios)
            print(f"  Checkov takes {ratio:.1f} times as long", flush=True)
    small, large = min(sizes), max(sizes)
    if large > small:
        marginal = (medians[large] - medians[small]) / (large - small) * 1000
        print(f"marginal cost: {marginal:.2f} ms a resource ({small} to {large})")


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("--no-checkov", action="store_true", help="leave the comparison out")
    parser.add_argument("--only-pack", action="store_true", help="the policy pack alone")
    options = parser.parse_args()
    if options.only_pack:
        pack.bench_pack(options.runs, 1000)
        return
    if not options.no_checkov:
        install_checkov()
    bench_prod(options.runs)
    bench_sizes(options.sizes, options.runs, compare=not options.no_checkov)
    pack.bench_pack(options.runs, 1000)


if __name__ == "__main__":
    main()
