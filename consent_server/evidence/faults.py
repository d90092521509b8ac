"""What keeps the log from going on."""


class LogFault(Exception):
    """The log cannot go on, and why; for operators. It holds nothing of what is in the log."""


class NotStarted(LogFault):
    """The log has no origin or no key yet."""


class Diverged(LogFault):
    """The database does not hold what was signed before. Signing on would fork the log."""
