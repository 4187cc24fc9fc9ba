//! The users, for administrators.

use super::remove::{Removal, Remove};
use super::{open_while_chosen, role_options};
use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::params::encode_segment;
use crate::reactive::spawn_local;
use crate::routing::Router;
use crate::session::Session;
use crate::ui::{Ago, Badge, Button, Dialog, Field, Icon, Load, Select, Toasts, Told, Tone, load, loaded};
use crate::words::counted;
use shared::api::{NewUser, PasswordSet, ResetPassword, Role, UserList, UserPatch, UserView};

/// What a dialog is open for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Task {
    Add,
    Role(UserView),
    Password(String),
}

impl Task {
    fn title(&self) -> String {
        match self {
            Task::Add => "Add a user".into(),
            Task::Role(user) => format!("The role of {}", user.name),
            Task::Password(name) => format!("A new password for {name}"),
        }
    }
}

#[derive(Clone, Copy)]
struct Actions {
    task: RwSignal<Option<Task>>,
    removal: RwSignal<Option<Removal>>,
    changed: Callback<()>,
}

#[component]
pub(super) fn Users() -> impl IntoView {
    let api = expect_context::<Api>();
    let users = load(move || async move { api.get::<UserList>("/users").await });
    let actions = Actions {
        task: RwSignal::new(None),
        removal: RwSignal::new(None),
        changed: Callback::new(move |()| users.again()),
    };
    provide_context(actions);
    expect_context::<Router>().on_asked("add", move || actions.task.set(Some(Task::Add)));
    let open = open_while_chosen(actions.task);
    let title = Signal::derive(move || {
        actions
            .task
            .with(|task| task.as_ref().map(Task::title).unwrap_or_default())
    });
    let total = move || {
        users.state.with(|state| match state {
            Load::Ready(list) => counted(list.items.len() as u64, "user", "users"),
            _ => String::new(),
        })
    };
    view! {
        <div class="bar list-bar">
            <span class="muted" role="status">{total}</span>
            <div class="end">
                <Button kind="primary" icon="plus" on_press=Callback::new(move |()| actions.task.set(Some(Task::Add)))>"Add a user"</Button>
            </div>
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="Users">
            {loaded(users, "The users could not be read", move |list| table(&list, actions))}
        </div>
        <Dialog open=open title=title>
            {match actions.task.get_untracked() {
                None => View::Empty,
                Some(Task::Add) => view! { <Add /> },
                Some(Task::Role(user)) => view! { <ChangeRole user=user /> },
                Some(Task::Password(name)) => view! { <Reset name=name /> },
            }}
        </Dialog>
        <Remove chosen=actions.removal changed=actions.changed />
    }
}

fn table(list: &UserList, actions: Actions) -> View {
    view! {
        <table class="table stacked" aria-label="Users">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Last log-in"</th>
                    <th scope="col" class="num">"Sessions"</th>
                    <th scope="col">"Since"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{list.items.iter().map(|user| row(user, actions)).collect_view()}</tbody>
        </table>
    }
}

fn row(user: &UserView, actions: Actions) -> View {
    let own = expect_context::<Session>()
        .account()
        .is_some_and(|own| own.username == user.name);
    let name = user.name.clone();
    let (with_role, with_password, removed) = (user.clone(), name.clone(), name.clone());
    let role = Callback::new(move |()| actions.task.set(Some(Task::Role(with_role.clone()))));
    let password = Callback::new(move |()| actions.task.set(Some(Task::Password(with_password.clone()))));
    let remove = Callback::new(move |()| {
        actions.removal.set(Some(Removal {
            title: format!("Remove {removed}"),
            text: format!(
                "{removed} cannot log in any more, the sessions end at once, and the links that {removed} gave out hold no more. \
                 What the audit log says of {removed} stays."
            ),
            button: "Remove",
            path: format!("/users/{}", encode_segment(&removed)),
            done: format!("{removed} was removed"),
        }));
    });
    let never = user.logged_in.is_none();
    view! {
        <tr data-row="">
            <td data-label="Name" class="wrap">
                <span><b>{name.clone()}</b>{own.then(|| view! { " " <span class="muted">"(you)"</span> })}</span>
            </td>
            <td data-label="Role"><span data-tip=user.role.meaning() tabindex="0">{role_badge(user.role)}</span></td>
            <td data-label="Last log-in">
                {if never { view! { <span class="muted">"Never"</span> } } else { view! { <Ago at=user.logged_in focusable=true /> } }}
            </td>
            <td data-label="Sessions" class="num">{user.sessions.to_string()}</td>
            <td data-label="Since"><Ago at=Some(user.created) focusable=true /></td>
            <td class="row-actions">
                <Button small=true icon="edit" label=format!("Change the role of {name}") on_press=role />
                <Button small=true icon="key" label=format!("Give {name} a new password") on_press=password />
                <Button small=true kind="danger" icon="trash" label=format!("Remove {name}") on_press=remove />
            </td>
        </tr>
    }
}

/// A role as a word that stands out the more it may.
pub(super) fn role_badge(role: Role) -> View {
    let tone = match role {
        Role::Viewer | Role::Support => Tone::Plain,
        Role::Operator => Tone::Accent,
        Role::Admin => Tone::Warning,
    };
    view! { <Badge text=role.word() tone=tone /> }
}

/// The choice of a role, with what it means.
#[component]
pub(super) fn RoleChoice(role: RwSignal<String>) -> impl IntoView {
    let meaning = move || Role::from_name(&role.get()).map_or("", Role::meaning);
    view! {
        <div class="stack">
            <Select id="role" label="Role" value=role options=role_options() />
            <p class="role-meaning muted">{meaning}</p>
        </div>
    }
}

#[component]
fn Add() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Support.name().to_owned());
    let name_error = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let made = RwSignal::new(None::<PasswordSet>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let user = NewUser {
            name: name.get_untracked().trim().to_owned(),
            role: Role::from_name(&role.get_untracked()).unwrap_or(Role::Viewer),
            password: Some(password.get_untracked()).filter(|text| !text.is_empty()),
        };
        name_error.set(user.name.is_empty().then(|| "Enter a name.".into()));
        trouble.set(None);
        if user.name.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = api.post::<PasswordSet>("/users", &user).await;
            busy.try_set(false);
            match answer {
                Ok(set) => {
                    actions.changed.run(());
                    if set.generated.is_some() {
                        made.try_set(Some(set));
                    } else {
                        actions.task.try_set(None);
                        toasts.say(Tone::Good, format!("{} was added", set.name));
                    }
                }
                Err(failure) => trouble.set(Some(failure.to_string())),
            }
        });
    };
    let form = move || {
        view! {
            <form class="form" on:submit=submit novalidate=true>
                {move || trouble.get().map(|text| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{text}</p> })}
                <Field id="user-name" label="Name" value=name error=name_error autofocus=true hint="What the person logs in with; the audit log shows it." />
                <RoleChoice role=role />
                <Field id="user-password" label="Password" kind="password" value=password autocomplete="new-password" hint="At least 8 characters. If left empty, one is made up and shown once." />
                <div class="actions">
                    <Button on_press=Callback::new(move |()| actions.task.set(None))>"Cancel"</Button>
                    <Button kind="primary" submit=true busy=busy>"Add"</Button>
                </div>
            </form>
        }
    };
    move || match made.get() {
        None => form(),
        Some(set) => told(set, actions),
    }
}

#[component]
fn ChangeRole(user: UserView) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let role = RwSignal::new(user.role.name().to_owned());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let name = user.name.clone();
        let patch = UserPatch {
            role: Role::from_name(&role.get_untracked()).unwrap_or(Role::Viewer),
        };
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let path = format!("/users/{}", encode_segment(&name));
            let answer = api.tell(Method::PATCH, &path, &patch).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    actions.task.try_set(None);
                    actions.changed.run(());
                    toasts.say(Tone::Good, format!("{name} is now: {}", patch.role.word()));
                }
                Err(failure) => trouble.set(Some(failure.to_string())),
            }
        });
    };
    view! {
        <form class="form" on:submit=submit novalidate=true>
            {move || trouble.get().map(|text| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{text}</p> })}
            <RoleChoice role=role />
            <p class="muted">"The sessions of this user end, so that it counts at once."</p>
            <div class="actions">
                <Button on_press=Callback::new(move |()| actions.task.set(None))>"Cancel"</Button>
                <Button kind="primary" submit=true busy=busy>"Save"</Button>
            </div>
        </form>
    }
}

#[component]
fn Reset(name: String) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let password = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let made = RwSignal::new(None::<PasswordSet>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let path = format!("/users/{}/password", encode_segment(&name));
        let reset = ResetPassword {
            password: Some(password.get_untracked()).filter(|text| !text.is_empty()),
        };
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let answer = api.post::<PasswordSet>(&path, &reset).await;
            busy.try_set(false);
            match answer {
                Ok(set) => {
                    actions.changed.run(());
                    if set.generated.is_some() {
                        made.try_set(Some(set));
                    } else {
                        actions.task.try_set(None);
                        toasts.say(Tone::Good, format!("{} has the new password", set.name));
                    }
                }
                Err(failure) => trouble.set(Some(failure.to_string())),
            }
        });
    };
    let form = move || {
        view! {
            <form class="form" on:submit=submit.clone() novalidate=true>
                {move || trouble.get().map(|text| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{text}</p> })}
                <Field id="user-password" label="Password" kind="password" value=password autocomplete="new-password" autofocus=true hint="If left empty, one is made up and shown once. The user's sessions end." />
                <div class="actions">
                    <Button on_press=Callback::new(move |()| actions.task.set(None))>"Cancel"</Button>
                    <Button kind="primary" submit=true busy=busy>"Set the password"</Button>
                </div>
            </form>
        }
    };
    move || match made.get() {
        None => form(),
        Some(set) => told(set, actions),
    }
}

fn told(set: PasswordSet, actions: Actions) -> View {
    let lines = vec![
        ("Name", set.name),
        ("Password", set.generated.unwrap_or_default()),
    ];
    let done = Callback::new(move |()| actions.task.set(None));
    view! { <Told text="Copy the password now and hand it on: nobody can see it again." lines=lines on_done=done /> }
}
