"""Which data source is answered by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.calls import kubernetes, lookups, places, standard
from fintech_infra.engine.simulation.calls.arguments import checked
from fintech_infra.engine.simulation.calls.call import Call
from fintech_infra.engine.simulation.calls.policy_document import policy_document
from fintech_infra.engine.simulation.calls.simulated import simulated
from fintech_infra.environment import UNKNOWN, UnknownValueError

COMPUTED: Final[Mapping[str, Callable[[Call], dict[str, Any]]]] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
    **places.CALLS,
    **lookups.CALLS,
    **standard.CALLS,
    **kubernetes.CALLS,
}


def answer(call: Call, answered: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a call; what the user answered goes over what is computed.

    Raises:
        CallError: the arguments are wrong.
    """
    call = checked(call)
    compute = COMPUTED.get(call.token, simulated)
    try:
        result = compute(call)
    except UnknownValueError:
        shape = call.schemas.function(call.token)
        result = dict.fromkeys(shape.fields if shape else (), UNKNOWN)
    return {**result, **answered}
