"""The newest decision on record, for the log's time marks."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from consent_server.consent.models import ConsentEvent
from consent_server.sites import service as sites


def newest_recorded(connection: Connection) -> datetime | None:
    """When it was recorded; none where there is none. One look-up a site: the index begins with the site."""
    newest = select(func.max(ConsentEvent.recorded_at))
    found = [connection.scalar(newest.where(ConsentEvent.site == site)) for site in sites.all_keys()]
    return max(filter(None, found), default=None)
