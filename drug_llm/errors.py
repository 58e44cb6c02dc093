"""Every error that Drug-LLM raises on purpose.

    DrugLLMError
    ├── ConfigError      a setting is unknown, of the wrong type or impossible
    ├── DatasetError     an instruction file or one of its lines cannot be used
    ├── LabelError       a drug label or monograph cannot be read or stored
    ├── ModelError       a base model or checkpoint is missing, damaged or unreachable
    ├── RunError         a training run cannot start, resume or finish
    └── StorageError     a file or folder cannot be read or written

A message says what was found (value, file, line), what was expected and what to do.
The command line prints it on one line and leaves with exit code 2.
"""

from __future__ import annotations


class DrugLLMError(Exception):
    """Base of every error that a user can mend; its text is the whole message."""


class ConfigError(DrugLLMError):
    """A setting is unknown, of the wrong type or impossible."""


class DatasetError(DrugLLMError):
    """An instruction file or one of its lines cannot be used."""


class LabelError(DrugLLMError):
    """A drug label or monograph cannot be read or stored."""


class ModelError(DrugLLMError):
    """A base model or checkpoint is missing, damaged or unreachable."""


class RunError(DrugLLMError):
    """A training run cannot start, resume or finish."""


class StorageError(DrugLLMError):
    """A file or folder cannot be read or written."""
