"""The page: Streamlit, one file per view."""
