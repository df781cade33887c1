"""The command line: `mnexcite`, thin over the other rooms.

Nothing heavy is imported before a command runs, so that help is instant.
"""

from mnexcite.cli import stopping

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    stopping.end_at_once()
    try:
        from mnexcite.cli.app import app

        app(prog_name="mnexcite")
    finally:
        stopping.ignore_from_now_on()
