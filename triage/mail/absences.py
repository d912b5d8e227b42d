"""Subjects that machines write while people are away, in the languages of mail programs."""

# ruff: noqa: RUF001  # words of thirty languages, in four scripts

import re
import unicodedata

# What starts a subject, before a colon, a dash, a bracket or its end.
_STARTS = """
auto reply | auto-reply | autoreply | automatic reply | automatic response | auto response
auto-response | autoresponse | autoresponder | auto responder | automated reply
automated response | vacation reply | on vacation | vacation message
vacation response | out of office | out of the office | out-of-office | out of office autoreply
out of office auto-reply | out of office reply | out of office message | out of office notification
out of office response | out of office notice | away from the office | away from my mail
away from office | on annual leave
automatische antwort | automatische antwortmail | autoantwort | auto-antwort | abwesenheit
abwesenheitsnotiz | abwesenheitsmeldung | abwesenheitsnachricht | abwesenheitsassistent
außer haus | ausser haus | nicht im büro | ich bin im urlaub | urlaubsnotiz
automatische eingangsbestätigung
réponse automatique | réponse auto | absence du bureau | absent du bureau
message d'absence | hors du bureau | avis d'absence
notification d'absence | réponse automatique d'absence
respuesta automática | respuesta automatica | fuera de la oficina | fuera de oficina
auto respuesta | autorespuesta | estoy de vacaciones
contestación automática | mensaje de ausencia
risposta automatica | fuori sede | fuori ufficio | risponditore automatico
assenza dall'ufficio | assente dall'ufficio | fuori dall'ufficio
automatisch antwoord | automatisch bericht | automatische reactie | afwezigheid
afwezigheidsbericht | afwezigheidsmelding | niet op kantoor
resposta automática | resposta automatica | fora do escritório | fora do escritorio
ausência temporária | ausente do escritório | fora da empresa
automatyczna odpowiedź | odpowiedź automatyczna | autoodpowiedź
poza biurem | nieobecność w biurze | jestem na urlopie
automatiskt svar | autosvar | automatsvar | frånvaromeddelande | ej på kontoret
inte på kontoret | borta från kontoret
automatisk svar | automatisk besvarelse | ikke på kontoret
ikke til stede | fraværsmelding | fraværsassistent | ute av kontoret
fraværsbesked
automaattinen vastaus | automaattivastaus | poissa toimistosta | poissaoloviesti
en ole paikalla
automatická odpověď | automatická odpoveď | mimo kancelář | mimo kanceláře | mimo kancelárie
nejsem v kanceláři
oznámení o nepřítomnosti | oznámenie o neprítomnosti
automatikus válasz | házon kívül | irodán kívül
automatikus üzenet | nem vagyok az irodában
răspuns automat | raspuns automat | în afara biroului | absent de la birou
în concediu | plecat din birou
automatski odgovor | izvan ureda | nisam u uredu
na godišnjem odmoru | izvan kancelarije
автоматична відповідь | автовідповідь | не в офісі | поза офісом | у відпустці
автоматический ответ | автоответ | автоответчик | вне офиса | нет на рабочем месте | нет в офисе
отсутствие на рабочем месте | в отпуске | я в отпуске
otomatik yanıt | otomatik cevap | ofis dışında | ofis dışındayım | izindeyim
ofis dışı
automaatne vastus | automaatvastus | kontorist väljas | olen puhkusel
automātiskā atbilde | automatinis atsakymas | samodejni odgovor | автоматичен отговор
αυτόματη απάντηση | εκτός γραφείου | תשובה אוטומטית | رد تلقائي | trả lời tự động
balasan otomatis | ตอบกลับอัตโนมัติ
自動返信 | 自動応答 | 不在通知 | 不在応答 | 不在のお知らせ | 自動回覆 | 自動回復
自动回复 | 自动答复 | 不在办公室 | 不在辦公室 | 자동 회신 | 자동 응답 | 부재중
부재 중
"""
# The same in words that people use too: alone, or with the day of the return.
_ALONE = """
ooo | vacation | on leave | annual leave | maternity leave | parental leave | urlaub
eingangsbestätigung | abwesend | absence | absent | absente | congés | en congé | en vacances
ausente | ausencia | assente | assenza | ferie | afwezig | ausência | nieobecność | nieobecny
nieobecna | urlop | frånvaro | frånvarande | semester | fraværende | fravær | poissa | lomalla
poissaolo | nepřítomnost | nepřítomen | neprítomnosť | neprítomný | dovolená | dovolenka
távollét | szabadság | szabadságon | concediu | odsutnost | odsutan | godišnji odmor
відсутність | відпустка | отпуск | отсутствую | izinde | yıllık izin | puhkusel | eemal | 不在
外出 | 休假 | 休暇中 | niet aanwezig | op vakantie | met vakantie | på semester | på ferie
in ferie
im urlaub | de vacaciones | em férias | de férias | en congés
"""
# What may stand anywhere at the end: somebody says that he is not there.
_SAID = """
is out of the office | is out of office | i am out of the office | i'm out of the office
am out of office | i am out of office | is on vacation | i am on vacation | is away
is away from the office | i am away from the office | is on leave | i am on leave
is currently out of the office | out of office | out of the office
ist nicht im büro | ist abwesend | ist im urlaub | bin nicht im büro | bin abwesend
nicht im haus | est absent | est absente | is afwezig | está ausente | está fuera de la oficina
è assente | är inte på kontoret | er ikke på kontoret | automatic reply | autoreply
"""
_NOTES = "AUTO: "  # so HCL Notes begins what it writes for people who are away
_BRACKETS = "[]()【】（）《》<>*! "
_AFTER = r"\s*+(?:$|[:：\-–—|(（\[【!,.]|re\b|fw)"


def is_absence(subject: str | None) -> bool:
    """Whether a machine wrote this subject for somebody who is away, or as a receipt.

    A person's "Out of office chairs?" or "Re: Automatic reply" is none.
    """
    text = _folded(subject or "")[:300]
    bare = text.lstrip(_BRACKETS)
    if (subject or "").startswith(_NOTES) or _START.match(bare) or _WHOLE.match(bare):
        return True
    return bool(_END.search(_RETURNING.sub("", text).rstrip(_BRACKETS + ".")))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.replace("\u2019", "'").split())).casefold()


def _phrases(table: str) -> list[str]:
    """Longest first, so that of two that begin alike the longer one is read."""
    listed = {_folded(one) for line in table.splitlines() for one in line.split("|")}
    return sorted(listed - {""}, key=len, reverse=True)


def _any(table: str) -> str:
    return "|".join(re.escape(one) for one in _phrases(table))


_WHOLE = re.compile(
    rf"(?:{_any(_ALONE)})[\]\)】）]?\s*+(?:$|[:(-]?\s*+(?:until|till|from|bis|vom|du|jusqu"
    r"|dal|fino|al|del|hasta|tot|van|t/m|até|od|do|till|til|fra|från|asti|\d)\W)"
)
_START = re.compile(rf"(?:{_any(_STARTS)})[\]\)】）]?{_AFTER}")
_END = re.compile(rf"(?:^|[\s:\-–—|(\[])(?:{_any(_SAID)})$")
_RETURNING = re.compile(r"\s*(?:\([^()]{0,80}\)|(?:until|till|from|bis|vom|jusqu'au)\b.{0,60})$")
