"""The ward tables and the questions put to them: pure functions, no Streamlit, no network."""
