"""HTTP to addresses that tenants supply."""
