"""Deploys what a program declares into moto's cloud, without what would take most of the time."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from moto import mock_aws
from moto.iam import models as iam
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.kms import models as kms
from moto.kms.utils import generate_private_key

from fintech_infra.environment import Environment
from tests.outside.cloud import Cloud
from tests.outside.rows import ROWS
from tests.outside.surroundings import ALONG, prepare


@contextmanager
def deployed(declared: Environment) -> Generator[Cloud]:
    """moto's cloud with everything that an environment declares."""
    made = Cloud(ROWS, ALONG)
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        # Nobody asks for the private halves of the keys, and to make them takes most of the time.
        patch.setattr(kms, "generate_private_key", _private_key)
        patch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        patch.setattr(iam, "aws_managed_policies_data", _attached(declared))
        prepare(made, declared)
        made.create(declared)
        yield made


@cache
def _private_key(spec: str) -> Any:
    return generate_private_key(spec)


def _attached(declared: Environment) -> str:
    """Those of AWS's managed policies that the program attaches: to read all takes seconds."""
    attached = {
        resource.value("policyArn").rpartition("/")[2]
        for resource in declared.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    }
    if not attached:
        return "{}"
    every = json.loads(aws_managed_policies_data)
    return json.dumps({name: item for name, item in every.items() if name in attached})
