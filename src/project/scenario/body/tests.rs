//! Tests of rendering bodies.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::json;

use super::*;
use crate::project::scenario::variables::{Variable, Variables};

fn text(template: &str) -> Text {
    Text::parse(template).expect("a template")
}

fn part(content: Content) -> BodyPart {
    BodyPart {
        name: None,
        filename: None,
        content_type: None,
        headers: Vec::new(),
        id: None,
        content,
    }
}

fn render(content: Content, content_type: Option<&str>) -> Result<RenderedBody, String> {
    let target = BTreeMap::from([
        ("quote".to_owned(), Variable::text("a\"\r\nb")),
        ("nul".to_owned(), Variable::text("a\0b")),
        ("bad64".to_owned(), Variable::text("-")),
    ]);
    let mut variables = Variables::new(target, &[]);
    let env = |_: &str| None;
    let files = |path: &str| match path {
        "x.bin" => Ok(vec![0, 255]),
        _ => Err("not found".to_owned()),
    };
    let mut count = 0;
    let mut random = || {
        count += 1;
        count
    };
    let now = SystemTime::UNIX_EPOCH;
    let mut context = Context::new(&mut variables, &env, &files, now, &mut random);
    let body = Body {
        content,
        content_type: content_type.map(text),
    };
    body.render(&mut context).map_err(|error| error.to_string())
}

#[track_caller]
fn check(content: Content, content_type: &str, bytes: &[u8]) {
    let body = render(content, None).expect("a body");
    assert_eq!(body.content_type.as_deref(), Some(content_type));
    assert_eq!(body.bytes, bytes);
}

#[test]
fn uses_default_media_types() {
    check(
        Content::Json(json!({"a": null})),
        "application/json",
        b"{\"a\":null}",
    );
    check(Content::Text(text("a")), "text/plain; charset=utf-8", b"a");
    let form = vec![("a b".to_owned(), text("&=é")), ("c".to_owned(), text(""))];
    check(
        Content::Form(form),
        "application/x-www-form-urlencoded",
        b"a+b=%26%3D%C3%A9&c=",
    );
    check(
        Content::File("x.bin".to_owned()),
        "application/octet-stream",
        &[0, 255],
    );
    check(
        Content::Base64(text("AP\n8=")),
        "application/octet-stream",
        &[0, 255],
    );
    check(
        Content::Base64(text("AP8")),
        "application/octet-stream",
        &[0, 255],
    );
    let body = render(Content::Text(text("a")), Some("text/csv")).expect("a body");
    assert_eq!(body.content_type.as_deref(), Some("text/csv"));
    render(Content::Text(text("a")), Some("text/${quote}")).expect_err("a line end");
    render(Content::Base64(text("${bad64}")), None).expect_err("no base64");
    render(Content::File("y".to_owned()), None).expect_err("no file");
}

#[test]
fn renders_form_data() {
    let field = BodyPart {
        name: Some(text("a")),
        ..part(Content::Text(text("1")))
    };
    let file = BodyPart {
        name: Some(text("f")),
        filename: Some(text("${quote}.bin")),
        headers: vec![("X-A".to_owned(), text("b"))],
        ..part(Content::File("x.bin".to_owned()))
    };
    let boundary = "docproof-00000000000000000000000000000001";
    let mut expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; \
         filename=\"a%22%0D%0Ab.bin\"\r\nContent-Type: application/octet-stream\r\n\
         X-A: b\r\n\r\n"
    )
    .into_bytes();
    expected.extend([0, 255]);
    expected.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    check(
        Content::Multipart(MultipartKind::FormData, vec![field, file]),
        &format!("multipart/form-data; boundary={boundary}"),
        &expected,
    );
}

#[test]
fn renders_related_parts() {
    let root = BodyPart {
        id: Some(text("root@x")),
        ..part(Content::Json(json!({})))
    };
    let boundary = "docproof-00000000000000000000000000000001";
    check(
        Content::Multipart(MultipartKind::Related, vec![root]),
        &format!("multipart/related; type=\"application/json\"; boundary={boundary}"),
        format!(
            "--{boundary}\r\nContent-Type: application/json\r\nContent-ID: <root@x>\r\n\r\n{{}}\r\n\
             --{boundary}--\r\n"
        )
        .as_bytes(),
    );
}

#[test]
fn chooses_a_boundary_that_no_part_contains() {
    let holds = part(Content::Text(text(
        "--docproof-00000000000000000000000000000001",
    )));
    let parts = Content::Multipart(MultipartKind::Related, vec![holds]);
    let body = render(parts.clone(), Some("multipart/mixed")).expect("a body");
    assert_eq!(
        body.content_type.as_deref(),
        Some("multipart/mixed; boundary=docproof-00000000000000000000000000000002")
    );
    let error = render(parts, Some("multipart/mixed; boundary=x")).expect_err("a boundary");
    assert!(error.contains("remove it"), "{error}");
}

#[test]
fn rejects_header_injection_in_parts() {
    let refused = |part: BodyPart| {
        let parts = Content::Multipart(MultipartKind::FormData, vec![part]);
        render(parts, None).expect_err("an injection");
    };
    let plain = || part(Content::Text(text("x")));
    let nul = || Some(text("${nul}"));
    let quote = || Some(text("${quote}"));
    refused(BodyPart {
        name: nul(),
        ..plain()
    });
    refused(BodyPart {
        filename: nul(),
        ..plain()
    });
    refused(BodyPart {
        content_type: quote(),
        ..plain()
    });
    refused(BodyPart {
        id: quote(),
        ..plain()
    });
    refused(BodyPart {
        id: Some(text("a>b")),
        ..plain()
    });
    let headers = vec![("X-A".to_owned(), text("${quote}"))];
    refused(BodyPart { headers, ..plain() });
}
