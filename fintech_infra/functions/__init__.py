"""Functions that components deploy: their judgement, pure, and the thin handlers around it."""
