"""What delivery needs around the engine: parity, gate, ledger, review, drift, canary.

Every part is `collect -> decide -> report`: what is collected are files and environments, what is
decided is pure and can be replayed, and what is reported goes to people and to CI.
"""
