//! End-to-end tests of apitap.
