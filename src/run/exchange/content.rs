//! Reads the content of a response and decodes its content codings (RFC 9110,
//! 8.4), both with a size limit. The client must not decode them itself,
//! because it would drop the documented `Content-Encoding`.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::error::{TransportError, transport};
use crate::http::field::elements;
use crate::http::message::{Content, Headers};

/// Maximum number of content codings.
const CODINGS: usize = 4;

/// Reads content to its end; returns `None` if it exceeds `limit` bytes.
pub(super) async fn read(
    response: &mut reqwest::Response,
    limit: usize,
) -> Result<Option<Vec<u8>>, TransportError> {
    let mut content = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport)? {
        if content.len() + chunk.len() > limit {
            return Ok(None);
        }
        content.extend_from_slice(&chunk);
    }
    Ok(Some(content))
}

/// Decodes the content codings, the last applied first.
pub(super) fn decode(content: Option<Vec<u8>>, headers: &Headers, limit: usize) -> Content {
    let Some(mut content) = content else {
        return Content::Lost(format!("it exceeds {limit} bytes; raise --max-body"));
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
        match (decode(Some(content), &headers, LIMIT), expected) {
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
        let Content::Lost(why) = decode(None, &headers, LIMIT) else {
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
