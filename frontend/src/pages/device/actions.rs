//! What the palette offers on the page of a device, as far as the account may.

use super::store::Device;
use crate::dom::prelude::*;
use crate::frame::{Action, Actions, Deed};
use crate::routing::{DeviceTab, Router};
use crate::ui::copy_text;
use shared::Path;
use shared::api::{OperationKind, Role};

/// The device object, which says what the device is. LwM2M Core 1.2 Appendix E.4.
const DEVICE: Path = Path::instance(3, 0);
const REBOOT: Path = Path::resource(3, 0, 4);

/// Offers them as long as the page is there.
pub(super) fn offer(device: Device) {
    let router = expect_context::<Router>();
    expect_context::<Actions>().offer(move || told(device, router));
}

fn told(device: Device, router: Router) -> Vec<Action> {
    let Some((objects, has_session)) = device.detail(|detail| {
        let registration = detail.registration.as_ref();
        let objects = registration.map(|registration| registration.objects.clone());
        let session = registration.is_some_and(|registration| registration.session.is_some());
        (objects.unwrap_or_default(), session)
    }) else {
        return Vec::new();
    };
    let says_what_it_is = objects.contains(&DEVICE);
    let at = |tab: DeviceTab, query: &str| Deed::Go(device.href(tab) + query);
    // Without leaving the tab that is open.
    let ask = |changes: &[(&str, Option<&str>)]| Deed::Go(router.href_with(changes));
    let mut actions = Vec::new();
    let mut add = |may: bool, icon, title: &str, words, deed: Deed| {
        if may {
            actions.push(Action::new(icon, title, words, deed));
        }
    };
    let (asks, changes) = (device.may(Role::Support), device.may(Role::Operator));
    add(
        true,
        "copy",
        "Copy the endpoint name",
        "clipboard",
        Deed::run(move || copy_text(device.toasts(), device.endpoint())),
    );
    add(
        asks && says_what_it_is,
        "eye",
        "Read what the device is (/3/0)",
        "refresh test reachability round trip manufacturer battery",
        Deed::run(move || device.run(OperationKind::Read, DEVICE)),
    );
    add(
        true,
        "refresh",
        "Read this page again",
        "refresh reload",
        Deed::run(move || device.load()),
    );
    for (slug, title, words) in [
        ("diagnosis", "Show the diagnosis", "why late checks verdict"),
        ("queue", "Show the queue", "pending operations waiting"),
        ("security", "Show the security", "session credential handshake"),
    ] {
        add(true, "chevron-right", title, words, ask(&[("open", Some(slug))]));
    }
    add(
        asks,
        "download",
        "Download the support bundle",
        "zip export",
        Deed::Save(format!("/api/v1{}", device.path("/bundle"))),
    );
    add(
        changes,
        "edit",
        "Change the label…",
        "rename name",
        ask(&[("do", Some("label"))]),
    );
    add(
        changes,
        "link",
        "Give out a link…",
        "share colleague guest",
        ask(&[("do", Some("link"))]),
    );
    add(
        changes && says_what_it_is,
        "refresh",
        "Reboot…",
        "restart execute /3/0/4",
        at(DeviceTab::Objects, &format!("?path={REBOOT}&do=execute")),
    );
    add(
        changes && has_session,
        "lock",
        "Forget its session…",
        "dtls handshake reset",
        ask(&[("open", Some("security")), ("do", Some("forget-session"))]),
    );
    add(
        changes,
        "trash",
        "Decommission…",
        "remove delete retire",
        at(DeviceTab::Settings, "?do=decommission"),
    );
    actions
}
