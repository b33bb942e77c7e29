"""What a map shows: classes, colours, legend, and what travels to the browser."""
