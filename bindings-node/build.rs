//! What a Node addon has to tell the linker.

fn main() {
    napi_build::setup();
}
