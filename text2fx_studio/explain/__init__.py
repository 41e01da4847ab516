"""What moved and why: what each band and effect contributed, and how sure it is."""
