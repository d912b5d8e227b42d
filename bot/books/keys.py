"""Secrets that the desk makes for itself, kept in its books."""

import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.books.engine import Books
from bot.books.tables import keys
from bot.errors import BooksUnavailable


def own_key(books: Books, name: str) -> str:
    """The secret of that name; made at the first call, the same ever after.

    Raises:
        BooksUnavailable: it can neither be read nor kept.
    """
    query = select(keys.c.value).where(keys.c.name == name)
    with books.reading() as connection:
        found = connection.execute(query).scalar()
    if found is not None:
        return str(found)
    try:
        with books.writing() as connection:
            made = keys.insert().values(name=name, value=secrets.token_hex(32))
            connection.execute(made)
    except BooksUnavailable as error:
        if not isinstance(error.__cause__, IntegrityError):
            raise
    with books.reading() as connection:
        return str(connection.execute(query).scalar_one())
