//! The Timeline tab: what happened to the device.

pub(super) mod words;

use leptos::prelude::*;

#[component]
pub(super) fn Timeline() -> impl IntoView {}
