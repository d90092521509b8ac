"""The banner as somebody saw it: the script a site served then, kept to the byte."""

import re

from sqlalchemy import select

from consent_server.embed.builds import CODE, PLACEHOLDER, Build
from consent_server.embed.models import WidgetFile
from consent_server.embed.service import script_name
from consent_server.extensions import db
from consent_server.policy import service as policy

_NOTICE = re.compile(rb'notice:"([0-9a-f]{64})"')


def find_code(sha256: bytes) -> Build | None:
    """The script's code before configuration was inserted, by its hash; none where no such build was kept."""
    file = db.session.get(WidgetFile, sha256)
    return Build(CODE, file.content) if file and file.name == CODE else None


def find_script(site: str, code: Build, version_id: int) -> Build | None:
    """The whole script that a site served under a policy version with this code: for every locale it is the same.

    None where it was not kept. A site's scripts are as many as its versions and releases.
    """
    before, after = code.content.split(PLACEHOLDER)
    name = script_name(site)
    for file in db.session.scalars(select(WidgetFile).where(WidgetFile.name == name).order_by(WidgetFile.added_at)):
        if file.content.startswith(before) and file.content.endswith(after):
            config = file.content[len(before) : len(file.content) - len(after)]
            named = {bytes.fromhex(found.decode()) for found in _NOTICE.findall(config)}
            if any(notice.policy_version_id == version_id for notice in policy.notices_by_sha256(named).values()):
                return Build(name, file.content)
    return None
