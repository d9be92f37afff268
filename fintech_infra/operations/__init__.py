"""What delivery and operations need around the engine.

Before a change: parity, gate, ledger, review. Once it runs: drift with its tripwires, healing,
canary, traffic, right-sizing, diagnosis.

Every part is `collect -> decide -> report`: what is collected are files, environments, and what AWS
tells (`aws`, `metrics`); what is decided is pure and can be replayed; what is reported goes to
people and to CI. Only healing changes anything, and measures against a spike, within its rails.
"""
