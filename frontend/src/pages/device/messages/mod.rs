//! The Messages tab: the protocol trace.

mod hex;
mod ladder;

use leptos::prelude::*;

#[component]
pub(super) fn Messages() -> impl IntoView {}
