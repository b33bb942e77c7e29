"""Parts of the pages on help nearby: libraries, what if, where next."""
