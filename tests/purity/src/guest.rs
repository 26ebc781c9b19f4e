//! What a program without an operating system brings itself, and what it exports.

use core::panic::PanicInfo;

use mcp_sansio::Version;

#[cfg(target_family = "wasm")]
#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// It has nothing to give: there the program is only linked, to see that it can be.
#[cfg(target_os = "none")]
#[global_allocator]
static MEMORY: linked_list_allocator::LockedHeap = linked_list_allocator::LockedHeap::empty();

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    loop {}
}

/// Twice the number, by a tool of a server that speaks a revision with sessions.
#[expect(unsafe_code, reason = "the name of an export is nobody else's")]
#[unsafe(no_mangle)]
extern "C" fn double_legacy(number: u32) -> u32 {
    crate::double(Version::V2025_11_25, number)
}

/// The same by the revision without.
#[expect(unsafe_code, reason = "the name of an export is nobody else's")]
#[unsafe(no_mangle)]
extern "C" fn double_modern(number: u32) -> u32 {
    crate::double(Version::V2026_07_28, number)
}

/// The number again, after it was a sealed state.
#[expect(unsafe_code, reason = "the name of an export is nobody else's")]
#[unsafe(no_mangle)]
extern "C" fn sealed(number: u32) -> u32 {
    crate::sealed(number)
}
