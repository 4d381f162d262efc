"""What people do with workspaces and memberships, one verb per function. Each runs in one transaction."""
