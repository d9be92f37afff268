import json
import mimetypes
import os

import pulumi
import pulumi_aws as aws

stack_config = pulumi.Config("static-site")
target_domain = stack_config.require("domain")
path_to_contents = stack_config.require("path")


def get_domain_and_subdomain(domain):
    """www.example.com -> ("www", "example.com.")."""
    names = domain.split(".")
    if len(names) < 3:
        return ("", domain)
    return (names[0], ".".join(names[1:]) + ".")


def crawl_directory(content_dir, f):
    for file in sorted(os.listdir(content_dir)):
        filepath = os.path.join(content_dir, file)
        if os.path.isdir(filepath):
            crawl_directory(filepath, f)
        else:
            f(filepath)


content_bucket = aws.s3.Bucket("contentBucket", bucket=target_domain)
block = aws.s3.BucketPublicAccessBlock(
    "contentBlock",
    bucket=content_bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)

web_contents_root_path = os.path.join(os.getcwd(), path_to_contents)


def bucket_object_converter(filepath):
    relative_path = filepath.replace(web_contents_root_path + "/", "")
    mime_type, _ = mimetypes.guess_type(filepath)
    aws.s3.BucketObjectv2(
        relative_path,
        bucket=content_bucket.id,
        key=relative_path,
        content_type=mime_type,
        source=pulumi.FileAsset(filepath),
        opts=pulumi.ResourceOptions(parent=content_bucket),
    )


crawl_directory(web_contents_root_path, bucket_object_converter)

# The certificate of a distribution has to live in us-east-1.
east_region = aws.Provider("east", profile=aws.config.profile, region="us-east-1")
certificate = aws.acm.Certificate(
    "certificate",
    domain_name=target_domain,
    subject_alternative_names=["static.example.com"],
    validation_method="DNS",
    opts=pulumi.ResourceOptions(provider=east_region),
)

subdomain, parent_domain = get_domain_and_subdomain(target_domain)
hosted_zone_id = aws.route53.get_zone(name=parent_domain).zone_id


def validation_records(options):
    records = []
    for index, option in enumerate(options):
        records.append(
            aws.route53.Record(
                f"validation-{index}",
                name=option.resource_record_name,
                zone_id=hosted_zone_id,
                type=option.resource_record_type,
                records=[option.resource_record_value],
                ttl=600,
            )
        )
    return [record.fqdn for record in records]


cert_validation = aws.acm.CertificateValidation(
    "certificateValidation",
    certificate_arn=certificate.arn,
    validation_record_fqdns=certificate.domain_validation_options.apply(validation_records),
    opts=pulumi.ResourceOptions(provider=east_region),
)

access = aws.cloudfront.OriginAccessControl(
    "access",
    origin_access_control_origin_type="s3",
    signing_behavior="always",
    signing_protocol="sigv4",
)
legacy_identity = aws.cloudfront.OriginAccessIdentity("legacy", comment="old clients")

cdn = aws.cloudfront.Distribution(
    "cdn",
    enabled=True,
    aliases=[target_domain],
    origins=[
        {
            "origin_id": content_bucket.arn,
            "domain_name": content_bucket.bucket_regional_domain_name,
            "origin_access_control_id": access.id,
        }
    ],
    default_root_object="index.html",
    default_cache_behavior={
        "target_origin_id": content_bucket.arn,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD", "OPTIONS"],
        "cached_methods": ["GET", "HEAD", "OPTIONS"],
        "forwarded_values": {"query_string": False, "cookies": {"forward": "none"}},
        "min_ttl": 0,
        "default_ttl": 600,
        "max_ttl": 600,
    },
    price_class="PriceClass_100",
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={
        "acm_certificate_arn": cert_validation.certificate_arn,
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": "TLSv1.2_2021",
    },
)

bucket_policy = aws.s3.BucketPolicy(
    "contentPolicy",
    bucket=content_bucket.id,
    policy=pulumi.Output.all(content_bucket.arn, cdn.arn, legacy_identity.iam_arn).apply(
        lambda args: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudfront.amazonaws.com"},
                        "Action": "s3:GetObject",
                        "Resource": f"{args[0]}/*",
                        "Condition": {"StringEquals": {"AWS:SourceArn": args[1]}},
                    },
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": args[2]},
                        "Action": "s3:GetObject",
                        "Resource": f"{args[0]}/*",
                    },
                ],
            }
        )
    ),
)

record = aws.route53.Record(
    target_domain,
    name=subdomain,
    zone_id=hosted_zone_id,
    type="A",
    aliases=[
        aws.route53.RecordAliasArgs(
            name=cdn.domain_name, zone_id=cdn.hosted_zone_id, evaluate_target_health=True
        )
    ],
)

pulumi.export("content_bucket_url", pulumi.Output.concat("s3://", content_bucket.bucket))
pulumi.export("cloudfront_domain", cdn.domain_name)
pulumi.export("target_domain_endpoint", f"https://{target_domain}/")
