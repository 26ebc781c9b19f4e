"""Calls a tool without any event loop: `python blocking.py URL`."""

import sys

import mcp_sansio.sync


def main(url: str) -> None:
    with mcp_sansio.sync.connect(url) as client:
        result = client.call_tool("echo", {"text": "hello"})
        print(result["content"][0]["text"])


if __name__ == "__main__":
    main(sys.argv[1])
