"""The notices that go together: one policy version, one build of the script, each in its locale."""

from sqlalchemy import select

from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.policy.service import notices_by_sha256
from consent_server.texts import nearest


def nearest_notice(site: str, sha256: str, language: str) -> tuple[str, bytes]:
    """The notice shown beside this one (same policy version, same build) in the locale nearest to a language: its
    SHA-256 and its document; raises NotFound."""
    shown = notices_by_sha256({bytes.fromhex(sha256)})
    notice = shown.get(bytes.fromhex(sha256))
    if notice is None or db.session.get_one(PolicyVersion, notice.policy_version_id).site != site:
        raise NotFound("There is no such notice.")
    same = select(Notice).where(Notice.policy_version_id == notice.policy_version_id, Notice.widget == notice.widget)
    beside = {found.locale: found for found in db.session.scalars(same.order_by(Notice.written_at))}
    found = beside[nearest(language, beside) or notice.locale]
    return found.sha256.hex(), found.document
