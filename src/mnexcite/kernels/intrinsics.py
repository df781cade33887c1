"""Give numba the machine code of a kernel's text, by its documented extension points.

Numba keeps dispatch, threads and the disk cache; it never reads the text itself, whose types
it would take seconds to find.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic

from mnexcite.kernels.translator import Module, flat
from mnexcite.kernels.vector_code import Array, Value

#: Kinds of numbers that a kernel takes and gives.
KINDS = {types.float64: "real", types.int64: "whole"}
RESULTS = {"real": types.float64, "whole": types.int64, None: types.void}


def machine(text: str, name: str, answer: str | None) -> Any:
    """Return an intrinsic that is the text's function of that name; its answer is of a kind."""

    @intrinsic
    def function(typing: Any, *arguments: Any) -> Any:
        def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            given = [
                _given(context, builder, kind, value)
                for kind, value in zip(
                    arguments, cgutils.unpack_tuple(builder, args[0]), strict=True
                )
            ]
            made, _ = Module(text, builder.module).function(name, given)
            made.attributes.add("noinline")  # each of numba's wrappers would compile it again
            result = builder.call(made, flat(given))
            return result if answer else context.get_dummy_value()

        return RESULTS[answer](types.StarArgTuple(arguments)), code

    return function


def _given(context: Any, builder: Any, kind: Any, value: Any) -> Value | Array:
    if not isinstance(kind, types.Array):
        return Value(KINDS[kind], value)
    array = context.make_array(kind)(context, builder, value)
    sizes = tuple(cgutils.unpack_tuple(builder, array.shape, kind.ndim))
    return Array(KINDS[kind.dtype], array.data, sizes)
