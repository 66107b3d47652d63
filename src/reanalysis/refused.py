"""What a person can mend: a message without a traceback, and exit code 1."""

from errno import EACCES, EDQUOT, EFBIG, ENAMETOOLONG, ENOSPC, EPERM, EROFS

ROOM = "Make room and run again: what was finished before is kept."
LEAVE = "Allow this user to write there, or work in a copy of the folder."
ADVICE = {
    **dict.fromkeys((ENOSPC, EDQUOT, EFBIG), ROOM),
    **dict.fromkeys((EACCES, EPERM, EROFS), LEAVE),
    ENAMETOOLONG: "Move the folder of the review to a place with a shorter name, or shorten the names in the data.",
}
"""What to do where the operating system refuses to write, by the number of the error."""


class Refused(Exception):
    """Raised where the work cannot be done, for a reason that the message explains to a person; nothing was changed."""


def refusal(error: BaseException) -> str:
    """What to tell a person of an error that a person can mend, such as a full disk; empty of a defect."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, OSError) and error.errno in ADVICE:
        place = error.filename2 or error.filename
        return f"{f'{place}: ' if place else ''}{error.strerror}. {ADVICE[error.errno]}"
    return ""
