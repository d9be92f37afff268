"""Stack references: the outputs of other stacks, as given or from a preview of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fintech_infra.engine.request import Request


class StackReferences:
    """Finds the outputs of the stack that a program refers to as `org/project/stack`.

    Values given for the stack come first. Then the stack's project is looked for, among the
    folders that the request names and the program's own project, and previewed in turn.
    """

    def __init__(self, request: Request) -> None:
        """Take what the request says of other stacks."""
        self._request = request

    def outputs(self, name: str) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
        """Return the outputs of a stack and the names of the secret ones, None where unknown.

        Raises:
            PreviewError: the stack's own preview fails, or stacks refer to each other in a ring.
        """
        for known, values in self._request.stack_outputs.items():
            if _same_stack(known, name):
                return values, ()
        for folder in (*self._request.projects, self._request.root):
            found = self._preview(Path(folder), name)
            if found is not None:
                return found
        return None

    def _preview(self, folder: Path, name: str) -> tuple[Mapping[str, Any], tuple[str, ...]] | None:
        from fintech_infra.engine.errors import PreviewError, fail
        from fintech_infra.engine.project import load_project
        from fintech_infra.engine.runner import preview

        *_, project_name, stack = ("", *name.split("/"))
        project = load_project(folder)
        if (project_name or self._request.project) != project.name:
            return None
        stacks = project.stacks()
        if stacks and stack not in stacks:
            return None
        here = f"{self._request.project}/{self._request.stack}"
        chain = (*self._request.chain, here)
        if f"{project.name}/{stack}" in chain:
            ring = " -> ".join((*chain, f"{project.name}/{stack}"))
            raise fail(f"stacks refer to each other in a ring: {ring}")
        try:
            other = preview(
                folder,
                stack,
                organization=self._request.organization,
                answers=self._request.answers,
                stack_outputs=self._request.stack_outputs,
                projects=self._request.projects,
                chain=chain,
                time_limit=self._request.time_limit,
                allow_network=self._request.allow_network,
            ).environment
        except PreviewError as error:
            raise fail(f"the preview of the stack {name} it refers to failed: {error}") from error
        secret = {path.partition(".")[0].partition("[")[0] for path in other.secret_outputs}
        return other.outputs, tuple(sorted(secret))


def _same_stack(known: str, name: str) -> bool:
    """Whether two names mean one stack; the shorter may leave out organization and project."""
    ours, theirs = known.split("/"), name.split("/")
    shared = min(len(ours), len(theirs))
    return ours[-shared:] == theirs[-shared:]
