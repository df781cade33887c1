"""Let `python -m mnexcite` be the command line."""

from mnexcite.cli import main

if __name__ == "__main__":
    main()
