//! Addresses that documented or captured URLs may not lead to: those of this
//! machine, of its networks and of the metadata services of clouds. A target
//! may name such hosts explicitly.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use tokio::net::lookup_host;
use url::{Host, Url};

/// An address that requests are not sent to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "not sent: {host} is {class}, and the target does not name it; to permit it, add it to \
     the target's `hosts` (or use --host)"
)]
pub(super) struct Refused {
    host: String,
    class: &'static str,
}

/// Refuses a URL whose host is a forbidden address. Host names are checked by
/// the [`Guard`] when they are resolved, because their addresses may change.
pub(super) fn check_literal(url: &Url) -> Result<(), Refused> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        _ => return Ok(()),
    };
    check(address, url.host_str().unwrap_or_default())
}

fn check(address: IpAddr, host: &str) -> Result<(), Refused> {
    match class(address) {
        Some(class) => Err(Refused {
            host: host.to_owned(),
            class,
        }),
        None => Ok(()),
    }
}

/// Resolves names, and refuses those with a forbidden address. The connection
/// uses the addresses that were checked.
#[derive(Debug)]
pub(super) struct Guard;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str();
            let addresses: Vec<_> = lookup_host((name, 0)).await?.collect();
            for address in &addresses {
                check(address.ip(), name)?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The class of an address that is not on the public internet (RFC 6890 and the
/// IANA registries of special-purpose addresses).
fn class(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => class_v4(address),
        IpAddr::V6(address) => class_v6(address),
    }
}

fn class_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (169, 254, _) => Some("a link-local address, such as those of metadata services"),
        // Azure and Oracle; outside the link-local block.
        _ if address == Ipv4Addr::new(168, 63, 129, 16) => {
            Some("the address of a metadata service")
        }
        (192, 0, 0) => Some("the address of a metadata service or of a protocol"),
        (127, ..) => Some("a loopback address"),
        (0, ..) => Some("an unspecified address"),
        (10, ..) | (192, 168, _) | (172, 16..=31, _) => Some("a private address"),
        (100, 64..=127, _) => Some("an address of a shared network"),
        (198, 18..=19, _) => Some("an address of a test network"),
        (224..=239, ..) => Some("a multicast address"),
        (240..=255, ..) => Some("a reserved address"),
        _ => None,
    }
}

fn class_v6(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_loopback() {
        return Some("a loopback address");
    }
    if address.is_unspecified() {
        return Some("an unspecified address");
    }
    if let Some(inner) = embedded(address) {
        return class_v4(inner);
    }
    match address.segments()[0] {
        0xfe80..=0xfebf => Some("a link-local address"),
        0xfec0..=0xfeff => Some("a site-local address"),
        0xfc00..=0xfdff => Some("a unique-local address"),
        0xff00..=0xffff => Some("a multicast address"),
        _ => None,
    }
}

/// The IPv4 address inside an IPv6 address: mapped and compatible (RFC 4291,
/// 2.5.5), translated (RFC 6052, 2.1, and RFC 8215) or tunnelled (RFC 3056, 2).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_class(host: &str, expected: Option<&str>) {
        let url = Url::parse(&format!("http://{host}/")).expect("a URL");
        let found = check_literal(&url).err().map(|refused| refused.class);
        match (found, expected) {
            (Some(found), Some(expected)) => assert!(found.contains(expected), "{found}"),
            (found, expected) => assert_eq!(found, expected, "{host}"),
        }
    }

    #[test]
    fn classifies_addresses_that_are_not_public() {
        for (host, expected) in [
            ("127.0.0.1", Some("loopback")),
            ("2130706433", Some("loopback")),
            ("0x7f.1", Some("loopback")),
            ("[::1]", Some("loopback")),
            ("[::ffff:127.0.0.1]", Some("loopback")),
            ("0.0.0.0", Some("unspecified")),
            ("[::]", Some("unspecified")),
            ("169.254.169.254", Some("metadata")),
            ("[::ffff:a9fe:a9fe]", Some("metadata")),
            ("[64:ff9b::a9fe:a9fe]", Some("metadata")),
            ("[2002:a9fe:a9fe::1]", Some("metadata")),
            ("168.63.129.16", Some("metadata")),
            ("168.63.129.17", None),
            ("192.0.0.192", Some("metadata")),
            ("192.0.1.1", None),
            ("[fe80::1]", Some("link-local")),
            ("[fd00:ec2::254]", Some("unique-local")),
            ("10.1.2.3", Some("private")),
            ("172.16.0.1", Some("private")),
            ("172.31.255.255", Some("private")),
            ("172.32.0.1", None),
            ("172.15.0.1", None),
            ("192.168.0.1", Some("private")),
            ("192.169.0.1", None),
            ("100.64.0.1", Some("shared")),
            ("100.128.0.1", None),
            ("224.0.0.1", Some("multicast")),
            ("[ff02::1]", Some("multicast")),
            ("255.255.255.255", Some("reserved")),
            ("198.18.0.1", Some("test")),
            ("8.8.8.8", None),
            ("[2001:4860:4860::8888]", None),
            ("[2002:808:808::1]", None),
            ("localhost", None),
        ] {
            check_class(host, expected);
        }
    }

    #[tokio::test]
    async fn checks_the_addresses_of_a_name() {
        let name: Name = "localhost".parse().expect("a name");
        let Err(error) = Guard.resolve(name).await else {
            panic!("localhost was let through");
        };
        assert!(error.to_string().contains("localhost is a loopback"));
    }
}
