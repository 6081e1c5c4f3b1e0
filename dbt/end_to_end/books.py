"""The models of the books against Xero's own reports and journals."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

# Entries of the simulator's books that no document makes: wages, and balances that were brought over.
WITHOUT_DOCUMENTS = ("PAYSLIP", "WAGEPAYABLE", None)
# Xero's lists do not say from which bank account an expense claim was paid.
WITHOUT_BANK_ACCOUNT = "EXPPAYMENT"
# Outside the United States, Xero's profit and loss has the gains and losses from currencies in one row.
CURRENCY_GAINS = "Foreign Currency Gains and Losses"
CENT = Decimal("0.01")


def check_books(query, rows):
    """`rows` are the rows of a full read by stream, those of the journals included."""
    check_remainders(query, rows)
    check_profit_and_loss(query)
    check_balance_sheet(query)
    check_cash_flow(query)
    check_aged(query)


def compare(title, expected, found):
    """Two sums by key. A missing key is zero."""
    wrong = {
        key: (expected.get(key), found.get(key))
        for key in {*expected, *found}
        if abs(expected.get(key, 0) - found.get(key, 0)) >= CENT
    }
    examples = "\n".join(f"  {key}: expected {one}, found {other}" for key, (one, other) in list(wrong.items())[:5])
    assert not wrong, f"{title}: {len(wrong)} of {len(expected)} differ\n{examples}"
    assert len(expected) > 10, f"{title}: only {len(expected)} sums"
    print(f"{title}: {len(expected)} sums are equal", flush=True)


def sums(rows, since=None):
    """Adds up rows of (organisation, period end, key..., amount). Periods that end before `since` do not count."""
    found = defaultdict(Decimal)
    for tenant, end, *key, amount in rows:
        if amount is not None and (since is None or end >= since[tenant]):
            found[(tenant, end, *map(str, key))] += round(Decimal(amount), 2)
    return {key: amount for key, amount in found.items() if abs(amount) >= CENT}


def ends_of_months(report, query):
    """The first month of each organisation that a report shows."""
    return dict(query(f"SELECT tenant_id, min(period_end) FROM xero_models.stg_xero__{report} GROUP BY tenant_id"))


def check_remainders(query, rows):
    """What remains in the reconciliation is what the journals say that no document explains."""
    for basis, journals in (("accrual", "journals"), ("cash", "journals_cash")):
        expected = []
        for journal in rows[journals]:
            tenant, end = journal["TenantID"], month_end(date.fromisoformat(journal["JournalDate"][:10]))
            source = journal.get("SourceType")
            for line in journal["JournalLines"]:
                amount = Decimal(str(line["NetAmount"]))
                if source in WITHOUT_DOCUMENTS:
                    expected.append((tenant, end, line["AccountID"], amount))
                elif source == WITHOUT_BANK_ACCOUNT and line["AccountType"] == "BANK":
                    expected += [(tenant, end, line["AccountID"], amount), (tenant, end, None, -amount)]
        found = query(
            "SELECT tenant_id, period_end, account_id, remainder FROM xero_models.xero_reconciliation"
            f" WHERE basis = '{basis}' AND NOT is_opening"
        )
        first = ends_of_months("report_trial_balance" + ("_cash" if basis == "cash" else ""), query)
        compare(f"remainders, {basis}", sums(expected, first), sums(found))


def month_end(day):
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def check_profit_and_loss(query):
    for basis, report in (("accrual", "report_profit_and_loss"), ("cash", "report_profit_and_loss_cash")):
        reported = query(
            "SELECT tenant_id, period_end, coalesce(account_id, row_title), amount"
            f" FROM xero_models.stg_xero__{report}"
            f" WHERE row_kind = 'line' AND (account_id IS NOT NULL OR row_title = '{CURRENCY_GAINS}')"
        )
        in_one_row = {tenant for tenant, _, title, _ in reported if title == CURRENCY_GAINS}
        made = [
            (tenant, end, CURRENCY_GAINS if is_gain and tenant in in_one_row else account, amount)
            for tenant, end, account, is_gain, amount in query(
                "SELECT tenant_id, month_end, account_id, coalesce(system_account LIKE '%CURRENCYGAIN', false), amount"
                " FROM xero_models.xero_profit_and_loss"
                " JOIN xero_models.stg_xero__accounts USING (tenant_id, account_id)"
                f" WHERE basis = '{basis}'"
            )
        ]
        first = ends_of_months(report, query)
        compare(f"profit and loss, {basis}", sums(reported), sums(made, first))
        # The rows of each tracking category add up to the same.
        tracked = query(
            "SELECT tenant_id, month_end, tracking_category_id, profit"
            f" FROM xero_models.xero_profit_and_loss_by_tracking WHERE basis = '{basis}'"
        )
        whole = query(
            "SELECT whole.tenant_id, month_end, tracking_category_id, profit"
            " FROM xero_models.xero_profit_and_loss AS whole"
            " JOIN xero_models.stg_xero__tracking_categories USING (tenant_id)"
            f" WHERE basis = '{basis}'"
        )
        compare(f"profit by tracking, {basis}", sums(whole), sums(tracked))


def check_balance_sheet(query):
    for basis, report in (("accrual", "report_balance_sheet"), ("cash", "report_balance_sheet_cash")):
        reported = query(
            "SELECT tenant_id, period_end, coalesce(account_id, row_title), amount"
            f" FROM xero_models.stg_xero__{report} WHERE row_kind = 'line'"
        )
        made = query(
            "SELECT tenant_id, month_end, coalesce(account_id, account_name), balance"
            f" FROM xero_models.xero_balance_sheet WHERE basis = '{basis}'"
        )
        compare(f"balance sheet, {basis}", sums(reported), sums(made, ends_of_months(report, query)))


def check_cash_flow(query):
    report = "report_bank_summary"
    titles = ("Opening Balance", "Cash Received", "Cash Spent", "Closing Balance")
    reported = query(
        "SELECT tenant_id, period_end, account_id, column_title, amount"
        f" FROM xero_models.stg_xero__{report} WHERE account_id IS NOT NULL AND column_title IN {titles}"
    )
    made = [
        (tenant, end, account, title, amount)
        for tenant, end, account, *amounts in query(
            "SELECT tenant_id, month_end, account_id, opening_balance, received, spent, closing_balance"
            " FROM xero_models.xero_cash_flow"
        )
        for title, amount in zip(titles, amounts)
    ]
    compare("cash flow", sums(reported), sums(made, ends_of_months(report, query)))


def check_aged(query):
    for side in ("receivables", "payables"):
        report = f"report_aged_{side}_by_contact"
        reported = query(
            f"SELECT tenant_id, period_end, contact_id, amount FROM xero_models.stg_xero__{report}"
            " WHERE row_kind = 'line' AND column_title = 'Due' AND row_title <> 'Opening Balance'"
        )
        ends = {end for _, end, *_ in reported}
        made = query(f"SELECT tenant_id, as_at, contact_id, open_amount FROM xero_models.xero_aged_{side}")
        compare(f"aged {side}", sums(reported), sums(row for row in made if row[1] in ends))
