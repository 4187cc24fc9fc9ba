//! What the object definitions say: names, types, operations, ranges and units, side by side in all versions.
