//! `mcp-sansio`: call MCP servers from the command line, and see what becomes of calls to servers that
//! misbehave.

mod args;
mod asked;
mod beside;
mod call;
mod connect;
mod demo;
mod eras;
mod exit;
mod listen;
mod log;
mod misbehave;
mod record;
mod replay;
mod serve;
mod terminal;
mod tools;

use std::process::ExitCode;

use args::Command;
use exit::Trouble;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match args::parse(std::env::args_os()) {
        Ok(command) => command,
        Err(told) => return told.tell().into(),
    };
    let done = match command {
        Command::Call(args) => call::run(args).await,
        Command::Tools(args) => tools::run(args).await,
        Command::Listen(args) => listen::run(args).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Replay(args) => replay::run(&args),
        Command::Demo(args) => demo::run(args).await,
        Command::Misbehave(args) => misbehave::run(args).await,
    };
    done.unwrap_or_else(Trouble::tell).into()
}
