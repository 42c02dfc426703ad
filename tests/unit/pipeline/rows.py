from stageline.domain.group import Row


def make_row(home_rev, value_rev, account_rev):
    return Row(
        account_id="a1",
        scheme="crm_stage",
        stage="client",
        rank=4,
        since=None,
        next_on=None,
        holds=("client",),
        name="Acme",
        domain=None,
        owner_email=None,
        owner="-",
        in_crm=True,
        parent_id=None,
        root_id="a1",
        home_rev=home_rev,
        value_rev=value_rev,
        account_rev=account_rev,
        event_seq=1,
    )
