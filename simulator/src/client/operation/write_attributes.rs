//! Write-Attributes. LwM2M Core 1.2 §6.3.4.

use super::super::resources::Resources;
use super::Outcome;
use crate::attributes::Target;
use crate::refusal::Refusal;
use coap::Request;
use shared::Path;

pub(super) fn write_attributes(
    resources: &mut Resources,
    path: Path,
    request: &Request,
) -> Result<Outcome, Refusal> {
    resources.require(path)?;
    let target = Target {
        path,
        data_type: resources.tree.definition(path).map(|it| it.data_type),
    };
    let attached = resources.attributes.attached(path);
    let changed = attached.changed_by(request.queries(), target, resources.version)?;
    let above = path.parent().unwrap_or_default();
    changed.inherit(resources.attributes.effective(above)).check()?;
    resources.attributes.attach(path, changed)?;
    Ok(Outcome::changed(Vec::new()))
}
