"""Instruction data: questions with the answers that a model is to learn."""
