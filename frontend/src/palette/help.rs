//! The help on the keyboard: the table of keys, in groups.

use crate::dom::prelude::*;
use crate::frame::PLACES;
use crate::keys::{Act, KEYS, Key, Scope, chord_key};
use crate::session::Session;

pub(super) fn help() -> View {
    view! { <div class="key-groups">{Scope::ALL.map(group).into_iter().collect_view()}</div> }
}

fn group(scope: Scope) -> View {
    let lines = KEYS.iter().filter(|key| key.scope == scope).map(line);
    view! {
        <section>
            <h3>{scope.word()}</h3>
            <dl class="keys">{lines.collect_view()}</dl>
        </section>
    }
}

fn line(key: &Key) -> View {
    if key.act == Act::Go {
        return places(key);
    }
    let chord = key.chord.then(|| view! { <kbd>{chord_key()}</kbd> });
    let shown = if key.chord {
        key.shown.to_ascii_uppercase()
    } else {
        key.shown.to_owned()
    };
    view! {
        <dt>{chord}<kbd>{shown}</kbd></dt>
        <dd>{key.what}</dd>
    }
}

/// A line for each place that the account may go to.
fn places(key: &Key) -> View {
    let session = expect_context::<Session>();
    PLACES
        .iter()
        .filter(|place| place.is_open(session))
        .map(|place| {
            view! {
                <dt><kbd>{key.shown}</kbd><kbd>{place.key}</kbd></dt>
                <dd>{place.word}</dd>
            }
        })
        .collect_view()
}
