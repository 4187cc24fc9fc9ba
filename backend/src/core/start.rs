//! From a configuration to a running server.

use super::activity::Activity;
use super::security::Security;
use super::{Core, CoreConfig, Inner, Models, StartError, TlsCredentials, definitions};
use crate::bootstrap::{self, Bootstrap};
use crate::decommission;
use crate::lwm2m::observation::Wishes;
use crate::lwm2m::operation::book::{Book, Entry};
use crate::lwm2m::operation::{Operation, Outcome, check};
use crate::lwm2m::queue_mode::AwakeWindows;
use crate::lwm2m::registration::profile::Profiles;
use crate::lwm2m::transmission::Manners;
use crate::registry::{
    self, Progress, Registry, Report, Restored, RestoredOperation, RestoredRegistration, Samples, Settings,
    What,
};
use crate::shard::{self, ConnectionLimits, Counters, Directory, Listeners, Peer, Place, Shards, Strays};
use crate::store::Store;
use shared::Timestamp;
use shared::api::OperationState;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// The least time a restored registration is given to be renewed: a few Updates of a device with a short lifetime,
/// and the time a device needs to notice that nobody answered (MAX_TRANSMIT_WAIT).
const RESTART_GRACE: Duration = Duration::from_secs(120);
/// The time a device has to answer what was queued before the restart without saying a time.
const USUAL_TIMEOUT: Duration = Duration::from_secs(93);

impl Core {
    /// Opens the store, restores what it holds, and serves.
    ///
    /// # Errors
    /// [`StartError`] if the store cannot be opened or an address cannot be bound.
    pub fn start(config: CoreConfig) -> Result<Core, StartError> {
        let began = Instant::now();
        let store = Store::open(&config.data_dir)?;
        let now = registry::now();
        let samples = Samples::new(config.max_samples);
        let security = Security::open(&config, &store)?;
        let activity = Activity::restored(&store, now)?;
        let restored =
            store.read_now(|connection| Restored::read(connection, samples, now, RESTART_GRACE))?;
        let devices = restored.rows.len();
        let core = Core::run(config, store, security, restored, activity, now)?;
        tracing::info!(
            devices,
            milliseconds = began.elapsed().as_millis() as u64,
            "the core has started"
        );
        Ok(core)
    }

    fn run(
        config: CoreConfig,
        store: Store,
        security: Security,
        restored: Restored,
        activity: Activity,
        now: Timestamp,
    ) -> Result<Core, StartError> {
        let count = shard_count(&config);
        let (shards, commands) = Shards::new(count);
        let counters: Vec<Arc<Counters>> = (0..count).map(|_| Arc::default()).collect();
        let (models, models_read) = definitions::at_start(&store)?;
        let book = Arc::new(Book::new(
            restored.last_operation + 1,
            config.max_queued_operations,
        ));
        let wishes = Arc::new(Wishes::default());
        let profiles = Arc::new(Profiles::default());
        for (id, profile) in restored.profiles {
            profiles.set(&id, profile);
        }
        let directory = Arc::new(Directory::new(config.max_devices, restored.last_device));
        for endpoint in decommission::barred(&store)? {
            directory.bar(&endpoint, true);
        }
        let dealt = deal(&restored.rows, restored.registrations, count, &directory);
        for (device, wanted) in restored.wishes {
            wishes.add(device, wanted);
        }
        let awake_windows = Arc::new(AwakeWindows::new(config.awake_window));
        let manners = Arc::new(Manners::default());
        for (number, device) in restored.rows.iter() {
            if let Some(window) = device.own_awake_window() {
                awake_windows.set(number, Some(window));
            }
            manners.set(number, device.transmission());
        }
        let mut rows = restored.rows;
        let mut doubtful = Vec::new();
        for operation in restored.operations {
            doubtful.extend(requeue(operation, &mut rows, &book, &manners, &models, now));
        }
        let (registry, reports) = Registry::new(rows, restored.sequence);
        registry.start(
            reports,
            restored.links,
            settings(&config),
            registry::Surroundings {
                store: store.clone(),
                book: book.clone(),
                wishes: wishes.clone(),
                directory: directory.clone(),
                shards: shards.clone(),
            },
        )?;
        if !doubtful.is_empty() && registry.input.try_send(doubtful).is_err() {
            return Err(StartError::Thread(std::io::ErrorKind::BrokenPipe.into()));
        }
        let listeners = listeners(&config, &security)?;
        let bootstrap_tls = tls_credentials(&config, &security);
        let connections = ConnectionLimits::new(
            config.streams.max_connections,
            config.streams.max_connections_of_one,
        );
        let (trust, dtls) = (security.trust.clone(), security.dtls.clone());
        let (local, mut threads) = match listeners {
            None => (Vec::new(), Vec::new()),
            Some(listeners) => {
                let surroundings = shard::Surroundings {
                    directory: directory.clone(),
                    book: book.clone(),
                    wishes,
                    profiles: profiles.clone(),
                    models: models.clone(),
                    shards: shards.clone(),
                    registry: registry.input.clone(),
                    awake_windows: awake_windows.clone(),
                    manners: manners.clone(),
                    grace: config.grace,
                    read_device_object: config.read_device_object,
                    automatic_reads_per_second: config.automatic_reads_per_second,
                    registrations_per_second: config.registrations_per_second.div_ceil(count as u32),
                    trace_bytes: config.trace_bytes,
                    connections: connections.clone(),
                    idle: config.streams.idle,
                    keep_alive: config.streams.keep_alive,
                    credentials: security.credentials.clone(),
                    trust: trust.clone(),
                    session_sweep: config.dtls.session_sweep,
                    allow_unsecured: config.dtls.allow_unsecured,
                    dtls: dtls.clone(),
                    strays: Arc::<Strays>::default(),
                    store: store.clone(),
                };
                shard::start(&listeners, &surroundings, commands, &counters, dealt)?
            }
        };
        let (bootstrap, thread) = Bootstrap::start(
            &config.bootstrap,
            bootstrap::Surroundings {
                store: store.clone(),
                registry: registry.clone(),
                directory: directory.clone(),
                models: models.clone(),
                uris: bootstrap::Uris {
                    coap_uri: config.bootstrap.coap_uri.clone(),
                    coaps_uri: config.bootstrap.coaps_uri.clone(),
                    coap: address_of(&local, "coap"),
                    coaps: address_of(&local, "coaps"),
                    coap_tcp: address_of(&local, "coap+tcp"),
                    coaps_tcp: address_of(&local, "coaps+tcp"),
                },
                keys: bootstrap::Keys {
                    server: security.credentials.clone(),
                    bootstrap: security.bootstrap_credentials,
                    trust,
                    server_key: security.server_key.clone(),
                    authority: security.authority,
                    store: store.clone(),
                },
                dtls: bootstrap_dtls(&dtls),
                tls: bootstrap_tls,
                connections,
            },
        )?;
        threads.extend(thread);
        Ok(Core {
            inner: Arc::new(Inner {
                config,
                store,
                models,
                models_read: AtomicU64::new(models_read),
                registry,
                book,
                profiles,
                awake_windows,
                manners,
                directory,
                shards,
                counters,
                threads: Mutex::new(threads),
                local,
                credentials: security.credentials,
                server_key: security.server_key,
                trust: security.trust,
                bootstrap,
                captures: super::captures::Captures::default(),
                activity,
                stopping: AtomicBool::new(false),
            }),
        })
    }
}

/// Where to listen for devices; `None` for nowhere.
fn listeners(config: &CoreConfig, security: &Security) -> Result<Option<Listeners>, StartError> {
    let streams = &config.streams;
    let coaps_tcp = match streams.tls {
        Some(address) => {
            let acceptor = tls_credentials(config, security).acceptor(security.judge());
            Some((address, acceptor.map_err(StartError::Tls)?))
        }
        None => None,
    };
    let listeners = Listeners {
        coap: config.coap,
        coaps: config.coaps,
        coap_tcp: streams.tcp,
        coaps_tcp,
    };
    let any = listeners.coap.is_some()
        || listeners.coaps.is_some()
        || listeners.coap_tcp.is_some()
        || listeners.coaps_tcp.is_some();
    Ok(any.then_some(listeners))
}

/// What TLS shows: the server's key and certificates if no others are given.
fn tls_credentials(config: &CoreConfig, security: &Security) -> TlsCredentials {
    let given = &config.streams.credentials;
    if given.chain.is_empty() {
        security.tls()
    } else {
        given.clone()
    }
}

/// Sessions for bootstrap are short, few, and not kept over a restart.
fn bootstrap_dtls(server: &dtls::Config) -> dtls::Config {
    dtls::Config {
        max_sessions: 1 << 16,
        idle_timeout: Some(Duration::from_secs(15 * 60)),
        ..server.clone()
    }
}

fn address_of(local: &[(&'static str, SocketAddr)], scheme: &str) -> Option<SocketAddr> {
    let found = local.iter().find(|(known, _)| *known == scheme);
    found.map(|(_, address)| *address)
}

fn shard_count(config: &CoreConfig) -> usize {
    let wanted = match config.shards {
        0 => available_parallelism().map_or(1, usize::from),
        shards => shards,
    };
    wanted.clamp(1, 1024)
}

fn settings(config: &CoreConfig) -> Settings {
    Settings {
        awake_window: config.awake_window,
        grace: config.grace,
        max_values: config.max_values_per_device,
        flush_interval: config.flush_interval,
        journal_events: config.journal_events,
        journal_age: config.journal_age,
    }
}

/// Deals the restored registrations to the shards and tells the directory. Which shard a device's next datagram
/// reaches is not known; that one will claim it.
fn deal(
    rows: &registry::Rows,
    registrations: Vec<RestoredRegistration>,
    count: usize,
    directory: &Directory,
) -> Vec<Vec<RestoredRegistration>> {
    for (device, row) in rows.iter() {
        match row.behind() {
            Some(behind) => {
                let attached = row.state.is_registered();
                directory.restore_child(device, row.endpoint.clone(), behind.gateway, attached);
            }
            None => directory.restore(device, row.endpoint.clone(), None),
        }
    }
    let mut dealt: Vec<Vec<RestoredRegistration>> = (0..count).map(|_| Vec::new()).collect();
    for restored in registrations {
        if let Some(behind) = &restored.registration.behind {
            // It goes where its gateway went, whose number is smaller.
            let gateway = directory.place(behind.gateway);
            if let Some(hand) = gateway.and_then(|place| dealt.get_mut(usize::from(place.shard))) {
                hand.push(restored);
            }
            continue;
        }
        // A session belongs to the shard that its connection id names.
        let shard = match &restored.session {
            Some(session) if usize::from(session.shard) < count => usize::from(session.shard),
            _ => restored.device.index() % count,
        };
        let place = Place {
            shard: shard as u16,
            id: restored.registration.id,
            peer: Peer::restored(restored.registration.transport, restored.address),
        };
        directory.restore(
            restored.device,
            restored.registration.endpoint.clone(),
            Some(place),
        );
        if let Some(hand) = dealt.get_mut(shard) {
            hand.push(restored);
        }
    }
    dealt
}

/// Puts an operation that waited back in the queue. One that was on its way may have been carried out: it is asked
/// again only where that does no harm, else the report of its end is returned.
fn requeue(
    restored: RestoredOperation,
    rows: &mut registry::Rows,
    book: &Book,
    manners: &Manners,
    models: &Models,
    now: Timestamp,
) -> Option<Report> {
    let RestoredOperation {
        device: number,
        request,
        view,
        expires,
    } = restored;
    let device = rows.get_mut(number)?;
    let registration = device.registration.clone()?;
    let task = match check::task(&request, &registration, &models.get()) {
        Ok(task) => task,
        Err(error) => {
            tracing::warn!(id = view.id, path = %view.path, %error, "a queued operation no longer fits");
            return None;
        }
    };
    let doubtful = view.state == OperationState::Sent && !task.is_repeatable();
    let format = check::format(&request).ok().flatten();
    let lead = device.behind().map_or(number, |behind| behind.gateway);
    let entry = Arc::new(Entry::new(Operation {
        id: view.id,
        device: number,
        task,
        format,
        timeout: super::operate::timeout(&request, manners.of(lead).patience(USUAL_TIMEOUT)),
        request,
        expires: expires.max(now),
        by: view.by,
        created_at: view.created_at,
        retry_of: view.retry_of,
    }));
    book.add(entry.clone()).ok()?;
    device.pending += 1;
    doubtful.then(|| {
        book.drop_waiting(&entry);
        let outcome = Outcome::failed(
            "The server stopped while the device was asked. Whether the device did it is not known.",
        );
        Report {
            at: now,
            device: Some(number),
            what: What::Operation {
                entry,
                progress: Progress::Ended(Box::new(outcome)),
            },
        }
    })
}
