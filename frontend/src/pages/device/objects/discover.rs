//! Discover: what the device says is there, with the attributes in effect. LwM2M Core 1.2 §6.3.2.

use super::super::operate::{Outcome, request};
use super::super::store::Device;
use crate::dom::prelude::*;
use crate::ui::{Button, Skeleton, Trouble};
use shared::Path;
use shared::api::OperationKind;
use shared::codec::link::{self, Link};

/// How far the question is.
#[derive(Clone)]
enum Found {
    Asking,
    Links(Vec<Link>),
    /// The device sleeps; the answer comes into the tree later.
    Later(String),
    Failed(String),
}

#[component]
pub(super) fn Discover(path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let found = RwSignal::new(Found::Asking);
    let ask = move || {
        found.set(Found::Asking);
        device.operate(&request(OperationKind::Discover, path), move |ended| {
            let links = ended.view.as_ref().and_then(|view| view.links.as_deref());
            let result = match (&ended.outcome, links.map(link::parse)) {
                (Outcome::Done(_), Some(Ok(links))) => {
                    remember(device, &links);
                    Found::Links(links)
                }
                (Outcome::Done(_), Some(Err(error))) => {
                    Found::Failed(format!("The answer cannot be read: {error}."))
                }
                (Outcome::Done(_), None) => Found::Links(Vec::new()),
                (Outcome::Waits(words), _) => Found::Later(words.clone()),
                (Outcome::Failed(words), _) => Found::Failed(words.clone()),
            };
            // The dialog may have been closed meanwhile.
            found.set(result);
        });
    };
    ask();
    move || match found.get() {
        Found::Asking => view! { <Skeleton lines=5 /> },
        Found::Later(words) => view! { <p>{words}</p> },
        Found::Failed(words) => {
            view! { <Trouble title="The device did not tell" text=words on_retry=Callback::new(move |()| ask()) /> }
        }
        Found::Links(links) => table(device, &links),
    }
}

/// Puts what was found into the tree.
fn remember(device: Device, links: &[Link]) {
    let paths = links
        .iter()
        .filter_map(|link| link.target.parse::<Path>().ok())
        .filter(|path| !path.is_root());
    device.discovered().update(|known| known.extend(paths));
}

fn table(device: Device, links: &[Link]) -> View {
    if links.is_empty() {
        return view! { <p>"The device lists nothing there."</p> };
    }
    let rows = links.iter().map(|link| {
        let path = link.target.parse::<Path>().ok();
        let name = path.and_then(|path| device.name(path)).unwrap_or_default();
        let mut attributes = String::new();
        for (name, value) in &link.attributes {
            let (equals, value) = value.as_ref().map_or(("", ""), |value| ("=", value));
            let gap = if attributes.is_empty() { "" } else { "  " };
            attributes.extend([gap, name, equals, value]);
        }
        view! {
            <tr>
                <td class="mono">{link.target.clone()}</td>
                <td>{name}</td>
                <td class="mono">{attributes}</td>
            </tr>
        }
    });
    let asking = expect_context::<super::Browser>().asking();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Links">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Path"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Attributes"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        <footer class="dialog-foot">
            <Button kind="primary" on_press=Callback::new(move |()| asking.set(false))>"Close"</Button>
        </footer>
    }
}
