"""Files and folders that are whole or absent, whatever happens, and say so when damaged."""

from mnexcite.disk.conventions import labelled
from mnexcite.disk.explaining import explained
from mnexcite.disk.files import put, remove_stale, sync_folder, sync_tree, write
from mnexcite.disk.replacing import recover, replacing
from mnexcite.disk.sealing import checksum, damaged, seal, sealed

__all__ = [
    "checksum",
    "damaged",
    "explained",
    "labelled",
    "put",
    "recover",
    "remove_stale",
    "replacing",
    "seal",
    "sealed",
    "sync_folder",
    "sync_tree",
    "write",
]
