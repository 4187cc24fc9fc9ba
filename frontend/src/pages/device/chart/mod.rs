//! The Live tab: numbers as they arrive, on a chart.

mod draw;
mod geometry;

use leptos::prelude::*;

#[component]
pub(super) fn Charts() -> impl IntoView {}
