"""What the log answers for: every table and column, with what the verifier says of a change behind the server's back,
or why nothing does."""

from typing import Any

REBUILT = "made again from decisions"
STAFF = "not evidence: accounts, sessions and work in progress; what staff did is in staff_event"
DERIVED = "a copy of what is in the committed text or row, for looking it up"
ACT = "said by the committed act of whoever published it"
WORKING = "where the sequencer is; what counts is the signed checkpoint"
WAITING = "not in the log yet; its receipt says so, and a canary sees if it never comes"

ROW = "{row}"
MISSING = "leaf {leaf}: the {what} is missing"

# By table, by column: words of the verdict, or (in a tuple) the reason why there are none.
Answer = str | tuple[str]
ANSWERS: dict[str, dict[str, Answer] | tuple[str]] = {
    "consent_event": {
        **dict.fromkeys(
            [
                "visitor_id", "site", "policy", "notice", "action", "surface", "choices", "providers", "dnt_header",
                "dnt_js", "dnt_acted_on", "gpc_header", "gpc_js", "gpc_acted_on", "recorded_at", "decided_at",
                "expires_at", "browser", "os", "device", "automated", "page", "nonce",
            ],
            ROW,
        ),
        "event_id": "leaf {leaf}: the decision is missing",
        "digest": ("of the request's body, to know a repeat; the decision itself is committed",),
    },
    "staff_event": dict.fromkeys(
        ["id", "at", "actor", "verb", "site", "detail", "nonce"], "leaf {leaf}: the staff act is missing"
    ),
    "export": {
        **dict.fromkeys(
            ["id", "actor", "kind", "sites", "filters", "detail", "begun_at", "state", "rows", "ended_at", "sha256",
             "nonce"],
            "leaf {leaf}: the export is missing",
        ),
        "heard_at": ("when the sending process was last seen alive",),
        "hash": (DERIVED,),
    },
    "policy_version": {
        "site": "events.jsonl, line 1",
        "number": "events.jsonl, line 1",
        "sha256": "policies/{sha256}.json: the file is missing",
        "document": "policies/{sha256}.json: the text is not the one",
        "id": ("a number for looking it up",),
        "content": (DERIVED,),
        **dict.fromkeys(["epoch", "material", "reason", "published_at", "published_by", "approved_by"], (ACT,)),
    },
    "notice": {
        "sha256": "notices/{sha256}.json: the file is missing",
        "document": "notices/{sha256}.json: the text is not the one",
        **dict.fromkeys(["policy_version_id", "locale", "widget"], (DERIVED,)),
        "written_at": ("the order of the leaves and the marks between them say when",),
    },
    "widget_file": {
        "sha256": "widgets/{sha256}.js: the file is missing",
        "content": "widgets/{sha256}.js: the text is not the one",
        **dict.fromkeys(["name", "added_at"], ("for looking it up",)),
    },
    "erased_leaf": {
        "index": "erasures.jsonl, line 1",
        "day": "erasures.jsonl",
        "ground": "erasures.jsonl, line 1",
    },
    "erasure_day": {
        "day": "erasures.jsonl",
        "nonce": "erasures.jsonl, line 1",
        "hash": "erasures.jsonl does not say what it commits to",
    },
    "log_leaf": {
        "index": "tile/entries/000",
        "type": "leaf {leaf}: its bytes in tile/entries/000",
        "hash": "leaf {leaf}: its bytes in tile/entries/000",
        "body": "leaf {leaf}: its bytes in tile/entries/000",
        "event_id": "leaf {leaf}: the decision is missing",
    },
    "log_tile": {
        "hashes": "leaf 0: its bytes in tile/entries/000",
        "level": "tile/0/000",
        "index": "tile/0/000",
    },
    "log_checkpoint": {
        "root": "checkpoint: the signature by",
        "signatures": "checkpoint: ",
        "size": "checkpoint: the signature by",
        **dict.fromkeys(["prev_size", "made_at"], ("not published: the checkpoint's own lines are signed",)),
    },
    "log_head": {
        "origin": "checkpoint: from another log",
        "key": "verifier-key: ",
        **dict.fromkeys(["id", "size", "last_mark", "swept_at", "holder", "held_until"], (WORKING,)),
    },
    "log_cosignature": ("a witness's line, verified by whoever trusts that witness; others ignore it",),
    "log_delivery": ("what was sent away; whoever has it holds it against the log",),
    "log_queue": (WAITING,),
    "retention_run": ("an account of what purge/1 leaves say themselves",),
    "erased_event": ("keeps a late retry from bringing an erased event back, for 8 days",),
    "consent_current": (REBUILT,),
    "rate": (REBUILT,),
    "rate_category": (REBUILT,),
    "visitor": ("opens a visitor's own record; not what was decided",),
    "archived_text": ("from before there was a log; the committed act of archiving it names it",),
    "finding": ("seen on pages by browsers that anybody may run; never proof of a decision",),
    "site": ("the rules in force are in every published policy",),
    "hold": (ACT,),
    **dict.fromkeys(
        ["api_token", "cookie_suggestion", "draft", "draft_comment", "one_time_link", "second_factor", "staff",
         "staff_role", "staff_session"],
        (STAFF,),
    ),
}  # fmt: skip

# Another value that the table's own rules allow; others are changed by their type.
OTHERS: dict[str, Any] = {
    "consent_event.action": "withdraw",
    "consent_event.surface": "page",
    "consent_event.automated": "suspected",
    "export.kind": "csv",
    "export.state": "interrupted",
    "erased_leaf.ground": "request",
    "log_leaf.type": "export/1",
    "log_leaf.event_id": None,
    "log_leaf.index": 9_999,
}
