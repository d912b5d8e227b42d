"""Alembic's entry: migrations run over the connection that `Books.migrate` hands in."""

from alembic import context

from bot.books.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
