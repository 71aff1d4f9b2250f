#!/usr/bin/env python3
"""Independent computation of the examples of spec/ledger.md, written from spec/ alone: prints `name: hex`, one a line.

It shares no code with the project and needs only Python 3.9. Rule ids (LED-4, BLK-17, ...) refer to the chapters beside this folder.

    python3 spec/check/ledger.py
"""

from keccak import keccak256, tagged_hash, tree

TAG_TX_ID, TAG_SIGHASH, TAG_LOCK_LEAF, TAG_LOCK_NODE, TAG_POLICY_TERMS = 0x02, 0x0A, 0x0B, 0x0C, 0x0D
TAG_HEARTBEAT, TAG_ANNOUNCE = 0x12, 0x13
TAG_SIGHASH_INPUTS, TAG_SIGHASH_OUTPUTS, TAG_SIGHASH_ACTIONS = 0x16, 0x17, 0x18
ALL, SINGLE = 1, 2
NO_LOCK = 0x80000000


def uint(size, value):
    """HASH-1."""
    return value.to_bytes(size, "little")


def fill(byte, size=32):
    return bytes([byte]) * size


def listed(items):
    """A list of fewer than 253 items (HASH-3, HASH-4)."""
    return uint(1, len(items)) + b"".join(items)


def varbytes(data):
    return (uint(1, len(data)) if len(data) < 0xFD else b"\xfd" + uint(2, len(data))) + data


# ------------------------------------------------------------------------------------------------- locks (LED-1, LED-2, BLK-15)

K = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
LEAVES = [
    b"\x01" + b"\x01" + K,
    b"\x02" + b"\x05" + uint(4, 144) + b"\x01" + fill(1),
    b"\x05" + b"\x02\x02" + listed([fill(2), fill(3), fill(4)]) + b"\x03" + fill(5) + b"\x04" + uint(4, 840000) + b"\x06\x07",
]
HASHES = [tagged_hash(TAG_LOCK_LEAF, leaf) for leaf in LEAVES]


def node(left, right):
    return tagged_hash(TAG_LOCK_NODE, left + right)


LOCK_0 = tree(HASHES[:1], node)[:24]
LOCK = tree(HASHES, node)[:24]

# ------------------------------------------------------------------------------------------------------ policies (LED-12, BLK-17)


def policy_id(kind, blocks, terms):
    return uint(1, kind) + uint(3, blocks) + tagged_hash(TAG_POLICY_TERMS, terms)[:20]


TERMS_H = uint(3, 10000) + uint(3, 1000) + K
TERMS_S = uint(3, 1000) + K + b"\x02" + listed([fill(2), fill(3), fill(4)])
TERMS_E = uint(3, 200000) + K
H, S, E = policy_id(1, 11000, TERMS_H), policy_id(2, 1000, TERMS_S), policy_id(3, 200000, TERMS_E)

# -------------------------------------------------------------------------------------------------- transactions (BLK-8, LED-4, LED-5)

GENESIS = fill(0xA0)


def output(amount, lock, policy):
    return uint(8, amount) + lock + policy


def spend(txid, index, sequence, spent):
    """The input as the transaction has it, and what a signature covers of it."""
    own = txid + uint(4, index) + uint(4, sequence)
    return own, own + spent


INPUT_0 = spend(fill(0xB1), 0, 144, output(500000000000, LOCK, H))
INPUT_1 = spend(fill(0xB2), 1, NO_LOCK, output(7, keccak256(keccak256(K))[:20] + bytes(4), policy_id(4, 500000, b"")))
OUTPUT_0 = output(499999990000, LOCK_0, S)
OUTPUT_1 = output(7, LOCK_0, E)
HEARTBEAT = b"\x01" + TERMS_H
ANNOUNCEMENT = TERMS_S + LOCK_0 + E
ACTIONS = [b"\x01" + varbytes(HEARTBEAT), b"\x02" + varbytes(ANNOUNCEMENT)]


class Transaction:
    def __init__(self, inputs, outputs, actions, lock_time):
        self.inputs, self.outputs, self.actions, self.lock_time = inputs, outputs, actions, uint(4, lock_time)

    def txid(self):
        """BLK-11."""
        lists = listed([own for own, _ in self.inputs]) + listed(self.outputs) + listed(self.actions)
        return tagged_hash(TAG_TX_ID, uint(4, 1) + lists + self.lock_time)

    def all(self):
        return (
            tagged_hash(TAG_SIGHASH_INPUTS, b"".join(covered for _, covered in self.inputs))
            + tagged_hash(TAG_SIGHASH_OUTPUTS, b"".join(self.outputs))
            + tagged_hash(TAG_SIGHASH_ACTIONS, b"".join(self.actions))
        )

    def sighash(self, index, flag, leaf_hash):
        rest = self.all() if flag == ALL else tagged_hash(TAG_SIGHASH_OUTPUTS, self.outputs[index])
        start = GENESIS + uint(4, 1) + self.lock_time + uint(1, flag)
        return tagged_hash(TAG_SIGHASH, start + self.inputs[index][1] + leaf_hash + rest)

    def action(self, index, tag):
        return tagged_hash(tag, GENESIS + uint(4, 1) + self.lock_time + uint(4, index) + self.all())


T1 = Transaction([INPUT_0], [OUTPUT_0], [], NO_LOCK)
T2 = Transaction([INPUT_0, INPUT_1], [OUTPUT_0, OUTPUT_1], ACTIONS, 840000)

EXAMPLES = {
    "leaf 0": LEAVES[0],
    "leaf 1": LEAVES[1],
    "leaf 2": LEAVES[2],
    "hash of leaf 1": HASHES[1],
    "lock of leaf 0": LOCK_0,
    "lock of all three": LOCK,
    "witness by leaf 1": varbytes(LEAVES[1]) + b"\x01\x03" + HASHES[0] + HASHES[2] + b"\x01" + fill(0x5A, 64),
    "witness of a Base58 output": K + b"\x02" + fill(0x5A, 64),
    "terms H": TERMS_H,
    "terms S": TERMS_S,
    "terms E": TERMS_E,
    "policy H": H,
    "policy S": S,
    "policy E": E,
    "data of the heartbeat": HEARTBEAT,
    "data of the announcement": ANNOUNCEMENT,
    "txid of T1": T1.txid(),
    "T1 input 0 ALL": T1.sighash(0, ALL, HASHES[1]),
    "T1 input 0 SINGLE": T1.sighash(0, SINGLE, HASHES[1]),
    "txid of T2": T2.txid(),
    "T2 input 0 ALL": T2.sighash(0, ALL, HASHES[1]),
    "T2 input 0 SINGLE": T2.sighash(0, SINGLE, HASHES[1]),
    "T2 input 1 ALL": T2.sighash(1, ALL, bytes(32)),
    "T2 input 1 SINGLE": T2.sighash(1, SINGLE, bytes(32)),
    "T2 heartbeat": T2.action(0, TAG_HEARTBEAT),
    "T2 announcement": T2.action(1, TAG_ANNOUNCE),
}

if __name__ == "__main__":
    for name, value in EXAMPLES.items():
        print(f"{name}: {value.hex()}")
