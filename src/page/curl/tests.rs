//! Tests of requests that commands send.

use super::*;

/// Reads a command, and compares the request as a message.
#[track_caller]
fn check(text: &str, expected: &str) {
    let read = request(text);
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
    let problems = request(text).problems;
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
        "POST https://a.example/x\nContent-Type: application/x-www-form-urlencoded\n\na=1&@b&c=d%20e%26f",
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
}

#[test]
fn reads_header_options() {
    check(
        "curl https://a.example/x -H 'X-A: b' -H 'X-C;' -u d:e -b f=g -A h -e i -r 0-9 --compressed -o j",
        "GET https://a.example/x\nX-A: b\nX-C: \nAuthorization: Basic ZDpl\nCookie: f=g\nUser-Agent: h\nReferer: i\nRange: bytes=0-9",
    );
    check(
        "curl --oauth2-bearer $TOKEN \"$HOST/x\" -u $USER:$PASSWORD",
        "GET {HOST}/x\nAuthorization: Bearer {TOKEN}\nAuthorization: Basic {credentials}",
    );
    check("curl a.example/x", "GET http://a.example/x");
}

#[test]
fn locates_problems() {
    check_problem(
        "curl --haeder 'A: b' x",
        "--haeder",
        "`--haeder` is not an option of curl that docproof knows",
    );
    check_problem("curl x -d", "-d", "the option `-d` has no value");
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
