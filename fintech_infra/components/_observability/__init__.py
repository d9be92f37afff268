"""Parts of ServiceObservability."""
