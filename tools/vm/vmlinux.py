#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Takes the kernel proper out of a bzImage. QEMU boots it directly (PVH), which saves an
emulated machine the unpacking: half of its boot time.

usage: vmlinux.py VMLINUZ VMLINUX"""

import gzip
import lzma
import struct
import subprocess
import sys


def payload(image):
    """The compressed kernel inside a bzImage, see Documentation/x86/boot.rst."""
    setup_sectors, = struct.unpack_from("<B", image, 0x1F1)
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = ((setup_sectors or 4) + 1) * 512 + offset
    return image[start:start + length]


def unpacked(data):
    """The ELF file; behind the compressed stream stands its length, which is no part of it."""
    if data.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-qdc"], input=data[:-4], check=True,
                              stdout=subprocess.PIPE).stdout
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data[:-4])
    raise SystemExit(f"vmlinux.py: unknown compression {data[:6].hex()}")


def main(source, target):
    with open(source, "rb") as file:
        kernel = unpacked(payload(file.read()))
    if not kernel.startswith(b"\x7fELF"):
        raise SystemExit(f"vmlinux.py: no kernel in {source}")
    with open(target, "wb") as file:
        file.write(kernel)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    main(*sys.argv[1:])
