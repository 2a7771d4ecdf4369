//! Reads the content of a response and decodes its content codings (RFC 9110,
//! 8.4), both with a size limit. A stream is read for a limited time. The client must not decode them itself,
//! because it would drop the documented `Content-Encoding`.

use std::io::{self, Read};
use std::time::Duration;

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use http::header::CONTENT_LENGTH;
use tokio::time::{Instant, timeout_at};

use super::error::{TransportError, TransportKind, cause, seconds};
use crate::http::field::elements;
use crate::http::media_type::MediaType;
use crate::http::message::{Content, Headers};
use crate::page::case::Case;
use crate::run::observation::status_line;

/// Maximum number of content codings.
const CODINGS: usize = 4;

/// How long to wait for the end of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyWait {
    /// Until the time limit of the exchange: the body is used.
    Whole,
    /// Until the time limit for bodies without an announced length that nobody
    /// compares, such as streams.
    Stream,
}

impl BodyWait {
    /// The wait for the response to a case. `is_used` says whether the run
    /// needs its body; an event stream has no end by design.
    pub(crate) fn of(case: &Case, is_used: bool) -> Self {
        let documented = case.response.as_ref();
        let media_type = documented.and_then(|response| MediaType::of(&response.message.headers));
        let is_stream = media_type.is_some_and(|sent| sent.essence == "text/event-stream");
        if is_used && !is_stream {
            Self::Whole
        } else {
            Self::Stream
        }
    }
}

/// The limits of a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    /// Maximum size in bytes.
    pub size: usize,
    /// The time limit of the exchange.
    pub exchange: Duration,
    /// How long to wait for the end of a stream; `None` for any other body.
    pub stream: Option<Duration>,
}

/// A body as it was read.
pub(super) enum Body {
    /// It ended.
    Whole(Vec<u8>),
    /// It exceeds the maximum size.
    TooLarge,
    /// It is a stream that did not end.
    Endless(Vec<u8>),
}

/// Reads the body of a response.
pub(super) async fn read(
    response: &mut reqwest::Response,
    limits: BodyLimits,
) -> Result<Body, TransportError> {
    let mut content = Vec::new();
    let announced = response.headers().get(CONTENT_LENGTH);
    // A body with a length is not a stream.
    let stream = limits.stream.filter(|_| announced.is_none());
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let end = stream.map(|stream| Instant::now() + stream);
    loop {
        let chunk = match end {
            Some(end) => match timeout_at(end, response.chunk()).await {
                Ok(chunk) => chunk,
                Err(_) => return Ok(Body::Endless(content)),
            },
            None => response.chunk().await,
        };
        match chunk {
            Ok(Some(chunk)) if content.len() + chunk.len() > limits.size => {
                return Ok(Body::TooLarge);
            }
            Ok(Some(chunk)) => content.extend_from_slice(&chunk),
            Ok(None) => return Ok(Body::Whole(content)),
            Err(error) if error.is_timeout() && stream.is_some() => {
                return Ok(Body::Endless(content));
            }
            Err(error) => {
                let status = status_line(response.status().as_u16());
                let came = content.len();
                let what = match (error.is_timeout(), announced) {
                    (true, announced) => {
                        let limit = seconds(limits.exchange);
                        let of = announced.map_or(String::new(), |all| format!(" of {all}"));
                        format!("did not end within {limit} ({came}{of} bytes came)")
                    }
                    (false, Some(announced)) => format!("ended after {came} of {announced} bytes"),
                    (false, None) => format!("broke off after {came} bytes: {}", cause(&error)),
                };
                let message = format!("{status} came, its body {what}");
                return Err(TransportError::new(TransportKind::Body, message));
            }
        }
    }
}

/// Decodes the content codings, the last applied first.
pub(super) fn decode(body: Body, headers: &Headers, limit: usize) -> Content {
    let mut content = match body {
        Body::Whole(content) => content,
        Body::Endless(came) => return Content::Endless(came),
        Body::TooLarge => {
            return Content::Lost(format!("it exceeds {limit} bytes; raise --max-body"));
        }
    };
    if content.is_empty() {
        return Content::Whole(content);
    }
    let codings: Vec<String> = headers
        .get_all("content-encoding")
        .flat_map(|value| elements(value, b','))
        .map(str::to_ascii_lowercase)
        .filter(|coding| coding != "identity")
        .take(CODINGS + 1)
        .collect();
    if codings.len() > CODINGS {
        return Content::Lost(format!("it has more than {CODINGS} content codings"));
    }
    for coding in codings.iter().rev() {
        let decoded = match coding.as_str() {
            "gzip" | "x-gzip" => bounded(MultiGzDecoder::new(content.as_slice()), limit),
            "deflate" => inflate(&content, limit),
            "br" => bounded(Decompressor::new(content.as_slice(), 4096), limit),
            unknown => {
                let unknown: String = unknown.chars().take(40).collect();
                return Content::Lost(format!("unknown content coding `{unknown}`"));
            }
        };
        content = match decoded {
            Ok(Some(decoded)) => decoded,
            Ok(None) => {
                return Content::Lost(format!(
                    "it exceeds {limit} bytes after decoding `{coding}`; \
                     raise --max-body"
                ));
            }
            Err(error) => {
                return Content::Lost(format!(
                    "failed to decode its content coding `{coding}`: {error}"
                ));
            }
        };
    }
    Content::Whole(content)
}

/// Decodes `deflate`. It has a zlib wrapper (RFC 9110, 8.4.1.2), but some
/// servers omit it.
fn inflate(content: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    // RFC 1950, 2.2: the method is 8, and the two bytes are a multiple of 31.
    let is_wrapped = matches!(content, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0);
    if is_wrapped {
        bounded(ZlibDecoder::new(content), limit)
    } else {
        bounded(DeflateDecoder::new(content), limit)
    }
}

/// Reads to the end; returns `None` if the content exceeds the limit.
fn bounded(reader: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(most).read_to_end(&mut content)?;
    Ok((content.len() <= limit).then_some(content))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: usize = 1 << 16;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).expect("written");
        encoder.finish().expect("an end")
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).expect("written");
        encoder.finish().expect("an end")
    }

    fn deflate(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).expect("written");
        encoder.finish().expect("an end")
    }

    #[track_caller]
    fn check(content: Vec<u8>, codings: &[&str], expected: Result<&[u8], &str>) {
        let mut headers = Headers::default();
        for coding in codings {
            headers.push("Content-Encoding", *coding);
        }
        match (decode(Body::Whole(content), &headers, LIMIT), expected) {
            (Content::Whole(found), Ok(expected)) => assert_eq!(found, expected),
            (Content::Lost(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn decodes_codings_from_the_last() {
        let text = b"hello, hello, hello".as_slice();
        // "hello" as `brotli` encodes it: an uncompressed metablock.
        let brotli = b"\x0b\x02\x80hello\x03".to_vec();
        check(text.to_vec(), &[], Ok(text));
        check(text.to_vec(), &["identity"], Ok(text));
        check(gzip(text), &["gzip"], Ok(text));
        check(gzip(text), &["X-GZip"], Ok(text));
        check([gzip(b"a"), gzip(b"b")].concat(), &["gzip"], Ok(b"ab"));
        check(zlib(text), &["deflate"], Ok(text));
        check(deflate(text), &["deflate"], Ok(text));
        check(brotli, &["br"], Ok(b"hello"));
        check(gzip(&zlib(text)), &["deflate, gzip"], Ok(text));
        check(gzip(&zlib(text)), &["deflate", "gzip"], Ok(text));
        check(Vec::new(), &["gzip"], Ok(b""));
    }

    #[test]
    fn explains_why_content_cannot_be_decoded() {
        check(
            gzip(b"a"),
            &["gzip, deflate"],
            Err("failed to decode its content coding `deflate`"),
        );
        check(
            b"plain".to_vec(),
            &["gzip"],
            Err("failed to decode its content coding `gzip`"),
        );
        check(
            b"plain".to_vec(),
            &["br"],
            Err("failed to decode its content coding `br`"),
        );
        check(
            b"plain".to_vec(),
            &["zstd"],
            Err("unknown content coding `zstd`"),
        );
        let mut cut = gzip(&[7; 100]);
        cut.truncate(cut.len() - 9);
        check(
            cut,
            &["gzip"],
            Err("failed to decode its content coding `gzip`"),
        );
        check(b"a".to_vec(), &["gzip"; 5], Err("more than 4"));
        let headers = Headers::default();
        let Content::Lost(why) = decode(Body::TooLarge, &headers, LIMIT) else {
            panic!("it is lost");
        };
        assert!(why.contains("exceeds 65536 bytes"));
    }

    #[test]
    fn limits_decoded_content() {
        check(gzip(&vec![0; LIMIT]), &["gzip"], Ok(&vec![0; LIMIT]));
        check(
            gzip(&vec![0; LIMIT + 1]),
            &["gzip"],
            Err("exceeds 65536 bytes after"),
        );
        let bomb = gzip(&gzip(&vec![0; 64 << 20]));
        assert!(bomb.len() < 1 << 12);
        check(bomb, &["gzip", "gzip"], Err("exceeds 65536 bytes after"));
    }
}
