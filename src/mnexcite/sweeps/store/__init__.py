"""The store of a sweep: a Zarr folder of blocks that survives anything."""

from mnexcite.sweeps.store.blocks import Blocks, chunk_shape
from mnexcite.sweeps.store.creating import create, create_or_resume, open_store
from mnexcite.sweeps.store.identity import compare
from mnexcite.sweeps.store.layout import FORMAT, Variable
from mnexcite.sweeps.store.origin import Origin
from mnexcite.sweeps.store.overview import PENDING, Summary, summary
from mnexcite.sweeps.store.reading import load, verify
from mnexcite.sweeps.store.store import DamagedBlock, Store

__all__ = [
    "FORMAT",
    "PENDING",
    "Blocks",
    "DamagedBlock",
    "Origin",
    "Store",
    "Summary",
    "Variable",
    "chunk_shape",
    "compare",
    "create",
    "create_or_resume",
    "load",
    "open_store",
    "summary",
    "verify",
]
