"""The console: server-rendered pages of one workspace, on this machine only (docs/reference/console.md)."""
