use mcp_sansio::{StateContext, open_state, seal_state};

/// The number, sealed as a server's state and opened again.
///
/// # Panics
///
/// If what was sealed cannot be opened.
pub fn sealed(number: u32) -> u32 {
    let (key, nonce, now) = ([7; 32], [9; 24], 1_790_000_000);
    let context = StateContext {
        principal: Some("alice"),
        method: "tools/call",
        params: Some(br#"{"name":"double"}"#),
    };
    let state = seal_state(&key, &nonce, &context, now + 60, &number.to_le_bytes());
    let opened = open_state(&key, &context, now, &state).expect("it is as it was");
    u32::from_le_bytes(opened.try_into().expect("a number has four bytes"))
}
