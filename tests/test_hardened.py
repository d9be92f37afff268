"""Every component is clean under every control, with no options given and with every variant."""

from __future__ import annotations

from pathlib import Path

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.engine import preview

PROGRAMS = {
    "a key": "EncryptionKey('k', {})",
    "a key with users": """EncryptionKey('k', {
        'administrators': ['arn:aws:iam::123456789012:role/security'],
        'users': [{'principal': 'arn:aws:iam::123456789012:role/app', 'operations': ['decrypt']}],
        'services': ['s3', 'logs', 'rds'],
        'alarm_topic_arn': 'arn:aws:sns:eu-west-1:123456789012:page'})""",
    "a bucket": "LockedDownBucket('b', {})",
    "a bucket for personal data": """LockedDownBucket('b', {
        'data_class': 'pii', 'retention': {'expire_after_days': 400}})""",
    "a landing bucket": """LockedDownBucket('b', {
        'purpose': 'landing', 'receives': ['s3-access-logs', 'cloudtrail', 'vended-logs']})""",
    "an archive": "LockedDownBucket('b', {'purpose': 'archive', 'retention': {'lock_days': 2555}})",
    "a network": "HardenedVpc('n', {'zones': ['eu-west-1a', 'eu-west-1b']})",
    "an open network": """HardenedVpc('n', {
        'zones': ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'], 'egress': 'zonal-nat',
        'public_access': 'https', 'flow_log_bucket_arn': 'arn:aws:s3:::logs'})""",
    "a database": """EncryptedDatabase('ledger', {
        'vpc_id': 'vpc-1', 'zones': ['eu-west-1a', 'eu-west-1b'], 'engine_version': '17.4',
        'db_subnet_group_name': 'data'})""",
    "a provisioned database in a network": """
n = HardenedVpc('n', {'zones': ['eu-west-1a', 'eu-west-1b']})
EncryptedDatabase('ledger', {
        'vpc_id': n.vpc_id, 'zones': ['eu-west-1a', 'eu-west-1b'], 'engine_version': '17',
        'subnet_ids': n.data_subnet_ids, 'instance_class': 'db.r8g.large',
        'client_security_group_ids': {'api': n.app_security_group_id},
        'alarm_topic_arn': 'arn:aws:sns:eu-west-1:123456789012:page'})""",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_component_is_clean_under_every_control(tmp_path: Path, program: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: proof\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / "__main__.py").write_text(
        "from fintech_infra import (EncryptedDatabase, EncryptionKey, HardenedVpc,\n"
        f"                           LockedDownBucket)\n{PROGRAMS[program]}\n"
    )
    found = evaluate(preview(tmp_path, "prod").environment, CONTROLS).findings
    assert [
        (item.control.id, item.verdict, item.resource.name, item.message) for item in found
    ] == []
