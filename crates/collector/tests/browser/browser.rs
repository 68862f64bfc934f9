//! A browser as a person uses it: goes somewhere, finds by what it reads, clicks, types, and waits until it sees.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Interval, interval, timeout};

use crate::chromedriver::{Chromedriver, Refusal};
use crate::complaints::{Complaint, SentRequest, Traffic, of_console};
use crate::daemon::Daemon;
use crate::locator::Locator;

/// What a page shall show is there within this, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(40);
/// A page is looked at again after this.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// The protocol's key of an element's name.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys without a character, as the protocol writes them.
pub(crate) mod key {
    pub(crate) const TAB: &str = "\u{e004}";
    pub(crate) const ENTER: &str = "\u{e007}";
    pub(crate) const ESCAPE: &str = "\u{e00c}";
}

/// A browser with one window.
pub(crate) struct Browser {
    driver: Chromedriver,
    /// The program's address.
    origin: String,
    traffic: Mutex<Traffic>,
    complaints: Mutex<Vec<Complaint>>,
    was_judged: bool,
}

impl Browser {
    /// A fresh browser for the pages of `daemon`.
    pub(crate) async fn open(daemon: &Daemon) -> Self {
        Self {
            driver: Chromedriver::start().await,
            origin: format!("http://{}", daemon.client.address),
            traffic: Mutex::default(),
            complaints: Mutex::default(),
            was_judged: false,
        }
    }

    /// The same, signed in with the key that the daemon's client has.
    pub(crate) async fn signed_in(daemon: &Daemon) -> Self {
        let (id, key) = daemon.client.credentials.clone().expect("the first key");
        let browser = Self::open(daemon).await;
        browser.sign_in("/collection", &id, &key).await;
        browser.arrive("/collection").await;
        browser
    }

    /// Goes to a page that wants a sign-in, and signs in there.
    pub(crate) async fn sign_in(&self, page: &str, id: &str, key: &str) {
        self.go(page).await;
        self.fill("Access ID", id).await;
        self.fill("Access key", key).await;
        self.click(&Locator::button("Sign in")).await;
    }

    /// Opens a page of the program.
    pub(crate) async fn go(&self, page: &str) {
        self.go_to_url(&format!("{}{page}", self.origin)).await;
    }

    /// Opens any page.
    pub(crate) async fn go_to_url(&self, url: &str) {
        self.driver.post("/url", &json!({ "url": url })).await.expect("it can be opened");
    }

    pub(crate) async fn reload(&self) {
        self.driver.post("/refresh", &json!({})).await.expect("it can be loaded again");
    }

    pub(crate) async fn go_back(&self) {
        self.driver.post("/back", &json!({})).await.expect("there is a page before");
    }

    /// The page that is shown: path and query.
    pub(crate) async fn page(&self) -> String {
        let url = self.driver.get("/url").await.expect("a page is open");
        let url = url.as_str().expect("text");
        url.strip_prefix(&self.origin).unwrap_or(url).to_owned()
    }

    /// Waits until the page of this path is shown.
    pub(crate) async fn arrive(&self, path: &str) {
        self.until(&format!("the page {path}"), async || {
            let page = self.page().await;
            (page.split(['?', '#']).next() == Some(path)).then_some(()).ok_or(page)
        })
        .await;
    }

    /// Waits until the page has an element like this that can be seen, and gives its name.
    pub(crate) async fn find(&self, locator: &Locator) -> String {
        self.until(&format!("{locator:?}"), async || {
            let name = self.first(locator).await?;
            let is_shown = self.driver.get(&format!("/element/{name}/displayed")).await.map_err(told)?;
            if is_shown == true { Ok(name) } else { Err("it is hidden".to_owned()) }
        })
        .await
    }

    /// Whether the page has such an element that can be seen right now.
    pub(crate) async fn shows(&self, locator: &Locator) -> bool {
        let Ok(name) = self.first(locator).await else { return false };
        self.driver.get(&format!("/element/{name}/displayed")).await.is_ok_and(|is_shown| is_shown == true)
    }

    /// Waits until no such element can be seen.
    pub(crate) async fn lose(&self, locator: &Locator) {
        self.until(&format!("no {locator:?}"), async || match self.shows(locator).await {
            true => Err("it is there".to_owned()),
            false => Ok(()),
        })
        .await;
    }

    pub(crate) async fn click(&self, locator: &Locator) {
        self.until(&format!("a click on {locator:?}"), async || {
            let name = self.first(locator).await?;
            self.driver.post(&format!("/element/{name}/click"), &json!({})).await.map_err(told)
        })
        .await;
    }

    /// Replaces what the input with this label holds.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let name = self.find(&Locator::labeled(label)).await;
        self.type_into(&name, text).await;
    }

    /// Replaces what an input holds.
    pub(crate) async fn type_into(&self, name: &str, text: &str) {
        self.driver.post(&format!("/element/{name}/clear"), &json!({})).await.expect("it can be cleared");
        let value = json!({ "text": text });
        self.driver.post(&format!("/element/{name}/value"), &value).await.expect("it takes text");
    }

    /// Presses keys one after the other, wherever the focus is.
    pub(crate) async fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|direction| json!({ "type": direction, "value": key.to_string() }))
        });
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<_>>() });
        self.driver.post("/actions", &json!({ "actions": [keyboard] })).await.expect("keys can be pressed");
    }

    /// What an element says, as far as it can be seen.
    pub(crate) async fn text_of(&self, locator: &Locator) -> String {
        let name = self.find(locator).await;
        let text = self.driver.get(&format!("/element/{name}/text")).await.expect("it is still there");
        text.as_str().expect("text").to_owned()
    }

    /// Waits until an element says this.
    pub(crate) async fn read(&self, locator: &Locator, wanted: &str) {
        self.until(&format!("{wanted:?} in {locator:?}"), async || {
            let name = self.first(locator).await?;
            let text = self.driver.get(&format!("/element/{name}/text")).await.map_err(told)?;
            let text = text.as_str().unwrap_or_default();
            if text.contains(wanted) { Ok(()) } else { Err(text.to_owned()) }
        })
        .await;
    }

    /// Waits until the page says this somewhere.
    pub(crate) async fn see(&self, wanted: &str) {
        self.read(&Locator::css("body"), wanted).await;
    }

    pub(crate) async fn attribute(&self, locator: &Locator, attribute: &str) -> Option<String> {
        let name = self.find(locator).await;
        let value = self.driver.get(&format!("/element/{name}/attribute/{attribute}")).await;
        value.expect("it is still there").as_str().map(str::to_owned)
    }

    /// What a script returns on the page.
    pub(crate) async fn script(&self, script: &str, arguments: Value) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.driver
            .post("/execute/sync", &body)
            .await
            .unwrap_or_else(|refusal| panic!("{script}: {refusal:?}"))
    }

    /// Waits until a script returns true.
    pub(crate) async fn until_true(&self, script: &str) {
        self.until(script, async || match self.script(script, json!([])).await {
            Value::Bool(true) => Ok(()),
            other => Err(other.to_string()),
        })
        .await;
    }

    /// Makes the window so wide.
    pub(crate) async fn resize(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver.devtools(command, parameters).await
    }

    /// What the browser has asked for since it was opened.
    pub(crate) async fn requests(&self) -> Vec<SentRequest> {
        self.listen().await;
        self.traffic.lock().expect("not poisoned").requests.clone()
    }

    /// Waits until the browser has something to complain about that has this text.
    pub(crate) async fn complain(&self, wanted: &str) {
        self.until(&format!("a complaint with {wanted:?}"), async || {
            self.listen().await;
            let complaints = self.complaints.lock().expect("not poisoned");
            let is_there = complaints.iter().any(|complaint| complaint.contains(wanted));
            if is_there { Ok(()) } else { Err(format!("{complaints:?}")) }
        })
        .await;
    }

    /// Nothing went wrong.
    pub(crate) async fn close(self) {
        self.close_after(&[]).await;
    }

    /// Nothing went wrong but what each of `expected` tells of; each of them did.
    pub(crate) async fn close_after(mut self, expected: &[&str]) {
        self.listen().await;
        self.was_judged = true;
        let complaints = self.complaints.get_mut().expect("not poisoned");
        let is_expected = |complaint: &&String| expected.iter().any(|expected| complaint.contains(expected));
        let (known, unknown): (Vec<_>, Vec<_>) = complaints.iter().partition(is_expected);
        assert!(unknown.is_empty(), "the browser complains: {unknown:#?}");
        for expected in expected {
            assert!(
                known.iter().any(|complaint| complaint.contains(expected)),
                "no complaint has {expected:?}"
            );
        }
    }

    async fn listen(&self) {
        let mut complaints = of_console(&self.driver.read_log("browser").await);
        let traffic = self.driver.read_log("performance").await;
        complaints.extend(self.traffic.lock().expect("not poisoned").take_in(&traffic));
        self.complaints.lock().expect("not poisoned").extend(complaints);
    }

    async fn first(&self, locator: &Locator) -> Result<String, String> {
        let found = self.driver.post("/element", &locator.parameters()).await.map_err(told)?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| found.to_string())
    }

    /// Looks again and again, until it is as wanted.
    async fn until<T>(&self, wanted: &str, look: impl AsyncFn() -> Result<T, String>) -> T {
        let mut last = String::new();
        let mut pace: Interval = interval(LOOK_AGAIN);
        let looking = async {
            loop {
                pace.tick().await;
                match look().await {
                    Ok(seen) => return seen,
                    Err(instead) => last = instead,
                }
            }
        };
        let seen = timeout(PATIENCE, looking).await;
        match seen {
            Ok(seen) => seen,
            Err(_) => panic!("never {wanted}, but {last}; the page says:\n{}", self.everything().await),
        }
    }

    /// All text of the page, for whoever reads why a test failed.
    async fn everything(&self) -> String {
        let script = "return location.pathname + '\\n' + document.body.innerText";
        self.script(script, json!([])).await.as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        assert!(self.was_judged || std::thread::panicking(), "a test must close its browser");
    }
}

fn told(refusal: Refusal) -> String {
    let first = refusal.message.lines().next().unwrap_or_default();
    format!("{}: {first}", refusal.code)
}
