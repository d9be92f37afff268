"""DeployIdentity: what a GitHub pipeline is in an AWS account, without a key to steal."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions
from pulumi_aws import iam

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._identity.boundary import (
    PATH,
    boundary_arn,
    propagation,
    statements,
)
from fintech_infra.components._identity.checks import identity_problems
from fintech_infra.components._identity.roles import (
    Footing,
    RolePlan,
    make_role,
    read_only,
    state_access,
)
from fintech_infra.components._identity.subjects import (
    ISSUER,
    Jobs,
    Repository,
    audience,
    of_environment,
    of_previews,
)
from fintech_infra.components._identity.tripwire import report_assumption
from fintech_infra.components._policy import (
    MANAGED_POLICY_LIMIT,
    ROLE_POLICY_LIMIT,
    Account,
    document,
)
from fintech_infra.components._site import Site

_SATISFIED: Final = {
    "iam-role-permissions-boundary": "permissionsBoundary",
    "iam-role-session-bounded": "maxSessionDuration",
    "iam-role-trust-not-public": "assumeRolePolicy",
    "iam-role-trust-oidc-scoped": "assumeRolePolicy",
}
"""Which property of the deploy role satisfies which control."""


class DeployIdentityArgs(TypedDict):
    """What a DeployIdentity needs to know: which repository, and what its pipeline may do."""

    owner: str
    """GitHub user or organization that owns the repository, without `@`, as in `acme`."""
    owner_id: int
    """Its number: `id` of `gh api users/OWNER`. Unlike the name it is never given to another."""
    repository: str
    """Name of the repository, without the owner. Changing it, after a rename on GitHub, updates
    whom the roles trust."""
    repository_id: int
    """Its number: `id` of `gh api repos/OWNER/NAME`."""
    environment: str
    """The GitHub environment whose jobs may deploy, exactly as it is spelt there. Its protection
    rules (reviewers, branches) are the gate: a job gets its token only after they let it pass."""
    deploy_policy: NotRequired[Input[str]]
    """JSON policy document of what the deploy role may do, of up to 10,240 characters, without
    `Principal`. Required unless `deploy_policy_arns` has some. What the boundary denies stays
    denied."""
    deploy_policy_arns: NotRequired[dict[str, Input[str]]]
    """ARNs of up to ten managed policies for the deploy role, by a short name that becomes part of
    the name of the attachment. Default: none."""
    branches: NotRequired[list[str]]
    """Branches whose pushes may preview, too. A workflow on `pull_request_target` counts as its
    base branch, so it must not run the code of a pull request. Default: only pull requests."""
    workflow_ref: NotRequired[str]
    """The reusable workflow that a job must be running to deploy, with its branch, tag or commit,
    such as `acme/delivery/.github/workflows/deploy.yml@refs/heads/main` (GitHub's claim
    `job_workflow_ref`). Whoever can edit the workflows of the repository then still cannot deploy
    by another one. Default: any workflow that the environment lets pass."""
    legacy_sub: NotRequired[bool]
    """Whether the repository is older than 2026-07-15 and has not opted in to ids in its subject:
    then the subject without ids is accepted as well, together with the id of the repository, which
    STS compares in the commercial regions. Default: false."""
    provider_arn: NotRequired[Input[str]]
    """ARN of the account's provider for `token.actions.githubusercontent.com`, of which there can
    be one; its audiences must hold that of STS. Default: one is made, and kept when the stack is
    destroyed."""
    boundary_arn: NotRequired[Input[str]]
    """ARN of an existing permissions boundary, such as that of another DeployIdentity. The deploy
    role then gets a policy of its own that keeps and passes on this boundary; everything else is
    as that boundary says. Default: one is made."""
    protected_role_arns: NotRequired[list[str]]
    """ARNs of roles, with `*` where many are meant, that neither the pipeline nor any role it makes
    may assume, pass on or change: break-glass roles and other roles with more rights that trust
    the whole account. Only for a boundary that is made here. Default: those of AWS Organizations,
    Control Tower and Identity Center, and every role of a DeployIdentity."""
    allowed_regions: NotRequired[list[str]]
    """Regions that the pipeline, and every role it makes, can work in. Only for a boundary that is
    made here. Default: that of `region`; certificates and web ACLs for CloudFront also need
    `us-east-1`."""
    state_bucket_arn: NotRequired[Input[str]]
    """ARN of the bucket that holds the state of Pulumi, which previews read and deployments write.
    Default: the state is elsewhere, as in Pulumi Cloud."""
    state_key_arn: NotRequired[Input[str]]
    """ARN of the key that encrypts this bucket or the secrets in the state. Default: none."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears whenever the deploy role is assumed in the region, or refused
    to somebody. Needs a trail that records management events, and a topic whose policy lets
    `events.amazonaws.com` publish. Default: CloudTrail still records it, but nobody is told."""
    region: NotRequired[Input[str]]
    """Region of the tripwire, and the default of `allowed_regions`; identities have no region.
    Default: the provider's."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class DeployIdentity(Component):
    """The two roles of a GitHub pipeline: one that previews and one that deploys.

    Both trust jobs of one repository, by exact subjects that contain its ids, and nobody else; a
    wildcard is refused. Sessions end after an hour. The preview role reads how resources are
    configured and changes nothing. The deploy role needs a GitHub environment and does what its
    policy says, within a permissions boundary that it can neither edit nor leave, and that every
    role it makes must have as well. The boundary denies long-lived credentials, other regions, the
    blinding of trails and detectors, the deletion of logs, backups and keys, and any change of this
    identity. Policies attached to the roles by hand are removed by the next update.

    It makes the provider and the boundary unless they are given, the roles with their policies and
    attachments, and, with `alarm_topic_arn`, a rule and target that report every use of the deploy
    role.

    Deploy it, and the trail and baseline of the account, as somebody else: the pipeline cannot
    change what limits it. The name of the boundary is fixed, because it stands in its own
    document: two components of one name do not fit into one account.

    Deliberately absent: users, access keys, wildcard subjects, sessions above an hour, and sessions
    below it, which only the caller can ask for (`role-duration-seconds`).
    """

    preview_role_arn: Output[str]
    """ARN of the role for previews."""
    deploy_role_arn: Output[str]
    """ARN of the role for deployments."""
    boundary_arn: Output[str]
    """ARN of the permissions boundary; every role that the pipeline makes needs it."""
    provider_arn: Output[str]
    """ARN of the identity provider."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: DeployIdentityArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the identity.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed. What is an output is checked when it is known, and then raises ValueError.
        """
        super().__init__(name, args, opts)
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        account = account_of(self, site.region)
        footing = Footing(
            account=account,
            provider_arn=Output.from_input(_provider_arn(site, args, account)),
            boundary_arn=Output.from_input(_boundary_arn(site, args, account)),
        )
        preview = make_role(site, _preview(site, args, footing), footing)
        deploy = make_role(site, _deploy(site, args, footing), footing)
        if "alarm_topic_arn" in args:
            report_assumption(site, deploy, args["alarm_topic_arn"])

        self.publish(
            preview_role_arn=preview.arn,
            deploy_role_arn=deploy.arn,
            boundary_arn=footing.boundary_arn,
            provider_arn=footing.provider_arn,
            evidence=evidence({control: (deploy, path) for control, path in _SATISFIED.items()}),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note names that GitHub or IAM do not have, wildcards, and policies that do not fit."""
        for path, reason in identity_problems(problems.name, args):
            problems.add(path, reason)


def _provider_arn(site: Site, args: DeployIdentityArgs, account: Output[Account]) -> Input[str]:
    if "provider_arn" in args:
        return args["provider_arn"]
    name = site.named("github")
    return iam.OpenIdConnectProvider(
        name,
        url=f"https://{ISSUER}",
        client_id_lists=[account.apply(audience)],
        tags=site.tagged(name),
        # Other pipelines of the account may trust it by now.
        opts=site.child(retain_on_delete=True),
    ).arn


def _boundary_arn(site: Site, args: DeployIdentityArgs, account: Output[Account]) -> Input[str]:
    if "boundary_arn" in args:
        return args["boundary_arn"]
    name = site.named("boundary")

    def compile_policy(found: Account) -> str:
        regions = sorted(set(args.get("allowed_regions", [found.region])))
        own = boundary_arn(found, name)
        compiled = statements(found, own, regions, args.get("protected_role_arns", []))
        return document(compiled, MANAGED_POLICY_LIMIT)

    return iam.Policy(
        name,
        name=name,
        path=PATH,
        description=f"What the pipeline of {site.name} and its roles can never do",
        policy=account.apply(compile_policy),
        tags=site.tagged(name),
        # Roles of other stacks have it, and lose their limits with it.
        opts=site.child(protect=True),
    ).arn


def _preview(site: Site, args: DeployIdentityArgs, footing: Footing) -> RolePlan:
    return RolePlan(
        role="preview",
        description=f"Previews of {site.name}: reads how resources are configured",
        jobs=_jobs(args, of_previews(args.get("branches", []))),
        inline=_state(args, writes=False),
        attached=read_only(footing.account),
    )


def _deploy(site: Site, args: DeployIdentityArgs, footing: Footing) -> RolePlan:
    inline: dict[str, Input[str]] = dict(_state(args, writes=True))
    if "deploy_policy" in args:
        inline["policy"] = args["deploy_policy"]
    if "boundary_arn" in args:
        inline["boundary"] = Output.all(footing.account, footing.boundary_arn).apply(
            lambda both: document(propagation(both[0], both[1], []), ROLE_POLICY_LIMIT)
        )
    return RolePlan(
        role="deploy",
        description=f"Deployments of {site.name} from environment {args['environment']}",
        jobs=_jobs(args, of_environment(args["environment"]), args.get("workflow_ref", "")),
        inline=inline,
        attached=args.get("deploy_policy_arns", {}),
    )


def _jobs(args: DeployIdentityArgs, contexts: list[str], workflow: str = "") -> Jobs:
    repository = Repository(
        owner=args["owner"],
        owner_id=int(args["owner_id"]),
        name=args["repository"],
        id=int(args["repository_id"]),
    )
    return Jobs(repository, contexts, workflow, named_too=args.get("legacy_sub", False))


def _state(args: DeployIdentityArgs, *, writes: bool) -> dict[str, Output[str]]:
    """The policy for the state of Pulumi, where a bucket holds it."""
    if "state_bucket_arn" not in args:
        return {}
    resolved = Output.all(args["state_bucket_arn"], args.get("state_key_arn", ""))
    return {
        "state": resolved.apply(
            lambda both: document(state_access(both[0], both[1], writes=writes), ROLE_POLICY_LIMIT)
        )
    }
