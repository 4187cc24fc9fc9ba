//! Tables, trees and tabs.

use super::specimen;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Badge, Button, Sort, SortHead, StateBadge, TabItem, Tabs, Tone};
use shared::DeviceState;

pub(super) fn all() -> View {
    view! {
        {specimen("Table", table())}
        {specimen("Wide table", wide())}
        {specimen("Sortable heads", heads())}
        {specimen("Tree", tree())}
        {specimen("Tabs", tabs())}
    }
}

/// Rows stack where it is narrow.
fn table() -> View {
    let row = |name: &'static str, state: DeviceState, size: &'static str| {
        view! {
            <tr data-row="">
                <td data-label="Name"><a class="link mono" href="/gallery">{name}</a></td>
                <td data-label="State"><StateBadge state=state /></td>
                <td class="num" data-label="Size">{size}</td>
                <td class="row-actions"><Button small=true kind="danger" icon="trash" label=format!("Remove {name}") /></td>
            </tr>
        }
    };
    view! {
        <table class="table stacked" aria-label="A table">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"Size"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                {row("urn:dev:1", DeviceState::Online, "1,204")}
                {row("urn:dev:2", DeviceState::Late, "80")}
            </tbody>
        </table>
    }
}

/// One that cannot stack scrolls in a region of its own, which the keyboard reaches.
fn wide() -> View {
    let columns = 1..=12;
    let head = columns
        .clone()
        .map(|column| view! { <th scope="col" class="num">{format!("Column {column}")}</th> });
    let cells = columns.map(|column| view! { <td class="num">{(column * 1111).to_string()}</td> });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="A table that is wide">
            <table class="table">
                <thead><tr>{head.collect_view()}</tr></thead>
                <tbody><tr>{cells.collect_view()}</tr></tbody>
            </table>
        </div>
    }
}

fn heads() -> View {
    let sort = RwSignal::new(Sort::parse("-seen"));
    let pressed = Callback::new(move |next: Sort| sort.set(next));
    view! {
        <div role="table" aria-label="Heads that sort">
            <div role="row" class="bar">
                <SortHead label="Name" column="name" sort=sort on_sort=pressed />
                <SortHead label="Last seen" column="seen" sort=sort on_sort=pressed large_first=true />
                <SortHead label="Battery" column="battery" sort=sort on_sort=pressed num=true />
            </div>
        </div>
    }
}

/// The look of the object browser; its keys are the browser's own.
fn tree() -> View {
    let row = |level: &'static str,
               kind: &'static str,
               name: &'static str,
               path: &'static str,
               value: View| {
        view! {
            <tr role="row" class=format!("level-{level} {kind}") aria-level=level>
                <td role="gridcell" class="name"><span class="name-line"><span class="name-text">{name}</span></span></td>
                <td role="gridcell" class="path">{path}</td>
                <td role="gridcell" class="value">{value}</td>
            </tr>
        }
    };
    view! {
        <table class="tree" role="treegrid" aria-label="A tree">
            <thead>
                <tr role="row">
                    <th role="columnheader" scope="col">"Name"</th>
                    <th role="columnheader" scope="col">"Path"</th>
                    <th role="columnheader" scope="col">"Value"</th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                {row("1", "is-object", "Device", "/3", View::Empty)}
                {row("2", "is-instance", "Instance 0", "/3/0", View::Empty)}
                {row("3", "", "Battery Level", "/3/0/9", view! { <span class="value-text">"80"</span><span class="unit">"%"</span> })}
                {row("3", "unconfirmed", "UTC Offset", "/3/0/14", view! { <span class="value-text">"+02:00"</span> })}
                {row("3", "", "Serial Number", "/3/0/2", view! { <span class="quiet">"not read yet"</span> })}
            </tbody>
        </table>
    }
}

fn tabs() -> View {
    let router = expect_context::<Router>();
    let chosen = router.param("tab");
    let items = ["First", "Second", "Third"].map(|label| TabItem {
        id: label,
        label,
        href: format!("/gallery?tab={label}"),
    });
    let selected = Signal::derive(move || match chosen.get().as_deref() {
        Some("Second") => "Second",
        Some("Third") => "Third",
        _ => "First",
    });
    view! {
        <Tabs label="Some tabs" items=items.to_vec() selected=selected />
        <section role="tabpanel" id="panel" aria-labelledby=move || format!("tab-{}", selected.get())>
            <Badge text="The panel of the tab" tone=Tone::Accent />
        </section>
    }
}
