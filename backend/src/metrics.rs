//! `/metrics` for Prometheus: what the core counted, and what the web side did.
//!
//! Labels are closed sets (method, class of status, response code), never names of devices or users.

use crate::api::Failure;
use crate::app::App;
use crate::auth::guard::identify;
use crate::core::{Core, Statistics};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::IntoResponse;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use shared::api::ErrorCode;
use std::fmt;
use std::time::Duration;

/// The content type of OpenMetrics, which Prometheus asks for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the web side counts; clones count together.
#[derive(Debug, Clone)]
pub struct WebMetrics {
    answered: Family<Answered, Counter>,
    seconds: Histogram,
    /// Live feeds that are open.
    pub live_feeds: Gauge,
    /// Frames sent to live feeds.
    pub live_frames: Counter,
    /// How often a live feed had to be told to read the state anew.
    pub live_resyncs: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    status: u16,
}

impl Default for WebMetrics {
    fn default() -> WebMetrics {
        WebMetrics {
            answered: Family::default(),
            seconds: Histogram::new([0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0]),
            live_feeds: Gauge::default(),
            live_frames: Counter::default(),
            live_resyncs: Counter::default(),
        }
    }
}

impl WebMetrics {
    /// Counts an answered request.
    pub fn answered(&self, method: &Method, status: StatusCode, took: Duration) {
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            Method::HEAD => "HEAD",
            _ => "other",
        };
        let labels = Answered {
            method,
            status: status.as_u16(),
        };
        self.answered.get_or_create(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

/// Everything, as Prometheus reads it.
///
/// # Errors
/// 401 without a token if the configuration does not make it public.
pub async fn serve(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Failure> {
    if !app.config.http.public_metrics && identify(&app, &headers).await?.is_none() {
        return Err(Failure::new(ErrorCode::Unauthorized, "send an API token"));
    }
    let mut registry = Registry::with_prefix("muster");
    let web = &app.metrics;
    registry.register("http_requests", "Requests answered", web.answered.clone());
    registry.register("http_seconds", "How long answers took", web.seconds.clone());
    registry.register("live_feeds", "Live feeds that are open", web.live_feeds.clone());
    registry.register(
        "live_frames",
        "Frames sent to live feeds",
        web.live_frames.clone(),
    );
    registry.register(
        "live_resyncs",
        "Live feeds told to read anew",
        web.live_resyncs.clone(),
    );
    registry.register_collector(Box::new(CoreCollector(app.core.clone())));
    let mut body = String::new();
    text::encode(&mut body, &registry).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], body))
}

/// Reads the core's counters when they are asked for.
#[derive(Debug)]
struct CoreCollector(Core);

impl Collector for CoreCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let statistics = self.0.statistics();
        for (name, help, value) in counters(&statistics) {
            let counter = ConstCounter::new(value);
            let metric = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(metric)?;
        }
        for (name, help, value) in gauges(&statistics) {
            gauge(&mut encoder, name, help, value)?;
        }
        answered(&mut encoder, &statistics)?;
        devices(&mut encoder, &self.0)
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
    gauge.encode(metric)
}

fn answered(encoder: &mut DescriptorEncoder<'_>, statistics: &Statistics) -> fmt::Result {
    let metric_type = ConstCounter::new(0u64).metric_type();
    let mut family =
        encoder.encode_descriptor("coap_answered", "Requests of devices answered", None, metric_type)?;
    for (method, code, count) in &statistics.answered {
        let labels = [("method", method.as_str()), ("code", code.as_str())];
        ConstCounter::new(*count).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn devices(encoder: &mut DescriptorEncoder<'_>, core: &Core) -> fmt::Result {
    let metric_type = ConstGauge::new(0i64).metric_type();
    let mut family = encoder.encode_descriptor("devices", "Devices by state", None, metric_type)?;
    for (state, count) in &core.fleet().by_state {
        let gauge = ConstGauge::new(i64::try_from(*count).unwrap_or(i64::MAX));
        gauge.encode(family.encode_family(&[("state", state.as_str())])?)?;
    }
    Ok(())
}

type Reading = (&'static str, &'static str, u64);

fn counters(statistics: &Statistics) -> [Reading; 29] {
    let coap = &statistics.coap;
    [
        ("registers", "Register requests served", statistics.registers),
        ("updates", "Update requests served", statistics.updates),
        (
            "deregisters",
            "De-register requests served",
            statistics.deregisters,
        ),
        (
            "expired",
            "Registrations whose lifetime ended",
            statistics.expired,
        ),
        ("notifications", "Notifications taken", statistics.notifications),
        ("sends", "Send requests taken", statistics.sends),
        (
            "refused",
            "Requests and payloads refused or unreadable",
            statistics.refused,
        ),
        (
            "dtls_handshakes",
            "DTLS handshakes that led to a session",
            statistics.handshakes,
        ),
        (
            "dtls_handshakes_failed",
            "DTLS handshakes that failed or were refused",
            statistics.handshakes_failed,
        ),
        (
            "dtls_keys_differ",
            "DTLS handshakes in which the key did not match the identity",
            statistics.keys_differ,
        ),
        (
            "tls_handshakes",
            "TLS handshakes that led to a connection",
            statistics.tls_handshakes,
        ),
        (
            "tls_handshakes_failed",
            "TLS handshakes that failed or were refused",
            statistics.tls_handshakes_failed,
        ),
        (
            "adopted",
            "Registrations that moved to another shard",
            statistics.adopted,
        ),
        (
            "reports_merged",
            "Reports merged for want of time",
            statistics.reports_merged,
        ),
        (
            "reports_lost",
            "Reports given up for want of time",
            statistics.reports_lost,
        ),
        (
            "send_errors",
            "Datagrams the socket did not take",
            statistics.send_errors,
        ),
        (
            "commands_refused",
            "Commands that found a queue full",
            statistics.commands_refused,
        ),
        (
            "trace_lost",
            "Trace records that found a queue full",
            statistics.trace_lost,
        ),
        (
            "store_commits",
            "Transactions of the store",
            statistics.store_commits,
        ),
        ("events", "Events applied", statistics.events),
        (
            "coap_datagrams_received",
            "Datagrams received",
            coap.datagrams_received,
        ),
        ("coap_datagrams_sent", "Datagrams sent", coap.datagrams_sent),
        (
            "coap_requests_received",
            "Requests of devices",
            coap.requests_received,
        ),
        ("coap_requests_sent", "Requests to devices", coap.requests_sent),
        (
            "coap_retransmitted",
            "Confirmable messages sent again",
            coap.retransmitted,
        ),
        ("coap_duplicates", "Datagrams received before", coap.duplicates),
        (
            "coap_malformed",
            "Datagrams that were not well formed",
            coap.malformed,
        ),
        (
            "coap_refused_overload",
            "Requests refused at a limit",
            coap.refused_overload,
        ),
        (
            "coap_dropped_overload",
            "Datagrams dropped at a limit",
            coap.dropped_overload,
        ),
    ]
}

fn gauges(statistics: &Statistics) -> [Reading; 4] {
    [
        (
            "coap_connections",
            "Connections over TCP and TLS",
            statistics.connections,
        ),
        ("registrations", "Registrations held", statistics.registered),
        (
            "operations_pending",
            "Operations that wait or are on their way",
            statistics.operations_pending,
        ),
        (
            "store_queue",
            "Write jobs that wait for the store",
            statistics.store_queue,
        ),
    ]
}
