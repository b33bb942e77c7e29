"""Where every figure comes from, and how the index is made."""

from views.data_and_method import accessibility, audit, datastore, glossary, method, sources
from views.kit.doors import tabs

tabs(
    "data_and_method",
    {
        "data_and_method": sources.page,
        "audit": audit.page,
        "datastore": datastore.page,
        "method": method.page,
        "glossary": glossary.page,
        "accessibility": accessibility.page,
    },
)
