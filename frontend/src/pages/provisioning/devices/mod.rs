//! One device is made known; those that were and never came.

mod credential;
mod made;
mod provision;
mod waited;

use super::may_provision;
use crate::dom::prelude::*;
use provision::Provision;
use waited::Waited;

#[component]
pub(super) fn Devices() -> impl IntoView {
    // Moves when a device was made known.
    let made = Trigger::new();
    view! {
        <div class="pv-split">
            {may_provision().then(|| view! { <Provision made=made /> })}
            <Waited made=made />
        </div>
    }
}
