"""What a writer said, parted from quotes and signatures."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.mail.lines import MOST_LINES, normalised
from triage.mail.replies import split

SAID = "The zip is torn.\n\nCan I send it back?"
QUOTES = {
    "English": "On Sun, 10 May 2026 at 09:12, Help <help@shop.example> wrote:\n\n> How can we help?",
    "wrapped": "On Sun, 10 May 2026 at 09:12, The Very Helpful Desk <\nhelp@shop.example> wrote:\n\n> Hm?",
    "German": 'Am So., 10. Mai 2026 um 09:12 Uhr schrieb "Hilfe" <help@shop.example>:\n> Wie können wir helfen?',
    "French": "Le dim. 10 mai 2026 à 09:12, Aide <help@shop.example> a écrit :\n\nComment vous aider ?",
    "Spanish": "El dom, 10 may 2026 a las 9:12, Ayuda (<help@shop.example>) escribió:\n> ¿Qué tal?",
    "Italian": "Il giorno dom 10 mag 2026 alle ore 09:12 Aiuto <help@shop.example> ha scritto:\n> Come?",
    "Dutch": "Op zo 10 mei 2026 om 09:12 schreef Hulp <help@shop.example>:\n> Hoe?",
    "Polish": "niedz., 10 maj 2026 o 09:12 Pomoc <help@shop.example> napisał(a):\n> Jak?",
    "Portuguese": "Em dom., 10 de mai. de 2026 às 09:12, Ajuda <help@shop.example> escreveu:\n> Como?",
    "Danish": "Den søn. 10. maj 2026 kl. 09.12 skrev Hjælp <help@shop.example>:\n> Hvad?",
    "Norwegian": "søn. 10. mai 2026 kl. 09:12 skrev Hjelp <help@shop.example>:\n> Hva?",
    "Swedish": "Den sön 10 maj 2026 kl 09:12 skrev Hjälp <help@shop.example>:\n> Vad?",
    "Finnish": "su 10. toukok. 2026 klo 9.12 Apu (help@shop.example) kirjoitti:\n> Miten?",
    "Czech": "ne 10. 5. 2026 v 9:12 odesílatel Pomoc <help@shop.example> napsal:\n> Jak?",
    "Hungarian": "Segítség <help@shop.example> ezt írta (időpont: 2026. máj. 10., V, 9:12):\n> Hogyan?",
    "Romanian": "În dum., 10 mai 2026 la 09:12, Ajutor <help@shop.example> a scris:\n> Cum?",
    "Russian": "вс, 10 мая 2026 г. в 09:12, Помощь <help@shop.example>:\n\n> Чем помочь?",
    "Turkish": "Yardım <help@shop.example>, 10 May 2026 Paz, 09:12 tarihinde şunu yazdı:\n> Nasıl?",
    "Japanese": "2026年5月10日(日) 9:12 ヘルプ <help@shop.example>:\n> いかがですか。",
    "Chinese": "在 2026年5月10日，上午9:12，帮助 <help@shop.example> 写道：\n> 如何？",
    "Outlook": "From: Help <help@shop.example>\nSent: Sunday, May 10, 2026 9:12 AM\nTo: Greta\nSubject: x\n\nHm?",
    "Outlook, rule": "________________________________\nFrom: Help <help@shop.example>\nSent: 10 May 2026\nTo: Greta\n\nHm?",
    "Outlook, German": "Von: Hilfe <help@shop.example>\nGesendet: Sonntag, 10. Mai 2026 09:12\nAn: Greta\nBetreff: AW: x\n\nHm?",
    "Original": "-----Original Message-----\nFrom: Help\n\nHm?",
    "Samsung, Dutch": "-------- Oorspronkelijk bericht --------\nVan: Hulp <help@shop.example>\nDatum: 10-05-26\n\nHoe?",
    "nobody named": "> How can we help?\n> Tell us.",
}  # fmt: skip
SIGNATURES = (
    "-- \nGreta Håkansson\nKiruna",
    "--\nGreta",
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "Enviado desde mi Samsung Galaxy",
    "Get Outlook for Android<https://aka.ms/AAb9ysg>",
    "Best regards,\nGreta Håkansson",
    "Kind regards\n\nGreta Håkansson\nShop Manager\n+46 123 456",
    "Mit freundlichen Grüßen\nGreta Håkansson",
    "Cordialement,\nGreta",
    "Saludos cordiales,\n\nGreta",
    "Med vänliga hälsningar\nGreta",
    "С уважением,\nГрета",
    "Thanks,\nGreta",
    "-Greta",
    "This e-mail is intended only for the person named above.",
)


@pytest.mark.parametrize("language", QUOTES)
def test_a_quote_below_is_not_the_writers(language: str) -> None:
    parts = split(f"{SAID}\n\n{QUOTES[language]}")
    assert parts.reply == SAID
    assert parts.quoted


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_not_what_was_said(signature: str) -> None:
    parts = split(f"{SAID}\n\n{signature}")
    assert parts.reply == SAID
    assert parts.signature == signature.replace("-- \n", "--\n")


@pytest.mark.parametrize("language", ["English", "German", "Outlook"])
def test_a_signature_above_a_quote_is_found(language: str) -> None:
    parts = split(f"{SAID}\n\nBest regards,\nGreta\n\n{QUOTES[language]}")
    assert (parts.reply, parts.signature) == (SAID, "Best regards,\nGreta")


def test_what_is_written_below_a_quote_is_the_writers() -> None:
    quote = QUOTES["English"]
    assert split(f"{quote}\n\n{SAID}").reply == SAID
    assert split(f"Hello\n\n{quote}\n\nFine.\n\n> And?\n\nNo.").reply.split() == [
        "Hello",
        "Fine.",
        "No.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "I wrote on 12 May 2026:\nno answer so far.",
        "On the other hand, it works.\nOn Monday it did not.",
        "Sent from my desk, this is easier to read.",
        "Please answer with regards to the payment.\n\nIs it late?",
        "Key points\n-----\n- one\n- two\n\nWhat do you think?",
        "Thanks!",
        "Regards",
        "From: what I hear, it is lost. To: be honest, I am angry.",
        "--\nno",
    ],
)
def test_what_only_looks_like_a_quote_or_a_signature_stays(text: str) -> None:
    assert split(text).reply == text


def test_a_text_that_is_nothing_but_a_header_block_keeps_its_words() -> None:
    assert split(f"From: Greta <g@example.org>\nSubject: zip\nDate: 3 May\n\n{SAID}").reply == SAID


_PIECES = st.sampled_from(
    ["> ", ">", "\n", "\n\n", "-- ", "On 3 May 2026 at 10:00, a <a@b.c> wrote:", "Best regards", "Sent from my iPhone",
     "From: a@b.c", "Subject: x", "words", "____________", "Thanks,", "Greta", " ", "é", "写道："]
)  # fmt: skip


@given(st.text(max_size=300) | st.lists(_PIECES).map("".join))
def test_no_word_of_any_text_is_lost(text: str) -> None:
    parts = split(text)
    kept = " ".join(one for one in (parts.reply, parts.signature, parts.quoted) if one)
    assert Counter(re.findall(r"\w+", normalised(text))) == Counter(re.findall(r"\w+", kept))


def test_of_a_very_long_text_no_line_is_lost() -> None:
    text = "\n".join(f"line {n}" for n in range(MOST_LINES + 100))
    assert split(text).reply == text
