"""A page in which a cell can be felt: one file with the product's own kernel in it."""

from mnexcite.explore.describe import describe
from mnexcite.explore.write import explore, page_of

__all__ = ["describe", "explore", "page_of"]
