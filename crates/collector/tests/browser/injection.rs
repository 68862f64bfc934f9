//! Texts that would run as scripts, were they ever taken for markup, in every place that shows what somebody wrote.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::page_of;

/// Each sets `window.ran` or opens a dialog if any part of it runs.
const HOSTILE: [&str; 64] = [
    "<script>ran=1</script>",
    "<SCRIPT>ran=1</SCRIPT>",
    "<scr<script>ipt>ran=1</script>",
    "<script src=data:text/javascript,ran=1></script>",
    "<script src=//127.0.0.1:1/x.js></script>",
    "<script >ran=1</script foo>",
    "</script><script>ran=1</script>",
    "<img src=x onerror=ran=1>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:alert(1) onerror=eval(src)>",
    "<image/src/onerror=ran=1>",
    "<img/src='x'/onerror=ran=1//",
    "\"><img src=x onerror=ran=1>",
    "'><img src=x onerror=ran=1>",
    "\"><script>ran=1</script>",
    "'><script>ran=1</script>",
    "\" onfocus=ran=1 autofocus x=\"",
    "' onfocus=ran=1 autofocus x='",
    "\" onmouseover=ran=1 style=position:fixed;inset:0 x=\"",
    "` onfocus=ran=1 autofocus x=`",
    "x onfocus=ran=1 autofocus",
    "<svg onload=ran=1>",
    "<svg/onload=ran=1>",
    "<svg><script>ran=1</script></svg>",
    "<svg><script>ran&#61;1</script></svg>",
    "<svg><animate onbegin=ran=1 attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:ran=1><text x=20 y=20>x</text></a>",
    "<math><mtext><img src=x onerror=ran=1></mtext></math>",
    "<math href=javascript:ran=1>x</math>",
    "<body onload=ran=1>",
    "<iframe src=javascript:parent.ran=1>",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<object data=data:text/html,<script>ran=1</script>>",
    "<embed src=data:text/html,<script>ran=1</script>>",
    "<a href=javascript:ran=1>x</a>",
    "<a href='java&Tab;script:ran=1'>x</a>",
    "javascript:ran=1",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>ran=1</script>",
    "<form action=javascript:ran=1><button>x</button></form>",
    "<button formaction=javascript:ran=1>x</button>",
    "<input onfocus=ran=1 autofocus>",
    "<select onfocus=ran=1 autofocus></select>",
    "<textarea onfocus=ran=1 autofocus></textarea>",
    "</textarea><script>ran=1</script>",
    "</title><script>ran=1</script>",
    "</style><script>ran=1</script>",
    "</pre><script>ran=1</script>",
    "</template><img src=x onerror=ran=1>",
    "</option></select><img src=x onerror=ran=1>",
    "</svg><img src=x onerror=ran=1>",
    "--><script>ran=1</script>",
    "<!--><img src=x onerror=ran=1>-->",
    "<!--/live--><img src=x onerror=ran=1><!--live-->",
    "]]><script>ran=1</script>",
    "<details open ontoggle=ran=1>x</details>",
    "<video><source onerror=ran=1></video>",
    "<audio src=x onerror=ran=1>",
    "<meta http-equiv=refresh content='0;url=javascript:ran=1'>",
    "<base href=//127.0.0.1:1/>",
    "<link rel=stylesheet href=//127.0.0.1:1/x.css>",
    "<style>@import '//127.0.0.1:1/x.css';</style>",
    "&lt;img src=x onerror=ran=1&gt;",
    "{{7*7}}${ran=1}<%=ran%>#{ran}",
];

/// What none of the pages has of itself, and what each of them has only once.
const INTRUDERS: &str = "return window.ran !== undefined
    || document.scripts.length !== 1
    || document.querySelector('iframe, object, embed, video, audio, math, base, main style, main link, meta[http-equiv]') !== null
    || [...document.querySelectorAll('*')].some((element) =>
        [...element.attributes].some((attribute) => attribute.name.startsWith('on')))
    || [...document.querySelectorAll('a')].some((link) => link.protocol !== 'http:')";

#[tokio::test]
async fn hostile_texts_in_every_field_and_answer_are_shown_as_texts_and_run_nothing() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Hostile").await;
    let sources = hostile_sources(&daemon, &collector).await;
    let browser = Browser::signed_in(&daemon).await;

    browser.go("/collection?limit=100").await;
    let shown = browser.texts("tr.child > th").await;
    assert_eq!(sorted(shown), sorted(HOSTILE.map(str::to_owned).to_vec()));
    let categories = browser.texts("tr.child > td[data-label='Source Category']").await.join("\n");
    for text in HOSTILE {
        let written = json!({ "error": text }).to_string();
        assert!(categories.contains(text) && categories.contains(&written), "{text} in {categories}");
    }
    browser.is_unharmed().await;

    let all = HOSTILE.join(" ");
    let query: String = url::form_urlencoded::byte_serialize(&all.as_bytes()[..1_500]).collect();
    for page in ["/collection?search=", "/health-events?search=", "/fields?search=", "/health-events?state="]
    {
        browser.go(&format!("{page}{query}")).await;
        browser.is_unharmed().await;
    }
    browser.go("/health-events?state=all&limit=100").await;
    browser.is_unharmed().await;

    // Each name breaks out of another place: a title, an input, a text area, an attribute.
    for source in sources.iter().step_by(9) {
        let page = page_of(source);
        for below in ["", "/edit", "/json", "/restart", "/delete"] {
            browser.go(&format!("{page}{below}")).await;
            browser.find(&Locator::css("main h1")).await;
            browser.is_unharmed().await;
        }
    }
    browser.close().await;
}

#[tokio::test]
async fn hostile_texts_that_arrive_live_or_in_a_dialog_run_nothing() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.find(&Locator::row("Code42")).await;
    let name = "\"><img src=x onerror=ran=1>";
    let category = HOSTILE.join(" ")[..1_000].to_owned();
    let hostile = daemon.source_json(name, json!({ "category": category, "description": category }));
    daemon.put(&source, "*", &hostile).await.expect(200);
    browser.read(&Locator::css("tr.child > th"), name).await;
    browser.is_unharmed().await;
    browser.click(&Locator::css("tr.child a[href$='/json']")).await;
    browser.read(&Locator::css("dialog[open] pre"), "onerror=ran=1").await;
    browser.is_unharmed().await;
    browser.close().await;
}

/// A source for each text, with it as name, category, description and value of a field, and in the vendor's answer.
async fn hostile_sources(daemon: &Daemon, collector: &str) -> Vec<String> {
    let mut sources = Vec::new();
    for text in HOSTILE {
        let answer = Fault::answer(401, json!({ "error": text }).to_string());
        daemon.incydr.faults().add(FaultRule::next(Target::Oauth, 1, answer));
        let config = json!({ "category": text, "description": text, "fields": { "team": text } });
        let source = daemon.source(collector, text, config).await;
        daemon.reach(&source, "Error").await;
        sources.push(source);
    }
    sources
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

impl Browser {
    /// The whole texts of elements.
    async fn texts(&self, selector: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map((element) => element.textContent)";
        let texts = self.script(script, json!([selector])).await;
        texts.as_array().expect("a list").iter().map(|text| text.as_str().expect("text").to_owned()).collect()
    }

    async fn is_unharmed(&self) {
        let page = self.page().await;
        assert_eq!(self.script(INTRUDERS, json!([])).await, Value::Bool(false), "on {page}");
    }
}
