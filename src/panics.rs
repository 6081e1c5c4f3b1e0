//! Turns panics into failures. A panic is a fault of this program and ends only the work in which
//! it occurs.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

use futures_util::FutureExt;

use crate::failure::Failure;

thread_local! {
    /// The source position of this thread's last panic.
    static LAST_POSITION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Records the position of a panic instead of printing it to stderr. The caller that catches the
/// panic reports it as a protocol message.
pub(crate) fn keep_quiet() {
    panic::set_hook(Box::new(|info| {
        LAST_POSITION.set(info.location().map(ToString::to_string));
    }));
}

/// Runs the work and returns a panic in it as a failure.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.map_err(|payload| failure(&*payload))
}

/// Does the same for work that may fail.
pub(crate) async fn caught_result<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    caught(work).await?
}

/// Returns the failure for a panic. Its internal message contains the position and the text of the
/// panic.
pub(crate) fn failure(payload: &(dyn Any + Send)) -> Failure {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    let position = LAST_POSITION.take().unwrap_or_default();
    Failure::system(
        "The connector failed because of an error in its own code. Please report it with the internal message.",
    )
    .because(anyhow::anyhow!(
        "panic at {position}: {}",
        text.unwrap_or("without a text")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_failure_with_its_text() {
        let work = async |of: Option<u32>| of.expect("there is a number");
        assert_eq!(caught(work(Some(7))).await.unwrap(), 7);
        let failure = caught(work(None)).await.unwrap_err();
        assert!(failure.to_string().contains("in its own code"));
        assert!(failure.internal().contains("there is a number"));
        let divided = async |by: u32| 7 / by;
        let failure = caught(divided(0)).await.unwrap_err();
        assert!(failure.internal().contains("divide by zero"), "{failure:?}");
    }
}
