//! Several paths in one message: read, written or observed together. LwM2M Core 1.2 §6.3.8 to §6.4.6.
//!
//! What is picked can be saved by name, for oneself or for everybody.

use super::super::operate::request;
use super::super::store::Device;
use super::Browser;
use super::ask::{AskForm, Sending};
use super::draft::Draft;
use super::editor::DraftEditor;
use super::options::{Options, OptionsFields};
use super::tree::name_of;
use crate::dom::prelude::*;
use crate::reactive::Owner;
use crate::ui::{Button, Dialog, Icon, Load, Loader, Tone, load};
use crate::words::lower;
use shared::Path;
use shared::api::{
    ObservationList, OperationKind, OperationRequest, PathSet, PathSetList, PathSetRequest, Role,
};
use shared::json::Object;
use shared::sort::sort_dedup;
use shared::text::holds;

/// How many paths are offered at once; the filter finds the others.
const OFFERED: usize = 40;

/// The dialog and the button that opens it.
#[component]
pub(super) fn Composite() -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let open = browser.composing();
    device.may(Role::Support).then(|| {
        view! {
            <Button small=true icon="list" on_press=Callback::new(move |()| open.set(true))>"Several together…"</Button>
            <Dialog open=open title="Several paths in one message" wide=true>
                <Builder open=open />
            </Dialog>
        }
    })
}

#[component]
fn Builder(open: RwSignal<bool>) -> impl IntoView {
    let device = expect_context::<Device>();
    let picked = RwSignal::new(Vec::<Path>::new());
    let op = RwSignal::new(OperationKind::ReadComposite);
    let drafts = RwSignal::new(Vec::<Draft>::new());
    let options = Options::new();
    let sending = Sending::closing(open);
    // A draft keeps what was typed while others are picked and taken away: it belongs to all of this, not to one choice.
    let owner = Owner::current();
    Effect::new(move |_| {
        let paths = picked.get();
        drafts.update(|drafts| {
            drafts.retain(|draft| paths.contains(&draft.path()));
            for path in paths {
                if path.depth() >= 3 && !drafts.iter().any(|draft| draft.path() == path) {
                    let draft = || Draft::new(device, path, false);
                    drafts.push(owner.map_or_else(draft, |owner| owner.with(draft)));
                }
            }
        });
    });
    let wanted = Signal::derive(move || {
        let request = drafts.with(|drafts| wanted(op.get(), &picked.get(), drafts));
        options.applied(request.map_err(Some)?)
    });
    let choice = move |kind: OperationKind, word: &'static str, least: Role| {
        device.may(least).then(|| {
            view! {
                <label>
                    <input type="radio" name="together" prop:checked=move || op.get() == kind on:change=move |_| op.set(kind) />
                    <span>{word}</span>
                </label>
            }
        })
    };
    let row = move |draft: Draft| {
        let path = draft.path().to_string();
        let id = format!("together{}", path.replace('/', "-"));
        view! {
            <div class="form-row">
                <p>{draft.name()}" "<span class="mono quiet">{path}</span></p>
                <DraftEditor draft=draft id=id tried=sending.tried />
            </div>
        }
    };
    view! {
        <AskForm sending=sending wanted=wanted word="Send">
            <Sets picked=picked />
            <fieldset class="segments composite-op">
                <legend>"What to do"</legend>
                {choice(OperationKind::ReadComposite, "Read", Role::Support)}
                {choice(OperationKind::WriteComposite, "Write", Role::Operator)}
                {choice(OperationKind::ObserveComposite, "Observe", Role::Support)}
            </fieldset>
            <Picker picked=picked />
            <Show when=move || op.get() == OperationKind::WriteComposite>
                <div class="form-rows">
                    <For each=move || drafts.get() key=|draft| draft.path() children=row />
                </div>
            </Show>
            <OptionsFields options=options />
            <Running />
        </AskForm>
    }
}

/// The request for what is picked.
///
/// # Errors
/// What is missing, in words.
fn wanted(op: OperationKind, picked: &[Path], drafts: &[Draft]) -> Result<OperationRequest, String> {
    if picked.is_empty() {
        return Err("Pick at least one path.".into());
    }
    let mut wanted = request(op, Path::ROOT);
    wanted.path = None;
    if op != OperationKind::WriteComposite {
        wanted.paths = picked.to_vec();
        return Ok(wanted);
    }
    if let Some(path) = picked.iter().find(|path| path.depth() < 3) {
        return Err(format!(
            "{path} is no resource; pick the resources in it to write them together."
        ));
    }
    let mut value = Object::new();
    for draft in drafts {
        let typed = draft
            .value()
            .map_err(|words| format!("{}: {words}", draft.path()))?;
        value.insert(draft.path().to_string(), typed);
    }
    wanted.value = Some(shared::api::JsonValue::Object(value));
    Ok(wanted)
}

/// The paths that can be picked: instances and resources by the models, and what is known.
fn offered(device: Device) -> Vec<(Path, String)> {
    let mut paths: Vec<Path> = device.values(|values| values.keys().copied().collect());
    let mut instances = device.registered();
    instances.retain(|path| path.depth() == 2);
    device.models(|models| {
        for instance in instances {
            paths.push(instance);
            let model = instance.object_id().and_then(|object| models.object(object));
            for resource in model.iter().flat_map(|model| &model.resources) {
                if !resource.operations.execute {
                    paths.extend(instance.child(resource.id));
                }
            }
        }
        sort_dedup(&mut paths);
        let named = |path| (path, name_of(models, path).unwrap_or_default());
        paths.into_iter().map(named).collect()
    })
}

#[component]
fn Picker(picked: RwSignal<Vec<Path>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let filter = RwSignal::new(String::new());
    let all = Memo::new(move |_| offered(device));
    let fitting = Memo::new(move |_| {
        let text = lower(filter.get().trim());
        let picked = picked.get();
        let mut fitting = all.get();
        fitting.retain(|(path, name)| {
            !picked.contains(path) && (holds(&path.to_string(), &text) || holds(&lower(name), &text))
        });
        fitting
    });
    // A path that nothing lists may be picked too.
    let typed = move || {
        let path = filter.get().trim().parse::<Path>().ok()?;
        let is_new = path.depth() > 0
            && !picked.with(|picked| picked.contains(&path))
            && !fitting.with(|all| all.iter().any(|(known, _)| *known == path));
        is_new.then(|| offer(picked, path, "As typed".into()))
    };
    let listed = move || {
        let mut listed = fitting.get();
        listed.truncate(OFFERED);
        listed
    };
    view! {
        <div class="picker">
            <div class="field">
                <label for="pick">"Paths"</label>
                <input
                    id="pick"
                    class="input"
                    type="search"
                    autocomplete="off"
                    placeholder="Name or path, such as battery or /3/0/9"
                    prop:value=move || filter.get()
                    on:input=move |event| filter.set(event_target_value(&event))
                />
            </div>
            <ul class="picked" aria-label="Picked">
                <For
                    each=move || picked.get()
                    key=|path| *path
                    children=move |path| pick(device, picked, path)
                />
            </ul>
            <ul class="offers" tabindex="0" aria-label="Paths to choose from">
                {typed}
                <For
                    each=listed
                    key=|(path, _)| *path
                    children=move |(path, name)| offer(picked, path, name)
                />
            </ul>
            <p class="note">{move || {
                let more = fitting.with(Vec::len).saturating_sub(OFFERED);
                (more > 0).then(|| format!("{more} more; type to find them."))
            }}</p>
        </div>
    }
}

/// A path that is picked, with a button that leaves it out.
fn pick(device: Device, picked: RwSignal<Vec<Path>>, path: Path) -> View {
    let leave = move |_| picked.update(|picked| picked.retain(|known| *known != path));
    view! {
        <li class="chip on">
            <span class="mono">{path.to_string()}</span>
            {device.name(path)}
            <button type="button" class="btn quiet bare s" aria-label=format!("Leave {path} out") on:click=leave>
                <Icon name="cross" />
            </button>
        </li>
    }
}

/// A path that can be picked.
#[inline(never)]
fn offer(picked: RwSignal<Vec<Path>>, path: Path, name: String) -> View {
    let pick = move |_| picked.update(|picked| picked.push(path));
    view! {
        <li>
            <button type="button" class="btn quiet s" on:click=pick>
                <Icon name="plus" />
                <span class="visually-hidden">"Pick "</span>
                <span class="cut">{name}</span>
                " "
                <span class="mono">{path.to_string()}</span>
            </button>
        </li>
    }
}

/// The saved sets: taken up, saved, removed.
#[component]
fn Sets(picked: RwSignal<Vec<Path>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let loader = load(move || device.api().get::<PathSetList>("/path-sets"));
    let saving = RwSignal::new(false);
    let sets = Memo::new(move |_| {
        loader.state.with(|state| match state {
            Load::Ready(list) => list.items.clone(),
            _ => Vec::new(),
        })
    });
    let row = move |set: PathSet| {
        let whose = set.shared.then(|| view! { " · shared by "{set.owner} });
        let label = format!("Forget the set {}", set.name);
        let count = set.paths.len();
        view! {
            <li class="chip">
                <button type="button" class="set-name" on:click=move |_| picked.set(set.paths.clone())>{set.name}</button>
                <span class="quiet">{count}{whose}</span>
                <button type="button" class="btn quiet bare s" aria-label=label on:click=move |_| forget(device, loader, set.id)>
                    <Icon name="trash" />
                </button>
            </li>
        }
    };
    view! {
        <div class="sets">
            <span class="label">"Saved sets"</span>
            <ul aria-label="Saved sets">
                <For each=move || sets.get() key=|set| (set.id, set.paths.clone(), set.shared) children=row />
            </ul>
            {move || sets.with(Vec::is_empty).then_some("None yet. ")}
            <Show when=move || !saving.get() fallback=move || view! { <Save picked=picked loader=loader saving=saving /> }>
                <Button small=true disabled=Signal::derive(move || picked.with(Vec::is_empty)) on_press=Callback::new(move |()| saving.set(true))>"Save these…"</Button>
            </Show>
        </div>
    }
}

fn forget(device: Device, loader: Loader<PathSetList>, id: i64) {
    let asked = device.api().delete(&format!("/path-sets/{id}"));
    asked.then(move |answer| {
        if device.is_gone() {
            return;
        }
        if let Err(failure) = answer {
            device
                .toasts()
                .say(Tone::Bad, format!("The set was not removed: {failure}"));
        }
        loader.again();
    });
}

#[component]
fn Save(picked: RwSignal<Vec<Path>>, loader: Loader<PathSetList>, saving: RwSignal<bool>) -> impl IntoView {
    let device = expect_context::<Device>();
    let name = RwSignal::new(String::new());
    let shared = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let save = Callback::new(move |()| {
        let request = PathSetRequest {
            name: name.get_untracked(),
            paths: picked.get_untracked(),
            shared: shared.get_untracked(),
        };
        busy.set(true);
        let asked = device.api().post::<PathSet>("/path-sets", &request);
        asked.then(move |answer| {
            if device.is_gone() {
                return;
            }
            // The dialog may have been closed meanwhile.
            let _ = busy.try_set(false);
            let toasts = device.toasts();
            match answer {
                Ok(set) => {
                    toasts.say(Tone::Good, format!("Saved as “{}”", set.name));
                    let _ = saving.try_set(false);
                    loader.again();
                }
                Err(failure) => toasts.say(Tone::Bad, format!("Not saved: {failure}")),
            }
        });
    });
    view! {
        <span class="save-set">
            <input class="input" aria-label="Name of the set" maxlength="80" prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event)) />
            <label class="choice">
                <input type="checkbox" prop:checked=move || shared.get() on:change=move |event| shared.set(event_target_checked(&event)) />
                "For everybody"
            </label>
            <Button small=true kind="primary" busy=busy on_press=save>"Save"</Button>
        </span>
    }
}

/// What is observed together, with an end to it.
#[component]
fn Running() -> impl IntoView {
    let device = expect_context::<Device>();
    let loader = load(move || {
        device.waiting(|_| ());
        device.get::<ObservationList>("/observations")
    });
    let together = Memo::new(move |_| {
        loader.state.with(|state| match state {
            Load::Ready(list) => {
                let several = list.items.iter().filter(|one| !one.paths.is_empty());
                several.map(|one| one.paths.clone()).collect()
            }
            _ => Vec::<Vec<Path>>::new(),
        })
    });
    let row = move |paths: Vec<Path>| {
        let words: Vec<String> = paths.iter().map(Path::to_string).collect();
        let words = words.join(", ");
        let stop = Callback::new(move |()| {
            let mut wanted = request(OperationKind::CancelObserve, Path::ROOT);
            wanted.path = None;
            wanted.paths = paths.clone();
            device.operate(&wanted, move |ended| {
                device.say(&ended.outcome);
                loader.again();
            });
        });
        view! { <li><span class="mono">{words}</span><Button small=true on_press=stop>"Stop observing"</Button></li> }
    };
    view! {
        <Show when=move || !together.with(Vec::is_empty)>
            <div class="running">
                <span class="label">"Observed together now"</span>
                <ul><For each=move || together.get() key=Vec::clone children=row /></ul>
            </div>
        </Show>
    }
}
