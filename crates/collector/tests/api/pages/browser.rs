//! A browser without a script: it keeps the cookie, follows no redirect by itself, and sends forms.

use serde_json::json;

use crate::client::{Answer, Client, Request};
use crate::daemon::Daemon;

/// A browser that is signed in, or not yet.
pub(crate) struct Browser {
    pub(crate) client: Client,
    /// The `Cookie` header; empty before the sign-in.
    pub(crate) cookie: String,
}

impl Browser {
    /// A browser that has not signed in.
    pub(crate) fn new(daemon: &Daemon) -> Self {
        Self { client: daemon.client.anonymous(), cookie: String::new() }
    }

    /// A browser of somebody who may change everything.
    pub(crate) async fn signed_in(daemon: &Daemon) -> Self {
        let (id, key) = daemon.client.credentials.clone().expect("the first key");
        Self::new(daemon).sign_in(&id, &key).await
    }

    /// A browser of somebody who may look at everything.
    pub(crate) async fn of_viewer(daemon: &Daemon) -> Self {
        let key = json!({ "accessKey": { "role": "view", "label": "looks" } });
        let created = daemon.post("/api/v1/incydr/accessKeys", &key).await.expect(201);
        let part = |name: &str| created["accessKey"][name].as_str().expect("text").to_owned();
        Self::new(daemon).sign_in(&part("accessId"), &part("key")).await
    }

    /// The same after the sign-in.
    pub(crate) async fn sign_in(mut self, id: &str, key: &str) -> Self {
        let answer = self.submit("/sign-in", &[("access_id", id), ("access_key", key)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").expect("a cookie");
        self.cookie = cookie.split(';').next().expect("a pair").to_owned();
        self
    }

    /// Asks for a page.
    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.client.send(self.request("GET", target)).await
    }

    /// Asks for a page that is there, and gives its HTML.
    #[track_caller]
    pub(crate) fn html(answer: &Answer) -> String {
        assert_eq!(answer.status, 200, "{} {}", answer.status, answer.text());
        answer.text()
    }

    /// Sends a form as it is.
    pub(crate) async fn submit(&self, target: &str, values: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.client.address);
        let body = form_of(values);
        let request = self.request("POST", target).header("Origin", &origin).body(body);
        self.client.send(request.header("Content-Type", "application/x-www-form-urlencoded")).await
    }

    /// Sends a form with the token of the session.
    pub(crate) async fn change(&self, target: &str, values: &[(&str, &str)]) -> Answer {
        let token = self.token().await;
        self.submit(target, &[&[("token", token.as_str())], values].concat()).await
    }

    /// The token of the session's forms, as every page has it.
    pub(crate) async fn token(&self) -> String {
        let page = Self::html(&self.get("/collection").await);
        let (_, rest) = page.split_once("name=\"token\" value=\"").expect("the form of the sign-out");
        rest.split('"').next().expect("a value").to_owned()
    }

    pub(crate) fn request(&self, method: &'static str, target: &str) -> Request {
        Request::new(method, target).header("Accept", "text/html").header("Cookie", &self.cookie)
    }
}

/// The values as a form's body.
pub(crate) fn form_of(values: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish()
}
