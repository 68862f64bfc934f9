//! S03, S38: every route of the served description, with every role and without any.

use serde_json::{Value, json};

use crate::client::{Client, Request};
use crate::daemon::Daemon;
use crate::keys;

/// A route as it is described, its parameters filled in with what does not exist.
struct Described {
    method: &'static str,
    target: String,
    /// `None` for everybody.
    role: Option<&'static str>,
    takes_body: bool,
}

fn routes_of(description: &Value) -> Vec<Described> {
    let mut routes = Vec::new();
    for (path, methods) in description["paths"].as_object().expect("an object") {
        for (method, operation) in methods.as_object().expect("an object") {
            let method = ["get", "post", "put", "delete"].into_iter().find(|known| known == method);
            let about = operation["description"].as_str().unwrap_or_default();
            let role = match (about.contains("`manage`"), about.contains("`view`")) {
                (true, false) => Some("manage"),
                (false, true) => Some("view"),
                (false, false) if operation["security"] == json!([]) => None,
                _ => panic!("{path} does not say who may use it"),
            };
            routes.push(Described {
                method: match method.expect("a method that is known") {
                    "get" => "GET",
                    "post" => "POST",
                    "put" => "PUT",
                    _ => "DELETE",
                },
                target: filled_in(path),
                role,
                takes_body: operation.get("requestBody").is_some(),
            });
        }
    }
    routes
}

/// The path with numbers and names that nothing has.
fn filled_in(path: &str) -> String {
    let segment = |segment: &str| match segment {
        "{fieldId}" => "00000000000FFFFF".to_owned(),
        "{stream}" => "fileEvents".to_owned(),
        "{name}" | "{accessId}" => "nobody".to_owned(),
        parameter if parameter.starts_with('{') => "4711".to_owned(),
        plain => plain.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

async fn status(client: &Client, route: &Described) -> u16 {
    let request = Request::new(route.method, &*route.target);
    // A body that no route takes: who may not use the route does not even learn that.
    let request = if route.takes_body { request.json(&json!([])) } else { request };
    client.send(request).await.status
}

#[tokio::test]
async fn every_route_is_open_to_exactly_the_roles_that_its_description_names() {
    let daemon = Daemon::start().await;
    let viewer = keys::make(&daemon, json!({ "label": "viewer", "role": "view" })).await;
    let manager = keys::make(&daemon, json!({ "label": "manager", "role": "manage" })).await;
    let stranger = daemon.client.with_key("suNobodyKnows1", "no key").from(2);
    let routes = routes_of(&daemon.client.anonymous().get("/api/v1/openapi.json").await.expect(200));
    assert!(routes.len() >= 30, "{}", routes.len());
    for route in &routes {
        let shown = format!("{} {}", route.method, route.target);
        let (of_viewer, of_manager) = (status(&viewer, route).await, status(&manager, route).await);
        let of_nobody = status(&daemon.client.anonymous(), route).await;
        match route.role {
            None => assert!(of_nobody < 400 || of_nobody == 503, "{shown}: {of_nobody}"),
            Some(role) => {
                assert_eq!(of_nobody, 401, "{shown}");
                assert!(matches!(status(&stranger, route).await, 401 | 429), "{shown}");
                assert_eq!(of_viewer == 403, role == "manage", "{shown}: {of_viewer}");
            }
        }
        assert!(of_manager != 401 && of_manager != 403 || shown.starts_with("PUT"), "{shown}: {of_manager}");
        assert!(of_manager < 500 && of_viewer < 500, "{shown}");
    }
}

#[tokio::test]
async fn an_unknown_address_and_an_unknown_method_tell_a_stranger_nothing() {
    let daemon = Daemon::start().await;
    let nobody = daemon.client.anonymous();
    nobody.get("/api/v1/nothing").await.problem(401, "unauthorized");
    nobody.send(Request::new("PATCH", "/api/v1/collectors")).await.problem(401, "unauthorized");
    daemon.get("/api/v1/nothing").await.problem(404, "notfound");
}

// S38
#[tokio::test]
async fn a_role_is_read_anew_with_every_request() {
    let daemon = Daemon::start().await;
    let manager = keys::make(&daemon, json!({ "label": "manager", "role": "manage" })).await;
    let address =
        manager.post("/api/v1/collectors", &json!({ "collector": { "name": "x" } })).await.expect(201);
    let id = manager.credentials.clone().expect("credentials").0;
    assert_eq!(daemon.delete(&format!("/api/v1/incydr/accessKeys/{id}")).await.status, 204);
    let collector = format!("/api/v1/collectors/{}", address["collector"]["id"]);
    manager.delete(&collector).await.problem(401, "unauthorized");
    daemon.get(&collector).await.expect(200);
}
