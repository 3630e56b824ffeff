"""The console's pages, one page one file. Each has `routes(console)`."""
