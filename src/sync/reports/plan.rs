//! Decides which periods of a report a sync reads.

use std::collections::VecDeque;

use chrono::NaiveDate;

use crate::config::{Config, Interval};
use crate::rows::reports::period::Period;
use crate::rows::reports::record::ReportRecord;
use crate::state::reports::ReportCursor;
use crate::streams::ReportKind;
use crate::sync::organisation::{Organisation, Tracking};
use crate::sync::reports::tenant_report::TenantReport;
use crate::walk::periods::{self, Calendar, Fetch, Reach};

/// The last month of the tax year.
const DECEMBER: u32 = 12;

/// The periods that a sync reads, and how many of them one request covers.
pub(crate) struct Plan {
    /// Maps the period numbers below to dates.
    pub(crate) calendar: Calendar,
    /// The periods that one request covers, if the comparisons were not found wrong.
    pub(crate) reach: Reach,
    /// The period of the start date.
    pub(crate) start: i64,
    /// The first period of this sync.
    pub(crate) first: i64,
    /// The last period of this sync: the current one, or the last one with a budget.
    pub(crate) last: i64,
    /// The last period that no later sync reads again.
    pub(crate) settled: i64,
}

/// The settings that decide the periods of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeriodSettings {
    pub(crate) kind: ReportKind,
    pub(crate) interval: Interval,
    pub(crate) lookback: u32,
    pub(crate) start_date: NaiveDate,
    /// Whether a tracking category splits the report.
    pub(crate) is_split: bool,
}

impl Plan {
    /// Decides what to read. Clears a cursor that was read with another interval or tracking category.
    pub(crate) fn new(
        report: TenantReport<'_>,
        organisation: &Organisation,
        tracking: Option<&Tracking>,
        cursor: &mut ReportCursor,
    ) -> Plan {
        let settings = PeriodSettings::of(report.kind(), report.config(), tracking.is_some());
        let interval = settings.calendar(organisation).interval().name();
        let read_as = match tracking {
            Some(tracking) => format!("{interval} by {}", tracking.id),
            None => interval.to_owned(),
        };
        if cursor.read_as(&read_as).is_some() {
            report
                .warn("its periods are not those of the last sync: reading it from the start date");
        }
        Plan::of(settings, organisation, cursor.end())
    }

    /// Decides what to read after a sync that read the periods up to `end`.
    pub(crate) fn of(
        settings: PeriodSettings,
        organisation: &Organisation,
        end: Option<NaiveDate>,
    ) -> Plan {
        let calendar = settings.calendar(organisation);
        let current = calendar.index(organisation.today);
        let last = match settings.kind {
            ReportKind::Budget => calendar.year_end(organisation.today),
            _ => current,
        };
        let start = calendar.index(settings.start_date).min(last);
        let settled = current - i64::from(settings.lookback) - 1;
        let first = match end {
            Some(end) if end > calendar.period(last).end => last + 1, // it is from the future
            Some(end) => (calendar.index(end) + 1).min(settled + 1).max(start),
            None => start,
        };
        let reach = match settings.kind {
            ReportKind::Comparative if !settings.is_split => Reach::Spans,
            ReportKind::ComparativeAtDate => Reach::MonthEnds,
            ReportKind::Budget => Reach::Forward,
            _ => Reach::Single,
        };
        Plan {
            calendar,
            reach,
            start,
            first,
            last,
            settled,
        }
    }

    /// The requests of this sync.
    pub(crate) fn fetches(&self, cursor: &ReportCursor) -> VecDeque<Fetch> {
        let reach = match cursor.comparisons {
            Some(false) => Reach::Single,
            _ => self.reach,
        };
        periods::plan(self.calendar, reach, self.first, self.last).into()
    }

    /// The periods in the columns of a response.
    pub(crate) fn periods(&self, fetch: Fetch) -> Vec<Period> {
        let columns = fetch.columns().into_iter();
        columns.map(|index| self.calendar.period(index)).collect()
    }

    /// Drops the rows of periods that the request had to include but the sync does not need.
    pub(crate) fn wanted(&self, fetch: Fetch, mut records: Vec<ReportRecord>) -> Vec<ReportRecord> {
        if self.reach != Reach::Single {
            let [first, last] = [fetch.first, fetch.last].map(|index| self.calendar.period(index));
            records.retain(|record| {
                record.period_start >= Some(first.start) && record.period_end <= Some(last.end)
            });
        }
        records
    }
}

impl PeriodSettings {
    /// The settings of the config.
    pub(crate) fn of(kind: ReportKind, config: &Config, is_split: bool) -> PeriodSettings {
        PeriodSettings {
            kind,
            interval: config.report_interval,
            lookback: config.report_lookback_periods,
            start_date: config.start_date.date_naive(),
            is_split,
        }
    }

    fn calendar(&self, organisation: &Organisation) -> Calendar {
        match self.kind {
            ReportKind::TaxYear => Calendar::new(Interval::Year, DECEMBER),
            _ => Calendar::new(self.interval, organisation.year_end),
        }
    }
}
