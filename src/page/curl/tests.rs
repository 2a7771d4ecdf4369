//! Tests of curl commands as requests. `.ci/e2e-curl` compares them with curl.

use super::*;

/// Reads a command, and compares the request as a message.
#[track_caller]
fn check(text: &str, expected: &str) {
    let read = request(text, &|_| None);
    assert_eq!(read.problems, [], "{text}");
    let (request, ranges) = read.message.expect("a request");
    let headers = request.headers.iter();
    let headers: String = headers
        .map(|header| format!("{}: {}\n", header.name, header.value))
        .collect();
    let body = request.body.as_deref().map(|body| format!("\n{body}"));
    let message = format!(
        "{} {}\n{headers}{}",
        request.method,
        request.target,
        body.unwrap_or_default()
    );
    assert_eq!(message.trim_end(), expected, "{text}");
    assert_eq!(ranges.headers.len(), request.headers.0.len());
    if let Some(range) = ranges.body {
        assert_eq!(Some(&text[range]), request.body.as_deref());
    }
}

/// Checks the place and the message of the last problem.
#[track_caller]
fn check_problem(text: &str, at: &str, message: &str) {
    let problems = request(text, &|_| None).problems;
    let problem = problems.last().expect("a problem");
    assert_eq!(
        (&text[problem.range.clone()], &*problem.message),
        (at, message),
        "{text}"
    );
}

#[test]
fn tells_commands_from_other_blocks() {
    for text in ["curl x", "$ curl x", "# get\n\n  curl x", "$ curl \\\n x"] {
        assert!(is_command(text), "{text}");
    }
    for text in ["", "curl", "curly x", "GET /x", "wget x", "{\"curl\": 1}"] {
        assert!(!is_command(text), "{text}");
    }
}

#[test]
fn derives_the_method() {
    check("curl https://a.example/x", "GET https://a.example/x");
    check(
        "curl -XDELETE https://a.example/x",
        "DELETE https://a.example/x",
    );
    check(
        "curl -sSLX PATCH https://a.example/x",
        "PATCH https://a.example/x",
    );
    check(
        "curl --request PUT --url https://a.example/x",
        "PUT https://a.example/x",
    );
    check("curl -I https://a.example/x", "HEAD https://a.example/x");
    check(
        "curl https://a.example/x -d a=1",
        "POST https://a.example/x\nContent-Type: application/x-www-form-urlencoded\n\na=1",
    );
    check(
        "curl -G https://a.example/x?c=1 -d a=1 -d b=2",
        "GET https://a.example/x?c=1&a=1&b=2",
    );
}

#[test]
fn joins_data_and_sets_its_media_type() {
    check(
        "curl https://a.example/x -da=1 --data-raw @b --data-urlencode 'c=d e&f'",
        "POST https://a.example/x\nContent-Type: application/x-www-form-urlencoded\n\na=1&@b&c=d+e%26f",
    );
    check(
        "curl https://a.example/x -H 'content-type: application/json' -d '{\n  \"a\": 1\n}'",
        "POST https://a.example/x\ncontent-type: application/json\n\n{\n  \"a\": 1\n}",
    );
    check(
        "curl https://a.example/x --json '{\"a\":' --json '1}'",
        "POST https://a.example/x\nContent-Type: application/json\nAccept: application/json\n\n{\"a\":1}",
    );
    check(
        "curl https://a.example/x -H Content-Type: -d a",
        "POST https://a.example/x\n\na",
    );
    check(
        "curl https://a.example/x -d @- <<EOF\na\nEOF",
        "POST https://a.example/x\nContent-Type: application/x-www-form-urlencoded\n\na",
    );
}

#[test]
fn writes_forms_as_multipart() {
    check(
        "curl https://a.example/x -F a=1 -F 'b={};type=application/json'",
        "POST https://a.example/x\nContent-Type: multipart/form-data; boundary=------------------------docproof\n\n--------------------------docproof\nContent-Disposition: form-data; name=\"a\"\n\n1\n--------------------------docproof\nContent-Disposition: form-data; name=\"b\"\nContent-Type: application/json\n\n{}\n--------------------------docproof--",
    );
    check(
        "curl a.example/x -H 'Content-Type: multipart/form-data' -F 'a=\"b;\\\"c\"' -F 'd= e ;filename=f.txt;type=a/b; c=d' -F 'k=l;filename=m.png' --form-string 'g=@h;type=i' -F =j",
        "POST http://a.example/x\nContent-Type: multipart/form-data; boundary=------------------------docproof\n\n--------------------------docproof\nContent-Disposition: form-data; name=\"a\"\n\nb;\"c\n--------------------------docproof\nContent-Disposition: form-data; name=\"d\"; filename=\"f.txt\"\nContent-Type: a/b; c=d\n\ne\n--------------------------docproof\nContent-Disposition: form-data; name=\"k\"; filename=\"m.png\"\nContent-Type: image/png\n\nl\n--------------------------docproof\nContent-Disposition: form-data; name=\"g\"\n\n@h;type=i\n--------------------------docproof\nContent-Disposition: form-data\n\nj\n--------------------------docproof--",
    );
}

#[test]
fn reads_header_options() {
    check(
        "curl https://a.example/x -H 'X-A: b' -H 'X-C;' -u d:e -b f=g -A h -e i -r 0-9 --compressed -o j",
        "GET https://a.example/x\nX-A: b\nX-C: \nAuthorization: Basic ZDpl\nCookie: f=g\nUser-Agent: h\nReferer: i\nRange: bytes=0-9",
    );
    check(
        "curl --oauth2-bearer $TOKEN \"$HOST/x\" -u $USER:$PASSWORD",
        "GET {HOST}/x\nAuthorization: Bearer {TOKEN}",
    );
    check(
        "curl https://a.example/x -u $USER:$PASSWORD",
        "GET https://a.example/x\nAuthorization: Basic {credentials}",
    );
    // Without a password, curl asks for one.
    check(
        "curl https://a.example/x -u d",
        "GET https://a.example/x\nAuthorization: Basic ZDo=",
    );
    // curl computes the credentials.
    check(
        "curl --digest -u d:e a.example/x",
        "GET http://a.example/x\nAuthorization: Digest {credentials}",
    );
    check("curl --ntlm -1 a.example/x", "GET http://a.example/x");
    check(
        "curl https://d:e@a.example/x?f=g@h",
        "GET https://a.example/x?f=g@h\nAuthorization: Basic ZDpl",
    );
    check(
        "curl https://d%40f:e@a.example/x",
        "GET https://a.example/x\nAuthorization: Basic ZEBmOmU=",
    );
    check(
        "curl https://$KEY:@a.example/x",
        "GET https://a.example/x\nAuthorization: Basic {credentials}",
    );
    check(
        "curl https://x:y@a.example/x -u d:e",
        "GET https://a.example/x\nAuthorization: Basic ZDpl",
    );
    check("curl a.example/x", "GET http://a.example/x");
}

#[test]
fn replaces_fields_of_options_by_those_of_headers() {
    let options = "curl a.example/x -u d:e -b f=g -A h -e i -r 0-9";
    check(
        &format!(
            "{options} -H 'authorization: j' -H 'cookie: k' -H 'user-agent: l' -H 'referer: m' -H 'range: n'"
        ),
        "GET http://a.example/x\nauthorization: j\ncookie: k\nuser-agent: l\nreferer: m\nrange: n",
    );
    check(
        &format!("{options} -H authorization: -H cookie: -H user-agent: -H referer: -H range:"),
        "GET http://a.example/x",
    );
    check(
        "curl a.example/x -b a=b -b c=d -A '' -e 'e;auto'",
        "GET http://a.example/x\nCookie: a=b;c=d\nReferer: e",
    );
    check(
        "curl a.example/x --url-query 'a=b c' --url-query +d=%20",
        "GET http://a.example/x?a=b+c&d=%20",
    );
}

#[test]
fn continues_commands_over_lines() {
    check("curl a.example/x \\", "GET http://a.example/x");
    check(
        "$ curl a.example/x \\\n$   -H 'a: b'",
        "GET http://a.example/x\na: b",
    );
    check("curl {{ site.url }}/users -I", "HEAD {site.url}/users");
    check("curl a.example/{{b}}", "GET http://a.example/{b}");
}

#[test]
fn locates_problems() {
    check_problem(
        "curl --haeder 'A: b' x",
        "--haeder",
        "`--haeder` is not an option of curl that docproof knows",
    );
    check_problem("curl x -d", "-d", "the option `-d` has no value");
    check_problem(
        "curl -K a.conf x",
        "a.conf",
        "this command sends the file `a.conf`, which is not in the block",
    );
    check_problem("curl -s", "curl", "this command has no URL");
    check_problem("curl x y", "y", "this command has two URLs");
    check_problem(
        "curl x -d @a.json",
        "@a.json",
        "this command sends the file `a.json`, which is not in the block",
    );
    check_problem(
        "curl x -F 'a=@b.png;type=image/png'",
        "'a=@b.png;type=image/png'",
        "this command sends the file `b.png`, which is not in the block",
    );
    check_problem(
        "curl x -H 'a b: c'",
        "'a b: c'",
        "`a b: c` is not a header field",
    );
    check_problem(
        "curl x\ncurl y",
        "curl y",
        "this block has two curl commands",
    );
    check_problem("curl x -d '{", "'", "this quote has no end");
    check_problem(
        "curl x \n -d a",
        "x",
        "the command ends on this line, but the next line starts with an option",
    );
}

/// Checks that the ranges of what was read lie in the text.
fn check_ranges(text: &str) {
    let read = request(text, &|_| None);
    for problem in &read.problems {
        assert!(text.get(problem.range.clone()).is_some(), "{problem:?}");
        if let Some((range, _)) = &problem.fix {
            assert!(text.get(range.clone()).is_some(), "{problem:?}");
        }
    }
    let Some((request, ranges)) = read.message else {
        assert!(!read.problems.is_empty(), "a request or a problem");
        return;
    };
    assert_eq!(ranges.headers.len(), request.headers.0.len());
    let headers = ranges.headers.iter().cloned();
    for range in headers.chain([ranges.start_line, ranges.subject]) {
        assert!(text.get(range.clone()).is_some(), "{range:?}");
    }
    if let Some(range) = ranges.body {
        assert_eq!(text.get(range), request.body.as_deref());
    }
}

proptest::proptest! {
    #[test]
    fn reads_any_text(text in "\\PC*") {
        check_ranges(&text);
        check_ranges(&format!("curl {text}"));
    }

    #[test]
    fn reads_any_command(words in proptest::collection::vec(proptest::sample::select(PIECES), 0..24)) {
        check_ranges(&format!("curl a.example/x {}", words.concat()));
    }
}

/// Pieces of commands.
const PIECES: &[&str] = &[
    " ",
    "\t",
    "\n",
    "\r\n",
    "\\",
    "\\\n",
    "\\ \n",
    "'",
    "\"",
    "$'",
    "`",
    "$",
    "${A}",
    "$(b)",
    "{{ c }}",
    "{{",
    "{",
    "<d>",
    "<",
    ">",
    "<<E\n",
    "\nE\n",
    "|",
    "&",
    ";",
    "#",
    "@-",
    "@f",
    "=",
    ":",
    "é",
    "\u{a0}",
    " -d ",
    " -F ",
    " -H ",
    " -X",
    " -u ",
    " -G ",
    " -I",
    " --json ",
    " --data-urlencode ",
    " -b",
    " --",
    "a: b",
    "type=c",
    ";type=",
    ";filename=",
    "https://u:p@h/",
    "$ ",
    "> ",
    "\nHTTP/1.1 200 OK\n",
    "\n{}",
];
