"""Who you are and where you stand: people, workspaces, access and the vault."""
