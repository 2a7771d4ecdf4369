//! The options of curl that documented commands use.

/// What an option says about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Method,
    Url,
    UrlQuery,
    Header,
    Data,
    DataRaw,
    DataBinary,
    DataUrlencode,
    Json,
    Get,
    Form,
    FormString,
    Upload,
    Head,
    User,
    Bearer,
    Cookie,
    UserAgent,
    Referer,
    Range,
    /// An authentication scheme whose credentials curl computes.
    Scheme(&'static str),
    Config,
    /// Nothing: the option is about the connection or the output.
    Nothing,
}

/// An option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CurlOption {
    /// The long name, without dashes.
    pub long: &'static str,
    /// The short name, or NUL.
    pub short: char,
    /// Whether a value follows.
    pub takes_value: bool,
    /// What it says about the request.
    pub meaning: Meaning,
}

const fn value(long: &'static str, short: char, meaning: Meaning) -> CurlOption {
    CurlOption {
        long,
        short,
        takes_value: true,
        meaning,
    }
}

const fn flag(long: &'static str, short: char, meaning: Meaning) -> CurlOption {
    CurlOption {
        long,
        short,
        takes_value: false,
        meaning,
    }
}

const NO: char = '\0';

/// The options, from the manual of curl 8.
const OPTIONS: &[CurlOption] = &[
    value("request", 'X', Meaning::Method),
    value("url", NO, Meaning::Url),
    value("url-query", NO, Meaning::UrlQuery),
    value("header", 'H', Meaning::Header),
    value("data", 'd', Meaning::Data),
    value("data-ascii", NO, Meaning::Data),
    value("data-raw", NO, Meaning::DataRaw),
    value("data-binary", NO, Meaning::DataBinary),
    value("data-urlencode", NO, Meaning::DataUrlencode),
    value("json", NO, Meaning::Json),
    flag("get", 'G', Meaning::Get),
    value("form", 'F', Meaning::Form),
    value("form-string", NO, Meaning::FormString),
    value("upload-file", 'T', Meaning::Upload),
    flag("head", 'I', Meaning::Head),
    value("user", 'u', Meaning::User),
    value("oauth2-bearer", NO, Meaning::Bearer),
    value("cookie", 'b', Meaning::Cookie),
    value("user-agent", 'A', Meaning::UserAgent),
    value("referer", 'e', Meaning::Referer),
    value("range", 'r', Meaning::Range),
    flag("digest", NO, Meaning::Scheme("Digest")),
    flag("negotiate", NO, Meaning::Scheme("Negotiate")),
    flag("ntlm", NO, Meaning::Scheme("NTLM")),
    value("aws-sigv4", NO, Meaning::Scheme("AWS4-HMAC-SHA256")),
    value("config", 'K', Meaning::Config),
    value("abstract-unix-socket", NO, Meaning::Nothing),
    flag("alpn", NO, Meaning::Nothing),
    value("alt-svc", NO, Meaning::Nothing),
    flag("anyauth", NO, Meaning::Nothing),
    flag("basic", NO, Meaning::Nothing),
    value("cacert", NO, Meaning::Nothing),
    value("capath", NO, Meaning::Nothing),
    value("cert", 'E', Meaning::Nothing),
    flag("cert-status", NO, Meaning::Nothing),
    value("cert-type", NO, Meaning::Nothing),
    value("ciphers", NO, Meaning::Nothing),
    flag("clobber", NO, Meaning::Nothing),
    flag("compressed", NO, Meaning::Nothing),
    value("connect-timeout", NO, Meaning::Nothing),
    value("connect-to", NO, Meaning::Nothing),
    value("continue-at", 'C', Meaning::Nothing),
    value("cookie-jar", 'c', Meaning::Nothing),
    flag("create-dirs", NO, Meaning::Nothing),
    value("crlfile", NO, Meaning::Nothing),
    value("curves", NO, Meaning::Nothing),
    value("delegation", NO, Meaning::Nothing),
    flag("disable", 'q', Meaning::Nothing),
    flag("disallow-username-in-url", NO, Meaning::Nothing),
    value("dns-interface", NO, Meaning::Nothing),
    value("dns-ipv4-addr", NO, Meaning::Nothing),
    value("dns-ipv6-addr", NO, Meaning::Nothing),
    value("dns-servers", NO, Meaning::Nothing),
    flag("doh-cert-status", NO, Meaning::Nothing),
    flag("doh-insecure", NO, Meaning::Nothing),
    value("doh-url", NO, Meaning::Nothing),
    value("dump-header", 'D', Meaning::Nothing),
    value("engine", NO, Meaning::Nothing),
    value("etag-save", NO, Meaning::Nothing),
    value("expect100-timeout", NO, Meaning::Nothing),
    flag("fail", 'f', Meaning::Nothing),
    flag("fail-early", NO, Meaning::Nothing),
    flag("fail-with-body", NO, Meaning::Nothing),
    flag("false-start", NO, Meaning::Nothing),
    flag("form-escape", NO, Meaning::Nothing),
    flag("globoff", 'g', Meaning::Nothing),
    value("happy-eyeballs-timeout-ms", NO, Meaning::Nothing),
    flag("haproxy-protocol", NO, Meaning::Nothing),
    value("hsts", NO, Meaning::Nothing),
    flag("http0.9", NO, Meaning::Nothing),
    flag("http1.0", '0', Meaning::Nothing),
    flag("http1.1", NO, Meaning::Nothing),
    flag("http2", NO, Meaning::Nothing),
    flag("http2-prior-knowledge", NO, Meaning::Nothing),
    flag("http3", NO, Meaning::Nothing),
    flag("http3-only", NO, Meaning::Nothing),
    flag("ignore-content-length", NO, Meaning::Nothing),
    flag("include", 'i', Meaning::Nothing),
    flag("insecure", 'k', Meaning::Nothing),
    value("interface", NO, Meaning::Nothing),
    flag("ipv4", '4', Meaning::Nothing),
    flag("ipv6", '6', Meaning::Nothing),
    flag("junk-session-cookies", 'j', Meaning::Nothing),
    flag("keepalive", NO, Meaning::Nothing),
    value("keepalive-time", NO, Meaning::Nothing),
    value("key", NO, Meaning::Nothing),
    value("key-type", NO, Meaning::Nothing),
    value("libcurl", NO, Meaning::Nothing),
    value("limit-rate", NO, Meaning::Nothing),
    value("local-port", NO, Meaning::Nothing),
    flag("location", 'L', Meaning::Nothing),
    flag("location-trusted", NO, Meaning::Nothing),
    value("login-options", NO, Meaning::Nothing),
    value("max-filesize", NO, Meaning::Nothing),
    value("max-redirs", NO, Meaning::Nothing),
    value("max-time", 'm', Meaning::Nothing),
    flag("netrc", 'n', Meaning::Nothing),
    value("netrc-file", NO, Meaning::Nothing),
    flag("netrc-optional", NO, Meaning::Nothing),
    flag("next", ':', Meaning::Nothing),
    flag("no-buffer", 'N', Meaning::Nothing),
    flag("no-progress-meter", NO, Meaning::Nothing),
    value("noproxy", NO, Meaning::Nothing),
    value("output", 'o', Meaning::Nothing),
    value("output-dir", NO, Meaning::Nothing),
    flag("parallel", 'Z', Meaning::Nothing),
    flag("parallel-immediate", NO, Meaning::Nothing),
    value("parallel-max", NO, Meaning::Nothing),
    value("pass", NO, Meaning::Nothing),
    flag("path-as-is", NO, Meaning::Nothing),
    value("pinnedpubkey", NO, Meaning::Nothing),
    flag("post301", NO, Meaning::Nothing),
    flag("post302", NO, Meaning::Nothing),
    flag("post303", NO, Meaning::Nothing),
    value("preproxy", NO, Meaning::Nothing),
    flag("progress-bar", '#', Meaning::Nothing),
    value("proto", NO, Meaning::Nothing),
    value("proto-default", NO, Meaning::Nothing),
    value("proto-redir", NO, Meaning::Nothing),
    value("proxy", 'x', Meaning::Nothing),
    flag("proxy-anyauth", NO, Meaning::Nothing),
    flag("proxy-basic", NO, Meaning::Nothing),
    value("proxy-cacert", NO, Meaning::Nothing),
    value("proxy-capath", NO, Meaning::Nothing),
    value("proxy-cert", NO, Meaning::Nothing),
    flag("proxy-digest", NO, Meaning::Nothing),
    value("proxy-header", NO, Meaning::Nothing),
    flag("proxy-insecure", NO, Meaning::Nothing),
    value("proxy-key", NO, Meaning::Nothing),
    flag("proxy-negotiate", NO, Meaning::Nothing),
    flag("proxy-ntlm", NO, Meaning::Nothing),
    value("proxy-pass", NO, Meaning::Nothing),
    value("proxy-user", 'U', Meaning::Nothing),
    value("proxy1.0", NO, Meaning::Nothing),
    flag("proxytunnel", 'p', Meaning::Nothing),
    value("rate", NO, Meaning::Nothing),
    flag("raw", NO, Meaning::Nothing),
    flag("remote-header-name", 'J', Meaning::Nothing),
    flag("remote-name", 'O', Meaning::Nothing),
    flag("remote-name-all", NO, Meaning::Nothing),
    flag("remote-time", 'R', Meaning::Nothing),
    flag("remove-on-error", NO, Meaning::Nothing),
    value("resolve", NO, Meaning::Nothing),
    value("retry", NO, Meaning::Nothing),
    flag("retry-all-errors", NO, Meaning::Nothing),
    flag("retry-connrefused", NO, Meaning::Nothing),
    value("retry-delay", NO, Meaning::Nothing),
    value("retry-max-time", NO, Meaning::Nothing),
    value("service-name", NO, Meaning::Nothing),
    flag("sessionid", NO, Meaning::Nothing),
    flag("show-error", 'S', Meaning::Nothing),
    flag("show-headers", NO, Meaning::Nothing),
    flag("silent", 's', Meaning::Nothing),
    value("socks4", NO, Meaning::Nothing),
    value("socks4a", NO, Meaning::Nothing),
    value("socks5", NO, Meaning::Nothing),
    flag("socks5-basic", NO, Meaning::Nothing),
    value("socks5-hostname", NO, Meaning::Nothing),
    value("speed-limit", 'Y', Meaning::Nothing),
    value("speed-time", 'y', Meaning::Nothing),
    flag("ssl", NO, Meaning::Nothing),
    flag("ssl-no-revoke", NO, Meaning::Nothing),
    flag("ssl-reqd", NO, Meaning::Nothing),
    flag("ssl-revoke-best-effort", NO, Meaning::Nothing),
    flag("sslv2", '2', Meaning::Nothing),
    flag("sslv3", '3', Meaning::Nothing),
    value("stderr", NO, Meaning::Nothing),
    flag("styled-output", NO, Meaning::Nothing),
    flag("suppress-connect-headers", NO, Meaning::Nothing),
    flag("tcp-fastopen", NO, Meaning::Nothing),
    flag("tcp-nodelay", NO, Meaning::Nothing),
    value("tls-max", NO, Meaning::Nothing),
    value("tls13-ciphers", NO, Meaning::Nothing),
    flag("tlsv1", '1', Meaning::Nothing),
    flag("tlsv1.0", NO, Meaning::Nothing),
    flag("tlsv1.1", NO, Meaning::Nothing),
    flag("tlsv1.2", NO, Meaning::Nothing),
    flag("tlsv1.3", NO, Meaning::Nothing),
    flag("tr-encoding", NO, Meaning::Nothing),
    value("trace", NO, Meaning::Nothing),
    value("trace-ascii", NO, Meaning::Nothing),
    flag("trace-time", NO, Meaning::Nothing),
    value("unix-socket", NO, Meaning::Nothing),
    flag("verbose", 'v', Meaning::Nothing),
    value("write-out", 'w', Meaning::Nothing),
];

/// The option of a long name, or of its negation: `no-NAME` turns a flag off.
pub(super) fn by_long(name: &str) -> Option<CurlOption> {
    let find = |name: &str| OPTIONS.iter().copied().find(|option| option.long == name);
    find(name).or_else(|| {
        let option = find(name.strip_prefix("no-")?)?;
        let off = CurlOption {
            meaning: Meaning::Nothing,
            ..option
        };
        (!option.takes_value).then_some(off)
    })
}

/// The option of a short name.
pub(super) fn by_short(name: char) -> Option<CurlOption> {
    let named = |option: &&CurlOption| option.short == name && name != NO;
    OPTIONS.iter().find(named).copied()
}

/// The long names.
pub(super) fn long_names() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|option| option.long)
}
