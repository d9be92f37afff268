import pulumi
import pulumi_aws as aws
import pulumi_command as command
import pulumi_random as random
import pulumi_tls as tls
from pulumi_command import local

pet = random.RandomPet("pet", length=2, separator="-")
suffix = random.RandomId("suffix", byte_length=4)
password = random.RandomPassword("password", length=24, special=True, override_special="_%@")
order = random.RandomShuffle("order", inputs=["a", "b", "c"], result_count=2)
number = random.RandomInteger("number", min=1, max=10)
token = random.RandomUuid("token")

key = tls.PrivateKey("key", algorithm="RSA", rsa_bits=4096)
certificate = tls.SelfSignedCert(
    "certificate",
    private_key_pem=key.private_key_pem,
    allowed_uses=["server_auth"],
    validity_period_hours=24,
    subject=tls.SelfSignedCertSubjectArgs(common_name="example.com"),
)
pair = aws.ec2.KeyPair("pair", public_key=key.public_key_openssh)

built = local.Command(
    "build",
    create="make dist",
    environment={"NAME": pet.id, "SECRET": password.result},
    triggers=[suffix.hex],
)
remote = command.remote.Command(
    "restart",
    connection=command.remote.ConnectionArgs(
        host="203.0.113.7", user="deploy", private_key=key.private_key_openssh
    ),
    create=built.stdout.apply(lambda out: f"systemctl restart app # {len(out)}"),
)

bucket = aws.s3.Bucket("artifacts", bucket=pulumi.Output.concat("artifacts-", suffix.hex))
secret = aws.secretsmanager.Secret("password")
version = aws.secretsmanager.SecretVersion(
    "password", secret_id=secret.id, secret_string=password.result
)

pulumi.export("pet", pet.id)
pulumi.export("bucket", bucket.bucket)
pulumi.export("order", order.results)
pulumi.export("number", number.result)
pulumi.export("password", password.result)
