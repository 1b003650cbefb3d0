"""Reader of ELF files for the Cortex-M4, and a counter of the instructions in their code.

Reference: Tool Interface Standard, Executable and Linking Format specification, version 1.2.
"""

import struct

from embedded.cortexm.program import Program, Segment, Symbol

__all__ = ["count_instructions", "read_program"]

LOADED, SYMBOL_TABLE = 1, 2  # PT_LOAD, SHT_SYMTAB of the ELF specification
UNTYPED, OBJECT, FUNCTION = 0, 1, 2  # STT_NOTYPE, STT_OBJECT, STT_FUNC


def read_program(elf: bytes, compiler: str, ram: int, stack: int) -> Program:
    """Segments and symbols of a 32-bit little-endian ELF file."""
    program_headers, section_headers = struct.unpack_from("<II", elf, 28)
    segment_count, _, section_count = struct.unpack_from("<HHH", elf, 44)
    segments = []
    for index in range(segment_count):
        kind, start, address, stored, length, size = struct.unpack_from("<6I", elf, program_headers + 32 * index)
        if kind == LOADED and size:
            segments.append(Segment(address, stored, elf[start : start + length], size))
    sections = [struct.unpack_from("<10I", elf, section_headers + 40 * index) for index in range(section_count)]
    symbols: list[Symbol] = []
    for section in sections:
        if section[1] == SYMBOL_TABLE:
            table, names = elf[section[4] : section[4] + section[5]], sections[section[6]][4]
            symbols = _symbols(table, elf, names)
    functions = sorted((each for each in symbols if each.is_function), key=lambda each: each.address)
    # Global names come last in a table of symbols, and so win here.
    by_name = {each.name: each for each in symbols}
    return Program(elf, compiler, ram, stack, tuple(segments), tuple(functions), by_name)


def _symbols(table: bytes, elf: bytes, names: int) -> list[Symbol]:
    found = []
    for name_at, value, size, info, _, section in struct.iter_unpack("<IIIBBH", table):
        kind = info & 15
        name = elf[names + name_at : elf.index(0, names + name_at)].decode()
        # A name with $ marks where code or data begins, for debuggers.
        if section and name and not name.startswith("$") and kind in (UNTYPED, OBJECT, FUNCTION):
            function = kind == FUNCTION
            found.append(Symbol(name, value & ~1 if function else value, size, function))
    return found


def count_instructions(code: bytes) -> int:
    """The number of instructions in a range of Thumb code.

    A halfword whose upper five bits are 11101, 11110 or 11111 begins one of 32 bits; any other is one of 16 bits
    (ARMv7-M Architecture Reference Manual, A5.1).
    """
    count = position = 0
    while position < len(code):
        position += 4 if code[position + 1] >= 0b11101_000 else 2
        count += 1
    return count
