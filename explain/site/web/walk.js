// An address of the app, `skff/?photo=coffee`, leads to the page of that sample.
const photo = new URLSearchParams(location.search).get("photo");
const link = photo && [...document.querySelectorAll(".switch a")].find((each) => each.getAttribute("data-photo") === photo);
if (link && !link.hasAttribute("aria-current")) location.replace(/** @type {HTMLAnchorElement} */ (link).href);
