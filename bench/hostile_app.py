"""Shows hostile text in every way in which the Atlas's pages show text; for ``bench.hostile``."""

import streamlit as st

from bench.hostile_texts import TEXTS
from views.kit.html import cell, escaped, linked, plain_markdown, table

st.set_page_config(page_title="Hostile text", layout="wide")
parts = []
for index, text in enumerate(TEXTS):
    parts.append(f"<p class='case paragraph n{index}'>{escaped(text)}</p>")
    parts.append(f"<p class='case attribute n{index}' title='{escaped(text)}'>x</p>")
rows = [[cell(text, css=f"case n{index}"), linked(text, f"my_area?ward={text}")]
        for index, text in enumerate(TEXTS)]  # fmt: skip
st.html("".join(parts))
st.html(table("A table", [cell("Cell"), cell("Link")], rows))
for index, text in enumerate(TEXTS):
    st.html(table(escaped(text), [cell(text)], [[cell("x")]], f"caption{index}"))
    st.markdown(plain_markdown(text))
    st.button(f"{plain_markdown(text)}", key=f"button{index}")
    st.warning(plain_markdown(text))
st.text("all shown")
