"""The payment platform of one environment, from the ground up. Reading it is reading the plan."""

import pulumi

from keys import make_keys
from ledger import make_ledger
from network import make_network
from records import make_records
from settings import read_settings

settings = read_settings(pulumi.Config(), pulumi.get_stack())
keys = make_keys(settings)
records = make_records(settings, keys)
network = make_network(settings, records)
ledger = make_ledger(settings, keys, network)

pulumi.export("vpcId", network.vpc_id)
pulumi.export("networkScope", network.scope)
pulumi.export("ledgerEndpoint", ledger.writer_endpoint)
pulumi.export("ledgerSecretArn", ledger.master_secret_arn)
pulumi.export("statementsBucket", records.statements.name)
pulumi.export("paymentRecordsBucket", records.payments.name)
