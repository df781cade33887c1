"""Entry functions of a kernel, as what calls machine code sees them: places, sizes, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llvmlite import ir

from mnexcite.kernels.translator import Module, flat
from mnexcite.kernels.vector_code import F64, I64, Array, Value

#: Of the types that entries state: the kind of their numbers.
KINDS = {"f": "real", "i": "whole"}


def dimensions(kind: str) -> int:
    """Return the dimensions of an array's type, such as 2 of f8[:,::1], and 0 of a number's."""
    return kind.count(",") + 1 if "[" in kind else 0


def add_entries(
    text: str,
    entries: Mapping[str, Mapping[str, str]],
    made: ir.Module,
    whole: Any = I64,
    of_numpy: bool = False,
) -> None:
    """Add a kernel's entry functions to a module, under their names.

    An entry takes for each array where it begins and its sizes, or, `of_numpy`, what follows
    the head of NumPy's object; and numbers as they are. Sizes and wholes are of type `whole`.
    """
    translated = Module(text, made)
    for name, kinds in entries.items():
        _add(made, translated, name, dict(kinds), whole, of_numpy)


def _add(
    made: Any,
    translated: Module,
    name: str,
    kinds: dict[str, str],
    whole: Any,
    of_numpy: bool,
) -> None:
    outside = {"void": ir.VoidType(), "i8": whole, "f8": F64}[kinds.pop("return", "void")]
    types: list[Any] = []
    for kind in kinds.values():
        if axes := dimensions(kind):
            of = F64 if kind[0] == "f" else I64
            own = [of.as_pointer(), *[whole] * axes]
            types += [I64.as_pointer()] if of_numpy else own
        else:
            types.append(F64 if kind[0] == "f" else whole)
    function = ir.Function(made, ir.FunctionType(outside, types), name)
    builder = ir.IRBuilder(function.append_basic_block("body"))
    parts = iter(function.args)
    given: list[Value | Array] = []
    for kind in kinds.values():
        element, part = KINDS[kind[0]], next(parts)
        if (axes := dimensions(kind)) and of_numpy:
            given.append(_of_object(builder, part, element, axes))
        elif axes:
            sizes = tuple(builder.sext(next(parts), I64) for _ in range(axes))
            given.append(Array(element, part, sizes))
        else:
            given.append(Value(element, part if kind[0] == "f" else builder.sext(part, I64)))
    inner, _ = translated.function(name, given)
    result = builder.call(inner, flat(given))
    if isinstance(outside, ir.VoidType):
        builder.ret_void()
    else:
        builder.ret(builder.trunc(result, outside) if outside is whole else result)


def _of_object(builder: Any, fields: Any, element: str, axes: int) -> Array:
    """Return the array of an object whose fields are given, by NumPy's binary interface."""

    def word(of: Any, place: int) -> Any:
        return builder.load(builder.gep(of, [I64(place)]))

    # data, number of dimensions, dimensions, strides: eight bytes each
    begin = builder.inttoptr(word(fields, 0), (F64 if element == "real" else I64).as_pointer())
    sizes = builder.inttoptr(word(fields, 2), I64.as_pointer())
    return Array(element, begin, tuple(word(sizes, axis) for axis in range(axes)))
