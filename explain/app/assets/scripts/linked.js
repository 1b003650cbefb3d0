export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  showHtml(host, data.html);
  return handLinks(host, setTriggerValue);
}
