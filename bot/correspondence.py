"""What a mail says to the desk: whose it is, in which words, and what to beware of (pure).

Everything here is the word of a stranger: it is shown, labelled and answered, never obeyed.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from bot.cases import Customer
from bot.messages import storable
from bot.policy import MailPolicy
from triage.mail.letter import Address, Attachment, Authentication, Mail
from triage.mail.replies import split

LONGEST_WORDS = 20_000
LONGEST_SUBJECT = 250
LONGEST_LINE = 200
LONGEST_QUESTION = 600
MOST_WARNINGS = 8
MOST_BEFORE = 4
_GIST_LINES = 2
_TELLING_WORDS = 4
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_COURTESY = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|to whom|hallo|guten|bonjour|hola|"
    r"ciao|sehr geehrte|liebe[rs]?|i hope (?:this|you)|hope (?:this|you)|thank(?:s| you)|"
    r"(?:kind |best |warm )?regards|sincerely|cheers|mit freundlichen)\b",
    re.IGNORECASE,
)
_DANGEROUS = frozenset(
    """
    apk app bat chm cmd com cpl dll dmg docm dotm exe hta htm html img inf iso jar js jse lnk mht
    mhtml msi msp one pif potm ppam pptm ps1 py reg scr sh shtml svg url vb vbe vbs vhd vhdx wsf
    wsh xhtml xlam xll xlsm xltm
    """.split()  # noqa: SIM905  a list of them would be a page
)
_ARCHIVES = frozenset(["7z", "ace", "arj", "cab", "rar", "tgz", "gz", "bz2", "xz", "tar"])
_BENDS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def customer_of(mail: Mail, policy: MailPolicy, *, uploaded: bool = False) -> Customer:
    """Whom a mail is from: the original sender where somebody may stand for them.

    `uploaded`: a colleague brought the mail as a file, so whoever wrote it is the file's claim.
    """
    author = mail.author or mail.sender
    sender = author.address if author else None
    authentication = Authentication.UNKNOWN if uploaded else mail.authentication
    trusted = authentication is not Authentication.FAILED and policy.may_pass_on(sender)
    if mail.original is not None and mail.original.sender is not None and trusted:
        found, claimed = mail.original.sender, True
    else:
        found, claimed = mail.sender or Address(None, None), uploaded
    return Customer(
        name=_line(found.name, LONGEST_LINE) or None,
        address=_line(found.address, LONGEST_LINE) or None,
        claimed=claimed,
        sender=_line(sender, LONGEST_LINE) or None,
        authentication=authentication,
    )


def subject_of(mail: Mail, customer: Customer) -> str:
    """The subject, of the mail inside where the customer wrote that."""
    original = mail.original.subject if mail.original and customer.claimed else None
    return _line(original or mail.subject, LONGEST_SUBJECT) or "(no subject)"


def words_of(mail: Mail, customer: Customer) -> str:
    """The customer's own words: without quotes, signature, and what others wrote above."""
    if mail.original is not None and customer.claimed:
        words = split(mail.original.body).reply or mail.original.body
    else:
        words = mail.reply or mail.body
    return storable(words).strip()[:LONGEST_WORDS]


def gist_of(words: str) -> str:
    """Two lines in the customer's words: the first sentences that tell something."""
    told = [_shortened(one) for one in islice(_telling(words), _GIST_LINES)]
    return "\n".join(told) or _shortened(words)


def question_of(subject: str, words: str) -> str:
    """What the help centre is asked: the telling sentences, or the subject where there are none."""
    asked = ""
    for sentence in _telling(words):
        if len(asked) + len(sentence) > LONGEST_QUESTION:
            break
        asked = f"{asked} {sentence}".strip()
    return asked or _shortened(words) or subject


def utterance_of(subject: str, words: str) -> str:
    """What is labelled: the subject and the words below it."""
    return f"{subject}\n\n{words}".strip() if subject != "(no subject)" else words


def warnings_of(mail: Mail, customer: Customer) -> Sequence[str]:
    """What an agent should know before believing or opening anything."""
    return tuple(_warnings(mail, customer))[:MOST_WARNINGS]


def thread_of(mail: Mail, customer: Customer) -> tuple[str | None, Sequence[str]]:
    """(Message-ID, those before it) of the mail to answer; none where another mail carried it."""
    if customer.claimed:
        return None, ()
    answered = storable(mail.message_id) if mail.message_id else None
    return answered, tuple(storable(one) for one in mail.references[-MOST_BEFORE:])


def _warnings(mail: Mail, customer: Customer) -> Iterator[str]:
    if customer.authentication == Authentication.FAILED:
        yield "DMARC failed: the mail may not be from whom it says."
    if customer.claimed:
        carrier = customer.sender or "an unknown address"
        yield f"The sender is claimed: the mail was passed on by {carrier}."
    elif mail.original is not None:
        yield "Forwarded by somebody who may not stand for a customer: the forwarder is answered."
    elif customer.doubtful and customer.authentication != Authentication.FAILED:
        yield f"Answers are to go to another address than the author's ({customer.sender})."
    for attachment in mail.attachments:
        if words := _danger(attachment):
            yield f"Attachment “{_line(attachment.name, 80)}”: {words}."


def _danger(attachment: Attachment) -> str:
    name, mimetype = attachment.name, attachment.mimetype
    ending = name.rstrip(". ").rpartition(".")[2].casefold()
    if _BENDS.search(name):
        return "its name hides its type"
    if ending in _DANGEROUS or mimetype.casefold() in {"text/html", "application/javascript"}:
        return f"a dangerous type ({ending or mimetype})"
    if attachment.locked:
        return "an archive with a password"
    return "an archive that nobody has looked into" if ending in _ARCHIVES else ""


def _telling(words: str) -> Iterator[str]:
    for part in _SENTENCE.split(words[:LONGEST_WORDS]):
        sentence = " ".join(part.split())
        if len(sentence.split()) >= _TELLING_WORDS and not _COURTESY.match(sentence):
            yield sentence


def _shortened(text: str) -> str:
    line = _line(text, 10 * LONGEST_LINE)
    if len(line) <= LONGEST_LINE:
        return line
    cut = line[: LONGEST_LINE - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip() + "…"


def _line(text: str | None, longest: int) -> str:
    return " ".join(_BENDS.sub("", storable(text or "")).split())[:longest]
