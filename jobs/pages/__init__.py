"""What pages show, gathered and put into words: between the rows and the templates."""
