//! Accepts connections, serves them with hyper under limits, and closes them.
//! Clients may stall or be malicious.

use std::error::Error as _;
use std::io::ErrorKind;
use std::pin::{self, pin};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::content::Ended;
use super::invalid::Invalid;
use super::respond::Server;
use super::wire::{Exchanges, Wire};

/// Maximum time for a request's head, and for an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum size of a request's head, in bytes; longer ones get 431.
const HEAD_LIMIT: usize = 64 << 10;
/// Maximum time for a client to acknowledge what it was sent.
#[cfg(target_os = "linux")]
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for running responses to finish when the server stops.
const GRACE: Duration = Duration::from_secs(5);
/// Delay before accepting again when there is no room for a connection.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);
/// Drain limits after close, so that the client gets the response.
const DRAIN_TIME: Duration = Duration::from_secs(1);
const DRAIN_BYTES: usize = 4 << 20;

/// Serves connections until `stop` completes; then ends the open ones.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let (ending, end) = watch::channel(false);
    let mut is_full = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => {
                is_full = false;
                tokio::spawn(connection(stream, Arc::clone(&server), end.clone()));
            }
            Err(error) if is_of_one_connection(error.kind()) => {}
            // Mostly too many open files; retry when other connections have
            // closed.
            Err(error) => {
                if !is_full {
                    tracing::warn!("cannot accept connections: {error}; retrying");
                }
                is_full = true;
                sleep(ACCEPT_DELAY).await;
            }
        }
    }
    drop((listener, end));
    // Fails only if no connection is left.
    let _ = ending.send(true);
    if timeout(GRACE, ending.closed()).await.is_err() {
        let seconds = GRACE.as_secs();
        tracing::warn!(
            "some responses were not received within {seconds} seconds and were cut off"
        );
    }
}

/// Whether an error of `accept` concerns a single connection.
fn is_of_one_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

async fn connection(stream: TcpStream, server: Arc<Server>, mut end: watch::Receiver<bool>) {
    // A response is a single write, which should not be delayed.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(SEND_TIMEOUT));
    let exchanges = Arc::new(Exchanges::default());
    let service = service_fn(|request| {
        let server = Arc::clone(&server);
        let exchange = exchanges.begin();
        async move {
            let response = server.respond(request).await?;
            Ok::<_, Ended>(response.map(|content| content.of(exchange)))
        }
    });
    let wire = Wire::new(stream, Arc::clone(&exchanges));
    let mut connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(wire), service);
    let mut is_ending = false;
    let served = loop {
        tokio::select! {
            biased;
            served = &mut connection => break served,
            _ = end.wait_for(|end| *end), if !is_ending => {
                is_ending = true;
                pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let wire = connection.into_parts().io.into_inner();
    let (mut stream, refused) = wire.into_parts();
    let cause = served.as_ref().err().and_then(|error| error.source());
    if cause.and_then(|cause| cause.downcast_ref()) == Some(&Ended::Reset) {
        let _ = stream.set_zero_linger();
        return;
    }
    if let Some(invalid) = served.err().and_then(|error| Invalid::of(&error, &refused)) {
        let message = server.refuse(&invalid);
        if refused.status.is_some() {
            // The client may have closed the connection.
            let _ = timeout(DRAIN_TIME, stream.write_all(&message)).await;
        }
    }
    drop(end);
    let _ = timeout(DRAIN_TIME, drain(stream)).await;
}

/// Closes the sending side, and drains what the client still sends.
async fn drain(mut stream: TcpStream) {
    // The client may have closed the connection.
    let _ = stream.shutdown().await;
    let mut buffer = [0; 4096];
    let mut read = 0;
    while read < DRAIN_BYTES {
        match stream.read(&mut buffer).await {
            Ok(length) if length > 0 => read += length,
            _ => return,
        }
    }
}
