"""The analyzer protocol, answered from the controls.

A request is read once, and a resource is held to the controls of its type only, where the policy
SDK reads it again for every policy there is; see docs/adr/0007. What the answers say is what the
SDK's would.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerServicer
from pulumi.runtime.proto.plugin_pb2 import PluginInfo
from pulumi_policy.version import VERSION

from fintech_infra.controls.crossguard.info import Pack, analyzer_info
from fintech_infra.controls.crossguard.reading import Reader
from fintech_infra.controls.crossguard.remediation import Remediator
from fintech_infra.controls.crossguard.rules import Rule, Rules, SettingsError, in_force
from fintech_infra.controls.crossguard.said import diagnostics, inapplicable
from fintech_infra.controls.crossguard.waiving import Places, WaiverError, Waivers, places
from fintech_infra.controls.evaluate import Evaluation, evaluate, is_production
from fintech_infra.environment import Environment

_ORGANIZATION: Final = "organization"
"""What Pulumi calls the organization where there is none."""


class Analyzer(AnalyzerServicer):
    """Answers the engine about one deployment. The engine asks from several threads.

    A request that cannot be answered ends with an error, which stops the deployment; the engine
    takes a method that is not implemented for one that has nothing to say, so all of them are.
    """

    def __init__(self, pack: Pack, where: Places | None = None, today: date | None = None) -> None:
        """Serve a pack, with the waivers found in `where` that hold `today`.

        Both are those of the process where not given; days are those of UTC.

        Raises:
            TypeError: a control has a parameter that a configuration cannot give.
            ValueError: two controls have one id.
        """
        self._pack = pack
        self._info = analyzer_info(pack)
        self._rules = in_force(pack.controls, wire.ConfigureAnalyzerRequest())
        self._reader = Reader()
        self._organization = os.environ.get("PULUMI_ORGANIZATION", "") or _ORGANIZATION
        self._waivers = Waivers(
            where or places(os.environ, Path.cwd()),
            frozenset(control.id for control in pack.controls),
            today or datetime.now(UTC).date(),
        )
        self._cancelled = threading.Event()

    def Handshake(self, request: Any, context: Any) -> wire.AnalyzerHandshakeResponse:  # noqa: ARG002
        """Take notice of the engine: the pack has nothing to ask it."""
        return wire.AnalyzerHandshakeResponse()

    def GetAnalyzerInfo(self, request: Any, context: Any) -> wire.AnalyzerInfo:  # noqa: ARG002
        """Say what the pack and its policies are."""
        return self._info

    def GetPluginInfo(self, request: Any, context: Any) -> PluginInfo:  # noqa: ARG002
        """Say which version of the policy SDK the answers are those of."""
        return PluginInfo(version=VERSION)

    def ConfigureStack(
        self, request: wire.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> wire.AnalyzerStackConfigureResponse:
        """Take the names of the stack, and refuse waivers that are wrong at once."""
        self._organization = request.organization or self._organization
        with _refusing(context):
            self._waivers.read(request.project)
        return wire.AnalyzerStackConfigureResponse()

    def Configure(
        self, request: wire.ConfigureAnalyzerRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Take the levels and settings of the policies, in place of those before."""
        with _refusing(context):
            self._rules = in_force(self._pack.controls, request)
        return Empty()

    def Analyze(
        self, request: wire.AnalyzeRequest, context: grpc.ServicerContext
    ) -> wire.AnalyzeResponse:
        """Judge a resource by its inputs."""
        self._go_on(context)
        environment = self._reader.alone(request, self._organization)
        with _refusing(context):
            self._waivers.notice(environment)
            rules = self._rules
            judging = rules.of_type(request.type)
            evaluation = self._evaluate(judging, rules, environment)
            evaluation = self._waive(evaluation, environment)
        return self._answer(judging, rules.elsewhere, evaluation, environment)

    def AnalyzeStack(
        self, request: wire.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> wire.AnalyzeResponse:
        """Judge what takes more than one resource, and the waivers.

        Where there are waivers, what was judged for each resource is judged again, to tell which
        of them are of use; it is not reported again.
        """
        self._go_on(context)
        environment = self._reader.together(request, self._organization)
        if not environment.resources:
            return wire.AnalyzeResponse()
        with _refusing(context):
            self._waivers.notice(environment)
            rules = self._rules
            also = rules.resource if self._waivers.any(environment) else ()
            evaluation = self._evaluate((*rules.stack, *also), rules, environment)
            self._go_on(context)
            evaluation = self._waivers.apply(evaluation, environment, rules.parameters)
        return self._answer(rules.stack, rules.stack, evaluation, environment)

    def Remediate(
        self, request: wire.AnalyzeRequest, context: grpc.ServicerContext
    ) -> wire.RemediateResponse:
        """Say what the policies that are set to remediate change of a resource's inputs."""
        self._go_on(context)
        rules = self._rules.remediating
        if not rules:
            return wire.RemediateResponse()
        environment = self._reader.alone(request, self._organization)
        with _refusing(context):
            return Remediator(self._pack, environment, request.properties, self._waive).mend(rules)

    def Cancel(self, request: Any, context: Any) -> Empty:  # noqa: ARG002
        """Answer nothing from now on: what is not judged must not look as if it had passed."""
        self._cancelled.set()
        return Empty()

    def _waive(self, evaluation: Evaluation, environment: Environment) -> Evaluation:
        return self._waivers.waive(evaluation, environment, self._reader.parents)

    def _evaluate(
        self, judging: Sequence[Rule], rules: Rules, environment: Environment
    ) -> Evaluation:
        controls = tuple(rule.control for rule in judging)
        return evaluate(environment, controls, rules.parameters)

    def _answer(
        self,
        judging: Sequence[Rule],
        asked: Sequence[Rule],
        evaluation: Evaluation,
        environment: Environment,
    ) -> wire.AnalyzeResponse:
        """Answer what rules found, and which of those that were asked do not apply."""
        elsewhere = () if is_production(environment.stack) else asked
        return wire.AnalyzeResponse(
            diagnostics=diagnostics(self._pack, judging, evaluation),
            not_applicable=[inapplicable(rule) for rule in elsewhere if rule.for_production],
        )

    def _go_on(self, context: grpc.ServicerContext) -> None:
        if self._cancelled.is_set():
            context.abort(grpc.StatusCode.CANCELLED, "the analysis was cancelled by the engine")


@contextmanager
def _refusing(context: grpc.ServicerContext) -> Generator[None]:
    """Answer a configuration or waivers that are wrong with what is wrong, without a trace."""
    try:
        yield
    except (SettingsError, WaiverError) as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
