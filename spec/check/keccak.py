"""Keccak-256, the tagged hash and the Merkle tree (HASH-5, HASH-8), written from spec/ alone, without a library."""

import struct


def keccak_constants():
    """Round constants and rotation offsets of Keccak-f[1600], from their generating rules (FIPS 202, 3.2)."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        constants.append(constant)
    offsets = {(0, 0): 0}
    x, y = 1, 0
    for t in range(24):
        offsets[x, y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return constants, offsets


ROUND_CONSTANTS, ROTATIONS = keccak_constants()
MASK = (1 << 64) - 1


def rotate(value, count):
    return ((value << count) | (value >> (64 - count))) & MASK


def keccak_f(lanes):
    """The permutation on a list of 25 lanes, lane (x, y) at x + 5 y."""
    for constant in ROUND_CONSTANTS:
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1) for x in range(5)]
        moved = [0] * 25
        for x in range(5):
            for y in range(5):
                moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(lanes[x + 5 * y] ^ mixed[x], ROTATIONS[x, y])
        for y in range(0, 25, 5):
            row = moved[y : y + 5]
            for x in range(5):
                lanes[y + x] = row[x] ^ (~row[(x + 1) % 5] & MASK & row[(x + 2) % 5])
        lanes[0] ^= constant
    return lanes


def keccak256(data):
    """Keccak-256 with the original padding 0x01."""
    rate = 136
    padding = bytearray(rate - len(data) % rate)
    padding[0] ^= 0x01
    padding[-1] ^= 0x80
    data = bytes(data) + bytes(padding)
    lanes = [0] * 25
    for at in range(0, len(data), rate):
        for i, lane in enumerate(struct.unpack_from("<17Q", data, at)):
            lanes[i] ^= lane
        lanes = keccak_f(lanes)
    return struct.pack("<4Q", *lanes[:4])


def tagged_hash(tag, data):
    return keccak256(keccak256(bytes([tag]) + data))


def tree(nodes, join):
    """Joins neighbours level by level; an odd node is carried up."""
    while len(nodes) > 1:
        pairs = [join(nodes[i], nodes[i + 1]) for i in range(0, len(nodes) - 1, 2)]
        nodes = pairs + nodes[2 * len(pairs) :]
    return nodes[0]
