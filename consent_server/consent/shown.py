"""What somebody was shown, beyond the texts of the notice."""

from consent_server.consent.models import ConsentEvent


def line_above(event: ConsentEvent, rules: dict[str, str]) -> str | None:
    """Which of a notice's lines about signals stood above its text: `gpc`, `dnt` or none. The page's script decides
    by what it sees itself, under the rules of the policy version (`widget/src/layer.js`)."""
    if event.gpc_js and rules["gpc"] != "record":
        return "gpc"
    return "dnt" if event.dnt_js == "1" and rules["dnt"] == "record" else None
