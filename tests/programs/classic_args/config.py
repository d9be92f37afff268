from pulumi import Config

config = Config()
environment = config.require("environment")
base_tags = {"environment": environment}
