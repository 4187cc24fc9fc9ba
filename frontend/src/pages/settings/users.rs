//! The users, for administrators.

use super::remove::{Removal, Remove};
use crate::api::Method;
use crate::api::{Api, Asked};
use crate::dom::prelude::*;
use crate::params::path_of;
use crate::routing::Router;
use crate::session::Session;
use crate::ui::{
    Button, Deed, Dialog, Field, Form, Select, Toasts, Told, Tone, ago, ago_or_never, badge, load,
    loaded_ref, open_while, owned,
};
use crate::words::{around, counted};
use shared::api::{NewUser, PasswordSet, ResetPassword, Role, UserList, UserPatch, UserView};

/// What a dialog is open for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Task {
    Add,
    Role(String, Role),
    Password(String),
}

impl Task {
    fn title(&self) -> String {
        match self {
            Task::Add => "Add a user".into(),
            Task::Role(name, _) => around("The role of ", name, ""),
            Task::Password(name) => around("A new password for ", name, ""),
        }
    }
}

#[derive(Clone, Copy)]
struct Actions {
    task: RwSignal<Option<Task>>,
    removal: RwSignal<Option<Removal>>,
    /// Closes the dialog.
    close: Callback<()>,
    changed: Callback<()>,
}

#[component]
pub(super) fn Users() -> impl IntoView {
    let api = expect_context::<Api>();
    let users = load(move || api.get::<UserList>("/users"));
    let task = RwSignal::new(None);
    let actions = Actions {
        task,
        removal: RwSignal::new(None),
        close: Callback::new(move |()| task.set(None)),
        changed: Callback::new(move |()| users.again()),
    };
    let add = move || task.set(Some(Task::Add));
    provide_context(actions);
    expect_context::<Router>().on_asked("add", add);
    let open = open_while(task);
    let title = Signal::derive(move || task.with(|task| task.as_ref().map(Task::title).unwrap_or_default()));
    let total = move || users.look(|list| counted(list.items.len() as u64, "user", "users"));
    view! {
        <div class="bar list-bar">
            <span class="muted" role="status">{total}</span>
            <div class="end">
                <Button kind="primary" icon="plus" on_press=Callback::new(move |()| add())>"Add a user"</Button>
            </div>
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="Users">
            {loaded_ref(users, "The users could not be read", move |list| table(list, actions))}
        </div>
        <Dialog open=open title=title>
            {match task.get_untracked() {
                None => View::Empty,
                Some(Task::Add) => view! { <Add /> },
                Some(Task::Role(name, role)) => view! { <ChangeRole name=name role=role /> },
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
    let stored = StoredValue::new((user.name.clone(), user.role));
    let role = Callback::new(move |()| {
        let (name, role) = stored.get_value();
        actions.task.set(Some(Task::Role(name, role)));
    });
    let password = Callback::new(move |()| {
        let (name, _) = stored.get_value();
        actions.task.set(Some(Task::Password(name)));
    });
    let remove = Callback::new(move |()| actions.removal.set(Some(removal(&stored.get_value().0))));
    let name = &*user.name;
    view! {
        <tr data-row="">
            <td data-label="Name" class="wrap">
                <span><b>{Text::from(name)}</b>{own.then(|| view! { " " <span class="muted">"(you)"</span> })}</span>
            </td>
            <td data-label="Role"><span data-tip=user.role.meaning() tabindex="0">{role_badge(user.role)}</span></td>
            <td data-label="Last log-in">{ago_or_never(user.logged_in)}</td>
            <td data-label="Sessions" class="num">{user.sessions.to_string()}</td>
            <td data-label="Since">{ago(user.created)}</td>
            <td class="row-actions">
                <Button small=true icon="edit" label=Text::around("Change the role of ", name, "") on_press=role />
                <Button small=true icon="key" label=Text::around("Give ", name, " a new password") on_press=password />
                <Button small=true kind="danger" icon="trash" label=Text::around("Remove ", name, "") on_press=remove />
            </td>
        </tr>
    }
}

fn removal(name: &str) -> Removal {
    Removal {
        title: around("Remove ", name, ""),
        text: format!(
            "{name} cannot log in any more, the sessions end at once, and the links that {name} gave out hold no more. \
             What the audit log says of {name} stays."
        ),
        button: "Remove",
        path: path_of("/users/", name, ""),
        done: around("", name, " was removed"),
    }
}

/// A role as a word that stands out the more it may.
pub(super) fn role_badge(role: Role) -> View {
    let tone = match role {
        Role::Viewer | Role::Support => Tone::Plain,
        Role::Operator => Tone::Accent,
        Role::Admin => Tone::Warning,
    };
    badge(role.word(), tone, "")
}

/// The choice of a role, with what it means.
#[component]
pub(super) fn RoleChoice(role: RwSignal<String>) -> impl IntoView {
    let meaning = move || Role::from_name(&role.get()).map_or("", Role::meaning);
    let roles = Role::ALL.map(|role| (role.name(), role.word()));
    view! {
        <div class="stack">
            <Select id="role" label="Role" value=role options=owned(&roles) />
            <p class="role-meaning muted">{meaning}</p>
        </div>
    }
}

fn role_of(role: RwSignal<String>) -> Role {
    role.with_untracked(|name| Role::from_name(name))
        .unwrap_or(Role::Viewer)
}

/// A password that was typed; without one the server makes one up.
fn typed(password: RwSignal<String>) -> Option<String> {
    Some(password.get_untracked()).filter(|text| !text.is_empty())
}

#[component]
fn Add() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Support.name().to_owned());
    let name_error = RwSignal::new(None::<String>);
    let setting = Setting::new(" was added");
    let send = Callback::new(move |()| {
        let user = NewUser {
            name: name.get_untracked().trim().to_owned(),
            role: role_of(role),
            password: typed(password),
        };
        name_error.set(user.name.is_empty().then(|| "Enter a name.".into()));
        if setting.deed.may_begin(!user.name.is_empty()) {
            setting.begin(api.post("/users", &user));
        }
    });
    setting.shown(move || {
        view! {
            <Form deed=setting.deed send=send button="Add" cancel=actions.close>
                <Field id="user-name" label="Name" value=name error=name_error autofocus=true hint="What the person logs in with; the audit log shows it." />
                <RoleChoice role=role />
                <Field id="user-password" label="Password" kind="password" value=password autocomplete="new-password" hint="At least 8 characters. If left empty, one is made up and shown once." />
            </Form>
        }
    })
}

#[component]
fn ChangeRole(name: String, role: Role) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let role = RwSignal::new(role.name().to_owned());
    let deed = Deed::new();
    let send = Callback::new(move |()| {
        if deed.may_begin(true) {
            let patch = UserPatch { role: role_of(role) };
            let words = format!("{name} is now: {}", patch.role.word());
            let answer = api.tell(Method::PATCH, &path_of("/users/", &name, ""), &patch);
            deed.begin(answer, move |()| {
                actions.task.set(None);
                actions.changed.run(());
                toasts.say(Tone::Good, words);
            });
        }
    });
    view! {
        <Form deed=deed send=send button="Save" cancel=actions.close>
            <RoleChoice role=role />
            <p class="muted">"The sessions of this user end, so that it counts at once."</p>
        </Form>
    }
}

#[component]
fn Reset(name: String) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let password = RwSignal::new(String::new());
    let setting = Setting::new(" has the new password");
    let send = Callback::new(move |()| {
        if setting.deed.may_begin(true) {
            let reset = ResetPassword {
                password: typed(password),
            };
            setting.begin(api.post(&path_of("/users/", &name, "/password"), &reset));
        }
    });
    setting.shown(move || {
        view! {
            <Form deed=setting.deed send=send button="Set the password" cancel=actions.close>
                <Field id="user-password" label="Password" kind="password" value=password autocomplete="new-password" autofocus=true hint="If left empty, one is made up and shown once. The user's sessions end." />
            </Form>
        }
    })
}

/// A password that is being set: typed, or made up by the server and then shown this once.
#[derive(Clone, Copy)]
struct Setting {
    deed: Deed,
    made: RwSignal<Option<PasswordSet>>,
    /// What is said of the user afterwards.
    done: &'static str,
    actions: Actions,
    toasts: Toasts,
}

impl Setting {
    fn new(done: &'static str) -> Setting {
        Setting {
            deed: Deed::new(),
            made: RwSignal::new(None),
            done,
            actions: expect_context(),
            toasts: expect_context(),
        }
    }

    fn begin(self, answer: Asked<PasswordSet>) {
        self.deed.begin(answer, move |set| {
            self.actions.changed.run(());
            if set.generated.is_some() {
                self.made.set(Some(set));
            } else {
                self.actions.task.set(None);
                self.toasts.say(Tone::Good, around("", &set.name, self.done));
            }
        });
    }

    /// The form, or the password that was made up.
    fn shown(self, form: impl Fn() -> View + 'static) -> View {
        let shown = move || match self.made.get() {
            None => form(),
            Some(set) => {
                let password = set.generated.unwrap_or_default();
                let lines = vec![("Name", set.name), ("Password", password)];
                view! { <Told text="Copy the password now and hand it on: nobody can see it again." lines=lines on_done=self.actions.close /> }
            }
        };
        shown.into_view()
    }
}
