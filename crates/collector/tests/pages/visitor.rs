//! Somebody who is signed in with a browser.

use serde_json::{Value, json};

use crate::client::{Answer, Client, Request};
use crate::daemon::Daemon;
use crate::html::hidden;

pub(crate) struct Visitor {
    pub(crate) client: Client,
    /// The `Cookie` header; empty before the sign-in.
    pub(crate) cookie: String,
    /// What every form of the session holds.
    pub(crate) token: String,
}

impl Visitor {
    /// Before the sign-in.
    pub(crate) fn stranger(daemon: &Daemon) -> Self {
        Self { client: daemon.client.anonymous(), cookie: String::new(), token: String::new() }
    }

    /// With the key of the first start, which may do everything.
    pub(crate) async fn new(daemon: &Daemon) -> Self {
        let (id, key) = daemon.client.credentials.clone().expect("the first start prints a key");
        Self::sign_in(daemon, &id, &key).await
    }

    /// With a new key of this role, for all collectors.
    pub(crate) async fn of_role(daemon: &Daemon, role: &str) -> Self {
        Self::with_key(daemon, json!({ "label": role, "role": role })).await
    }

    /// With a new key of this role, for the collector at this address.
    pub(crate) async fn of_collector(daemon: &Daemon, role: &str, collector: &str) -> Self {
        Self::with_key(daemon, json!({ "label": role, "role": role, "collectorId": number_of(collector) }))
            .await
    }

    async fn with_key(daemon: &Daemon, key: Value) -> Self {
        let created =
            daemon.post("/api/v1/incydr/accessKeys", &json!({ "accessKey": key })).await.expect(201);
        let text = |name: &str| created["accessKey"][name].as_str().expect("text").to_owned();
        Self::sign_in(daemon, &text("accessId"), &text("key")).await
    }

    async fn sign_in(daemon: &Daemon, id: &str, key: &str) -> Self {
        let mut visitor = Self::stranger(daemon);
        let answer = visitor.send("/sign-in", &[("access_id", id), ("access_key", key)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").expect("a cookie");
        visitor.cookie = cookie.split(';').next().expect("a pair").to_owned();
        visitor.token = hidden(&visitor.look("/about").await, "token");
        visitor
    }

    /// What an address answers.
    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.client.send(self.request("GET", address)).await
    }

    /// A page.
    pub(crate) async fn look(&self, address: &str) -> String {
        let answer = self.get(address).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }

    /// Sends a form to an address.
    pub(crate) async fn send(&self, address: &str, values: &[(&str, &str)]) -> Answer {
        let values = [values, &[("token", self.token.as_str())]].concat();
        self.send_without_token(address, &values).await
    }

    pub(crate) async fn send_without_token(&self, address: &str, values: &[(&str, &str)]) -> Answer {
        let form = form_of(values);
        let request = self
            .request("POST", address)
            .header("Origin", &format!("http://{}", self.client.address))
            .header("Content-Type", "application/x-www-form-urlencoded");
        self.client.send(request.body(form)).await
    }

    /// What this browser asks with.
    pub(crate) fn request(&self, method: &'static str, address: &str) -> Request {
        Request::new(method, address).header("Accept", "text/html").header("Cookie", &self.cookie)
    }

    /// Sends a form that is accepted, and gives the address of the page to look at next.
    pub(crate) async fn change(&self, address: &str, values: &[(&str, &str)]) -> String {
        let answer = self.send(address, values).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").expect("a location").to_owned()
    }

    /// Sends a form that is answered with a page of this status.
    pub(crate) async fn page_after(&self, address: &str, values: &[(&str, &str)], status: u16) -> String {
        let answer = self.send(address, values).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        answer.text()
    }
}

/// The values as the body of a form.
pub(crate) fn form_of(values: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish()
}

/// The page of a source, by its address in the API.
pub(crate) fn page_of(address: &str) -> &str {
    address.strip_prefix("/api/v1").expect("an address of the API")
}

/// The number at the end of an address.
pub(crate) fn number_of(address: &str) -> u64 {
    address
        .rsplit('/')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("an address that ends with a number")
}
