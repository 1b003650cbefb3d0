// Inside an iframe: tells the host page how high this page is. Streamlit's own pages want it in their words.
if (window.parent !== window) {
  const tell = (message) => window.parent.postMessage(message, "*");
  let before = 0;
  const measure = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (Math.abs(height - before) < 2) return;
    before = height;
    tell({ kind: "mirnet-height", height });
    tell({ isStreamlitMessage: true, type: "streamlit:setFrameHeight", height });
  };
  tell({ isStreamlitMessage: true, type: "streamlit:componentReady", apiVersion: 1 });
  new ResizeObserver(measure).observe(document.documentElement);
}
