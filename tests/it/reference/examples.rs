//! The examples of the references: by section, the empty one for the whole
//! file. Each is a file.

/// The example of a case file.
pub(super) const CASE_EXAMPLES: &[(&str, &str)] = &[(
    "",
    "\
version: 1
docs: api/profile-rename.md
cases:
- id: api/profile-rename::rename_profile
  name: rename_profile
  line: 12
  request:
    method: PATCH
    url: https://api.example.com/v1.0/profiles/{id}
    headers:
      Content-Type: application/json
      Prefer: [respond-async, wait=10]
    body: |-
      { \"name\": \"Spring\" }
  response:
    line: 22
    status: 200
    reason: OK
    headers:
      Content-Type: application/json
    body: |-
      { \"id\": \"7\", \"name\": \"Spring\" }
  annotation:
    request:
      tags: profiles
    response:
      '@odata.type': example.profile
- id: api/profile-rename::delete-a-profile
  name: delete-a-profile
  line: 34
  recognised: response-cue
  request:
    method: DELETE
    url: /v1.0/profiles/{id}
  response:
    line: 40
    status: 2xx
    body: |-
      { \"deleted\": true }
",
)];

/// Those of a scenario file.
pub(super) const SCENARIO_EXAMPLES: &[(&str, &str)] = &[
    (
        "",
        "\
steps:
  sign in:
    request: POST /session
    body: { json: { user: ada } }
scenarios:
  - case: get_profile
    setup:
      - use: sign in
",
    ),
    (
        "Scenario",
        "\
scenarios:
  - case: rename_profile
    name: with a new name
    tags: [profiles]
    scopes: [profiles.write]
    serial: profiles
    vars: { name: \"p ${uuid}\" }
    setup:
      - case: create_profile
        capture: { id: $.id }
    url: /profiles/${id}?trace=1
    headers: { Prefer: null, X-Trace: \"${uuid}\" }
    query: { trace: 2 }
    set: { $.name: \"${name}\" }
    expect: { $.name: \"${name}\", header:Content-Type: application/json }
    retry: { attempts: 3 }
    teardown:
      - case: delete_profile
  - case: get_profile
    skip: the service has no profiles yet
",
    ),
    (
        "Step",
        "\
scenarios:
  - case: get_profile
    vars: { id: \"7\" }
    setup:
      - name: clear the cache
        request: POST /cache/clear
        headers: { X-Reason: test }
        body: { text: all }
        expect: { status: [200, 204] }
      - case: rename_profile
        vars: { id: \"8\" }
        query: { trace: true }
        set: { $.name: Spring }
        capture: { version: header:ETag }
    teardown:
      - case: rename_profile
        url: /profiles/${id}
        body: { json: { name: Autumn } }
        retry: { attempts: 2 }
",
    ),
    (
        "Path",
        "\
scenarios:
  - case: get_profile
    vars:
      id: { path: Documents/2026 }
",
    ),
    (
        "Body",
        "\
scenarios:
  - case: create_profile
    body: { form: { name: \"p ${uuid}\", size: 7 } }
    setup:
      - request: POST /notes
        body: { text: \"seen at ${now}\", content-type: text/markdown }
      - request: PUT /picture
        body: { file: specs/files/picture.png }
      - request: PUT /bytes
        body: { base64: AAEC }
",
    ),
    (
        "Multipart",
        "\
scenarios:
  - case: create_profile
    body:
      multipart:
        type: form-data
        parts:
          - { name: profile, json: { name: Spring } }
          - { name: picture, filename: a.png, content-type: image/png, file: specs/files/a.png }
",
    ),
    (
        "Part",
        "\
scenarios:
  - case: create_profile
    body:
      multipart:
        type: related
        parts:
          - { id: root, content-type: text/html, text: '<img src=\"cid:dot\">' }
          - { id: dot, headers: { X-Size: 3 }, base64: AAEC }
",
    ),
    (
        "CapturePart",
        "\
scenarios:
  - case: get_profile
    setup:
      - case: create_profile
        capture:
          id: { from: header:Location, url: \"segment:-1\" }
          version: { from: header:ETag, matches: '\"(.*)\"' }
          token: { from: $.token, secret: true }
",
    ),
    (
        "Operators",
        "\
scenarios:
  - case: get_profile
    expect:
      status: 2xx
      header:Retry-After: { exists: false }
      $.state: { one-of: [active, paused] }
      $.name: { type: string, matches: '^p ', length: { at-least: 1, at-most: 64 } }
      $.size: { greater-than: 0, less-than: 100 }
      $.count: { at-least: 0, at-most: 9 }
      $.tags: { equals: [] }
      $.owner: { schema: example.owner }
",
    ),
    (
        "Length",
        "\
scenarios:
  - case: get_profile
    expect:
      $.tags: { length: 2 }
",
    ),
    (
        "Retry",
        "\
scenarios:
  - case: get_profile
    retry: { attempts: 5, on: [404, 503, connect], delay: 200ms, max-delay: 5s }
",
    ),
    (
        "Poll",
        "\
scenarios:
  - case: create_profile
    poll:
      header: Location
      until: { $.status: completed }
      fail-on: { $.status: failed }
      interval: 2s
      timeout: 5m
",
    ),
];

/// Those of the configuration.
pub(super) const CONFIG_EXAMPLES: &[(&str, &str)] = &[
    (
        "",
        "\
[docs]
root = \"specs/docs\"
service = \"https://api.example.com/v1.0\"

[headers]
\"X-Trace-*\" = \"ignore\"
ETag = \"exact\"

[target.local]
base-url = \"http://127.0.0.1:8080\"
writes = true
",
    ),
    (
        "Target",
        "\
[target.staging]
base-url = \"https://staging.example.com/v1.0\"
hosts = { \"login.example.com\" = \"https://login.staging.example.com\" }
headers = { X-Tenant = \"docs\" }
vars = { id = \"7\", \"id.2\" = \"8\" }
writes = true
scopes = [\"profiles.read\", \"profiles.write\"]
tags = [\"profiles\"]
timeout = 10
ca = \"certificates/staging.pem\"
rate = 10
rate-per-host = 2.5
policies = { Location = \"exact\" }
auth = { type = \"bearer\", token = \"${env:STAGING_TOKEN}\" }
",
    ),
    (
        "Auth",
        "\
[target.key]
base-url = \"https://key.example.com\"
auth = { type = \"api-key\", header = \"X-Api-Key\", value = \"${env:API_KEY}\" }

[target.basic]
base-url = \"https://basic.example.com\"
auth = { type = \"basic\", username = \"ada\", password = \"${file:secrets/password}\" }

[target.oauth2.auth]
type = \"oauth2\"
grant = \"client-credentials\"
token-url = \"https://login.example.com/token\"
client-id = \"docproof\"
client-secret = \"${env:CLIENT_SECRET}\"
scopes = [\"profiles.read\"]

[target.oauth2]
base-url = \"https://oauth2.example.com\"
",
    ),
    (
        "Extract",
        "\
[extract]
unannotated = \"on\"
rules = [\"status-line\", \"response-cue\", \"endpoint\"]
response-cues = [\"Gives back\"]
default-status = \"200\"
",
    ),
    (
        "Check",
        "\
[check]
required-keys = [\"title\", \"author\"]
ignored-links = [\"/graph\"]

[check.rules]
orphan-page = \"warning\"
",
    ),
    (
        "Snapshots",
        "\
[snapshots]
required = true
",
    ),
    (
        "Override",
        "\
[[check.override]]
pages = [\"drafts/**\"]
rules = { broken-link = \"info\" }
",
    ),
];
