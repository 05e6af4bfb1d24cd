"""The rule document: which warehouses serve an order. Its types, its versions, its fields, and documents to begin with."""
