"""Settings and course of a training run."""
