"""Controls over where Lambda functions run, and whose code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.lambda_ import FUNCTION
from fintech_infra.environment import Resource

CODE_SIGNING_CONFIG: Final = "aws:lambda/codeSigningConfig:CodeSigningConfig"


@control(
    on=[FUNCTION],
    severity=Severity.MEDIUM,
    fix="Set vpcConfig with private subnets of two zones and a security group; HardenedVpc has "
    "such subnets.",
    source="PCI DSS 4.0.1 1.3.1; FSBP Lambda.3, Lambda.5",
    properties=["vpcConfig", "tags"],
)
def lambda_in_vpc(function: Resource, *, classes: tuple[str, ...] = ()) -> Iterator[Fault]:
    """Functions in a VPC stand in two zones, and functions with classified data are in a VPC.

    Elsewhere a function reaches the whole internet, and no security group or firewall stands
    between the data and whoever gets code into it. A function that only calls AWS gains nothing
    from a VPC, and its tag `data-class` may be that of the workload it serves: which classes ask
    for a VPC is for an organisation to say, in `classes`.
    """
    subnets = function.listed("vpcConfig.subnetIds")
    if len(subnets) == 1:
        yield Fault("vpcConfig.subnetIds", "the function stands in one zone only")
    elif not subnets and classes:
        label = function.value('tags["data-class"]')
        if label in classes:
            yield Fault("vpcConfig.subnetIds", f"{label} data is handled outside of any VPC")


@control(
    on=[FUNCTION, CODE_SIGNING_CONFIG],
    severity=Severity.MEDIUM,
    fix="Set codeSigningConfigArn, and untrustedArtifactOnDeployment of the configuration to "
    "Enforce.",
    source="NIST SP 800-53 CM-14, SI-7(15); AWS Lambda developer guide, Code signing",
    scope=Scope.PROD,
    properties=["codeSigningConfigArn", "packageType", "policies", "tags"],
)
def lambda_code_signed(resource: Resource, *, classes: tuple[str, ...] = ()) -> Iterator[Fault]:
    """Code signing refuses code that nobody signed, and functions with classified data use it.

    Whoever may update a function's code otherwise decides what runs with its role. A configuration
    that only warns, which is the default, lets unsigned code in. `classes` has the values of the
    tag `data-class` that ask for signed code; images are signed in another way.
    """
    if resource.type == CODE_SIGNING_CONFIG:
        path = "policies.untrustedArtifactOnDeployment"
        if resource.value(path) != "Enforce":
            yield Fault(path, "code that nobody signed is deployed with a warning")
        return
    if not classes or resource.is_set("codeSigningConfigArn"):
        return
    label = resource.value('tags["data-class"]')
    if label in classes and resource.value("packageType") != "Image":
        yield Fault("codeSigningConfigArn", f"anyone's code may handle {label} data")


CONTROLS: Final = (lambda_in_vpc, lambda_code_signed)
