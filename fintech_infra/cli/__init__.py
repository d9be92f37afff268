"""The `fintech-infra` command: parse, call, print."""
