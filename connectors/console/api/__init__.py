"""Routes of the console's server, a file a subject; their answers are the contract that the pages are built against."""
