"""What staff pages are made of across rooms: places in the navigation, and tasks on the home page.

Each room that has pages for staff brings its own; `blueprints.py` lists them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from consent_server.staff.service import Account


@dataclass(frozen=True)
class Place:
    """An entry of the navigation, for whoever has one of the roles. `per_site`: its endpoint takes `site`."""

    name: str
    endpoint: str
    roles: frozenset[str]
    per_site: bool = True


@dataclass(frozen=True)
class Task:
    """Something that waits for this account on one site: what, where, and in a sentence why."""

    text: str
    href: str
    detail: str = ""


# Asked for one site, with the account's roles there in mind; an empty list where nothing waits.
Tasks = Callable[[Account, str], list[Task]]
# What every page of a site says above its own words ("3 changes since version 12"), with a link; none: nothing.
Line = Callable[[Account, str], Task | None]


def places() -> tuple[Place, ...]:
    found: tuple[Place, ...] = current_app.extensions["staff-places"]
    return found


def tasks_of(account: Account, site: str) -> list[Task]:
    """Everything that waits for the account on the site, in the order of the rooms."""
    rooms: tuple[Tasks, ...] = current_app.extensions["staff-tasks"]
    return [task for room in rooms for task in room(account, site)]


def lines_of(account: Account, site: str) -> list[Task]:
    """What every staff page of the site says above its own words."""
    rooms: tuple[Line, ...] = current_app.extensions["staff-lines"]
    return [line for room in rooms if (line := room(account, site))]
