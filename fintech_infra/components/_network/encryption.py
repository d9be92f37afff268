"""Makes the control that watches or enforces encryption in transit inside a network."""

from pulumi_aws import ec2

from fintech_infra.components._network.design import (
    Design,
    Egress,
    EncryptionControl,
    default_routes,
)
from fintech_infra.components._network.routing import Network
from fintech_infra.components._site import Site

_LEFT_OUT = "enable"


def make_encryption_control(
    site: Site, network: Network, mode: EncryptionControl, design: Design
) -> None:
    """Make the control; where it enforces, only the declared gateways to the internet are left out.

    Beyond those, AWS cannot encrypt: traffic there is TLS, because nothing but port 443 passes.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html
    """
    enforced = mode is EncryptionControl.ENFORCE
    internet = enforced and bool(default_routes(design.access, design.egress))
    nat = enforced and design.egress is not Egress.NONE
    ec2.VpcEncryptionControl(
        site.named("encryption"),
        vpc_id=network.vpc.id,
        mode=mode.value,
        internet_gateway_exclusion=_LEFT_OUT if internet else None,
        nat_gateway_exclusion=_LEFT_OUT if nat else None,
        region=site.region,
        tags=site.tagged(site.named("encryption")),
        opts=site.child(),
    )
