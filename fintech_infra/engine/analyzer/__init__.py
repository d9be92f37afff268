"""Policy packs: CrossGuard packs in Python, booted and asked as Pulumi's engine does.

`description` reads a pack's folder, `process` runs it, `session` speaks the analyzer protocol with
it, `analysis` collects what it reports, `messages` makes an `Environment` what the engine would
send, `policies` and `schema` say what the pack's policies are and how they are configured.

What is known of the engine here was read in its source (pulumi/pulumi, `analyzer_plugin.go`,
`step_generator.go` and `analyzer/config.go`).
"""
