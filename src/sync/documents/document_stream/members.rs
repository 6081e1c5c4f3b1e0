//! The selected streams whose rows come with the requests of one document stream: the stream and its
//! children. Each has its own position, and gets only the documents that it has not read.

use std::cell::Cell;
use std::rc::Rc;

use crate::failure::Failure;
use crate::rows::record_lines::Records;
use crate::state::StreamState;
use crate::state::documents::DocumentLists;
use crate::sync::documents::fetch::ListedDocument;
use crate::sync::statuses::End;
use crate::sync::stream_output::{self, StreamOutput};
use crate::xero::tenants::Tenant;

/// The output of each member, in the order of the family.
#[derive(Debug)]
pub(crate) struct Members<'a>(Vec<Member<'a>>);

#[derive(Debug)]
struct Member<'a> {
    output: Rc<StreamOutput<'a, DocumentLists>>,
    /// Whether this sync has written a state. The first one is written even if nothing changed.
    has_state: Cell<bool>,
}

/// How far the members are read in one organisation.
#[derive(Debug)]
pub(crate) struct Positions {
    /// Where each member began.
    begun: Vec<DocumentLists>,
    /// Where the requests are: at first at the earliest position of all members.
    pub(crate) union: DocumentLists,
}

impl<'a> Members<'a> {
    pub(crate) fn of(outputs: Vec<Rc<StreamOutput<'a, DocumentLists>>>) -> Members<'a> {
        let member = |output| Member {
            output,
            has_state: Cell::new(false),
        };
        Members(outputs.into_iter().map(member).collect())
    }

    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Rc<StreamOutput<'a, DocumentLists>>> {
        self.0.iter().map(|member| &member.output)
    }

    /// Returns how far each member is read.
    pub(crate) fn progress(&self, tenant: &Tenant) -> Vec<DocumentLists> {
        let progress = |output: &Rc<StreamOutput<'a, DocumentLists>>| output.progress(&tenant.id);
        let progress = self.outputs().map(progress);
        progress.map(Option::unwrap_or_default).collect()
    }

    /// Begins an organisation.
    pub(crate) fn begin(&self, tenant: &Tenant) {
        for output in self.outputs() {
            output.begin(tenant);
            if let Some(failure) = &tenant.blocked {
                output.fail(tenant, failure);
            }
        }
    }

    /// Ends an organisation.
    pub(crate) fn end(&self, tenant: &Tenant, end: &End) {
        self.outputs()
            .for_each(|output| output.end(tenant, end.clone(), 0));
    }

    /// Writes the lines of each member for which the item in `is_own` is true, and then the state that
    /// covers them. Lines that no position covers have no `positions`.
    pub(crate) async fn write(
        &self,
        tenant: &Tenant,
        lines: Vec<Records>,
        is_own: &[bool],
        positions: Option<&Positions>,
    ) -> Result<(), Failure> {
        let mut lines = lines.into_iter();
        for (at, (member, is_own)) in self.0.iter().zip(is_own).enumerate() {
            let records = lines.next().filter(|_| *is_own).unwrap_or_default();
            // A state that has not changed is not written again.
            let is_first = !member.has_state.replace(true);
            let follow = |own: &mut DocumentLists| {
                positions.iter().for_each(|it| it.move_member(at, own));
            };
            let change = |states: &mut StreamState<DocumentLists>| {
                states.change(&tenant.id, follow) || is_first
            };
            let written = member.output.write(tenant, records, None, change);
            written.await.map_err(stream_output::closed)?;
        }
        Ok(())
    }

    /// Moves the position of each member. A later state covers the change.
    pub(crate) fn advance(&self, tenant: &Tenant, positions: &Positions) {
        for (at, output) in self.outputs().enumerate() {
            output.advance(&tenant.id, |own| positions.move_member(at, own));
        }
    }
}

impl Positions {
    /// Begins where each member ended. `union` joins their positions.
    pub(crate) fn new(begun: Vec<DocumentLists>, union: DocumentLists) -> Positions {
        Positions { begun, union }
    }

    /// Moves the position of a member with the requests.
    fn move_member(&self, at: usize, own: &mut DocumentLists) {
        own.follow(&self.union, &self.begun[at]);
    }

    /// Whether each member has still to read the document.
    pub(crate) fn lacking(&self, document: &ListedDocument) -> Vec<bool> {
        let begun = self.begun.iter();
        let lacks = |begun: &DocumentLists| begun.lacks(document.list, &document.document);
        begun.map(lacks).collect()
    }
}
