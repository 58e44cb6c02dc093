"""`python -m drug_llm`."""

import sys

from drug_llm.cli import main

if __name__ == "__main__":
    sys.exit(main())
