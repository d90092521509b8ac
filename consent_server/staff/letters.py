"""What the e-mails about accounts say: subject and text. Pure."""

ENDING = "\n\nIf you did not expect this, you need not do anything.\n"


def invitation(site: str, roles: list[str], link: str) -> tuple[str, str]:
    return (
        f"You are invited to the staff site of {site}",
        f"You have an account to work on the cookie choices and the privacy policy of {site}.\n"
        f"Your roles: {', '.join(roles)}.\n\n"
        f"Choose a password here. The link works once, for 7 days:\n\n{link}{ENDING}",
    )


def new_roles(site: str, roles: list[str], address: str) -> tuple[str, str]:
    return (
        f"You have new roles on {site}",
        f"Your roles on {site} are now: {', '.join(roles)}.\n\nSign in as you do already:\n\n{address}\n",
    )


def reset(link: str) -> tuple[str, str]:
    return (
        "Choose a new password",
        "Somebody asked for a new password for your staff account.\n\n"
        f"Choose one here. The link works once, for 1 hour:\n\n{link}{ENDING}",
    )
