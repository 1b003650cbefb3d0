"""Parts of a page that Streamlit does not have: pictures to point at, galleries, downloads."""
