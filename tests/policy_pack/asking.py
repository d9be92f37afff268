"""An analyzer asked as the engine asks it, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.engine.analyzer.messages import analyze_requests, analyze_stack_request
from fintech_infra.engine.analyzer.policies import (
    configuration,
    configured,
    policies_of,
    read_choices,
)
from fintech_infra.environment import Environment


class Refused(Exception):  # noqa: N818 - it is what the engine sees
    """An analyzer's error, as gRPC sends it."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class _Context:
    """A call's context: all that analyzers use of one."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise Refused(code, details)


CONTEXT: Final[Any] = _Context()


@dataclass
class Answers:
    """What an analyzer said: diagnostics and policies that do not apply, in no order."""

    diagnostics: list[analyzer_pb2.AnalyzeDiagnostic] = field(default_factory=list[Any])
    inapplicable: list[tuple[str, str]] = field(default_factory=list[Any])

    def add(self, response: analyzer_pb2.AnalyzeResponse, urn: str = "") -> None:
        """Take a response; the engine takes what is about one resource as about that."""
        for item in response.diagnostics:
            item.urn = urn or item.urn
            self.diagnostics.append(item)
        self.inapplicable += ((item.policy_name, item.reason) for item in response.not_applicable)

    def sorted(self) -> tuple[list[bytes], list[tuple[str, str]]]:
        """All of it, for comparison."""
        said = sorted(item.SerializeToString(deterministic=True) for item in self.diagnostics)
        return said, sorted(self.inapplicable)

    def short(self) -> list[tuple[str, str, str]]:
        """The diagnostics as `(policy, name of the resource, level)`, sorted."""
        return sorted(
            (
                item.policyName,
                item.urn.rpartition("::")[2],
                analyzer_pb2.EnforcementLevel.Name(item.enforcementLevel).lower(),
            )
            for item in self.diagnostics
        )


def configure(analyzer: Any, **given: str | Mapping[str, Any]) -> None:
    """Configure policies on top of their defaults, as the engine does it."""
    choices, problems = read_choices({key.replace("_", "-"): item for key, item in given.items()})
    assert problems == []
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty(), CONTEXT)
    request = configuration(configured(policies_of(info), choices))
    analyzer.Configure(request, CONTEXT)


def ask(analyzer: Any, environment: Environment) -> Answers:
    """Ask about every resource, then about the stack."""
    answers = Answers()
    for request in analyze_requests(environment):
        answers.add(analyzer.Analyze(request, CONTEXT), request.urn)
    answers.add(ask_stack(analyzer, environment))
    return answers


def ask_stack(analyzer: Any, environment: Environment) -> analyzer_pb2.AnalyzeResponse:
    """Ask about the stack alone."""
    return analyzer.AnalyzeStack(analyze_stack_request(environment), CONTEXT)


def named(diagnostics: Iterable[analyzer_pb2.AnalyzeDiagnostic], policy: str) -> list[str]:
    """The messages of one policy, without its description."""
    return [
        item.message.removeprefix(item.description).strip()
        for item in diagnostics
        if item.policyName == policy
    ]
