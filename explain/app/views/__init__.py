"""The pages, one folder each; in a folder called `pages` Streamlit would look for pages of its own."""
