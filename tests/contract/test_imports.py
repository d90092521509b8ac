"""Who may import whom: the way of the data through the house, read from the source itself.

Between rooms only service to service, one way; inside a room HTTP knows the service and never the other way round.
"""

import ast
import sys
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "consent_server"
ROOMS = {path.parent.name for path in HOUSE.glob("*/__init__.py")}

# Each room, with the modules of other rooms that any of its modules may import.
MAY_IMPORT = {
    "texts": set(),
    "evidence": set(),
    "sites": set(),
    "staff": {"sites.service"},
    "registry": {"sites.service", "texts"},
    "policy": {
        "sites.service",
        "registry.service",
        "registry.drafts",
        "evidence.service",
        "evidence.commitment",
        "texts",
    },
    "embed": {"sites.service", "policy.service", "evidence.service", "evidence.commitment", "texts"},
    "consent": {"sites.service", "policy.service", "evidence.service", "evidence.commitment"},
    "governance": {"policy.service"},
    "audit": {"sites.service", "policy.service", "evidence.commitment"},
}
# What single modules may import besides.
EXCEPTIONS = {
    # The record of what staff did, for rooms that have something to record, and the guards of views.
    "audit.api": {"evidence.note", "evidence.service", "staff.record", "staff.permissions"},
    "audit.export_pages": {"evidence.service", "staff.permissions"},
    "audit.sample_pages": {"evidence.service", "staff.permissions"},
    "audit.frame": {"staff.record"},
    "audit.pages": {"consent.shown", "evidence.service", "staff.permissions"},
    "audit.start_pages": {"evidence.note", "staff.permissions", "staff.places"},
    "audit.view_api": {"evidence.service", "governance.service", "staff.permissions", "staff.record"},
    "audit.view_records": {"evidence.service"},
    "audit.visitor_pages": {"evidence.service", "staff.permissions"},
    "audit.rates_pages": {"staff.permissions"},
    "audit.provider_pages": {"staff.permissions", "staff.words"},
    "audit.log_pages": {"evidence.service", "evidence.note", "staff.permissions"},
    "audit.retention_pages": {"governance.service", "staff.permissions"},
    "audit.visits": {"evidence.note", "evidence.service", "staff.models", "staff.record"},
    "consent.receipts": {"staff.permissions", "staff.record"},
    # What somebody saw: the script that was kept, in the frame that previews are shown in.
    "audit.shown": {"consent.models", "consent.shown", "embed.as_shown", "embed.builds", "evidence.service"},
    "audit.pack_pages": {"consent.pack", "staff.permissions"},
    "consent.pack": {"embed.as_shown", "evidence.verifier"},
    "audit.shown_pages": {"embed.preview_pages", "staff.permissions", "texts"},
    "consent.erasure": {"staff.record"},
    "consent.retention": {"staff.record"},
    "consent.admin": {"staff.permissions"},
    "staff.record": {"evidence.service", "evidence.commitment"},
    "registry.drafts": {"staff.record"},
    "policy.publication": {"staff.record"},
    "policy.holds": {"staff.record"},
    "policy.review": {"staff.record"},
    "policy.archive": {"staff.record"},
    "policy.announcement_pages": {"staff.permissions", "staff.places", "staff.service"},
    # Providers from a spreadsheet: the registry puts them in, the policy says what they change.
    "policy.commands": {"registry.spreadsheet", "registry.fields"},
    "registry.admin": {"staff.permissions"},
    "policy.admin": {"staff.permissions", "registry.admin_schemas", "registry.handover"},
    "policy.admin_schemas": {"registry.admin_schemas", "registry.fields"},
    # The editor's pages: the guards of views, and each room's places and tasks for the frame of staff pages …
    "registry.frame": {"staff.permissions"},
    "registry.pages": {"staff.places", "staff.service"},
    # … and those about what is published, which are the same pages in another room.
    "policy.review_pages": {
        "registry.faults",
        "registry.forms",
        "registry.frame",
        "registry.handover",
        "registry.models",
        "registry.refusals",
        "staff.permissions",
        "staff.places",
        "staff.service",
    },
    "policy.publish_pages": {
        "registry.faults",
        "registry.forms",
        "registry.frame",
        "registry.handover",
        "registry.labels",
        "registry.models",
        "registry.pieces",
        "staff.permissions",
    },
    "policy.text_pages": {
        "registry.faults",
        "registry.form_schemas",
        "registry.forms",
        "registry.frame",
        "registry.models",
        "registry.pieces",
    },
    "policy.review_words": {"registry.labels"},
    "policy.import_pages": {"registry.frame", "registry.models", "registry.spreadsheet"},
    "embed.preview": {"policy.document"},
    "embed.trial_pages": {"registry.drafts"},
    "embed.preview_pages": {"registry.drafts", "registry.frame", "staff.places"},
    # Whoever is next is told by mail.
    "registry.handover": {"staff.mail", "staff.service"},
    # The hot path: the event, its place in the log's queue and the site's revision in one statement.
    "consent.store": {"evidence.models", "sites.models"},
    # A page's address is one thing, whatever it reports.
    "governance.schemas": {"consent.schemas"},
    # An auditor's queries are over the rows that are evidence; these modules only read them.
    "audit.records": {"consent.records"},
    # What is taken away holds what the log is made of: rows as they were committed, texts, tiles.
    "audit.exports": {"evidence.service", "staff.record"},
    "audit.export_rows": {"consent.models", "evidence.models", "policy.models"},
    "audit.downloads": {"evidence.service"},
    "audit.bundle": {
        "embed.models",
        "evidence.erasure_models",
        "evidence.leaves",
        "evidence.service",
        "evidence.tiles",
        "evidence.tree",
        "evidence.verifier",
        "policy.models",
    },
    "audit.bundle_rows": {
        "consent.event",
        "consent.models",
        "evidence.erasure_models",
        "evidence.models",
        "policy.models",
        "staff.models",
        "staff.record",
    },
    "audit.sample": {"consent.models", "evidence.models", "evidence.service"},
    "audit.sample_archive": {"consent.proofs", "evidence.service"},
    "audit.schemas": {"consent.models"},
    "audit.service": {"consent.models", "policy.models"},
    "audit.counting": {"consent.models", "policy.models"},
    "audit.signals": {"policy.models"},
    "audit.story": {
        "consent.models",
        "evidence.service",
        "policy.models",
        "policy.significance",
        "policy.versions",
    },
    "audit.coverage": {
        "consent.models",
        "policy.diff",
        "policy.models",
        "policy.significance",
        "policy.versions",
        "staff.models",
    },
    "audit.retention": {"consent.models", "evidence.erasure_models"},
    "audit.lookup": {
        "consent.models",
        "consent.service",
        "evidence.erasure_models",
        "evidence.leaves",
        "evidence.models",
        "evidence.service",
    },
    "audit.log_state": {"evidence.models", "evidence.note", "evidence.service", "evidence.tree"},
    "audit.words": {"consent.models"},
}
# They belong to no room. Those that build the app or run its commands may know every room's …
WIRING = {"", "blueprints", "cli", "development", "release", "operations", "schedule", "sequencing", "outside"}
# … and the others none, but for the generic texts.
SHARED = {
    "bodies",
    "clock",
    "database",
    "demo",
    "docs",
    "driver",
    "errors",
    "extensions",
    "rates",
    "security",
    "settings",
    "strict_json",
    "visitor_page",
    "zipped",
}

# Modules of rooms that know of requests, by the last part of their name, and shared ones that only they may import.
HTTP = {
    "api",
    "admin",
    "downloads",
    "pages",
    "wellknown",
    "receipts",
    "forms",
    "exchange",
    "permissions",
    "sessions",
    "frame",
}
HTTP_SHARED = {"bodies", "demo", "docs", "rates", "security", "visitor_page"}

# They import the standard library and each other, nothing else.
PURE = {
    "audit.plots",
    "audit.zones",
    "consent.signals",
    "consent.effect",
    "consent.cookies",
    "consent.leftovers",
    "clock",
}
PURE |= {"policy.diff", "policy.significance", "policy.wording", "registry.spreadsheet", "governance.names"}
PURE |= {"consent.receipt_profiles"}


@dataclass(frozen=True)
class Import:
    """`name` is what was imported from `module`; a module of ours is named without the package's own name."""

    module: str
    name: str

    @property
    def ours(self) -> bool:
        return self.module.partition(".")[0] in ROOMS or self.module in WIRING | SHARED

    @property
    def room(self) -> str | None:
        first = self.module.partition(".")[0]
        return first if first in ROOMS else None


def imports_of(path: Path) -> list[Import]:
    """Everything a file imports, inside its functions too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}: imports name their package"
            found += [_from(node.module, alias.name) for alias in node.names]
    return found


def _from(module: str, name: str) -> Import:
    """`from package import module` imports the module, however it is written."""
    if module.partition(".")[0] != "consent_server":
        return Import(module, name)
    inner = ".".join(filter(None, (module.removeprefix("consent_server").lstrip("."), name)))
    folder = HOUSE.joinpath(*inner.split("."))
    if folder.with_suffix(".py").is_file() or (folder / "__init__.py").is_file():
        return Import(inner, "")
    return Import(inner.rpartition(".")[0], name)


def name_of(path: Path) -> str:
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {name_of(path): path for path in sorted(HOUSE.rglob("*.py"))}
MODULES = {module: imports_of(path) for module, path in SOURCES.items()}


def room_of(module: str) -> str | None:
    return Import(module, "").room


def last(module: str) -> str:
    return module.rpartition(".")[2]


def knows_http(module: str) -> bool:
    in_http = last(module) in HTTP or last(module).endswith(("_pages", "_api"))
    return module in HTTP_SHARED or (room_of(module) is not None and in_http)


IN_ROOMS = [module for module in MODULES if room_of(module)]


def test_every_module_is_in_a_room_or_known_to_be_in_none():
    assert {module for module in MODULES if not room_of(module)} == WIRING | SHARED
    assert set(MAY_IMPORT) == ROOMS


def test_exceptions_are_needed():
    """One that nobody uses any more goes."""
    for module, allowed in EXCEPTIONS.items():
        assert allowed <= {used.module for used in MODULES[module]}, module
    for room, allowed in MAY_IMPORT.items():
        used = {used.module for module in IN_ROOMS if room_of(module) == room for used in MODULES[module]}
        assert allowed <= used, room


def test_rooms_point_one_way():
    used = {room: {name.partition(".")[0] for name in allowed} for room, allowed in MAY_IMPORT.items()}
    for module, allowed in EXCEPTIONS.items():
        used[str(room_of(module))] |= {name.partition(".")[0] for name in allowed}
    # It raises CycleError.
    TopologicalSorter(used).prepare()


@pytest.mark.parametrize("module", IN_ROOMS)
def test_a_room_imports_what_the_table_says_of_others(module):
    room = room_of(module)
    others = {used.module for used in MODULES[module] if used.room not in (None, room)}
    assert others <= MAY_IMPORT[room] | EXCEPTIONS.get(module, set())


@pytest.mark.parametrize("module", IN_ROOMS)
def test_only_views_know_http(module):
    if knows_http(module):
        return
    for used in MODULES[module]:
        assert not used.module.startswith(("flask_smorest", "werkzeug"))
        if used.module == "flask":
            assert used.name == "current_app", f"{module} imports flask.{used.name}"
        assert not knows_http(used.module), f"{module} imports {used.module}"


@pytest.mark.parametrize("module", [module for module in IN_ROOMS if last(module) == "models"])
def test_models_know_columns_and_each_other(module):
    ours = {used.module for used in MODULES[module] if used.ours}
    assert ours <= {"database", "extensions", "clock"}


@pytest.mark.parametrize("module", sorted(PURE))
def test_pure_modules_import_the_standard_library(module):
    for used in MODULES[module]:
        assert used.module in PURE or used.module.partition(".")[0] in sys.stdlib_module_names, used


@pytest.mark.parametrize("module", sorted(SHARED))
def test_what_rooms_share_knows_no_room(module):
    assert {used.room for used in MODULES[module]} - {None} <= {"texts"}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_what_builds_the_app(module):
    if module in WIRING:
        return
    assert not {used.module for used in MODULES[module]} & (WIRING | {"consent_server"})


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"clock", "evidence.verify"}))
def test_time_comes_from_the_clock(module):
    """`clock.now` is what tests set; a second source would not stand still with it. The verifier stands alone."""
    assert "time" not in {used.module for used in MODULES[module]}
    asked = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(SOURCES[module].read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")
    ]
    assert set(asked) <= {"clock.now"}
