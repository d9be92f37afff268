/** A payment service with its network, ledger and statements, all of whose alarms reach one topic. */

import * as pulumi from "@pulumi/pulumi";
import * as fintech from "@pulumi/fintech_infra";

const zones = ["eu-west-1a", "eu-west-1b"];
const registry = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

const alarms = new fintech.AlarmTopic("alarms", {
    emails: { oncall: "oncall@example.com" },
});
const network = new fintech.HardenedVpc("network", { zones, alarmTopicArn: alarms.arn });
const ledger = new fintech.EncryptedDatabase("ledger", {
    vpcId: network.vpcId,
    zones,
    engineVersion: "17.5",
    dbSubnetGroupName: network.dbSubnetGroupName,
    clientSecurityGroupIds: { app: network.appSecurityGroupId },
    alarmTopicArn: alarms.arn,
});
const statements = new fintech.LockedDownBucket("statements", {
    dataClass: "pii",
    retention: { expireAfterDays: 400 },
    alarmTopicArn: alarms.arn,
});
const payments = new fintech.ImmutableService("payments", {
    vpcId: network.vpcId,
    subnetIds: network.appSubnetIds,
    securityGroupIds: [network.appSecurityGroupId],
    image: `${registry}/payments@${digest}`,
    certificateArn: "arn:aws:acm:eu-west-1:111122223333:certificate/1f0e3dad-9990-4345",
    hosts: ["pay.example.com"],
    environment: { LEDGER: ledger.writerEndpoint },
    taskPolicies: { statements: statements.readPolicy },
    destinations: { ledger: { port: 5432, securityGroupId: ledger.securityGroupId } },
    rollout: { strategy: "canary", percent: 5 },
    gate: { errorPercent: 0.5, p99Milliseconds: 400 },
    alarmTopicArn: alarms.arn,
});

export const url = pulumi.interpolate`https://${payments.dnsName}`;
export const statementsBucket = statements.name;
export const evidence = payments.evidence;
