"""One file for each page, run by Streamlit as a script."""
