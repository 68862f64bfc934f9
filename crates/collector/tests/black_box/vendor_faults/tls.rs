//! The vendor's certificate: a wrong one gets no byte of ours.

use futures_util::future::join_all;
use incydr_simulator::{
    BreakKind, BreakPoint, CertificateAuthority, Fault, FaultRule, IncydrOptions, SumoOptions, Target,
    TlsOptions, TlsVariant,
};

use super::{SINCE, assert_healed, small_events};
use crate::health_log::{health_events, parsed};
use crate::stage::{Collect, Stage, tenant_with};

/// A vendor with a certificate, and a collector that trusts its authority.
struct Secured {
    stage: Stage,
}

impl Secured {
    async fn by(variant: TlsVariant) -> Self {
        let authority = CertificateAuthority::new().expect("an authority");
        let tls = Some(TlsOptions { variant, authority: authority.clone() });
        let stage = Stage::new(IncydrOptions { tls, ..tenant_with(0) }, SumoOptions::default()).await;
        let now = stage.incydr.clock().now();
        stage.incydr.add_events(small_events(300, now), now);
        std::fs::write(stage.path("authority.pem"), authority.pem()).expect("the folder is writable");
        Self { stage }
    }

    fn collect(&self) -> Collect {
        let authority = self.stage.path("authority.pem");
        let collect = self.stage.collect().since(SINCE).to_sumo();
        collect.env("SSL_CERT_FILE", authority.to_str().expect("a path in UTF-8"))
    }
}

// F29
#[tokio::test]
async fn a_proper_certificate_of_a_trusted_authority_is_accepted() {
    let secured = Secured::by(TlsVariant::Proper).await;
    secured.collect().succeed().await;
    secured.stage.assert_complete(0);
}

async fn refuse(variant: TlsVariant) {
    let secured = Secured::by(variant).await;
    let mut running = secured.collect().start();
    let opened = parsed(&running.hear("health event opened").await).expect("JSON");
    assert_eq!(opened["tracker"], "Tls", "{variant:?}");
    assert!(opened["error_info"].as_str().is_some_and(|reason| !reason.is_empty()), "{variant:?}");
    running.signal("TERM").await;
    let ended = running.end().await;
    assert_eq!(ended.status.code(), Some(0), "{variant:?}");
    assert_eq!(health_events(&ended.log), ["opened ThirdPartyGenericError/Tls"]);
    assert!(secured.stage.incydr.requests().is_empty(), "{variant:?} was told something");
}

// F29
#[tokio::test]
async fn a_server_with_a_bad_certificate_or_an_old_protocol_is_told_nothing() {
    let variants =
        [TlsVariant::Expired, TlsVariant::WrongName, TlsVariant::UnknownAuthority, TlsVariant::OldProtocol];
    join_all(variants.map(refuse)).await;
}

// F29
#[tokio::test]
async fn garbage_in_the_middle_of_a_secured_answer_costs_one_more_search() {
    let secured = Secured::by(TlsVariant::Proper).await;
    let garbage = Fault::Break { at: BreakPoint::Body(5_000), how: BreakKind::Garbage };
    secured.stage.incydr.faults().add(FaultRule::next(Target::FileEvents, 1, garbage));
    let log = secured.collect().succeed().await;
    secured.stage.assert_complete(0);
    assert_healed(&log, "Tls");
}

// F30
#[tokio::test]
async fn a_vendor_that_says_goodbye_over_http2_in_the_middle_of_a_page_is_found_again() {
    let secured = Secured::by(TlsVariant::ProperHttp2).await;
    let incydr = &secured.stage.incydr;
    let hang = FaultRule::next(Target::FileEvents, 1, Fault::Hang { at: BreakPoint::Body(5_000) });
    let hung = incydr.faults().add(hang);
    let mut running = secured.collect().following().start();
    incydr.faults().wait_until_struck(hung, 1).await;
    incydr.go_down().await;
    let opened = running.hear("health event opened").await;
    assert!(opened.contains("Connect"), "{opened}");
    incydr.come_up().await.expect("the port is free");
    running.hear("health event closed").await;
    secured.stage.sumo.wait_for_messages(300).await;
    running.signal("TERM").await;
    assert!(running.end().await.status.success());
    secured.stage.assert_complete(0);
}

// F30
#[tokio::test]
async fn pages_over_http2_arrive_like_any_others() {
    let secured = Secured::by(TlsVariant::ProperHttp2).await;
    secured.collect().succeed().await;
    secured.stage.assert_complete(0);
}
