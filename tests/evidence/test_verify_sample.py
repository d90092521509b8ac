"""The offline verifier on samples and on evidence packs."""

import copy
import json

import pytest

from consent_server.evidence import verify
from tests.evidence.small_log import Log, again, jcs, jsonl, sha256, with_manifest, write_zip

PHRASE = "a quick brown fox — №7"


def make_log():
    log = Log()
    log.publish()
    for number in range(40):
        log.decide(allow=("analytics",) if number % 3 else ())
        if number % 10 == 0:
            log.mark()
    log.erase(20, 21)
    return log


LOG = make_log()
FILES = LOG.sample(PHRASE, 12)
MANIFEST = json.loads(FILES["manifest.json"])


@pytest.fixture
def run(tmp_path, capsys):
    def run(files, phrase=PHRASE, *more):
        target = write_zip(tmp_path / "sample.zip", files)
        code = verify.main(["sample", str(target), "--phrase", phrase, "--key", str(LOG.key), *map(str, more)])
        return code, capsys.readouterr().out

    return run


def test_a_sample_verifies(run):
    code, said = run(FILES)
    assert code == 0, said
    assert "12 verified" in said and MANIFEST["seed"] in said


def test_what_was_not_said_is_told_and_what_was_is_compared(run, tmp_path):
    code, said = run(FILES)
    assert code == 0 and "NOTE  the server could have chosen the checkpoint" in said
    assert "NOTE  the count is the manifest's own word" in said
    (tmp_path / "kept").write_text(LOG.note())
    code, said = run(FILES, PHRASE, "--count", 12, "--checkpoint", tmp_path / "kept")
    assert code == 0 and "NOTE" not in said
    code, said = run(FILES, PHRASE, "--count", 13)
    assert code == 1 and "count: not the 13 that you asked for but 12" in said
    (tmp_path / "kept").write_text(LOG.note(size=9))
    code, said = run(FILES, PHRASE, "--checkpoint", tmp_path / "kept")
    assert code == 1 and "checkpoint: not the one you kept" in said
    (tmp_path / "kept").write_text("")
    assert run(FILES, PHRASE, "--checkpoint", tmp_path / "kept")[0] == 2


def test_a_sample_without_receipts_proves_nothing(run):
    code, said = run(LOG.sample(PHRASE, 0))
    assert code == 1 and "no receipt, although the log has decisions" in said
    log = Log(key=LOG.key)
    log.publish()
    assert run(log.sample(PHRASE, 5))[0] == 0
    log.decide()
    log.events.clear()
    code, said = run(log.sample(PHRASE, 5))
    assert code == 1 and "no receipt, although the log has decisions" in said


def test_the_whole_log_can_be_the_sample(run):
    assert run(LOG.sample(PHRASE, 1000))[0] == 0


def test_the_seed_and_the_draw_are_what_the_formats_say():
    root = bytes(range(32))
    seed = verify.sample_seed(PHRASE, root)
    assert seed == sha256(PHRASE.encode() + root)
    drawn = list(verify.draw(seed, 10))
    assert sorted(drawn) == list(range(10))
    assert drawn[0] == int.from_bytes(sha256(seed + bytes(8))[:8], "big") % 10


def test_another_phrase_is_named(run):
    code, said = run(FILES, "another phrase")
    assert code == 1 and "phrase: not yours" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": "00" * 32}, "seed: not SHA-256 of your phrase"),
        ({"root": "00" * 32}, "root: not that of the checkpoint"),
        ({"drawn": MANIFEST["drawn"][::-1]}, "drawn: number 1 is leaf"),
        ({"drawn": MANIFEST["drawn"][:-1]}, "was not drawn"),
        ({"drawn": MANIFEST["drawn"][1:]}, "drawn: number 1"),
        ({"count": "11"}, "12 receipts where 11 were asked for"),
        ({"count": "13"}, "12 receipts where 13 were asked for"),
        ({"sites": ["other"]}, "of a site that is not in the sample"),
        ({"size": "7"}, "size is not that of the checkpoint"),
        ({"origin": "x"}, "origin or size"),
    ],
)
def test_what_the_manifest_says_falsely_is_named(run, changes, words):
    manifest = {name: value for name, value in MANIFEST.items() if name != "files"} | changes
    code, said = run(with_manifest(FILES, manifest))
    assert code == 1 and words in said, said


def test_a_receipt_that_was_left_out_or_exchanged_is_named(run):
    first, second = [name for name in FILES if name.startswith("receipts/")][:2]
    index = first.partition("/")[2].partition(".")[0]
    code, said = run(again({name: content for name, content in FILES.items() if name != first}))
    assert code == 1 and f"leaf {index} was drawn" in said
    code, said = run(again({**FILES, first: FILES[second]}))
    assert code == 1 and first in said and "not the receipt of this leaf" in said


def test_a_decision_that_is_said_to_be_something_else_is_named(run):
    whole = LOG.sample(PHRASE, 1000)
    rows = [json.loads(line) for line in whole["skipped.jsonl"].splitlines()]
    assert {row["why"] for row in rows} == {"type", "erased"}
    for at, row in enumerate(rows):
        other = {**row, "why": "erased" if row["why"] == "type" else "type"}
        code, said = run(again({**whole, "skipped.jsonl": jsonl([*rows[:at], other, *rows[at + 1 :]])}))
        assert code == 1 and f"skipped.jsonl, line {at + 1}" in said
        other = {**row, "leaf": row["leaf"] + " "}
        code, said = run(again({**whole, "skipped.jsonl": jsonl([*rows[:at], other, *rows[at + 1 :]])}))
        assert code == 1 and f"skipped.jsonl, line {at + 1}" in said


def test_one_changed_byte_in_each_file_is_named(run):
    for name in FILES:
        changed = bytearray(FILES[name] or b"x")
        changed[len(changed) // 2] ^= 1
        code, said = run({**FILES, name: bytes(changed)})
        assert code == 1 and (name in said or name == "manifest.json"), (name, said)


# -- packs

PACK = LOG.pack(8)


@pytest.fixture
def pack(tmp_path, capsys):
    def run(files):
        target = write_zip(tmp_path / "pack.zip", files)
        code = verify.main(["pack", str(target), "--key", str(LOG.key)])
        return code, capsys.readouterr().out

    return run


def test_a_pack_verifies(pack):
    code, said = pack(PACK)
    assert code == 0, said
    assert LOG.events[8]["visitor_id"] in said and "leaf 8 of" in said


def test_a_pack_has_a_receipt_and_one_checkpoint(pack):
    receipt = next(name for name in PACK if name.startswith("receipts/"))
    code, said = pack(again({name: PACK[name] for name in PACK if name == "README.txt" or name == "manifest.json"}))
    assert code == 1 and "receipts: there is none in the pack" in said
    other = LOG.receipt(8, LOG.note(size=len(LOG.leaves) - 1))
    code, said = pack(again({**PACK, receipt: jcs_with_number(other)}))
    assert code == 1 and receipt in said and "under a checkpoint of" in said


def test_a_pack_brings_the_rotations_that_lead_to_its_key(tmp_path, capsys):
    log = Log()
    log.publish()
    log.rotate()
    target = write_zip(tmp_path / "pack.zip", log.pack(log.decide()))
    for key in (log.first_key, log.key):
        assert verify.main(["pack", str(target), "--key", str(key)]) == 0, capsys.readouterr().out


def test_one_changed_byte_in_a_pack_is_named(pack):
    for name in PACK:
        changed = bytearray(PACK[name] or b"x")
        changed[len(changed) // 2] ^= 1
        code, said = pack({**PACK, name: bytes(changed)})
        assert code == 1 and (name in said or name == "manifest.json"), (name, said)
        if name.startswith(("receipts", "policies", "notices", "widgets")):
            code, said = pack(again({**PACK, name: bytes(changed)}))
            assert code == 1 and (name.partition(".")[0] in said or "receipts/" in said), (name, said)


def test_what_is_missing_from_a_pack_or_of_somebody_else_is_named(pack):
    for name in PACK:
        if name.startswith(("policies", "notices")):
            code, said = pack(again({other: content for other, content in PACK.items() if other != name}))
            assert code == 1 and "is not in the pack" in said
    code, said = pack(again({**PACK, "policies/" + 64 * "a" + ".json": b"{}"}))
    assert code == 1 and "no receipt here rests on it" in said
    stranger = copy.deepcopy(LOG.receipt(9))
    code, said = pack(again({**PACK, f"receipts/{stranger['event']['event_id']}.json": jcs_with_number(stranger)}))
    assert code == 1 and "of another visitor" in said


def jcs_with_number(receipt):
    return json.dumps(receipt).encode()


def test_the_manifest_of_a_pack_is_canonical_json():
    assert jcs(json.loads(PACK["manifest.json"])) == PACK["manifest.json"]
