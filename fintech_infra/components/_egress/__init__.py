"""Parts of EgressFirewall."""
