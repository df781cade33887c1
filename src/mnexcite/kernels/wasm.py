"""Translate the text of kernels to WebAssembly, by LLVM's own back end for it.

LLVM emits an object: a module that is whole but for its section of exports, which a linker
would add. There is nothing to link, so that section is put in here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from llvmlite import binding, ir

from mnexcite.kernels.compiled import kept
from mnexcite.kernels.entries import add_entries
from mnexcite.kernels.vector_code import I32

TRIPLE = "wasm32-unknown-unknown"
_HEAD = b"\0asm\1\0\0\0"
#: Sections of a module by number, and in which order they stand.
_CUSTOM, _EXPORT = 0, 7
_ORDER = (1, 2, 3, 4, 5, 6, 13, 7, 8, 9, 12, 10, 11)
#: A function among what is exported, and among symbols.
_FUNCTION_KIND = _SYMBOL_FUNCTION = 0
#: A symbol that is defined elsewhere, and one that has a name of its own nevertheless.
_UNDEFINED, _EXPLICIT_NAME = 0x10, 0x40


def module(text: str, entries: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the module that exports the entry functions of a kernel's text.

    Parameters
    ----------
    text
        In the grammar of `translator`, on vectors of one lane: that is what one cell needs.
    entries
        Of each entry function the type of every argument, by name, as `compiled.load` takes
        them.

    Returns
    -------
    bytes
        A module that imports its memory (`env.__linear_memory`), the top of its stack
        (`env.__stack_pointer`) and functions of mathematics by their names in C. An entry
        takes for each array where it begins in bytes and its sizes, and numbers as they are;
        wholes are of 32 bits. It is the same for the same text and versions.
    """
    listed = repr([(name, *kinds.items()) for name, kinds in entries.items()])
    return kept("page", f"{text}{listed}", lambda: _module(text, entries))


def _module(text: str, entries: Mapping[str, Mapping[str, str]]) -> bytes:
    machine = _machine()
    made = ir.Module("kernel")
    made.triple, made.data_layout = TRIPLE, str(machine.target_data)
    add_entries(text, entries, made, whole=I32)
    parsed = binding.parse_assembly(str(made))
    parsed.verify()
    tuning = binding.create_pipeline_tuning_options(3)
    tuning.slp_vectorization = tuning.loop_vectorization = False  # no instructions for it
    builder = binding.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(parsed, builder)
    return _with_exports(machine.emit_object(parsed), list(entries))


@cache
def _machine() -> Any:
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    target = binding.Target.from_triple(TRIPLE)
    return target.create_target_machine(opt=3, features="+bulk-memory,+nontrapping-fptoint")


# the object ------------------------------------------------------------------------
def _with_exports(code: bytes, names: list[str]) -> bytes:
    """Return the object as a module: without what linkers read, with its exports."""
    sections = list(_sections(code))
    places = _functions(sections)
    exports = _vector(
        [_name(name) + bytes([_FUNCTION_KIND]) + _unsigned(places[name]) for name in names]
    )
    kept = [(kind, body) for kind, body in sections if kind != _CUSTOM]
    kept.append((_EXPORT, exports))
    kept.sort(key=lambda section: _ORDER.index(section[0]))
    return _HEAD + b"".join(bytes([k]) + _unsigned(len(body)) + body for k, body in kept)


def _sections(code: bytes) -> Iterator[tuple[int, bytes]]:
    if code[: len(_HEAD)] != _HEAD:
        raise ValueError("LLVM gave no WebAssembly")
    at = len(_HEAD)
    while at < len(code):
        size, start = _read(code, at + 1)
        yield code[at], code[start : start + size]
        at = start + size


def _functions(sections: list[tuple[int, bytes]]) -> dict[str, int]:
    """Return the number of each function that the object defines, from its symbols."""
    found: dict[str, int] = {}
    for kind, body in sections:
        if kind != _CUSTOM:
            continue
        name, at = _read_name(body, 0)
        if name != "linking":
            continue
        _, at = _read(body, at)  # version
        while at < len(body):
            part = body[at]
            size, at = _read(body, at + 1)
            if part == 8:  # table of symbols
                found |= _symbols(body[at : at + size])
            at += size
    return found


def _symbols(body: bytes) -> dict[str, int]:
    found: dict[str, int] = {}
    count, at = _read(body, 0)
    for _ in range(count):
        kind = body[at]
        flags, at = _read(body, at + 1)
        defined = not flags & _UNDEFINED
        if kind in (0, 2, 4, 5):  # function, global, event, table
            index, at = _read(body, at)
            if defined or flags & _EXPLICIT_NAME:
                name, at = _read_name(body, at)
                if kind == _SYMBOL_FUNCTION and defined:
                    found[name] = index
        elif kind == 1:  # data
            _, at = _read_name(body, at)
            if defined:
                for _ in range(3):
                    _, at = _read(body, at)
        else:  # a section
            _, at = _read(body, at)
    return found


def _read(code: bytes, at: int) -> tuple[int, int]:
    """Return an unsigned number in LEB128 and where the next begins."""
    value = shift = 0
    while True:
        byte = code[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def _read_name(code: bytes, at: int) -> tuple[str, int]:
    size, at = _read(code, at)
    return code[at : at + size].decode(), at + size


def _unsigned(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def _name(name: str) -> bytes:
    return _unsigned(len(name.encode())) + name.encode()


def _vector(items: list[bytes]) -> bytes:
    return _unsigned(len(items)) + b"".join(items)
