"""The pages, one folder each: a module right here would be a page to Streamlit, beside those of `st.navigation`."""
