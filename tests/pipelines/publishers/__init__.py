"""The publishers, played by a local web server.

web       answers as told: whole, cut short, dripping, refusing, redirecting
services  an ArcGIS service with pages, honest or lying
contents  small published files, sound and not
corpus    every bad download we know of, with what must come of it
"""
