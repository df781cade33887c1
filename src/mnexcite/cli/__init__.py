"""The command line: `mnexcite`, thin over the other rooms.

Nothing heavy is imported before a command runs, so that help is instant.
"""

from mnexcite.cli.app import app, main

__all__ = ["app", "main"]
