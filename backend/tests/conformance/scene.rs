//! A server on every port that devices come to, and simulated devices of a fleet with their own sockets.

use crate::authority::Authority;
use crate::support::{PATIENCE, Server, config};
use backend::bootstrap::{Settings, UnknownDevices};
use backend::core::CoreConfig;
use backend::credential::{Credential, Proof};
use shared::Timestamp;
use shared::api::{DeviceDetail, SessionQuery};
use shared::bootstrap::{SessionState, SessionView};
use simulator::{DtlsOptions, FleetOptions, Profile, Secret, TlsFiles};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// The first simulated device.
pub(super) const NAME: &str = "sim-00000";
pub(super) const KEY: &[u8] = b"a factory key 16";
const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

pub(super) struct Scene {
    pub(super) server: Server,
    pub(super) directory: tempfile::TempDir,
    /// Certifies the devices and the server.
    pub(super) authority: Authority,
    /// Each ends its device when it is dropped.
    running: Vec<oneshot::Sender<()>>,
}

fn everywhere(directory: &Path) -> CoreConfig {
    let mut config = config(directory);
    config.coaps = Some(LOCAL);
    config.streams.tcp = Some(LOCAL);
    config.streams.tls = Some(LOCAL);
    config.bootstrap = Settings {
        coap: Some(LOCAL),
        coaps: Some(LOCAL),
        coap_tcp: Some(LOCAL),
        coaps_tcp: Some(LOCAL),
        unknown_devices: UnknownDevices::Accept,
        ..Settings::default()
    };
    config
}

impl Scene {
    pub(super) fn new() -> Scene {
        Scene::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut CoreConfig)) -> Scene {
        Scene::certified(|authority| authority.certify_name("server"), change)
    }

    /// A server with this certificate.
    pub(super) fn certified(
        certify: impl FnOnce(&Authority) -> crate::authority::Certified,
        change: impl FnOnce(&mut CoreConfig),
    ) -> Scene {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::new("Example Devices");
        let (certificate, key) = certify(&authority).write(directory.path(), "server");
        let mut config = everywhere(directory.path());
        config.dtls.certificate_file = Some(certificate);
        config.dtls.key_file = Some(key);
        config.dtls.trusted_certificates = vec![authority.write(directory.path())];
        change(&mut config);
        Scene {
            server: Server::of(config),
            directory,
            authority,
            running: Vec::new(),
        }
    }

    /// What devices are given from now on, beside what `json` says: one account at `uri` by `mode`.
    pub(super) async fn give(&self, uri: &str, mode: &str, lifetime: u32, rest: &str) {
        let json = format!(
            r#"{{"servers":[{{"short_server_id":101,"uri":"${{{uri}}}","security":{{"mode":"{mode}"}},"lifetime":{lifetime}}}]{rest}}}"#
        );
        let body = crate::bootstrap::body(&json);
        self.server
            .core
            .bootstrap()
            .put("main", body, "tester")
            .await
            .unwrap();
    }

    /// The device proves itself to the bootstrap server by this.
    pub(super) async fn know(&self, proof: Proof) {
        let book = self.server.core.bootstrap().credentials();
        book.put(vec![credential(proof)]).await.unwrap();
    }

    /// Begins a device; with `scheme` it asks the bootstrap server that serves it.
    pub(super) fn start(&mut self, scheme: &str, change: impl FnOnce(&mut FleetOptions)) {
        let address = self.server.address_of(&format!("bootstrap_{scheme}"));
        self.begin(|options| {
            options.bootstrap = Some(format!("{scheme}://{address}"));
            change(options);
        });
    }

    /// Begins a device that registers with what it has.
    pub(super) fn start_registering(&mut self, scheme: &str, change: impl FnOnce(&mut FleetOptions)) {
        let address = self.server.address_of(scheme);
        self.begin(|options| {
            options.server = format!("{scheme}://{address}");
            change(options);
        });
    }

    fn begin(&mut self, change: impl FnOnce(&mut FleetOptions)) {
        let mut options = FleetOptions {
            profile: Profile::Meter,
            endpoint_prefix: Some("sim-".into()),
            ..FleetOptions::new("", 1)
        };
        change(&mut options);
        let (stop, stopped) = oneshot::channel::<()>();
        self.running.push(stop);
        tokio::spawn(async move {
            let shutdown = async {
                // Dropped is stopped as well.
                let _ = stopped.await;
            };
            simulator::run(options, shutdown).await.unwrap();
        });
    }

    /// Certificate and key of the device, and whom it believes, as files.
    pub(super) fn files(&self) -> TlsFiles {
        let (certificate, key) = self
            .authority
            .certify_name(NAME)
            .write(self.directory.path(), "device");
        TlsFiles {
            authorities: Some(self.authorities()),
            certificate: Some(certificate),
            key: Some(key),
        }
    }

    pub(super) fn authorities(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }

    /// The first session in this state after one.
    pub(super) async fn session(&mut self, state: SessionState, after: u64) -> SessionView {
        let begun = Instant::now();
        loop {
            let query = SessionQuery {
                endpoint: Some(NAME.into()),
                ..SessionQuery::default()
            };
            let found = self.server.core.bootstrap().sessions(query, 50).await.unwrap();
            let mut found = found.into_iter().rev();
            if let Some(view) = found.find(|view| view.id > after && view.state == state) {
                return view;
            }
            self.something(begun).await;
        }
    }

    /// The device with another registration than this one.
    pub(super) async fn registered(&mut self, before: Option<&str>) -> DeviceDetail {
        let begun = Instant::now();
        loop {
            if let Some(device) = self.server.core.device(NAME)
                && let Some(registration) = &device.registration
                && device.row.state.is_registered()
                && Some(registration.id.as_str()) != before
            {
                return device;
            }
            self.something(begun).await;
        }
    }

    /// Waits for an event or a moment, until it is too long since a wait began: what an event tells of may be kept only after
    /// the last event.
    async fn something(&mut self, begun: Instant) {
        assert!(begun.elapsed() < PATIENCE, "it did not come so far");
        let event = self.server.event_that(|_| true);
        drop(timeout(Duration::from_millis(200), event).await);
    }
}

pub(super) fn id(device: &DeviceDetail) -> String {
    device.registration.as_ref().unwrap().id.clone()
}

pub(super) fn lifetime(device: &DeviceDetail) -> u32 {
    device.registration.as_ref().unwrap().lifetime
}

pub(super) fn credential(proof: Proof) -> Credential {
    Credential {
        endpoint: NAME.into(),
        proof,
        created: Timestamp(1),
        expires: None,
    }
}

pub(super) fn psk(identity: &str) -> Proof {
    Proof::Psk {
        identity: identity.into(),
        key: KEY.to_vec().into(),
    }
}

pub(super) fn with_psk() -> DtlsOptions {
    DtlsOptions {
        psk: Some(Secret::from(KEY.to_vec())),
        ..DtlsOptions::default()
    }
}

/// The messages of a session with the codes of their answers.
pub(super) fn lines(view: &SessionView) -> Vec<String> {
    let steps = view.steps.iter().filter(|step| !step.message.is_empty());
    let line = |step: &shared::bootstrap::StepView| {
        format!("{} {}", step.message, step.code.as_deref().unwrap_or("no answer"))
    };
    steps.map(line).collect()
}
