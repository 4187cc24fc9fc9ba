//! The time as the server has it, ticking, and the reader's own time zone.
//!
//! Ages are told against the server's clock (the live feed brings it), because a laptop's may be wrong by minutes.

use crate::dom::prelude::*;
use crate::words::Calendar;
use shared::Timestamp;

/// Found with `expect_context::<Clock>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    now: RwSignal<Timestamp>,
    /// Milliseconds that the server's clock is ahead of this computer's.
    ahead: StoredValue<i64>,
}

impl Clock {
    /// Starts to tick. Called once, by the application.
    pub(crate) fn start() -> Clock {
        let clock = Clock {
            now: RwSignal::new(browser_now()),
            ahead: StoredValue::new(0),
        };
        gloo_timers::callback::Interval::new(1000, move || clock.tick()).forget();
        clock
    }

    /// The time now, as a signal that ticks once a second.
    pub(crate) const fn now(self) -> RwSignal<Timestamp> {
        self.now
    }

    /// The time now, to the millisecond, without tracking.
    pub(crate) fn exactly(self) -> Timestamp {
        Timestamp(browser_now().0 + self.ahead.get_value())
    }

    /// The server said what time it is.
    pub(crate) fn server_says(self, now: Timestamp) {
        self.ahead.set_value(now.since(browser_now()));
        self.tick();
    }

    fn tick(self) {
        self.now.set(self.exactly());
    }

    /// Milliseconds since `at`, ticking.
    pub(crate) fn since(self, at: Timestamp) -> i64 {
        self.now.get().since(at)
    }

    /// A time as short as it can be said today: `"13:02"`, `"tomorrow 09:50"`.
    pub(crate) fn short(self, at: Timestamp) -> String {
        local(at).short(&local(self.now.get_untracked()))
    }
}

/// The time of this computer's own clock.
pub(crate) fn browser_now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

/// A time in the reader's zone.
pub(crate) fn local(at: Timestamp) -> Calendar {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    let offset = date.get_timezone_offset() as i64;
    Calendar {
        year: date.get_full_year() as i32,
        month: date.get_month() + 1,
        day: date.get_date(),
        hour: date.get_hours(),
        minute: date.get_minutes(),
        second: date.get_seconds(),
        day_number: (at.seconds() - offset * 60).div_euclid(86_400),
    }
}

/// The exact time in the reader's zone and in UTC, one a line, for a tooltip.
pub(crate) fn exact(at: Timestamp) -> String {
    format!("{} local\n{at}", local(at).exact())
}
