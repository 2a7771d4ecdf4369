//! The fields of an X.509 certificate that `rustls` does not tell (RFC 5280,
//! 4.1): version, issuer, subject and validity; and the error about one.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use thiserror::Error;

/// Why a certificate is not trusted, and what to do about it.
#[derive(Debug, Error)]
#[error("the certificate of {host} {why}")]
pub(super) struct Untrusted {
    /// The host.
    pub host: String,
    /// The reason, after "the certificate of HOST".
    pub why: String,
}

/// The fields of a certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Certificate<'a> {
    /// The version, from 1.
    pub version: u8,
    /// The issuer, encoded.
    pub issuer: &'a [u8],
    /// The subject, encoded.
    pub subject: &'a [u8],
    /// The start of the validity, in seconds since 1970.
    pub not_before: u64,
    /// The end of the validity, in seconds since 1970.
    pub not_after: u64,
}

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

impl<'a> Certificate<'a> {
    /// Reads a certificate (DER).
    pub(super) fn parse(mut der: &'a [u8]) -> Option<Self> {
        let mut certificate = expect(&mut der, SEQUENCE)?;
        let fields = &mut expect(&mut certificate, SEQUENCE)?;
        let version = match fields.first()? {
            &VERSION => {
                let mut version = expect(fields, VERSION)?;
                // Version 1 is written as 0.
                expect(&mut version, INTEGER)?.last()?.checked_add(1)?
            }
            _ => 1,
        };
        let _serial_number = expect(fields, INTEGER)?;
        let _algorithm = expect(fields, SEQUENCE)?;
        let issuer = expect(fields, SEQUENCE)?;
        let mut validity = expect(fields, SEQUENCE)?;
        Some(Self {
            version,
            issuer,
            not_before: time(&mut validity)?,
            not_after: time(&mut validity)?,
            subject: expect(fields, SEQUENCE)?,
        })
    }
}

/// Takes the next element; returns its content if it has this tag.
fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (found, content) = element(rest)?;
    (found == tag).then_some(content)
}

/// Takes the next element (X.690, 8.1, with definite lengths): tag and content.
fn element<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&[tag, length], mut after) = rest.split_first_chunk()?;
    let length = if length < 0x80 {
        usize::from(length)
    } else {
        let bytes = after.split_off(..usize::from(length & 0x7f))?;
        let bytes = bytes.iter().map(|byte| usize::from(*byte));
        bytes
            .into_iter()
            .try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(byte))?
    };
    let content = after.split_off(..length)?;
    *rest = after;
    Some((tag, content))
}

/// Takes a time (RFC 5280, 4.1.2.5), in seconds since 1970; 0 if it is earlier.
fn time(rest: &mut &[u8]) -> Option<u64> {
    let (tag, text) = element(rest)?;
    let text = str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let whole = match (tag, text.get(..2)?.parse::<u8>().ok()?) {
        (UTC_TIME, 50..) => format!("19{text}"),
        (UTC_TIME, _) => format!("20{text}"),
        (GENERALIZED_TIME, _) => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    // The last days of the year 9999 stand for no end (RFC 5280, 4.1.2.5).
    let Ok(time) = TimeZone::UTC.to_timestamp(time) else {
        return Some(u64::MAX);
    };
    Some(u64::try_from(time.as_second()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of a certificate, with this version and end of the validity.
    fn certificate(version: &[u8], not_after: &[u8]) -> Vec<u8> {
        let element = |tag: u8, content: &[u8]| {
            let length = u8::try_from(content.len()).expect("short");
            [&[tag, 0x81, length], content].concat()
        };
        let validity = [element(UTC_TIME, b"700101000010Z"), not_after.to_vec()].concat();
        let fields = [
            version.to_vec(),
            element(INTEGER, b"\x07"),
            element(SEQUENCE, b"algorithm"),
            element(SEQUENCE, b"issuer"),
            element(SEQUENCE, &validity),
            element(SEQUENCE, b"subject"),
        ];
        element(SEQUENCE, &element(SEQUENCE, &fields.concat()))
    }

    const V3: &[u8] = &[VERSION, 3, INTEGER, 1, 2];
    const YEAR_2000: u64 = 946_684_800;

    #[track_caller]
    fn check(der: &[u8], expected: Option<(u8, u64)>) {
        let parsed = Certificate::parse(der);
        let found = parsed
            .as_ref()
            .map(|parsed| (parsed.version, parsed.not_after));
        assert_eq!(found, expected);
        if let Some(parsed) = parsed {
            assert_eq!(parsed.issuer, b"issuer");
            assert_eq!(parsed.subject, b"subject");
            assert_eq!(parsed.not_before, 10);
        }
    }

    #[test]
    fn reads_version_names_and_validity() {
        let utc = b"\x17\x0d000101000000Z";
        let generalized = b"\x18\x0f20000101000000Z";
        check(&certificate(V3, utc), Some((3, YEAR_2000)));
        check(&certificate(b"", utc), Some((1, YEAR_2000)));
        check(&certificate(V3, generalized), Some((3, YEAR_2000)));
        check(
            &certificate(V3, b"\x18\x0f99991231235959Z"),
            Some((3, u64::MAX)),
        );
        check(&certificate(V3, b"\x17\x0d500101000000Z"), Some((3, 0)));
    }

    #[test]
    fn rejects_other_bytes() {
        let whole = certificate(V3, b"\x17\x0d000101000000Z");
        for end in 0..whole.len() {
            check(&whole[..end], None);
        }
        check(&certificate(V3, b"\x17\x0d00010100000xZ"), None);
        check(&certificate(V3, b"\x04\x0d000101000000Z"), None);
        check(&certificate(V3, b"\x17\x0200"), None);
        check(&[SEQUENCE, 0xff, 1, 2, 3], None);
    }
}
