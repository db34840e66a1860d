"""Checks Mach-O files with a reader that is not ours: LIEF's layout check, and every page hash of every
signature computed again (Apple's cs_blobs.h: SuperBlob, CodeDirectory). Prints one line for each slice:

    FILE CPU IDENTIFIER MINIMUM-OS
"""

import hashlib
import struct
import sys

import lief

SUPER_BLOB, CODE_DIRECTORY = 0xFADE0CC0, 0xFADE0C02


def check_hashes(data, name):
    """Computes the page hashes of one thin file again; returns its identifier."""
    count, at, signature = struct.unpack_from("<I", data, 16)[0], 32, None
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command == 0x1D:  # LC_CODE_SIGNATURE
            signature = struct.unpack_from("<II", data, at + 8)
        at += size
    assert signature, f"{name}: no LC_CODE_SIGNATURE"
    blob = data[signature[0] : sum(signature)]
    magic, _, slots = struct.unpack_from(">III", blob)
    assert magic == SUPER_BLOB, f"{name}: {magic:x} is no SuperBlob"
    for slot in range(slots):
        _, offset = struct.unpack_from(">II", blob, 12 + 8 * slot)
        magic, length = struct.unpack_from(">II", blob, offset)
        if magic != CODE_DIRECTORY:
            continue
        directory = blob[offset : offset + length]
        (_, flags, hashes, identifier, _, pages, limit, hash_size, _, _, page_bits) = struct.unpack_from(
            ">IIIIIIIBBBB", directory, 8
        )
        assert flags & 2, f"{name}: not an ad-hoc signature: flags {flags:x}"
        assert limit == signature[0], f"{name}: the signature covers {limit} bytes of {signature[0]}"
        page = 1 << page_bits
        assert pages == -(-limit // page), f"{name}: {pages} hashes for {limit} bytes"
        for index in range(pages):
            found = hashlib.sha256(data[index * page : min((index + 1) * page, limit)]).digest()
            said = directory[hashes + index * hash_size : hashes + (index + 1) * hash_size]
            assert found == said, f"{name}: page {index} has another hash"
        return directory[identifier : directory.index(b"\0", identifier)].decode()
    raise AssertionError(f"{name}: no CodeDirectory")


def slices(data):
    """The thin files of a file."""
    if data[:4] != b"\xca\xfe\xba\xbe":
        return [data]
    count = struct.unpack_from(">I", data, 4)[0]
    places = (struct.unpack_from(">IIIII", data, 8 + 20 * index) for index in range(count))
    return [data[offset : offset + size] for _, _, offset, size, _ in places]


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        parts = slices(file.read())
    whole = lief.MachO.parse(path)  # its parts live no longer than it does
    binaries = list(whole)
    assert len(binaries) == len(parts), f"{path}: LIEF sees {len(binaries)} slices, the header says {len(parts)}"
    for binary, part in zip(binaries, parts):
        good, why = lief.MachO.check_layout(binary)
        assert good, f"{path}: {why}"
        identifier = check_hashes(part, path)
        minimum = ".".join(str(number) for number in binary.build_version.minos[:2]) if binary.build_version else (
            ".".join(str(number) for number in binary.version_min.version[:2]))
        print(path, str(binary.header.cpu_type).split(".")[-1], identifier, minimum)
