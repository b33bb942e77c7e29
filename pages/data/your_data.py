"""What a reader brings or keeps: places, figures, postcodes, saved work."""

from serving.settings import settings
from views.kit.doors import tabs
from views.your_data import own_work, postcodes
from views.your_data.page import page

offered = {"your_data": page} if settings().uploads.allowed else {}
tabs("your_data", offered | {"postcodes": postcodes.page, "saved_work": own_work.page})
