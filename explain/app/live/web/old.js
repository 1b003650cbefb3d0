// A plain script: it runs where modules do not, and says so in place of the live part.
(function () {
  var isFile = location.protocol === "file:", isOld = !("noModule" in HTMLScriptElement.prototype);
  var fault = document.querySelector(".fault");
  if (!fault || !(isFile || isOld)) return;
  fault.removeAttribute("hidden");
  fault.textContent = isOld
    ? "This browser is too old for the live part: it takes one of 2023 or later."
    : "The live part needs a web server: type python -m http.server in this folder, and open http://localhost:8000.";
})();
