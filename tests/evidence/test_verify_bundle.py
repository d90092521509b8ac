"""The offline verifier on bundles: what is whole verifies, and whatever was changed is named."""

import contextlib
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_server.evidence import verify
from tests.evidence.small_log import ORIGIN, Key, Log, again, commit, jcs, jsonl, sha256, write_folder, write_zip


@pytest.fixture(scope="module")
def log():
    """Every type of leaf; the tree has a full tile and partial ones on two levels."""
    log = Log()
    log.publish()
    log.publish(site="other")
    log.mark()
    for number in range(110):
        log.decide(allow=("analytics",) if number % 2 else ())
        log.decide(site="other")
        if number % 40 == 0:
            log.act(site="ala")
            log.mark()
    log.decide(action="signal", visitor=None, surface="api")
    log.act()
    log.export()
    first, second, third, fourth = (index for index in sorted(log.events) if 20 < index < 29 and index % 2)
    log.erase(first, third)
    log.publish(2)
    log.rotate()
    log.decide()
    log.purge((second, second), (fourth, fourth))
    while len(log.leaves) < 300:
        log.decide(allow=("functional",))
    log.erase(297, day="2026-11-03", sealed=False)
    return log


@pytest.fixture(scope="module")
def files(log):
    return log.bundle()


def run(target, log, capsys, *more):
    code = verify.main(["bundle", str(target), "--key", str(log.first_key), *more])
    return code, capsys.readouterr().out


@pytest.fixture
def named(log, tmp_path, capsys):
    """Asserts that a bundle does not verify, and that what it says names this."""

    def check(files, *words):
        code, said = run(write_zip(tmp_path / "bundle.zip", files), log, capsys)
        assert code == 1, said
        for word in words:
            assert word in said, said
        return said

    return check


def test_a_whole_bundle_verifies_and_is_accounted_for(log, files, tmp_path, capsys):
    code, said = run(write_zip(tmp_path / "bundle.zip", files), log, capsys)
    assert code == 0, said
    assert f"{ORIGIN}, {len(log.leaves)} leaves" in said
    assert "3 (3 visitor)" in said
    assert "rows of other sites" in said
    assert str(log.key) in said
    assert "1 erasure is not in the log yet" in said


def test_a_folder_verifies_like_its_zip(log, files, tmp_path, capsys):
    assert run(write_folder(tmp_path / "bundle", files), log, capsys)[0] == 0


def test_an_empty_log_verifies(tmp_path, capsys):
    log = Log()
    assert run(write_zip(tmp_path / "empty.zip", log.bundle()), log, capsys)[0] == 0


def names_of(log):
    return sorted(log.bundle())


def test_one_changed_byte_in_any_file_is_named(log, files, tmp_path, capsys):
    target = write_folder(tmp_path / "bundle", files)
    for name in sorted(files):
        changed = bytearray(files[name])
        if name == "manifest.json":
            continue
        changed[len(changed) // 2] ^= 1
        (target / name).write_bytes(changed)
        code, said = run(target, log, capsys)
        assert code == 1 and name in said, (name, said)
        (target / name).write_bytes(files[name])
    assert run(target, log, capsys)[0] == 0


# Nothing rests on these two, and their hashes in the manifest are the server's word.
WORDS = {"README.txt", "verify.py"}


def test_one_changed_byte_is_named_though_the_manifest_was_made_to_fit(log, files, tmp_path, capsys):
    for name in sorted(files.keys() - WORDS - {"manifest.json"}):
        changed = bytearray(files[name])
        changed[len(changed) // 2] ^= 1
        code, said = run(write_zip(tmp_path / "bundle.zip", again({**files, name: bytes(changed)})), log, capsys)
        assert code == 1 and name in said, (name, said)


def small_bundle():
    log = Log()
    log.publish()
    for number in range(5):
        log.decide(allow=("marketing",) if number % 2 else ())
    log.act()
    log.export()
    log.mark()
    log.erase(4)
    log.rotate()
    return log, log.bundle()


SMALL, SMALL_FILES = small_bundle()
ANY_BYTE = [(name, len(content)) for name, content in sorted(SMALL_FILES.items()) if name not in WORDS]


@settings(max_examples=60)
@given(st.data())
def test_any_byte_of_any_file_counts(tmp_path_factory, data):
    name, length = data.draw(st.sampled_from([one for one in ANY_BYTE if one[0] != "manifest.json"]))
    changed = bytearray(SMALL_FILES[name])
    changed[data.draw(st.integers(0, length - 1))] ^= data.draw(st.integers(1, 255))
    target = write_zip(tmp_path_factory.getbasetemp() / "any.zip", again({**SMALL_FILES, name: bytes(changed)}))
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = verify.main(["bundle", str(target), "--key", str(SMALL.first_key)])
    assert code == 1, said.getvalue()


def test_every_byte_of_a_row_counts(log, files, tmp_path, capsys):
    line = files["events.jsonl"].split(b"\n")[3]
    for at in range(0, len(line), 61):
        changed = bytearray(line)
        changed[at] ^= 2
        lines = files["events.jsonl"].replace(line, bytes(changed))
        code, said = run(write_zip(tmp_path / "bundle.zip", again({**files, "events.jsonl": lines})), log, capsys)
        assert code == 1 and "events.jsonl, line 4" in said, (at, said)


@pytest.mark.parametrize("name", ["events.jsonl", "acts.jsonl", "exports.jsonl", "erasures.jsonl"])
def test_a_missing_row_is_named_by_its_leaf(files, named, name):
    lines = files[name].split(b"\n")
    index = json.loads(lines[0])["index"]
    named(again({**files, name: b"\n".join(lines[1:])}), f"leaf {index}:")


def test_rows_in_another_order_are_named(files, named):
    lines = files["events.jsonl"].split(b"\n")
    lines[4], lines[5] = lines[5], lines[4]
    named(again({**files, "events.jsonl": b"\n".join(lines)}), "events.jsonl, line 6", "out of order")


def test_swapped_indexes_are_named(files, named):
    rows = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    rows[4]["index"], rows[5]["index"] = rows[5]["index"], rows[4]["index"]
    rows[4], rows[5] = rows[5], rows[4]
    named(again({**files, "events.jsonl": jsonl(rows)}), "events.jsonl, line 5", "events.jsonl, line 6")


def test_a_row_that_has_no_leaf_is_named(files, named):
    rows = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    named(
        again({**files, "events.jsonl": jsonl([*rows, {**rows[0], "index": "5000"}])}), "leaf 5,000 is not in this log"
    )
    named(again({**files, "events.jsonl": jsonl([{**rows[0], "index": "0"}, *rows])}), "leaf 0 is no consent/1 leaf")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"event":{},"event":{},"index":"5","nonce":"","visitor_id":null}\n', "canonically"),
        (b'{"event":{"n":1},"index":"5","nonce":"","visitor_id":null}\n', "a number where there are none"),
        (b'{"event":NaN,"index":"5","nonce":"","visitor_id":null}\n', "a number where there are none"),
        (b'{"event":"\\ud800","index":"5","nonce":"","visitor_id":null}\n', "surrogate"),
        (b'{"event": {},"index":"5","nonce":"","visitor_id":null}\n', "canonically"),
        (b'{"event":{},"index":"05","nonce":"","visitor_id":null}\n', "decimal"),
        (b'{"event":{},"index":"5","nonce":""}\n', "not a row with"),
        (b"[" * 100_000 + b"\n", "not JSON"),
        (b"\xff\n", "not JSON"),
        (b'{"event":{},"index":"5","nonce":"","visitor_id":null}', "cut off"),
    ],
)
def test_malformed_rows_are_named(files, named, line, words):
    named(again({**files, "events.jsonl": line}), "events.jsonl, line 1", words)


def test_files_that_are_missing_or_do_not_belong_are_named(files, named):
    for name in sorted(files.keys() - {"manifest.json"}):
        if name in WORDS or name.startswith("tile/entries/001"):
            continue
        rest = {other: content for other, content in files.items() if other != name}
        named(rest, name, "missing")
        named(again(rest), name)
    named({**files, "note.txt": b""}, "note.txt", "the manifest does not list it")
    named(again({**files, "tile/0/000.p/7": files["tile/0/000"][:224]}), "tile/0/000.p/7", "no such tile")
    named(again({**files, "policies/" + 64 * "a" + ".json": b"{}"}), "no leaf commits to")


def test_an_archive_without_a_manifest_or_with_a_strange_one_does_not_verify(files, named):
    named({name: content for name, content in files.items() if name != "manifest.json"}, "manifest.json", "missing")
    manifest = json.loads(files["manifest.json"])
    for changes in (
        {"schema": "bundle/2"},
        {"size": "7"},
        {"size": 300},
        {"origin": "evil.example"},
        {"sites": []},
        {"elsewhere": [["0", "299"]]},
        {"elsewhere": [["0", "99999999999999"]]},
        {"files": []},
        {"extra": "x"},
    ):
        named({**files, "manifest.json": jcs({**manifest, **changes})} if "size" not in changes else
              {**files, "manifest.json": json.dumps({**manifest, **changes}).encode()}, "manifest.json")  # fmt: skip


def test_leaves_that_nobody_answers_for_are_named(files, named):
    manifest = json.loads(files["manifest.json"])
    files = {**files, "manifest.json": jcs({**manifest, "elsewhere": []})}
    named(files, "leaf 8: the decision is missing", "leaf: and 90 more")


def test_rows_of_a_site_that_the_bundle_is_not_of_are_named(log, files, named):
    manifest = json.loads(files["manifest.json"])
    files = {**files, "manifest.json": jcs({**manifest, "sites": ["other"]})}
    said = named(files, "events.jsonl, line 1, event", ", leaf 7: ", "not in this bundle", "events.jsonl: and 1")
    assert len(said.splitlines()) < 60


def test_a_file_that_is_twice_in_the_zip_is_named(log, files, tmp_path, capsys):
    target = write_zip(tmp_path / "bundle.zip", files)
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("checkpoint", files["checkpoint"])
    code, said = run(target, log, capsys)
    assert code == 1 and "in the zip file twice" in said


def test_strange_names_in_the_manifest_are_named(files, named):
    manifest = json.loads(files["manifest.json"])
    for name in ("", " ", "\ud800", "a\nb", "\x1b[2J", "../../etc/passwd"):
        listed = {**manifest["files"], name: "00" * 32}
        changed = json.dumps({**manifest, "files": listed}).encode()
        named({**files, "manifest.json": changed}, "the manifest lists an unsafe name")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "a\\..\\b", "C:/x", ".hidden", "a//b"])
def test_unsafe_names_are_named_and_never_opened(files, named, name):
    named(again({**files, name: b"x"}), "unsafe name")


def test_links_in_a_folder_are_not_followed(log, files, tmp_path, capsys):
    target = write_folder(tmp_path / "bundle", files)
    (target / "checkpoint").rename(tmp_path / "elsewhere")
    (target / "checkpoint").symlink_to(tmp_path / "elsewhere")
    code, said = run(target, log, capsys)
    assert code == 1 and "checkpoint" in said


def test_a_zip_bomb_is_not_unpacked(log, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(80 << 20))
    assert verify.main(["bundle", str(tmp_path / "bomb.zip"), "--key", str(log.key)]) == 2
    assert "times its size" in capsys.readouterr().err


def test_a_damaged_zip_is_never_a_crash(log, files, tmp_path, capsys):
    whole = write_zip(tmp_path / "bundle.zip", {name: files[name] for name in sorted(files)[:6]}).read_bytes()
    for at in range(0, len(whole), 293):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (tmp_path / "bundle.zip").write_bytes(damaged)
        assert verify.main(["bundle", str(tmp_path / "bundle.zip"), "--key", str(log.key)]) in (1, 2)
        capsys.readouterr()


# -- rules over the order of leaves, in small logs of their own


@pytest.fixture
def small():
    log = Log()
    log.publish()
    log.mark()
    return log


@pytest.fixture
def verdict(tmp_path, capsys):
    def check(log, files=None):
        return run(write_zip(tmp_path / "small.zip", files or log.bundle()), log, capsys)

    return check


def test_a_decision_after_the_mark_that_follows_it_is_named(small, verdict):
    index = small.decide(recorded_at="2026-11-09T00:00:00.000Z")
    small.mark()
    code, said = verdict(small)
    assert code == 1 and f", leaf {index}: " in said and "after the mark" in said


def test_a_decision_sealed_late_is_reported(small, verdict):
    small.mark("2026-11-05T00:00:00.000Z")
    index = small.decide(recorded_at="2026-11-04T23:49:00.000Z")
    small.decide(recorded_at="2026-11-04T23:51:00.000Z")
    code, said = verdict(small)
    assert code == 0 and f"1, leaf {index}" in said


def test_marks_rise(small, verdict):
    at = small.leaves[-1]
    small.leaves.append(at)
    code, said = verdict(small)
    assert code == 1 and "leaf 4" in said and "not later" in said


def test_a_policy_below_its_decision(verdict):
    log = Log()
    log.publish()
    log.decide()
    log.leaves.insert(0, log.leaves.pop())
    log.events = {0: {**log.events[3], "index": "0"}}
    code, said = verdict(log)
    assert code == 1 and "its policy is not in the log before it" in said


def test_a_grant_needs_a_notice_below_it_and_a_refusal_does_not(small, verdict):
    small.decide(notice="ab" * 32)
    code, said = verdict(small)
    assert code == 0 and "text unknown" in said
    small.decide(allow=("marketing",), notice="ab" * 32)
    code, said = verdict(small)
    assert code == 1 and "under a notice that is not in the log" in said


def test_a_notice_sealed_after_a_refusal_that_names_it_is_told(small, verdict):
    later = Log()
    later.publish(2)
    small.decide(notice=later.notice["ala"][0].hex())
    small.publish(2)
    code, said = verdict(small)
    assert code == 0 and "was not in the log yet" in said


def test_a_decision_of_another_policy_than_its_notice_is_named(small, verdict):
    first = small.policy["ala"][1].hex()
    small.publish(2)
    small.decide(policy=first)
    code, said = verdict(small)
    assert code == 1 and "another version of the policy" in said


def test_one_event_twice_is_named(small, verdict):
    index = small.decide()
    event = small.events[index]["event"]
    small.decide(event_id=event["event_id"])
    code, said = verdict(small)
    assert code == 1 and event["event_id"] in said and "twice" in said


def test_one_leaf_twice_is_named(small, verdict):
    small.leaves.append(small.leaves[small.decide()])
    code, said = verdict(small)
    assert code == 1 and "leaf 5: the decision is missing" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda log: log.erase(0), "leaf 0 is named as gone, but it is no decision"),
        (lambda log: log.erase(99), "leaf 99 is out of order or not below"),
        (lambda log: (log.mark(), log.purge((0, 4))), "leaf 0 is named as gone"),
        (lambda log: (log.mark(), log.purge((5, 4))), "out of order"),
        (lambda log: (log.mark(), log.purge((4, 4), (4, 5))), "out of order"),
        (lambda log: log.purge((4, 400)), "not below the leaf"),
        (lambda log: log.purge((4, 4), rule="ala: decisions are kept for 730 days."), "older than the retention"),
        (lambda log: (log.erase(4), log.erase(4, day="2026-11-03")), "is named as erased before"),
        (lambda log: (log.erase(4), log.erase(5)), "is not after 2026-11-02"),
        (lambda log: (log.erase(4), log.mark(), log.purge((4, 5))), "is named as erased before"),
        (lambda log: log.add(t="mark/1", at="2026-11-02T00:00:00Z"), "not a time"),
        (lambda log: log.add(t="mark/1", at="2026-13-02T00:00:00.000Z"), "no such time"),
        (lambda log: log.add(t="mark/1", at="2026-11-02T00:00:00.000Z", x="y"), "does not belong"),
        (lambda log: log.add(t="policy/1", c="00" * 32), "is missing"),
        (lambda log: log.add(t="policy/1", h="AA" * 32), "not 32 bytes in lower-case hex"),
        (lambda log: log.add(t="strange/1", h="aa" * 32), "no leaf of a known type"),
        (lambda log: log.add(t="origin/1", note=Log().note()), "not the first"),
        (lambda log: log.add(t="key/1", k=str(Key("evil.example"))), "the key of another log"),
        (lambda log: log.leaves.append(b'{"t": "mark/1", "at": "2026-11-02T00:00:00.000Z"}'), "canonically"),
        (lambda log: log.leaves.append(b"\x00"), "not JSON"),
    ],
)
def test_leaves_that_break_a_rule_are_named(small, verdict, change, words):
    for _ in range(3):
        small.decide()
    change(small)
    code, said = verdict(small)
    assert code == 1 and words in said, said


def test_what_is_said_to_be_erased_must_not_be_there(small, verdict):
    index = small.decide()
    kept = small.events[index]
    small.erase(index)
    small.events[index] = kept
    code, said = verdict(small)
    assert code == 1 and "is named as gone, but it is here as a row" in said


def test_erasures_that_should_be_in_the_log_long_ago_are_named(small, verdict):
    index = small.decide()
    small.mark("2026-11-09T00:00:00.000Z")
    small.erase(index, day="2026-11-05", sealed=False)
    code, said = verdict(small)
    assert code == 1 and "the day 2026-11-05 was over long ago" in said


def test_a_purge_below_an_old_mark_verifies(small, verdict):
    index = small.decide()
    small.mark()
    small.purge((index, index))
    code, said = verdict(small)
    assert code == 0, said


DAYS = [f"2026-11-{day:02}T00:00:00.000Z" for day in range(1, 31)]


def test_a_purge_says_how_long_its_site_keeps_decisions(small, verdict):
    first, second = small.decide(), small.decide()
    small.mark()
    small.purge((first, first))
    small.purge((second, second), rule="ala: decisions are kept for 21 days.")
    code, said = verdict(small)
    assert code == 0, said
    assert "1: ala: decisions are kept for 20 days." in said and "1: ala: decisions are kept for 21 days." in said


@pytest.mark.parametrize(
    "rule",
    ["old", "ala: decisions are kept for 0 days.", "ala: decisions are kept for -1 days.", "kept for 20 days",
     "ala: decisions are kept for 20 days. ", "ala: decisions are kept for 999999 days.", ["20 days"], None],
)  # fmt: skip
def test_a_purge_by_another_rule_is_not_believed(small, verdict, rule):
    index = small.decide()
    small.mark()
    purge = small.purge((index, index), rule=rule)
    code, said = verdict(small)
    assert code == 1 and f"leaf {purge}: " in said and f"leaf {index}: the decision is missing" in said


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-24T23:49:59.999Z", "before the mark that it follows, leaf 6"),
        ("2026-11-26T00:00:00.001Z", "after the mark that follows it, leaf 8"),
    ],
)
def test_a_purge_lies_between_the_marks_around_it(small, verdict, at, words):
    index = small.decide()
    small.mark()
    small.mark(DAYS[24])
    small.purge((index, index), at=at)
    small.mark(DAYS[25])
    code, said = verdict(small)
    assert code == 1 and "leaf 7: " in said and words in said


def test_a_purge_that_its_sites_policy_does_not_allow_is_named(verdict):
    log = Log()
    log.publish(rules={"proof_retention_days": "25"})
    index = log.decide()
    log.mark()
    log.purge((index, index))
    code, said = verdict(log)
    assert code == 1 and "but the site's policy says 25 days" in said
    log.leaves.pop()
    log.purge((index, index), rule="ala: decisions are kept for 25 days.")
    assert verdict(log)[0] == 0


def test_gaps_between_marks_are_told(small, verdict):
    small.mark("2026-11-01T02:00:30.000Z")
    code, said = verdict(small)
    assert code == 0 and "largest gap" in said and "2:00:00" in said and "marks missing" not in said
    small.mark("2026-11-01T05:00:00.000Z")
    code, said = verdict(small)
    assert code == 0 and "NOTE  marks missing between 2026-11-01 02:00 and 2026-11-01 05:00 UTC" in said


def hourly(log, first, last):
    """Marks at every hour of these days."""
    for day in range(first, last + 1):
        for hour in range(24):
            log.mark(f"2026-11-{day:02}T{hour:02}:30:00.000Z")


def test_a_day_of_erasures_lies_between_the_marks_around_it(verdict):
    for day, words in (
        ("2026-11-03", "the day 2026-11-03 was over long before"),
        ("2026-11-04", None),
        ("2026-11-05", None),
        ("2026-11-06", "erasures of 2026-11-06, after the mark that follows it"),
        ("2026-13-06", "no such time"),
    ):
        log = Log()
        log.publish()
        index = log.decide()
        hourly(log, 2, 5)
        log.erase(index, day=day)
        log.mark("2026-11-05T23:59:00.000Z")
        code, said = verdict(log)
        assert (code, (words or "") in said) == (int(words is not None), True), said


def test_a_server_that_stood_still_seals_erasures_late(verdict):
    log = Log()
    log.publish()
    first, second = log.decide(), log.decide()
    hourly(log, 2, 3)
    hourly(log, 9, 9)
    log.erase(first, day="2026-11-03")
    log.erase(second, day="2026-11-06")
    code, said = verdict(log)
    assert code == 0, said


def test_erasures_of_days_that_have_not_come_are_named(small, verdict):
    small.erase(small.decide(), day="2026-12-02", sealed=False)
    code, said = verdict(small)
    assert code == 1 and "had not come yet" in said


def test_a_bundle_is_made_after_all_that_is_in_it(small, verdict):
    code, said = verdict(small, small.bundle(made_at="2026-10-31T00:00:00.000Z"))
    assert code == 1 and "made_at: before the newest mark" in said


def test_a_missing_file_is_named_once(small, verdict):
    files = small.bundle()
    del files["tile/0/000.p/4"]
    code, said = verdict(small, files)
    assert code == 1 and said.count("tile/0/000.p/4: the file is missing") == 1


def test_an_erasure_that_does_not_open_its_leaf_is_named(small, verdict):
    index = small.decide()
    small.erase(index)
    small.erasures[0]["erasure"]["day"] = "2026-11-01"
    code, said = verdict(small)
    assert code == 1 and "erasures.jsonl, line 1" in said


def test_a_successor_names_the_log_before_it(verdict):
    before = Log()
    before.publish()
    log = Log()
    log.add(t="origin/1", note=before.note())
    log.publish()
    code, said = verdict(log)
    assert code == 0 and "succeeds privacy.example.org/log, whose last checkpoint it names: 3 leaves" in said


# -- keys


def test_another_key_is_not_believed(log, files, tmp_path, capsys):
    target = write_zip(tmp_path / "bundle.zip", files)
    assert verify.main(["bundle", str(target), "--key", str(Key())]) == 1
    assert "not signed by the key you trust" in capsys.readouterr().out


def test_the_newer_key_can_be_the_one_that_is_trusted(log, files, tmp_path, capsys):
    target = write_zip(tmp_path / "bundle.zip", files)
    (tmp_path / "key").write_text(f"{log.key}\n")
    assert verify.main(["bundle", str(target), "--key", str(tmp_path / "key")]) == 0
    capsys.readouterr()


def test_a_bundle_from_before_the_key_that_is_trusted_is_not_decided(small, tmp_path, capsys):
    old = small.bundle()
    small.rotate()
    target = write_zip(tmp_path / "bundle.zip", again({**old, "rotations.json": jcs(small.rotations)}))
    assert verify.main(["bundle", str(target), "--key", str(small.key)]) == 3
    assert "before the key you trust was in use (leaf 4); give the earlier key" in capsys.readouterr().out


def test_after_a_rotation_the_old_key_alone_counts_no_more(small, verdict):
    old = small.key
    small.rotate()
    small.decide()
    new, small.key = small.key, old
    files = small.bundle()
    code, said = verdict(small, files)
    assert code == 1 and f"signed by {old} only" in said and str(new) in said


def test_a_rotation_without_the_old_key_is_not_followed(small, verdict):
    small.rotate()
    index = len(small.leaves) - 1
    small.rotations[0]["proof"] = small.prove(index, small.note(signers=(small.key,)))
    code, said = verdict(small)
    assert code == 1 and "counts only under a checkpoint" in said


def test_a_rotation_that_is_kept_quiet_is_named(small, verdict):
    small.rotate()
    small.rotations.clear()
    small.key = small.first_key
    code, said = verdict(small)
    assert code == 1 and "not the keys that the leaves of this log name" in said


def test_a_rotation_of_a_forked_log_is_named(small, verdict):
    fork = Log(key=small.key)
    fork.publish(7)
    fork.mark()
    fork.key, small.key = small.key, small.key
    small.rotate()
    leaf = small.leaves[-1]
    fork.leaves.append(leaf)
    small.rotations[0]["proof"] = fork.prove(4, fork.note(signers=(small.first_key, small.key)))
    code, said = verdict(small)
    assert code == 1 and "the log was forked" in said


def test_without_a_key_it_says_where_to_get_one(files, tmp_path, capsys):
    target = write_zip(tmp_path / "bundle.zip", files)
    assert verify.main(["bundle", str(target)]) == 2
    assert "/log/key" in capsys.readouterr().err
    assert verify.main(["bundle", str(tmp_path / "nothing.zip"), "--key", str(Key())]) == 2


def test_a_root_that_the_leaves_do_not_have_is_named(small, verdict):
    small.decide()
    files = small.bundle()
    other = Log(key=small.key)
    other.leaves = [*small.leaves[:-1], b"{}"]
    code, said = verdict(small, again({**files, "checkpoint": other.note().encode()}))
    assert code == 1 and "its root is not that of the leaves in this bundle" in said


def test_a_row_with_a_committed_lie_in_it_is_still_named(small, verdict):
    """The server can commit to anything; what has no form or does not fit is named all the same."""
    for changes in (
        {"action": "agreed"},
        {"choices": {"Analytics": True}},
        {"choices": {"analytics": "yes"}},
        {"recorded_at": "2026-11-01T00:00:00Z"},
        {"agent": {"browser": None, "device": None}},
        {"visitor": "00" * 32},
        {"extra": None},
    ):
        log = Log()
        log.publish()
        index = log.decide(**changes)
        code, said = verdict(log)
        assert code == 1 and f", leaf {index}: " in said, (changes, said)


def test_a_nonce_or_visitor_of_another_is_named(small, verdict):
    small.decide()
    files = small.bundle()
    row = json.loads(files["events.jsonl"])
    for changes in ({"nonce": "00" * 32}, {"visitor_id": None}, {"visitor_id": "0" * 8 + row["visitor_id"][8:]}):
        code, said = verdict(small, again({**files, "events.jsonl": jsonl([{**row, **changes}])}))
        assert code == 1 and "events.jsonl, line 1, event " in said and ", leaf 4: " in said


def test_commitments_are_what_the_formats_say():
    nonce = bytes(range(32))
    record = {"b": "é\u2028\x1f", "a": [True, None]}
    assert verify.commitment("staff", nonce, verify.canonical(record)) == commit("staff", nonce, record)
    assert verify.canonical(record) == jcs(record)
    assert verify.visitor_hash(nonce, "x") == sha256(b"visitor/1\0" + nonce + b"x").hex()
