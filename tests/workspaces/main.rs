//! Other people's workspaces; filled in next.
