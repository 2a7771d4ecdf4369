//! The education sync service that `specs/docs` documents, as a small server for the
//! tests.
//!
//! Every request gets its own copy of the [`seed`], which is dropped after the
//! response. So a profile can be deleted twice, and the examples can run in any order
//! and concurrently. Apart from that the service behaves as documented: it reads
//! filters and bodies, compares entity tags, and rejects invalid requests.

use std::net::TcpListener;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::header::{
    CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The time of every change, so that responses are always the same.
const NOW: &str = "2024-09-02T08:15:00Z";
/// The maximum number of profiles in a response.
const MOST_LISTED: usize = 100;
/// The header field with the URL of the progress of an accepted operation.
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

/// The routes of the service, all of them under `/v1.0`.
pub fn router() -> Router {
    Router::new()
        .route(
            "/v1.0/synchronizationProfiles",
            get(list_profiles).post(create_profile),
        )
        .route(
            "/v1.0/synchronizationProfiles/{id}",
            get(get_profile)
                .patch(update_profile)
                .delete(delete_profile),
        )
        .route(
            "/v1.0/synchronizationProfiles/{id}/pause",
            post(pause_profile),
        )
        .route(
            "/v1.0/synchronizationProfiles/{id}/resume",
            post(resume_profile),
        )
        .route(
            "/v1.0/synchronizationProfiles/{id}/reset",
            post(reset_profile),
        )
        .route("/v1.0/synchronizationProfiles/{id}/status", get(get_status))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
}

/// Starts the service on a free loopback port and returns its base URL,
/// `http://127.0.0.1:PORT/v1.0`. It serves until the process ends.
///
/// # Panics
///
/// If no loopback port is free or no runtime can be started.
pub fn start() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port should be free");
    listener
        .set_nonblocking(true)
        .expect("a listener should take non-blocking mode");
    let address = listener
        .local_addr()
        .expect("a bound listener should have an address");
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime should start")
            .block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener)
                    .expect("the runtime should take the listener");
                axum::serve(listener, router())
                    .await
                    .expect("the service should keep serving");
            });
    });
    format!("http://{address}/v1.0")
}

async fn list_profiles(RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let selection = Selection::read(query.as_deref().unwrap_or_default())?;
    let profiles: Vec<Profile> = seed()
        .into_iter()
        .filter(|profile| selection.admits(profile))
        .take(selection.top)
        .collect();
    let body = json!({
        "@odata.context": "https://sync.example.com/v1.0/$metadata#synchronizationProfiles",
        "value": profiles,
    });
    Ok(Json(body).into_response())
}

async fn create_profile(headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let properties = properties(&headers, &body)?;
    for required in ["displayName", "dataSource"] {
        if !properties.contains_key(required) {
            return Err(Problem::of_property(required, "is required"));
        }
    }
    let mut profile = Profile {
        id: String::new(),
        display_name: String::new(),
        state: State::Provisioning,
        data_source: String::new(),
        handle_special_characters: true,
        school_ids: Vec::new(),
        expiration_date: None,
        last_modified_date_time: NOW,
        version: 1,
    };
    profile.assign(&properties)?;
    profile.id = id_for(&profile.display_name);
    let location = format!("{}/{}", collection_url(&headers), profile.id);
    Ok((
        StatusCode::CREATED,
        [(LOCATION, location), (ETAG, profile.tag())],
        Json(profile),
    )
        .into_response())
}

/// Also responds to `HEAD`: axum omits the body.
async fn get_profile(Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let profile = profile(&id)?;
    let tag = [(ETAG, profile.tag())];
    if listed_tags(&headers, IF_NONE_MATCH)
        .is_some_and(|mut tags| tags.any(|listed| profile.is_weakly(listed)))
    {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((tag, Json(profile)).into_response())
}

async fn update_profile(
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let mut profile = profile(&id)?;
    profile.check_precondition(&headers)?;
    profile.assign(&properties(&headers, &body)?)?;
    profile.touch();
    Ok(([(ETAG, profile.tag())], Json(profile)).into_response())
}

async fn delete_profile(Path(id): Path<String>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    profile(&id)?.check_precondition(&headers)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn pause_profile(Path(id): Path<String>) -> Result<StatusCode, Problem> {
    profile(&id)?.turn(State::Active, State::Paused)?;
    Ok(StatusCode::OK)
}

async fn resume_profile(Path(id): Path<String>) -> Result<Json<Profile>, Problem> {
    let mut profile = profile(&id)?;
    profile.turn(State::Paused, State::Active)?;
    Ok(Json(profile))
}

async fn reset_profile(Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let profile = profile(&id)?;
    let progress = format!("{}/{}/status", collection_url(&headers), profile.id);
    Ok((
        StatusCode::ACCEPTED,
        [
            (OPERATION_LOCATION, progress),
            (RETRY_AFTER, "30".to_owned()),
        ],
    )
        .into_response())
}

async fn get_status(Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(profile(&id)?.status()))
}

async fn unknown_path(uri: Uri) -> Problem {
    Problem {
        status: StatusCode::NOT_FOUND,
        code: "resourceNotFound",
        message: format!("Nothing is served at '{}'.", uri.path()),
        target: None,
    }
}

async fn unknown_method(method: Method, uri: Uri) -> Problem {
    Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "methodNotAllowed",
        message: format!("'{}' does not support {method}.", uri.path()),
        target: None,
    }
}

/// A `synchronizationProfile` with its properties in the documented order.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    id: String,
    display_name: String,
    state: State,
    data_source: String,
    handle_special_characters: bool,
    school_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<String>,
    last_modified_date_time: &'static str,
    /// The number of changes, from which the entity tag is made.
    #[serde(skip)]
    version: u32,
}

/// The state of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum State {
    Provisioning,
    Active,
    Paused,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

impl Profile {
    fn tag(&self) -> String {
        format!("\"v{}\"", self.version)
    }

    /// The weak comparison of `If-None-Match`.
    fn is_weakly(&self, listed: &str) -> bool {
        self.is_strongly(listed.strip_prefix("W/").unwrap_or(listed))
    }

    /// The strong comparison of `If-Match`, which is false for a weak tag.
    fn is_strongly(&self, listed: &str) -> bool {
        listed == "*" || listed == self.tag()
    }

    fn check_precondition(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let is_met = listed_tags(headers, IF_MATCH)
            .is_none_or(|mut tags| tags.any(|listed| self.is_strongly(listed)));
        if is_met {
            return Ok(());
        }
        Err(Problem {
            status: StatusCode::PRECONDITION_FAILED,
            code: "preconditionFailed",
            message: "The profile has changed since it was read.".to_owned(),
            target: Some("If-Match".to_owned()),
        })
    }

    /// Applies the members of a request body.
    fn assign(&mut self, properties: &Map<String, Value>) -> Result<(), Problem> {
        for (name, value) in properties {
            match name.as_str() {
                "displayName" => value
                    .as_str()
                    .filter(|text| !text.trim().is_empty())
                    .ok_or_else(|| Problem::of_property(name, "must be a non-empty string"))?
                    .clone_into(&mut self.display_name),
                "dataSource" => value
                    .as_str()
                    .filter(|text| matches!(*text, "csvFiles" | "rosterApi"))
                    .ok_or_else(|| Problem::of_property(name, "must be 'csvFiles' or 'rosterApi'"))?
                    .clone_into(&mut self.data_source),
                "handleSpecialCharacters" => {
                    self.handle_special_characters = value
                        .as_bool()
                        .ok_or_else(|| Problem::of_property(name, "must be true or false"))?;
                }
                "schoolIds" => {
                    self.school_ids = value
                        .as_array()
                        .and_then(|ids| {
                            ids.iter()
                                .map(|id| id.as_str().map(str::to_owned))
                                .collect()
                        })
                        .ok_or_else(|| Problem::of_property(name, "must be an array of strings"))?;
                }
                "expirationDate" => {
                    self.expiration_date = match value {
                        Value::Null => None,
                        Value::String(date) if is_date(date) => Some(date.clone()),
                        _ => return Err(Problem::of_property(name, "must be a date, YYYY-MM-DD")),
                    };
                }
                _ => return Err(Problem::of_property(name, "can't be set")),
            }
        }
        Ok(())
    }

    /// Moves from one state to another; any other state is a conflict.
    fn turn(&mut self, from: State, to: State) -> Result<(), Problem> {
        if self.state != from {
            return Err(Problem {
                status: StatusCode::CONFLICT,
                code: "stateConflict",
                message: format!(
                    "A profile has to be {} for this, but it is {}.",
                    from.name(),
                    self.state.name()
                ),
                target: Some("state".to_owned()),
            });
        }
        self.state = to;
        self.touch();
        Ok(())
    }

    fn touch(&mut self) {
        self.last_modified_date_time = NOW;
        self.version += 1;
    }

    /// The `profileStatus`: only the Millbrook pilot has an error.
    fn status(&self) -> Value {
        if self.id == MILLBROOK {
            return json!({
                "id": self.id,
                "status": "quarantined",
                "lastSynchronizationDateTime": "2024-07-30T22:04:51Z",
                "recordCount": 0,
                "errorCount": 12,
                "lastError": {
                    "code": "missingColumn",
                    "message": "The file 'student.csv' has no column 'SIS ID'.",
                    "target": "student.csv",
                },
            });
        }
        json!({
            "id": self.id,
            "status": "success",
            "lastSynchronizationDateTime": "2024-09-02T02:00:37Z",
            "recordCount": 4218,
            "errorCount": 0,
        })
    }
}

const NORTHFIELD: &str = "3d1f6c52-7a0e-4b7e-9c1d-52a8e06b4f10";
const HARBOUR: &str = "8b42d9e7-16c3-4f58-a2d4-0c7be1935a61";
const EASTLAKE: &str = "c7e05a1b-94d2-4e36-8f0a-6b13d7f2e849";
const MILLBROOK: &str = "f2a96038-5b71-4c8d-b3e6-91d40f7c2ae5";

/// The profiles that exist at the start of every request.
fn seed() -> Vec<Profile> {
    let profile = |id: &str, display_name: &str, state, data_source: &str| Profile {
        id: id.to_owned(),
        display_name: display_name.to_owned(),
        state,
        data_source: data_source.to_owned(),
        handle_special_characters: true,
        school_ids: Vec::new(),
        expiration_date: None,
        last_modified_date_time: "2024-08-19T06:30:00Z",
        version: 4,
    };
    vec![
        Profile {
            school_ids: vec!["NF-01".to_owned(), "NF-02".to_owned()],
            ..profile(NORTHFIELD, "Northfield District", State::Active, "csvFiles")
        },
        Profile {
            school_ids: vec!["HA-10".to_owned()],
            version: 7,
            ..profile(HARBOUR, "Harbour Academies", State::Paused, "rosterApi")
        },
        Profile {
            expiration_date: Some("2025-07-31".to_owned()),
            version: 2,
            ..profile(EASTLAKE, "Eastlake Schools", State::Active, "rosterApi")
        },
        Profile {
            handle_special_characters: false,
            school_ids: vec!["MB-03".to_owned()],
            version: 1,
            ..profile(MILLBROOK, "Millbrook Pilot", State::Paused, "csvFiles")
        },
    ]
}

/// The copy of this request of the profile with the id.
fn profile(id: &str) -> Result<Profile, Problem> {
    seed()
        .into_iter()
        .find(|profile| profile.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| Problem {
            status: StatusCode::NOT_FOUND,
            code: "profileNotFound",
            message: format!("No synchronization profile has the id '{id}'."),
            target: Some("id".to_owned()),
        })
}

/// The id of a new profile: a custom UUID from its name, so that the same request
/// gets the same response in every process.
fn id_for(display_name: &str) -> String {
    // The 128-bit offset and prime of FNV-1a.
    let hash = display_name.bytes().fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128,
        |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b),
    );
    let version = hash & !(0xf << 76) | 0x8 << 76;
    let variant = version & !(0x3 << 62) | 0x2 << 62;
    let digits = format!("{variant:032x}");
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}

/// The query of a list request.
#[derive(Debug)]
struct Selection {
    /// A property and its expected value.
    filter: Option<(String, String)>,
    top: usize,
}

impl Selection {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut selection = Self {
            filter: None,
            top: MOST_LISTED,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "$filter" => {
                    let filter = equality(&value).ok_or_else(|| {
                        Problem::of_option("$filter", "supports only property eq 'value'")
                    })?;
                    selection.filter = Some(filter);
                }
                "$top" => {
                    selection.top = value
                        .parse()
                        .ok()
                        .filter(|top| (1..=MOST_LISTED).contains(top))
                        .ok_or_else(|| {
                            Problem::of_option("$top", "must be a number from 1 to 100")
                        })?;
                }
                other => return Err(Problem::of_option(other, "isn't supported")),
            }
        }
        Ok(selection)
    }

    fn admits(&self, profile: &Profile) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|(property, value)| match property.as_str() {
                "state" => profile.state.name() == value,
                "dataSource" => profile.data_source == *value,
                _ => profile.display_name == *value,
            })
    }
}

/// The two sides of `property eq 'value'`, with unescaped quotes.
fn equality(filter: &str) -> Option<(String, String)> {
    let (property, literal) = filter.trim().split_once(" eq ")?;
    let property = property.trim();
    let quoted = literal.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    let is_known = matches!(property, "state" | "dataSource" | "displayName");
    let is_one_literal = !quoted.replace("''", "").contains('\'');
    (is_known && is_one_literal).then(|| (property.to_owned(), quoted.replace("''", "'")))
}

/// The entity tags of a conditional field, if the request has the field.
fn listed_tags(headers: &HeaderMap, field: HeaderName) -> Option<impl Iterator<Item = &str>> {
    headers.contains_key(&field).then(|| {
        headers
            .get_all(field)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
    })
}

/// The object in the body of a request.
fn properties(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let is_json = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return Err(Problem {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code: "unsupportedMediaType",
            message: "The request body must be application/json.".to_owned(),
            target: Some("Content-Type".to_owned()),
        });
    }
    serde_json::from_slice(body).map_err(|error| Problem {
        status: StatusCode::BAD_REQUEST,
        code: "invalidRequest",
        message: format!("The request body isn't a JSON object: {error}."),
        target: None,
    })
}

/// The collection's URL as this client reaches it.
fn collection_url(headers: &HeaderMap) -> String {
    let origin = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .map(|host| format!("http://{host}"))
        .unwrap_or_default();
    format!("{origin}/v1.0/synchronizationProfiles")
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// An error, which is sent as a documented `errorResponse`.
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
    target: Option<String>,
}

impl Problem {
    fn of_property(name: &str, fault: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalidRequest",
            message: format!("The property '{name}' {fault}."),
            target: Some(name.to_owned()),
        }
    }

    fn of_option(name: &str, fault: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalidQuery",
            message: format!("The query option '{name}' {fault}."),
            target: Some(name.to_owned()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(target) = self.target {
            error["target"] = Value::String(target);
        }
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}
