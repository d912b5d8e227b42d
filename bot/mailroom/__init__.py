"""Mail: in by several ways, out by one."""
