// Keeps the key of the visitor's own photo in this tab's storage, which a reload leaves alone and which no other tab
// and no link gets; and lets no file be sent that is larger than the page takes.
const PLACE = "mirnet-photo";

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const kept = stored();
  if (data.photo) { if (kept !== data.photo) store(data.photo); }
  else if (data.told) { if (kept) store(""); }
  else if (kept || data.asked) setStateValue("known", kept);

  const refuse = (event, files) => {
    const file = [...(files ?? [])].find((each) => each.size > data.most);
    if (!file) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.target instanceof HTMLInputElement) event.target.value = "";
    setTriggerValue("refused", { name: file.name, size: file.size });
  };
  const chosen = (event) => { if (event.target.type === "file") refuse(event, event.target.files); };
  const dropped = (event) => refuse(event, event.dataTransfer?.files);
  parentElement.unwatch?.();  // of the run before: Streamlit tidies up only when the element leaves
  document.addEventListener("change", chosen, true);
  document.addEventListener("drop", dropped, true);
  parentElement.unwatch = () => {
    document.removeEventListener("change", chosen, true);
    document.removeEventListener("drop", dropped, true);
  };
  return parentElement.unwatch;
}

function stored() {
  try { return sessionStorage.getItem(PLACE) ?? ""; } catch { return ""; }  // a browser may forbid it
}

function store(key) {
  try { key ? sessionStorage.setItem(PLACE, key) : sessionStorage.removeItem(PLACE); } catch { /* then not */ }
}
