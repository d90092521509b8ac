"""The offline verifier on receipts."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.evidence import verify
from consent_server.evidence.verify import Invalid, Texts, VerifierKey
from tests.evidence.small_log import Key, Log


def make_log():
    log = Log()
    log.publish()
    for _ in range(9):
        log.decide(allow=("analytics",))
    log.decide(notice="cd" * 32)
    log.decide(action="signal", visitor=None)
    log.publish(2)
    return log


LOG = make_log()
RECEIPT = LOG.receipt(7)


@pytest.fixture
def run(tmp_path, capsys):
    def run(receipt, *more, key=LOG.key):
        (tmp_path / "receipt.json").write_text(receipt if isinstance(receipt, str) else json.dumps(receipt))
        code = verify.main(["receipt", str(tmp_path / "receipt.json"), "--key", str(key), *more])
        return code, capsys.readouterr().out

    return run


def refused(receipt):
    keys = verify.Keys(VerifierKey.parse(str(LOG.key)))
    try:
        verify.check_receipt(receipt, keys, Texts.none())
    except Invalid as fault:
        return str(fault)
    return None


def test_it_stands_alone_and_is_python_3_9():
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))


def test_a_receipt_verifies_or_says_that_texts_were_not_compared(run):
    code, said = run(RECEIPT)
    assert code == 3 and "leaf 7 of 17" in said and "allowing analytics" in said
    assert "the texts were not compared: give --texts or --fetch" in said
    code, said = run(RECEIPT, "--without-texts")
    assert code == 0 and "VERIFIED" in said and "only their hashes are proven" in said


def test_every_decision_has_a_receipt_that_verifies():
    for index in LOG.events:
        assert refused(LOG.receipt(index)) is None


def test_texts_beside_it_are_compared(run, tmp_path):
    for name, content in LOG.texts.items():
        (tmp_path / name.partition("/")[2]).write_bytes(content)
    code, said = run(RECEIPT, "--texts", str(tmp_path))
    assert code == 0 and "hashes" not in said
    sha256 = RECEIPT["policy"]["sha256"]
    (tmp_path / f"{sha256}.json").write_bytes(b"{}")
    code, said = run(RECEIPT, "--texts", str(tmp_path))
    assert code == 1 and "policy: the text is not the one in the log" in said


def test_a_number_that_the_policy_does_not_have_is_named(run, tmp_path):
    for name, content in LOG.texts.items():
        (tmp_path / name.partition("/")[2]).write_bytes(content)
    receipt = copy.deepcopy(RECEIPT)
    receipt["policy"]["number"] = 2
    code, said = run(receipt, "--texts", str(tmp_path))
    assert code == 1 and "policy" in said and "another number" in said


def test_a_refusal_under_an_unknown_notice_stays_open(run):
    code, said = run(LOG.receipt(12))
    assert code == 3 and "text unknown" in said


def test_a_grant_under_an_unknown_notice_does_not_verify():
    log = Log(key=LOG.key)
    log.publish()
    index = log.decide(allow=("analytics",), notice="cd" * 32)
    assert "nothing can be allowed" in refused(log.receipt(index))


def test_a_notice_sealed_after_the_decision_does_not_verify():
    log = Log(key=LOG.key)
    log.publish()
    later = Log()
    later.publish(2)
    index = log.decide(notice=later.notice["ala"][0].hex())
    log.publish(2)
    assert "after the decision" in refused(log.receipt(index))


def test_waiting_receipts_stay_open(run):
    assert run({"event_id": "x", "state": "waiting to be sealed"})[0] == 3


def test_several_receipts_in_one_file_and_several_files(run, tmp_path, capsys):
    code, said = run({"receipts": [RECEIPT, LOG.receipt(8), LOG.receipt(12)]}, "--without-texts")
    assert code == 3 and "3 receipts: 2 verified, 0 not, 1 undecided" in said
    (tmp_path / "a.json").write_text(json.dumps(RECEIPT))
    (tmp_path / "b.json").write_text("{}")
    arguments = ["receipt", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--key", str(LOG.key)]
    assert verify.main([*arguments, "--without-texts"]) == 1
    assert "2 receipts: 1 verified, 1 not" in capsys.readouterr().out


def test_another_key_is_not_believed_though_the_receipt_names_it(run):
    code, said = run(RECEIPT, key=Key())
    assert code == 1 and "not signed by the key you trust" in said


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "null", '{"a":1,"a":2}', "\ufeff{}", '{"event": NaN}', "[" * 5000, '"\\ud800"']
)
def test_what_is_no_receipt_is_said_to_be_none(run, text):
    assert run(text)[0] == 1


def test_files_that_are_missing_are_wrong_use(tmp_path):
    assert verify.main(["receipt", str(tmp_path / "none.json"), "--key", str(LOG.key)]) == 2
    (tmp_path / "empty.json").write_text("[]")
    assert verify.main(["receipt", str(tmp_path / "empty.json"), "--key", str(LOG.key)]) == 2


def leaves_of(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves_of(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves_of(inner, (*path, at))
    else:
        yield path, value


def put(receipt, path, value):
    changed = copy.deepcopy(receipt)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


# The server's word, which nothing that is signed repeats; `--texts` and `--fetch` compare the number with the text.
UNPROVEN = {("notice", "url"), ("policy", "url"), ("policy", "number")}
VALUES = [(path, value) for path, value in leaves_of(RECEIPT) if path not in UNPROVEN]


@pytest.mark.parametrize(("path", "value"), VALUES, ids=[".".join(path) for path, _ in VALUES])
def test_each_changed_value_is_named_by_its_place(path, value):
    others = [None, "", True, "x", 7, {}, []]
    if isinstance(value, str) and value:
        others += [value[:-1], value + " ", "0" + value[1:] if value[0] != "0" else "1" + value[1:]]
    for other in others:
        if other == value and type(other) is type(value):
            continue
        said = refused(put(RECEIPT, path, other))
        assert said is not None, (path, other)


def test_members_that_are_missing_or_too_many_are_named():
    for path, inner in [((), RECEIPT), (("event",), RECEIPT["event"]), (("notice",), RECEIPT["notice"])]:
        for name in inner:
            changed = copy.deepcopy(RECEIPT)
            target = changed
            for key in path:
                target = target[key]
            del target[name]
            assert name in refused(changed)
    assert "does not belong" in refused({**RECEIPT, "more": None})
    assert "does not belong" in refused({**RECEIPT, "event": {**RECEIPT["event"], "more": None}})


def test_proofs_under_different_checkpoints_are_refused():
    smaller = LOG.note(size=15)
    notice = LOG.receipt(7, smaller)["notice"]
    assert "not the one that the event's proof leads to" in refused({**RECEIPT, "notice": notice})


def test_the_policy_of_another_decision_is_refused():
    other = LOG.prove(1)
    assert refused(put(RECEIPT, ("notice", "proof"), other)) is not None


def test_a_receipts_own_word_for_its_key_is_compared():
    assert "verifier_key" in refused({**RECEIPT, "verifier_key": str(Key())})


TEXT = json.dumps(RECEIPT)


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 127))
def test_any_other_character_anywhere_is_refused_or_says_the_same(at, other):
    """A changed character is found, unless it is in what is not proven, or between the values."""
    changed = TEXT[:at] + chr(ord(TEXT[at]) ^ other if ord(TEXT[at]) ^ other < 128 else other) + TEXT[at + 1 :]
    try:
        receipt = verify.receipts_in(changed.encode())[0]
    except (Invalid, IndexError):
        return
    same = copy.deepcopy(receipt)
    for path in UNPROVEN:
        try:
            same = put(same, path, RECEIPT[path[0]][path[1]])
        except (KeyError, TypeError):
            break
    assert refused(receipt) is not None or same == RECEIPT


def test_receipts_after_a_rotation_need_it_told(run, tmp_path):
    log = Log()
    log.publish()
    log.rotate()
    receipt = log.receipt(log.decide())
    code, said = run(receipt, key=log.first_key)
    assert code == 1 and "--rotations" in said
    (tmp_path / "rotations.json").write_text(json.dumps(log.rotations))
    told = ("--without-texts", "--rotations", str(tmp_path / "rotations.json"))
    assert run(receipt, *told, key=log.first_key)[0] == 0
    assert run(receipt, "--without-texts", key=log.key)[0] == 0
    # The checkpoint of the rotation itself carries both signatures.
    both = log.receipt(4, note=log.note(signers=(log.first_key, log.key)))
    assert run(both, "--without-texts", key=log.first_key)[0] == 0


def test_from_before_the_key_that_is_trusted_it_is_not_decided(run, tmp_path):
    log = Log()
    log.publish()
    receipt = log.receipt(log.decide())
    log.rotate()
    (tmp_path / "rotations.json").write_text(json.dumps(log.rotations))
    told = ("--without-texts", "--rotations", str(tmp_path / "rotations.json"))
    code, said = run(receipt, *told, key=log.key)
    assert code == 3 and "before the key you trust was in use (leaf 4); give the earlier key" in said
    assert run(receipt, *told, key=log.first_key)[0] == 0
    early = {**log.receipt(3, note=log.note(size=4)), "verifier_key": str(log.key)}
    code, said = run(early, *told, key=log.key)
    assert code == 1 and "which was not in use yet at size 4" in said


def test_a_key_begins_only_where_it_has_signed_itself(run, tmp_path):
    """Whoever answers for the log at /log/rotations cannot make a key begin later."""
    log = Log()
    log.publish()
    receipt = log.receipt(log.decide())
    key, log.key = log.key, Key()
    for _ in range(9):
        log.decide()
    leaf = log.add(t="key/1", k=str(key))
    false = [{"leaf": log.leaves[leaf].decode(), "proof": log.prove(leaf)}]
    (tmp_path / "rotations.json").write_text(json.dumps(false))
    code, said = run(receipt, "--without-texts", "--rotations", str(tmp_path / "rotations.json"), key=key)
    assert code == 1 and "under a checkpoint that this key has not signed" in said
    report = verify.Report("")
    keys = verify.Keys(VerifierKey.parse(str(key)))
    keys.follow(false, report, "rotations")
    assert report.faults and keys.terms == [(keys.trusted, -1)]


def test_a_reader_that_stops_is_no_crash(tmp_path):
    (tmp_path / "receipts.json").write_text(json.dumps([RECEIPT] * 300))
    command = [sys.executable, verify.__file__, "receipt", str(tmp_path / "receipts.json"), "--key", str(LOG.key)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 3


def test_the_help_shows_commands_as_they_are_typed():
    assert "  --keep canary/" not in verify.__doc__.replace("\\\n        --keep", "")
    assert "    " not in verify.__doc__.partition("--origin")[2].partition("\n")[0]


def test_after_a_rotation_the_old_key_alone_is_refused(run, tmp_path):
    log = Log()
    log.publish()
    log.rotate()
    index = log.decide()
    (tmp_path / "rotations.json").write_text(json.dumps(log.rotations))
    forged = log.receipt(index, note=log.note(signers=(log.first_key,)))
    code, said = run(
        {**forged, "verifier_key": str(log.first_key)},
        "--rotations", str(tmp_path / "rotations.json"), key=log.first_key,
    )  # fmt: skip
    assert code == 1 and "another key had replaced" in said
