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

/// What an offer needs.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    /// That the account may ask devices.
    Asks,
    /// As before, of a device that says what it is.
    AsksIdentity,
    /// That the account may change devices.
    Changes,
    /// As before, of a device that says what it is.
    ChangesIdentity,
    /// As before, of a device that has a session.
    ChangesSession,
}

/// What comes of an offer.
#[derive(Clone, Copy)]
enum Does {
    Run(fn(Device)),
    Download(&'static str),
    /// Asks for something without leaving the tab that is open.
    Ask(&'static [(&'static str, Option<&'static str>)]),
    Go(DeviceTab, &'static str),
}

/// What is offered: its drawing, its title, other words for it, what it needs and what comes of it.
const OFFERS: [(&str, &str, &str, Needs, Does); 12] = [
    (
        "copy",
        "Copy the endpoint name",
        "clipboard",
        Needs::Nothing,
        Does::Run(|device| copy_text(device.toasts(), device.endpoint())),
    ),
    (
        "eye",
        "Read what the device is (/3/0)",
        "refresh test reachability round trip manufacturer battery",
        Needs::AsksIdentity,
        Does::Run(|device| device.run(OperationKind::Read, DEVICE)),
    ),
    (
        "refresh",
        "Read this page again",
        "refresh reload",
        Needs::Nothing,
        Does::Run(Device::load),
    ),
    (
        "chevron-right",
        "Show the diagnosis",
        "why late checks verdict",
        Needs::Nothing,
        Does::Ask(&[("open", Some("diagnosis"))]),
    ),
    (
        "chevron-right",
        "Show the queue",
        "pending operations waiting",
        Needs::Nothing,
        Does::Ask(&[("open", Some("queue"))]),
    ),
    (
        "chevron-right",
        "Show the security",
        "session credential handshake",
        Needs::Nothing,
        Does::Ask(&[("open", Some("security"))]),
    ),
    (
        "download",
        "Download the support bundle",
        "zip export",
        Needs::Asks,
        Does::Download("/bundle"),
    ),
    (
        "edit",
        "Change the label…",
        "rename name",
        Needs::Changes,
        Does::Ask(&[("do", Some("label"))]),
    ),
    (
        "link",
        "Give out a link…",
        "share colleague guest",
        Needs::Changes,
        Does::Ask(&[("do", Some("link"))]),
    ),
    (
        "refresh",
        "Reboot…",
        "restart execute /3/0/4",
        Needs::ChangesIdentity,
        Does::Go(DeviceTab::Objects, "?path=/3/0/4&do=execute"),
    ),
    (
        "lock",
        "Forget its session…",
        "dtls handshake reset",
        Needs::ChangesSession,
        Does::Ask(&[("open", Some("security")), ("do", Some("forget-session"))]),
    ),
    (
        "trash",
        "Decommission…",
        "remove delete retire",
        Needs::Changes,
        Does::Go(DeviceTab::Settings, "?do=decommission"),
    ),
];

/// Offers them as long as the page is there.
pub(super) fn offer(device: Device) {
    let router = expect_context::<Router>();
    expect_context::<Actions>().offer(move || told(device, router));
}

fn told(device: Device, router: Router) -> Vec<Action> {
    let Some((identity, session)) = device.detail(|detail| {
        let Some(registration) = &detail.registration else {
            return (false, false);
        };
        let session = registration.session.is_some();
        (registration.objects.contains(&DEVICE), session)
    }) else {
        return Vec::new();
    };
    let (asks, changes) = (device.may(Role::Support), device.may(Role::Operator));
    let mut actions = Vec::new();
    for (icon, title, words, needs, does) in &OFFERS {
        let may = match needs {
            Needs::Nothing => true,
            Needs::Asks => asks,
            Needs::AsksIdentity => asks && identity,
            Needs::Changes => changes,
            Needs::ChangesIdentity => changes && identity,
            Needs::ChangesSession => changes && session,
        };
        if !may {
            continue;
        }
        let deed = match *does {
            Does::Run(run) => Deed::run(move || run(device)),
            Does::Download(rest) => Deed::Save(format!("/api/v1{}", device.path(rest))),
            Does::Ask(changes) => Deed::Go(router.href_with(changes)),
            Does::Go(tab, query) => Deed::Go(device.href(tab) + query),
        };
        actions.push(Action::new(icon, *title, words, deed));
    }
    actions
}
