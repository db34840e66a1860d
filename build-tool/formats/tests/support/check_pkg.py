"""Recomputes everything that a macOS package says, without the code that wrote it.

check_pkg.py PACKAGE ROOT: ROOT is the payload as cpio unpacked it. Prints the number of paths.
"""

import gzip
import hashlib
import os
import re
import stat
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib


def read_xar(data):
    magic, size, version, packed, unpacked, checksum = struct.unpack(">4sHHQQI", data[:28])
    assert (magic, size, version, checksum) == (b"xar!", 28, 1, 1)
    table = data[28 : 28 + packed]
    heap = data[28 + packed :]
    assert heap[:20] == hashlib.sha1(table).digest(), "the table's checksum"
    table = zlib.decompress(table)
    assert len(table) == unpacked
    files, ids, end = {}, set(), 20

    def walk(element, above):
        nonlocal end
        for file in element.findall("file"):
            assert file.get("id") not in ids
            ids.add(file.get("id"))
            path = above + file.findtext("name")
            if file.findtext("type") == "directory":
                walk(file, path + "/")
                continue
            part = file.find("data")
            offset, length = int(part.findtext("offset")), int(part.findtext("length"))
            assert offset == end, "a gap before " + path
            end = offset + length
            stored = heap[offset : offset + length]
            assert part.findtext("archived-checksum") == hashlib.sha1(stored).hexdigest(), path
            style = part.find("encoding").get("style")
            content = zlib.decompress(stored) if style == "application/x-gzip" else stored
            assert part.findtext("extracted-checksum") == hashlib.sha1(content).hexdigest(), path
            assert int(part.findtext("size")) == len(content)
            files[path] = content

    walk(ElementTree.fromstring(table).find("toc"), "")
    assert end == len(heap), "bytes behind the end"
    return files


def read_bom(data):
    magic, version, blocks, index_at, index_size, names_at, names_size = struct.unpack(">8s6I", data[:32])
    assert (magic, version) == (b"BOMStore", 1)
    (count,) = struct.unpack_from(">I", data, index_at)
    places = [struct.unpack_from(">II", data, index_at + 4 + 8 * i) for i in range(count)]
    assert places[0] == (0, 0) and blocks == sum(1 for _, length in places if length)
    assert index_at + index_size == len(data) and names_at + names_size == index_at
    # Blocks lie one behind the other, none over another.
    end = 512
    for at, length in places[1:]:
        assert at == end
        end += length
    assert end == names_at

    def block(number):
        at, length = places[number]
        return data[at : at + length]

    names, at = {}, names_at + 4
    for _ in range(struct.unpack_from(">I", data, names_at)[0]):
        number, length = struct.unpack_from(">IB", data, at)
        names[data[at + 5 : at + 5 + length].decode()] = number
        at += 5 + length
    assert sorted(names) == ["BomInfo", "HLIndex", "Paths", "Size64", "VIndex"] and at == index_at

    def tree(number):
        magic, version, root, page_size, count = struct.unpack_from(">4s4I", block(number))
        assert (magic, version) == (b"tree", 1)
        level, leaves = [(root, None)], []
        while True:
            following = []
            for at, (number, last) in enumerate(level):
                page = block(number)
                leaf, pairs, after, before = struct.unpack_from(">HHII", page)
                assert len(page) == page_size
                assert after == (level[at + 1][0] if at + 1 < len(level) else 0)
                assert before == (level[at - 1][0] if at else 0)
                here = [struct.unpack_from(">II", page, 12 + 8 * i) for i in range(pairs)]
                assert last is None or here[-1][1] == last, "the last key of a page"
                (leaves if leaf else following).extend(here)
            if not following:
                break
            level = following
        assert len(leaves) == count
        return leaves

    assert tree(names["HLIndex"]) == [] and tree(names["Size64"]) == []
    assert tree(struct.unpack_from(">II", block(names["VIndex"]))[1]) == []
    nodes, keys = {}, []
    for value, key in tree(names["Paths"]):
        number, record = struct.unpack(">II", block(value))
        (parent,) = struct.unpack_from(">I", block(key))
        name = block(key)[4:]
        assert name.endswith(b"\0") and number not in nodes
        keys.append((parent, name))
        nodes[number] = (parent, name[:-1].decode(), block(record))
    assert keys == sorted(keys), "the tree's order"
    assert struct.unpack_from(">II", block(names["BomInfo"])) == (1, len(nodes) + 1)

    def path(number):
        parent, name, _ = nodes[number]
        return (path(parent) + "/" if parent else "") + name

    return {path(number): parse(record) for number, (_, _, record) in nodes.items()}


def parse(record):
    kind, one, flags, mode, uid, gid, mtime, size, one_more = struct.unpack_from(">BBHHIIIIB", record)
    assert (one, flags, one_more) == (1, 15, 1)
    assert kind == {0o04: 2, 0o10: 1, 0o12: 3}[mode >> 12]
    at, checksum, target = 23, None, None
    if kind != 2:
        (checksum,) = struct.unpack_from(">I", record, at)
        at += 4
    if kind == 3:
        (length,) = struct.unpack_from(">I", record, at)
        target = record[at + 4 : at + 3 + length].decode()
        at += 4 + length
    assert record[at:] == bytes(8)
    return mode, uid, gid, mtime, size, checksum, target


def cksum(path, text=None):
    said = subprocess.run(["cksum"] if path is None else ["cksum", path], input=text, capture_output=True, check=True)
    return int(said.stdout.split()[0])


def main(package, root):
    files = read_xar(open(package, "rb").read())
    component = next(path for path in files if path.endswith("/PackageInfo")).split("/")[0]
    bom = read_bom(files[component + "/Bom"])
    assert bom.pop(".")[0] == 0o040755
    there, large = set(), []
    total = 0
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            full = os.path.join(folder, name)
            path = "./" + os.path.relpath(full, root)
            mode, uid, gid, mtime, size, checksum, target = bom[path]
            info = os.lstat(full)
            there.add(path)
            assert mode & 0o7777 == info.st_mode & 0o7777 or stat.S_ISLNK(info.st_mode), path
            assert stat.S_IFMT(mode) == stat.S_IFMT(info.st_mode), path
            if stat.S_ISLNK(info.st_mode):
                assert target == os.readlink(full) and size == len(target.encode()), path
                assert checksum == cksum(None, target.encode()), path
                total += size
            elif stat.S_ISREG(info.st_mode):
                assert size == info.st_size and mtime == int(info.st_mtime), path
                large.append((full, checksum))
                total += size
    assert there == set(bom), there ^ set(bom)
    # One call of the real program for many files.
    for at in range(0, len(large), 500):
        part = large[at : at + 500]
        said = subprocess.run(["cksum", *(path for path, _ in part)], capture_output=True, check=True).stdout
        sums = [int(line.split()[0]) for line in said.splitlines()]
        assert sums == [checksum for _, checksum in part]
    info = ElementTree.fromstring(files[component + "/PackageInfo"])
    payload = info.find("payload")
    assert int(payload.get("numberOfFiles")) == len(bom) + 1
    assert int(payload.get("installKBytes")) == -(-total // 1024)
    distribution = ElementTree.fromstring(files["Distribution"])
    references = {reference.get("id") for reference in distribution.iter("pkg-ref")}
    assert references == {info.get("identifier")}
    assert any(reference.text == "#" + component for reference in distribution.iter("pkg-ref"))
    entries = re.findall(rb"070707\d{70}", gzip.decompress(files[component + "/Payload"]))
    assert len({entry[12:18] for entry in entries}) == len(entries), "inodes that are there twice"
    print(len(bom) + 1, "paths")


main(*sys.argv[1:])
