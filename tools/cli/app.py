"""The `stageline` command: what it is called with, and how it ends.

Exit codes: 0 done; 1 failed or refused, stages are stale (`freshness`), an integration is not
well (`sync status`), a run ended early (`sync run`), a mapping does not fit (`sync check`), a
contact was not touched (`privacy touch`), not everything erased (`privacy execute`), a verification
or a restore check left something, or a certificate is not as it was signed; 2 wrong usage; 3 an
import or a run completed with errors.
"""

import sys

import typer

from tools.cli import (
    account_commands,
    counts_command,
    freshness_command,
    import_command,
    local_commands,
    privacy_commands,
    sync_commands,
    verify_command,
)
from tools.cli.options import Common, ProfileOption, RoleOption, WorkspaceOption
from tools.cli.output import print_error
from tools.errors import ApiError, StagelineError, Unreachable
from tools.profile import START_IT

app = typer.Typer(
    name="stageline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Which stage is this account in, since when, why, and what will change it next?",
)


@app.callback()
def common_options(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    context.obj = Common(workspace, role, profile)


app.command("import")(import_command.import_files)
app.command("accounts")(account_commands.accounts)
app.command("stage")(account_commands.stage)
app.command("counts")(counts_command.counts)
app.command("freshness")(freshness_command.freshness)
app.command("verify")(verify_command.verify)
app.add_typer(sync_commands.sync)
app.add_typer(privacy_commands.privacy)
app.command("token")(local_commands.token)
app.add_typer(local_commands.clock)
app.command("tick")(local_commands.tick)


def main() -> None:
    """Run the command; what goes wrong is one line on standard error."""
    try:
        app()
    except Unreachable as error:
        print_error(f"{error}: {START_IT}")
    except ApiError as error:
        stale = error.status == 401
        print_error(f"{error}; the token is not (or no longer) valid here" if stale else str(error))
    except StagelineError as error:
        print_error(str(error))
    except BrokenPipeError:
        # The reader (`head`) has what it wanted.
        sys.stderr.close()
    sys.exit(1)
