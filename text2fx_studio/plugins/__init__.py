"""Other makers' plugins: found, hosted and searched in processes of their own."""
