// For a page with iframes of ours: gives each the height that it asks for.
window.addEventListener("message", ({ data, source }) => {
  if (data?.kind !== "mirnet-height") return;
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow === source) frame.style.height = `${data.height}px`;
  }
});
