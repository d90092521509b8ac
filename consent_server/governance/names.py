"""Names as they are kept of what was seen. Pure."""

import re

# Some tools put an identifier into the name itself: a run of six characters or more of hexadecimal digits, with at
# least one that is a number, says more of a visitor than of a tool.
_IDENTIFIER = re.compile(r"(?=[0-9a-f-]*[0-9])[0-9a-f][0-9a-f-]{4,}[0-9a-f]", re.IGNORECASE)


def reduce_name(name: str) -> str:
    """A cookie's name with `*` for what may identify somebody, as in a tracker's pattern."""
    return _IDENTIFIER.sub("*", name)
