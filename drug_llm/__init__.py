"""Drug-LLM: fine-tune a small language model on medication information."""

__version__ = "0.1.0"
