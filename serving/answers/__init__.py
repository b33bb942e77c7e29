"""What is answered beside the app: plain pages, the datastore, redirects, and what went wrong."""
