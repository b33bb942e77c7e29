"""The publishers, played by a local HTTP server.

server   answers as told: whole, cut short, dripping, refusing, redirecting
portal   an ArcGIS service with pages, honest or lying
corpus   every bad download we know of, with what must come of it
"""
