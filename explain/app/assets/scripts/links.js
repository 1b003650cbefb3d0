// What `linked.js`, `map.js` and `tour.js` share: HTML of ours, whose links are handed to Python, so that the session stays.
function showHtml(host, html) {
  if (host.shown !== html) { host.innerHTML = html; host.shown = html; }
}

function handLinks(host, setTriggerValue) {
  const open = (event) => {
    const link = event.target.closest("a[href]");
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere) return;
    // In another site's frame, a page with all its parts gets a window of its own.
    if (new URLSearchParams(window.location.search).has("embed")) {
      link.setAttribute("target", "_blank");  // also of an SVG's
      return;
    }
    event.preventDefault();
    setTriggerValue("open", link.getAttribute("href"));
  };
  host.addEventListener("click", open);
  return () => host.removeEventListener("click", open);
}
