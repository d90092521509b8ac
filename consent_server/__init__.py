"""A consent server: banner, provider registry, policy, and a consent log that can be verified."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from consent_server import blueprints, cli
from consent_server.audit import counting
from consent_server.consent.newest import newest_recorded
from consent_server.database import engine_options, prepare_engine
from consent_server.driver import Driver
from consent_server.embed import service as embed
from consent_server.embed.builds import CODE, read_builds
from consent_server.errors import ProblemApi, init_errors
from consent_server.extensions import db, migrate
from consent_server.policy.service import Memory
from consent_server.rates import Rates
from consent_server.security import NoSessions, init_security
from consent_server.settings import Settings, read_settings
from consent_server.sites.development import development_origins


def create_app(settings: Settings | None = None) -> Flask:
    """The application, from the environment's settings or the given ones."""
    settings = settings or read_settings()
    app = Flask(__name__)
    configure(app, settings)
    connect(app)
    api = ProblemApi(app)
    init_errors(app)
    init_security(app, settings)
    blueprints.register(app, api, settings)
    cli.register(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Settings and what is read once at start-up."""
    builds = read_builds()
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=5_000_000,
        MAX_FORM_MEMORY_SIZE=100_000,
        DEVELOPMENT_ORIGINS=development_origins(settings),
        BUILDS=builds,
        WIDGET_SHA256=builds[CODE].sha256,
        API_TITLE="Consent server",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}},
    )
    app.session_interface = NoSessions()
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def connect(app: Flask) -> None:
    """Extensions, the engines, and what each process remembers."""
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        engine = db.engine
    prepare_engine(engine)
    app.extensions["driver"] = Driver(engine, engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    app.extensions["rates"] = Rates()
    app.extensions["policy-memory"] = Memory()
    app.extensions["embed-scripts"] = {}
    # What has to be done with each publication, in its transaction, by rooms that the publishing one does not know.
    app.extensions["after-publication"] = embed.release
    # What has to be done with decisions as they are sealed: `follow(connection, event_ids)`, in that transaction.
    app.extensions["after-sealing"] = [counting.count]
    # No time mark of the log is older than what stands below it.
    app.extensions["newest-recorded"] = [newest_recorded]
