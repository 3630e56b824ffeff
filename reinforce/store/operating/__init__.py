"""Migrations, copies, locks, heartbeats, the audit log, the workspace itself."""
