"""The I/O around the machines: what `mcp_sansio.connect` and `mcp_sansio.sync.connect` are made of."""
