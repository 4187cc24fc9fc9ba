//! The server against the simulated client, which is written from the specification and shares nothing with the server
//! but the CoAP endpoint and the codecs. One file for each section of the specification; a test that follows one of the
//! interop test procedures of OMA has its number: `ets_101_…` is LightweightM2M-1.1-int-101.

mod bootstrap;
mod device_management;
mod firmware;
mod formats;
mod gateway;
mod objects;
mod protocol_table;
mod quirks;
mod registration;
mod reporting;
mod scene;
mod security;
mod simulated;
