//! The description of the API, made from the same list of routes that serves it.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::route::Route;
use crate::resources;

/// The schemas that routes name, each file by its part of the API.
const SCHEMAS: [&str; 2] = [include_str!("openapi/management.json"), include_str!("openapi/additions.json")];

/// The route of the description.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/openapi.json", "Describe this API", |call| {
            Box::pin(async move { Ok(Answer::json(&description(&resources::routes(&call.api.terms)))) })
        })
        .public(),
    ]
}

/// A description of `routes`.
pub fn description(routes: &[Route]) -> Value {
    let mut paths = Map::new();
    for route in routes {
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        methods[route.method.as_str().to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "incydr-collector",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Hosted collectors and Code42 Incydr sources, compatible with Sumo Logic's Collector Management API.",
        },
        "security": [{ "basic": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "basic": { "type": "http", "scheme": "basic" } },
            "schemas": schemas(),
        },
    })
}

/// All schemas by name.
pub fn schemas() -> Map<String, Value> {
    let parsed = SCHEMAS.iter().filter_map(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    parsed.flatten().collect()
}

fn operation(route: &Route) -> Value {
    let problem = || json!({ "$ref": "#/components/schemas/Problem" });
    let mut answers = json!({
        "default": { "description": "It was not carried out.", "content": { "application/json": { "schema": problem() } } },
    });
    for (status, schema) in route.answers() {
        answers[status.to_string()] = answer("It was carried out.", schema);
    }
    for (status, description) in refusals(route) {
        answers[status] = json!({
            "description": description,
            "content": { "application/json": { "schema": problem() } },
        });
    }
    let mut operation = json!({
        "summary": route.summary,
        "operationId": operation_id(route),
        "parameters": parameters(route),
        "responses": answers,
    });
    match route.role {
        None => operation["security"] = json!([]),
        Some(role) => {
            operation["description"] = json!(format!("Needs a key with the role `{}`.", role.as_str()))
        }
    }
    if let Some(schema) = route.takes {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": reference(schema) } },
        });
    }
    operation
}

fn refusals(route: &Route) -> Vec<(&'static str, &'static str)> {
    let mut refusals = vec![("429", "Too many requests; see `Retry-After`.")];
    if route.role.is_some() {
        refusals.extend([("401", "Nobody knows who asks."), ("403", "The asker may not do this.")]);
    }
    if route.path.contains('{') {
        refusals.push(("404", "There is no such thing."));
    }
    if route.takes.is_some() {
        refusals.push(("408", "The body did not arrive in time."));
    }
    if route.takes.is_some() || !route.query.is_empty() {
        refusals.push(("400", "The request is wrong; the message says what and what to do."));
    }
    if route.method == hyper::Method::PUT {
        refusals.push(("412", "The thing has changed since it was read."));
    }
    refusals
}

fn answer(description: &str, schema: Option<&str>) -> Value {
    match schema {
        None => json!({ "description": description }),
        Some(schema) => json!({
            "description": description,
            "content": { "application/json": { "schema": reference(schema) } },
        }),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let of_path = parameters_in(route.path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": path_schema(name) }));
    let of_query = route
        .query
        .iter()
        .map(|name| json!({ "name": name, "in": "query", "required": false, "schema": query_schema(name) }));
    let mut parameters: Vec<_> = of_path.chain(of_query).collect();
    if route.method == hyper::Method::PUT && route.takes.is_some() {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string" },
            "description": "The ETag of the last answer about this resource.",
        }));
    }
    parameters
}

/// The names between braces.
fn parameters_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn path_schema(name: &str) -> Value {
    match name {
        "fieldId" => json!({ "type": "string", "pattern": "^[0-9A-Fa-f]{16}$" }),
        "name" | "accessId" => json!({ "type": "string", "minLength": 1 }),
        "stream" => json!({ "type": "string", "enum": ["fileEvents", "alerts", "auditLogs"] }),
        _ => json!({ "type": "integer", "format": "int64", "minimum": 1 }),
    }
}

fn query_schema(name: &str) -> Value {
    match name {
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
        "offset" => json!({ "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 }),
        "aliveBeforeDays" => json!({ "type": "integer", "minimum": 1, "maximum": 4_294_967_295_u32 }),
        "download" => json!({ "type": "boolean" }),
        "filter" => json!({ "type": "string", "enum": ["installed", "hosted", "dead", "alive"] }),
        "stream" => json!({ "type": "string", "enum": ["fileEvents", "alerts", "auditLogs"] }),
        _ => json!({ "type": "string" }),
    }
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// As in `get-collectors-collectorId`.
fn operation_id(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1").replace(['{', '}'], "").replace(['/', '.'], "-");
    format!("{}{path}", route.method.as_str().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Terms;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described_once_and_names_schemas_that_exist() {
        let routes = resources::routes(&Terms::default());
        let schemas = schemas();
        let mut met = BTreeSet::new();
        for route in &routes {
            assert!(met.insert((route.path, route.method.as_str().to_owned())), "{} twice", route.path);
            let given = route.answers().filter_map(|(_, schema)| schema);
            for schema in given.chain(route.takes) {
                assert!(schemas.contains_key(schema), "{} names {schema}", route.path);
            }
        }
        let described = description(&routes);
        let count: usize = described["paths"]
            .as_object()
            .expect("an object")
            .values()
            .map(|methods| methods.as_object().expect("an object").len())
            .sum();
        assert_eq!(count, routes.len());
    }

    #[test]
    fn every_schema_is_named_by_a_route_or_by_another_schema() {
        let described = description(&resources::routes(&Terms::default())).to_string();
        for name in schemas().keys() {
            assert!(described.contains(&format!("#/components/schemas/{name}\"")), "{name} is not used");
        }
    }

    #[test]
    fn routes_have_different_operation_ids() {
        let routes = resources::routes(&Terms::default());
        let ids: BTreeSet<_> = routes.iter().map(operation_id).collect();
        assert_eq!(ids.len(), routes.len());
    }
}
