"""The generator without a key: what it quotes, in which order, and how it reads."""

import re
from dataclasses import replace

import pytest
from fakes import FakeEmbedder, passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.adapters.extractive import ExtractiveGenerator
from knowledge.adapters.extractive_choice import MOST_SENTENCES, MOST_WORDS
from knowledge.documents import Passage
from knowledge.grounding import ground, markers
from knowledge.parts import parts
from knowledge.sentence_vectors import SentenceVectors
from knowledge.sentences import sentences

VECTORS = SentenceVectors(FakeEmbedder())
PIECES = (
    "gas",
    "a tent",
    "boots",
    "it",
    "you can",
    "not",
    "return",
    "within 60 days",
    "Yes.",
    "If",
)
MARKS = ("- ", "1. ", "|", ":", "?", ".", "#", ">", "**", "\n", "\n\n", "|---|")
WORDS = st.lists(st.sampled_from((*PIECES, *MARKS)), max_size=60).map(" ".join)
RESOLE = "1. Book a resole online.\n2. Pay the fee.\n3. Post the boots.\n"


def answer(question: str, *passages: Passage) -> str:
    return ExtractiveGenerator(VECTORS).generate(question, passages)


def under(heading: str, text: str) -> Passage:
    found = passage(text)
    return replace(found, chunk=replace(found.chunk, headings=(heading,)))


def test_only_the_sentence_that_answers_is_quoted() -> None:
    text = "Boots are made in Leeds by hand. A tent can be sent back within 60 days."
    written = answer("Within how many days can a tent be sent back?", passage(text))
    assert written == "A tent can be sent back within 60 days. [1]"


def test_the_passage_that_answers_comes_first() -> None:
    general = passage("Gas is sold in two sizes. Gas is light.", article="gas")
    asked = passage("Gas cannot be sent by air mail to Norway.", article="norway")
    written = answer("Can gas be sent by air mail to Norway?", general, asked)
    assert written.startswith("Gas cannot be sent by air mail to Norway. [2]")


def test_a_question_how_to_gets_every_step_in_order() -> None:
    written = answer("How do I book a resole?", under("Resoling boots", RESOLE))
    assert written == (
        "Resoling boots:\n1. Book a resole online. [1]\n2. Pay the fee. [1]\n3. Post the boots. [1]"
    )


def test_another_question_gets_the_one_step_that_answers() -> None:
    written = answer("Is there a fee to pay?", under("Resoling boots", RESOLE))
    assert written == "Pay the fee. [1]"


def test_of_long_steps_the_first_sentences_are_quoted() -> None:
    steps = "".join(f"{n}. Step {n} to book. {'More of it ' * 8}.\n" for n in range(1, 6))
    written = answer("How do I book?", passage(steps))
    assert written.splitlines()[1:] == [f"{n}. Step {n} to book. [1]" for n in range(1, 6)]


def test_a_very_long_list_is_not_quoted_whole() -> None:
    steps = "".join(f"{n}. Turn screw number {n}.\n" for n in range(1, 30))
    written = answer("How do I turn screw number 17?", passage(steps))
    assert "Turn screw number 17. [1]" in written
    assert len(markers(written)) <= 4


def test_steps_that_go_on_from_another_chunk_keep_their_numbers() -> None:
    written = answer("How do I send boots?", passage("4. Pack the boots.\n5. Send the boots.\n"))
    assert "4. Pack the boots. [1]\n5. Send the boots. [1]" in written


def test_steps_with_others_between_them_are_not_numbered() -> None:
    steps = "1. Pay the fee for boots.\n2. Wait.\n3. Send the boots by post.\n"
    written = answer("Which fee for boots? And are the boots sent by post?", passage(steps))
    assert written == "Returns:\n- Pay the fee for boots. [1]\n- Send the boots by post. [1]"


def test_a_point_is_said_under_the_sentence_that_leads_to_it() -> None:
    text = "The following is not covered:\n\n- moth holes in wool\n- broken zips of tents\n"
    written = answer("Are moth holes in wool covered?", passage(text))
    assert written == "The following is not covered:\n- moth holes in wool. [1]"


def test_a_point_without_a_lead_in_is_said_under_its_heading() -> None:
    written = answer("Shall I offer a refund?", under("Do not", "- offer a refund\n- shout\n"))
    assert written == "Do not:\n- offer a refund. [1]"


def test_a_sentence_brings_the_one_it_takes_its_subject_from() -> None:
    text = "Leeds is a city. The club costs £15. It renews in May of every year."
    written = answer("What renews in May of every year?", passage(text))
    assert written == "The club costs £15. [1] It renews in May of every year. [1]"


def test_a_sentence_torn_out_of_its_section_has_its_heading_in_front() -> None:
    written = answer("What renews in May?", under("The club", "It renews in May of every year."))
    assert written == "The club: It renews in May of every year. [1]"


@pytest.mark.parametrize("reply", ["No. Gas is never sent.", "No, gas is never sent."])
def test_a_yes_or_no_is_said_to_the_question_it_was_meant_for(reply: str) -> None:
    written = answer("Is gas sent?", under("May I order gas by post?", reply))
    assert written == f"May I order gas by post? {reply} [1]"


def test_an_exception_completes_the_rule_before_it() -> None:
    rule = "A tent can be returned within 60 days."
    exception = "Unless a tent was used in rain."
    aside = "A tent was shown in rain."
    written = answer("Can a tent be returned within 60 days?", passage(f"{rule} {exception}"))
    assert written == f"{rule} [1] {exception} [1]"
    assert answer("Can a tent be returned within 60 days?", passage(f"{rule} {aside}")) == (
        f"{rule} [1]"
    )


def test_two_questions_are_answered_from_two_passages() -> None:
    written = answer(
        "How heavy is the tarp? And can I wash wool in a machine?",
        passage("The tarp weighs 800 g and is heavy. It is green.", article="tarp"),
        passage("You can wash wool in a machine at 30 °C. Sheep give wool.", article="wool"),
    )
    assert "The tarp weighs 800 g and is heavy. [1]" in written
    assert "You can wash wool in a machine at 30 °C. [2]" in written


def test_what_two_articles_say_alike_is_said_once() -> None:
    text = "Boots can be returned within 60 days."
    again = "Boots can be returned within 60 days, too."
    written = answer("When can boots be returned?", passage(text), passage(again, article="boots"))
    assert written == f"{text} [1]"


def test_a_figure_is_preferred_where_one_is_asked_for() -> None:
    text = "The express price is fair. The express price is £6.95."
    written = answer("How much is the express price?", passage(text))
    assert written == "The express price is £6.95. [1]"


@pytest.mark.parametrize(
    "idle", ["Can boots be returned?", "See returning boots.", "Returning is described in Boots."]
)
def test_what_says_nothing_itself_is_not_quoted(idle: str) -> None:
    text = f"{idle} Worn boots can be returned by members."
    assert answer("Can boots be returned?", passage(text)) == (
        "Worn boots can be returned by members. [1]"
    )


def test_rows_of_a_table_make_a_list() -> None:
    table = "| Land | Price |\n|---|---|\n| Norway | 9 |\n| Sweden | 9 |\n"
    written = answer(
        "What is the price in Norway? And what is the price in Sweden?", passage(table)
    )
    assert written == "- Norway – Price: 9. [1]\n- Sweden – Price: 9. [1]"


def test_the_second_question_is_answered_however_long_the_first_answer() -> None:
    heavy = f"The tarp is heavy: {'the tarp is heavy and ' * 20}it weighs 800 g."
    wash = "You can wash wool in a machine at 30 °C."
    written = answer(
        "How heavy is the tarp? And can I wash wool in a machine?",
        passage(heavy, article="tarp"),
        passage(wash, article="wool"),
    )
    assert written == f"{heavy} [1]\n\n{wash} [2]"


@pytest.mark.parametrize(("length", "sentences_said"), [(3, MOST_SENTENCES), (35, 2)])
def test_an_answer_has_few_sentences_and_few_words(length: int, sentences_said: int) -> None:
    towns = ("York", "Lund", "Brno", "Graz", "Lyon", "Bari")
    passages = [
        replace(passage(f"Gas is sold in {' '.join([town] * length)}.", article="gas"), title=town)
        for town in towns
    ]
    written = answer(f"Is gas sold in {' '.join(towns)}?", *passages)
    assert len(markers(written)) == sentences_said
    assert len(re.sub(r"\[\d\]", "", written).split()) <= MOST_WORDS


def test_nothing_is_quoted_that_is_not_near() -> None:
    assert answer("Who was king in 1066?", passage("Wash down with soap.")) == ""
    assert answer("Anything?") == ""
    assert answer("Anything?", passage("")) == ""


def test_a_grounded_answer_is_the_same_answer() -> None:
    passages = [under("Resoling boots", RESOLE), passage("Wool is washed cold.", article="wool")]
    written = answer("How do I book a resole? And how is wool washed?", *passages)
    grounded = ground(written, passages)
    assert grounded is not None
    assert grounded.text == written


@given(st.one_of(WORDS, st.text(max_size=80)), st.lists(WORDS, max_size=4))
def test_whatever_is_asked_each_line_is_verbatim_and_cites(question: str, texts: list[str]) -> None:
    passages = [passage(text, article=f"a{n}") for n, text in enumerate(texts)]
    for quote, number in re.findall(r"(.+?) \[(\d+)\]", answer(question, *passages)):
        said = sentences(texts[int(number) - 1])
        assert any(quote.strip().endswith((one, f"{one}.")) for one in said)


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("Can I return boots?", ["Can I return boots?"]),
        ("I live in Oslo. Can I return boots?", ["I live in Oslo. Can I return boots?"]),
        (
            "How heavy is the red tarp, and can I wash new boots?",
            ["How heavy is the red tarp", "can I wash new boots?"],
        ),
        (
            "About the tarp: how heavy? And can I wash new boots?",
            ["About the tarp: how heavy?", "And can I wash new boots?"],
        ),
        (
            "Can you merge two accounts and how long would it take?",
            ["Can you merge two accounts", "Can you merge two accounts how long would it take?"],
        ),
        ("Can you merge two accounts? Why not?", ["Can you merge two accounts? Why not?"]),
        ("", [""]),
    ],
)
def test_a_message_is_taken_apart_into_its_questions(message: str, asked: list[str]) -> None:
    assert [one.text for one in parts(message)] == asked
