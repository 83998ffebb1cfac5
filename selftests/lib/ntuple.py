# SPDX-License-Identifier: GPL-2.0
"""Ntuple rules of a device by the ethtool ioctl, and the reference: which rule a frame takes,
from the fields the frame was made of."""

import struct
from ipaddress import ip_address

from lib import ethtool

SRXCLSRLDEL, SRXCLSRLINS = 0x31, 0x32
GRXCLSRLCNT, GRXCLSRULE, GRXCLSRLALL = 0x2e, 0x2f, 0x30

DROP = (1 << 64) - 1
WAKE = DROP - 1
ANY, FIRST, LAST = 0xffffffff, 0xfffffffe, 0xfffffffd

KINDS = {"tcp4": 0x01, "udp4": 0x02, "sctp4": 0x03, "tcp6": 0x05, "udp6": 0x06, "sctp6": 0x07,
         "ip4": 0x0d, "ip6": 0x0e, "ether": 0x12}
PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}
FLOW_EXT, FLOW_MAC_EXT = 0x80000000, 0x40000000

# Per kind: its fields in the order of the specification, with their bytes; None: a gap
LAYOUT4 = (("src", 4), ("dst", 4), ("sport", 2), ("dport", 2), ("tos", 1))
LAYOUT6 = (("src", 16), ("dst", 16), ("sport", 2), ("dport", 2), ("tos", 1))
LAYOUT = {"ip4": (("src", 4), ("dst", 4), ("l4", 4), ("tos", 1), (None, 1), ("proto", 1)),
          "ip6": (("src", 16), ("dst", 16), ("l4", 4), ("tos", 1), ("proto", 1)),
          "ether": (("dmac", 6), ("smac", 6), ("ethertype", 2))}
EXT = ((None, 2), ("dmac", 6), ("vlan-type", 2), ("vlan", 2), (None, 8))


def layout(kind):
    """The fields of a kind of rules."""
    return LAYOUT.get(kind) or (LAYOUT4 if kind[-1] == "4" else LAYOUT6)


class Rule:
    """A rule. values and masks: {field: number}; a field without a mask has all its bits."""

    def __init__(self, kind, action, location=ANY, context=None, masks=None, **values):
        """action: a queue or what is added to the context's, or DROP. context: number of
        the RSS context, 0 the device's own; None: action is a queue. Fields of more words
        are written with _ for -."""
        self.kind = kind
        self.action = action
        self.location = location
        self.context = context
        self.values = {name.replace("_", "-"): number(value)
                       for name, value in values.items()}
        sizes = dict(EXT + layout(kind))
        self.masks = {name: (1 << 8 * sizes[name]) - 1 for name in self.values}
        self.masks.update(masks or {})

    def _ext(self):
        return [name for name, _ in EXT if name in self.values
                and (name != "dmac" or self.kind != "ether")]

    def _pack(self, numbers):
        own = b"".join(numbers.get(name, 0).to_bytes(size, "big")
                       for name, size in layout(self.kind)).ljust(52, b"\0")
        extra = self._ext()
        ext = b"".join((numbers.get(name, 0) if name in extra else 0).to_bytes(size, "big")
                       for name, size in EXT)
        return own + ext

    def spec(self):
        """The rule as the ioctl takes it."""
        kind = KINDS[self.kind]
        extra = self._ext()
        kind |= FLOW_EXT if "vlan" in extra or "vlan-type" in extra else 0
        kind |= FLOW_MAC_EXT if "dmac" in extra else 0
        kind |= ethtool.FLOW_RSS if self.context is not None else 0
        return (struct.pack("=I", kind) + self._pack(self.values) + self._pack(self.masks)
                + bytes(4) + struct.pack("=QI4x", self.action, self.location))

    def matches(self, fields):
        """Whether it matches a frame made of these fields ({name: number}); a field the
        frame does not have isn't among them."""
        if self.kind != "ether" and fields.get("version") != int(self.kind[-1]):
            return False
        name = self.kind[:-1]
        if name in PROTOCOLS and fields.get("transport") != PROTOCOLS[name]:
            return False
        for field, value in self.values.items():
            mask = self.masks[field]
            if mask and (field not in fields or (fields[field] ^ value) & mask):
                return False
        return True

    def __repr__(self):
        text = " ".join(f"{name} {value:#x}/{self.masks[name]:#x}"
                        for name, value in self.values.items())
        return f"{self.kind} {text} -> {self.action:#x} context {self.context}"


def number(value):
    """A field's value: a number, an address as text, or bytes."""
    if isinstance(value, str):
        return int(ip_address(value))
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value


def insert(device, rule):
    """Adds a rule to a device (ethtool.Device). Returns its location."""
    _, spec, _, _ = device.rxnfc(f"insert {rule}", SRXCLSRLINS, rule.spec(),
                                 rule.context or 0)
    return struct.unpack("=I", spec[160:164])[0]


def delete(device, location):
    """Deletes a rule."""
    spec = bytes(160) + struct.pack("=I4x", location)
    device.rxnfc(f"delete rule {location}", SRXCLSRLDEL, spec)


def get(device, location):
    """A rule as it is shown: (specification, context)."""
    spec = bytes(160) + struct.pack("=I4x", location)
    _, spec, context, _ = device.rxnfc(f"get rule {location}", GRXCLSRULE, spec)
    return spec, context


def count(device):
    """(number of rules, most there can be, whether special locations are known)."""
    data, _, number, _ = device.rxnfc("count rules", GRXCLSRLCNT)
    return number, data & 0x7fffffff, bool(data >> 31)


def locations(device, room=None):
    """The locations of all rules. room: ask for so many."""
    room = count(device)[0] if room is None else room
    _, _, number, found = device.rxnfc("list rules", GRXCLSRLALL, last=room, room=room)
    return found[:number]


def decide(rules, fields):
    """The rule of a frame, or None: of those that match the one of the lowest location."""
    found = [rule for rule in rules if rule.matches(fields)]
    return min(found, key=lambda rule: rule.location) if found else None
