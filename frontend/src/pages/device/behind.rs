//! The devices behind a gateway, and the gateway that a device is behind. LwM2M Gateway 1.1.

use super::fold::Fold;
use super::store::Device;
use crate::dom::prelude::*;
use crate::routing::device_href;
use crate::ui::StateBadge;
use crate::words::counted;
use shared::api::{ChildView, GatewayView};

#[component]
pub(super) fn Behind() -> impl IntoView {
    let device = expect_context::<Device>();
    let gateway = Memo::new(move |_| device.detail(|detail| detail.gateway.clone()).flatten());
    let children = Memo::new(move |_| {
        device
            .detail(|detail| detail.children.clone())
            .unwrap_or_default()
    });
    view! {
        {move || gateway.get().map(|gateway| view! { <Through gateway=gateway /> })}
        <Show when=move || !children.with(Vec::is_empty)>
            <Children list=children />
        </Show>
    }
}

#[component]
fn Through(gateway: GatewayView) -> impl IntoView {
    view! {
        <p class="notice through">
            <span>
                "Behind the gateway "<a class="mono" href=device_href(&gateway.endpoint)>{gateway.endpoint.clone()}</a>
                ", which calls it "<span class="mono">{gateway.device_id}</span>" and has it under the prefix "<span class="mono">{gateway.prefix}</span>"."
            </span>
        </p>
    }
}

#[component]
fn Children(list: Memo<Vec<ChildView>>) -> impl IntoView {
    let say = Signal::derive(move || {
        counted(
            list.with(Vec::len) as u64,
            "device behind it",
            "devices behind it",
        )
    });
    view! {
        <Fold slug="gateway" title="Gateway" icon=Signal::stored("link") say=say>
            <ul class="children" aria-label="Devices behind this gateway">
                <For each=move || list.get() key=|child| (child.endpoint.clone(), child.state) children=child />
            </ul>
        </Fold>
    }
}

fn child(child: ChildView) -> View {
    view! {
        <li>
            <a href=device_href(&child.endpoint)>{child.device_id}</a>
            <span class="mono quiet">{child.prefix}</span>
            <StateBadge state=child.state />
        </li>
    }
}
