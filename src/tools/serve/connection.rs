//! Connections: accepted, served by hyper within bounds, and ended. Any client
//! may be one that stalls, or means harm.

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
use super::respond::Server;

/// How long a request's head may take to come, and a connection may be idle.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of a request's head; what is more is answered with 431.
const HEAD_LIMIT: usize = 64 << 10;
/// How long a client may leave what it was sent untaken.
#[cfg(target_os = "linux")]
const SEND_PATIENCE: Duration = Duration::from_secs(30);
/// How long answers under way may take when the server is stopped.
const GRACE: Duration = Duration::from_secs(5);
/// How long a connection is not accepted when there is no room for it.
const FULL: Duration = Duration::from_millis(100);
/// So long, and so many bytes, an ended connection is read on: with something
/// unread, the client would lose the answer that says why it was ended.
const FAREWELL: Duration = Duration::from_secs(1);
const FAREWELL_BYTES: usize = 4 << 20;

/// Serves connections until `stop` is done; then those under way are ended.
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
            // Too many open files, mostly: others end, and make room.
            Err(error) => {
                if !is_full {
                    tracing::warn!("connections wait: {error}");
                }
                is_full = true;
                sleep(FULL).await;
            }
        }
    }
    drop((listener, end));
    // Fails only where no connection is left.
    let _ = ending.send(true);
    if timeout(GRACE, ending.closed()).await.is_err() {
        let seconds = GRACE.as_secs();
        tracing::warn!("some answers were not taken within {seconds} seconds, and are cut");
    }
}

/// Whether an error of accepting is about the connection that was to be.
fn is_of_one_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

async fn connection(stream: TcpStream, server: Arc<Server>, mut end: watch::Receiver<bool>) {
    // An answer is one write, and waits for nothing.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(SEND_PATIENCE));
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { server.respond(request).await }
    });
    let mut connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
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
    let stream = connection.into_parts().io.into_inner();
    let cause = served.as_ref().err().and_then(|error| error.source());
    if cause.and_then(|cause| cause.downcast_ref()) == Some(&Ended::Reset) {
        let _ = stream.set_zero_linger();
        return;
    }
    drop(end);
    let _ = timeout(FAREWELL, read_on(stream)).await;
}

/// Ends what is sent, and reads what the client still sends.
async fn read_on(mut stream: TcpStream) {
    // The client may have gone before.
    let _ = stream.shutdown().await;
    let mut buffer = [0; 4096];
    let mut read = 0;
    while read < FAREWELL_BYTES {
        match stream.read(&mut buffer).await {
            Ok(length) if length > 0 => read += length,
            _ => return,
        }
    }
}
