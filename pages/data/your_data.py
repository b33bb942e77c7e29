"""What a reader brings: places, figures, postcodes."""

from serving.settings import settings
from views.kit.doors import tabs
from views.your_data import postcodes
from views.your_data.page import page

offered = {"your_data": page} if settings().uploads.allowed else {}
tabs("your_data", offered | {"postcodes": postcodes.page})
