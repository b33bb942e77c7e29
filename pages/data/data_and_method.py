"""Where every figure comes from, and how the index is made."""

from views.data_and_method import accessibility, audit, datastore, method, sources, words
from views.kit.doors import tabs

tabs(
    "data_and_method",
    {
        "data_and_method": sources.page,
        "audit": audit.page,
        "datastore": datastore.page,
        "method": method.page,
        "glossary": words.page,
        "accessibility": accessibility.page,
    },
)
