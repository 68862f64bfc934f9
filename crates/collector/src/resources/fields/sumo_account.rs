//! The schema of fields in a Sumo Logic account, over the account's own API.

use std::time::Duration;

use incydr_core::secret::Secret;
use incydr_store::{DataType, Field};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::schema::Quota;
use crate::http_client;
use crate::printable::excerpt;
use crate::resources::hex_id;
use crate::web::problem::{Problem, ProblemKind};

/// The account must answer within this.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A Sumo Logic account whose fields we read and write.
#[derive(Clone, Debug)]
pub struct SumoAccount {
    client: Client,
    /// As in `https://api.sumologic.com/api/v1`, without a slash at the end.
    base: String,
    access_id: String,
    access_key: Secret,
}

#[derive(Deserialize)]
struct Listed<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldField {
    field_name: String,
    field_id: String,
    data_type: String,
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldName {
    field_name: String,
}

#[derive(Deserialize)]
struct ToldQuota {
    quota: u64,
    remaining: u64,
}

#[derive(Deserialize)]
struct ToldErrors {
    errors: Vec<ToldError>,
}

#[derive(Deserialize)]
struct ToldError {
    message: String,
}

impl SumoAccount {
    /// The account behind the API at `base`, as in `https://api.sumologic.com/api`. Fails only where TLS cannot be
    /// set up.
    pub fn new(base: &str, access_id: impl Into<String>, access_key: Secret) -> Result<Self, String> {
        let client = http_client::builder(TIMEOUT)
            .build()
            .map_err(|error| format!("preparing the connection to Sumo Logic's API: {error}"))?;
        let base = format!("{}/v1", base.trim_end_matches('/'));
        Ok(Self { client, base, access_id: access_id.into(), access_key })
    }

    /// All custom fields.
    pub async fn fields(&self) -> Result<Vec<Field>, Problem> {
        let listed: Listed<ToldField> = self.ask(self.request(Method::GET, "/fields")).await?;
        Ok(listed.data.iter().filter_map(ToldField::field).collect())
    }

    /// Creates an enabled field.
    pub async fn create(&self, name: &str, data_type: DataType) -> Result<Field, Problem> {
        let body = json!({ "fieldName": name, "dataType": data_type.as_str(), "state": "Enabled" });
        let told: ToldField = self.ask(with_json(self.request(Method::POST, "/fields"), &body)).await?;
        told.field().ok_or_else(|| self.unusable("the created field cannot be read"))
    }

    /// Enables or disables a field.
    pub async fn enable(&self, id: u64, enabled: bool) -> Result<(), Problem> {
        let id = hex_id::text(id);
        let request = match enabled {
            true => with_json(self.request(Method::PUT, &format!("/fields/{id}/enable")), &Value::Null),
            false => self.request(Method::DELETE, &format!("/fields/{id}/disable")),
        };
        self.send(request).await.map(drop)
    }

    /// Deletes a field.
    pub async fn delete(&self, id: u64) -> Result<(), Problem> {
        self.send(self.request(Method::DELETE, &format!("/fields/{}", hex_id::text(id)))).await.map(drop)
    }

    /// Names of fields that were sent but kept back.
    pub async fn dropped(&self) -> Result<Vec<String>, Problem> {
        let listed: Listed<ToldName> = self.ask(self.request(Method::GET, "/fields/dropped")).await?;
        Ok(listed.data.into_iter().map(|told| told.field_name).collect())
    }

    /// The capacity.
    pub async fn quota(&self) -> Result<Quota, Problem> {
        let ToldQuota { quota, remaining } = self.ask(self.request(Method::GET, "/fields/quota")).await?;
        Ok(Quota { quota, remaining })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.basic_auth(&self.access_id, Some(self.access_key.reveal()))
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Problem> {
        let body = self.send(request).await?;
        serde_json::from_slice(&body)
            .map_err(|error| self.unusable(&format!("its answer cannot be read: {error}")))
    }

    /// The body of a good answer. What the account refuses is told in its own words.
    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Problem> {
        let answer = request.send().await.map_err(|error| self.unusable(&error.without_url().to_string()))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| self.unusable(&error.without_url().to_string()))?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        let told = serde_json::from_slice::<ToldErrors>(&body).ok();
        let words = told.and_then(|told| told.errors.into_iter().next()).map(|error| error.message);
        let words = words.unwrap_or_else(|| format!("HTTP {status}"));
        match status.as_u16() {
            400 | 404 | 409 => {
                Err(Problem::invalid("field:refused", format!("Sumo Logic: {}", excerpt(&words, 300))))
            }
            _ => Err(self.unusable(&words)),
        }
    }

    fn unusable(&self, words: &str) -> Problem {
        let words = excerpt(words, 300);
        tracing::warn!(words, "the schema of fields in Sumo Logic cannot be used");
        let message = format!("Sumo Logic's API cannot be used: {words}");
        Problem::new(ProblemKind::Unavailable, "service.unavailable", message)
    }
}

fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

impl ToldField {
    /// The field, if its id and type are such as are documented.
    fn field(&self) -> Option<Field> {
        Some(Field {
            id: hex_id::parse(&self.field_id)?,
            name: self.field_name.clone(),
            data_type: DataType::parse(&self.data_type)?,
            enabled: self.state == "Enabled",
        })
    }
}
