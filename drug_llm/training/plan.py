"""Which examples each update learns from, and at what learning rate: a pure function of settings and step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from drug_llm.training.config import TrainConfig


@dataclass(frozen=True)
class TrainingPlan:
    """The whole course of a run, known before it starts; resuming needs nothing but the step."""

    config: TrainConfig
    train_examples: int
    """Examples in the training file."""

    @property
    def updates_per_epoch(self) -> int:
        """Updates in one pass; the last one of a pass may learn from fewer examples."""
        return math.ceil(self.train_examples / self.config.examples_per_update)

    @property
    def updates(self) -> int:
        """Updates of the whole run."""
        wanted = max(1, math.ceil(self.updates_per_epoch * self.config.epochs))
        return min(wanted, self.config.max_steps or wanted)

    def examples(self, step: int) -> list[int]:
        """Return the indices of the examples of update `step`, counted from 0.

        Each pass is a new shuffle, drawn from the seed and the number of the pass alone.
        """
        epoch, position = divmod(step, self.updates_per_epoch)
        shuffle = torch.Generator().manual_seed(self.config.seed * 1_000_003 + epoch)
        order = torch.randperm(self.train_examples, generator=shuffle).tolist()
        size = self.config.examples_per_update
        return order[position * size : (position + 1) * size]

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of update `step`, counted from 0."""
        warmup = math.ceil(self.config.warmup_ratio * self.updates)
        if step < warmup:
            return self.config.learning_rate * (step + 1) / warmup
        done = (step - warmup) / max(1, self.updates - warmup)
        shapes = {"linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2, "constant": 1.0}
        return self.config.learning_rate * shapes[self.config.lr_schedule]

    def dropout_seed(self, step: int) -> int:
        """Return the seed of the random numbers of one update, so that none need be saved."""
        return (self.config.seed * 1_000_003 + 7919 * (step + 1)) % 2**63
