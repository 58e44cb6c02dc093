"""Drug-LLM: fine-tune a small language model on medication information.

The public names below are imported when they are first used, so `import drug_llm` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drug_llm.errors import DrugLLMError as DrugLLMError
    from drug_llm.evaluation.perplexity import compare as compare
    from drug_llm.generation.transformers_generator import TunedModel as TunedModel
    from drug_llm.generation.transformers_generator import load_tuned_model as load_tuned_model
    from drug_llm.instructions.example import Example as Example
    from drug_llm.instructions.jsonl import load_examples as load_examples
    from drug_llm.instructions.jsonl import read_examples as read_examples
    from drug_llm.instructions.jsonl import write_examples as write_examples
    from drug_llm.labels.label import Label as Label
    from drug_llm.training.config import TrainConfig as TrainConfig
    from drug_llm.training.trainer import train as train

__version__ = "0.1.0"

_PLACES = {
    "DrugLLMError": "errors",
    "Example": "instructions.example",
    "Label": "labels.label",
    "TrainConfig": "training.config",
    "TunedModel": "generation.transformers_generator",
    "compare": "evaluation.perplexity",
    "load_examples": "instructions.jsonl",
    "load_tuned_model": "generation.transformers_generator",
    "read_examples": "instructions.jsonl",
    "train": "training.trainer",
    "write_examples": "instructions.jsonl",
}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'drug_llm' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(importlib.import_module(f"drug_llm.{_PLACES[name]}"), name)
