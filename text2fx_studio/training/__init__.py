"""How the bundled encoder was made, end to end."""
