//! Simulated LwM2M devices.
