//! From a configuration to a running server.

use super::{Core, CoreConfig, Inner, Models, StartError};
use crate::lwm2m::observation::Wishes;
use crate::lwm2m::operation::book::{Book, Entry};
use crate::lwm2m::operation::{Operation, check};
use crate::registry::{self, Registry, Restored, RestoredOperation, RestoredRegistration, Samples, Settings};
use crate::shard::{self, Counters, Directory, Place, Shards};
use crate::store::Store;
use shared::{Timestamp, model};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// The least time a restored registration is given to be renewed: a few Updates of a device with a short lifetime,
/// and the time a device needs to notice that nobody answered (MAX_TRANSMIT_WAIT).
const RESTART_GRACE: Duration = Duration::from_secs(120);

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
        let restored =
            store.read_now(|connection| Restored::read(connection, samples, now, RESTART_GRACE))?;
        let devices = restored.rows.len();
        let core = Core::run(config, store, restored, now)?;
        tracing::info!(
            devices,
            milliseconds = began.elapsed().as_millis() as u64,
            "the core has started"
        );
        Ok(core)
    }

    fn run(config: CoreConfig, store: Store, restored: Restored, now: Timestamp) -> Result<Core, StartError> {
        let count = shard_count(&config);
        let (shards, commands) = Shards::new(count);
        let counters: Vec<Arc<Counters>> = (0..count).map(|_| Arc::default()).collect();
        let models = Models::new(model::Registry::builtin());
        let book = Arc::new(Book::new(
            restored.last_operation + 1,
            config.max_queued_operations,
        ));
        let wishes = Arc::new(Wishes::default());
        let directory = Arc::new(Directory::new(config.max_devices, restored.last_device));
        let dealt = deal(&restored.rows, restored.registrations, count, &directory);
        for (device, wanted) in restored.wishes {
            wishes.add(device, wanted);
        }
        let mut rows = restored.rows;
        for operation in restored.operations {
            requeue(operation, &mut rows, &book, &models, now);
        }
        let (registry, reports) = Registry::new(rows, restored.sequence);
        registry.start(
            reports,
            settings(&config),
            registry::Surroundings {
                store: store.clone(),
                book: book.clone(),
                wishes: wishes.clone(),
                directory: directory.clone(),
                shards: shards.clone(),
            },
        )?;
        let (local, threads) = match config.coap {
            None => (None, Vec::new()),
            Some(address) => {
                let surroundings = shard::Surroundings {
                    directory: directory.clone(),
                    book: book.clone(),
                    wishes,
                    models: models.clone(),
                    shards: shards.clone(),
                    registry: registry.input.clone(),
                    awake_window: config.awake_window,
                    grace: config.grace,
                    read_device_object: config.read_device_object,
                    automatic_reads_per_second: config.automatic_reads_per_second,
                    trace_bytes: config.trace_bytes,
                };
                let (local, threads) = shard::start(address, &surroundings, commands, &counters, dealt)?;
                (Some(local), threads)
            }
        };
        Ok(Core {
            inner: Arc::new(Inner {
                config,
                store,
                models,
                registry,
                book,
                directory,
                shards,
                counters,
                threads: Mutex::new(threads),
                local,
                stopping: AtomicBool::new(false),
            }),
        })
    }
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
        directory.restore(device, row.endpoint.clone(), None);
    }
    let mut dealt: Vec<Vec<RestoredRegistration>> = (0..count).map(|_| Vec::new()).collect();
    for restored in registrations {
        let shard = restored.device.index() % count;
        let place = Place {
            shard: shard as u16,
            id: restored.registration.id,
            peer: restored.peer,
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

/// Puts an operation that waited back in the queue.
fn requeue(
    restored: RestoredOperation,
    rows: &mut registry::Rows,
    book: &Book,
    models: &Models,
    now: Timestamp,
) {
    let Some(device) = rows.get_mut(restored.device) else {
        return;
    };
    let Some(registration) = device.registration.clone() else {
        return;
    };
    let RestoredOperation {
        device: number,
        request,
        view,
        expires,
    } = restored;
    match check::task(&request, &registration, &models.get()) {
        Ok(task) => {
            let format = check::format(&request).ok().flatten();
            let entry = Entry::new(Operation {
                id: view.id,
                device: number,
                task,
                format,
                timeout: super::operate::timeout(&request, Duration::from_secs(93)),
                request,
                expires: expires.max(now),
                by: view.by,
                created_at: view.created_at,
            });
            if book.add(Arc::new(entry)).is_ok() {
                device.pending += 1;
            }
        }
        Err(error) => {
            tracing::warn!(id = view.id, path = %view.path, %error, "a queued operation no longer fits");
        }
    }
}
