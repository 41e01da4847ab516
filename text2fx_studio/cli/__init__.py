"""The command line: one file per subcommand; never imports Qt."""
