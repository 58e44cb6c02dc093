"""Base models, adapters and the final checkpoint."""
