"""Front door of the specification: `python train.py [--config FILE] [key=value ...]`."""

import sys

from drug_llm.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]], program="train.py"))
