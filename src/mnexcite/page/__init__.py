"""A page in which a cell, or a muscle, can be felt: one file."""

from mnexcite.page.describe import describe
from mnexcite.page.write import explore, page_of

__all__ = ["describe", "explore", "page_of"]
