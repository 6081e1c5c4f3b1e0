//! A missing scope fails only the streams that need it. The error names the scope to add.

use xero_sim::Tier;

use crate::support::scene::{SCOPES, Scene};

#[test]
fn a_missing_scope_fails_its_streams_and_names_what_to_add() {
    for (kept, stream, sentence) in [
        (
            "accounting.settings.read accounting.contacts.read",
            "invoices",
            "The token may not read invoices: it needs the scope accounting.invoices.read (or accounting.transactions.read).",
        ),
        (
            "accounting.settings.read accounting.transactions.read",
            "contacts",
            "The token may not read contacts: it needs the scope accounting.contacts.read.",
        ),
        (
            "accounting.settings.read accounting.transactions.read",
            "budget_lines",
            "The token may not read budget_lines: it needs the scope accounting.budgets.read.",
        ),
        (
            "accounting.settings.read",
            "journal_cash_line_tracking",
            "The token may not read journal_cash_line_tracking: it needs the scope accounting.journals.read and an app on Xero's Advanced tier",
        ),
        (
            "accounting.settings.read",
            "journals",
            "The token may not read journals: it needs the scope accounting.journals.read and an app on Xero's Advanced tier",
        ),
    ] {
        for opaque in [false, true] {
            let scene = Scene::of_app(Scene::web_app().opaque_tokens(opaque), kept, |_, _| ());
            let run = scene.read(&scene.flat(), &[stream, "accounts"], None);
            assert_eq!(
                (run.status(stream), run.status("accounts")),
                ("INCOMPLETE", "COMPLETE")
            );
            let errors = run.errors();
            assert_eq!(
                (errors.len(), errors[0].0, errors[0].1),
                (1, "config_error", stream)
            );
            assert!(errors[0].2.starts_with(sentence), "{}", errors[0].2);
            assert_eq!(
                run.configs().len(),
                0,
                "a missing scope is no reason to refresh"
            );
        }
    }
}

#[test]
fn without_the_settings_scope_nothing_can_be_checked() {
    for opaque in [false, true] {
        let scene = Scene::of_app(
            Scene::web_app().opaque_tokens(opaque),
            "accounting.contacts.read",
            |_, _| (),
        );
        let message = scene.check(&scene.flat()).checked("FAILED").to_owned();
        assert!(
            message.starts_with(
                "The token may not read currencies: it needs the scope accounting.settings.read."
            ),
            "{message}"
        );
    }
}

#[test]
fn journals_below_the_advanced_tier_name_the_tier() {
    let scene = Scene::of_app(Scene::web_app().tier(Tier::Core), SCOPES, |_, _| ());
    let run = scene.read(&scene.flat(), &["journals", "currencies"], None);
    assert_eq!(
        (run.status("journals"), run.status("currencies")),
        ("INCOMPLETE", "COMPLETE")
    );
    assert!(
        run.errors()[0].2.contains("Advanced tier"),
        "{:?}",
        run.errors()
    );
}
