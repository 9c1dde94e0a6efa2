"""Names in address match lists that look like addresses: to BIND they are the names of acls."""

import re
from typing import NamedTuple

from named_audit.model.matchlist import parse_prefix

_LONGEST = 255
"""No name in the DNS and no address is longer."""


class Lookalike(NamedTuple):
    """What a name was probably meant to be.

    `why` says for people why it is no address. `address` is the address that was meant, where only one can have been;
    `host` whether it is a host name, which may as well be the true name of an acl.
    """

    why: str
    address: str | None = None
    host: bool = False


def lookalike(name: str) -> Lookalike | None:
    """What the name of an acl, as written but without quotes, looks like; None for a name like any other."""
    if len(name) > _LONGEST or not ("." in name or ":" in name):
        return None
    if parse_prefix(name) is not None:
        return Lookalike("in quotes an address is a name", name)
    if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", name):
        octets = name.split(".")
        padded = [octet for octet in octets if len(octet) > 1 and octet[0] == "0"]
        if any(len(octet) > 4 or int(octet) > 255 for octet in octets):
            return Lookalike("an octet is above 255")
        # inet_aton() and many a program read 010 as 8; where no other reading is possible, one address was meant.
        plain = ".".join(str(int(octet)) for octet in octets)
        if all(octet.strip("01234567") or int(octet, 8) == int(octet) for octet in padded):
            return Lookalike("BIND takes no leading zeros in an address", plain)
        return Lookalike("BIND takes no leading zeros in an address")
    if re.fullmatch(r"[0-9.*\-]+\.[0-9.*\-/]+", name) or re.fullmatch(r"[0-9a-fA-F:.]*:[\w:.%/]*", name):
        return Lookalike("it is no address that BIND can read")
    if re.fullmatch(r"[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*\.[A-Za-z]{2,}\.?", name):
        return Lookalike("BIND takes no host names in a list", host=True)
    return None
