//! The routes for probes and monitoring systems.

use super::check_ready;
use crate::api::Terms;
use crate::metrics;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const TEXT: &str = "text/plain; charset=utf-8";

/// All of them. Metrics are for everybody where `terms` say so.
pub fn routes(terms: &Terms) -> Vec<Route> {
    let metrics = Route::get("/metrics", "Figures in the text format of Prometheus", |call| {
        Box::pin(show_metrics(call))
    });
    vec![
        Route::get("/healthz", "Whether the process answers", |call| {
            Box::pin(async move {
                drop(call);
                Ok(Answer::text(TEXT, "ok\n"))
            })
        })
        .public(),
        Route::get("/readyz", "Whether the store can be read (503 if not)", |call| {
            Box::pin(show_ready(call))
        })
        .public(),
        if terms.has_public_metrics { metrics.public() } else { metrics },
    ]
}

async fn show_ready(call: Call) -> Result<Answer, Problem> {
    Ok(match check_ready(&call.api).await {
        Ok(()) => Answer::text(TEXT, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the store cannot be read");
            Answer::not_ready("the store cannot be read\n")
        }
    })
}

async fn show_metrics(call: Call) -> Result<Answer, Problem> {
    // It is work for a processor, and reads files.
    let writing = tokio::task::spawn_blocking(move || metrics::exposition(&call.api));
    match writing.await {
        Ok(Ok(text)) => Ok(Answer::text(metrics::MEDIA_TYPE, text)),
        Ok(Err(_)) | Err(_) => Err(Problem::internal()),
    }
}
