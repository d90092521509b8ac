"""What development adds to every site, so that it can be tried on one machine."""

from collections.abc import Callable

from consent_server.settings import Settings

Additions = Callable[[str], tuple[tuple[str, ...], tuple[str, ...]]]


def development_origins(settings: Settings) -> Additions:
    """A function from a site's key to origins and cookie domains to add: none in production.

    Browsers resolve every name under `localhost` to this machine; plain `localhost` serves as a foreign site.
    """
    if not settings.development:
        return lambda key: ((), ())
    port = settings.port

    def additions(key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        hosts = (f"www.{key}.localhost", f"connect.{key}.localhost", "localhost")
        return (
            *(f"http://{host}:{port}" for host in hosts),
            *settings.extra_origins,
        ), (f"{key}.localhost",)

    return additions
