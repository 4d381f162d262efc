"""Who you are and where you stand: people, workspaces, access and the vault."""

VERSION = "0.1.0"
