"""What a visitor brings: figures by area and places of help, read and checked."""
