"""tree -> meaning: views, zones, keys, acls, server lists, tls; effective values with where they came from."""
