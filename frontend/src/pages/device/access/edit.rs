//! Changing who may do what with one instance: the list of its entry, what would follow from it, and the Write.

use super::super::objects::ask::{Footer, Sending};
use super::super::objects::preview::Preview;
use super::super::operate::request;
use super::super::store::Device;
use super::{about, table};
use crate::api::{Answer, Asked, Method};
use crate::dom::prelude::*;
use crate::ui::{Button, Dialog, Field, Icon, Load, Loader};
use gloo_timers::callback::Timeout;
use shared::Path;
use shared::access::{AccessControl, OBJECT_LEVEL, Rights};
use shared::api::{DeviceAccess, JsonValue, OperationKind, OperationRequest, OperationState, OperationView};
use shared::json::Object;
use shared::sort::sort_dedup;
use shared::sorted::SortedMap;
use std::rc::Rc;

/// How long clicking has to pause before the server is asked what follows, in milliseconds.
const PAUSE: u32 = 250;

/// Short server id → rights; those that are not here have nothing of their own.
type List = SortedMap<u16, Rights>;

/// What would follow from a list, by the server's rules.
#[derive(Debug, Clone, Default, PartialEq)]
struct Follows {
    refused: Option<String>,
    warnings: Vec<String>,
    rights: List,
}

/// The dialog for the row that is being changed.
#[component]
pub(super) fn Change(changing: RwSignal<Option<Path>>, loader: Loader<DeviceAccess>) -> impl IntoView {
    let device = expect_context::<Device>();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if changing.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() && changing.with_untracked(Option::is_some) {
            changing.set(None);
        }
    });
    let title = move || match changing.get() {
        Some(path) => format!("Who may do what with {}", about(device, path)),
        None => String::new(),
    };
    // As it was when the dialog was opened; what comes meanwhile does not change what is being typed.
    let form = move || {
        let path = changing.get_untracked()?;
        let found = loader.state.with_untracked(|state| match state {
            Load::Ready(access) => Some(access.clone()),
            _ => None,
        })?;
        let level = path.instance_id().unwrap_or(OBJECT_LEVEL);
        let entry = found
            .entries
            .iter()
            .find(|entry| Some(entry.object) == path.object_id() && entry.instance == level)
            .cloned()?;
        Some(view! { <Form path=path entry=entry access=found open=open loader=loader /> })
    };
    view! {
        <Dialog open=open title=Signal::derive(title) wide=true>{form}</Dialog>
    }
}

#[component]
fn Form(
    path: Path,
    entry: AccessControl,
    access: DeviceAccess,
    open: RwSignal<bool>,
    loader: Loader<DeviceAccess>,
) -> impl IntoView {
    let device = expect_context::<Device>();
    let own = access.short_server_id;
    let level = entry.instance == OBJECT_LEVEL;
    let list = RwSignal::new(entry.list.clone());
    let before = StoredValue::new(entry.list);
    // Who has a line: every server that is known, then all others.
    let mut servers = access.servers;
    servers.extend(before.with_value(|list| list.keys().copied().collect::<Vec<_>>()));
    sort_dedup(&mut servers);
    servers.retain(|id| *id != 0);
    let servers = RwSignal::new(servers);
    let follows = RwSignal::new(Follows::default());
    ask_what_follows(device, path, own, list, follows);
    let unchanged = Memo::new(move |_| before.with_value(|before| list.with(|list| list == before)));
    let sending = Sending::closing(open);
    let entry_path = Path::instance(2, entry.id);
    let refused = move || follows.with(|follows| follows.refused.is_some());
    let wanted = Signal::derive(move || {
        if unchanged.get() {
            return Err(None);
        }
        Ok(list.with(|list| written(entry.id, list)))
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let (false, Ok(request)) = (untrack(refused), wanted.get_untracked()) {
            let then = move |view: &OperationView| {
                if view.state == OperationState::Done {
                    read_back(device, entry_path, loader);
                }
            };
            sending.send(device, &request, Some(Rc::new(then)));
        }
    };
    let line = move |server: u16| line(server, own, entry.owner, level, list, follows);
    let columns = listed_rights(level).iter().map(|(_, letter, rest, _)| {
        view! { <th scope="col" class="tick">{*letter}<span>{*rest}</span></th> }
    });
    let warning = |words: &String| {
        let words = Text::from(words.as_str());
        view! { <p class="notice tone-warning" role="alert"><Icon name="warning" />{words}</p> }
    };
    let told = move || {
        follows.with(|follows| {
            let refused = follows.refused.as_deref().map(Text::from);
            let refused = refused.map(|words| {
                view! { <p class="notice tone-bad" role="alert"><Icon name="warning" /><span>"This server cannot do it: "{words}"."</span></p> }
            });
            view! {
                {refused}
                {follows.warnings.iter().map(warning).collect_view()}
                {unchanged.get().then(|| view! { <p class="quiet">"Nothing is changed yet."</p> })}
            }
        })
    };
    view! {
        <form class="ask-form access-form" on:submit=submit novalidate=true>
            <div class="scroll">
                <table class="table access-edit" aria-label="Rights by server">
                    <thead>
                        <tr>
                            <th scope="col">"Server"</th>
                            <th scope="col" class="tick listed">"In the list"</th>
                            {columns.collect_view()}
                            <th scope="col">"May do then"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || servers.get() key=|id| *id children=line />
                        {line(0)}
                    </tbody>
                </table>
            </div>
            <Another servers=servers list=list level=level />
            <p class="quiet">
                "A server that is not in the list has what all others have; the owner then has everything"
                {level.then_some(" but creating")}"."
            </p>
            <div role="status">{told}</div>
            <Preview wanted=wanted />
            {move || {
                let blinds = follows.with(|follows| !follows.warnings.is_empty());
                let word = if blinds { "Write it all the same" } else { "Write to the device" };
                view! { <Footer sending=sending word=word danger=blinds disabled=Signal::derive(move || unchanged.get() || refused()) /> }
            }}
        </form>
    }
}

/// The rights that a list has a column for: the letter and the rest of its head, and the verb. On a telephone the letter stands
/// for the word.
const fn listed_rights(level: bool) -> &'static [(Rights, &'static str, &'static str, &'static str)] {
    if level {
        &[(Rights::CREATE, "C", "reate", "create")]
    } else {
        &[
            (Rights::READ, "R", "ead", "read"),
            (Rights::WRITE, "W", "rite", "write"),
            (Rights::EXECUTE, "E", "xecute", "execute"),
            (Rights::DELETE, "D", "elete", "delete"),
        ]
    }
}

/// One server: whether the list names it, its rights there, and what it may do then.
fn line(
    server: u16,
    own: Option<u16>,
    owner: u16,
    level: bool,
    list: RwSignal<List>,
    follows: RwSignal<Follows>,
) -> View {
    let name = match server {
        0 => "All others".to_owned(),
        server if Some(server) == own => format!("Server {server} (this one)"),
        server => format!("Server {server}"),
    };
    let is_owner = (server == owner).then(|| view! { <span class="muted block">"Owner"</span> });
    let named = Memo::new(move |_| list.with(|list| list.contains_key(&server)));
    let name_it = move |event: web_sys::Event| {
        let wanted = event_target_checked(&event);
        list.update(|list| {
            if wanted {
                list.insert(
                    server,
                    follows.with_untracked(|follows| fitting(follows, server, level)),
                );
            } else {
                list.remove(&server);
            }
        });
    };
    let ticks = listed_rights(level).iter().map(|(right, .., verb)| {
        let right = *right;
        let has = move || list.with(|list| list.get(&server).is_some_and(|held| held.contains(right)));
        let tick = move |event: web_sys::Event| {
            let wanted = event_target_checked(&event);
            list.update(|list| {
                if let Some(held) = list.get_mut(&server) {
                    *held = if wanted { held.with(right) } else { held.without(right) };
                }
            });
        };
        let label = format!("{name} may {verb}");
        view! {
            <td class="tick">
                <input type="checkbox" aria-label=label disabled=move || !named.get() prop:checked=has on:change=tick />
            </td>
        }
    });
    let ticks = ticks.collect_view();
    let then = move || match server {
        0 => list.with(|list| table::letters(list.get(&0).copied().unwrap_or_default(), level)),
        server => match follows.with(|follows| follows.rights.get(&server).copied()) {
            Some(rights) => table::letters(rights, level),
            None => View::Empty,
        },
    };
    let in_list = format!("{name} is in the list");
    view! {
        <tr>
            <th scope="row">{name}{is_owner}</th>
            <td class="tick"><input type="checkbox" aria-label=in_list prop:checked=move || named.get() on:change=name_it /></td>
            {ticks}
            <td>{then}</td>
        </tr>
    }
}

/// What a server that is put into the list begins with: what it may do without.
fn fitting(follows: &Follows, server: u16, level: bool) -> Rights {
    let held = follows.rights.get(&server).copied().unwrap_or_default();
    if level {
        held.without(Rights::OWNER)
    } else {
        held.without(Rights::CREATE)
    }
}

/// One more server for the list.
#[component]
fn Another(servers: RwSignal<Vec<u16>>, list: RwSignal<List>, level: bool) -> impl IntoView {
    let id = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let add = move || match id.get_untracked().trim().parse::<u16>() {
        Ok(server) if (1..u16::MAX).contains(&server) => {
            wrong.set(None);
            id.set(String::new());
            servers.update(|servers| {
                if !servers.contains(&server) {
                    servers.push(server);
                }
            });
            list.update(|list| {
                let begin = if level { Rights::CREATE } else { Rights::READ };
                list.get_or_insert_with(server, || begin);
            });
        }
        _ => wrong.set(Some("A short server id is a number from 1 to 65534.".into())),
    };
    // Enter in the field adds the server and does not write.
    let key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    view! {
        <div class="access-another" on:keydown=key>
            <Field id="access-another" label="Another server" value=id error=wrong code=true hint="Its short server id on the device." />
            <Button icon="plus" on_press=Callback::new(move |()| add())>"Add it to the list"</Button>
        </div>
    }
}

/// Asks the server what would follow whenever the list changes.
fn ask_what_follows(
    device: Device,
    path: Path,
    own: Option<u16>,
    list: RwSignal<List>,
    follows: RwSignal<Follows>,
) {
    let waiting = StoredValue::new(None::<Timeout>);
    let turn = StoredValue::new(0_u32);
    Effect::new(move |before: Option<()>| {
        let wanted = list.get();
        let number = turn.get_value().wrapping_add(1);
        turn.set_value(number);
        let ask = move || {
            fetch(device, path, own, &wanted).then(move |answer| {
                if turn.try_get_value() == Some(number) {
                    follows.set(following(answer));
                }
            });
        };
        let pause = if before.is_none() { 0 } else { PAUSE };
        waiting.set_value(Some(Timeout::new(pause, ask)));
    });
}

fn fetch(device: Device, path: Path, own: Option<u16>, list: &List) -> Asked<JsonValue> {
    let letters = list
        .iter()
        .map(|(server, rights)| (server.to_string(), rights.to_string().into()));
    let mut body = Object::new();
    body.insert("path".into(), path.to_string().into());
    body.insert("list".into(), JsonValue::Object(letters.collect()));
    if let Some(own) = own {
        body.insert("short_server_id".into(), own.into());
    }
    let body = JsonValue::Object(body).to_string();
    let address = device.path("/access/preview");
    device.api().json(Method::POST, &address, Some(body))
}

fn following(answer: Answer<JsonValue>) -> Follows {
    match answer {
        Ok(answer) => read(&answer),
        Err(failure) => Follows {
            refused: Some(failure.to_string().trim_end_matches('.').to_owned()),
            ..Follows::default()
        },
    }
}

fn read(answer: &JsonValue) -> Follows {
    let warnings = answer["warnings"].as_array().into_iter().flatten();
    let rights = answer["rights"].as_object().into_iter().flatten();
    Follows {
        refused: answer["refused"].as_str().map(str::to_owned),
        warnings: warnings
            .filter_map(|words| Some(words.as_str()?.to_owned()))
            .collect(),
        rights: rights
            .filter_map(|(server, letters)| {
                let letters = letters.as_str()?.trim_matches('-');
                Some((server.parse().ok()?, Rights::from_letters(letters)?))
            })
            .collect(),
    }
}

/// The Write of the whole list, so that who is left out is removed.
fn written(entry: u16, list: &List) -> OperationRequest {
    let values = list
        .iter()
        .map(|(server, rights)| (server.to_string(), rights.bits().into()));
    let mut wanted = request(OperationKind::Write, Path::resource(2, entry, 2));
    wanted.value = Some(JsonValue::Object(values.collect()));
    wanted
}

/// What the device holds now, so that the page shows what it says and not what it was told.
fn read_back(device: Device, entry: Path, loader: Loader<DeviceAccess>) {
    device.operate(&request(OperationKind::Read, entry), move |ended| {
        if ended.done().is_none() {
            device.say(&ended.outcome);
        }
        loader.again();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_list_is_written_as_the_sums_of_rights() {
        let list = List::from([(0, Rights::READ), (102, Rights::READ.with(Rights::WRITE))]);
        let wanted = written(5, &list);
        assert_eq!(wanted.path, Some(Path::resource(2, 5, 2)));
        let json = wanted.value.unwrap_or_default().to_string();
        assert_eq!(json, r#"{"0":1,"102":3}"#);
    }

    #[test]
    fn what_follows_is_read_as_far_as_it_can_be() {
        let answer = shared::json::parse(
            br#"{"refused":null,"warnings":["a"],"rights":{"101":"RW","102":"-","x":"R"},"operations":[]}"#,
        )
        .expect("the test's JSON is JSON");
        let follows = read(&answer);
        assert_eq!(follows.refused, None);
        assert_eq!(follows.warnings, ["a"]);
        assert_eq!(
            follows.rights,
            List::from([(101, Rights::READ.with(Rights::WRITE)), (102, Rights::NONE)])
        );
    }
}
