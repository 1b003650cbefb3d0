// Whether the window is as narrow as a phone, since Streamlit does not tell.
export default function ({ data, setStateValue }) {
  const narrow = window.innerWidth < 640;
  if (narrow !== data.narrow) setStateValue("narrow", narrow);
}
