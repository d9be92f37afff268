"""Functions of the `std` package that are pure and simple; the others are simulated."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any, Final

from fintech_infra.engine.simulation.calls.call import Call, CallError
from fintech_infra.environment import UNKNOWN, walk

Function = Callable[[Mapping[str, Any]], Any]


def _hash(name: str) -> Function:
    return lambda args: hashlib.new(name, args["input"].encode()).hexdigest()


def _subnet(args: Mapping[str, Any]) -> str:
    network = ip_network(args["input"])
    prefix = network.prefixlen + int(args["newbits"])
    size = 2 ** (network.max_prefixlen - prefix)
    start = network.network_address + int(args["netnum"]) * size
    return str(ip_network((start, prefix)))


_FUNCTIONS: Final[Mapping[str, Function]] = {
    "base64decode": lambda args: base64.b64decode(args["input"]).decode(),
    "base64encode": lambda args: base64.b64encode(args["input"].encode()).decode(),
    "basename": lambda args: args["input"].rpartition("/")[2],
    "cidrsubnet": _subnet,
    "join": lambda args: args["separator"].join(args["input"]),
    "jsondecode": lambda args: json.loads(args["input"]),
    "jsonencode": lambda args: json.dumps(args["input"], separators=(",", ":"), sort_keys=True),
    "lower": lambda args: args["input"].lower(),
    "md5": _hash("md5"),
    "replace": lambda args: args["text"].replace(args["search"], args["replace"]),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "split": lambda args: args["text"].split(args["separator"]),
    "trimspace": lambda args: args["input"].strip(),
    "upper": lambda args: args["input"].upper(),
}


def _answering(name: str, function: Function) -> Callable[[Call], dict[str, Any]]:
    def answer(call: Call) -> dict[str, Any]:
        if any(leaf is UNKNOWN for _, leaf in walk(dict(call.args))):
            return {"result": UNKNOWN}
        try:
            return {"result": function(call.args)}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CallError(f"std.{name} refuses its arguments: {error}") from error

    return answer


CALLS: Final[Mapping[str, Callable[[Call], dict[str, Any]]]] = {
    f"std:index:{name}": _answering(name, function) for name, function in _FUNCTIONS.items()
}
