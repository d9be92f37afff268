"""Judges from outside: what components resolve, handed to AWS's API models and to moto.

A component's own tests compare what it declares with what it means to declare. Here the declared
inputs of every example, and of the platform that is composed of all components, are turned into
the calls that create them (`calls`, `rows`). AWS's own models of its APIs, which botocore carries,
judge every call: required parameters and types, and beyond what botocore itself checks enums,
lengths, ranges and patterns (`constraints`). moto, where it implements the operation, judges it
again (what it refers to must exist) and keeps the result, which the tests read back through boto3.
Names that only documents carry are held against AWS's models and managed policies (`test_names`).

What this does not prove:

- That AWS accepts it. moto checks less than AWS does, evaluates no condition of a policy, and
  ignores parameters that it does not know; the models of EC2, SNS and SQS demand little.
- What the provider does. The turning of its inputs into calls is written here anew, from the
  documents, and a mistake in it can hide one of a component.
- Anything of the types in `rows.UNCOVERED`; and of those that are only checked, more than that
  each call is well-formed by itself. `test_acceptance` says which these are.
- Anything of variants of a component that no example and not the platform uses.
- That names of events and actions are right beyond that they exist.
"""
