"""Prints what a Mach-O file binds as it is loaded, as LIEF reads dyld's own instructions (not the symbol table): a line
`LIBRARY SYMBOL` for each, after LIEF has checked the layout of the file.
"""

import sys

import lief

whole = lief.MachO.parse(sys.argv[1])  # its parts live no longer than it does
binary = whole.at(0)
good, why = lief.MachO.check_layout(binary)
assert good, f"{sys.argv[1]}: {why}"
for binding in binary.bindings:
    if binding.has_symbol:
        print(binding.library.name if binding.has_library else "-", binding.symbol.name)
