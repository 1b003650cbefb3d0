# The walkthrough as a container: docs/servers.md says how to run it.
FROM python:3.11-slim-bookworm

RUN useradd --uid 1000 --create-home mirnet
# For --workers.
RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/mirnet
COPY pyproject.toml README.md LICENSE mirnet_explainer.py mirnet_packages.py ./
COPY model model
COPY embedded embedded
COPY explain explain
COPY lessons lessons
RUN pip install --no-cache-dir ".[heic]" && rm -rf build *.egg-info model embedded explain lessons mirnet_*.py

USER mirnet
WORKDIR /tmp
# Nothing is written outside /tmp, so the container may be read-only.
ENV HOME=/tmp TF_CPP_MIN_LOG_LEVEL=3 PYTHONUNBUFFERED=1 STREAMLIT_SERVER_BASE_URL_PATH=
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s CMD ["python", "-c", "import os, urllib.request; path = os.environ['STREAMLIT_SERVER_BASE_URL_PATH'].strip('/'); urllib.request.urlopen('http://127.0.0.1:8501/' + path + '/_stcore/health' if path else 'http://127.0.0.1:8501/_stcore/health')"]
ENTRYPOINT ["mirnet", "app", "--no-browser", "--host", "0.0.0.0", "--port", "8501"]
