"""Forwards as mail programs write them, of our own making, each with what is in it."""

from dataclasses import dataclass

BODY = "Hello,\n\nmy parcel has not come. I ordered on 3 May: two mugs, to be delivered by Friday.\n\nGreta"
NOTE = "Can you look into this?\n\nThanks, Tom"


@dataclass(frozen=True, slots=True)
class Forward:
    """A forward: `name` of the sender, whether the address stands in it, date as written."""

    client: str
    subject: str | None
    text: str
    name: str | None = "Greta Håkansson"
    address: str | None = "greta.h@example.org"
    date: str | None = None
    note: str | None = NOTE
    about: str | None = "Where is my parcel?"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


FORWARDS = (
    Forward(
        "proton",
        "Fw: Where is my parcel?",
        f"{NOTE}\n\n------- Forwarded Message -------\nFrom: Greta Håkansson <greta.h@example.org>\n"
        "Date: On Monday, May 10th, 2026 at 9:12 AM\nSubject: Where is my parcel?\n"
        f"To: help@shop.example <help@shop.example>\n\n{BODY}",
        date="On Monday, May 10th, 2026 at 9:12 AM",
    ),
    Forward(
        "zoho",
        "Fwd: Where is my parcel?",
        f"{NOTE}\n\n============ Forwarded message ============\n"
        "From: Greta Håkansson <greta.h@example.org>\nTo: <help@shop.example>\n"
        "Date: Sun, 10 May 2026 09:12:00 +0200\nSubject: Where is my parcel?\n"
        f"============ Forwarded message ============\n\n{BODY}",
        date="Sun, 10 May 2026 09:12:00 +0200",
    ),
    Forward(
        "fastmail",
        "Fwd: Where is my parcel?",
        f"{NOTE}\n\n----- Original message -----\nFrom: Greta Håkansson <greta.h@example.org>\n"
        "To: help@shop.example\nSubject: Where is my parcel?\nDate: Sunday, 10 May 2026 09:12\n\n"
        f"{BODY}",
        date="Sunday, 10 May 2026 09:12",
    ),
    Forward(
        "em client",
        "Fwd: Where is my parcel?",
        f'{NOTE}\n\n------ Forwarded Message ------\nFrom: "Greta Håkansson" <greta.h@example.org>\n'
        'To: "Help" <help@shop.example>\nSent: 10/05/2026 09:12:44\nSubject: Where is my parcel?\n\n'
        f"{BODY}",
        date="10/05/2026 09:12:44",
    ),
    Forward(
        "samsung, German",
        "WG: Where is my parcel?",
        f"{NOTE}\n\n-------- Ursprüngliche Nachricht --------\n"
        "Von: Greta Håkansson <greta.h@example.org>\nDatum: 10.05.26 09:12 (GMT+01:00)\n"
        f"An: help@shop.example\nBetreff: Where is my parcel?\n\n{BODY}",
        date="10.05.26 09:12 (GMT+01:00)",
    ),
    Forward(
        "gmx, no separator, German",
        "Fw: Where is my parcel?",
        f"{NOTE}\n\nGesendet: Sonntag, 10. Mai 2026 um 09:12 Uhr\n"
        'Von: "Greta Håkansson" <greta.h@example.org>\nAn: help@shop.example\n'
        f"Betreff: Where is my parcel?\n\n{BODY}",
        date="Sonntag, 10. Mai 2026 um 09:12 Uhr",
    ),
    Forward(
        "outlook classic, French",
        "TR: Where is my parcel?",
        f"{NOTE}\n\n\nDe : Greta Håkansson [mailto:greta.h@example.org] \n"
        "Envoyé : dimanche 10 mai 2026 09:12\nÀ : help@shop.example\n"
        f"Objet : Where is my parcel?\nImportance : Haute\n\n{BODY}",
        date="dimanche 10 mai 2026 09:12",
    ),
    Forward(
        "outlook, Spanish, bold labels from HTML",
        "RV: Where is my parcel?",
        f"{NOTE}\n\n________________________________\n*De:* Greta Håkansson <greta.h@example.org>\n"
        "*Enviado:* domingo, 10 de mayo de 2026 9:12\n*Para:* help@shop.example <help@shop.example>\n"
        f"*Asunto:* Where is my parcel?\n\n{BODY}",
        date="domingo, 10 de mayo de 2026 9:12",
    ),
    Forward(
        "outlook, Markdown bold, a blank line between headers",
        "FW: Where is my parcel?",
        f"{NOTE}\n\n**From:** Greta Håkansson <greta.h@example.org>\n\n"
        "**Sent:** Sunday, May 10, 2026 9:12 AM\n\n**To:** help@shop.example\n\n"
        f"**Subject:** Where is my parcel?\n\n{BODY}",
        date="Sunday, May 10, 2026 9:12 AM",
    ),
    Forward(
        "outlook on behalf, addresses over two lines",
        "FW: Where is my parcel?",
        f"{NOTE}\n\nFrom: Greta Håkansson <greta.h@example.org> On Behalf Of Office\n"
        "Sent: Sunday, May 10, 2026 9:12 AM\nTo: Help Desk <help@shop.example>;\n"
        " Sales <sales@shop.example>\nCc: Tom, Baker <tom@shop.example>\n"
        f"Subject: Where is my parcel?\n\n{BODY}",
        date="Sunday, May 10, 2026 9:12 AM",
    ),
    Forward(
        "apple, Italian, all quoted",
        "Fwd: Where is my parcel?",
        f"{NOTE}\n\n> Inizio messaggio inoltrato:\n>\n"
        + _quoted(
            "Da: Greta Håkansson <greta.h@example.org>\nOggetto: Where is my parcel?\n"
            f"Data: 10 maggio 2026 alle ore 09:12:44 CEST\nA: help@shop.example\n\n{BODY}"
        ),
        date="10 maggio 2026 alle ore 09:12:44 CEST",
    ),
    Forward(
        "qq, Chinese",
        "转发：Where is my parcel?",
        f"{NOTE}\n\n------------------ 原始邮件 ------------------\n"
        '发件人: "Greta Håkansson" <greta.h@example.org>;\n发送时间: 2026年5月10日(星期天) 上午9:12\n'
        f'收件人: "help"<help@shop.example>;\n主题: Where is my parcel?\n\n{BODY}',
        date="2026年5月10日(星期天) 上午9:12",
    ),
    Forward(
        "outlook, Japanese",
        "転送: Where is my parcel?",
        f"{NOTE}\n\n差出人: Greta Håkansson <greta.h@example.org>\n送信日時: 2026年5月10日 9:12\n"
        f"宛先: help@shop.example <help@shop.example>\n件名: Where is my parcel?\n\n{BODY}",
        date="2026年5月10日 9:12",
    ),
    Forward(
        "outlook, Korean",
        "FW: Where is my parcel?",
        f"{NOTE}\n\n보낸 사람: Greta Håkansson <greta.h@example.org>\n"
        "보낸 날짜: 2026년 5월 10일 일요일 오전 9:12\n받는 사람: help@shop.example\n"
        f"제목: Where is my parcel?\n\n{BODY}",
        date="2026년 5월 10일 일요일 오전 9:12",
    ),
    Forward(
        "mutt",
        "Fwd: Where is my parcel?",
        f"{NOTE}\n\n----- Forwarded message from Greta Håkansson <greta.h@example.org> -----\n\n"
        "Date: Sun, 10 May 2026 09:12:44 +0200\nFrom: Greta Håkansson <greta.h@example.org>\n"
        f"To: help@shop.example\nSubject: Where is my parcel?\n\n{BODY}\n\n"
        "----- End forwarded message -----",
        date="Sun, 10 May 2026 09:12:44 +0200",
    ),
    Forward(
        "lotus notes",
        "Fw: Where is my parcel?",
        f"{NOTE}\n\n----- Forwarded by Tom Baker/SHOP on 05/10/2026 10:30 AM -----\n\n"
        "From:   Greta Håkansson <greta.h@example.org>\nTo:     help@shop.example\n"
        f"Date:   05/10/2026 09:12 AM\nSubject:        Where is my parcel?\n\n\n{BODY}",
        date="05/10/2026 09:12 AM",
    ),
    Forward(
        "slack preview, header run together",
        "Fwd: Where is my parcel?",
        f"{NOTE}\n\nFrom: Greta Håkansson <greta.h@example.org> Sent: Sunday, May 10, 2026 9:12 AM "
        f"To: help@shop.example Subject: Where is my parcel?\n\n{BODY}",
        date="Sunday, May 10, 2026 9:12 AM",
    ),
    Forward(
        "a header block without a subject in the outer mail",
        None,
        f"{NOTE}\n\nFrom: Greta Håkansson <greta.h@example.org>\nSent: 10 May 2026 09:12\n"
        f"To: help@shop.example\nSubject: Where is my parcel?\n\n{BODY}",
        date="10 May 2026 09:12",
    ),
    Forward(
        "no address",
        "FW: Where is my parcel?",
        f"{NOTE}\n\n-----Original Message-----\nFrom: Greta Håkansson\nSent: 10 May 2026 09:12\n"
        f"To: Help Desk\nSubject: Where is my parcel?\n\n{BODY}",
        address=None,
        date="10 May 2026 09:12",
    ),
    Forward(
        "a gateway's tag in front of the prefix",
        "[EXTERNAL] fwd: Where is my parcel?",
        f"{NOTE}\n\nLe dim. 10 mai 2026 à 09:12, Greta Håkansson <greta.h@example.org> a écrit :\n"
        + _quoted(BODY),
        date="dim. 10 mai 2026 à 09:12",
        about="[EXTERNAL] Where is my parcel?",
    ),
    Forward(
        "polish, quote line only",
        "PD: Where is my parcel?",
        "W dniu 10.05.2026 o 09:12, Greta Håkansson <greta.h@example.org> pisze:\n" + _quoted(BODY),
        note=None,
        date="10.05.2026 o 09:12",
    ),
)
