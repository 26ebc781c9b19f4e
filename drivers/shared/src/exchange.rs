//! One exchange's I/O, and nothing else: for the managed client, and for hosts that own several
//! machines in one loop.

use mcp_sansio::{ClientInput, ExchangeId, TransportFailure};

use crate::http::{Exchange, Head, Http, Request};

/// Performs one exchange and feeds what comes of it: at most one head, the chunks of the body, then its
/// end or its failure. The body is read to its end, whatever it says, so that its connection can be used
/// again. To abort the exchange, drop the future.
pub async fn run<H: Http>(
    http: &H,
    exchange: ExchangeId,
    request: Request,
    mut feed: impl FnMut(ClientInput<'_>) + Send,
) {
    let last = match perform(http, exchange, request, &mut feed).await {
        Ok(()) => ClientInput::End { exchange },
        Err(failure) => ClientInput::Failed { exchange, failure },
    };
    feed(last);
}

async fn perform<H: Http>(
    http: &H,
    exchange: ExchangeId,
    request: Request,
    feed: &mut (impl FnMut(ClientInput<'_>) + Send),
) -> Result<(), TransportFailure> {
    let mut response = http.send(request).await?;
    let Head { status, headers } = response.head();
    feed(ClientInput::Head {
        exchange,
        status,
        headers: &headers,
    });
    drop(headers);
    while let Some(data) = response.chunk().await? {
        feed(ClientInput::Chunk {
            exchange,
            data: &data,
        });
    }
    Ok(())
}
