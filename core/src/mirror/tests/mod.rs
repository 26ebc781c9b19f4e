mod param;
mod random;
mod schema;
mod tools;

use alloc::boxed::Box;

use super::Mirrored;

fn mirrored(path: &[&str], header: &str) -> Mirrored {
    Mirrored {
        path: path.iter().copied().map(Box::from).collect(),
        header: header.into(),
    }
}
