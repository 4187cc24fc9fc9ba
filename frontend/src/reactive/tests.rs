use super::graph::run_waiting;
use super::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What was seen, in order.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<String>>>);

impl Seen {
    fn add(&self, what: &dyn ToString) {
        self.0.borrow_mut().push(what.to_string());
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

#[test]
fn an_effect_follows_what_it_read_the_last_time() {
    Owner::new().with(|| {
        let (which, one, other) = (RwSignal::new(true), RwSignal::new(1), RwSignal::new(2));
        let seen = Seen::default();
        let saw = seen.clone();
        repeat(Box::new(move || {
            saw.add(&if which.get() { one.get() } else { other.get() });
        }));
        assert_eq!(seen.take(), ["1"]);
        other.set(20);
        run_waiting();
        assert_eq!(seen.take(), [""; 0]);
        which.set(false);
        one.set(10);
        run_waiting();
        assert_eq!(seen.take(), ["20"]);
        one.set(11);
        run_waiting();
        assert_eq!(seen.take(), [""; 0]);
    });
}

#[test]
fn a_memo_computes_once_and_tells_only_of_another_value() {
    Owner::new().with(|| {
        let number = RwSignal::new(1);
        let computed = Rc::new(Cell::new(0));
        let count = Rc::clone(&computed);
        let is_even = Memo::new(move |_| {
            count.set(count.get() + 1);
            number.get() % 2 == 0
        });
        let word = Memo::new(move |_| if is_even.get() { "even" } else { "odd" });
        let seen = Seen::default();
        let saw = seen.clone();
        repeat(Box::new(move || saw.add(&word.get())));
        assert_eq!((computed.get(), seen.take()), (1, vec!["odd".to_owned()]));
        number.set(3);
        run_waiting();
        assert_eq!((computed.get(), seen.take().len()), (2, 0));
        number.set(4);
        // Whoever reads first has it computed.
        assert_eq!(word.get_untracked(), "even");
        run_waiting();
        assert_eq!((computed.get(), seen.take()), (3, vec!["even".to_owned()]));
    });
}

#[test]
fn what_contains_runs_before_what_it_contains_and_ends_it() {
    Owner::new().with(|| {
        let open = RwSignal::new(true);
        let number = RwSignal::new(Some(1));
        let seen = Seen::default();
        let saw = seen.clone();
        repeat(Box::new(move || {
            if open.get() {
                let saw = saw.clone();
                let ended = saw.clone();
                on_cleanup(move || ended.add(&"end"));
                repeat(Box::new(move || {
                    saw.add(&number.get().expect("read while open only"));
                }));
            }
        }));
        number.set(None);
        open.set(false);
        run_waiting();
        assert_eq!(seen.take(), ["1", "end"]);
    });
}

#[test]
fn an_effect_acts_once_all_is_shown() {
    Owner::new().with(|| {
        let number = RwSignal::new(1);
        let seen = Seen::default();
        let (acts, shows) = (seen.clone(), seen.clone());
        Effect::new(move |before: Option<i32>| {
            acts.add(&format!("acts on {} after {before:?}", number.get()));
            number.get()
        });
        repeat(Box::new(move || shows.add(&format!("shows {}", number.get()))));
        run_waiting();
        number.set(2);
        run_waiting();
        assert_eq!(
            seen.take(),
            [
                "shows 1",
                "acts on 1 after None",
                "shows 2",
                "acts on 2 after Some(1)"
            ]
        );
    });
}

#[test]
fn a_context_is_found_below_what_provided_it() {
    let owner = Owner::new();
    let inner = owner.with(|| {
        provide_context(7_u32);
        Owner::new()
    });
    inner.with(|| {
        assert_eq!(use_context::<u32>(), Some(7));
        provide_context(8_u32);
        assert_eq!(expect_context::<u32>(), 8);
    });
    owner.with(|| assert_eq!(use_context::<u32>(), Some(7)));
    assert_eq!(use_context::<u32>(), None);
}

#[test]
fn a_handle_of_what_is_gone_finds_nothing_even_if_its_place_is_used_again() {
    let owner = Owner::new();
    let late = owner.with(|| RwSignal::new(1));
    owner.dispose();
    assert!(late.is_disposed());
    for number in 0..2000 {
        let owner = Owner::new();
        owner.with(|| RwSignal::new(number));
        owner.dispose();
    }
    assert!(late.try_set(5).is_some());
}

#[test]
fn a_held_signal_lives_as_long_as_somebody_holds_it() {
    let held = ArcRwSignal::new(1);
    let owner = Owner::new();
    let signal: RwSignal<i32> = owner.with(|| held.clone().into());
    drop(held);
    assert_eq!(signal.get_untracked(), 1);
    owner.dispose();
    assert!(signal.is_disposed());
}

#[test]
fn a_value_may_look_at_the_graph_when_it_ends() {
    struct Ends(RwSignal<u32>);
    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.set(1);
        }
    }
    Owner::new().with(|| {
        let ended = RwSignal::new(0);
        let owner = Owner::new();
        owner.with(|| StoredValue::new(Ends(ended)));
        owner.dispose();
        assert_eq!(ended.get_untracked(), 1);
    });
}
