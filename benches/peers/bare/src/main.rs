//! A bare hyper server that sends the same response to each request.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const ANSWER: &[u8] = br#"{"id": 7, "name": "a name of some length"}"#;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("http://{}", listener.local_addr().expect("an address"));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            tokio::spawn(async move {
                let service = service_fn(|_| async {
                    let mut answer = Response::new(Full::new(Bytes::from_static(ANSWER)));
                    let json = HeaderValue::from_static("application/json");
                    answer.headers_mut().insert(CONTENT_TYPE, json);
                    Ok::<_, Infallible>(answer)
                });
                // A client may disconnect.
                let _ = Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
}
