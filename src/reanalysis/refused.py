"""What a person can mend: a message without a traceback, and exit code 1."""


class Refused(Exception):
    """Raised where the work cannot be done, for a reason that the message explains to a person; nothing was changed."""
