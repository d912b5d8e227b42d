"""What mail servers report of mail that did not arrive, with and without MIME (linear time)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from triage.mail.absences import is_absence
from triage.mail.automatic import is_daemon, says_reply
from triage.mail.headers import Headers
from triage.mail.letter import Address, Bounce
from triage.mail.mailboxes import mailboxes
from triage.mail.mime import Part
from triage.mail.senders import people

_REPORT_KINDS = {"message/delivery-status", "message/global-delivery-status"}
_NULL_SENDERS = ("return-path", "x-envelope-from", "envelope-from", "x-return-path")
LONGEST_REPORT = 64 * 1024
_SUBJECT = re.compile(
    r"^\W{0,3}(?:undeliver(?:able|ed)|delivery (?:status notification|failure|notification|report"
    r"|has failed|has been delayed|problem|delayed|incomplete)|mail delivery (?:failed|failure"
    r"|system|problem|subsystem|status)|failure notice|failed (?:mail|delivery)|returned mail"
    r"|return(?:ed)? to sender|message (?:undeliverable|delivery|not delivered|delayed)"
    r"|mail system error|(?:e-?)?mail (?:could not be delivered|delayed|not delivered)"
    r"|delayed mail|non ?delivery|non remis|warning: (?:could not send|message .{0,40}delayed)"
    r"|unzustellbar|nicht zugestellt|nachricht nicht zugestellt|fehlgeschlagene? zustellung"
    r"|zustellung(?:s| der)|non remise?|échec de (?:la )?(?:remise|distribution)"
    r"|notification d'état de remise|retour(?:né)? à l'expéditeur|no se (?:puede|pudo) entregar"
    r"|no entregado|devuelto|error de entrega|notificación de (?:error|estado)|non recapitabile"
    r"|mancato recapito|impossibile (?:recapitare|consegnare)|onbestelbaar|niet bezorgd"
    r"|não (?:entregue|foi possível entregar)|falha na entrega|undelivered|niedostarczon"
    r"|nie można dostarczyć|olevererbart|det gick inte att leverera|kan ikke leveres"
    r"|uleverbar|kunne ikke leveres|toimitus epäonnistui|ei voitu toimittaa|nedoručiteľn"
    r"|nedoručiteln|kézbesíthetetlen|nu se poate livra|nije moguće isporučiti|недоставлен"
    r"|не доставлен|недоставлено|не удалось доставить|teslim edilemedi|配信不能|配信できません"
    r"|未送达|无法投递|退信|系统退信|傳遞失敗|傳送失敗)",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(
    r"(?:following|these) (?:recipient|address)(?:es|\(?e?s\)?)?(?: or group)?s?.{0,40}?"
    r"(?:fail|could not|couldn't|had|not be)|permanent(?:ly)? (?:fatal )?(?:fail|error)"
    r"|(?:could|can)(?:not| not|n't) be delivered|delivery (?:to .{0,200}?)?(?:has )?failed"
    r"|wasn't delivered|was not delivered|unable to deliver|not able to deliver"
    r"|returned to sender|user unknown|no such user|mailbox (?:is )?(?:full|unavailable|not found)"
    r"|recipient address rejected|address rejected|does(?:n't| not) exist|retry timeout exceeded"
    r"|transcript of session|this is the (?:mail system|qmail-send program)|undeliverable"
    r"|this message was created automatically by mail delivery software",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w.]\d|\w)")
_REPLY_CODE = re.compile(r"(?<![\w.])([45][0-5]\d)[ -](?=[\"'#]?\w)")
_DELAY = re.compile(
    r"delay|deferred|still being retried|will be retried|warning only|not yet been delivered"
    r"|will continue to be|could not send message for past|keep trying|retry(?:ing)? for"
    r"|verzöger|retard|retras",
    re.IGNORECASE,
)
_OVER = re.compile(r"fail|permanent|gave up|giving up|will be deleted|undeliver", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^[^\w\n]{0,20}(?:original message|original mail|ursprüngliche nachricht|this is a copy of"
    r"|below this line is a copy|message header follows|original-?nachricht|message d'origine"
    r"|original message headers|included is a copy|diagnostic information for administrators)",
    re.IGNORECASE | re.MULTILINE,
)
_MENTIONED = re.compile(r"[\w.+=%&'*/~-]{1,100}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_FIELD = re.compile(r"([A-Za-z-]{3,40})[ \t]*:[ \t]*(.*)")


def bounce_of(whole: Part, subject: str | None, text: str) -> Bounce | None:
    """What a report says of the first recipient; None where the mail is no report."""
    headers = whole.headers
    reported = next((part for part in whole.walk() if part.kind in _REPORT_KINDS), None)
    formal = reported is not None or _is_report(whole)
    if not formal and not _reads_as_report(headers, subject, text):
        return None
    fields = _fields(reported) if reported else {}
    before = _before_original(text)
    action = fields.get("action", "").split("(", 1)[0].strip(" ;.").lower() or None
    return Bounce(
        action or _delay(subject, before),
        _status(fields.get("status", "")) or _status(before),
        _recipient(fields) or _failed(headers) or _mentioned(before, headers),
    )


def bounce_in(subject: str | None, text: str) -> Bounce | None:
    """The same for a mail of which only subject and text are known."""
    return bounce_of(Part(Headers(), b""), subject, text)


def _is_report(whole: Part) -> bool:
    kind = whole.parameters.get("report-type", "").lower()
    return whole.kind == "multipart/report" and kind in {"delivery-status", ""}


def _reads_as_report(headers: Headers, subject: str | None, text: str) -> bool:
    """Whether sender, subject and words are those of a report without MIME."""
    if headers.raw("x-failed-recipients"):
        return True
    named = bool(_SUBJECT.match(subject or ""))
    daemon = any(is_daemon(one) for one in people(headers, "from"))
    if named or daemon:
        said = _before_original(text)
        worded = bool(_EVIDENCE.search(said))
        if (daemon and (named or worded)) or (named and worded and _status(said)):
            return True
    return _is_null(headers) and (named or not _is_answer(headers, subject))


def _is_null(headers: Headers) -> bool:
    """Whether the envelope had no sender, as that of reports."""
    return any(one == "<>" for name in _NULL_SENDERS for one in headers.every(name)[:1])


def _is_answer(headers: Headers, subject: str | None) -> bool:
    """Whether another machine wrote it: answers of vacation programs have no sender either."""
    submitted = (headers.raw("auto-submitted") or "no").lower()
    return submitted != "no" or says_reply(headers) or is_absence(subject)


def _fields(reported: Part) -> Mapping[str, str]:
    """The fields of the first recipient."""
    text = reported.text[:LONGEST_REPORT]
    for group in re.split(r"\n[ \t]*\n", text):
        found: dict[str, str] = {}
        for name, value in _pairs(group.split("\n")):
            found.setdefault(name, value)
        if found.keys() & {"final-recipient", "original-recipient", "action"}:
            return found
    return {}


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        field = _FIELD.match(line)
        if field:
            yield field[1].lower(), field[2].strip()


def _recipient(fields: Mapping[str, str]) -> str | None:
    for name in ("final-recipient", "original-recipient"):
        kind, mark, value = fields.get(name, "").partition(";")
        named = _addressed(value if mark else kind)
        if named:
            return named
    return None


def _failed(headers: Headers) -> str | None:
    return _addressed(headers.raw("x-failed-recipients") or "")


def _addressed(written: str) -> str | None:
    return next((one.address for one in mailboxes(written[:1_000]) if one.address), None)


def _mentioned(text: str, headers: Headers) -> str | None:
    """The first address of the report that is neither its sender's nor its reader's."""
    own = [one for name in ("from", "to", "sender") for one in people(headers, name)]
    known = {(one.address or "").lower() for one in own}
    for found in _MENTIONED.finditer(text):
        named = found[0].strip(".'")
        if named.lower() not in known and not is_daemon(Address(None, named)):
            return named
    return None


def _status(text: str) -> str | None:
    found = _CODE.search(text) or _REPLY_CODE.search(text)
    return found[1] if found else None


def _delay(subject: str | None, text: str) -> str | None:
    """`delayed` where the words say so; what has failed in the end was often delayed before."""
    if _OVER.search(subject or ""):
        return None
    if _DELAY.search(subject or ""):
        return "delayed"
    return "delayed" if _DELAY.search(text) and not _OVER.search(text) else None


def _before_original(text: str) -> str:
    """The report's own words, without the mail that it returns."""
    found = _ORIGINAL.search(text[:LONGEST_REPORT])
    return text[: found.start()] if found else text[:LONGEST_REPORT]
