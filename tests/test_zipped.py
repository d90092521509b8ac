"""A zip file made while it is sent: what went in comes out, and the manifest names it."""

import hashlib
import io
import json
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from consent_server.zipped import zipped

paths = st.text(st.sampled_from("abc123/.-"), min_size=1, max_size=20).filter(lambda path: not path.endswith("/"))


@given(st.dictionaries(paths, st.lists(st.binary(max_size=300), max_size=4), max_size=5))
def test_it_holds_what_was_put_in(contents):
    pieces = list(zipped(contents.items(), lambda hashes: json.dumps(hashes).encode()))
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*contents, "manifest.json"]
        assert {path: archive.read(path) for path in contents} == {p: b"".join(parts) for p, parts in contents.items()}
        hashes = {path: hashlib.sha256(b"".join(parts)).hexdigest() for path, parts in contents.items()}
        assert json.loads(archive.read("manifest.json")) == hashes


def test_it_is_sent_while_it_is_made():
    asked = []

    def files():
        for name in ("a", "b"):
            asked.append(name)
            yield name, [b"x" * 1000]

    pieces = zipped(files(), lambda hashes: b"{}")
    assert asked == []
    next(pieces)
    assert asked == ["a"]
