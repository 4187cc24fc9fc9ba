//! What the server reads besides: the parameters and the object list of registrations, and its configuration.

pub(crate) fn check(data: &[u8]) {
    let [which, bytes @ ..] = data else { return };
    match which % 3 {
        0 => backend::fuzzing::registration_parameters(bytes),
        1 => backend::fuzzing::object_list(bytes),
        _ => backend::fuzzing::configuration(bytes),
    }
}
