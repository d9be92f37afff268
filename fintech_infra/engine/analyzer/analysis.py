"""What a pack reports about an environment: asked about every resource, then about the stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.engine.analyzer.messages import analyze_requests, analyze_stack_request
from fintech_infra.engine.analyzer.policies import Diagnostic, diagnostic_of
from fintech_infra.engine.analyzer.session import AnalyzerPack
from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.environment import Environment


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a policy that remediates would set anew before a deployment: names of inputs."""

    policy: str
    urn: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a pack says about an environment.

    `inapplicable` are policies that said they do not apply, with the reason. `judged` counts pairs
    of policy and resource, and one for each policy of the whole stack, those left out.
    """

    diagnostics: tuple[Diagnostic, ...]
    inapplicable: tuple[tuple[str, str], ...]
    rewrites: tuple[Rewrite, ...]
    judged: int


def analyze(pack: AnalyzerPack, environment: Environment) -> Analysis:
    """Ask a configured pack about every resource, then about the stack.

    Raises:
        PreviewError: policies failed; the failures are listed, those of one line once.
    """
    asked = _Asked(pack)
    for request in analyze_requests(environment):
        asked.resource(request)
    asked.stack(analyze_stack_request(environment))
    return asked.analysis()


class _Asked:
    """The answers of one pack about one environment, while they come in."""

    def __init__(self, pack: AnalyzerPack) -> None:
        enabled = [policy for policy in pack.policies if policy.enabled]
        self._pack = pack
        self._of_resource = sum(not policy.of_stack for policy in enabled)
        self._of_stack = sum(policy.of_stack for policy in enabled)
        self._remediates = any(policy.level == "remediate" for policy in enabled)
        self._diagnostics: list[Diagnostic] = []
        self._inapplicable: set[tuple[str, str]] = set()
        self._rewrites: list[Rewrite] = []
        self._changes: dict[str, tuple[set[str], struct_pb2.Struct]] = {}
        self._problems: dict[tuple[str, int, str], Problem] = {}
        self._judged = 0

    def resource(self, request: analyzer_pb2.AnalyzeRequest) -> None:
        if not self._of_resource:
            return
        try:
            if self._remediates:
                self._remediate(request)
            response = self._pack.analyze_resource(request)
        except PreviewError as error:
            self._fail(error)
            return
        # Whatever URN comes back, the engine attributes it to the resource it asked about.
        self._take(response, self._of_resource, lambda _: request.urn)

    def stack(self, request: analyzer_pb2.AnalyzeStackRequest) -> None:
        if not self._of_stack:
            return
        for resource in request.resources:
            rewritten = self._changes.get(resource.urn)
            if rewritten:
                _replace(resource.properties.fields, *rewritten)
        try:
            response = self._pack.analyze_stack(request)
        except PreviewError as error:
            self._fail(error)
            return
        self._take(response, self._of_stack, lambda item: item.urn)

    def analysis(self) -> Analysis:
        if self._problems:
            raise PreviewError(list(self._problems.values()))
        return Analysis(
            tuple(dict.fromkeys(self._diagnostics)),
            tuple(sorted(self._inapplicable)),
            tuple(self._rewrites),
            self._judged,
        )

    def _take(
        self,
        response: analyzer_pb2.AnalyzeResponse,
        policies: int,
        urn: Callable[[analyzer_pb2.AnalyzeDiagnostic], str],
    ) -> None:
        self._diagnostics += [diagnostic_of(item, urn(item)) for item in response.diagnostics]
        self._inapplicable |= {(item.policy_name, item.reason) for item in response.not_applicable}
        self._judged += policies - len(response.not_applicable)

    def _remediate(self, request: analyzer_pb2.AnalyzeRequest) -> None:
        """Let policies rewrite the inputs first: what is judged is what would be deployed."""
        for item in self._pack.remediate(request).remediations:
            if item.diagnostic:
                self._diagnostics.append(
                    Diagnostic(
                        item.policyName, request.urn, "advisory", item.diagnostic, undecided=True
                    )
                )
            elif item.HasField("properties"):
                changed = _changed(request.properties.fields, item.properties.fields)
                self._rewrites.append(Rewrite(item.policyName, request.urn, tuple(changed)))
                request.properties.CopyFrom(item.properties)
                earlier, _ = self._changes.get(request.urn, (set[str](), None))
                self._changes[request.urn] = ({*earlier, *changed}, item.properties)

    def _fail(self, error: PreviewError) -> None:
        for problem in error.problems:
            said = "" if problem.line else problem.message.partition(": ")[2]
            key = (problem.file, problem.line, said)
            self._problems.setdefault(key, problem)


_Fields = MutableMapping[str, struct_pb2.Value]


def _changed(before: _Fields, after: _Fields) -> list[str]:
    """The keys whose values differ. To look a key up that is not there would create it."""
    return [
        key
        for key in sorted({*before, *after})
        if (key in before) != (key in after) or before[key] != after[key]
    ]


def _replace(fields: _Fields, keys: Iterable[str], by: struct_pb2.Struct) -> None:
    for key in keys:
        if key in by.fields:
            fields[key].CopyFrom(by.fields[key])
        else:
            fields.pop(key, None)
