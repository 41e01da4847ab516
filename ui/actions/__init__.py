"""What a person can do, declared once: menus, buttons and shortcuts come from here."""
