//! Tests of variables and functions, and of values in URLs.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::project::scenario::var::Var;

fn var(name: &str, value: &str) -> Var {
    Var {
        name: name.to_owned(),
        template: VarTemplate::Json(json!(value)),
    }
}

fn path_var(name: &str, path: &str) -> Var {
    Var {
        name: name.to_owned(),
        template: VarTemplate::Path(Text::parse(path).expect("a template")),
    }
}

fn env(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "s3 \"c".to_owned())
}

fn files(path: &str) -> Result<Vec<u8>, String> {
    match path {
        "a.txt" => Ok(b"text".to_vec()),
        "b.bin" => Ok(vec![0xff]),
        _ => Err("not found".to_owned()),
    }
}

/// Renders a template with these variables. Returns the text and its secrets.
fn with<T>(
    variables: &mut Variables,
    render: impl FnOnce(&mut Context) -> Result<T, RenderError>,
) -> (Result<T, String>, Vec<String>) {
    let mut count = 0;
    let mut random = || {
        count += 1;
        count
    };
    // 2021-01-01T00:00:00.9Z
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_609_459_200_900);
    let mut context = Context::new(variables, &env, &files, now, &mut random);
    let rendered = render(&mut context).map_err(|error| error.to_string());
    let secrets = context.secrets.into_iter().map(|(_, value)| value);
    (rendered, secrets.collect())
}

fn variables() -> Variables {
    let target = BTreeMap::from([
        ("t".to_owned(), Variable::text("target")),
        ("own".to_owned(), Variable::text("outer")),
    ]);
    let vars = [
        var("s", "scenario"),
        var("late", "<${c}>"),
        var("id", "${uuid}"),
        var("own", "${own}"),
        var("a", "${b}"),
        var("b", "${a}"),
        var("token", "Bearer ${env:TOKEN}"),
        var("slash", "x/../y?z#w"),
        var("dot", "."),
        var("empty", ""),
        path_var("p", "a b/${t}"),
        path_var("up", "a/../b"),
    ];
    let mut variables = Variables::new(target, &vars);
    variables.capture("c", Variable::text("captured"));
    variables.capture(
        "n",
        Variable {
            value: Value::Json(json!(7)),
            secret: false,
        },
    );
    variables.capture("url", Variable::text("https://a.example/x?y=1"));
    variables
}

#[track_caller]
fn check(template: &str, expected: Result<&str, &str>) {
    let text = Text::parse(template).expect("a template");
    let (found, _) = with(&mut variables(), |context| text.render(context));
    compare(template, &found, expected);
}

#[track_caller]
fn check_url(template: &str, expected: Result<&str, &str>) {
    let text = Text::parse(template).expect("a template");
    let (found, _) = with(&mut variables(), |context| text.render_url(context));
    compare(template, &found, expected);
}

#[track_caller]
fn compare(template: &str, found: &Result<String, String>, expected: Result<&str, &str>) {
    match (found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{template}"),
        (Err(found), Err(expected)) => assert!(found.contains(expected), "{template}: {found}"),
        _ => panic!("{template}: {found:?}"),
    }
}

#[test]
fn looks_up_variables() {
    check("$${x} ${t} ${s} ${c}", Ok("${x} target scenario captured"));
    check("${late}", Ok("<captured>"));
    check("${n}%", Ok("7%"));
    check("${p}", Ok("a b/target"));
    check("${own}", Ok("outer"));
    check("${tt}", Err("`${tt}` is not set"));
    check("${sloth}", Err("did you mean `slash`?"));
    check("${a}", Err("refers to itself"));
}

#[test]
fn calls_functions() {
    check("${uuid}", Ok("00000000-0000-4000-8000-000000000001"));
    // In a variable, the random value is generated once.
    check(
        "${id} ${id}",
        Ok("00000000-0000-4000-8000-000000000001 00000000-0000-4000-8000-000000000001"),
    );
    check(
        "${random-filename:png}",
        Ok("00000000000040008000000000000001.png"),
    );
    check("${now}", Ok("2021-01-01T00:00:00Z"));
    check("${now + 3d}", Ok("2021-01-04T00:00:00Z"));
    check("${now - 2h}", Ok("2020-12-31T22:00:00Z"));
    check("${base64:a:${c}}", Ok("YTpjYXB0dXJlZA=="));
    check("${file:a.txt}", Ok("text"));
    check("${file:b.bin}", Err("not UTF-8"));
    check("${file:c.txt}", Err("failed to read `c.txt`: not found"));
    check("${env:TOKEN}", Ok("s3 \"c"));
    check(
        "${env:NONE}",
        Err("the environment variable `NONE` is not set"),
    );
}

#[test]
fn prefers_the_innermost_variable() {
    let mut variables = Variables::new(
        BTreeMap::from([("x".to_owned(), Variable::text("target"))]),
        &[var("x", "scenario"), var("y", "<${x}>")],
    );
    let render = |variables: &mut Variables, template: &str| {
        let text = Text::parse(template).expect("a template");
        with(variables, |context| text.render(context))
            .0
            .expect("a value")
    };
    assert_eq!(
        render(&mut variables.clone(), "${x} ${y}"),
        "scenario <scenario>"
    );
    variables.capture("x", Variable::text("captured"));
    assert_eq!(
        render(&mut variables.clone(), "${x} ${y}"),
        "captured <captured>"
    );
    variables.start_step(&[var("x", "step of ${x}")]);
    // A variable of the scenario cannot use those of a step.
    assert_eq!(
        render(&mut variables, "${x} ${y}"),
        "step of captured <captured>"
    );
    variables.start_step(&[]);
    assert_eq!(render(&mut variables, "${x}"), "captured");
}

#[test]
fn collects_secrets_in_each_encoding() {
    let secrets = |template: &str| {
        let text = Text::parse(template).expect("a template");
        with(&mut variables(), |context| text.render_url(context)).1
    };
    assert_eq!(secrets("/x"), [""; 0]);
    assert_eq!(secrets("/${t}"), [""; 0]);
    assert_eq!(secrets("/${env:TOKEN}"), ["s3 \"c", "s3%20%22c"]);
    assert!(secrets("/${token}").contains(&"Bearer s3 \"c".to_owned()));
    assert!(secrets("/${base64:x${env:TOKEN}}").contains(&"eHMzICJj".to_owned()));
    let (_, secrets) = with(&mut variables(), |context| {
        render_json(&json!({"a": "${env:TOKEN}"}), context)
    });
    assert_eq!(secrets, ["s3 \"c", "s3 \\\"c"]);
}

#[test]
fn keeps_json_types() {
    let template = json!({"a": "${n}", "b": ["${n}.", "${p}", true], "${n}": null});
    let (found, _) = with(&mut variables(), |context| render_json(&template, context));
    assert_eq!(
        found,
        Ok(json!({"a": 7, "b": ["7.", "a b/target", true], "${n}": null}))
    );
}

#[test]
fn encodes_values_in_urls() {
    check_url("/a b/${slash}/c", Ok("/a%20b/x%2F..%2Fy%3Fz%23w/c"));
    check_url("/a?b=${slash}&c=${empty}", Ok("/a?b=x%2F..%2Fy%3Fz%23w&c="));
    check_url("/root:/${p}:/x", Ok("/root:/a%20b/target:/x"));
    check_url("https://[::1]:8/${n}", Ok("https://[::1]:8/7"));
    check_url("/a/${up}", Err("`.` "));
    check_url("/a/${dot}", Err("`.` "));
    check_url("/a/.${dot}/b", Err("`.` "));
    check_url("/a/x${dot}", Ok("/a/x%2E"));
    check_url("/a/${empty}", Err("remove a segment"));
    check_url("${url}", Ok("https://a.example/x?y=1"));
    check_url("${c}", Err("must be an absolute"));
}

#[test]
fn rejects_line_ends_in_header_fields() {
    let mut variables = Variables::new(BTreeMap::new(), &[var("x", "a\r\nb: c")]);
    let text = Text::parse("${x}").expect("a template");
    let (found, _) = with(&mut variables, |context| text.render_field(context, "A"));
    assert!(found.expect_err("no field").contains("control character"));
}

#[test]
fn limits_the_size_of_rendered_text() {
    let mut vars = vec![var("v0", "0123456789")];
    for n in 1..30 {
        vars.push(var(&format!("v{n}"), &format!("${{v{0}}}${{v{0}}}", n - 1)));
    }
    let text = Text::parse("${v29}").expect("a template");
    let mut variables = Variables::new(BTreeMap::new(), &vars);
    let (found, _) = with(&mut variables, |context| text.render(context));
    assert!(found.expect_err("too much").contains("32 MiB"));
    let text = Text::parse("${v9}").expect("a template");
    let mut variables = Variables::new(BTreeMap::new(), &vars);
    let (found, _) = with(&mut variables, |context| text.render(context));
    assert_eq!(found.expect("a text").len(), 5120);
}

proptest! {
    #[test]
    fn values_never_change_the_shape_of_a_url(
        value in prop_oneof![
            "\\PC{1,20}",
            "[./\\\\?#%@:2eE&;]{1,8}",
            Just("..".to_owned()),
            Just("\r\n".to_owned()),
        ],
        before in "[a.%]{0,2}",
    ) {
        let template = format!("https://a.example/v1/{before}${{v}}/end?q=${{v}}&r=1");
        let text = Text::parse(&template).expect("a template");
        let mut variables = Variables::default();
        variables.capture("v", Variable::text(value));
        let (found, _) = with(&mut variables, |context| text.render_url(context));
        // Rejects values that would change the URL.
        if let Ok(found) = found {
            let url = url::Url::parse(&found).expect("a URL");
            prop_assert_eq!(url.host_str(), Some("a.example"));
            let segments: Vec<&str> = url.path_segments().expect("segments").collect();
            prop_assert_eq!(segments.len(), 3, "{}", found);
            prop_assert_eq!((segments[0], segments[2]), ("v1", "end"));
            prop_assert_eq!(url.query_pairs().count(), 2, "{}", found);
            prop_assert_eq!(url.fragment(), None);
        }
    }

    #[test]
    fn renders_or_rejects_any_template(text in "(\\$|\\{|\\}|:|base64|now|\\+ ?|[a-z0-9]){0,24}") {
        if let Ok(text) = Text::parse(&text) {
            let _ = with(&mut variables(), |context| text.render_url(context));
        }
    }
}
