"""Bytes for a page: each once, packed, as text."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Buffers:
    """Hold bytes and arrays for a page by what they are."""

    def __init__(self) -> None:
        self.json: dict[str, dict[str, Any]] = {}

    def add(self, raw: bytes | NDArray[Any]) -> str:
        """Keep bytes, or those of an array, and return by which name the page finds them."""
        wide = 1 if isinstance(raw, bytes) else raw.dtype.itemsize
        plain = raw if isinstance(raw, bytes) else np.ascontiguousarray(raw).tobytes()
        name = hashlib.sha256(plain).hexdigest()[:16]
        if name not in self.json:
            # the same byte of all numbers side by side packs far smaller
            turned = np.frombuffer(plain, np.uint8).reshape(-1, wide).T.tobytes()
            packed = base64.b64encode(zlib.compress(turned, 9)).decode()
            self.json[name] = {"bytes": packed, "wide": wide, "size": len(plain)}
        return name
