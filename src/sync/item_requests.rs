//! The request loop of streams that need one request per document, contact or published return.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use crate::failure::Failure;

/// Takes the results of the requests about items.
pub(crate) trait ItemConsumer<T> {
    /// How many requests may be under way now. The loop sends none while this is zero.
    fn room(&self) -> usize;

    /// Takes the result of one item. An error ends the loop.
    async fn take(&mut self, result: T) -> Result<(), Failure>;
}

/// Sends one request per item, several at once, and gives the results to `consumer` in the order
/// of the items. Ends once the items are used up, or once the consumer has no room and no request
/// is under way: every request that was sent has its result used.
pub(crate) async fn request_each<I, F: Future>(
    items: impl IntoIterator<Item = I>,
    request: impl Fn(I) -> F,
    consumer: &mut impl ItemConsumer<F::Output>,
) -> Result<(), Failure> {
    let mut items = items.into_iter();
    let mut under_way = FuturesOrdered::new();
    loop {
        while under_way.len() < consumer.room()
            && let Some(item) = items.next()
        {
            under_way.push_back(request(item));
        }
        let Some(result) = under_way.next().await else {
            return Ok(());
        };
        consumer.take(result).await?;
    }
}
