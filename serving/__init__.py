"""What stands between the internet and the app: limits, headers, readiness and logs.

``serve.py`` puts these around the app; ``serving.toml`` holds their settings, each with its reason.
"""
