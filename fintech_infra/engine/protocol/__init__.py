"""The engine's side of Pulumi's protocol: what a program says and what it is told back."""
