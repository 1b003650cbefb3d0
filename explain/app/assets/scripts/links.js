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
    oneStepBack();
    setTriggerValue("open", link.getAttribute("href"));
  };
  host.addEventListener("click", open);
  return () => host.removeEventListener("click", open);
}

// On the way to another page Streamlit first writes the new page's query to the page in hand, and then the new address.
// For the browser these are two steps, and "back" would lead to a view that nobody has seen: the second replaces the first.
const SOON = 10_000;  // milliseconds within which both come, on a busy computer too

function oneStepBack() {
  const way = history.oneStepBack ??= watchedHistory();
  way.query = null;
  way.until = performance.now() + SOON;
}

function watchedHistory() {
  const way = {}, push = history.pushState;
  history.pushState = function (state, title, address) {
    const to = new URL(address ?? "", location.href), leaves = to.pathname !== location.pathname;
    const second = leaves && to.search === way.query && performance.now() < way.until;
    way.query = leaves ? null : to.search;
    (second ? history.replaceState : push).call(history, state, title, address);
  };
  return way;
}
