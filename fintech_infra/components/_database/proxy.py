"""Makes the proxy of a database, which pools connections and knows no password.

Clients sign in to it with IAM, and it signs in to the cluster with IAM as the same database role
(end-to-end IAM authentication), so that no secret with a password is needed (PCI DSS 4.0.1 8.6.2).
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output
from pulumi_aws import ec2, iam, rds

from fintech_infra.components._account import account_of
from fintech_infra.components._database.cluster import MASTER_USERNAME, Database
from fintech_infra.components._database.design import CLIENT, FEWEST_ZONES, identifier_of
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import ROLE_POLICY_LIMIT, Account, document, permit
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

_LONGEST_NAME: Final = 63
"""Characters of a proxy's name.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html"""

_MOST_USERS: Final = 50
"""Fits into the inline policies of a role, whatever the users are called."""

_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
_IDLE_SECONDS: Final = 1800
_BORROW_SECONDS: Final = 30
_MOST_CONNECTIONS: Final = 90
"""Percent of the cluster's connections; the rest is left to administrators and replication."""
_MOST_IDLE: Final = 45


class DatabaseProxyArgs(TypedDict):
    """A proxy in front of a database: it pools connections, and hides a failover from clients."""

    subnet_ids: Input[list[str]]
    """Ids of isolated subnets in at least two zones, such as a HardenedVpc's `data_subnet_ids`.
    Changing them replaces the proxy."""
    users: list[str]
    """Database roles that may come through the proxy, 1 to 50, never the administrator. Each needs
    `GRANT rds_iam TO role` once, and its clients `rds-db:connect` for it on `proxy_resource_id`."""
    client_security_group_ids: NotRequired[dict[str, Input[str]]]
    """Ids of the security groups that may connect to the proxy, keyed by a short name of the
    client, which names the rule. Default: nobody may connect."""


def make_proxy(
    site: Site,
    args: Mapping[str, Any],
    database: Database,
    access: ec2.SecurityGroup,
    key_arn: Input[str],
) -> rds.Proxy:
    """Make the proxy, its role, its log group and its connection to the cluster."""
    name = site.named("proxy")
    role, permission = _make_role(site, args["proxy"]["users"], database)
    physical = proxy_name_of(site.name, args)
    days = int(args.get("log_retention_days", DEFAULT_DAYS))
    logs = make_log_group(
        site, "proxy", key_arn=key_arn, days=days, name=f"/aws/rds/proxy/{physical}"
    )
    proxy = rds.Proxy(
        name,
        name=physical,
        engine_family="POSTGRESQL",
        role_arn=role.arn,
        vpc_subnet_ids=args["proxy"]["subnet_ids"],
        vpc_security_group_ids=[access.id],
        default_auth_scheme="IAM_AUTH",
        require_tls=True,
        # It would write the text of statements, card numbers included.
        debug_logging=False,
        idle_client_timeout=_IDLE_SECONDS,
        endpoint_network_type="IPV4",
        target_connection_network_type="IPV4",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(depends_on=[logs, permission]),
    )
    _connect(site, name, proxy, database)
    return proxy


def _connect(site: Site, name: str, proxy: rds.Proxy, database: Database) -> None:
    group = rds.ProxyDefaultTargetGroup(
        name,
        db_proxy_name=proxy.name,
        connection_pool_config=rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
            connection_borrow_timeout=_BORROW_SECONDS,
            max_connections_percent=_MOST_CONNECTIONS,
            max_idle_connections_percent=_MOST_IDLE,
        ),
        region=site.region,
        opts=site.child(),
    )
    rds.ProxyTarget(
        name,
        db_proxy_name=proxy.name,
        target_group_name=group.name,
        db_cluster_identifier=database.cluster.cluster_identifier,
        region=site.region,
        opts=site.child(depends_on=database.instances),
    )


def _make_role(
    site: Site, users: Sequence[str], database: Database
) -> tuple[iam.Role, iam.RolePolicy]:
    account = account_of(site.component, site.region)
    role = make_service_role(site, "proxy", "rds.amazonaws.com", account, None)
    permission = iam.RolePolicy(
        site.named("proxy"),
        role=role.name,
        policy=Output.all(account, database.cluster.cluster_resource_id).apply(
            lambda found: _permission(found[0], found[1], users)
        ),
        opts=site.child(),
    )
    return role, permission


def _permission(account: Account, cluster: str, users: Sequence[str]) -> str:
    on = [account.arn("rds-db", f"dbuser:{cluster}/{user}") for user in sorted(users)]
    statement = permit("SignInAsUsers", actions=["rds-db:connect"], on=on)
    return document([statement], ROLE_POLICY_LIMIT)


def proxy_name_of(name: str, args: Mapping[str, Any]) -> str:
    """Return the name of the proxy of a component of this name."""
    return f"{identifier_of(name, args)}-proxy"


def proxy_problems(name: str, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(path, what is wrong with it)` for the proxy of a database, where one is wanted."""
    if (given := args.get("proxy")) is None:
        return
    physical = proxy_name_of(name, args)
    if len(physical) > _LONGEST_NAME:
        yield (
            "cluster_identifier",
            (
                f"names the proxy {physical!r}, of {len(physical)} characters; accepted are "
                f"{_LONGEST_NAME}, so give a shorter identifier"
            ),
        )
    yield from _user_problems(given["users"])
    for client in given.get("client_security_group_ids", {}):
        if not CLIENT.fullmatch(client):
            yield (
                "proxy.client_security_group_ids",
                f"is {client!r}; accepted are names such as 'payments-api'",
            )
    subnets = given["subnet_ids"]
    if isinstance(subnets, list | tuple) and len(subnets) < FEWEST_ZONES:
        yield (
            "proxy.subnet_ids",
            f"{len(subnets)} subnets; accepted are those of at least {FEWEST_ZONES} zones",
        )


def _user_problems(users: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not 1 <= len(set(users)) <= _MOST_USERS:
        yield "proxy.users", f"{len(set(users))} given; accepted are 1 to {_MOST_USERS}"
    for index, user in enumerate(users):
        path = f"proxy.users[{index}]"
        if not _USER.fullmatch(user):
            yield path, f"is {user!r}; accepted are names of single roles, such as 'payments_api'"
        elif user == MASTER_USERNAME:
            yield path, f"is {user!r}, the administrator; make a role for the application"
        elif user in users[:index]:
            yield path, f"is {user!r}, which is repeated; name each role once"
