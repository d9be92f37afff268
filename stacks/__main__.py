"""The payment platform of one environment, from the ground up. Reading it is reading the plan.

One account holds one environment. Somebody who may administer the account deploys it first, since
the pipeline cannot make or change what limits and watches the pipeline; from then on the pipeline
deploys every change but those to the foundation and to safety.
"""

import pulumi

from data import make_data
from foundation import make_foundation
from network import make_network
from safety import make_safety
from settings import read_settings
from workloads import make_workloads

settings = read_settings(pulumi.Config(), pulumi.get_stack())
foundation = make_foundation(settings)
network = make_network(settings, foundation)
data = make_data(settings, foundation, network)
workloads = make_workloads(settings, foundation, network, data)
safety = make_safety(settings, foundation, network, data, workloads)

pulumi.export("deployRoleArn", foundation.pipeline.deploy_role_arn)
pulumi.export("previewRoleArn", foundation.pipeline.preview_role_arn)
pulumi.export("networkScope", network.vpc.scope)
pulumi.export("apiDnsName", workloads.api.dns_name)
pulumi.export("apiRepositoryUrl", workloads.api_images.repository_url)
pulumi.export("simulationRepositoryUrl", workloads.simulation_images.repository_url)
pulumi.export("ledgerEndpoint", data.ledger.proxy_endpoint)
pulumi.export("paymentRecordsBucket", data.payments.name)
pulumi.export("dashboard", safety.observability.dashboard_name)
pulumi.export("killSwitch", safety.healing.kill_switch_name)
