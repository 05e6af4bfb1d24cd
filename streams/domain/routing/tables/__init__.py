"""Tables that rules look at: compiled once from their documents, asked for every order. Pure."""
