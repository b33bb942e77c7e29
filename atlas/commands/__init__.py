"""The program's commands for analysts, on the same functions as the pages."""
