"""What stands in README.txt of an archive, for people who have never heard of this server. Pure."""

import shlex

KEY = """The key

Whoever verifies must know the log's public key from somewhere else than this
archive: from an auditor who noted it earlier, from the policy's published
versions, or from /log/key on the consent host, asked on several days and from
several places. It is one line, such as
privacy.example.org/log+1a2b3c4d+AabcD…
"""

NEEDS = """verify.py is one file. It needs Python 3.9 or newer and the package
"cryptography" (pip install cryptography), asks no server, and sends nothing
anywhere. Read it first, or use a copy that you got elsewhere.
"""


def bundle(sites: tuple[str, ...]) -> str:
    """For a bundle of these sites."""
    return f"""A bundle of the consent log for {", ".join(sites)}

It holds every decision on record, everything that staff did, what was
published, and the transparency log that all of it was sealed in, so that it
can be checked without trusting the server that it came from.

To verify it

    python3 verify.py bundle THIS-FILE.zip --key KEY

It says "verified", or names each file, line and leaf that is not as it was
sealed, and every leaf that nothing answers for.

{NEEDS}
{KEY}
What is inside

checkpoint      the signed head of the log: its size and its root
rotations.json  changes of the log's key, if there were any
verifier-key    the key as this server names it, for convenience
tile/           the log itself: every leaf, and the hashes above them
events.jsonl    decisions, each with the nonce that opens its leaf
acts.jsonl      what staff did
exports.jsonl   what was taken away before
erasures.jsonl  which leaves were erased, by day and ground; no more than that
policies/ notices/ widgets/
                what was published: policies, the texts that visitors were
                shown, and the script
manifest.json   the SHA-256 of every file, and which leaves are other sites'

Handle it with care: events.jsonl holds consent IDs and says what people chose.
"""


def sample(sites: tuple[str, ...], phrase: str) -> str:
    """For a sample drawn by a phrase."""
    return f"""A random sample of the consent log for {", ".join(sites)}

The decisions in it were drawn by the phrase

    {phrase}

and by the root of the log's checkpoint. If that checkpoint was kept before the
phrase was told, neither side could steer what is drawn: KEPT is the file you
kept, and N how many decisions you asked for.

To verify it

    python3 verify.py sample THIS-FILE.zip --phrase {shlex.quote(phrase)} \\
        --count N --checkpoint KEPT --key KEY

N is how many decisions you asked for. KEPT is a file with the checkpoint that
you took from /log/checkpoint before you told anybody the phrase, and drew the
sample at. Without them it verifies too, and says what then is not proven.

It draws again, checks that nothing drawn was left out, and verifies the receipt
of every decision.

{NEEDS}
{KEY}
How it is drawn

seed = SHA-256(the phrase in UTF-8, then the 32 bytes of the root).
Draw number k, from 0: the first 8 bytes of SHA-256(seed, then k in 8 bytes),
as a number, modulo the size of the log, is the index of a leaf. A leaf drawn
before is passed over. It goes on until there are as many receipts as were asked
for, or every leaf was drawn.

What is inside

checkpoint      the signed head of the log: its size and its root
receipts/       one file for each decision drawn
skipped.jsonl   leaves drawn that are no decision (type), whose decision was
                erased (erased), or that are other sites' (elsewhere), each
                with its proof
manifest.json   phrase, seed, everything drawn in its order, and the SHA-256 of
                every file

Handle it with care: receipts hold consent IDs and say what people chose.
"""
