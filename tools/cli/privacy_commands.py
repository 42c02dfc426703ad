"""`stageline privacy …`: what protects people's data."""

import typer

from tools.cli import privacy_contacts_command

app = typer.Typer(
    name="privacy", no_args_is_help=True, help="People's data: how old it is, and what is kept."
)
app.command("contacts")(privacy_contacts_command.contacts)
app.command("touch")(privacy_contacts_command.touch)
