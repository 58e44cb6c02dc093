"""Whether label text supports a sentence: a deterministic check, claim by claim, with no model in it."""

from drug_llm.claims.checking import is_supported, problems
from drug_llm.claims.problem import Problem

__all__ = ["Problem", "is_supported", "problems"]
